"""The program under test: one Sallyport node in the namespace `edge`, its configuration and what it tells of itself."""

import base64
import os
import pathlib
import re
import secrets
import signal

import certificates as names
import network
import processes

SANITIZER_REPORT = re.compile(r"(ERROR: (Address|Leak|Thread)Sanitizer|runtime error:).*")

CONFIGURATION = """\
version: 1
node:
  name: {name}
  lanes: 2
services: [access]
pool:
  name: {pool_name}
  nodes: 1
  secrets:
    - file: {secret}
domains: [{domain}]
outside:
  address: {outside}
inside:
  address: {inside}
access:
  outside:
    listen: ["{outside}:{outside_port}"]
    certificates:
      - certificate: {outside_certificate}
        key: {outside_key}
  inside:
    listen: "{inside}:{inside_port}"
    transport: tls
    certificate: {inside_certificate}
    key: {inside_key}
    ca: {inside_ca}
    peers: [{peers}]
  next_hop:
    address: "{next_hop}"
    transport: tls
    tls_name: {next_hop_name}
limits:
{limits}logging:
  level: debug
metrics:
  listen: "127.0.0.1:{metrics_port}"
"""

# Short enough for a test to wait for, long enough for two slow cores.
LIMITS = {
    "handshake_timeout": "2s",
    "protocol_timeout": "2s",
    "message_timeout": "2s",
    "connect_timeout": "2s",
}

COUNTS = ("sallyport_sessions", "sallyport_server_transactions", "sallyport_client_transactions")


def binary():
    """The program to test, by SALLYPORT_BINARY; None when there is none."""
    path = os.environ.get("SALLYPORT_BINARY", "")
    return path if path and os.access(path, os.X_OK) else None


def environment():
    """Without our own SALLYPORT_… variables: the program takes such for overrides of its configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALLYPORT_")}
    # A small quarantine: memory that AddressSanitizer holds back would look like a leak to the tests of bounds.
    return {**kept, "ASAN_OPTIONS": "quarantine_size_mb=8:detect_stack_use_after_return=1:exitcode=86",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=86"}


class Edge:
    """A node that runs. `number` keeps the ports of several in one namespace apart; 0 has the well-known ones."""

    def __init__(self, net, certificates, directory, *, number=0, next_hop=(network.REGISTRAR, 5061), peers=None,
                 limits=None):
        self._net = net
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.outside_port = 443 if number == 0 else 4430 + number
        self.inside_port = 5061 + 10 * number
        self.metrics_port = 9100 + number
        self.proxy = f"sip:{names.POOL_NAME}:{self.outside_port};transport=tls"
        self.file = self.directory / "sallyport.yaml"
        self._write(certificates, f"edge-{number}", next_hop, peers or [next_hop[0]], {**LIMITS, **(limits or {})})
        self.process = processes.Process(net, "edge", "sallyport", [binary(), "run", self.file], self.directory,
                                         environment())
        self._wait_until_ready()

    def _write(self, certificates, name, next_hop, peers, limits):
        secret = self.directory / "pool.secret"
        secret.write_text(base64.b64encode(secrets.token_bytes(48)).decode() + "\n")
        secret.chmod(0o600)
        outside_certificate, outside_key = certificates.edge_outside
        inside_certificate, inside_key = certificates.edge_inside
        self.file.write_text(CONFIGURATION.format(
            name=name, domain=names.DOMAIN, pool_name=names.POOL_NAME, secret=secret, outside=network.EDGE_OUTSIDE, inside=network.EDGE_INSIDE,
            outside_port=self.outside_port, inside_port=self.inside_port, metrics_port=self.metrics_port,
            outside_certificate=outside_certificate, outside_key=outside_key, inside_certificate=inside_certificate,
            inside_key=inside_key, inside_ca=certificates.inside.certificate, next_hop=f"{next_hop[0]}:{next_hop[1]}",
            next_hop_name=names.REGISTRAR_NAME, peers=", ".join(peers),
            limits="".join(f"  {key}: {value}\n" for key, value in limits.items())))

    def _wait_until_ready(self):
        # Read, not probed: a connection of ours to the inside listener would be refused and counted.
        self.process.wait_for_log(r"ready node=", 40.0)

    # ---- what it counts ------------------------------------------------------------------------------------------

    def metrics(self):
        """Every sample now: {(name, labels as text): value}."""
        with self._net.connect("edge", "127.0.0.1", self.metrics_port, timeout=10.0) as stream:
            stream.sendall(b"GET /metrics HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n")
            text = b"".join(iter(lambda: stream.recv(65536), b"")).decode()
        found = {}
        for line in text.splitlines():
            if match := re.match(r"^([a-z_]\w*)(\{.*\})? (\S+)$", line):
                found[match[1], match[2] or ""] = float(match[3])
        if not found:
            raise AssertionError(f"no metrics in:\n{text}")
        return found

    def total(self, name, *labels):
        """The sum of `name` over its samples whose labels hold each of `labels`; a name nobody knows is a failure."""
        samples = self.metrics()
        if not any(known == name for known, _ in samples):
            raise AssertionError(f"no metric {name}; there are {sorted({known for known, _ in samples})}")
        return sum(value for (known, text), value in samples.items()
                   if known == name and all(label in text for label in labels))

    def risen(self, before):
        """The counters that stand higher than in `before`, a former `metrics()`."""
        return {name + labels: value for (name, labels), value in self.metrics().items()
                if name.endswith("_total") and value > before.get((name, labels), 0.0)}

    def wait_counts_zero(self, seconds=45.0, kinds=COUNTS):
        """No session and no transaction is left. An answered INVITE keeps its transaction for 64*T1 (RFC 6026, 7.1)."""
        def zero():
            return all(self.total(kind) == 0 for kind in kinds)
        processes.eventually(zero, lambda: f"counts back to zero: {({kind: self.total(kind) for kind in kinds})}",
                             seconds)

    def wait_sessions_zero(self, seconds=10.0):
        self.wait_counts_zero(seconds, ("sallyport_sessions",))

    # ---- its end -------------------------------------------------------------------------------------------------

    def sanitizer_report(self):
        match = SANITIZER_REPORT.search(self.process.log)
        return self.process.log[match.start():match.start() + 4000] if match else ""

    def stop(self):
        """SIGTERM; the exit code."""
        return self.process.stop(signal.SIGTERM, 30.0)

    def stop_cleanly(self):
        """SIGTERM ends it with 0 and nothing of a sanitizer is in its log."""
        code = self.stop()
        assert not self.sanitizer_report(), self.sanitizer_report()
        assert code == 0, f"sallyport ended with {code}:\n{self.process.tail(80)}"
