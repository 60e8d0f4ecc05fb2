"""The main job: two phones talk through our relay, encrypted from end to end, and each hears the other.

On the edge there is no route from outside to inside, so what is heard went through the relay.
"""

import pytest

import hearing
import network
from phone import Media, hang_up, ring

OUTSIDE = {"alice": "198.51.100.10", "erin": "198.51.100.11"}
INSIDE = {"bob": "10.77.0.10"}
SRTP = "AES_CM_128_HMAC_SHA1_80"

# 50 packets a second: enough of them that neither ICE's checks nor RTCP could be taken for the talk.
TALK = 100


@pytest.fixture(scope="module")
def talkers(net, phones, edge, registrar, certificates):
    """Makes phones with media, each on a machine of its own and registered: `talkers(user, nat, tone)`."""
    made = {}

    def make(user, nat, tone):
        if (user, nat) not in made:
            # One at a time is registered under a name.
            for other in [key for key in made if key[0] == user]:
                made.pop(other).end()
            side = "outside" if user in OUTSIDE else "inside"
            address = {**OUTSIDE, **INSIDE}[user]
            proxy = edge.proxy if side == "outside" else f"sip:{network.REGISTRAR}:5060;transport=tcp"
            trust = {"trust": certificates.outside.certificate} if side == "outside" else {}
            made[user, nat] = phones(net.machine(user, side, address), address, user, proxy, tone=tone,
                                     media=edge.media(user, nat, side), **trust)
            made[user, nat].wait_registered()
        return made[user, nat]
    yield make
    for phone in made.values():
        phone.end()


@pytest.fixture(autouse=True)
def leaves_nothing_open(edge):
    yield
    edge.wait_sessions_zero()
    # A phone that hangs up gives its allocations back (a refresh with lifetime 0).
    edge.wait_allocations_zero()


class Talk:
    """A call with media between two phones; it is up when this is made."""

    def __init__(self, edge, caller, callee):
        self.caller, self.callee, self._edge = caller, callee, edge
        self._before = edge.relayed()
        self._ears = {phone: hearing.Ear(phone) for phone in (caller, callee)}
        for phone in (caller, callee):
            phone.forget()
        ring(caller, callee)
        for phone in (caller, callee):
            phone.forget()
        callee.accept()

    def assert_both_hear(self):
        for phone, other in ((self.caller, self.callee), (self.callee, self.caller)):
            self._ears[phone].assert_hears(other)
            assert phone.wait_cipher() == SRTP

    def relayed(self, packets=TALK):
        """Packets relayed to peers and to clients since it began, once there are so many both ways."""
        return self._edge.wait_relayed(self._before, packets)

    def hang_up(self, who):
        hang_up(who, self.callee if who is self.caller else self.caller)


@pytest.mark.parametrize("nat", ["ice", "turn"])
@pytest.mark.parametrize("way", ["from outside to inside", "from inside to outside"])
def test_each_hears_the_other_through_the_relay(talkers, edge, nat, way):
    alice, bob = talkers("alice", nat, 440), talkers("bob", nat, 660)
    caller, callee = (alice, bob) if way == "from outside to inside" else (bob, alice)

    talk = Talk(edge, caller, callee)
    talk.assert_both_hear()
    to_peers, to_clients = talk.relayed()

    # With nothing but relays on both sides each packet is relayed twice: to the other's relay, and on to its client.
    if nat == "turn":
        assert edge.total("sallyport_allocations") == 4, "RTP and RTCP of both"
        assert to_peers == pytest.approx(to_clients, rel=0.2)
    assert edge.total("sallyport_permissions") > 0
    talk.hang_up(caller)


def test_two_phones_outside_hear_each_other_relay_to_relay(talkers, edge):
    alice, erin = talkers("alice", "turn", 440), talkers("erin", "turn", 660)

    talk = Talk(edge, alice, erin)
    talk.assert_both_hear()
    talk.relayed()

    talk.hang_up(erin)


@pytest.mark.parametrize("nat, holder", [("ice", "alice"), ("turn", "bob")])
def test_a_held_call_is_silent_and_is_heard_again(talkers, edge, nat, holder):
    alice, bob = talkers("alice", nat, 440), talkers("bob", nat, 660)
    talk = Talk(edge, alice, bob)
    talk.assert_both_hear()
    first, second = (alice, bob) if holder == "alice" else (bob, alice)

    # What baresip counts as received, it has decrypted: it is the other's, and nobody else's.
    for phone in (alice, bob):
        phone.wait_received_bits(lambda rate: rate > 50_000)

    first.hold()
    for phone in (alice, bob):
        phone.wait_received_bits(lambda rate: rate == 0)
    before = edge.relayed()
    first.resume()

    for phone in (alice, bob):
        phone.wait_received_bits(lambda rate: rate > 50_000)
    edge.wait_relayed(before, TALK)
    talk.hang_up(second)


def test_a_phone_with_a_wrong_media_password_gets_no_relay(net, phones, edge, registrar, certificates):
    address = "198.51.100.12"
    wrong = Media("turn", edge.turn_listener("outside"), "carol", "guessed")
    carol = phones(net.machine("carol", "outside", address), address, "carol", edge.proxy, tone=440, media=wrong,
                   trust=certificates.outside.certificate)
    carol.wait_registered()

    carol.dial("sip:bob@edge.example")

    assert "401" in carol.wait_event("CALL_CLOSED")["param"]
    assert edge.total("sallyport_allocations") == 0
    carol.end()
