"""Nothing of one side is reachable from the other's namespace but the listeners meant for it."""

import contextlib
import errno
import re
import select
import socket
import ssl
import subprocess

import pytest

import network
import wire

INSIDE_ADDRESSES = (network.EDGE_INSIDE, network.REGISTRAR, network.INSIDE_PHONE)
OUTSIDE_ADDRESSES = (network.EDGE_OUTSIDE, network.OUTSIDE_PHONE)
INTERESTING_PORTS = (22, 80, 443, 3478, 5060, 5061, 5062, 8057, 9100)
BATCH = 1000


def open_ports(net, side, address, ports=range(1, 65536)):
    """The TCP ports of `address` that accept a connection from `side`. A refusal comes at once over a veth."""
    found = set()
    ports = list(ports)
    for start in range(0, len(ports), BATCH):
        found |= _open_in_batch(net, side, address, ports[start:start + BATCH])
    return found


def _open_in_batch(net, side, address, ports):
    found, pending = set(), {}
    poll = select.poll()
    with contextlib.ExitStack() as stack, net.entered(side):
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


def listeners(net, protocol):
    """Local address:port of every listening (TCP) or bound (UDP) socket in the edge's namespace."""
    with net.entered("edge"):
        text = subprocess.run(["ss", "-Hln" + protocol], capture_output=True, text=True, check=True).stdout
    return {line.split()[3] for line in text.splitlines()}


@contextlib.contextmanager
def forged_route(net, side, target, gateway):
    """A neighbour that sends the edge packets for the other side, though nobody told it a way there."""
    net.ip(side, "route", "add", target, "via", gateway)
    try:
        yield
    finally:
        net.ip(side, "route", "del", target)


def test_the_edge_listens_where_it_was_told_and_nowhere_else(net, edge):
    assert listeners(net, "t") == {f"{network.EDGE_OUTSIDE}:{edge.outside_port}",
                                   f"{network.EDGE_INSIDE}:{edge.inside_port}", f"127.0.0.1:{edge.metrics_port}"}
    assert listeners(net, "u") == {f"{network.EDGE_OUTSIDE}:{edge.turn_port}", f"{network.EDGE_INSIDE}:{edge.turn_port}"}


def test_from_outside_only_the_outside_listener_answers(net, edge):
    assert open_ports(net, "outside", network.EDGE_OUTSIDE) == {edge.outside_port}


def test_from_inside_only_the_inside_listener_answers(net, edge):
    assert open_ports(net, "inside", network.EDGE_INSIDE) == {edge.inside_port}


@pytest.mark.parametrize("side, addresses", [("outside", INSIDE_ADDRESSES), ("inside", OUTSIDE_ADDRESSES)])
def test_no_address_of_the_other_side_can_be_reached(net, edge, alice, bob, side, addresses):
    for address in addresses:
        assert open_ports(net, side, address, INTERESTING_PORTS) == set(), address


def test_the_edge_forwards_no_packet_even_when_a_neighbour_asks_it_to(net, edge, alice, bob):
    with forged_route(net, "outside", "10.77.0.0/24", network.EDGE_OUTSIDE):
        for address in (network.REGISTRAR, network.INSIDE_PHONE):
            assert open_ports(net, "outside", address, (5060, 5061)) == set(), address
    with forged_route(net, "inside", "198.51.100.0/24", network.EDGE_INSIDE):
        assert open_ports(net, "inside", network.OUTSIDE_PHONE, (443, 5060, 5061)) == set()


@pytest.mark.parametrize("who", ["nobody", "somebody of another authority", "the registrar's own key, stolen"])
def test_the_inside_listener_serves_nobody_from_outside(net, edge, certificates, who):
    """Linux answers on any interface for any address it holds, so the listener itself must tell who is who."""
    identity = {"nobody": None, "somebody of another authority": certificates.stranger}.get(who, certificates.registrar)
    with forged_route(net, "outside", "10.77.0.0/24", network.EDGE_OUTSIDE):
        assert refused(net, "outside", edge, certificates, identity)


@pytest.mark.parametrize("who", ["nobody", "somebody of another authority"])
def test_the_inside_listener_demands_a_certificate_of_the_inside(net, edge, certificates, who):
    assert refused(net, "inside", edge, certificates, certificates.stranger if who != "nobody" else None)


def refused(net, side, edge, certificates, identity):
    """No SIP is spoken with a client that shows `identity`. In TLS 1.3 a refusal may come after its handshake."""
    try:
        with wire.Wire(net, side, network.EDGE_INSIDE, edge.inside_port, trust=certificates.inside.certificate,
                       identity=identity) as client:
            client.send(wire.request("OPTIONS", headers=["Accept: application/sdp"]))
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
