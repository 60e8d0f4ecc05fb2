"""A node has several lanes and a connection lives on one of them, by the kernel's choice. Whoever is on whichever lane
reaches everybody: requests, replies and whole dialogs cross from lane to lane."""

import re

import pytest

import network
import wire

CLIENTS = 8  # That all of them are on one lane of two happens once in 128 runs; each of them is asked for anyway.


@pytest.fixture(scope="module")
def crowd(net, edge, certificates):
    """Clients outside, each registered on a connection of its own."""
    made = []
    for number in range(CLIENTS):
        client = wire.Wire(net, "outside", network.EDGE_OUTSIDE, edge.outside_port,
                           trust=certificates.outside.certificate, source=network.OUTSIDE_STRANGER)
        assert client.register(f"crowd{number}").status == 200
        made.append(client)
    yield made
    for client in made:
        client.close()


def answer(request, status, reason, *headers, tag="answered"):
    """A reply to what a client was sent, as a phone makes it."""
    copied = [line + (f";tag={tag}" if line.lower().startswith("to:") and ";tag=" not in line else "")
              for line in request.text.split("\r\n\r\n", 1)[0].split("\r\n")[1:]
              if re.match(r"(?i)(via|from|to|call-id|cseq|record-route)\s*:", line)]
    return "\r\n".join([f"SIP/2.0 {status} {reason}", *copied, *headers, "Content-Length: 0", "", ""]).encode()


def next_request(client, method):
    request = client.read()
    assert request.start_line.startswith(method + " "), request.start_line
    return request


def test_the_clients_are_spread_over_the_lanes(edge, crowd):
    assert edge.total("sallyport_connections", 'side="outside"') >= CLIENTS
    assert edge.total("sallyport_connections", 'side="outside"', 'lane="0"') > 0
    assert edge.total("sallyport_connections", 'side="outside"', 'lane="1"') > 0


@pytest.mark.parametrize("number", range(CLIENTS))
def test_a_call_from_inside_lives_and_ends_on_any_lane(crowd, bob, edge, number):
    client = crowd[number]
    bob.forget()

    bob.dial(f"sip:crowd{number}@edge.example")
    invite = next_request(client, "INVITE")
    contact = f"Contact: <sip:crowd{number}@{network.OUTSIDE_STRANGER}:5061;transport=tls>"
    client.send(answer(invite, 180, "Ringing", contact))
    bob.wait_event("CALL_RINGING")
    client.send(answer(invite, 486, "Busy Here"))
    assert bob.wait_event("CALL_CLOSED")["param"].startswith("486 ")
    next_request(client, "ACK")
    edge.wait_sessions_zero()


@pytest.mark.parametrize("number", range(CLIENTS))
def test_a_cancelled_call_from_inside_finds_its_lane(crowd, bob, edge, number):
    client = crowd[number]
    bob.forget()

    bob.dial(f"sip:crowd{number}@edge.example")
    invite = next_request(client, "INVITE")
    client.send(answer(invite, 180, "Ringing"))
    bob.wait_event("CALL_RINGING")
    bob.hangup()
    client.send(answer(next_request(client, "CANCEL"), 200, "OK"))
    client.send(answer(invite, 487, "Request Terminated"))
    next_request(client, "ACK")
    bob.wait_event("CALL_CLOSED")
    edge.wait_sessions_zero()


@pytest.mark.parametrize("number", range(CLIENTS))
def test_a_text_message_from_outside_gets_its_answer_on_any_lane(crowd, bob, edge, number):
    client = crowd[number]
    user = f"crowd{number}"
    message = dict(user=user, to="<sip:bob@edge.example>", body=f"from {user}", headers=["Content-Type: text/plain"])

    client.send(wire.request("MESSAGE", "sip:bob@edge.example", **message))
    challenge = client.final()
    assert challenge.status == 407
    credentials = wire.digest(challenge.header("Proxy-Authenticate"), "MESSAGE", "sip:bob@edge.example", user,
                              f"{user}-secret")
    message["headers"] = [*message["headers"], f"Proxy-Authorization: {credentials}"]
    client.send(wire.request("MESSAGE", "sip:bob@edge.example", cseq=2, **message))

    assert client.final().status == 200
    bob.wait_text(f"from {user}")
    edge.wait_sessions_zero()
