"""SIGTERM ends a node in order whatever comes at it: what takes longer than 5 s is ended by the node itself, with 1."""

import collections
import contextlib
import os
import signal
import ssl
import subprocess
import threading

from peers import node as nodes, wire
from peers.host import THIS_HOST
from peers.processes import eventually


def client_hello():
    """Bytes that cost a node a handshake and their sender nothing."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = wire.client_context().wrap_bio(incoming, outgoing, server_hostname="sip.edge.example")
    with contextlib.suppress(ssl.SSLWantReadError):
        hello.do_handshake()
    return outgoing.read()


@contextlib.contextmanager
def flood(at, data, sources):
    """From each source connections that say `data` and nothing more, one after another; the last ones stay."""
    is_over = threading.Event()

    def connect_on(source):
        kept = collections.deque(maxlen=500)
        while not is_over.is_set():
            with contextlib.suppress(OSError, wire.Closed):
                kept.append(wire.connect(at, source=source, timeout=1.0))
                kept[-1].send(data)
        for one in kept:
            one.close()
    senders = [threading.Thread(target=connect_on, args=[source]) for source in sources]
    for sender in senders:
        sender.start()
    try:
        yield
    finally:
        is_over.set()
        for sender in senders:
            sender.join()


def accepted(configuration):
    return sum(value for (name, _), value in nodes.samples(configuration.metrics_at).items()
               if name == "sallyport_accepted_total")


def test_a_node_ends_in_order_under_a_flood_of_handshakes_with_a_log_that_nobody_reads(configuration):
    configuration.change("handshake_timeout: 30s", "handshake_timeout: 30s\n  connections_per_source_max: 10000\n"
                         "  connection_rate_per_source: 100000/s")
    reader, writer = os.pipe()
    with open(reader, "rb"), open(writer, "wb"), subprocess.Popen(
            [nodes.binary(), "run", configuration.file], stderr=writer, env=nodes.environment(),
            start_new_session=True) as node:
        try:
            eventually(lambda: THIS_HOST.answers(configuration.metrics_at), "a node")
            with (flood(configuration.outside_at, client_hello(), ["127.0.1.1", "127.0.1.2"]),
                  flood(configuration.outside_at, b"OPTIONS sip:edge.example SIP/2.0\r\n\r\n", ["127.0.1.3"])):
                eventually(lambda: accepted(configuration) > 5000, "a flood", 60.0)
                with flood(configuration.metrics_at, b"GET ", ["127.0.0.1"]):
                    node.send_signal(signal.SIGTERM)
                    assert node.wait(30.0) == 0
        finally:
            node.kill()
