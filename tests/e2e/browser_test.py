"""Two pages of a real browser call each other over relays alone, with credentials that a web application made for them."""

import json
import pathlib

import pytest

import network
from peers.parts import need
from peers.processes import Process

DRIVER = pathlib.Path(__file__).parent / "browser"
ADDRESS = "198.51.100.20"
SECONDS = 120


def credentials(edge, identity):
    user, password = edge.ephemeral_credentials(identity)
    return {"username": user, "credential": password}


@pytest.fixture(scope="module")
def call(net, edge, directory):
    """One call of the two pages: their statistics, and what the relay counted meanwhile."""
    need("node", "chromium", DRIVER / "node_modules" / "playwright-core")
    folder = directory / "browser"
    folder.mkdir()
    before = edge.relayed()
    asked = {"server": str(edge.turn_listener("outside")), "caller": credentials(edge, "frank@edge.example"),
             "callee": credentials(edge, "grace@edge.example")}
    with Process("driver", ["node", DRIVER / "relay_call.js", json.dumps(asked)], folder,
                 host=net.machine("browser", "outside", ADDRESS)) as driver:
        code = driver.wait(SECONDS)
        told = driver.log
    assert code in (0, 1), told
    made = json.loads(told.splitlines()[-1])
    made["relayed"] = edge.relayed_since(before)
    return made


@pytest.fixture(params=["caller", "callee"])
def party(request, call):
    return call[request.param]


def test_the_selected_pair_is_relay_to_relay_over_udp(party):
    assert party["candidateTypes"] == ["relay"], party
    for side in ("local", "remote"):
        assert party[side]["candidateType"] == "relay", party
        assert party[side]["protocol"] == "udp" and party[side]["address"] == network.EDGE_OUTSIDE, party
    assert party["local"]["relayProtocol"] == "udp", party


def test_pictures_and_sound_arrive_encrypted(party):
    assert party["state"] == "connected" and party["dtls"] == "connected", party
    assert party["framesDecoded"] >= 30, party
    assert party["audioEnergy"] > 0, party
    assert party["srtpCipher"] and party["audioCodec"] == "audio/opus", party


def test_every_message_of_the_data_channel_comes_back_in_order(call):
    assert call["caller"]["echoed"] == 50, call


def test_the_relay_counted_it_both_ways(call):
    to_peers, to_clients = call["relayed"]

    # Two parties, a second of 50 packets of sound and 30 pictures each, relayed out of one relay and into the other.
    assert to_peers > 150 and to_clients > 150


def test_a_closed_call_leaves_no_allocation(call, edge):
    edge.wait_allocations_zero()
