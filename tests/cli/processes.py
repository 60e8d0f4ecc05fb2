"""The program under test as a process: run to its end, or started, watched and ended by its own id."""

import ctypes
import os
import pathlib
import re
import signal
import subprocess
import time

SANITIZER_REPORT = re.compile(r"(ERROR: (Address|Leak|Thread)Sanitizer|runtime error:).*")
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def binary():
    """The program to test, by SALLYPORT_BINARY; None when there is none."""
    path = os.environ.get("SALLYPORT_BINARY", "")
    return path if path and os.access(path, os.X_OK) else None


def environment(**overrides):
    """Ours without SALLYPORT_… variables, which the program takes for overrides, but for those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALLYPORT_")}
    for options in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        kept[options] = ":".join(filter(None, [kept.get(options), "halt_on_error=1:exitcode=86"]))
    return {**kept, **overrides}


def eventually(condition, what, seconds=20.0):
    """Polls `condition` until it holds and returns its value; fails with `what` after `seconds`.

    This is the only place that pauses: a wait for another process's event, bounded, never a guess at its pace.
    """
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds:g} s still not: {what() if callable(what) else what}")
        time.sleep(0.02)


class Finished:
    """What a run of the program to its end left behind."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr
        self.told = done.stdout + done.stderr
        assert not SANITIZER_REPORT.search(self.told), self.told


def run(*arguments, **overrides):
    """Runs it to its end, which has to come soon."""
    return Finished(subprocess.run([binary(), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                                   text=True, timeout=60, env=environment(**overrides)))


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """A program that goes on. Its output goes to one file, which `log` reads."""

    was_ended = False  # By the test.

    def __init__(self, argv, directory, env=None):
        self.log_path = pathlib.Path(directory) / "log"
        with open(self.log_path, "ab") as output:
            self._child = subprocess.Popen([str(part) for part in argv], stdin=subprocess.DEVNULL, stdout=output,
                                           stderr=subprocess.STDOUT, env=env, start_new_session=True,
                                           preexec_fn=_die_with_parent)

    @property
    def pid(self):
        return self._child.pid

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def running(self):
        return self._child.poll() is None

    def wait_for_log(self, pattern, seconds=20.0, after=0):
        """The first match of `pattern` in the log past character `after`; fails when the program ends without it."""
        def seen():
            match = re.search(pattern, self.log[after:])
            if not match and not self.running():
                raise AssertionError(f"ended ({self._child.returncode}) before '{pattern}':\n{self.log}")
            return match
        return eventually(seen, lambda: f"'{pattern}' in the log:\n{self.log}", seconds)

    def send(self, number):
        self._child.send_signal(number)

    def wait(self, seconds=20.0):
        """The exit code; fails, and ends the program, when it takes longer."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"did not end within {seconds:g} s:\n{self.log}") from None

    def kill(self):
        self.was_ended = True
        if self.running():
            self._child.kill()
            self._child.wait()
