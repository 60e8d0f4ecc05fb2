"""What all scenarios share: one network, one registrar, one edge and two phones, made once and left as they were found."""

import contextlib
import os
import pathlib
import shutil
import tempfile

import pytest

import network
from edge import Edge, turn_password
from name_server import NameServer
from peers import turn
from peers.certificates import Certificates, POOL_NAME
from peers.node import GROWTH_MAX_BYTES
from peers.parts import missing, need, need_sallyport
from phone import Phone
from registrar import Registrar

PROGRAMS = ("ip", "openssl", "kamailio", "kamcmd", "baresip", "sipp", "socat")


@pytest.fixture(scope="session")
def parts():
    need(*PROGRAMS)
    if os.geteuid() != 0:
        missing("root, for network namespaces")
    need_sallyport()


@pytest.fixture(scope="session")
def directory():
    """Logs and configurations of this run; SALLYPORT_E2E_OUTPUT says where, and they stay there."""
    chosen = os.environ.get("SALLYPORT_E2E_OUTPUT")
    if not chosen:
        return pathlib.Path(tempfile.mkdtemp(prefix="sallyport-e2e-"))
    shutil.rmtree(chosen, ignore_errors=True)
    os.makedirs(chosen)
    return pathlib.Path(chosen).resolve()


@pytest.fixture(scope="session")
def net(parts):
    with network.Network() as made:
        yield made


@pytest.fixture(scope="session")
def name_server(net):
    made = NameServer(net, {POOL_NAME: network.EDGE_OUTSIDE})
    yield made
    made.close()


@pytest.fixture(scope="session")
def certificates(parts, directory):
    return Certificates(directory / "certificates")


@pytest.fixture(scope="session")
def registrar(net, certificates, directory):
    made = Registrar(net, certificates, directory / "registrar")
    yield made
    made.process.end()


@pytest.fixture(scope="session")
def edge(net, certificates, registrar, directory):
    made = Edge(net, certificates, directory / "edge")
    yield made
    made.stop_cleanly()


@pytest.fixture(scope="module")
def edges(net, certificates, directory):
    """Makes further nodes, each for one file of tests: `edges("name", number=…, next_hop=…)`."""
    made = []

    def make(name, **how):
        made.append(Edge(net, certificates, directory / name, **how))
        return made[-1]
    yield make
    for one in made:
        one.end()


@pytest.fixture(scope="session")
def phones(directory, name_server):
    """Makes phones: `phones(net["outside"], address, user, proxy, …)`."""
    made = []

    def make(host, address, user, proxy, **how):
        if "trust" in how:
            how["name_server"] = name_server.address
        made.append(Phone(host, address, user, proxy, directory / f"phone-{user}-{len(made)}", **how))
        return made[-1]
    yield make
    for one in made:
        one.end()


@pytest.fixture(scope="session")
def alice(net, phones, edge, certificates):
    """A phone outside, registered through the edge over TLS."""
    made = phones(net["outside"], network.OUTSIDE_PHONE, "alice", edge.proxy, trust=certificates.outside.certificate,
                  contacts=["bob"], tone=440)
    made.wait_registered()
    return made


@pytest.fixture(scope="session")
def bob(net, phones, registrar):
    """A phone inside, registered at the registrar itself."""
    made = phones(net["inside"], network.INSIDE_PHONE, "bob", f"sip:{network.REGISTRAR}:5060;transport=tcp",
                  contacts=["alice"], tone=660)
    made.wait_registered()
    return made


@pytest.fixture(params=["from outside to inside", "from inside to outside"])
def parties(request, alice, bob):
    """(caller, callee), once each way round; nothing of an earlier test is left to be mistaken for this one's."""
    alice.forget()
    bob.forget()
    return (alice, bob) if request.param == "from outside to inside" else (bob, alice)


@pytest.fixture
def clients(net, edge):
    """Makes TURN clients: `clients("alice")` outside, `clients("bob", "inside")` inside; they go as they came."""
    with contextlib.ExitStack() as stack:
        def make(user, side="outside", node=edge):
            return stack.enter_context(turn.Client(node.turn_listener(side), user, turn_password(user), host=net[side]))
        yield make


@pytest.fixture
def peers(net):
    """Makes sockets that relays may send to and hear from."""
    with contextlib.ExitStack() as stack:
        def make(address=network.OUTSIDE_OTHER, side="outside"):
            return stack.enter_context(turn.Peer(address, host=net[side]))
        yield make


@pytest.fixture
def stays_small(edge):
    """Around a test: the relay does not grow, not even for a while."""
    with edge.grows_less_than(GROWTH_MAX_BYTES):
        yield


@pytest.fixture
def serves_everybody_else(net, edge):
    """Around a test: the relay lives, no allocation is left, and somebody else is served as ever."""
    yield
    edge.assert_well()
    edge.wait_allocations_zero()
    with turn.Client(edge.turn_listener("outside"), "dave", turn_password("dave"), host=net["outside"]) as other:
        assert other.allocate().code == 0
    edge.wait_allocations_zero()


def pytest_collection_modifyitems(items):
    # What is left over is counted when everything else has been done.
    items.sort(key=lambda item: item.path.name == "counts_test.py")
