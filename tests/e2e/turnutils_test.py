"""coturn's own client tools are served as coturn would serve them, and nothing is lost on the way."""

import re
import subprocess

import pytest

import network
from peers.parts import need
from peers.processes import Process, eventually, output_of

PEER_PORT = 3480
CLIENTS, MESSAGES = 4, 50
SUMMARY = re.compile(r"tot_send_msgs=(\d+), tot_recv_msgs=(\d+)")
LOST = re.compile(r"Total lost packets (\d+) .*total send dropped (\d+)")


@pytest.fixture(scope="module")
def echo(net, directory):
    """coturn's peer: it sends back whatever comes."""
    need("turnutils_uclient", "turnutils_peer")
    with Process("turnutils_peer", ["turnutils_peer", "-v", "-L", network.OUTSIDE_OTHER, "-p", str(PEER_PORT)],
                 directory, host=net["outside"]) as made:
        eventually(lambda: is_bound(net["outside"], PEER_PORT), lambda: f"the peer listens: {made.tail()}")
        yield made


def is_bound(host, port):
    return bool(output_of(["ss", "-Hlun", f"sport = :{port}"], host=host).strip())


@pytest.fixture
def uclient(net, edge, tmp_path):
    """Runs coturn's client: `uclient(options…)` is its exit code and what it said."""
    def run(*options, side="outside", clients=CLIENTS):
        with net[side].entered():
            done = subprocess.run(["turnutils_uclient", "-e", network.OUTSIDE_OTHER, "-r", str(PEER_PORT), "-l", "172",
                                   "-m", str(clients), "-n", str(MESSAGES), *options, edge.turn_listener(side).address],
                                  cwd=tmp_path, timeout=100,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        return done.returncode, done.stdout
    return run


def assert_nothing_lost(outcome, clients=CLIENTS):
    """What was sent was received, by the client's own count; how many that was."""
    code, told = outcome
    assert code == 0 and SUMMARY.search(told) and LOST.search(told), told[-4000:]
    sent, received = map(int, SUMMARY.findall(told)[-1])
    assert (received, *map(int, LOST.findall(told)[-1])) == (sent, 0, 0), told[-4000:]
    assert sent >= clients * MESSAGES
    return sent


MODES = {
    "one relay a client": ["-c"],
    "a pair of ports for RTP and RTCP": [],
    "client to client, relay to relay": ["-c", "-y"],
    "more requests than are needed": ["-c", "-G"],
    "an IPv4 address asked for by name": ["-c", "-X"],
}


@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_lost_by_indications(uclient, edge, echo, mode):
    before = edge.relayed()

    sent = assert_nothing_lost(uclient("-s", "-u", "alice", "-w", "alice-media", *MODES[mode]))

    to_peers, to_clients = edge.relayed_since(before)
    assert to_peers >= sent and to_clients >= sent


def test_nothing_is_lost_by_channels(uclient, edge, echo):
    """This client draws its channel from 0x4000 to 0x7FFF, as RFC 5766 had it. RFC 8656, 12 leaves a quarter of them, and
    asks for 400 where it is another: so it draws until it has one of ours."""
    before = edge.relayed()
    for _ in range(80):
        outcome = uclient("-c", "-u", "carol", "-w", "carol-media", clients=1)
        if outcome[0] == 0:
            break
        assert "channel bind: error 400 (Bad Request)" in outcome[1], outcome[1]

    sent = assert_nothing_lost(outcome, clients=1)

    to_peers, to_clients = edge.relayed_since(before)
    assert to_peers >= sent and to_clients >= sent


def test_nothing_is_lost_from_inside(uclient, edge, echo):
    assert_nothing_lost(uclient("-c", "-s", "-u", "bob", "-w", "bob-media", side="inside"))


def test_a_password_made_from_the_secret_is_as_good(uclient, edge, echo):
    assert_nothing_lost(uclient("-c", "-s", "-u", "alice@edge.example", "-W", edge.turn_secret))


@pytest.mark.parametrize("credentials", [["-w", "guessed"], ["-W", "guessed"]], ids=["password", "secret"])
def test_a_wrong_password_gets_no_relay(uclient, edge, echo, credentials):
    opened = edge.total("sallyport_allocations_total")

    code, told = uclient("-s", "-u", "alice", *credentials)

    assert code != 0 and "Cannot complete Allocation" in told, told
    assert edge.total("sallyport_allocations_total") == opened  # Those there are end meanwhile: clients before left them.


def test_a_stun_client_learns_its_address(net, edge):
    need("turnutils_stunclient")
    listener = edge.turn_listener("outside")

    told = output_of(["turnutils_stunclient", "-p", listener.port, "-L", network.OUTSIDE_LOAD, listener.address],
                     host=net["outside"])

    assert f"UDP reflexive addr: {network.OUTSIDE_LOAD}:" in told, told
