"""The configuration of one node with both sides on loopback, and the node that runs it."""

import base64
import hashlib
import pathlib
import re
import secrets
import signal
import socket

import processes

OUTSIDE, INSIDE, NEXT_HOP = "127.0.0.2", "127.0.0.3", "127.0.0.4"
DOMAIN = "edge.example"

TEXT = """\
version: 1
node:
  name: edge1
  lanes: 2
services: [access]
pool:
  name: sip.edge.example
  nodes: 1
  secrets:
    - file: {secret}
domains: [edge.example]
outside:
  address: 127.0.0.2
inside:
  address: 127.0.0.3
access:
  outside:
    listen: ["127.0.0.2:{outside_port}"]
    certificates:
      - certificate: {outside_certificate}
        key: {outside_key}
  inside:
    listen: 127.0.0.3:{inside_port}
    transport: tls
    certificate: {inside_certificate}
    key: {inside_key}
    ca: {inside_ca}
    peers: [127.0.0.4]
  next_hop:
    address: 127.0.0.4:{next_hop_port}
    transport: tls
    tls_name: director.inside.example
limits:
  handshake_timeout: 30s
logging:
  level: info
metrics:
  listen: 127.0.0.1:{metrics_port}
"""


def free_port(address, kind=socket.SOCK_STREAM):
    """A port nobody holds at `address` now."""
    with socket.socket(type=kind) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def turn_key(name, realm, password):
    """What stands for a password in a file of users (RFC 8489, 9.2.2)."""
    return hashlib.md5(f"{name}:{realm}:{password}".encode()).hexdigest()


def new_secret():
    return base64.b64encode(secrets.token_bytes(48)).decode()


class Configuration:
    """A sound file, with files of its own for everything it names; what it says can be changed before it is written."""

    def __init__(self, directory, certificates, next_hop_port=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.file = self.directory / "sallyport.yaml"
        self.outside_port = free_port(OUTSIDE)
        self.inside_port = free_port(INSIDE)
        self.metrics_port = free_port("127.0.0.1")
        self.next_hop_port = next_hop_port or free_port(NEXT_HOP)
        self.secret_text = new_secret()
        self.secret = self.directory / "pool.secret"
        self.secret.write_text(self.secret_text + "\n")
        self.secret.chmod(0o600)
        self.outside = self._copy(certificates.edge_outside, "outside")
        self.inside = self._copy(certificates.edge_inside, "inside")
        self.text = TEXT.format(
            secret=self.secret, outside_port=self.outside_port, inside_port=self.inside_port,
            metrics_port=self.metrics_port, next_hop_port=self.next_hop_port,
            outside_certificate=self.outside.certificate, outside_key=self.outside.key,
            inside_certificate=self.inside.certificate, inside_key=self.inside.key,
            inside_ca=certificates.inside.certificate)
        self._write()

    def _copy(self, pair, name):
        """The pair's files under names of ours, so that a test may spoil them."""
        target = type(pair).__new__(type(pair))
        target.certificate, target.key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        target.serial = pair.serial
        pair.copy_to(target)
        target.key.chmod(0o600)
        return target

    def _write(self):
        self.file.write_text(self.text)

    def change(self, old, new):
        """Replaces `old`, which stands there once, and returns where `new` now begins: "LINE:COLUMN"."""
        assert self.text.count(old) == 1, f"{old!r} stands {self.text.count(old)} times in:\n{self.text}"
        self.text = self.text.replace(old, new)
        self._write()
        return self.place(new) if new.strip() else ""

    def add_relays(self, section=""):
        """Makes it run `av` too, with one user, who is called `ada` and has the password `example`."""
        self.users = self.directory / "turn.users"
        self.users.write_text(f"ada:{turn_key('ada', 'sip.edge.example', 'example')}:ada@edge.example\n")
        self.users.chmod(0o600)
        self.relays_port = free_port(OUTSIDE, socket.SOCK_DGRAM)
        self.change("services: [access]", "services: [access, av]")
        self.change("limits:\n", f"av:\n  outside: {{listen: ['127.0.0.2:{self.relays_port}']}}\n"
                    f"  users: {self.users}\n  relay_ports: 20000-29999\n{section}limits:\n")

    def leave_out_access(self):
        """Makes it run `av` alone, without a section `access`."""
        self.change("services: [access, av]", "services: [av]")
        self.change(self.text[self.text.index("access:\n"):self.text.index("av:\n")], "")

    def lead_to(self, port):
        """Makes the next hop the one at `port`."""
        self.change(f"127.0.0.4:{self.next_hop_port}", f"127.0.0.4:{port}")

    def place(self, what):
        """Where `what` (without the white space around it) stands: "LINE:COLUMN", both from 1."""
        at = self.text.index(what) + len(what) - len(what.lstrip())
        return f"{self.text.count(chr(10), 0, at) + 1}:{at - self.text.rfind(chr(10), 0, at)}"

    def line(self, what):
        return self.place(what).partition(":")[0]

    def check(self, **overrides):
        return processes.run("check", self.file, **overrides)



class Node(processes.Process):
    """A node that runs; ready when made."""

    def __init__(self, configuration, **overrides):
        self.configuration = configuration
        former = configuration.directory / "log"  # Of an earlier life.
        before = len(former.read_text()) if former.exists() else 0
        super().__init__([processes.binary(), "run", configuration.file], configuration.directory,
                         processes.environment(**overrides))
        self.wait_for_log(r" info ready ", 40.0, after=before)

    def metrics(self):
        """Every sample now: {(name, labels as text): value}."""
        return read_metrics("127.0.0.1", self.configuration.metrics_port)

    def total(self, name, *labels):
        """The sum of `name` over its samples whose labels hold each of `labels`; a name nobody knows is a failure."""
        samples = self.metrics()
        assert any(known == name for known, _ in samples), f"no metric {name} in {sorted({known for known, _ in samples})}"
        return sum(value for (known, text), value in samples.items()
                   if known == name and all(label in text for label in labels))

    def closed(self, reason):
        return self.total("sallyport_closed_total", f'reason="{reason}"')

    def wait_closed(self, reason, more_than=0):
        processes.eventually(lambda: self.closed(reason) > more_than,
                             lambda: f"a connection closed for {reason}:\n{self.log}")

    def reload(self):
        """SIGHUP, and what the node says to it: the word after `reload`, and the log since."""
        before = len(self.log)
        self.send(signal.SIGHUP)
        word = self.wait_for_log(r"reload (done|refused|ignored)[^\n]*\n", after=before)[1]
        return word, self.log[before:]

    def stop(self, number=signal.SIGTERM, seconds=20.0):
        """Ends it; the exit code. What a sanitizer said is a failure."""
        self.was_ended = True
        if self.running():
            self.send(number)  # A second one changes nothing.
        code = self.wait(seconds)
        report = processes.SANITIZER_REPORT.search(self.log)
        assert not report, self.log[report.start():report.start() + 4000]
        return code


def read_metrics(address, port):
    with socket.create_connection((address, port), 10.0) as stream:
        stream.sendall(b"GET /metrics HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n")
        text = b"".join(iter(lambda: stream.recv(65536), b"")).decode()
    found = {}
    for line in text.splitlines():
        if match := re.match(r"^([a-z_]\w*)(\{.*\})? (\S+)$", line):
            found[match[1], match[2] or ""] = float(match[3])
    assert found, f"no metrics in:\n{text}"
    return found
