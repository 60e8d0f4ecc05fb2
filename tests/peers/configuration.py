"""The configuration of one node with two sides, sound as it is made, and every file that it names."""

import base64
import pathlib
import secrets
import socket

from peers import node, turn, wire
from peers.certificates import NEXT_HOP_NAME, POOL_NAME
from peers.host import THIS_HOST
from peers.next_hop import ADDRESS as NEXT_HOP

OUTSIDE, INSIDE = "127.0.0.2", "127.0.0.3"

TEXT = """\
version: 1
node:
  name: {its.name}
  lanes: 2
services: [access]
pool:
  name: {pool_name}
  nodes: 1
  secrets:
    - file: {its.secret}
domains: [edge.example]
outside:
  address: {its.outside_at.address}
inside:
  address: {its.inside_at.address}
access:
  outside:
    listen: ["{its.outside_at}"]
    certificates:
      - certificate: {its.outside.certificate}
        key: {its.outside.key}
  inside:
    listen: {its.inside_at}
    transport: tls
    certificate: {its.inside.certificate}
    key: {its.inside.key}
    ca: {inside_ca}
    peers: [{its.next_hop.address}]
  next_hop:
    address: {its.next_hop}
    transport: tls
    tls_name: {next_hop_name}
limits:
  handshake_timeout: 30s
logging:
  level: info
metrics:
  listen: {its.metrics_at}
"""


def new_secret():
    return base64.b64encode(secrets.token_bytes(48)).decode()


def turn_users(passwords, realm=POOL_NAME):
    """The lines of a file of users, {name: password} (RFC 8489, 9.2.2: a key stands for each password)."""
    return "".join(f"{name}:{turn.long_term_key(name, realm, password).hex()}:{name}@edge.example\n"
                   for name, password in passwords.items())


class Configuration:
    """Written as it is made, and again with every change. Where nothing else is asked for, both sides are on loopback, at
    ports that are free."""

    def __init__(self, directory, certificates, next_hop=None, *, name="edge1", outside_at=None, inside_at=None,
                 metrics_at=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.file = self.directory / "sallyport.yaml"
        self.name = name
        self.outside_at = outside_at or THIS_HOST.free(OUTSIDE)
        self.inside_at = inside_at or THIS_HOST.free(INSIDE)
        self.metrics_at = metrics_at or THIS_HOST.free()
        self.next_hop = next_hop or THIS_HOST.free(NEXT_HOP)
        self.secret_text = new_secret()
        self.secret = self.secret_file("pool.secret", self.secret_text + "\n")
        self.outside = certificates.edge_outside.copy_as(self.directory, "outside")
        self.inside = certificates.edge_inside.copy_as(self.directory, "inside")
        self.text = TEXT.format(its=self, inside_ca=certificates.inside.certificate, pool_name=POOL_NAME,
                                next_hop_name=NEXT_HOP_NAME)
        self._write()

    def secret_file(self, name, text):
        """A file beside it that nobody else may read."""
        path = self.directory / name
        path.write_text(text)
        path.chmod(0o600)
        return path

    def _write(self):
        self.file.write_text(self.text)

    def change(self, old, new):
        """Replaces `old`, which stands there once, and returns where `new` now begins: "LINE:COLUMN"."""
        assert self.text.count(old) == 1, f"{old!r} stands {self.text.count(old)} times in:\n{self.text}"
        self.text = self.text.replace(old, new)
        self._write()
        return self.place(new) if new.strip() else ""

    def add_relays(self, passwords, *, realm=POOL_NAME, turn_at=None, relay_ports="20000-29999", section=""):
        """Makes it run `av` too, for users with these passwords; `section`: more lines of its section."""
        self.users = self.secret_file("turn.users", turn_users(passwords, realm))
        self.turn_at = turn_at or THIS_HOST.free(self.outside_at.address, socket.SOCK_DGRAM)
        self.change("services: [access]", "services: [access, av]")
        self.change("limits:\n", f"av:\n  outside: {{listen: ['{self.turn_at}']}}\n  users: {self.users}\n"
                    f"  relay_ports: {relay_ports}\n{section}limits:\n")

    def leave_out_access(self):
        """Makes it run `av` alone, without a section `access`."""
        self.change("services: [access, av]", "services: [av]")
        self.change(self.text[self.text.index("access:\n"):self.text.index("av:\n")], "")

    def lead_to(self, next_hop):
        """Makes this the next hop."""
        self.change(f"address: {self.next_hop}\n", f"address: {next_hop}\n")
        self.next_hop = next_hop

    def place(self, what):
        """Where `what` (without the white space around it) stands: "LINE:COLUMN", both from 1."""
        at = self.text.index(what) + len(what) - len(what.lstrip())
        return f"{self.text.count(chr(10), 0, at) + 1}:{at - self.text.rfind(chr(10), 0, at)}"

    def line(self, what):
        return self.place(what).partition(":")[0]

    def check(self, **overrides):
        return node.run("check", self.file, **overrides)

    def start(self, **how):
        """A node that runs by it; `how` as for `Node`."""
        return node.Node([self.file], self.directory, self.metrics_at, **how)

    # ---- who connects to its node ----------------------------------------------------------------------------------

    def phone(self, *, server_name=None, source=None, host=THIS_HOST, **tls):
        """A client outside; `tls` as for `client_context`."""
        return wire.connect(self.outside_at, wire.client_context(**tls), server_name=server_name, source=source, host=host)

    def server(self, own=None, *, server_name=None, source=NEXT_HOP, host=THIS_HOST, **tls):
        """A server inside that shows the pair `own`, as the next hop does when it has something for a client."""
        return wire.connect(self.inside_at, wire.client_context(own, **tls), server_name=server_name, source=source,
                            host=host)
