"""The node under attack: one lane on one core, with default limits, and a log that can be left unread."""

import contextlib
import os
import threading

from peers import node, processes

PIPE_BYTES = 16384


class Victim(node.Node):
    """As `Node`, but its log comes through a pipe of 16 KiB, which `unread_log` leaves full."""

    def __init__(self, file, directory, metrics_at, *, host, cores=None, **overrides):
        self._host = host
        self.metrics_at = metrics_at
        self._reads = threading.Event()
        self._reads.set()
        processes.Process.__init__(self, "sallyport", [node.binary(), "run", file], directory, host=host,
                                   environment=node.environment(**overrides), on_line=lambda *_: self._reads.wait(),
                                   pipe_bytes=PIPE_BYTES)
        try:
            self.wait_for_log(r" info ready ", 40.0)
        except BaseException:
            self.kill()
            raise
        if cores:
            for thread in self._threads():
                os.sched_setaffinity(thread, cores)

    def _threads(self):
        return [int(name) for name in os.listdir(f"/proc/{self.pid}/task")]

    def stop_reading_log(self):
        """Nobody reads it any more, and its pipe is full."""
        self._reads.clear()
        pipe = os.open(f"/proc/self/fd/{self._child.stdout.fileno()}", os.O_WRONLY | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError), contextlib.closing(os.fdopen(pipe, "wb", buffering=0)) as rest:
            while rest.write(b"." * 511 + b"\n"):
                pass

    def read_log_again(self):
        self._reads.set()

    def cpu_seconds(self):
        """What all its threads have used."""
        total = 0
        for thread in self._threads():
            try:
                with open(f"/proc/{self.pid}/task/{thread}/schedstat") as file:
                    total += int(file.read().split()[0])
            except OSError:
                pass  # It has ended meanwhile.
        return total / 1e9

    def longest_turn(self):
        """Seconds, by the node's own metric; None of one that has none."""
        found = [value for (name, _), value in self.metrics().items() if name == "sallyport_lane_longest_turn_seconds"]
        return max(found) if found else None

    def begin_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w") as file:
            file.write("5")  # The peak begins anew (proc(5)).
        return self.resident_bytes()

    def peak_bytes(self):
        return self._status_bytes("VmHWM")
