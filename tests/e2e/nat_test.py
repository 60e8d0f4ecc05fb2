"""One node behind address translation: clients learn its public address, and it knows that address for its own."""

import subprocess

import pytest

import edge as edge_module
import network
import translation
import turn

EXIT_CONFIGURATION = 78
NUMBER = 1
RELAY_PORTS = "50000-50999"


@pytest.fixture(scope="module")
def nat(net, need):
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
        door = translation.PUBLIC if side == "beyond" else network.EDGE_INSIDE
        made.append(turn.Client(net, side, (door, node.turn_port), user, f"{user}-media"))
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
    with turn.Peer(net, "beyond", translation.BEYOND) as peer:
        assert client.permit(translation.BEYOND).code == 0

        client.send_to(peer.at, b"out")
        assert peer.read() == (b"out", client.relayed)
        peer.say(client.relayed, b"in")
        assert client.receive() == (peer.at, b"in")

        assert client.bind(0x4000, peer.at).code == 0
        client.say(turn.channel_data(0x4000, b"by channel"))
        assert peer.read() == (b"by channel", client.relayed)
        peer.say(client.relayed, b"and back")
        assert client.receive() == (0x4000, b"and back")


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

    assert client.bind(0x4000, (translation.PUBLIC, node.turn_port)).code == 403
    assert client.bind(0x4000, (translation.PRIVATE, node.turn_port)).code == 403
    assert client.permit(translation.PRIVATE_GATEWAY).code == 403


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_pool_of_more_nodes_has_no_translation(net, node, tmp_path, command):
    file = tmp_path / "sallyport.yaml"
    file.write_text(node.file.read_text().replace("  nodes: 1\n", "  nodes: 2\n"))

    with net.entered("edge"):
        done = subprocess.run([edge_module.binary(), command, file], capture_output=True, text=True, timeout=60,
                              env=edge_module.environment())

    assert done.returncode == EXIT_CONFIGURATION, done.stdout + done.stderr
    assert "[nat-in-pool]" in done.stdout + done.stderr
