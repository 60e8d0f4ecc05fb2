"""Nothing of one side is reachable from the other's namespace but the listeners meant for it."""

import contextlib
import errno
import re
import select
import socket
import ssl

import pytest

import network
from peers import wire
from peers.processes import output_of
from mallory import request

INSIDE_ADDRESSES = (network.EDGE_INSIDE, network.REGISTRAR, network.INSIDE_PHONE)
OUTSIDE_ADDRESSES = (network.EDGE_OUTSIDE, network.OUTSIDE_PHONE)
INTERESTING_PORTS = (22, 80, 443, 3478, 5060, 5061, 5062, 8057, 9100)
BATCH = 1000


def open_ports(host, address, ports=range(1, 65536)):
    """The TCP ports of `address` that accept a connection from `host`. A refusal comes at once over a veth."""
    found = set()
    ports = list(ports)
    for start in range(0, len(ports), BATCH):
        found |= _open_in_batch(host, address, ports[start:start + BATCH])
    return found


def _open_in_batch(host, address, ports):
    found, pending = set(), {}
    poll = select.poll()
    with contextlib.ExitStack() as stack, host.entered():
        for port in ports:
            probe = stack.enter_context(socket.socket())
            probe.setblocking(False)
            code = probe.connect_ex((address, port))
            if code == 0:
                found.add(port)
            elif code == errno.EINPROGRESS:
                pending[probe.fileno()] = (probe, port)
                poll.register(probe, select.POLLOUT)
        while pending:
            ready = poll.poll(1000)
            if not ready:
                break
            for descriptor, _ in ready:
                probe, port = pending.pop(descriptor)
                poll.unregister(descriptor)
                if probe.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    found.add(port)
    return found


def listeners(host, protocol):
    """Local address:port of every listening (TCP) or bound (UDP) socket of `host`."""
    return {line.split()[3] for line in output_of(["ss", "-Hln" + protocol], host=host).splitlines()}


@contextlib.contextmanager
def forged_route(host, target, gateway):
    """A neighbour that sends the edge packets for the other side, though nobody told it a way there."""
    host.ip("route", "add", target, "via", gateway)
    try:
        yield
    finally:
        host.ip("route", "del", target)


def test_the_edge_listens_where_it_was_told_and_nowhere_else(net, edge):
    told = edge.configuration
    assert listeners(net["edge"], "t") == {str(at) for at in (told.outside_at, told.inside_at, told.metrics_at)}
    assert listeners(net["edge"], "u") == {str(edge.turn_listener(side)) for side in ("outside", "inside")}


def test_from_outside_only_the_outside_listener_answers(net, edge):
    assert open_ports(net["outside"], network.EDGE_OUTSIDE) == {edge.configuration.outside_at.port}


def test_from_inside_only_the_inside_listener_answers(net, edge):
    assert open_ports(net["inside"], network.EDGE_INSIDE) == {edge.configuration.inside_at.port}


@pytest.mark.parametrize("side, addresses", [("outside", INSIDE_ADDRESSES), ("inside", OUTSIDE_ADDRESSES)])
def test_no_address_of_the_other_side_can_be_reached(net, edge, alice, bob, side, addresses):
    for address in addresses:
        assert open_ports(net[side], address, INTERESTING_PORTS) == set(), address


def test_the_edge_forwards_no_packet_even_when_a_neighbour_asks_it_to(net, edge, alice, bob):
    with forged_route(net["outside"], "10.77.0.0/24", network.EDGE_OUTSIDE):
        for address in (network.REGISTRAR, network.INSIDE_PHONE):
            assert open_ports(net["outside"], address, (5060, 5061)) == set(), address
    with forged_route(net["inside"], "198.51.100.0/24", network.EDGE_INSIDE):
        assert open_ports(net["inside"], network.OUTSIDE_PHONE, (443, 5060, 5061)) == set()


@pytest.mark.parametrize("who", ["nobody", "somebody of another authority", "the registrar's own key, stolen"])
def test_the_inside_listener_serves_nobody_from_outside(net, edge, certificates, who):
    """Linux answers on any interface for any address it holds, so the listener itself must tell who is who."""
    own = {"nobody": None, "somebody of another authority": certificates.unknown}.get(who, certificates.next_hop)
    with forged_route(net["outside"], "10.77.0.0/24", network.EDGE_OUTSIDE):
        assert refused(net["outside"], edge, certificates, own)


@pytest.mark.parametrize("who", ["nobody", "somebody of another authority"])
def test_the_inside_listener_demands_a_certificate_of_the_inside(net, edge, certificates, who):
    assert refused(net["inside"], edge, certificates, certificates.unknown if who != "nobody" else None)


def refused(host, edge, certificates, own):
    """No SIP is spoken with a client of `host` that shows `own`. In TLS 1.3 a refusal may come after its handshake."""
    try:
        with edge.configuration.server(own, trust=certificates.inside.certificate, source=None, host=host) as client:
            client.send(request("OPTIONS", headers=["Accept: application/sdp"]))
            return client.outcome(5.0) == "closed"
    except TimeoutError:
        return False
    except (ssl.SSLError, OSError, wire.Closed):
        return True


def test_a_phone_learns_nothing_of_the_inside_from_a_failed_call(alice, edge):
    """Replies that cross outward carry no Via of the inside (each Via was taken off where it was put on)."""
    alice.forget()
    mark = alice.mark()
    alice.dial("sip:nobody@edge.example")
    alice.wait_event("CALL_CLOSED")

    for message in alice.trace(mark):
        assert not [via for via in message.headers("Via") if re.search(r"10\.77\.0\.", via)], message.text
    edge.wait_sessions_zero()
