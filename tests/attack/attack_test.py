"""The cheap attacks of `make attack`, on whatever build is tested: what is lost and what is achieved, never how fast."""

import os
import pathlib
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "e2e")]

from peers.parts import missing, need, need_sallyport

import attack as judge
import attacks
from scene import Scene

# A sanitizer makes everything dearer: fewer, so that the machine is not what is tested.
CALLS, STREAMS = 10, 4
CHEAP = [one for one in attacks.ALL if one.cheap]


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    need("ip", "openssl")
    need_sallyport()
    if os.geteuid() != 0:
        missing("root, for network namespaces")
    with Scene(tmp_path_factory.mktemp("attack"), calls=CALLS, streams=STREAMS, pinned=False) as made:
        yield made
        assert not made.node.sanitizer_report(), made.node.sanitizer_report()


@pytest.mark.parametrize("attack", CHEAP, ids=lambda one: one.name.replace(" ", "_"))
def test_costs_nobody_a_call_and_earns_no_more_than_it_may(scene, attack):
    _, wrong = judge.play(scene, attack)
    assert not [one for one in wrong if not one.startswith("stream_packets_lost")], wrong


def test_a_word_chooses_attacks_whatever_its_case_and_one_that_names_none_is_no_choice():
    assert [one.number for one in judge.chosen(attacks.ALL, ["EXPIRE"])] == [7]
    assert judge.chosen(attacks.ALL, []) == attacks.ALL
    with pytest.raises(SystemExit, match="no attack is called expires; there are:"):
        judge.chosen(attacks.ALL, ["7", "expires"])
