"""A program that goes on and is asked by lines: one word a line in, one line of JSON back where the word is `report`."""

import json
import os
import select
import subprocess
import time

from peers.host import THIS_HOST


class Asked:
    """Started in `host` with its complaints in `log`; `niceness` below zero puts it before what disturbs."""

    def __init__(self, argv, log, *, host=THIS_HOST, niceness=0, cores=None):
        def begin():
            if niceness:
                os.nice(niceness)
            if cores:
                os.sched_setaffinity(0, cores)
        with open(log, "ab") as complaints, host.entered():
            self._child = subprocess.Popen([str(part) for part in argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           stderr=complaints, preexec_fn=begin)
        self._unread = b""

    def say(self, line):
        self._child.stdin.write(f"{line}\n".encode())
        self._child.stdin.flush()

    def report(self, seconds=30.0):
        """What was since the last report."""
        self.say("report")
        end = time.monotonic() + seconds
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._child.stdout], [], [], max(0.0, end - time.monotonic()))
            read = os.read(self._child.stdout.fileno(), 65536) if ready else b""
            if not read:
                raise AssertionError(f"{self._child.args} says nothing; it ended with {self._child.poll()}")
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        return json.loads(line)

    def end(self):
        """It ends with its input."""
        self._child.stdin.close()
        try:
            self._child.wait(5.0)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
