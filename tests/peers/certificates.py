"""Certificates as an operator has them, and as they should not be, made with openssl at test time."""

import pathlib
import shutil

from peers.processes import output_of

DOMAIN = "edge.example"
POOL_NAME = "sip.edge.example"
NEXT_HOP_NAME = "director.inside.example"
# The organisation in what `run --dev` makes for itself.
DEVELOPMENT = "Sallyport development only"


def _openssl(*arguments):
    return output_of(["openssl", *arguments])


def serial_of(certificate):
    """The serial number of a PEM file, in hexadecimal as `Wire.certificate_shown` tells it."""
    return _openssl("x509", "-in", certificate, "-noout", "-serial").strip().partition("=")[2]


def new_key(path):
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    path.chmod(0o600)
    return path


class Pair:
    """A certificate and its key."""

    def __init__(self, certificate, key, serial):
        self.certificate = certificate
        self.key = key
        self.serial = serial

    def copy_to(self, other):
        """Overwrites the files of `other`, as a renewal does."""
        for source, target in ((self.certificate, other.certificate), (self.key, other.key)):
            target.write_bytes(source.read_bytes())

    def copy_as(self, directory, name):
        """The same under other names, whose files may be spoilt."""
        copies = [shutil.copy(file, directory / f"{name}{file.suffix}") for file in (self.certificate, self.key)]
        return Pair(*copies, self.serial)


class Authority:
    """A CA with its files under `directory`."""

    def __init__(self, directory, name):
        self._directory = pathlib.Path(directory) / name
        self._directory.mkdir(parents=True)
        self._issued = 0
        self.certificate = self._directory / "ca.pem"
        self._key = new_key(self._directory / "ca.key")
        _openssl("req", "-x509", "-new", "-key", self._key, "-days", "2", "-subj", f"/CN=Test authority {name}",
                 "-out", self.certificate, "-addext", "basicConstraints=critical,CA:TRUE",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        (self._directory / "index").write_text("")
        (self._directory / "openssl.cnf").write_text(
            f"[ca]\ndefault_ca=x\n[x]\ndatabase={self._directory}/index\nnew_certs_dir={self._directory}\n"
            "default_md=sha256\nrand_serial=yes\nunique_subject=no\npolicy=p\nemail_in_dn=no\n"
            "[p]\norganizationName=optional\ncommonName=optional\n")

    def issue(self, *names, usage="serverAuth,clientAuth", organisation="", begin="", end=""):
        """A pair for `names` ("DNS:a.example"). `begin` and `end` as YYMMDDHHMMSSZ; by default from now for two days."""
        self._issued += 1
        base = self._directory / str(self._issued)
        request, extensions, certificate = (base.with_suffix(kind) for kind in (".csr", ".ext", ".pem"))
        key = new_key(base.with_suffix(".key"))
        extensions.write_text(f"basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage={usage}\n"
                              f"subjectAltName={','.join(names)}\n")
        subject = (f"/O={organisation}" if organisation else "") + f"/CN={names[0].partition(':')[2]}"
        _openssl("req", "-new", "-key", key, "-subj", subject, "-out", request)
        validity = ["-startdate", begin or "20200101000000Z", "-enddate", end] if end else ["-days", "2"]
        _openssl("ca", "-batch", "-notext", "-config", self._directory / "openssl.cnf", "-cert", self.certificate,
                 "-keyfile", self._key, "-in", request, "-out", certificate, "-extfile", extensions, *validity)
        return Pair(certificate, key, serial_of(certificate))

    def expired(self, *names):
        return self.issue(*names, end="20210101000000Z")


class Certificates:
    """What one run of the tests uses: one authority of the outside, one of the inside."""

    def __init__(self, directory):
        self.outside = Authority(directory, "outside")
        self.inside = Authority(directory, "inside")
        self.edge_outside = self.outside.issue(f"DNS:{POOL_NAME}", f"DNS:{DOMAIN}")
        self.edge_inside = self.inside.issue("DNS:edge1.inside.example")
        self.next_hop = self.inside.issue(f"DNS:{NEXT_HOP_NAME}")
        self.unknown = self.outside.issue("DNS:unknown.example")  # Unknown to the inside's authority.
