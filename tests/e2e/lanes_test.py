"""A node has several lanes and a connection lives on one of them, by the kernel's choice. Whoever is on whichever lane
reaches everybody: requests, replies and whole dialogs cross from lane to lane."""

import contextlib

import pytest

import network
from peers.processes import eventually
from peers.sip import digest, reply_to
from mallory import request

LANES, CLIENTS = 2, 8
TRIES = 100  # That the kernel's choices do not fill both lanes in so many is less likely than that the machine breaks.


def connections(edge):
    return [edge.total("sallyport_connections", 'side="outside"', f'lane="{lane}"') for lane in range(LANES)]


@pytest.fixture(scope="module")
def crowd(edge):
    """Clients outside, each registered on a connection of its own, and as many on one lane as on the other: who comes to
    a lane that has its share goes again."""
    made = []
    had = connections(edge)
    wanted = [count + CLIENTS // LANES for count in had]
    with contextlib.ExitStack() as stack:
        for _ in range(TRIES):
            client = edge.client()
            stack.callback(client.close)
            assert client.register(f"crowd{len(made)}").status == 200
            has = connections(edge)
            if all(now <= most for now, most in zip(has, wanted)):
                made.append(client)
                had = has
            else:
                client.close()
                eventually(lambda: connections(edge) == had, "the connection too many is gone")
            if had == wanted:
                break
        yield made


def next_request(client, method):
    came = client.read()
    assert came.start_line.startswith(method + " "), came.start_line
    return came


def test_the_clients_are_spread_over_the_lanes(edge, crowd):
    assert len(crowd) == CLIENTS
    assert min(connections(edge)) >= CLIENTS // LANES


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
