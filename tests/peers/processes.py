"""Programs that tests run: to their end, or started, watched and ended, each by its own id."""

import contextlib
import ctypes
import errno
import pathlib
import platform
import re
import signal
import socket
import subprocess
import threading
import time

from peers.host import THIS_HOST

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Timeout(AssertionError):
    pass


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
            raise Timeout(f"after {seconds:g} s still not: {what() if callable(what) else what}")
        time.sleep(0.02)


def output_of(argv, *, host=THIS_HOST, text=None, timeout=60.0):
    """What a program prints that reads `text` and has to end soon, with 0; else RuntimeError with its complaint."""
    argv = [str(part) for part in argv]
    with host.entered():
        done = subprocess.run(argv, input=text or "", capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {done.stdout}{done.stderr}".strip())
    return done.stdout


def _die_with_parent():
    """For a child, before exec: it ends when the tests do, however they end."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class _Filter(ctypes.Structure):
    """struct sock_filter, and struct sock_fprog below (seccomp(2))."""
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filters", ctypes.POINTER(_Filter))]


def without_netlink():
    """For a child, before exec: the kernel gives it no netlink socket, as if there were too many open files."""
    set_no_new_privileges, set_seccomp, by_filter = 38, 22, 2
    load, jump_if_equal, give = 0x20, 0x15, 0x06
    allow, fail = 0x7fff0000, 0x00050000
    socket_call = {"x86_64": 41, "aarch64": 198}[platform.machine()]
    filters = (_Filter * 6)(
        (load, 0, 0, 0), (jump_if_equal, 0, 3, socket_call),  # The call's number,
        (load, 0, 0, 16), (jump_if_equal, 0, 1, socket.AF_NETLINK),  # and its first argument.
        (give, 0, 0, fail | errno.EMFILE), (give, 0, 0, allow))
    _libc.prctl(set_no_new_privileges, 1, 0, 0, 0)
    if _libc.prctl(set_seccomp, by_filter, ctypes.byref(_Program(len(filters), filters)), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


class Process:
    """A program that goes on. Its output goes to the end of `NAME.log` in its directory; `log` is what this process wrote
    of it. With `on_line`, each line is handed over as it comes, with the time it came: `on_line(seconds, text)`, on a thread
    of its own. `pipe_bytes`: how much of its output may wait for that thread."""

    was_ended = False  # By the test.

    def __init__(self, name, argv, directory, *, host=THIS_HOST, environment=None, on_line=None,
                 pipe_bytes=-1):
        self.name = name
        self.log_path = pathlib.Path(directory) / f"{name}.log"
        with open(self.log_path, "ab") as output, host.entered():
            self._log_begin = output.tell()
            self._child = subprocess.Popen(
                [str(part) for part in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if on_line else output,
                stderr=subprocess.STDOUT, cwd=directory, env=environment, start_new_session=True,
                preexec_fn=_die_with_parent, pipesize=pipe_bytes)
        if on_line:
            threading.Thread(target=self._copy_lines, args=(on_line,), daemon=True).start()

    def _copy_lines(self, on_line):
        """The log gets all of it at once: a line that is never ended, such as a phone's state, is there too."""
        unread = b""
        with open(self.log_path, "ab", buffering=0) as log:
            while data := self._child.stdout.read1(65536):
                now = time.monotonic()
                log.write(data)
                *lines, unread = (unread + data).split(b"\n")
                for line in lines:
                    on_line(now, line.decode(errors="replace").rstrip("\r"))

    @property
    def pid(self):
        return self._child.pid

    @property
    def log(self):
        with open(self.log_path, errors="replace") as file:
            file.seek(self._log_begin)
            return file.read()

    def tail(self, lines=40):
        return "\n".join(self.log.splitlines()[-lines:])

    def running(self):
        return self._child.poll() is None

    def wait_for_log(self, pattern, seconds=20.0, after=0):
        """The first match of `pattern` in the log past character `after`; fails when the program ends without it."""
        def seen():
            ended = not self.running()  # Asked first: what it wrote last is then in the log.
            match = re.search(pattern, self.log[after:])
            if not match and ended:
                raise AssertionError(f"{self.name} ended ({self._child.returncode}) before '{pattern}':\n{self.tail()}")
            return match
        return eventually(seen, lambda: f"'{pattern}' in the log of {self.name}:\n{self.tail()}", seconds)

    def resident_bytes(self):
        return self._status_bytes("VmRSS")

    @contextlib.contextmanager
    def grows_less_than(self, bytes_max):
        """Meanwhile it is never resident with that much more: what was given back in between counts too."""
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")  # The peak begins anew (proc(5)).
        before = self.resident_bytes()
        yield
        grown = self._status_bytes("VmHWM") - before
        assert grown < bytes_max, f"{self.name} grew by {grown} bytes"

    def _status_bytes(self, name):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) * 1024

    # ---- its end -------------------------------------------------------------------------------------------------

    def send(self, number):
        self._child.send_signal(number)

    def wait(self, seconds=20.0):
        """The exit code; fails, and ends the program, when it takes longer."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Timeout(f"{self.name} did not end within {seconds:g} s:\n{self.tail()}") from None

    def stop(self, number=signal.SIGTERM, seconds=20.0):
        """Ends it and returns the exit code; a program that does not listen is killed, and that is a failure."""
        self.was_ended = True
        if self.running():
            self.send(number)
        return self.wait(seconds)

    def kill(self):
        self.was_ended = True
        if self.running():
            self._child.kill()
            self._child.wait()

    def end(self):
        """For cleaning up: ends it and complains about nothing."""
        try:
            self.stop(seconds=5.0)
        except Timeout:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
