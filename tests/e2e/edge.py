"""The program under test: one Sallyport node in the namespace `edge`, its configuration and what it tells of itself."""

import base64
import hashlib
import hmac
import os
import pathlib
import re
import secrets
import signal
import time

import certificates as names
import network
import phone
import processes

SANITIZER_REPORT = re.compile(r"(ERROR: (Address|Leak|Thread)Sanitizer|runtime error:).*")

CONFIGURATION = """\
version: 1
node:
  name: {name}
  lanes: 2
services: [access, av]
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
{announce}access:
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
av:
  outside:
    listen: ["{outside}:{turn_port}"]
  inside:
    listen: ["{inside}:{turn_port}"]
  realm: {domain}
  relay_ports: {relay_ports}
  peers:
    allow: [{inside_phones}]
  users: {turn_users}
  secrets:
    - file: {turn_secret}
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

# Who may have media relayed, each with the password NAME-media.
TURN_USERS = ("alice", "bob", "carol", "dave", "erin")

RELAYED = "sallyport_relayed_packets_total"
RELAYED_BYTES = "sallyport_relayed_bytes_total"
TURN_COUNTS = ("sallyport_allocations", "sallyport_permissions", "sallyport_channels")

COUNTS = ("sallyport_sessions", "sallyport_server_transactions", "sallyport_client_transactions")


def binary():
    """The program to test, by SALLYPORT_BINARY; None when there is none."""
    path = os.environ.get("SALLYPORT_BINARY", "")
    return path if path and os.access(path, os.X_OK) else None


def turn_password(user):
    return f"{user}-media"


def environment():
    """Without our own SALLYPORT_… variables: the program takes such for overrides of its configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALLYPORT_")}
    # A small quarantine: memory that AddressSanitizer holds back would look like a leak to the tests of bounds.
    return {**kept, "ASAN_OPTIONS": "quarantine_size_mb=8:detect_stack_use_after_return=1:exitcode=86",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=86"}


class Edge:
    """A node that runs. `number` keeps the ports of several in one namespace apart; 0 has the well-known ones."""

    def __init__(self, net, certificates, directory, *, number=0, next_hop=(network.REGISTRAR, 5061), peers=None,
                 limits=None, relay_ports="49152-65535", outside=network.EDGE_OUTSIDE, announce=None):
        self._net = net
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.outside_port = 443 if number == 0 else 4430 + number
        self.inside_port = 5061 + 10 * number
        self.turn_port = 3478 + 10 * number
        self.metrics_port = 9100 + number
        self.relay_ports = range(*(int(port) + last for last, port in enumerate(relay_ports.split("-"))))
        self.turn_secret = secrets.token_hex(24)
        self.proxy = f"sip:{names.POOL_NAME}:{self.outside_port};transport=tls"
        self.file = self.directory / "sallyport.yaml"
        self._write(certificates, f"edge-{number}", next_hop, peers or [next_hop[0]], {**LIMITS, **(limits or {})},
                    outside, announce)
        self.process = processes.Process(net, "edge", "sallyport", [binary(), "run", self.file], self.directory,
                                         environment())
        self._wait_until_ready()

    def _secret_file(self, name, text):
        path = self.directory / name
        path.write_text(text + "\n")
        path.chmod(0o600)
        return path

    def _write(self, certificates, name, next_hop, peers, limits, outside, announce):
        secret = self._secret_file("pool.secret", base64.b64encode(secrets.token_bytes(48)).decode())
        turn_users = self._secret_file("turn.users", "\n".join(
            f"{user}:{hashlib.md5(f'{user}:{names.DOMAIN}:{turn_password(user)}'.encode()).hexdigest()}:{user}@{names.DOMAIN}"
            for user in TURN_USERS))
        turn_secret = self._secret_file("turn.secret", self.turn_secret)
        outside_certificate, outside_key = certificates.edge_outside
        inside_certificate, inside_key = certificates.edge_inside
        self.file.write_text(CONFIGURATION.format(
            name=name, domain=names.DOMAIN, pool_name=names.POOL_NAME, secret=secret, outside=outside, inside=network.EDGE_INSIDE,
            outside_port=self.outside_port, inside_port=self.inside_port, metrics_port=self.metrics_port,
            outside_certificate=outside_certificate, outside_key=outside_key, inside_certificate=inside_certificate,
            inside_key=inside_key, inside_ca=certificates.inside.certificate, next_hop=f"{next_hop[0]}:{next_hop[1]}",
            next_hop_name=names.REGISTRAR_NAME, peers=", ".join(peers), turn_port=self.turn_port,
            relay_ports=f"{self.relay_ports[0]}-{self.relay_ports[-1]}", turn_users=turn_users, turn_secret=turn_secret,
            inside_phones=network.INSIDE_PHONES,
            announce=f"media:\n  announce: {announce}\n" if announce else "",
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

    # ---- the relay ---------------------------------------------------------------------------------------------------

    def media(self, user, nat, side):
        """How the phone of `user` is to have its media relayed here, by the door on its side."""
        address = network.EDGE_OUTSIDE if side == "outside" else network.EDGE_INSIDE
        return phone.Media(nat, address, user, turn_password(user), self.turn_port)

    def ephemeral_credentials(self, identity, seconds=600):
        """(user name, password) for somebody who has none of his own, as a web application makes them (TURN REST)."""
        user = f"{int(time.time()) + seconds}:{identity}"
        digest = hmac.new(self.turn_secret.encode(), user.encode(), "sha1").digest()
        return user, base64.b64encode(digest).decode()

    def relayed(self):
        """How many packets went to peers and how many to clients until now."""
        return tuple(self.total(RELAYED, f'direction="{way}"') for way in ("to_peer", "to_client"))

    def wait_relayed(self, before, packets, seconds=20.0):
        """Since `before`, a former `relayed()`, at least `packets` went each way; the differences."""
        def risen():
            return tuple(now - then for now, then in zip(self.relayed(), before))

        def enough():
            return all(number >= packets for number in risen())
        processes.eventually(enough, lambda: f"{packets} packets relayed each way; there were {risen()}", seconds)
        return risen()

    def wait_allocations_zero(self, seconds=20.0):
        """Every allocation is gone, and with it what it had opened."""
        self.wait_counts_zero(seconds, TURN_COUNTS)

    def open_files(self):
        """The descriptors it holds."""
        return pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()

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
