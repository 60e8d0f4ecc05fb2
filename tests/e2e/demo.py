#!/usr/bin/python3
"""Two real phones, one outside and one inside, talk to each other through a real Sallyport node, in front of you.

The signalling crosses its access service, the sound its relays, encrypted from phone to phone.

    demo.py [--binary build/dev/sallyport] [--output build/demo]

Needs root (network namespaces) and the packages kamailio, kamailio-tls-modules, baresip-core, tcpdump, openssl.
Nothing leaves the namespaces it makes. KEEP=1 leaves everything up until Ctrl-C. The last line starts with DEMO OK
(exit code 0) or says what failed (1).
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import signal
import sys
import threading
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import hearing
import network
import phone as phones
from edge import Edge
from ladder import Ladder
from name_server import NameServer
from peers import node
from peers.certificates import Certificates, POOL_NAME
from peers.host import At
from peers.processes import Process
from registrar import Registrar

PROGRAMS = {"ip": "iproute2", "openssl": "openssl", "kamailio": "kamailio", "baresip": "baresip-core",
            "tcpdump": "tcpdump"}

KEPT = """
Everything is left up. To register a phone of your own, in another terminal, as root:

    ip netns exec {namespace} baresip -s -f {directory}

It is `carol`, password carol-secret, at {proxy}; any SIP phone started with
`ip netns exec {namespace}` will do as well (authority to trust: {trust}).
Then type  /dial sip:bob@edge.example  and, here inside, bob answers by himself.
Who registers and what the node counts:

    kamcmd -s unix:{control} ul.dump
    ip netns exec {edge} curl -s http://{metrics_at}/metrics

Ctrl-C ends it.
"""


# Each phone is a machine of its own.
ALICE = "198.51.100.10"
BOB = "10.77.0.10"


class Failed(Exception):
    pass


class Demo:
    def __init__(self, output, keep, stack):
        self._output = output
        self._keep = keep
        self._stack = stack
        self._epoch = time.monotonic()
        self._ladder = Ladder(network.EDGE_INSIDE, self._epoch)
        self._recordings = {}

    def say(self, text):
        print(f"+{time.monotonic() - self._epoch:7.3f}s  {text}", flush=True)

    def show_messages(self):
        for line in self._ladder.lines(only_new=True):
            print("    " + line, flush=True)

    def set_up(self):
        self.say("three network namespaces: outside 198.51.100.0/24 | edge | inside 10.77.0.0/24, no route between")
        self._net = self._stack.enter_context(network.Network())
        self._certificates = Certificates(self._output / "certificates")
        self._names = NameServer(self._net, {POOL_NAME: network.EDGE_OUTSIDE})
        self._stack.callback(self._names.close)
        self._registrar = Registrar(self._net, self._certificates, self._output / "registrar",
                                    on_line=self._ladder.registrar)
        self._stack.callback(self._registrar.process.end)
        self.say("inside: Kamailio is registrar and next hop, mutual TLS on 10.77.0.2:5061")
        self._edge = Edge(self._net, self._certificates, self._output / "edge")
        self._stack.callback(self._edge.end)
        self.say(f"edge: sallyport runs, TLS on {network.EDGE_OUTSIDE}:443 outside, {network.EDGE_INSIDE}:5061 inside")
        self.say(f"edge: relays for media by UDP {network.EDGE_OUTSIDE}:3478 outside, {network.EDGE_INSIDE}:3478 inside")
        self._capture()

    def _capture(self):
        """Both legs of the edge as they are (TLS and SRTP), and the registrar's plain one to its phone."""
        captures = []
        for side, device, name, what in (("edge", "any", "edge", "not port 9100"),
                                         ("inside", "net0", "registrar-to-phone", f"tcp and host {BOB}")):
            captures.append(self._stack.enter_context(Process(
                f"tcpdump-{name}", ["tcpdump", "-i", device, "-U", "-w", self._output / f"{name}.pcap", what],
                self._output, host=self._net[side])))
        for capture in captures:
            capture.wait_for_log("listening on")

    def register(self):
        proxy = self._edge.configuration.outside_at
        inside_proxy = At(network.REGISTRAR, 5060)
        self.alice = self._phone("outside", ALICE, "alice", "bob", self._edge.proxy,
                                 self._ladder.phone("alice", proxy), 440)
        self.bob = self._phone("inside", BOB, "bob", "alice",
                               f"sip:{inside_proxy};transport=tcp", self._ladder.phone("bob", inside_proxy),
                               660)
        self.alice.wait_registered()
        self.bob.wait_registered()
        self.show_messages()
        path = next((line.strip() for line in self._registrar.binding("alice").splitlines() if "Path:" in line), "")
        if "<sip:" not in path:
            raise Failed("the registrar knows no Path to alice")
        self.say(f"both phones are registered; the registrar reaches alice by {path}")

    def _phone(self, side, address, user, contact, proxy, on_line, tone):
        made = phones.Phone(self._net.machine(user, side, address), address, user, proxy,
                            self._output / user, media=self._edge.media(user, "ice", side),
                            trust=self._certificates.outside.certificate if side == "outside" else None,
                            name_server=self._names.address if side == "outside" else None,
                            contacts=[contact], tone=tone, on_line=on_line)
        self._stack.callback(made.end)
        return made

    def call(self, caller, callee):
        self.say(f"{caller.user} dials {callee.uri}")
        caller.forget()
        callee.forget()
        self._relayed_before = self._edge.relayed()
        self._ears = {phone: hearing.Ear(phone) for phone in (caller, callee)}
        heard = caller.mark()
        phones.ring(caller, callee)
        caller.wait_status("INVITE", 180, heard)
        self.show_messages()
        self.say(f"{callee.user}'s phone rings and {caller.user} hears it; {callee.user} answers")
        mark = callee.mark()
        callee.accept()
        caller.wait_event("CALL_ESTABLISHED")
        callee.wait_event("CALL_ESTABLISHED")
        callee.wait_message(lambda message: message.is_request and message.method == "ACK", mark)
        self.show_messages()

    def talk(self, name):
        """Both listen until they have heard enough of each other; what they heard is kept as `name`."""
        for phone, other in ((self.alice, self.bob), (self.bob, self.alice)):
            heard = self._ears[phone].assert_hears(other)
            self.say(f"{phone.user} hears {heard.dominant:.0f} Hz for {heard.seconds:g} s ({other.user} plays "
                     f"{other.tone} Hz; of {phone.user}'s own {phone.tone} Hz {heard.own / heard.other:.1%})")
            self._recordings[f"{name}-{phone.user}-heard.wav"] = self._ears[phone].recording()
        ciphers = {phone.wait_cipher() for phone in (self.alice, self.bob)}
        codecs = {phone.codec() for phone in (self.alice, self.bob)}
        self.say(f"SRTP with {' and '.join(sorted(ciphers))} from phone to phone, {' and '.join(sorted(codecs))}")
        to_peers, to_clients = self._edge.wait_relayed(self._relayed_before, 100)
        self.say(f"alice (outside)  ══SRTP══  edge's relay  ══SRTP══  bob (inside): "
                 f"{to_peers:.0f} packets to peers, {to_clients:.0f} to clients")
        self.say(f"open at the node: {self._open_at_the_node()}")

    def _open_at_the_node(self):
        return ", ".join(f"{self._edge.total(kind):.0f} {kind.removeprefix('sallyport_')}"
                         for kind in node.ALLOCATIONS)

    def hold(self, first, second):
        for phone in (first, second):
            phone.wait_received_bits(lambda rate: rate > 50_000)
        for action, direction, words in ((first.hold, "a=sendonly", "puts the call on hold"),
                                         (first.resume, "a=sendrecv", "takes it up again")):
            self.say(f"{first.user} {words}")
            mark = second.mark()
            action()
            second.wait_message(lambda message: message.method == "INVITE" and direction in message.body, mark)
            second.wait_message(lambda message: message.is_request and message.method == "ACK", mark)
            self.show_messages()
            for phone in (first, second):
                phone.wait_received_bits((lambda rate: rate == 0) if action == first.hold else lambda rate: rate > 50_000)
                self.say(f"{phone.user} receives {phone.received_bits()} bit/s")

    def hang_up(self, first, second):
        self.say(f"{first.user} hangs up")
        mark = first.mark()
        phones.hang_up(first, second)
        first.wait_status("BYE", 200, mark)
        self.show_messages()
        self._edge.wait_allocations_zero()
        self.say(f"both phones gave their relays back: {self._open_at_the_node()}")

    def write(self, sender, receiver, text):
        self.say(f"{sender.user} writes to {receiver.user}: {text}")
        here, there = sender.mark(), receiver.mark()
        sender.say(text)
        receiver.wait_text(text, there)
        sender.wait_status("MESSAGE", 200, here)
        self.show_messages()

    def run(self):
        self.set_up()
        self.register()
        self.call(self.alice, self.bob)
        self.talk("first-call")
        self.hold(self.alice, self.bob)
        self.hang_up(self.bob, self.alice)
        self.call(self.bob, self.alice)
        self.talk("second-call")
        self.hang_up(self.bob, self.alice)
        self.write(self.alice, self.bob, "The gate is open.")
        self.write(self.bob, self.alice, "So I see.")
        self._edge.wait_sessions_zero()
        self.say("the node holds no session any more")
        self._keep_what_was_found()
        if self._keep:
            self.keep()
        self.alice.end()
        self.bob.end()
        self._edge.stop_cleanly()
        self.say("SIGTERM: the node ended with 0")
        return time.monotonic() - self._epoch

    def _keep_what_was_found(self):
        (self._output / "ladder.txt").write_text("\n".join(self._ladder.lines()) + "\n")
        (self._output / "counters.txt").write_text("".join(
            f"{name}{labels} {value:.0f}\n" for (name, labels), value in sorted(self._edge.metrics().items())))
        for name, recording in self._recordings.items():
            shutil.copyfile(recording, self._output / name)

    def keep(self):
        own = self._output / "your-phone"
        phones.write_files(own, network.OUTSIDE_LOAD, "carol", self._edge.proxy, control=4444,
                           trust=self._certificates.outside.certificate, contacts=["bob"], keyboard=True,
                           name_server=self._names.address, media=self._edge.media("carol", "turn", "outside"))
        self.bob.command("answermode", "auto")
        print(KEPT.format(namespace=self._net["outside"].name, edge=self._net["edge"].name, directory=own,
                          proxy=self._edge.proxy, trust=self._certificates.outside.certificate,
                          control=self._registrar.control, metrics_at=self._edge.metrics_at), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


def default_binary():
    """The one that was asked for, else the newest that was built."""
    built = sorted(HERE.parent.parent.glob("build/*/sallyport"), key=lambda path: path.stat().st_mtime)
    return os.environ.get("SALLYPORT_BINARY") or (str(built[-1]) if built else "")


def demonstrate(arguments):
    if os.geteuid() != 0:
        raise Failed("it makes network namespaces and needs root: sudo make demo")
    for program, package in PROGRAMS.items():
        if not shutil.which(program):
            raise Failed(f"{program} is not there: apt-get install {package}")
    os.environ["SALLYPORT_BINARY"] = str(pathlib.Path(arguments.binary).resolve()) if arguments.binary else ""
    if not node.binary():
        raise Failed(f"no sallyport binary at '{arguments.binary}': build it first")
    output = pathlib.Path(arguments.output).resolve()
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        seconds = Demo(output, os.environ.get("KEEP") == "1", stack).run()
    return f"two calls, in which each heard the other, and two messages crossed the edge in {seconds:.1f} s; " \
           f"{arguments.output}/ has what each phone heard (*-heard.wav), counters.txt, ladder.txt, edge.pcap, " \
           f"registrar-to-phone.pcap and every log"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--binary", default=default_binary())
    parser.add_argument("--output", default="build/demo")
    arguments = parser.parse_args()

    def end(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, end)
    try:
        print(f"DEMO OK: {demonstrate(arguments)}")
        return 0
    except KeyboardInterrupt:
        print("DEMO FAILED: interrupted")
    except (Failed, AssertionError, RuntimeError, OSError) as failure:
        print(f"DEMO FAILED: {failure}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
