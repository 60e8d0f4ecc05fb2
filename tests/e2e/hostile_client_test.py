"""Clients outside that mean no good: each gets the RFC's answer or a counted drop with a logged reason, and after
each the node holds what it held before."""

import re
import ssl

import pytest

import network
from peers import wire
from peers.node import GROWTH_MAX_BYTES
from peers.processes import eventually
from phone import hang_up, talk
from mallory import request

ANSWERED_OR_DROPPED = re.compile(r"(refused|dropped|closed)")


@pytest.fixture
def client(edge):
    """A connection of somebody outside, over TLS."""
    with edge.client() as made:
        yield made


@pytest.fixture
def plain(net, edge):
    """A connection of somebody outside, without TLS."""
    with wire.connect(edge.configuration.outside_at, source=network.OUTSIDE_OTHER, host=net["outside"]) as made:
        yield made


class Evidence:
    """What the node counted and logged since a moment."""

    def __init__(self, edge):
        self._edge = edge
        self._before = edge.metrics()

    def counted(self):
        return {name: value for name, value in self._edge.risen(self._before).items() if ANSWERED_OR_DROPPED.search(name)}

    def wait_counted(self):
        return eventually(self.counted, lambda: f"a counter of refusals or drops risen; risen are "
                          f"{self._edge.risen(self._before)}", 10.0)

    def wait_logged_reason(self):
        """The log names a reason that was counted. A flood is logged a few lines a second, so it may be an earlier line
        of the same reason."""
        def logged():
            reasons = [match[1] for name in self.counted() if (match := re.search(r'reason="([^"]+)"', name))]
            return [reason for reason in reasons if f"reason={reason}" in self._edge.log]
        return eventually(logged, lambda: f"a reason in the log for {self.counted()}", 10.0)


@pytest.fixture(autouse=True)
def evidence(edge, alice):
    """Around each test: connections and sessions are as before, the node lives and its memory is bounded."""
    connections = edge.total("sallyport_connections", 'side="outside"')
    resident = edge.resident_bytes()
    yield Evidence(edge)
    edge.assert_well()
    eventually(lambda: edge.total("sallyport_connections", 'side="outside"') <= connections,
               "connections are back to what they were")
    edge.wait_sessions_zero()
    assert edge.resident_bytes() < resident + GROWTH_MAX_BYTES


def options(**how):
    return request("OPTIONS", "sip:bob@edge.example", **how)


FRAMED = {  # name: (message, what may become of it)
    "a version of SIP nobody has": (options().replace(b" SIP/2.0\r\n", b" SIP/7.0\r\n", 1), {505}),
    "a header line without a colon": (options(headers=["This is no header"]), {400}),
    "a NUL in a header": (options(headers=["Subject: a\0b"]), {400}),
    "a CSeq that names another method": (options(replace={"CSeq": "1 INVITE"}), {400}),
    "a CSeq out of range": (options(replace={"CSeq": "99999999999 OPTIONS"}), {400}),
    "no Call-ID": (options(drop=["Call-ID"]), {400}),
    "no Via": (options(drop=["Via"]), {400}),  # Nothing says where to, but the stream it came on does.
    "no To": (options(drop=["To"]), {400}),
    "no From": (options(drop=["From"]), {400}),
    "two From": (options(headers=["From: <sip:other@edge.example>;tag=2"]), {400}),
    "a Max-Forwards that is no number": (options(replace={"Max-Forwards": "many"}), {400}),
    "no hop left": (options(replace={"Max-Forwards": "0"}), {483}),
    "an extension a proxy must know": (options(headers=["Proxy-Require: telepathy"]), {420}),
    "a scheme nobody routes": (request("OPTIONS", "nobodyKnowsThis:totallyopaquecontent"), {416}),
    "a call before registering": (request("INVITE", "sip:bob@edge.example"), {403}),
    "a registration elsewhere": (request("REGISTER", "sip:elsewhere.example", to="<sip:a@elsewhere.example>"), {403}),
    "a route token we never wrote": (options(headers=[
        f"Route: <sip:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@{network.EDGE_OUTSIDE}:443;transport=tls;lr>"]), {403}),
    "a CANCEL of nothing": (request("CANCEL", "sip:bob@edge.example"), {481}),
}

BROKEN_STREAMS = {
    "no SIP at all": (b"GARBAGE GARBAGE GARBAGE\r\n\r\n", {"closed"}),
    "HTTP": (b"GET / HTTP/1.1\r\nHost: edge.example\r\n\r\n", {"closed"}),
    "bytes that are no text": (bytes(range(128, 256)) * 4, {"closed"}),
    "a request line of two parts": (options().replace(b" SIP/2.0\r\n", b"\r\n", 1), {400, "closed"}),
    "a negative Content-Length": (options(replace={"Content-Length": "-1"}), {400, "closed"}),
    "two Content-Lengths that differ": (options(headers=["Content-Length: 7"]), {400, "closed"}),
    "no Content-Length on a stream": (options(drop=["Content-Length"]), {400, "closed"}),
    "a Content-Length of twenty digits": (options(replace={"Content-Length": "9" * 20}), {400, 413, 513, "closed"}),
    "a Content-Length past the limit": (options(replace={"Content-Length": "100000"}), {400, 413, 513, "closed"}),
    "a body past the limit": (options(body="x" * 60 * 1024), {400, 413, 513, "closed"}),
    "a head past the limit": (options(headers=["Subject: " + "x" * 20 * 1024]), {400, 513, "closed"}),
    "a flood of headers": (options(headers=[f"X-{number}: y" for number in range(400)]), {400, 513, "closed"}),
}


UNANSWERABLE = {
    "a reply that matches nothing": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS 198.51.100.1:443;branch=z9hG4bKnothing\r\n"
        b"Via: SIP/2.0/TLS 198.51.100.4:5061;branch=z9hG4bKelse\r\nFrom: <sip:a@edge.example>;tag=1\r\n"
        b"To: <sip:b@edge.example>;tag=2\r\nCall-ID: nothing\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
    "a reply that never went our way": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS 203.0.113.9;branch=z9hG4bKx\r\n"
        b"From: <sip:a@edge.example>;tag=1\r\nTo: <sip:b@edge.example>;tag=2\r\nCall-ID: nothing\r\nCSeq: 1 INVITE\r\n"
        b"Content-Length: 0\r\n\r\n",
    "an ACK of nothing": request("ACK", "sip:bob@edge.example"),
}


@pytest.mark.parametrize("what", FRAMED)
def test_a_request_the_rfc_refuses_gets_its_answer(client, evidence, what):
    message, expected = FRAMED[what]
    client.send(message)

    assert client.outcome() in expected
    if expected != {481}:  # The answer to a CANCEL is the transaction layer's, like the 200 it gets otherwise.
        evidence.wait_counted()


@pytest.mark.parametrize("what", BROKEN_STREAMS)
def test_a_stream_that_cannot_be_framed_is_closed(client, evidence, what):
    message, expected = BROKEN_STREAMS[what]
    client.send(message)
    outcome = client.outcome()

    assert outcome in expected
    if what != "a flood of headers":  # Its end is known, so the connection can go on.
        assert outcome == "closed" or client.wait_closed()
    evidence.wait_counted()
    if outcome == "closed":
        evidence.wait_logged_reason()


@pytest.mark.parametrize("what", UNANSWERABLE)
def test_a_message_nobody_can_answer_is_dropped_and_the_connection_goes_on(client, evidence, what):
    client.send(UNANSWERABLE[what])
    client.send(request("REGISTER", user="heidi"))

    assert client.final().status == 401  # The first reply of all is the registrar's to what came after.
    evidence.wait_counted()


def test_a_connection_that_says_nothing_is_closed(plain, evidence):
    assert plain.wait_closed()
    evidence.wait_counted()
    evidence.wait_logged_reason()


def test_a_handshake_that_stops_after_its_first_message_is_closed(plain, evidence):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="sip.edge.example").do_handshake()

    plain.send(outgoing.read())

    assert plain.wait_closed()
    evidence.wait_counted()


def test_a_handshake_with_nothing_after_it_is_closed(client, evidence):
    assert client.wait_closed()
    evidence.wait_counted()


def test_plain_text_on_the_tls_port_is_closed(plain, evidence):
    plain.send(options())

    assert plain.wait_closed()
    evidence.wait_counted()
    evidence.wait_logged_reason()


def test_a_message_that_drips_in_is_closed_however_busily_it_drips(client, evidence):
    client.send(b"OPTIONS sip:bob@edge.example SIP/2.0\r\n")

    with pytest.raises(wire.Closed):
        client.drip(b"Subject: " + b"z" * 200)

    evidence.wait_counted()
    evidence.wait_logged_reason()


def test_a_message_that_never_ends_is_closed_at_the_limit(client, evidence):
    client.send(b"OPTIONS sip:bob@edge.example SIP/2.0\r\n")

    with pytest.raises(wire.Closed):
        for _ in range(16 * 1024):
            client.send(b"X-Again: and again\r\n" * 50)
        # What comes while a connection closes may still be taken off the wire; it ends all the same.
        client.wait_closed()
        raise wire.Closed

    evidence.wait_counted()


def test_a_message_that_breaks_off_leaves_nothing(client, evidence):
    client.send(options()[:120])
    client.close()

    evidence.wait_counted()


def test_a_reset_in_the_middle_of_a_message_leaves_nothing(client, evidence):
    client.send(options()[:120])
    client.reset()

    evidence.wait_counted()


def test_a_client_that_leaves_in_the_middle_of_its_registration_leaves_nothing(client, edge):
    client.send(request("REGISTER", user="ivan"))
    client.reset()

    edge.wait_sessions_zero()


def test_a_flood_of_messages_on_one_connection_is_cut_off(client, evidence):
    with pytest.raises((wire.Closed, TimeoutError)):
        for _ in range(3000):
            client.send(options())
        client.wait_closed()
        raise wire.Closed

    evidence.wait_counted()


def test_a_source_that_connects_too_fast_is_refused_and_others_are_not(net, edge, alice, bob, evidence):
    crowd = []
    try:
        for _ in range(150):
            crowd.append(net["outside"].connect(edge.configuration.outside_at, network.OUTSIDE_OTHER))

        assert [name for name in evidence.wait_counted() if "refused" in name or "closed" in name]
        mark = bob.mark()
        alice.say("still here")
        bob.wait_text("still here", mark)
    finally:
        for stream in crowd:
            stream.close()


def test_someone_else_in_from_is_refused_on_a_proved_connection(client, evidence):
    assert client.register("judy").status == 200

    client.send(request("MESSAGE", "sip:bob@edge.example", user="alice", body="it is I", headers=["Content-Type: text/plain"]))

    assert client.outcome() == 403
    evidence.wait_counted()


def test_a_keep_alive_is_answered(client):
    """RFC 5626, 4.4.1: two CRLFs ask, one answers."""
    assert client.register("judy").status == 200

    assert client.pong()


def test_after_all_that_a_call_works_as_ever(alice, bob):
    alice.forget()
    bob.forget()
    talk(alice, bob)
    hang_up(alice, bob)
