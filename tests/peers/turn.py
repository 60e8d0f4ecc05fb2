"""A TURN client that says exactly what it is told to (RFC 8489, RFC 8656): over UDP, IPv4 and IPv6 addresses in attributes."""

import hashlib
import hmac
import ipaddress
import secrets
import socket
import struct
import time
import zlib

from peers.host import THIS_HOST

COOKIE = 0x2112A442

BINDING, ALLOCATE, REFRESH, SEND, DATA, CREATE_PERMISSION, CHANNEL_BIND = 1, 3, 4, 6, 7, 8, 9
REQUEST, INDICATION, SUCCESS, ERROR = range(4)

USERNAME, INTEGRITY, ERROR_CODE, UNKNOWN, CHANNEL, LIFETIME = 0x6, 0x8, 0x9, 0xA, 0xC, 0xD
PEER, PAYLOAD, REALM, NONCE, RELAYED, FAMILY = 0x12, 0x13, 0x14, 0x15, 0x16, 0x17
EVEN_PORT, TRANSPORT, DONT_FRAGMENT, MAPPED, TOKEN, FINGERPRINT = 0x18, 0x19, 0x1A, 0x20, 0x22, 0x8028

UDP = b"\x11\0\0\0"
# A datagram over a veth is there or is lost within this; only what is lost is waited for.
ANSWER_SECONDS = 0.5
TRIES = 20


class Silence(AssertionError):
    """What should have been answered was not, however often it was said."""


def attribute(kind, value=b""):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def address(peer, transaction):
    """The value of an XOR-…-ADDRESS: `peer` is (address, port) (RFC 8489, 14.2)."""
    packed = ipaddress.ip_address(peer[0]).packed
    mask = (struct.pack("!I", COOKIE) + transaction)[:len(packed)]
    return struct.pack("!BBH", 0, 1 if len(packed) == 4 else 2, peer[1] ^ (COOKIE >> 16)) \
        + bytes(a ^ b for a, b in zip(packed, mask))


def read_address(value, transaction):
    mask = struct.pack("!I", COOKIE) + transaction
    packed = bytes(a ^ b for a, b in zip(value[4:], mask))
    return str(ipaddress.ip_address(packed)), struct.unpack("!H", value[2:4])[0] ^ (COOKIE >> 16)


def head(method, kind, length, transaction):
    number = (method & 0xF80) << 2 | (method & 0x70) << 1 | method & 0xF | (kind & 2) << 7 | (kind & 1) << 4
    return struct.pack("!HHI", number, length, COOKIE) + transaction


def message(method, kind, attributes=(), *, transaction=None, key=None, fingerprint=False):
    """`attributes` are (kind, value); with a key MESSAGE-INTEGRITY goes behind them."""
    transaction = transaction or secrets.token_bytes(12)
    body = b"".join(attribute(*one) for one in attributes)
    if key is not None:
        covered = head(method, kind, len(body) + 24, transaction) + body
        body += attribute(INTEGRITY, hmac.digest(key, covered, "sha1"))
    if fingerprint:
        covered = head(method, kind, len(body) + 8, transaction) + body
        body += attribute(FINGERPRINT, struct.pack("!I", zlib.crc32(covered) ^ 0x5354554E))
    return head(method, kind, len(body), transaction) + body


def long_term_key(user, realm, password):
    return hashlib.md5(f"{user}:{realm}:{password}".encode()).digest()


def channel_data(number, payload, length=None):
    return struct.pack("!HH", number, len(payload) if length is None else length) + payload


class Message:
    """A STUN message that came; raises ValueError for anything else."""

    def __init__(self, raw):
        self.raw = raw
        if len(raw) < 20 or raw[0] >= 0x40:
            raise ValueError("no STUN message")
        number, length, cookie = struct.unpack("!HHI", raw[:8])
        self.transaction = raw[8:20]
        if cookie != COOKIE or length != len(raw) - 20 or length % 4:
            raise ValueError("no STUN message")
        self.kind = number >> 7 & 2 | number >> 4 & 1
        self.method = number >> 2 & 0xF80 | number >> 1 & 0x70 | number & 0xF
        self.attributes, position = [], 20
        while position < len(raw):
            kind, size = struct.unpack("!HH", raw[position:position + 4])
            self.attributes.append((kind, raw[position + 4:position + 4 + size]))
            position += 4 + size + -size % 4

    def find(self, kind):
        return next((value for found, value in self.attributes if found == kind), None)

    def address(self, kind):
        value = self.find(kind)
        return read_address(value, self.transaction) if value else None

    @property
    def code(self):
        """0 for a success, else the error code."""
        value = self.find(ERROR_CODE)
        return value[2] * 100 + value[3] if value else 0

    @property
    def lifetime(self):
        return struct.unpack("!I", self.find(LIFETIME))[0]

    def is_signed_with(self, key):
        """Its MESSAGE-INTEGRITY is right, and before it nothing was left out."""
        position = self.raw.rfind(struct.pack("!HH", INTEGRITY, 20))
        if position < 0:
            return False
        covered = self.raw[:2] + struct.pack("!H", position + 4) + self.raw[4:position]
        return hmac.compare_digest(hmac.digest(key, covered, "sha1"), self.raw[position + 4:position + 24])


class Client:
    """One 5-tuple: a socket of `host` toward one TURN server, and what was agreed on with it."""

    def __init__(self, server, user=None, password=None, *, source=("0.0.0.0", 0), host=THIS_HOST):
        self.server, self.user, self.password = server, user, password
        self.socket = host.socket(socket.SOCK_DGRAM)
        self.socket.bind(source)
        self.socket.connect(server)
        self.realm = self.nonce = self.key = self.relayed = self.mapped = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Gives the allocation back, where there is one."""
        try:
            if self.relayed:
                self.refresh(0)
        finally:
            self.socket.close()

    # ---- messages ------------------------------------------------------------------------------------------------

    def say(self, data):
        self.socket.send(data)

    def read(self, seconds=5.0):
        """The next datagram; raises Silence when none comes."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(65536)
        except (TimeoutError, ConnectionRefusedError):
            raise Silence("nothing came") from None

    def ask(self, data, passed_over=None):
        """Sends until it is answered (RFC 8489, 6.2.1); what else comes meanwhile goes to `passed_over`, a list."""
        transaction = data[8:20]
        for _ in range(TRIES):
            self.say(data)
            end = time.monotonic() + ANSWER_SECONDS
            while (left := end - time.monotonic()) > 0:
                try:
                    came = self.read(left)
                except Silence:
                    break
                if len(came) >= 20 and came[8:20] == transaction and came[0] < 0x40:
                    return Message(came)
                if passed_over is not None:
                    passed_over.append(came)
        raise Silence(f"no answer to {data[:40].hex()}")

    def since(self, *said):
        """Says things and returns every datagram that comes before the answer to a Binding said after them: a server
        works in order of arrival, so what is not there by then is not coming."""
        for data in said:
            self.say(data)
        came = []
        self.ask(message(BINDING, REQUEST), came)
        return came

    def credentials(self):
        return [(USERNAME, self.user.encode()), (REALM, self.realm), (NONCE, self.nonce)]

    def signed(self, method, attributes=(), **how):
        return message(method, REQUEST, [*attributes, *self.credentials()], key=self.key, **how)

    def request(self, method, attributes=()):
        """Asks with credentials, following a challenge or a stale nonce once each; the answer."""
        if self.key is None:
            self.challenge()
        answer = self.ask(self.signed(method, attributes))
        if answer.code == 438:
            self.nonce = answer.find(NONCE)
            answer = self.ask(self.signed(method, attributes))
        if answer.code not in (401, 438):
            assert answer.is_signed_with(self.key), answer.raw.hex()
        return answer

    def challenge(self):
        """Is told realm and nonce; the answer that told them."""
        answer = self.ask(message(ALLOCATE, REQUEST, [(TRANSPORT, UDP)]))
        self.realm, self.nonce = answer.find(REALM), answer.find(NONCE)
        self.key = long_term_key(self.user, self.realm.decode(), self.password)
        return answer

    # ---- what a client does --------------------------------------------------------------------------------------

    def binding(self):
        return self.ask(message(BINDING, REQUEST)).address(MAPPED)

    def allocate(self, *attributes, transport=UDP):
        answer = self.request(ALLOCATE, [(TRANSPORT, transport), *attributes])
        if answer.kind == SUCCESS:
            self.relayed, self.mapped = answer.address(RELAYED), answer.address(MAPPED)
        return answer

    def refresh(self, seconds):
        answer = self.request(REFRESH, [(LIFETIME, struct.pack("!I", seconds))])
        if seconds == 0 and answer.kind == SUCCESS:
            self.relayed = None
        return answer

    def with_peers(self, method, peers, attributes=()):
        """A request whose XOR-PEER-ADDRESSes are made for its transaction."""
        transaction = secrets.token_bytes(12)
        whole = [*attributes, *((PEER, address(peer, transaction)) for peer in peers)]
        return self.ask(self.signed(method, whole, transaction=transaction))

    def permit(self, *addresses):
        return self.with_peers(CREATE_PERMISSION, [(one, 0) for one in addresses])

    def bind(self, number, peer):
        return self.with_peers(CHANNEL_BIND, [peer], [(CHANNEL, struct.pack("!HH", number, 0))])

    def send_to(self, peer, payload):
        """A Send indication."""
        transaction = secrets.token_bytes(12)
        self.say(message(SEND, INDICATION, [(PEER, address(peer, transaction)), (PAYLOAD, payload)],
                         transaction=transaction))

    def receive(self, seconds=5.0):
        """(peer or channel number, payload) of the next datagram relayed to this client."""
        return relayed(self.read(seconds))


def relayed(came):
    """(peer or channel number, payload) of a Data indication or of ChannelData."""
    if came[0] >= 0x40:
        number, size = struct.unpack("!HH", came[:4])
        return number, came[4:4 + size]
    data = Message(came)
    if (data.method, data.kind) != (DATA, INDICATION):
        raise ValueError(f"not relayed: {came.hex()}")
    return data.address(PEER), data.find(PAYLOAD)


class Peer:
    """A UDP socket that whatever is relayed can go to and come from."""

    def __init__(self, address, *, host=THIS_HOST):
        self.socket = host.socket(socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.at = self.socket.getsockname()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, target, payload):
        self.socket.sendto(payload, target)

    def read(self, seconds=5.0):
        """(payload, sender); raises Silence when nothing comes."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recvfrom(65536)
        except TimeoutError:
            raise Silence("nothing came") from None


def relaying(client, peer):
    """An allocation with a permission for `peer`; what is relayed both ways is what was sent."""
    assert client.allocate().code == 0
    assert client.permit(peer.at[0]).code == 0
    assert_relayed(client, peer)
    return client


def assert_relayed(client, peer):
    marker = secrets.token_bytes(16)
    client.send_to(peer.at, marker)
    assert peer.read() == (marker, client.relayed)
    peer.say(client.relayed, marker)
    assert client.receive() == (peer.at, marker)


def assert_relayed_by_channel(client, number, peer):
    client.say(channel_data(number, b"by channel"))
    assert peer.read() == (b"by channel", client.relayed)
    peer.say(client.relayed, b"and back")
    assert client.receive() == (number, b"and back")
