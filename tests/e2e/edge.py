"""The program under test: one Sallyport node in the namespace `edge`, with both services and users for its relays."""

import base64
import hmac
import secrets
import time

import network
import phone
from peers.certificates import DOMAIN, POOL_NAME
from peers.configuration import Configuration
from peers.host import At
from peers.node import Node

# Short enough for a test to wait for, long enough for two slow cores.
LIMITS = {
    "handshake_timeout": "2s",
    "protocol_timeout": "2s",
    "message_timeout": "2s",
    "connect_timeout": "2s",
}

# Who may have media relayed, each with the password NAME-media.
TURN_USERS = ("alice", "bob", "carol", "dave", "erin")


def turn_password(user):
    return f"{user}-media"


class Edge(Node):
    """A node that runs. `number` keeps the ports of several in one namespace apart; 0 has the well-known ones."""

    def __init__(self, net, certificates, directory, *, number=0, next_hop=At(network.REGISTRAR, 5061), limits=None,
                 relay_ports="49152-65535", outside=network.EDGE_OUTSIDE, announce=None):
        self._outside = net["outside"]
        self._trust = certificates.outside.certificate
        self.relay_ports = range(*(int(port) + last for last, port in enumerate(relay_ports.split("-"))))
        self.turn_secret = secrets.token_hex(24)
        self.configuration = Configuration(
            directory, certificates, next_hop, name=f"edge-{number}", metrics_at=At("127.0.0.1", 9100 + number),
            outside_at=At(outside, 443 if number == 0 else 4430 + number),
            inside_at=At(network.EDGE_INSIDE, 5061 + 10 * number))
        self._add_relays(At(outside, 3478 + 10 * number), relay_ports)
        self.configuration.change("level: info", "level: debug")
        self.configuration.change("  handshake_timeout: 30s\n", "".join(
            f"  {key}: {value}\n" for key, value in {**LIMITS, **(limits or {})}.items()))
        if announce:
            self.configuration.change("access:\n", f"media:\n  announce: {announce}\naccess:\n")
        super().__init__([self.configuration.file], directory, self.configuration.metrics_at, host=net["edge"])

    def _add_relays(self, turn_at, relay_ports):
        secret = self.configuration.secret_file("turn.secret", self.turn_secret + "\n")
        self.configuration.add_relays(
            {user: turn_password(user) for user in TURN_USERS}, realm=DOMAIN, turn_at=turn_at, relay_ports=relay_ports,
            section=f"  inside: {{listen: ['{network.EDGE_INSIDE}:{turn_at.port}']}}\n  realm: {DOMAIN}\n"
                    f"  peers: {{allow: [{network.INSIDE_PHONES}]}}\n  secrets: [{{file: {secret}}}]\n")

    # ---- who deals with it ---------------------------------------------------------------------------------------

    @property
    def proxy(self):
        """Where a phone outside registers."""
        return f"sip:{POOL_NAME}:{self.configuration.outside_at.port};transport=tls"

    def client(self, **how):
        """A connection of somebody outside who is no phone, over TLS."""
        return self.configuration.phone(host=self._outside, trust=self._trust, source=network.OUTSIDE_OTHER, **how)

    def turn_listener(self, side):
        """Where clients of `side` ask for relays."""
        return At(network.EDGE_OUTSIDE if side == "outside" else network.EDGE_INSIDE, self.configuration.turn_at.port)

    def media(self, user, nat, side):
        """How the phone of `user` is to have its media relayed here, by the listener on its side."""
        return phone.Media(nat, self.turn_listener(side), user, turn_password(user))

    def ephemeral_credentials(self, identity, seconds=600):
        """(user name, password) for somebody who has none of his own, as a web application makes them (TURN REST)."""
        user = f"{int(time.time()) + seconds}:{identity}"
        digest = hmac.new(self.turn_secret.encode(), user.encode(), "sha1").digest()
        return user, base64.b64encode(digest).decode()
