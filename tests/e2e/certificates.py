"""Two authorities made for one run: one the outside phones trust, one the inside servers share."""

import pathlib
import subprocess

DOMAIN = "edge.example"
POOL_NAME = "sip.edge.example"
EDGE_INSIDE_NAME = "edge.inside.example"
REGISTRAR_NAME = "registrar.inside.example"


def _openssl(*arguments):
    done = subprocess.run(["openssl", *[str(part) for part in arguments]], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr}")


class Authority:
    def __init__(self, directory, name):
        self.directory = pathlib.Path(directory)
        self.name = name
        self.certificate = self.directory / f"{name}-ca.pem"
        self.key = self.directory / f"{name}-ca.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", f"/CN=Sallyport test {name} authority", "-keyout", self.key, "-out", self.certificate,
                 "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name, alternatives, usage="serverAuth,clientAuth"):
        """A certificate and its key: (certificate path, key path). `alternatives` as openssl writes them."""
        base = self.directory / f"{self.name}-{name}"
        certificate, key, request, extensions = (base.with_suffix(end) for end in (".pem", ".key", ".csr", ".ext"))
        extensions.write_text(f"basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage={usage}\n"
                              f"subjectAltName={','.join(alternatives)}\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={alternatives[0].partition(':')[2]}",
                 "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                 "-days", "2", "-extfile", extensions, "-out", certificate)
        return certificate, key


class Certificates:
    """Every key and certificate a run needs, under `directory`."""

    def __init__(self, directory, edge_outside_address):
        directory = pathlib.Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        self.outside = Authority(directory, "outside")
        self.inside = Authority(directory, "inside")
        self.edge_outside = self.outside.issue(
            "edge", [f"DNS:{POOL_NAME}", f"DNS:{DOMAIN}", f"IP:{edge_outside_address}"])
        self.edge_inside = self.inside.issue("edge", [f"DNS:{EDGE_INSIDE_NAME}"])
        self.registrar = self.inside.issue("registrar", [f"DNS:{REGISTRAR_NAME}"])
        # Somebody the inside authority never heard of.
        self.stranger = self.outside.issue("stranger", ["DNS:stranger.example"])
