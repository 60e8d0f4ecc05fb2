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

from peers.host import Host
from peers.processes import output_of

SIDES = ("outside", "edge", "inside")

# Documentation and private ranges; no namespace has a default route, so nothing leaves this machine.
OUTSIDE_PHONE = "198.51.100.2"
OUTSIDE_LOAD = "198.51.100.3"
OUTSIDE_OTHER = "198.51.100.4"
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

_libc = ctypes.CDLL(None, use_errno=True)


def _setns(descriptor):
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns: namespaces need root")


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
    for pid in output_of(["ip", "netns", "pids", name]).split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    with contextlib.suppress(RuntimeError):
        output_of(["ip", "netns", "del", name])


class Namespace(Host):
    """One namespace, by its name on this machine."""

    def __init__(self, name):
        self.name = name

    @contextlib.contextmanager
    def entered(self):
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            there = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
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

    def ip(self, *arguments):
        return output_of(["ip", "-n", self.name, *arguments])


class Network:
    """The three namespaces, their cables and addresses; a context manager that removes them. `net["edge"]` is one of them."""

    def __init__(self):
        self._namespaces = {side: Namespace(f"sallyport-{os.getpid()}-{side}") for side in SIDES}
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
        for namespace in self._namespaces.values():
            _remove_namespace(namespace.name)
        self._record.unlink(missing_ok=True)

    def __getitem__(self, side):
        return self._namespaces[side]

    def _write_record(self):
        self._record.write_text(json.dumps({
            "pid": os.getpid(), "started": _started_at(os.getpid()),
            "namespaces": [namespace.name for namespace in self._namespaces.values()]}))

    def _build(self):
        for namespace in self._namespaces.values():
            self._make(namespace)
        self._cable(self["outside"], [OUTSIDE_PHONE, OUTSIDE_LOAD, OUTSIDE_OTHER], "outside0", EDGE_OUTSIDE)
        self._cable(self["inside"], [REGISTRAR, INSIDE_PHONE, INSIDE_LOAD, FAKE_NEXT_HOP], "inside0", EDGE_INSIDE)

    @staticmethod
    def _make(namespace, forwards=False):
        output_of(["ip", "netns", "add", namespace.name])
        with namespace.entered():
            # No packet crosses the edge but through the program under test.
            pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1" if forwards else "0")
            pathlib.Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("1")
            pathlib.Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
        namespace.ip("link", "set", "lo", "up")

    def _cable(self, side, addresses, edge_device, edge_address):
        """`net0` of `side` is a switch that holds the side's addresses; one of its cables goes to the edge."""
        # With a hardware address of its own: it would take that of a new cable, and its neighbours would not know.
        side.ip("link", "add", "net0", "address", "02:00:00:00:00:01", "type", "bridge")
        for address in addresses:
            side.ip("addr", "add", f"{address}/24", "dev", "net0")
        side.ip("link", "set", "net0", "up")
        self._plug(side, self["edge"], edge_device, edge_address)

    def _plug(self, side, into, device, address):
        """A cable from the switch of `side` to `device` of the namespace `into`."""
        side.ip("link", "add", f"to-{device}", "type", "veth", "peer", "name", device, "netns", into.name)
        side.ip("link", "set", f"to-{device}", "master", "net0", "up")
        self._address(into, device, address)

    @staticmethod
    def _address(namespace, device, address):
        namespace.ip("addr", "add", f"{address}/24", "dev", device)
        namespace.ip("link", "set", device, "up")

    def namespace(self, name, forwards=False):
        """One more namespace, joined to nothing. It routes packets between its devices if it `forwards`."""
        self._namespaces[name] = Namespace(f"sallyport-{os.getpid()}-{name}")
        self._write_record()
        self._make(self[name], forwards)
        return self[name]

    def machine(self, name, side, address):
        """A namespace `name` beside the others of `side`, with one address: a phone that gathers candidates for its media
        takes every address of its machine. What it sends to anywhere else is lost without a word, as at a firewall:
        baresip 1.0.0 may wait for ever for a check that it could not even send."""
        if name not in self._namespaces:
            made = self.namespace(name)
            self._plug(self[side], made, name, address)
            made.ip("link", "add", "void", "type", "bridge")
            made.ip("link", "set", "void", "up", "arp", "off")
            made.ip("route", "add", "default", "dev", "void", "src", address)
        return self[name]

    def join(self, one, other):
        """A cable between two namespaces; each end is (namespace, device, address)."""
        one[0].ip("link", "add", one[1], "type", "veth", "peer", "name", other[1], "netns", other[0].name)
        for end in (one, other):
            self._address(*end)
