"""Two phones call each other through the edge: the signalling. What they hear is asserted in media_test.py."""

import pytest

from phone import hang_up, ring, talk


@pytest.fixture(autouse=True)
def leaves_no_session(edge):
    yield
    edge.wait_sessions_zero()


def end_a_call(caller, callee, who):
    talk(caller, callee)
    mark = who.mark()

    hang_up(who, caller if who is callee else callee)

    who.wait_status("BYE", 200, mark)


def test_a_call_rings_is_answered_and_is_ended_by_the_caller(parties):
    caller, callee = parties
    end_a_call(caller, callee, caller)


def test_a_call_rings_is_answered_and_is_ended_by_the_callee(parties):
    caller, callee = parties
    end_a_call(caller, callee, callee)


def test_the_ack_of_an_answer_reaches_the_callee(parties):
    caller, callee = parties
    mark = callee.mark()
    talk(caller, callee)

    callee.wait_message(lambda message: message.is_request and message.method == "ACK", mark)

    hang_up(caller, callee)


@pytest.mark.parametrize("holder", ["caller", "callee"])
def test_a_call_is_held_and_resumed(parties, holder):
    caller, callee = parties
    talk(caller, callee)
    first, second = (caller, callee) if holder == "caller" else (callee, caller)

    for action, direction in ((first.hold, "a=sendonly"), (first.resume, "a=sendrecv")):
        here, there = first.mark(), second.mark()
        action()
        offer = second.wait_message(
            lambda message: message.is_request and message.method == "INVITE" and direction in message.body, there)
        assert ";tag=" in offer.header("To"), "a re-INVITE is inside its dialog"
        first.wait_status("INVITE", 200, here)
        second.wait_message(lambda message: message.is_request and message.method == "ACK", there)

    hang_up(second, first)


def test_a_busy_callee_is_told_to_the_caller_as_486(parties):
    caller, callee = parties
    ring(caller, callee)

    callee.hangup()

    assert caller.wait_event("CALL_CLOSED")["param"].startswith("486 ")
    callee.wait_event("CALL_CLOSED")


def test_a_call_nobody_answers_ends_with_the_registrars_408(parties, registrar):
    caller, callee = parties
    mark = callee.mark()
    with registrar.gives_up_after(1.0):
        ring(caller, callee)
        closed = caller.wait_event("CALL_CLOSED")

    assert closed["param"].startswith("408 ")
    callee.wait_event("CALL_CLOSED")
    # The registrar cancelled the branch; the cancel found its way as the call did.
    callee.wait_message(lambda message: message.is_request and message.method == "CANCEL", mark)


def test_a_caller_who_gives_up_cancels_the_ringing(parties):
    caller, callee = parties
    here, there = caller.mark(), callee.mark()
    ring(caller, callee)

    caller.hangup()

    callee.wait_event("CALL_CLOSED")
    callee.wait_message(lambda message: message.is_request and message.method == "CANCEL", there)
    caller.wait_status("CANCEL", 200, here)
    caller.wait_status("INVITE", 487, here)
    # RFC 3261, 17.1.1.3: the 487 is acknowledged hop by hop, so the callee hears an ACK too.
    callee.wait_message(lambda message: message.is_request and message.method == "ACK", there)
    caller.wait_event("CALL_CLOSED")


def test_nobody_of_that_name_is_told_to_the_caller_as_404(alice, edge):
    alice.forget()
    alice.dial("sip:nobody@edge.example")

    assert alice.wait_event("CALL_CLOSED")["param"].startswith("404 ")


def test_our_via_and_route_hide_nothing_the_callee_needs(alice, bob):
    """The INVITE that bob gets names the edge twice in Record-Route: once a side (RFC 3261, 16.6 step 4; RFC 5658)."""
    alice.forget()
    bob.forget()
    mark = bob.mark()
    ring(alice, bob)

    invite = bob.wait_message(lambda message: message.is_request and message.method == "INVITE", mark)
    routes = ",".join(invite.headers("Record-Route"))
    assert routes.count("10.77.0.1:5061") >= 1, routes
    assert len([route for route in routes.split(",") if "10.77.0.2" not in route]) == 2, routes

    alice.hangup()
    bob.wait_event("CALL_CLOSED")
    alice.wait_event("CALL_CLOSED")
