"""The program under test as a process: run to its end, or as a node that goes on, counts and is told by signals."""

import os
import re
import signal
import subprocess

from peers import processes
from peers.host import THIS_HOST

# How it ends when it does not do what it was asked to (sysexits.h).
USAGE, UNAVAILABLE, OSERR, CONFIG = 64, 69, 71, 78

SANITIZER_REPORT = re.compile(r"(ERROR: (Address|Leak|Thread)Sanitizer|runtime error:).*")
# A small quarantine: memory that AddressSanitizer holds back would look like a leak to the tests of bounds.
SANITIZER_OPTIONS = {"ASAN_OPTIONS": "quarantine_size_mb=8:detect_stack_use_after_return=1:halt_on_error=1:exitcode=86",
                     "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=86"}

SESSIONS = ("sallyport_sessions",)
TRANSACTIONS = ("sallyport_server_transactions", "sallyport_client_transactions")
ALLOCATIONS = ("sallyport_allocations", "sallyport_permissions", "sallyport_channels")

# What a node may take in one test. Measured are up to 10 MiB with AddressSanitizer, which holds memory back, and less than
# one without; a test of a limit in bytes has to send more than this.
GROWTH_MAX_BYTES = 12 << 20


def binary():
    """The program to test, by SALLYPORT_BINARY; None when there is none."""
    path = os.environ.get("SALLYPORT_BINARY", "")
    return os.path.abspath(path) if path and os.access(path, os.X_OK) else None


def environment(**overrides):
    """Ours without SALLYPORT_… variables, which the program takes for overrides, but for those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALLYPORT_")}
    for name, options in SANITIZER_OPTIONS.items():
        kept[name] = ":".join(filter(None, [kept.get(name), options]))
    return {**kept, **overrides}


class Finished:
    """What a run of the program to its end left behind."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr
        self.told = done.stdout + done.stderr
        assert not SANITIZER_REPORT.search(self.told), self.told


def run(*arguments, host=THIS_HOST, **overrides):
    """Runs it to its end, which has to come soon."""
    with host.entered():
        return Finished(subprocess.run([binary(), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                                       text=True, timeout=60, env=environment(**overrides)))


def samples(metrics_at, host=THIS_HOST):
    """Every sample that a node shows there now: {(name, labels as text): value}."""
    with host.connect(metrics_at) as stream:
        stream.sendall(b"GET /metrics HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n")
        text = b"".join(iter(lambda: stream.recv(65536), b"")).decode()
    found = {}
    for line in text.splitlines():
        if match := re.match(r"^([a-z_]\w*)(\{.*\})? (\S+)$", line):
            found[match[1], match[2] or ""] = float(match[3])
    assert found, f"no metrics in:\n{text}"
    return found


class Node(processes.Process):
    """A node that runs: `sallyport run ARGUMENTS`, ready when this is made. `metrics_at`: where it says what it counts."""

    def __init__(self, arguments, directory, metrics_at, *, host=THIS_HOST, **overrides):
        self._host = host
        self.metrics_at = metrics_at
        super().__init__("sallyport", [binary(), "run", *arguments], directory, host=host,
                         environment=environment(**overrides))
        try:
            # Read, not probed: a connection of ours to the inside listener would be refused and counted.
            self.wait_for_log(r" info ready ", 40.0)
        except BaseException:
            self.kill()
            raise

    # ---- what it counts ------------------------------------------------------------------------------------------

    def metrics(self):
        """Every sample now: {(name, labels as text): value}."""
        return samples(self.metrics_at, self._host)

    def total(self, name, *labels):
        """The sum of `name` over its samples whose labels hold each of `labels`; a name nobody knows is a failure."""
        samples = self.metrics()
        assert any(known == name for known, _ in samples), f"no metric {name} in {sorted({known for known, _ in samples})}"
        return sum(value for (known, text), value in samples.items()
                   if known == name and all(label in text for label in labels))

    def risen(self, before):
        """The counters that stand higher than in `before`, a former `metrics()`."""
        return {name + labels: value for (name, labels), value in self.metrics().items()
                if name.endswith("_total") and value > before.get((name, labels), 0.0)}

    def closed(self, reason):
        return self.total("sallyport_closed_total", f'reason="{reason}"')

    def wait_closed(self, reason, more_than=0):
        processes.eventually(lambda: self.closed(reason) > more_than,
                             lambda: f"a connection closed for {reason}:\n{self.log}")

    def wait_counts_zero(self, kinds=SESSIONS + TRANSACTIONS, seconds=45.0):
        """Of none of `kinds` there is any left. An answered INVITE keeps its transaction for 64*T1 (RFC 6026, 7.1)."""
        processes.eventually(lambda: all(self.total(kind) == 0 for kind in kinds),
                             lambda: f"counts back to zero: {({kind: self.total(kind) for kind in kinds})}", seconds)

    def wait_sessions_zero(self, seconds=10.0):
        self.wait_counts_zero(SESSIONS, seconds)

    def wait_allocations_zero(self, seconds=20.0):
        """Every allocation is gone, and with it what it had opened."""
        self.wait_counts_zero(ALLOCATIONS, seconds)

    def relayed(self):
        """How many packets went to peers and how many to clients until now."""
        return tuple(self.total("sallyport_relayed_packets_total", f'direction="{way}"') for way in ("to_peer", "to_client"))

    def relayed_since(self, before):
        """How many went each way since `before`, a former `relayed()`."""
        return tuple(now - then for now, then in zip(self.relayed(), before))

    def wait_relayed(self, before, packets, seconds=20.0):
        """At least `packets` went each way since `before`; how many."""
        processes.eventually(lambda: min(self.relayed_since(before)) >= packets,
                             lambda: f"{packets} packets relayed each way; there were {self.relayed_since(before)}", seconds)
        return self.relayed_since(before)

    # ---- how it is -----------------------------------------------------------------------------------------------

    def open_files(self):
        """How many descriptors it holds."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def sanitizer_report(self):
        match = SANITIZER_REPORT.search(self.log)
        return self.log[match.start():match.start() + 4000] if match else ""

    def assert_well(self):
        """It runs, and no sanitizer has said anything."""
        assert self.running(), self.tail(80)
        assert not self.sanitizer_report(), self.sanitizer_report()

    # ---- what it is told -----------------------------------------------------------------------------------------

    def reload(self):
        """SIGHUP, and what the node says to it: the word after `reload`, and the log since."""
        before = len(self.log)
        self.send(signal.SIGHUP)
        word = self.wait_for_log(r"reload (done|refused|ignored|failed)[^\n]*\n", after=before)[1]
        return word, self.log[before:]

    def stop_cleanly(self, number=signal.SIGTERM):
        """The signal ends it with 0, and no sanitizer has said anything."""
        code = self.stop(number, 30.0)
        assert not self.sanitizer_report(), self.sanitizer_report()
        assert code == 0, f"sallyport ended with {code}:\n{self.tail(80)}"
