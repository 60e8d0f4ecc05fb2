"""A next hop that is down, hangs, resets, stalls or talks nonsense, and inside peers that do: the edge answers for it,
and finds back to work by itself. The files' own nodes look for their next hop where a fake one stands, or does not."""

import contextlib
import os
import signal

import pytest

import mallory
import network
from peers import sip, wire
from peers.host import At
from peers.next_hop import NextHop, registers
from peers.processes import eventually

FAKE = At(network.FAKE_NEXT_HOP, 5061)
STALLED = At(network.FAKE_NEXT_HOP, 5062)
NO_NEXT_HOP = {503}  # RFC 3261, 16.9 and 16.7 step 6: there is one target, and it cannot be reached


@pytest.fixture(scope="module")
def lonely(edges):
    """A node whose next hop is whatever stands at the fake's address just then. It gives clients longer for their
    handshakes than its next hop to be connected to, so that the end of one can be told from the end of the other."""
    return edges("edge-lonely", number=1, next_hop=FAKE, limits={"handshake_timeout": "10s"})


@pytest.fixture(scope="module", autouse=True)
def stalled(edges, net, certificates):
    """A next hop that takes an INVITE and a MESSAGE and never says a word about them. Begun first, looked at last:
    the RFC gives it 32 seconds."""
    edge = edges("edge-stalled", number=2, next_hop=STALLED)
    with NextHop(certificates, registers(is_silent), at=STALLED, host=net["inside"]) as fake:
        with edge.client() as caller, edge.client() as writer:
            assert caller.register("mallory").status == 200
            assert writer.register("mallory").status == 200
            invite = mallory.request("INVITE", "sip:bob@edge.example", body="v=0\r\n",
                                      headers=["Content-Type: application/sdp"])
            caller.send(invite)
            writer.send(mallory.request("MESSAGE", "sip:bob@edge.example", body="hello?",
                                         headers=["Content-Type: text/plain"]))
            yield edge, fake, caller, writer, invite


@pytest.fixture(autouse=True)
def stays_alive(lonely):
    yield
    lonely.assert_well()


@pytest.fixture
def client(lonely):
    with lonely.client() as made:
        yield made


@pytest.fixture
def stands(net, certificates):
    """Puts a next hop where the node looks for its own: `stands(behaviour)`."""
    def make(behaviour):
        return NextHop(certificates, behaviour, at=FAKE, host=net["inside"])
    return make


def is_silent(*_):
    pass


def wait_registered(client, seconds=15.0):
    """The node tries its next hop again at its own pace; until then it answers for it."""
    return eventually(lambda: client.register("mallory").status == 200, "a registration went through", seconds)


def test_a_next_hop_that_is_down_is_answered_for(lonely, client):
    before = lonely.metrics()

    client.send(mallory.request("REGISTER"))

    assert client.outcome(15.0) in NO_NEXT_HOP
    assert [name for name in lonely.risen(before) if "fail" in name or "connect_refused" in name]
    lonely.wait_sessions_zero()


@contextlib.contextmanager
def deaf(net):
    """A listener at the fake's address whose queue is full: the kernel drops what comes, as a host that is off would."""
    with net["inside"].listen(FAKE) as listener:
        listener.listen(0)
        with net["inside"].connect(FAKE):
            yield


@pytest.mark.parametrize("reason", ["connect_timeout", "handshake_timeout"])  # TCP does not stand; TLS does not.
def test_a_next_hop_that_says_nothing_is_answered_for_after_connect_timeout(net, stands, lonely, client, reason):
    timed_out = lonely.closed(reason)
    with deaf(net) if reason == "connect_timeout" else stands(None), wire.connect(
            lonely.configuration.outside_at, source=network.OUTSIDE_OTHER, host=net["outside"]) as begun_before:
        def has_timed_out():  # Just after a failure no connection is tried: the answer is at once.
            client.send(mallory.request("REGISTER"))
            assert client.outcome(15.0) in NO_NEXT_HOP
            return lonely.closed(reason) > timed_out
        eventually(has_timed_out, reason)

        with pytest.raises(TimeoutError):  # `handshake_timeout`, which began earlier, is not over.
            begun_before.wait_closed(0.2)
    lonely.wait_sessions_zero()


def test_a_next_hop_that_comes_back_is_found_again(stands, lonely, client):
    with stands(registers(is_silent)):
        wait_registered(client)
    client.send(mallory.request("REGISTER"))
    assert client.outcome(15.0) in NO_NEXT_HOP

    with stands(registers(is_silent)):
        wait_registered(client)
    lonely.wait_sessions_zero()


def breaks_off(connection, _):
    connection.reset()


def talks_nonsense(connection, _):
    connection.send(b"\x00\x01 I am a teapot\r\n\r\n")


def answers_unframed(connection, request):
    connection.send(sip.reply_to(request, 200, "OK").replace(b"Content-Length: 0", b"Content-Length: x"))


@pytest.mark.parametrize("behaviour", [breaks_off, talks_nonsense, answers_unframed])
@pytest.mark.parametrize("method", ["MESSAGE", "INVITE"])
def test_a_connection_lost_in_the_middle_is_answered_for(stands, lonely, client, behaviour, method):
    with stands(registers(behaviour)):
        wait_registered(client)

        client.send(mallory.request(method, "sip:bob@edge.example"))

        assert client.outcome(15.0) in NO_NEXT_HOP
    lonely.wait_sessions_zero()


def test_replies_that_are_no_replies_are_dropped_and_the_true_one_passes(stands, lonely, client):
    def lies_first(connection, request):
        true = sip.reply_to(request, 202, "Accepted")
        connection.send(true.replace(b"SIP/2.0 202", b"SIP/2.0 999"))
        connection.send(sip.reply_to(request, 202, "Accepted", drop=("via",)))
        connection.send(sip.reply_to(request, 202, "Accepted", drop=("cseq",)))
        connection.send(true.replace(b"branch=z9hG4bK", b"branch=z9hG4bKz"))
        connection.send(true.replace(b" MESSAGE\r\n", b" INVITE\r\n"))
        connection.send(true)

    with stands(registers(lies_first)):
        wait_registered(client)
        before = lonely.metrics()
        client.send(mallory.request("MESSAGE", "sip:bob@edge.example", body="hello"))

        assert client.outcome(15.0) == 202
        assert [name for name in lonely.risen(before) if "drop" in name]
    lonely.wait_sessions_zero()


def test_a_503_from_inside_reaches_the_client_as_500(stands, lonely, client):
    """RFC 3261, 16.7 step 6: our own overload is ours to tell, not the next hop's."""
    def overloaded(connection, request):
        connection.send(sip.reply_to(request, 503, "Service Unavailable", ["Retry-After: 60"]))

    with stands(registers(overloaded)):
        wait_registered(client)
        client.send(mallory.request("MESSAGE", "sip:bob@edge.example", body="hello"))

        reply = client.final(15.0)
        assert reply.status == 500
        assert not reply.header("Retry-After")
    lonely.wait_sessions_zero()


def test_a_caller_who_leaves_while_it_rings_leaves_no_session(stands, lonely):
    def rings(connection, request):
        if request.method == "INVITE":
            connection.send(sip.reply_to(request, 180, "Ringing"))
        elif request.method == "CANCEL":
            connection.send(sip.reply_to(request, 200, "OK"))
            connection.send(sip.reply_to(fake.of("INVITE")[0], 487, "Request Terminated"))

    with stands(registers(rings)) as fake:
        with lonely.client() as caller:
            wait_registered(caller)
            caller.send(mallory.request("INVITE", "sip:bob@edge.example"))
            while caller.read().status != 180:
                pass
            caller.reset()
        lonely.wait_sessions_zero(20.0)


@pytest.fixture
def peer(net, certificates, lonely):
    """A server inside that the node lets in: the right address, the right certificate."""
    with lonely.configuration.server(certificates.next_hop, trust=certificates.inside.certificate,
                                     source=network.FAKE_NEXT_HOP, host=net["inside"]) as made:
        yield made


def inside_request(method, uri, **how):
    return mallory.request(method, uri, address=network.FAKE_NEXT_HOP, **how)


def test_a_request_from_inside_without_a_way_outward_gets_404(peer):
    peer.send(inside_request("MESSAGE", "sip:alice@edge.example", body="hello"))

    assert peer.outcome() == 404


def test_a_request_from_inside_with_a_forged_way_outward_gets_403(peer, lonely):
    peer.send(inside_request("MESSAGE", "sip:alice@edge.example", body="hello", headers=[
        f"Route: <sip:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@{lonely.configuration.inside_at};transport=tls;lr;ob>"]))

    assert peer.outcome() == 403


def test_garbage_from_inside_closes_its_connection(peer, lonely):
    before = lonely.metrics()

    peer.send(b"\r\nthis is no SIP\r\n\r\n")

    assert peer.wait_closed()
    assert lonely.risen(before)


def test_a_registrar_that_freezes_and_thaws_answers_then(edge, registrar):
    with edge.client() as client:
        assert client.register("mallory").status == 200
        frozen = registrar.pids()
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        try:
            client.send(mallory.request("REGISTER"))
            with pytest.raises(TimeoutError):
                client.final(1.0)
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)

        assert client.outcome() == 401
    edge.wait_sessions_zero()


def test_a_stalled_invite_gets_408_and_a_stalled_message_silence(stalled):
    """RFC 3261, 17.1.1.2, Timer B; RFC 4320, 4.2 for what is not an INVITE."""
    edge, fake, caller, writer, invite = stalled
    assert fake.of("INVITE") and fake.of("MESSAGE")

    refusal = caller.final(45.0)
    assert refusal.status == 408
    caller.send(sip.acknowledgement(invite, refusal))
    edge.wait_counts_zero(seconds=60.0)
    with pytest.raises(TimeoutError):
        writer.final(0.2)
    edge.assert_well()
