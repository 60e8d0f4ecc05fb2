"""Whom relays may reach, and who may reach them: nothing passes that was not asked for by its owner and allowed by the
node, on any packet, either way."""

import secrets

import pytest

import network
from peers import turn
from peers.processes import eventually
from peers.turn import assert_relayed, relaying

OWN_LISTENERS = [443, 3478, 9100]

pytestmark = pytest.mark.usefixtures("serves_everybody_else", "stays_small")


# ---- whom relays may reach -------------------------------------------------------------------------------------------


NEVER = {
    "loopback": "127.0.0.1", "this host": "0.0.0.0", "this network": "0.1.2.3", "link-local": "169.254.1.1",
    "metadata": "169.254.169.254", "metadata of another cloud": "100.100.100.200", "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255", "reserved": "240.0.0.1", "private 10": "10.1.2.3", "private 172": "172.16.0.1",
    "private 192": "192.168.1.1", "shared": "100.64.0.1", "the registrar": network.REGISTRAR,
    "the edge's own inside": network.EDGE_INSIDE, "a phone inside": network.INSIDE_PHONE,
}

NEVER_IN_IPV6 = ["::1", "::", "::ffff:127.0.0.1", "::ffff:10.77.0.2", "64:ff9b::7f00:1", "64:ff9b::a4d:2", "fe80::1",
                 "ff02::1", "fd00:ec2::254", "2002:7f00:1::"]


@pytest.mark.parametrize("what", NEVER)
@pytest.mark.parametrize("user, side", [("alice", "outside"), ("bob", "inside")])
def test_a_relay_reaches_nothing_it_must_not(clients, user, side, what):
    client = clients(user, side)
    assert client.allocate().code == 0

    assert client.permit(NEVER[what]).code == 403
    assert client.bind(0x4000, (NEVER[what], 5060)).code == 403


@pytest.mark.parametrize("peer", NEVER_IN_IPV6)
def test_no_address_of_another_family_gets_through(clients, peer):
    client = clients("alice")
    assert client.allocate().code == 0

    assert client.permit(peer).code in (403, 443)
    assert client.bind(0x4000, (peer, 5060)).code in (403, 443)


def test_one_bad_peer_of_several_opens_none_of_them(clients, peers, edge):
    client = clients("alice")
    assert client.allocate().code == 0

    assert client.permit(network.OUTSIDE_OTHER, network.REGISTRAR, network.OUTSIDE_LOAD).code == 403

    assert edge.total("sallyport_permissions") == 0


@pytest.mark.parametrize("port", OWN_LISTENERS)
def test_the_nodes_own_ports_are_no_peers(clients, peers, edge, port):
    """The relays' own address is a lawful peer (relay to relay), its listeners are not."""
    client, peer = clients("alice"), peers()
    relaying(client, peer)
    own = (network.EDGE_OUTSIDE, port)
    assert client.bind(0x4000, own).code == 403
    client.permit(network.EDGE_OUTSIDE)
    before = edge.relayed()

    # The listener of TURN would answer a Binding, and the answer would come back as data.
    assert client.since(*sent(own, 20)) == []

    assert edge.relayed() == before
    assert_relayed(client, peer)


GAINED = "198.51.100.77"


def test_an_address_that_the_host_gains_is_out_of_reach_from_then_on_and_not_for_ever(net, clients, peers, edge):
    client, peer = clients("alice"), peers()
    relaying(client, peer)
    assert client.bind(0x4000, (GAINED, 9999)).code == 0, "nobody has it yet"
    net["edge"].ip("address", "add", f"{GAINED}/32", "dev", "lo")
    try:
        eventually(lambda: client.permit(GAINED).code == 403, "the node has heard of it")
        assert client.bind(0x4000, (GAINED, 9999)).code == 403
        with turn.Peer(GAINED, host=net["edge"]) as own:
            before = edge.relayed()
            client.send_to(own.at, b"by the permission of before")
            client.say(turn.channel_data(0x4000, b"by the channel of before"))
            own.say(client.relayed, b"and back")
            assert client.since() == []
            assert edge.relayed() == before
            own.say(own.at, b"marker")
            assert own.read()[0] == b"marker", "nothing came before it"
        assert_relayed(client, peer)
    finally:
        net["edge"].ip("address", "del", f"{GAINED}/32", "dev", "lo")
    eventually(lambda: client.permit(GAINED).code == 0, "it is an address like any other again")


def sent(peer, times):
    """Send indications with a Binding request in each."""
    for _ in range(times):
        transaction = secrets.token_bytes(12)
        yield turn.message(turn.SEND, turn.INDICATION,
                           [(turn.PEER, turn.address(peer, transaction)),
                            (turn.PAYLOAD, turn.message(turn.BINDING, turn.REQUEST))], transaction=transaction)


def test_two_relays_of_this_node_reach_each_other(clients):
    outside, inside = clients("alice"), clients("bob", "inside")
    for client in (outside, inside):
        assert client.allocate().code == 0
        assert client.relayed[0] == network.EDGE_OUTSIDE
    for client in (outside, inside):
        assert client.permit(network.EDGE_OUTSIDE).code == 0

    outside.send_to(inside.relayed, b"inward")
    assert inside.receive() == (outside.relayed, b"inward")
    inside.send_to(outside.relayed, b"outward")
    assert outside.receive() == (inside.relayed, b"outward")


# ---- isolation -------------------------------------------------------------------------------------------------------


def test_nothing_comes_inward_without_a_permission(clients, peers):
    inside, other, friend = clients("bob", "inside"), peers(network.OUTSIDE_OTHER), peers(network.OUTSIDE_PHONE)
    assert inside.allocate().code == 0
    assert inside.permit(friend.at[0]).code == 0

    for number in range(50):
        other.say(inside.relayed, b"unasked %d" % number)
    friend.say(inside.relayed, b"marker")

    assert inside.receive() == (friend.at, b"marker")
    assert inside.since() == []


def test_a_permission_is_for_an_address_and_any_port_of_it(clients, peers):
    inside, friend, other_port = clients("bob", "inside"), peers(), peers()
    relaying(inside, friend)

    other_port.say(inside.relayed, b"from another port")

    assert inside.receive() == (other_port.at, b"from another port")


def test_nothing_goes_out_without_a_permission(clients, peers, edge):
    client, other, friend = clients("alice"), peers(network.OUTSIDE_LOAD), peers()
    relaying(client, friend)
    before = edge.relayed()

    for number in range(50):
        client.send_to(other.at, b"unasked %d" % number)
    client.since()

    assert edge.relayed() == before
    assert client.permit(other.at[0]).code == 0
    client.send_to(other.at, b"marker")
    assert other.read() == (b"marker", client.relayed)


def test_what_is_inside_hears_nothing_of_a_relay_outside(clients, peers, edge):
    client, target = clients("alice"), peers(network.INSIDE_LOAD, side="inside")
    assert client.allocate().code == 0
    assert client.permit(network.INSIDE_LOAD).code == 403
    before = edge.relayed()

    client.send_to(target.at, b"unasked")
    client.since()

    assert edge.relayed() == before
    target.say(target.at, b"marker")
    assert target.read()[0] == b"marker", "nothing came before it"


def test_an_end_of_the_allocation_closes_its_port(clients, peers, edge):
    client, peer = clients("alice"), peers()
    relaying(client, peer)
    relayed = client.relayed

    assert client.refresh(0).code == 0
    edge.wait_allocations_zero()

    before = edge.relayed()
    peer.say(relayed, b"too late")
    assert client.since() == []
    assert edge.relayed() == before
