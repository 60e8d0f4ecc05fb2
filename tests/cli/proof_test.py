"""What shows that a user of ours is behind a connection, how long it shows that, and how little there is before."""

import time

import pytest

from peers import sip, wire
from peers.configuration import Configuration
from peers.next_hop import NextHop

MESSAGE = dict(to="<sip:bob@edge.example>", headers=["Content-Type: text/plain"], body="hello")


def test_who_takes_his_registration_back_is_a_stranger_again(behind, start):
    node = start(behind)
    with behind.phone() as phone:
        assert phone.register().status == 200
        phone.send(sip.request("MESSAGE", "sip:bob@edge.example", **MESSAGE))
        assert phone.final().status == 200
        assert node.total("sallyport_connections_unproved") == 0

        phone.send(sip.request("REGISTER", headers=["Expires: 0", "Authorization: Digest x=y"]))
        assert phone.final().status == 200
        phone.send(sip.request("MESSAGE", "sip:bob@edge.example", **MESSAGE))
        assert phone.final().status == 403
        assert node.total("sallyport_connections_unproved") == 1


def test_who_never_registers_is_closed_and_who_has_is_not(behind, start):
    behind.change("limits:\n", "limits:\n  proof_timeout: 1s\n  message_rate_per_connection: 100000/s\n")
    node = start(behind)
    with behind.phone() as phone, behind.phone() as stranger:
        assert phone.register().status == 200
        end = time.monotonic() + 10.0
        with pytest.raises(wire.Closed):
            while time.monotonic() < end:
                stranger.pong()  # However busy he is.
        node.wait_closed("proof_timeout")
        assert phone.pong()
    assert node.closed("proof_timeout") == 1


def test_a_stranger_has_one_registration_under_way_and_is_told_when_to_come_back(tmp_path, certificates, start):
    with NextHop(certificates, behaviour=lambda *_: None) as slow:
        configuration = Configuration(tmp_path / "edge1", certificates, slow.at)
        start(configuration)
        with configuration.phone() as stranger, configuration.phone() as other:
            stranger.send(sip.request("REGISTER", user="ada"))
            slow.wait_for("REGISTER")
            stranger.send(sip.request("REGISTER", user="bob"))
            refusal = stranger.final()
            assert refusal.status == 503
            assert refusal.header("Retry-After")
            other.send(sip.request("REGISTER", user="bob"))
            slow.wait_for("REGISTER", 2)
