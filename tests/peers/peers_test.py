"""What the suites rely on: waits have a bound, programs end, and a report of a sanitizer is a failure."""

import pathlib
import sys
import time

import pytest

from peers import node, wire
from peers.host import At
from peers.processes import Process, Timeout


class Trickle:
    """A stream on which a byte more is always there, but never a whole message."""

    def __init__(self):
        self._begin = time.monotonic()

    def settimeout(self, seconds):
        pass

    def recv(self, _):
        assert time.monotonic() < self._begin + 10.0, "still waited for"
        return b"x"


@pytest.mark.parametrize("wait", ["read", "final", "wait_closed"])
def test_a_wait_is_over_in_time_however_busily_something_trickles_in(wait):
    with pytest.raises(TimeoutError):
        getattr(wire.Wire(Trickle()), wait)(0.05)


def test_a_log_is_that_of_one_life(tmp_path):
    for life in ("first", "second"):
        process = Process("one", ["echo", life], tmp_path)
        assert process.wait() == 0

    assert process.log == "second\n"
    assert process.log_path.read_text() == "first\nsecond\n"


def program(directory, lines):
    """An executable that is ready, after it has done `lines` of Python, and waits for a signal."""
    path = pathlib.Path(directory) / "program"
    path.write_text(f"#!{sys.executable} -I\nimport signal, sys\n{lines}\nprint(' info ready ', flush=True)\n"
                    "while True: signal.pause()\n")
    path.chmod(0o755)
    return path


def test_a_program_that_does_not_end_is_killed_and_that_is_a_failure(tmp_path):
    deaf = Process("deaf", [program(tmp_path, "signal.signal(signal.SIGTERM, signal.SIG_IGN)")], tmp_path)
    deaf.wait_for_log("ready")

    with pytest.raises(Timeout):
        deaf.stop(seconds=0.1)

    assert not deaf.running()


@pytest.mark.parametrize("said, fails", [("", False), ("print('a.cpp:1:1: runtime error: signed integer overflow')", True)])
def test_a_sanitizers_report_is_a_failure_though_the_node_ends_with_0(tmp_path, monkeypatch, said, fails):
    ends = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
    monkeypatch.setenv("SALLYPORT_BINARY", str(program(tmp_path, ends + said)))
    made = node.Node([], tmp_path, At("127.0.0.1", 9))

    if fails:
        with pytest.raises(AssertionError, match="runtime error"):
            made.assert_well()
        with pytest.raises(AssertionError, match="runtime error"):
            made.stop_cleanly()
    else:
        made.assert_well()
        made.stop_cleanly()
