"""Out of ports, of sockets, of what one user may have: refused by its code, and who has something keeps it. Of a flood
nothing is kept at all."""

import resource
import secrets

import pytest

import network
from peers import turn
from peers.node import ALLOCATIONS, SESSIONS
from peers.processes import eventually
from peers.turn import assert_relayed, relaying

pytestmark = pytest.mark.usefixtures("serves_everybody_else")

MEGABYTE = 1 << 20
FLOOD = 200_000
# The flood comes from so many addresses, each with so many ports.
FLOOD_SOURCES, FLOOD_PORTS = 250, 4
FLOOD_NETWORK = "192.0.2"


# ---- out of everything -----------------------------------------------------------------------------------------------


def test_out_of_ports_is_508_and_who_has_one_keeps_it(edges, registrar, clients, peers):
    node = edges("edge-ports", number=2, relay_ports="50000-50003", limits={"relay_port_cooldown": "1s"})
    peer = peers()
    served = [relaying(clients("alice", node=node), peer) for _ in range(4)]
    assert {client.relayed[1] for client in served} == set(node.relay_ports)

    late = clients("erin", node=node)
    assert [late.allocate().code for _ in range(20)] == [508] * 20
    for client in served:
        assert_relayed(client, peer)

    # A port cools down, so that nobody gets what was meant for somebody else, and is given away again.
    assert served[0].refresh(0).code == 0
    eventually(lambda: late.allocate().code == 0, "a port is free again")
    assert_relayed(served[1], peer)
    for client in (late, *served):
        client.close()
    node.wait_allocations_zero()
    node.stop_cleanly()


def test_a_quota_of_one_user_leaves_the_others_alone(edges, registrar, clients, peers):
    node = edges("edge-quota", number=3, limits={"allocations_per_user_max": "2"})
    peer = peers()
    served = [relaying(clients("alice", node=node), peer) for _ in range(2)]

    late = clients("alice", node=node)
    assert [late.allocate().code for _ in range(5)] == [486] * 5
    other = relaying(clients("erin", node=node), peer)

    for client in (other, *served):
        assert_relayed(client, peer)
        client.close()
    assert late.allocate().code == 0
    late.close()
    node.stop_cleanly()


def test_out_of_sockets_is_508_and_the_lane_stays_up(edges, registrar, clients, peers):
    node = edges("edge-sockets", number=4)
    peer = peers()
    served = relaying(clients("alice", node=node), peer)
    open_files = node.open_files()
    whole = resource.prlimit(node.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(node.pid, resource.RLIMIT_NOFILE, (open_files, whole[1]))

    late = clients("erin", node=node)
    assert [late.allocate().code for _ in range(10)] == [508] * 10
    assert_relayed(served, peer)

    resource.prlimit(node.pid, resource.RLIMIT_NOFILE, whole)
    relaying(late, peer)
    for client in (late, served):
        client.close()
    node.wait_allocations_zero()
    node.stop_cleanly()


# ---- a flood ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(net, edge):
    """Sockets outside on addresses of their own; the edge knows the way back to them."""
    prefix = f"{FLOOD_NETWORK}.0/24"
    net["outside"].ip("route", "add", "local", prefix, "dev", "lo")
    net["edge"].ip("route", "add", prefix, "via", network.OUTSIDE_PHONE)
    made = []
    try:
        for host in range(1, FLOOD_SOURCES + 1):
            made += [turn.Client(edge.turn_listener("outside"), source=(f"{FLOOD_NETWORK}.{host}", 0), host=net["outside"])
                     for _ in range(FLOOD_PORTS)]
        yield made
    finally:
        for one in made:
            one.close()
        net["edge"].ip("route", "del", prefix)
        net["outside"].ip("route", "del", "local", prefix, "dev", "lo")


def unauthenticated(number):
    """A request of somebody who has not proved who he is, never the same twice."""
    ask = [(turn.TRANSPORT, turn.UDP)]
    if number % 4 == 0:
        return turn.message(turn.ALLOCATE, turn.REQUEST, ask)
    if number % 4 == 1:
        return turn.message(turn.REFRESH, turn.REQUEST)
    ask += [(turn.USERNAME, b"user%d" % number), (turn.REALM, b"edge.example"), (turn.NONCE, secrets.token_bytes(16))]
    if number % 4 == 2:
        ask[1] = (turn.USERNAME, b"alice")
    return turn.message(turn.ALLOCATE, turn.REQUEST, ask, key=secrets.token_bytes(16))


def test_nothing_is_kept_of_two_hundred_thousand_requests_without_proof(crowd, edge, clients, peers, capsys):
    client, peer = clients("alice"), peers()
    relaying(client, peer)

    def burst(first, count):
        """From every address in turn; the answer to a Binding after them says that they were read."""
        for number in range(first, first + count):
            crowd[number % len(crowd)].say(unauthenticated(number))
        crowd[first // count % len(crowd)].binding()

    # What the first of them make the allocator take, once, is no growth: AddressSanitizer holds back 8 MiB of freed memory.
    for first in range(0, FLOOD // 4, 100):
        burst(first, 100)
    resident, counts = edge.resident_bytes(), kept(edge)
    for first in range(0, FLOOD, 100):
        burst(first, 100)
    grown, after = edge.resident_bytes() - resident, kept(edge)

    with capsys.disabled():
        print(f"\n{FLOOD} requests without proof: kept before {counts}, after {after}; "
              f"resident before {resident // 1024} KiB, grown by {grown // 1024} KiB")
    assert after == counts
    assert grown < 4 * MEGABYTE
    assert_relayed(client, peer)


def kept(edge):
    """Everything that the node holds now, by its own gauges, but what it is doing at this moment."""
    return {kind: edge.total(kind) for kind in ALLOCATIONS + SESSIONS}
