"""Media streams through relays, and Bindings beside them, counted: a program for `Asked`.

Each stream is a client with a relay and a channel, and a peer; both send 50 packets a second with a number and the time.
    streams.py SERVER:PORT USER PASSWORD PEER_ADDRESS CLIENTS_FIRST_ADDRESS COUNT
"""

import ipaddress
import json
import os
import pathlib
import select
import socket
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from peers import turn  # noqa: E402
from peers.host import At  # noqa: E402

PACKET_SECONDS = 0.02
BINDING_SECONDS = 0.05
RENEWAL_SECONDS = 100.0
# A packet that has not come by then is lost: nobody would play it any more.
LATE_SECONDS = 0.5
BINDING_LOST_SECONDS = 2.0
FILLING = bytes(148)
RECEIVE_BUFFER = 1 << 20


def summary(seconds):
    """Count, p50, p99 and most of a list of seconds, in milliseconds."""
    ordered = sorted(seconds)
    def at(part):
        return round(ordered[int(part * (len(ordered) - 1))] * 1e3, 2) if ordered else 0.0
    return {"count": len(ordered), "p50": at(0.5), "p99": at(0.99), "max": at(1.0)}


class Way:
    """One direction of a stream: what was sent and has not come."""

    def __init__(self):
        self.number = 0
        self.under_way = {}
        self.delays = []

    def payload(self, now):
        self.number += 1
        self.under_way[self.number] = now
        return struct.pack("!Qd", self.number, now) + FILLING

    def came(self, payload, now):
        sent = self.under_way.pop(struct.unpack("!Qd", payload[:16])[0], None)
        if sent is not None:
            self.delays.append(now - sent)

    def take(self, now):
        """(arrived, lost, delays) since the last time."""
        late = [number for number, sent in self.under_way.items() if now - sent > LATE_SECONDS]
        for number in late:
            del self.under_way[number]
        delays, self.delays = self.delays, []
        lost = len(late) + sum(delay > LATE_SECONDS for delay in delays)
        return len(delays), lost, delays


class Stream:
    def __init__(self, index, server, user, password, peer_address, source):
        self.client = turn.Client(server, user, password, source=(source, 0))
        self.peer = turn.Peer(peer_address)
        for one in (self.client.socket, self.peer.socket):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self.channel = 0x4000 + index
        assert self.client.allocate().code == 0
        assert self.client.bind(self.channel, self.peer.at).code == 0
        self.client.socket.setblocking(False)
        self.peer.socket.setblocking(False)
        self.to_peer, self.to_client = Way(), Way()

    def send(self, now):
        self.client.say(turn.channel_data(self.channel, self.to_peer.payload(now)))
        self.peer.say(self.client.relayed, self.to_client.payload(now))

    def renew(self):
        """Channel and relay; that they are still there, the packets tell."""
        transaction = os.urandom(12)
        self.client.say(self.client.signed(
            turn.CHANNEL_BIND, [(turn.PEER, turn.address(self.peer.at, transaction)),
                                (turn.CHANNEL, struct.pack("!HH", self.channel, 0))], transaction=transaction))
        self.client.say(self.client.signed(turn.REFRESH, [(turn.LIFETIME, struct.pack("!I", 600))]))

    def read_client(self, now):
        for came in _waiting(self.client.socket):
            if came[0] >= 0x40:
                self.to_client.came(came[4:], now)

    def read_peer(self, now):
        for came in _waiting(self.peer.socket):
            self.to_peer.came(came, now)


class Bindings:
    """One Binding after the other at a steady pace, of somebody who has no relay."""

    def __init__(self, server, source):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((source, 0))
        self.socket.connect(server)
        self.socket.setblocking(False)
        self._asked = {}
        self._waited = []

    def ask(self, now):
        question = turn.message(turn.BINDING, turn.REQUEST)
        self._asked[question[8:20]] = now
        self.socket.send(question)

    def read(self, now):
        for came in _waiting(self.socket):
            asked = self._asked.pop(came[8:20], None)
            if asked is not None:
                self._waited.append(now - asked)

    def take(self, now):
        lost = [key for key, asked in self._asked.items() if now - asked > BINDING_LOST_SECONDS]
        for key in lost:
            self._waited.append(now - self._asked.pop(key))
        waited, self._waited = self._waited, []
        return {"binding_ms": summary(waited), "bindings_lost": len(lost)}


def _waiting(from_socket):
    """What has come on a socket that does not block."""
    while True:
        try:
            yield from_socket.recv(2048)
        except BlockingIOError:
            return
        except ConnectionRefusedError:
            continue


def report(streams, bindings):
    now = time.monotonic()
    taken = [way.take(now) for stream in streams for way in (stream.to_peer, stream.to_client)]
    delays = [delay for _, _, several in taken for delay in several]
    return {"streams": len(streams), "packets": sum(arrived for arrived, _, _ in taken),
            "packets_lost": sum(lost for _, lost, _ in taken), "delay_ms": summary(delays), **bindings.take(now)}


def main(server, user, password, peer_address, first_source, count):
    server = At(server.partition(":")[0], int(server.partition(":")[2]))
    first = ipaddress.ip_address(first_source)
    streams = [Stream(index, server, user, password, peer_address, str(first + index)) for index in range(int(count))]
    bindings = Bindings(server, str(first + len(streams)))
    poll = select.epoll()
    handlers = {}
    for stream in streams:
        handlers[stream.client.socket.fileno()] = stream.read_client
        handlers[stream.peer.socket.fileno()] = stream.read_peer
    handlers[bindings.socket.fileno()] = bindings.read
    for descriptor in [*handlers, sys.stdin.fileno()]:
        poll.register(descriptor, select.EPOLLIN)

    # Streams are not in step: each has its own time within the 20 ms.
    begin = time.monotonic()
    due = [(begin + PACKET_SECONDS * index / len(streams), PACKET_SECONDS, stream.send) for index, stream in enumerate(streams)]
    due += [(begin + RENEWAL_SECONDS, RENEWAL_SECONDS, lambda _, stream=stream: stream.renew()) for stream in streams]
    due.append((begin, BINDING_SECONDS, bindings.ask))
    while True:
        now = time.monotonic()
        for index, (at, every, do) in enumerate(due):
            if at <= now:
                try:
                    do(now)
                except (BlockingIOError, ConnectionRefusedError):
                    pass  # It was to be sent, and has not come: that is what is counted.
                due[index] = (max(at + every, now - 0.1), every, do)
        wait = max(0.0, min(at for at, _, _ in due) - time.monotonic())
        for descriptor, _ in poll.poll(wait):
            if descriptor in handlers:
                handlers[descriptor](time.monotonic())
            elif not sys.stdin.readline():
                return
            else:
                print(json.dumps(report(streams, bindings)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
