"""Channels of the relay: their numbers, whose they are, and how many there may be (RFC 8656, 12)."""

import pytest

import network
from peers import turn
from peers.turn import assert_relayed, assert_relayed_by_channel, relaying

pytestmark = pytest.mark.usefixtures("serves_everybody_else", "stays_small")


@pytest.mark.parametrize("number", [0x0000, 0x3FFF, 0x5000, 0x7FFF, 0x8000, 0xFFFF])
def test_a_number_that_is_no_channels_is_refused(clients, peers, number):
    client, peer = clients("alice"), peers()
    relaying(client, peer)

    assert client.bind(number, peer.at).code == 400


def test_a_channel_keeps_its_peer_and_a_peer_its_channel(clients, peers):
    client, peer, other = clients("alice"), peers(), peers()
    relaying(client, peer)
    assert client.bind(0x4001, peer.at).code == 0

    assert client.bind(0x4001, other.at).code == 400
    assert client.bind(0x4002, peer.at).code == 400
    assert client.bind(0x4001, peer.at).code == 0, "its own binding may be refreshed"

    assert_relayed_by_channel(client, 0x4001, peer)


def test_channel_data_behind_the_success_of_its_bind_is_relayed(clients, peers):
    client, peer = clients("alice"), peers()
    assert client.allocate().code == 0

    for number in range(0x4000, 0x4010):
        port = peers()
        assert client.bind(number, port.at).code == 0
        client.say(turn.channel_data(number, b"at once"))
        assert port.read() == (b"at once", client.relayed)


def test_data_for_no_channel_and_of_wrong_length_goes_nowhere(clients, peers):
    client, peer = clients("alice"), peers()
    relaying(client, peer)
    assert client.bind(0x4001, peer.at).code == 0

    said = [turn.channel_data(number, b"stray") for number in (0x4000, 0x4002, 0x4FFF, 0x5000, 0x7FFF)]
    said += [turn.channel_data(0x4001, b"short", length) for length in (6, 100, 65535)]
    assert client.since(*said) == []

    client.say(turn.channel_data(0x4001, b"marker"))
    assert peer.read() == (b"marker", client.relayed)


def test_channels_and_permissions_are_limited_and_the_allocation_lives_on(clients, peers):
    client, peer = clients("alice"), peers()
    relaying(client, peer)
    channels = [client.bind(0x4000 + n, (network.OUTSIDE_OTHER, 1024 + n)).code for n in range(66)]
    permissions = [client.permit(f"203.0.113.{n}").code for n in range(1, 67)]

    assert channels[:64] == [0] * 64 and set(channels[64:]) == {508}
    assert permissions[:63] == [0] * 63 and set(permissions[63:]) == {508}
    assert_relayed(client, peer)
