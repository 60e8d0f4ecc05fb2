"""Three network namespaces in a row: outside <-> edge <-> inside, and no way past the edge. Machines of their own, with
one address each, can be put beside those outside and inside.

Everything that makes traffic runs in one of them. Names carry the run's process id, so two runs never meet;
what a crashed run left behind is found by its own record and by nothing else.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess

SIDES = ("outside", "edge", "inside")

# Documentation and private ranges; no namespace has a default route, so nothing leaves this machine.
OUTSIDE_PHONE = "198.51.100.2"
OUTSIDE_LOAD = "198.51.100.3"
OUTSIDE_STRANGER = "198.51.100.4"
EDGE_OUTSIDE = "198.51.100.1"
EDGE_INSIDE = "10.77.0.1"
REGISTRAR = "10.77.0.2"
INSIDE_PHONE = "10.77.0.3"
INSIDE_LOAD = "10.77.0.4"
FAKE_NEXT_HOP = "10.77.0.5"
# Where phones with media are: the one part of the inside that relays may send to. baresip 1.0.0 asks its relay for every
# candidate of the other side, and where one is refused it gives up its relay and may wait for its ICE for ever.
INSIDE_PHONES = "10.77.0.8/29"

RECORDS = pathlib.Path("/run/sallyport-e2e")
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def _setns(descriptor):
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns: namespaces need root")


def die_with_parent():
    """For a child, before exec: it ends when the test runner does, however that ends."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _ip(*arguments):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()} (namespaces need root)")
    return done.stdout


def _started_at(pid):
    """A process id may be used again; with its start time it names one process. Nothing when it is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()[19]


def remove_leftovers():
    """Ends what runs of ours left whose process is gone. Reads only the records those runs wrote."""
    for record in RECORDS.glob("*.json"):
        try:
            left = json.loads(record.read_text())
        except (OSError, ValueError):
            continue
        if _started_at(left["pid"]) == left["started"]:
            continue
        for name in left["namespaces"]:
            _remove_namespace(name)
        record.unlink(missing_ok=True)


def _remove_namespace(name):
    if not os.path.exists(f"/run/netns/{name}"):
        return
    # Whoever is in a namespace of ours was started by us.
    for pid in _ip("netns", "pids", name).split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    subprocess.run(["ip", "netns", "del", name], capture_output=True)


class Network:
    """The three namespaces, their cables and addresses; a context manager that removes them."""

    def __init__(self):
        self.names = {side: f"sallyport-{os.getpid()}-{side}" for side in SIDES}
        self._record = RECORDS / f"{os.getpid()}.json"

    def __enter__(self):
        remove_leftovers()
        RECORDS.mkdir(parents=True, exist_ok=True)
        self._write_record()
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in self.names.values():
            _remove_namespace(name)
        self._record.unlink(missing_ok=True)

    def _write_record(self):
        self._record.write_text(json.dumps({"pid": os.getpid(), "started": _started_at(os.getpid()),
                                            "namespaces": list(self.names.values())}))

    def _build(self):
        for side in SIDES:
            self._make(side)
        self._cable("outside", [OUTSIDE_PHONE, OUTSIDE_LOAD, OUTSIDE_STRANGER], "outside0", EDGE_OUTSIDE)
        self._cable("inside", [REGISTRAR, INSIDE_PHONE, INSIDE_LOAD, FAKE_NEXT_HOP], "inside0", EDGE_INSIDE)

    def _make(self, side, forwards=False):
        _ip("netns", "add", self.names[side])
        with self.entered(side):
            # No packet crosses the edge but through the program under test.
            pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1" if forwards else "0")
            pathlib.Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("1")
            pathlib.Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
        self.ip(side, "link", "set", "lo", "up")

    def _cable(self, side, addresses, edge_device, edge_address):
        """`net0` of a side is a switch that holds the side's addresses; one of its cables goes to the edge."""
        # With a hardware address of its own: it would take that of a new cable, and its neighbours would not know.
        self.ip(side, "link", "add", "net0", "address", "02:00:00:00:00:01", "type", "bridge")
        for address in addresses:
            self.ip(side, "addr", "add", f"{address}/24", "dev", "net0")
        self.ip(side, "link", "set", "net0", "up")
        self._plug(side, "edge", edge_device, edge_address)

    def _plug(self, side, into, device, address):
        """A cable from the switch of `side` to `device` of the namespace `into`."""
        self.ip(side, "link", "add", f"to-{device}", "type", "veth", "peer", "name", device, "netns", self.names[into])
        self.ip(side, "link", "set", f"to-{device}", "master", "net0", "up")
        self._address(into, device, address)

    def _address(self, name, device, address):
        self.ip(name, "addr", "add", f"{address}/24", "dev", device)
        self.ip(name, "link", "set", device, "up")

    def namespace(self, name, forwards=False):
        """One more namespace, joined to nothing. It routes packets between its devices if it `forwards`."""
        self.names[name] = f"sallyport-{os.getpid()}-{name}"
        self._write_record()
        self._make(name, forwards)
        return name

    def machine(self, name, side, address):
        """A namespace `name` beside the others of `side`, with one address: a phone that gathers candidates for its media
        takes every address of its machine. What it sends to anywhere else is lost without a word, as at a firewall:
        baresip 1.0.0 may wait for ever for a check that it could not even send."""
        if name not in self.names:
            self.namespace(name)
            self._plug(side, name, name, address)
            self.ip(name, "link", "add", "void", "type", "bridge")
            self.ip(name, "link", "set", "void", "up", "arp", "off")
            self.ip(name, "route", "add", "default", "dev", "void", "src", address)
        return name

    def join(self, one, other):
        """A cable between two namespaces; each end is (namespace, device, address)."""
        self.ip(one[0], "link", "add", one[1], "type", "veth", "peer", "name", other[1], "netns", self.names[other[0]])
        for end in (one, other):
            self._address(*end)

    def ip(self, side, *arguments):
        return _ip("-n", self.names[side], *arguments)

    @contextlib.contextmanager
    def entered(self, side):
        """The calling thread is in the namespace of `side`; sockets and children made there stay there."""
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            there = os.open(f"/run/netns/{self.names[side]}", os.O_RDONLY)
            try:
                _setns(there)
            finally:
                os.close(there)
            try:
                yield
            finally:
                _setns(here)
        finally:
            os.close(here)

    def socket(self, side, kind=socket.SOCK_STREAM):
        with self.entered(side):
            return socket.socket(socket.AF_INET, kind)

    def connect(self, side, address, port, timeout=5.0, source=None):
        """A TCP connection from `side`; raises OSError as connect does."""
        stream = self.socket(side)
        stream.settimeout(timeout)
        try:
            if source:
                stream.bind((source, 0))
            stream.connect((address, port))
        except BaseException:
            stream.close()
            raise
        return stream

    def free_port(self, side, address="127.0.0.1"):
        with self.socket(side) as probe:
            probe.bind((address, 0))
            return probe.getsockname()[1]

    def answers(self, side, address, port, timeout=1.0):
        try:
            self.connect(side, address, port, timeout).close()
            return True
        except OSError:
            return False
