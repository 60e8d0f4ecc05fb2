"""One node behind address translation: clients learn its public address, and it knows that address for its own."""

import pytest

import translation
from edge import turn_password
from peers import turn
from peers.host import At
from peers.node import CONFIG, run
from peers.parts import need

NUMBER = 1
RELAY_PORTS = "50000-50999"


@pytest.fixture(scope="module")
def nat(net):
    need("nft")
    return translation.Translation(net, f"{3478 + 10 * NUMBER}, {RELAY_PORTS}")


@pytest.fixture(scope="module")
def node(nat, edges, registrar):
    made = edges("edge-nat", number=NUMBER, outside=translation.PRIVATE, announce=translation.PUBLIC,
                 relay_ports=RELAY_PORTS)
    yield made
    made.stop_cleanly()


@pytest.fixture
def clients(net, node):
    made = []

    def make(user, side="beyond"):
        listener = At(translation.PUBLIC, node.turn_listener(side).port) if side == "beyond" else node.turn_listener(side)
        made.append(turn.Client(listener, user, turn_password(user), host=net[side]))
        assert made[-1].allocate().code == 0
        return made[-1]
    yield make
    for one in made:
        one.close()
    node.wait_allocations_zero()


@pytest.mark.parametrize("side", ["beyond", "inside"])
def test_a_relay_is_shown_at_the_announced_address(clients, node, side):
    client = clients("alice", side)

    assert client.relayed[0] == translation.PUBLIC
    assert client.relayed[1] in node.relay_ports
    if side == "beyond":
        assert client.mapped == client.socket.getsockname()


@pytest.mark.parametrize("side", ["beyond", "inside"])
def test_a_peer_beyond_talks_to_the_announced_address(net, clients, side):
    client = clients("alice", side)
    with turn.Peer(translation.BEYOND, host=net["beyond"]) as peer:
        assert client.permit(translation.BEYOND).code == 0

        turn.assert_relayed(client, peer)
        assert client.bind(0x4000, peer.at).code == 0
        turn.assert_relayed_by_channel(client, 0x4000, peer)


@pytest.mark.parametrize("side", ["beyond", "inside"])
def test_two_relays_meet_at_the_announced_address(nat, clients, side):
    """The translation does not turn them back: the node knows what it announces for its own."""
    first, second = clients("alice"), clients("bob", side)
    assert first.permit(translation.PUBLIC).code == 0
    assert second.bind(0x4000, first.relayed).code == 0

    first.send_to(second.relayed, b"there")
    assert second.receive() == (0x4000, b"there")
    second.say(turn.channel_data(0x4000, b"and back"))
    assert first.receive() == (second.relayed, b"and back")

    assert nat.turned_back() == 0


def test_the_announced_addresss_listeners_are_no_peers(clients, node):
    client = clients("alice")

    assert client.bind(0x4000, (translation.PUBLIC, node.configuration.turn_at.port)).code == 403
    assert client.bind(0x4000, node.configuration.turn_at).code == 403
    assert client.permit(translation.PRIVATE_GATEWAY).code == 403


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_pool_of_more_nodes_has_no_translation(net, node, tmp_path, command):
    file = tmp_path / "sallyport.yaml"
    file.write_text(node.configuration.text.replace("  nodes: 1\n", "  nodes: 2\n"))

    done = run(command, file, host=net["edge"])

    assert done.code == CONFIG, done.told
    assert "[nat-in-pool]" in done.told
