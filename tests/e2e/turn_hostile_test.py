"""Whoever is on the other end of the relay's ports may say anything. Broken things are met with silence or the code that
RFC 8656 names, and the node goes on serving everybody else."""

import random
import secrets
import struct

import pytest

import network
from peers import turn
from peers.processes import eventually
from peers.turn import assert_relayed, relaying

CHALLENGE_BYTES, CODE_BYTES = 64, 28

TCP = b"\x06\0\0\0"
IPV6 = b"\x02\0\0\0"

pytestmark = pytest.mark.usefixtures("serves_everybody_else", "stays_small")


# ---- what is no request ----------------------------------------------------------------------------------------------


def broken(data, place, value=None):
    """`data` with the byte at `place` replaced; without a value, by one that it is not."""
    changed = bytearray(data)
    changed[place] = changed[place] ^ 0xFF if value is None else value
    return bytes(changed)


def garbage():
    source = random.Random(7)
    yield b""
    for first in range(256):
        for size in (1, 3, 4, 5, 19, 20, 28, 200):
            yield bytes([first]) + source.randbytes(size - 1)
    # With the cookie in its place and nothing else right.
    for size in range(20, 400, 7):
        yield source.randbytes(2) + b"\xff\xff" + struct.pack("!I", turn.COOKIE) + source.randbytes(size - 8)
    yield source.randbytes(60000)


def wrong_lengths():
    binding = turn.message(turn.BINDING, turn.REQUEST)
    allocate = turn.message(turn.ALLOCATE, turn.REQUEST, [(turn.TRANSPORT, turn.UDP)])
    yield from (allocate[:size] for size in range(1, len(allocate)))
    yield from (broken(binding, 3, length) for length in (1, 2, 3, 4, 255))
    yield from (broken(allocate, 3, length) for length in (0, 4, 7, 9, 12))
    # An attribute that goes on past the message.
    yield from (broken(allocate, 23, length) for length in (5, 8, 255))
    yield binding + b"\0" * 4


SAID_TO_A_SERVER = {
    "garbage": list(garbage()),
    "wrong lengths": list(wrong_lengths()),
    "a broken fingerprint": [broken(turn.message(method, turn.REQUEST, fingerprint=True), place)
                             for method in (turn.BINDING, turn.ALLOCATE) for place in (8, 19, 24, 27)],
    "responses": [turn.message(method, kind) for method in range(16) for kind in (turn.SUCCESS, turn.ERROR)],
    "indications of nobody": [turn.message(method, turn.INDICATION) for method in range(16)],
    "methods nobody has": [turn.message(method, turn.REQUEST) for method in (0, 2, 5, 10, 11, 12, 0xFFF)],
    "channels without an allocation": [turn.channel_data(number, b"hello") for number in (0x4000, 0x4FFF, 0x7FFF)],
}


@pytest.mark.parametrize("what", SAID_TO_A_SERVER)
@pytest.mark.parametrize("allocated", [False, True], ids=["from an unauthenticated client", "from a client with an allocation"])
def test_what_is_no_request_is_met_with_silence(clients, peers, what, allocated):
    client, peer = clients("alice"), peers()
    if allocated:
        relaying(client, peer)

    said = SAID_TO_A_SERVER[what]
    for start in range(0, len(said), 100):
        assert client.since(*said[start:start + 100]) == []

    if allocated:
        assert_relayed(client, peer)


def test_a_fingerprint_that_is_right_is_answered(clients):
    client = clients("alice")

    assert client.ask(turn.message(turn.BINDING, turn.REQUEST, fingerprint=True)).address(turn.MAPPED) == \
        client.socket.getsockname()


def test_an_attribute_that_must_be_understood_and_is_not_is_named(clients):
    answer = clients("alice").ask(turn.message(turn.BINDING, turn.REQUEST, [(0x7777, b"what"), (0x7001, b"")]))

    assert answer.code == 420
    assert answer.find(turn.UNKNOWN)[:4] == b"\x77\x77\x70\x01"


# ---- who may ---------------------------------------------------------------------------------------------------------


def test_a_challenge_is_small_and_tells_realm_and_nonce(clients):
    """What a forged source would be sent must not be worth forging one (it asked with 28 bytes)."""
    answer = clients("alice").ask(turn.message(turn.ALLOCATE, turn.REQUEST, [(turn.TRANSPORT, turn.UDP)]))

    assert answer.code == 401
    assert answer.find(turn.REALM) == b"edge.example" and answer.find(turn.NONCE)
    assert len(answer.raw) == CHALLENGE_BYTES


@pytest.mark.parametrize("method, code", [(turn.ALLOCATE, 400), (turn.REFRESH, 437), (turn.CREATE_PERMISSION, 437),
                                          (turn.CHANNEL_BIND, 437)])
def test_twenty_bytes_that_credentials_would_not_help_earn_a_code_and_no_more(clients, method, code):
    answer = clients("alice").ask(turn.message(method, turn.REQUEST))

    assert answer.code == code
    assert len(answer.raw) == CODE_BYTES


def test_an_address_that_proves_nothing_is_answered_within_its_budget_and_a_client_with_a_relay_always(
        edges, registrar, clients, peers):
    node = edges("edge-budget", number=1, limits={"unproved_answer_bytes_per_source": "1000/s"})
    client, stranger = clients("alice", node=node), clients("alice", node=node)
    assert client.allocate().code == 0
    binding = turn.message(turn.BINDING, turn.REQUEST)
    for _ in range(3000):
        stranger.say(binding)

    eventually(lambda: node.total("sallyport_turn_unauthorized_suppressed_total") > 0, "its budget ends")
    for _ in range(50):
        assert client.binding() == client.socket.getsockname()
    client.close()
    node.wait_allocations_zero()
    node.stop_cleanly()


def credentials(client, **replaced):
    named = {"user": client.user.encode(), "realm": client.realm, "nonce": client.nonce, **replaced}
    return [(kind, named[name]) for kind, name in
            ((turn.USERNAME, "user"), (turn.REALM, "realm"), (turn.NONCE, "nonce")) if named[name] is not None]


REFUSED = {  # name: (what is not as it was told, the code)
    "an unknown user": (dict(user=b"nobody"), 401),
    "a foreign realm": (dict(realm=b"other.example"), 401),
    "a forged nonce": (dict(nonce=b"A" * 16), 438),
    "a nonce of another length": (dict(nonce=b"A" * 200), 438),
    "an empty nonce": (dict(nonce=b""), 438),
    "no user": (dict(user=None), 400),
    "no realm": (dict(realm=None), 400),
    "no nonce": (dict(nonce=None), 400),
}


@pytest.mark.parametrize("what", REFUSED)
def test_who_is_not_who_he_says_is_refused(clients, what):
    replaced, code = REFUSED[what]
    client = clients("alice")
    client.challenge()

    answer = client.ask(turn.message(turn.ALLOCATE, turn.REQUEST,
                                     [(turn.TRANSPORT, turn.UDP), *credentials(client, **replaced)], key=client.key))

    assert answer.code == code
    assert not answer.is_signed_with(client.key)
    assert (answer.find(turn.NONCE) is not None) == (code in (401, 438))


def test_a_wrong_password_is_refused_as_an_unknown_user_is(clients):
    client = clients("alice")
    client.password = "guessed"

    assert client.allocate().code == 401


def test_somebody_elses_nonce_is_worth_nothing(clients):
    thief, owner = clients("alice"), clients("alice")
    owner.challenge()
    thief.challenge()
    thief.nonce = owner.nonce

    answer = thief.ask(thief.signed(turn.ALLOCATE, [(turn.TRANSPORT, turn.UDP)]))

    assert answer.code == 438
    thief.nonce = answer.find(turn.NONCE)
    assert thief.allocate().code == 0


def test_a_stale_nonce_is_told_and_the_allocation_lives_on(edges, registrar, clients, peers):
    node = edges("edge-stale", number=1, limits={"nonce_lifetime": "1s"})
    client, peer = clients("alice", node=node), peers()
    relaying(client, peer)

    def refused():
        return client.ask(client.signed(turn.REFRESH, [(turn.LIFETIME, struct.pack("!I", 600))])).code == 438
    eventually(refused, "the nonce is stale")

    assert client.refresh(600).code == 0
    assert_relayed(client, peer)
    client.close()
    node.wait_allocations_zero()
    node.stop_cleanly()


# ---- whose allocation it is ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [turn.REFRESH, turn.CREATE_PERMISSION, turn.CHANNEL_BIND])
def test_without_an_allocation_there_is_nothing_to_change(clients, method):
    client = clients("alice")
    client.challenge()

    transaction = secrets.token_bytes(12)
    peer = (turn.PEER, turn.address((network.OUTSIDE_OTHER, 9), transaction))
    assert client.ask(client.signed(method, [(turn.CHANNEL, b"\x40\0\0\0"), peer], transaction=transaction)).code == 437


def test_a_second_allocation_on_the_same_5_tuple_is_refused(clients, peers):
    client, peer = clients("alice"), peers()
    relaying(client, peer)

    assert client.ask(client.signed(turn.ALLOCATE, [(turn.TRANSPORT, turn.UDP)])).code == 437

    assert_relayed(client, peer)


def test_a_retransmitted_allocate_gets_the_same_answer_and_makes_no_second_one(clients, edge):
    client = clients("alice")
    client.challenge()
    asked = client.signed(turn.ALLOCATE, [(turn.TRANSPORT, turn.UDP)])

    first = client.ask(asked)
    again = [client.ask(asked) for _ in range(5)]

    client.relayed = first.address(turn.RELAYED)
    assert [answer.address(turn.RELAYED) for answer in again] == [client.relayed] * 5
    assert {answer.code for answer in again} == {0}
    assert edge.total("sallyport_allocations") == 1


def test_a_stolen_5_tuple_is_of_no_use_without_its_credentials(clients, peers):
    """Somebody else with good credentials sends from the client's very address and port (behind the same NAT, say)."""
    client, peer = clients("alice"), peers()
    relaying(client, peer)
    thief = clients("erin")
    thief.socket.close()
    thief.socket = client.socket.dup()
    thief.challenge()

    assert thief.request(turn.REFRESH, [(turn.LIFETIME, bytes(4))]).code == 441
    assert thief.permit(network.OUTSIDE_LOAD).code == 441
    assert thief.bind(0x4000, peer.at).code == 441
    assert thief.request(turn.ALLOCATE, [(turn.TRANSPORT, turn.UDP)]).code in (437, 441)

    assert_relayed(client, peer)


ASKED_OF_ALLOCATE = {  # name: (attributes, the code)
    "nothing": ([], 400),
    "a TCP relay": ([(turn.TRANSPORT, TCP)], 442),
    "an IPv6 address": ([(turn.TRANSPORT, turn.UDP), (turn.FAMILY, IPV6)], 440),
    "an address of no family": ([(turn.TRANSPORT, turn.UDP), (turn.FAMILY, b"\x07\0\0\0")], 440),
    "a transport of three bytes": ([(turn.TRANSPORT, b"\x11\0\0")], 400),
    "a token and an even port": ([(turn.TRANSPORT, turn.UDP), (turn.TOKEN, bytes(8)), (turn.EVEN_PORT, b"\x80")], 400),
    "a token nobody gave": ([(turn.TRANSPORT, turn.UDP), (turn.TOKEN, b"mytoken!")], 508),
    "what nobody understands": ([(turn.TRANSPORT, turn.UDP), (0x7777, b"")], 420),
}


@pytest.mark.parametrize("what", ASKED_OF_ALLOCATE)
def test_what_cannot_be_allocated_is_refused_by_its_code(clients, what):
    attributes, code = ASKED_OF_ALLOCATE[what]

    assert clients("alice").request(turn.ALLOCATE, attributes).code == code


def test_an_even_port_keeps_the_next_one_for_whoever_has_the_token(clients):
    first, second = clients("alice"), clients("alice")
    answer = first.allocate((turn.EVEN_PORT, b"\x80"))
    assert answer.code == 0 and first.relayed[1] % 2 == 0

    assert second.allocate((turn.TOKEN, answer.find(turn.TOKEN))).code == 0
    assert second.relayed == (first.relayed[0], first.relayed[1] + 1)
