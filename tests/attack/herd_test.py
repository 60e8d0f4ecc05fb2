"""The herd of `make herd`, smaller: 300 phones that return at the same moment after a restart."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from peers.parts import need, need_sallyport

import herd


@pytest.fixture
def returned(tmp_path):
    need("openssl")
    need_sallyport()
    with herd.Herd(tmp_path, os.environ["SALLYPORT_LOAD"], phones=300, sources=30) as made:
        told = made.return_after_restart()
        assert not made.node.sanitizer_report(), made.node.sanitizer_report()
        return told


def test_every_phone_that_returns_after_a_restart_is_registered_and_refused_twice_at_most(returned):
    assert returned["registered"] == 300, returned
    assert returned["refused_most"] <= herd.REFUSED_MOST, returned
