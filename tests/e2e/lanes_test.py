"""A node has several lanes and a connection lives on one of them, by the kernel's choice. Whoever is on whichever lane
reaches everybody: requests, replies and whole dialogs cross from lane to lane."""

import pytest

import network
from peers.sip import digest, reply_to
from mallory import request

CLIENTS = 8  # That all of them are on one lane of two happens once in 128 runs; each of them is asked for anyway.


@pytest.fixture(scope="module")
def crowd(edge):
    """Clients outside, each registered on a connection of its own."""
    made = []
    for number in range(CLIENTS):
        client = edge.client()
        assert client.register(f"crowd{number}").status == 200
        made.append(client)
    yield made
    for client in made:
        client.close()


def next_request(client, method):
    came = client.read()
    assert came.start_line.startswith(method + " "), came.start_line
    return came


def test_the_clients_are_spread_over_the_lanes(edge, crowd):
    assert edge.total("sallyport_connections", 'side="outside"') >= CLIENTS
    assert edge.total("sallyport_connections", 'side="outside"', 'lane="0"') > 0
    assert edge.total("sallyport_connections", 'side="outside"', 'lane="1"') > 0


def ring(bob, crowd, number):
    """Bob calls one of the crowd, and it rings there; the INVITE that came."""
    bob.forget()
    bob.dial(f"sip:crowd{number}@edge.example")
    invite = next_request(crowd[number], "INVITE")
    crowd[number].send(reply_to(invite, 180, "Ringing", [
        f"Contact: <sip:crowd{number}@{network.OUTSIDE_OTHER}:5061;transport=tls>"]))
    bob.wait_event("CALL_RINGING")
    return invite


@pytest.mark.parametrize("number", range(CLIENTS))
def test_a_call_from_inside_lives_and_ends_on_any_lane(crowd, bob, edge, number):
    client = crowd[number]
    invite = ring(bob, crowd, number)

    client.send(reply_to(invite, 486, "Busy Here"))
    assert bob.wait_event("CALL_CLOSED")["param"].startswith("486 ")
    next_request(client, "ACK")
    edge.wait_sessions_zero()


@pytest.mark.parametrize("number", range(CLIENTS))
def test_a_cancelled_call_from_inside_finds_its_lane(crowd, bob, edge, number):
    client = crowd[number]
    invite = ring(bob, crowd, number)

    bob.hangup()
    client.send(reply_to(next_request(client, "CANCEL"), 200, "OK"))
    client.send(reply_to(invite, 487, "Request Terminated"))
    next_request(client, "ACK")
    bob.wait_event("CALL_CLOSED")
    edge.wait_sessions_zero()


@pytest.mark.parametrize("number", range(CLIENTS))
def test_a_text_message_from_outside_gets_its_answer_on_any_lane(crowd, bob, edge, number):
    client = crowd[number]
    user = f"crowd{number}"
    message = dict(user=user, to="<sip:bob@edge.example>", body=f"from {user}", headers=["Content-Type: text/plain"])

    client.send(request("MESSAGE", "sip:bob@edge.example", **message))
    challenge = client.final()
    assert challenge.status == 407
    credentials = digest(challenge.header("Proxy-Authenticate"), "MESSAGE", "sip:bob@edge.example", user,
                         f"{user}-secret")
    message["headers"] = [*message["headers"], f"Proxy-Authorization: {credentials}"]
    client.send(request("MESSAGE", "sip:bob@edge.example", cseq=2, **message))

    assert client.final().status == 200
    bob.wait_text(f"from {user}")
    edge.wait_sessions_zero()
