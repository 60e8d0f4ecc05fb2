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

REFUSED_DROPPED_OR_CLOSED = re.compile(r'(refused|dropped|closed)_total.*reason="([^"]+)"')


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
        """The reasons for which something was refused, dropped or closed."""
        return {match[2] for name in self._edge.risen(self._before) if (match := REFUSED_DROPPED_OR_CLOSED.search(name))}

    def wait_counted(self, reason):
        """`reason` and not just any: every connection is closed in the end, by one limit or another."""
        eventually(lambda: reason in self.counted(), lambda: f"{reason} counted; it was {self.counted()}", 10.0)

    def wait_logged_reason(self):
        """The log names a reason that was counted. A flood is logged a few lines a second, so it may be an earlier line
        of the same reason."""
        eventually(lambda: any(f"reason={reason}" in self._edge.log for reason in self.counted()),
                   lambda: f"a reason in the log for {self.counted()}", 10.0)


@pytest.fixture(autouse=True)
def evidence(edge, alice):
    """Around each test: connections and sessions are as before, the node lives and its memory is bounded."""
    connections = edge.total("sallyport_connections", 'side="outside"')
    with edge.grows_less_than(GROWTH_MAX_BYTES):
        yield Evidence(edge)
        edge.assert_well()
        eventually(lambda: edge.total("sallyport_connections", 'side="outside"') <= connections,
                   "connections are back to what they were")
        edge.wait_sessions_zero()


def options(**how):
    return request("OPTIONS", "sip:bob@edge.example", **how)


FRAMED = {  # name: (message, its answer, the reason that is counted)
    "a version of SIP nobody has": (options().replace(b" SIP/2.0\r\n", b" SIP/7.0\r\n", 1), 505, "unsupported_version"),
    "a header line without a colon": (options(headers=["This is no header"]), 400, "missing_colon"),
    "a NUL in a header": (options(headers=["Subject: a\0b"]), 400, "control_character"),
    "a CSeq that names another method": (options(replace={"CSeq": "1 INVITE"}), 400, "CSeq Method Mismatch"),
    "a CSeq out of range": (options(replace={"CSeq": "99999999999 OPTIONS"}), 400, "Bad CSeq"),
    "no Call-ID": (options(drop=["Call-ID"]), 400, "Missing Header Field"),
    "no Via": (options(drop=["Via"]), 400, "Missing Header Field"),  # Nothing says where to, but the stream it came on does.
    "no To": (options(drop=["To"]), 400, "Missing Header Field"),
    "no From": (options(drop=["From"]), 400, "Missing Header Field"),
    "two From": (options(headers=["From: <sip:other@edge.example>;tag=2"]), 400, "Duplicate Header Field"),
    "a Max-Forwards that is no number": (options(replace={"Max-Forwards": "many"}), 400, "Bad Max-Forwards"),
    "no hop left": (options(replace={"Max-Forwards": "0"}), 483, "Too Many Hops"),
    "an extension a proxy must know": (options(headers=["Proxy-Require: telepathy"]), 420, "Bad Extension"),
    "a scheme nobody routes": (request("OPTIONS", "nobodyKnowsThis:totallyopaquecontent"), 416, "Unsupported URI Scheme"),
    "a call before registering": (request("INVITE", "sip:bob@edge.example"), 403, "not_registered"),
    "a registration elsewhere": (request("REGISTER", "sip:elsewhere.example", to="<sip:a@elsewhere.example>"), 403, "foreign_registration"),
    "a route token we never wrote": (options(headers=[
        f"Route: <sip:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@{network.EDGE_OUTSIDE}:443;transport=tls;lr>"]), 403, "forged_token"),
}

BROKEN_STREAMS = {
    "no SIP at all": (b"GARBAGE GARBAGE GARBAGE\r\n\r\n", "closed", "not_sip"),
    "HTTP": (b"GET / HTTP/1.1\r\nHost: edge.example\r\n\r\n", "closed", "service_absent"),
    "bytes that are no text": (bytes(range(128, 256)) * 4, "closed", "protocol_unknown"),
    "a request line of two parts": (options().replace(b" SIP/2.0\r\n", b"\r\n", 1), "closed", "not_sip"),
    "a negative Content-Length": (options(replace={"Content-Length": "-1"}), 400, "bad_content_length"),
    "two Content-Lengths that differ": (options(headers=["Content-Length: 7"]), 400, "conflicting_content_length"),
    "no Content-Length on a stream": (options(drop=["Content-Length"]), 400, "missing_content_length"),
    "a Content-Length of twenty digits": (options(replace={"Content-Length": "9" * 20}), 513, "body_too_long"),
    "a Content-Length past the limit": (options(replace={"Content-Length": "100000"}), 513, "body_too_long"),
    "a body past the limit": (options(body="x" * 60 * 1024), 513, "body_too_long"),
    "a head past the limit": (options(headers=["Subject: " + "x" * 20 * 1024]), "closed", "head_too_long"),
    "a flood of headers": (options(headers=[f"X-{number}: y" for number in range(400)]), 513, "too_many_headers"),
}

UNANSWERABLE = {  # name: (message, the reason that is counted)
    "a reply that matches nothing": (
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS 198.51.100.1:443;branch=z9hG4bKnothing\r\n"
        b"Via: SIP/2.0/TLS 198.51.100.4:5061;branch=z9hG4bKelse\r\nFrom: <sip:a@edge.example>;tag=1\r\n"
        b"To: <sip:b@edge.example>;tag=2\r\nCall-ID: nothing\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
        "stray_response"),
    "a reply that never went our way": (
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS 203.0.113.9;branch=z9hG4bKx\r\n"
        b"From: <sip:a@edge.example>;tag=1\r\nTo: <sip:b@edge.example>;tag=2\r\nCall-ID: nothing\r\nCSeq: 1 INVITE\r\n"
        b"Content-Length: 0\r\n\r\n",
        "not_our_via"),
    "an ACK of nothing": (request("ACK", "sip:bob@edge.example"), "ack_without_dialog"),
}


@pytest.mark.parametrize("what", FRAMED)
def test_a_request_the_rfc_refuses_gets_its_answer(client, evidence, what):
    message, status, reason = FRAMED[what]
    client.send(message)

    assert client.outcome() == status
    evidence.wait_counted(reason)


def test_a_cancel_of_nothing_gets_481(client):
    """Not counted as a refusal: the answer is the transaction layer's, like the 200 that a CANCEL gets otherwise."""
    client.send(request("CANCEL", "sip:bob@edge.example"))

    assert client.outcome() == 481


@pytest.mark.parametrize("what", BROKEN_STREAMS)
def test_a_stream_that_cannot_be_framed_is_closed(client, evidence, what):
    message, outcome, reason = BROKEN_STREAMS[what]
    client.send(message)

    assert client.outcome() == outcome
    if what != "a flood of headers":  # Its end is known, so the connection can go on.
        assert outcome == "closed" or client.wait_closed()
    evidence.wait_counted(reason)
    if outcome == "closed":
        evidence.wait_logged_reason()


@pytest.mark.parametrize("what", UNANSWERABLE)
def test_a_message_nobody_can_answer_is_dropped_and_the_connection_goes_on(client, evidence, what):
    message, reason = UNANSWERABLE[what]
    client.send(message)
    client.send(request("REGISTER", user="heidi"))

    assert client.final().status == 401  # The first reply of all is the registrar's to what came after.
    evidence.wait_counted(reason)


def test_a_connection_that_says_nothing_is_closed(plain, evidence):
    assert plain.wait_closed()
    evidence.wait_counted("handshake_timeout")
    evidence.wait_logged_reason()


def test_a_handshake_that_stops_after_its_first_message_is_closed(plain, evidence):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="sip.edge.example").do_handshake()

    plain.send(outgoing.read())

    assert plain.wait_closed()
    evidence.wait_counted("handshake_timeout")


def test_a_handshake_with_nothing_after_it_is_closed(client, evidence):
    assert client.wait_closed()
    evidence.wait_counted("protocol_timeout")


def test_plain_text_on_the_tls_port_is_closed(plain, evidence):
    plain.send(options())

    assert plain.wait_closed()
    evidence.wait_counted("plain_text_on_tls")
    evidence.wait_logged_reason()


def test_a_message_that_drips_in_is_closed_however_busily_it_drips(client, evidence):
    client.send(b"OPTIONS sip:bob@edge.example SIP/2.0\r\n")

    with pytest.raises(wire.Closed):
        client.drip(b"Subject: " + b"z" * 200)

    evidence.wait_counted("protocol_timeout")
    evidence.wait_logged_reason()


def test_a_message_that_never_ends_is_closed_at_the_limit(client, evidence):
    client.send(b"OPTIONS sip:bob@edge.example SIP/2.0\r\n")

    with pytest.raises(wire.Closed):
        for _ in range(16 * 1024):
            client.send(b"X-Again: and again\r\n" * 50)
        # What comes while a connection closes may still be taken off the wire; it ends all the same.
        client.wait_closed()
        raise wire.Closed

    evidence.wait_counted("head_too_long")


def test_a_message_that_breaks_off_leaves_nothing(client, evidence):
    assert client.pong()  # The handshake's last bytes are read: unread ones would make a reset of the end.
    client.send(options()[:120])
    client.close()

    evidence.wait_counted("peer_closed")


def test_a_reset_in_the_middle_of_a_message_leaves_nothing(client, evidence):
    assert client.pong()
    client.send(options()[:120])
    client.reset()

    evidence.wait_counted("reset")


def test_a_client_that_leaves_in_the_middle_of_its_registration_leaves_nothing(client, edge):
    client.send(request("REGISTER", user="ivan"))
    client.reset()

    edge.wait_sessions_zero()


def test_a_flood_of_messages_on_one_connection_is_cut_off(client, evidence):
    with pytest.raises(wire.Closed):
        for _ in range(3000):
            client.send(options())
        client.wait_closed()
        raise wire.Closed

    evidence.wait_counted("message_rate")


def test_a_source_that_connects_too_fast_is_refused_and_others_are_not(net, edge, alice, bob, evidence):
    crowd = []
    try:
        for _ in range(150):
            crowd.append(net["outside"].connect(edge.configuration.outside_at, network.OUTSIDE_OTHER))

        evidence.wait_counted("source_rate")
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
    evidence.wait_counted("wrong_identity")


def test_a_keep_alive_is_answered(client):
    """RFC 5626, 4.4.1: two CRLFs ask, one answers."""
    assert client.register("judy").status == 200

    assert client.pong()


def test_after_all_that_a_call_works_as_ever(alice, bob):
    alice.forget()
    bob.forget()
    talk(alice, bob)
    hang_up(alice, bob)
