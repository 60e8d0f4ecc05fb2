"""What a node wrote into Path and Record-Route in a former life: it still knows its hand, and leads nobody astray. That
life ended in order in some tests; in the others it was killed."""

import re

import pytest

from peers import sip
from peers.configuration import Configuration, new_secret
from peers.next_hop import ADDRESS as NEXT_HOP, NextHop, agrees, registers

CALL = "a-call-of-before"


def nothing_said_to(phone):
    """A keep-alive comes back at once: had anything been sent before it, it would have come first."""
    return phone.pong()


def path_after_registering(phone, next_hop, user):
    assert phone.register(user).status == 200
    return next_hop.of("REGISTER")[-1].header("Path")


def toward_client(path, method="MESSAGE", user="ada"):
    """What a registrar sends along the Path of a registration."""
    return sip.request(method, f"sip:{user}@127.0.0.1:5061;transport=tls", user="bob", headers=[f"Route: {path}"],
                       to=f"<sip:{user}@edge.example>", address=NEXT_HOP)


def forged(path):
    """The same with its last character another: the authentication code does not match any more."""
    token = re.search(r"sip:([\w-]+)@", path)[1]
    return path.replace(token, token[:-1] + ("A" if token[-1] != "A" else "B"))


@pytest.fixture
def first_life(behind, next_hop, start):
    """(a node, the path of ada's registration with it)"""
    node = start(behind)
    with behind.phone() as phone:
        return node, path_after_registering(phone, next_hop, "ada")


@pytest.fixture
def two_lives(behind, start, first_life):
    """(path of ada's registration in the node's first life, the node in its second)"""
    node, path = first_life
    node.stop_cleanly()
    return path, start(behind)


def test_a_path_of_this_life_leads_to_the_client(behind, certificates, next_hop, start):
    start(behind)
    with behind.phone() as phone, behind.server(certificates.next_hop) as server:
        server.send(toward_client(path_after_registering(phone, next_hop, "ada")))
        assert phone.read().start_line.startswith("MESSAGE ")


@pytest.mark.parametrize("method", ["MESSAGE", "INVITE", "OPTIONS", "NOTIFY", "SUBSCRIBE"])
def test_a_path_of_a_former_life_says_that_the_flow_is_gone(behind, certificates, next_hop, two_lives, method):
    """RFC 5626, 5.3.1: 430, so that the registrar tries the client's next flow."""
    path, node = two_lives
    with behind.phone() as other, behind.server(certificates.next_hop) as server:
        fresh = path_after_registering(other, next_hop, "eve")  # She may well have the place that was ada's.
        assert fresh != path
        seen = len(next_hop.seen)

        server.send(toward_client(path, method))

        assert server.final().status == 430
        assert nothing_said_to(other)
        assert len(next_hop.seen) == seen, "it came back to where it came from"


def test_the_token_of_a_former_life_never_reaches_any_of_many_flows(behind, certificates, next_hop, start):
    """Every place of the first life's flows is somebody else's in the second."""
    node = start(behind)
    phones = [behind.phone() for _ in range(6)]
    paths = [path_after_registering(phone, next_hop, f"user{i}") for i, phone in enumerate(phones)]
    node.kill()
    start(behind)
    others = [behind.phone() for _ in range(6)]
    for i, other in enumerate(others):
        path_after_registering(other, next_hop, f"other{i}")

    with behind.server(certificates.next_hop) as server:
        statuses = set()
        for path in paths:
            server.send(toward_client(path))
            statuses.add(server.final().status)
        assert statuses == {430}
    assert all(nothing_said_to(other) for other in others)
    for one in (*phones, *others):
        one.close()


def test_a_forged_path_is_refused(behind, certificates, next_hop, start):
    node = start(behind)
    with behind.phone() as phone, behind.server(certificates.next_hop) as server:
        path = path_after_registering(phone, next_hop, "ada")
        server.send(toward_client(forged(path)))
        assert server.final().status == 403
        assert nothing_said_to(phone)
    assert node.total("sallyport_sip_refused_total", 'reason="forged_token"') == 1


def test_a_path_under_another_secret_is_refused(behind, certificates, next_hop, start, first_life):
    node, path = first_life
    node.kill()
    behind.secret.write_text(new_secret())
    start(behind)
    with behind.phone() as other, behind.server(certificates.next_hop) as server:
        path_after_registering(other, next_hop, "eve")
        server.send(toward_client(path))
        assert server.final().status == 403
        assert nothing_said_to(other)


def test_a_secret_that_leaves_still_opens_and_no_longer_seals(behind, certificates, start, first_life):
    """The rotation of docs/configuration.md: the tokens of the former secret are known, as those of a former life."""
    node, path = first_life
    node.kill()
    former = behind.secret_text
    for _ in range(10):  # Two secrets in 256 pairs have the same key id, and are refused.
        behind.secret.write_text(new_secret())
        if len(behind.text.split("EDGE_FORMER")) == 1:
            behind.change(f"- file: {behind.secret}", f"- file: {behind.secret}\n    - env: EDGE_FORMER")
        if behind.check(EDGE_FORMER=former).code == 0:
            break
    start(behind, EDGE_FORMER=former)
    with behind.server(certificates.next_hop) as server:
        server.send(toward_client(path))
        assert server.final().status == 430


def test_a_path_outside_is_of_no_use(behind, next_hop, two_lives):
    path, _ = two_lives
    with behind.phone() as phone:
        seen = len(next_hop.seen)
        phone.send(sip.request("MESSAGE", headers=[f"Route: {path}"]))
        assert phone.final().status == 403
        assert len(next_hop.seen) == seen


def accepts_call(connection, request):
    """Answers an INVITE as a callee would; everything else as ever."""
    if request.method == "INVITE":
        connection.send(sip.reply_to(request, 200, "OK", [f"Contact: <sip:bob@{NEXT_HOP}:5080;transport=tls>"]))
    else:
        agrees(connection, request)


@pytest.fixture
def former_call(tmp_path, certificates, start):
    """(configuration, next hop, Record-Route of a call that was answered in the node's first life); it is in its second."""
    with NextHop(certificates, registers(accepts_call)) as next_hop:
        configuration = Configuration(tmp_path / "edge1", certificates, next_hop.at)
        node = start(configuration)
        with configuration.phone() as phone:
            assert phone.register().status == 200
            phone.send(sip.request("INVITE", "sip:bob@edge.example", to="<sip:bob@edge.example>", call=CALL))
            assert phone.final().status == 200
        routes = [value.strip() for line in next_hop.of("INVITE")[0].headers("Record-Route") for value in line.split(",")]
        assert len(routes) == 2
        node.kill()
        start(configuration)
        yield configuration, next_hop, routes


def within(method, routes, from_inside=False, call=CALL, **how):
    """A request of the dialog `call` with its route set."""
    uri = "sip:ada@127.0.0.1:5061;transport=tls" if from_inside else f"sip:bob@{NEXT_HOP}:5080;transport=tls"
    order = routes if from_inside else reversed(routes)
    return sip.request(method, uri, user="bob" if from_inside else "ada", call=call,
                       to="<sip:x@edge.example>;tag=known", headers=[f"Route: {value}" for value in order], **how)


@pytest.mark.parametrize("method", ["BYE", "INVITE", "MESSAGE"])
def test_from_inside_the_flow_of_a_former_dialog_is_gone(former_call, certificates, method):
    configuration, next_hop, routes = former_call
    with configuration.phone() as other, configuration.server(certificates.next_hop) as server:
        assert other.register("eve").status == 200
        seen = len(next_hop.seen)

        server.send(within(method, routes, from_inside=True))

        assert server.final().status == 430
        assert nothing_said_to(other) and len(next_hop.seen) == seen


def test_from_outside_a_former_dialog_goes_on_for_a_client_that_came_back(former_call):
    """Its tokens are enough, on a connection that has not registered yet: re-INVITE, the ACK of its 200, and BYE."""
    configuration, next_hop, routes = former_call
    with configuration.phone() as client:
        client.send(within("INVITE", routes, cseq=2))
        assert client.final().status == 200
        client.send(within("ACK", routes, cseq=2))
        ack = next_hop.wait_for("ACK")
        client.send(within("BYE", routes, cseq=3))
        assert client.final().status == 200

    assert len(next_hop.of("INVITE")) == 2 and len(next_hop.of("BYE")) == 1
    assert "Route:" not in ack.text.replace("Record-Route:", "")


def test_a_former_dialog_is_known_with_its_own_call_id_alone(former_call):
    configuration, next_hop, routes = former_call
    seen = len(next_hop.seen)
    with configuration.phone() as client:
        client.send(within("BYE", routes, call="of-another"))
        assert client.final().status == 403
    assert len(next_hop.seen) == seen
