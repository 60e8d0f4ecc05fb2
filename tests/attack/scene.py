"""Who must not notice an attack: 100 calls and 20 media streams through one node, and somebody's keep-alives."""

import os
import pathlib
import sys
import time

import network
from peers.certificates import Certificates, DOMAIN
from peers.configuration import Configuration
from peers.host import At
from peers.processes import eventually

from asked import Asked
from victim import Victim

CALLS, STREAMS = 100, 20
TURN_USER, TURN_PASSWORD = "media", "media-secret"
# More, since each may have a hundred relays; with the same password.
MORE_TURN_USERS = ("more0", "more1")
# Addresses that all belong to the namespace outside (an AnyIP route): phones, clients of media, attackers.
ANYBODY = "198.18.0.0/15"
PHONES_FIRST, PHONE_SOURCES = "198.18.0.1", 500
MEDIA_FIRST = "198.18.4.1"
ATTACKERS = "198.19.{}.{}"
STREAMS_PROGRAM = pathlib.Path(__file__).with_name("streams.py")
BEFORE_OTHERS = -10


def load_program():
    """sip_load, by SALLYPORT_LOAD or beside the node."""
    found = os.environ.get("SALLYPORT_LOAD") or pathlib.Path(os.environ["SALLYPORT_BINARY"]).parent / "tests/sip_load"
    return pathlib.Path(found).resolve()


def attacker(group, number=0):
    """An address of an attacker; each attack has a group of its own, so that no budget is already spent."""
    return ATTACKERS.format(group, number + 1)


class Scene:
    """A context manager: the network, the node, its inside, and everybody who is served. `pinned`: the node has core 0 to
    itself, all else the others."""

    def __init__(self, directory, *, calls=CALLS, streams=STREAMS, pinned=True):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.calls, self.streams_count = calls, streams
        cores = sorted(os.sched_getaffinity(0))
        self._node_cores = {cores[0]} if pinned and len(cores) > 1 else None
        self._other_cores = set(cores[1:]) if self._node_cores else None
        self._programs = []
        self.node = None

    def __enter__(self):
        self.net = network.Network().__enter__()
        try:
            self.net["outside"].ip("route", "add", "local", ANYBODY, "dev", "lo")
            self.net["edge"].ip("route", "add", ANYBODY, "dev", "outside0")
            self.certificates = Certificates(self.directory / "certificates")
            self._configure()
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.end()
        self.net.__exit__()

    @property
    def outside(self):
        return self.net["outside"]

    def _configure(self):
        self.configuration = Configuration(
            self.directory, self.certificates, At(network.REGISTRAR, 5061), outside_at=At(network.EDGE_OUTSIDE, 443),
            inside_at=At(network.EDGE_INSIDE, 5061), metrics_at=At("127.0.0.1", 9100))
        self.configuration.add_relays({user: TURN_PASSWORD for user in (TURN_USER, *MORE_TURN_USERS)}, realm=DOMAIN,
                                      turn_at=At(network.EDGE_OUTSIDE, 3478), relay_ports="49152-65535",
                                      section=f"  realm: {DOMAIN}\n")
        self.configuration.change("limits:\n  handshake_timeout: 30s\n", "")

    # ---- its parts -----------------------------------------------------------------------------------------------

    def start_node(self, lanes=1):
        return Victim(self.configuration.file, self.directory, self.configuration.metrics_at, host=self.net["edge"],
                      cores=self._node_cores, SALLYPORT_NODE__LANES=str(lanes))

    def ask(self, name, *argv, side="outside", **how):
        """Starts a program that is asked by lines; the scene ends it."""
        made = Asked(argv, self.directory / f"{name}.log", host=self.net[side], cores=self._other_cores, **how)
        self._programs.append(made)
        return made

    def phones(self, name, count, source, sources, *more, niceness=0):
        return self.ask(name, load_program(), "phones", "--edge", self.configuration.outside_at, "--trust",
                        self.certificates.outside.certificate, "--prefix", name, "--phones", count, "--source", source,
                        "--sources", sources, *more, niceness=niceness)

    def begin(self):
        """The node anew, and everybody up."""
        own = self.certificates.next_hop
        self.node = self.start_node()
        self.inside = self.ask("inside", load_program(), "inside", "--listen", self.configuration.next_hop, "--edge",
                               self.configuration.inside_at, "--trust", self.certificates.inside.certificate,
                               "--certificate", own.certificate, "--key", own.key, side="inside",
                               niceness=BEFORE_OTHERS)
        # Phone 0 pings and does not call; the last two make short calls.
        self.callers = self.phones("u", 2 * self.calls + 2, PHONES_FIRST, PHONE_SOURCES, "--held-calls", self.calls,
                                   "--short-calls", 1, niceness=BEFORE_OTHERS)
        self.pinger = self.phones("p", 1, PHONES_FIRST, 1, "--ping-ms", 20, niceness=BEFORE_OTHERS)
        for one in (self.callers, self.pinger):
            one.say("come")
        self.streams = self.ask("streams", sys.executable, "-B", STREAMS_PROGRAM, self.configuration.turn_at, TURN_USER,
                                TURN_PASSWORD, network.OUTSIDE_OTHER, MEDIA_FIRST, self.streams_count,
                                niceness=BEFORE_OTHERS)
        latest = {}

        def up():
            latest.update(self.callers.report())
            return latest["held_calls"]["up"] == self.calls and self.pinger.report()["registered"] == 1
        eventually(up, lambda: f"{self.calls} calls up: {latest}\n{self.node.tail()}", 120.0)
        assert self.streams.report()["streams"] == self.streams_count

    def end(self):
        programs, self._programs = self._programs, []
        for one in programs:
            one.end()
        if self.node:
            self.node.read_log_again()
            self.node.end()

    def whole(self):
        """Nothing of the scene has been lost, so it can go on."""
        return self.node.running() and self.callers.report()["held_calls"]["up"] == self.calls

    # ---- what is seen of it --------------------------------------------------------------------------------------

    def watch(self, attack, settle=2.0):
        """What the others notice while `attack()` goes on, and shortly after; with what it says that it has achieved."""
        for one in (self.callers, self.pinger, self.streams):
            one.report()
        resident, cpu, begin = self.node.begin_peak(), self.node.cpu_seconds(), time.monotonic()
        achieved = attack()
        seconds = time.monotonic() - begin
        alive = self.node.running()
        cpu_share = (self.node.cpu_seconds() - cpu) / seconds if alive else None
        peak = self.node.peak_bytes() - resident if alive else None
        # What is still on its way may arrive: an answer that is late is late, not lost.
        time.sleep(settle)
        calls, pings, media = self.callers.report(), self.pinger.report(), self.streams.report()
        return {
            "seconds": round(seconds, 1),
            "calls_up": calls["held_calls"]["up"], "calls_lost": self.calls - calls["held_calls"]["up"],
            "requests_in_calls": calls["held_calls"]["refreshed"],
            "requests_in_calls_refused": calls["held_calls"]["not_refreshed"],
            "new_calls_completed": calls["short_calls"]["completed"], "new_calls_refused": calls["short_calls"]["refused"],
            "last_error": calls["held_calls"]["last_error"] or calls["short_calls"]["last_error"],
            "stream_packets": media["packets"], "stream_packets_lost": media["packets_lost"],
            "stream_delay_ms": media["delay_ms"], "ping_ms": pings["ping_ms"], "pinger_lost": pings["connections_lost"],
            "binding_ms": media["binding_ms"], "bindings_lost": media["bindings_lost"],
            "longest_turn_s": self._longest_turn(), "node_cpu_share": cpu_share and round(cpu_share, 3),
            "node_grew_mib": peak and round(peak / 2**20, 1), "node_running": self.node.running(),
            "achieved": achieved,
        }

    def _longest_turn(self):
        try:
            return self.node.longest_turn() if self.node.running() else None
        except (OSError, AssertionError):
            return None
