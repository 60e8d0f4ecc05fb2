#!/usr/bin/python3
"""make costs: what a stranger may cost a node, each thing asked of it many times and measured alone.

    costs.py [--binary FILE] [--output FILE]

Prints the table of SECURITY.md and writes it as JSON. On loopback, one lane. CPU is the node's own (its threads, by the
scheduler's count), so another's load changes it little; memory is what the process has resident, the kernel's buffers not.
"""

import argparse
import json
import os
import pathlib
import socket
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from peers import sip, turn
from peers.certificates import Certificates
from peers.configuration import Configuration
from peers.host import THIS_HOST

import tls_client

HANDSHAKES, CONNECTIONS, DATAGRAMS = 300, 500, 20_000


class Node:
    """The node's side of the measurements: how much CPU, how much memory, how many packets."""

    def __init__(self, configuration):
        self.process = configuration.start(SALLYPORT_NODE__LANES="1")

    def cpu(self):
        """Microseconds of all its threads."""
        folder = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in folder.iterdir()) / 1e3

    def resident(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def settle(self):
        """Until it has nothing more to do."""
        last = self.cpu()
        for _ in range(200):
            time.sleep(0.05)
            now = self.cpu()
            if now - last < 200:
                return
            last = now

    def cost(self, do):
        """Microseconds of CPU that `do()` caused."""
        self.settle()
        before = self.cpu()
        do()
        self.settle()
        return self.cpu() - before


class Costs:
    def __init__(self, configuration):
        self.configuration = configuration
        self.at, self.turn_at, self.node = configuration.outside_at, configuration.turn_at, None
        self.rows = []
        self.sources = 0

    def play(self, *measurements):
        """Each with one node."""
        self.node = Node(self.configuration)
        try:
            for each in measurements:
                each()
            turns = self.node.process.total("sallyport_lane_longest_turn_seconds")
            self.row("the longest turn of the lane meanwhile", "ms", 1e3 * turns)
        finally:
            self.node.process.end()

    def row(self, what, unit, value):
        self.rows.append({"what": what, "unit": unit, "value": round(value, 2)})
        print(f"{what:70} {value:10.2f} {unit}", flush=True)

    def source(self):
        """One that nothing has been spent on yet."""
        self.sources += 1
        return f"127.1.{self.sources // 250}.{self.sources % 250 + 1}"

    def connect(self, source):
        return THIS_HOST.connect(self.at, source)

    # ---- CPU -------------------------------------------------------------------------------------------------------

    def cpu(self):
        def connect_only():
            for _ in range(HANDSHAKES):
                self.connect(self.source()).close()
        self.row("a connection that says nothing and goes", "µs of CPU", self.node.cost(connect_only) / HANDSHAKES)

        recorded = tls_client.hello()

        def replay():
            for _ in range(HANDSHAKES):
                with self.connect(self.source()) as one:
                    one.sendall(recorded)
                    one.settimeout(10)
                    one.recv(1)
        self.row("a recorded ClientHello, replayed", "µs of CPU", self.node.cost(replay) / HANDSHAKES)

        def whole():
            for _ in range(HANDSHAKES):
                tls_client.Connection(THIS_HOST, self.at, self.source()).close()
        self.row("a whole handshake", "µs of CPU", self.node.cost(whole) / HANDSHAKES)

        many = self.source()

        def refused():
            for _ in range(HANDSHAKES):
                self.connect(many).close()
        self.node.cost(refused)  # Spends what that source has.
        self.row("a connection refused for its source", "µs of CPU", self.node.cost(refused) / HANDSHAKES)

        def tls():
            return tls_client.Connection(THIS_HOST, self.at, self.source())

        def after_tls(make, connections=50):
            """What `make(records)` costs, said once on each of so many connections that stand; and its bytes inside TLS."""
            held = [tls() for _ in range(connections)]
            said = [make(one.records) for one in held]
            before = self.node.process.total("sallyport_received_bytes_total")

            def say():
                for one, data in zip(held, said):
                    one.push(data, 5.0)
            spent = self.node.cost(say)
            heard = self.node.process.total("sallyport_received_bytes_total") - before
            for one in held:
                one.close()
            return spent, heard
        begun = b"OPTIONS sip:a@edge.example SIP/2.0\r\nSubject: "
        spent, heard = after_tls(lambda records: records.write(begun + b"x" * 12_000))
        self.row("a byte of SIP that begins and does not end", "ns of CPU", 1e3 * spent / heard)
        spent, heard = after_tls(lambda records: records.one_byte_records(begun + b"x" * 1_000))
        self.row("a record of one byte", "µs of CPU", spent / heard)
        spent, _ = after_tls(lambda records: b"".join(records.write(sip.request("MESSAGE")) for _ in range(10)))
        self.row("a SIP request that policy refuses", "µs of CPU", spent / 500)

    def datagrams(self):
        def flood(datagram, sources):
            def say():
                for index in range(DATAGRAMS):
                    made[index % len(made)].send(datagram)
                    if index % 50 == 49:
                        time.sleep(0.002)  # What overruns the socket costs nothing, and is not what is asked.
            made = []
            for source in sources:
                one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                one.bind((source, 0))
                one.connect(self.turn_at)
                made.append(one)
            before = self.node.process.total("sallyport_datagrams_received_total")
            spent = self.node.cost(say)
            heard = self.node.process.total("sallyport_datagrams_received_total") - before
            answered = 0
            for one in made:
                one.setblocking(False)
                try:
                    while True:
                        answered += len(one.recv(2048))
                except BlockingIOError:
                    pass
                one.close()
            return spent / heard, answered
        binding = turn.message(turn.BINDING, turn.REQUEST)
        allocate = turn.message(turn.ALLOCATE, turn.REQUEST, [(turn.TRANSPORT, turn.UDP)])
        self.row("a datagram of no protocol", "µs of CPU", flood(b"\xff" * 100, [self.source()])[0])
        self.row("a Binding past its source's budget", "µs of CPU", flood(binding, [self.source()])[0])
        self.row("a Binding that is answered", "µs of CPU", flood(binding, [self.source() for _ in range(200)])[0])
        self.row("an Allocate that gets a 401", "µs of CPU", flood(allocate, [self.source() for _ in range(200)])[0])
        for name, question in (("Binding", binding), ("Allocate", allocate)):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                one.bind((self.source(), 0))
                one.connect(self.turn_at)
                one.settimeout(10)
                one.send(question)
                self.row(f"the answer to {'a' if name == 'Binding' else 'an'} {name}, for each byte of it", "bytes",
                         len(one.recv(2048)) / len(question))

    # ---- memory ----------------------------------------------------------------------------------------------------

    def memory(self):
        """Of a node that has held nothing yet: what is given back to the allocator is not given back to the system."""
        held = []

        def grows(make, count):
            self.node.settle()
            before = self.node.resident()
            held.extend(make() for _ in range(count))
            self.node.settle()
            return (self.node.resident() - before) / count / 1024

        def tls():
            return tls_client.Connection(THIS_HOST, self.at, self.source())

        def half_message():
            one = tls()
            one.push(one.records.write(b"OPTIONS sip:a@edge.example SIP/2.0\r\nSubject: " + b"x" * 12_000), 5.0)
            return one
        held.extend(tls() for _ in range(20))  # What is made once.
        self.row("a connection that says nothing", "KiB", grows(lambda: self.connect(self.source()), CONNECTIONS))
        self.row("a connection after TLS", "KiB", grows(tls, CONNECTIONS))
        self.row("a connection with 12 KB of a message", "KiB", grows(half_message, 100))
        for one in held:
            one.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=os.environ.get("SALLYPORT_BINARY", "build/release/sallyport"))
    parser.add_argument("--output", default="build/show/costs.json")
    given = parser.parse_args()
    os.environ["SALLYPORT_BINARY"] = given.binary
    with tempfile.TemporaryDirectory(prefix="sallyport-costs-") as directory:
        certificates = Certificates(pathlib.Path(directory) / "certificates")
        configuration = Configuration(pathlib.Path(directory) / "node", certificates)
        configuration.add_relays({"ada": "example"})
        costs = Costs(configuration)
        costs.play(costs.memory)
        costs.play(costs.cpu, costs.datagrams)
    pathlib.Path(given.output).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(given.output).write_text(json.dumps(costs.rows, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
