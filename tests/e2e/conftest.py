"""What all scenarios share: one network, one registrar, one edge and two phones, made once and left as they were found."""

import contextlib
import os
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import certificates as certificates_module
import edge as edge_module
import name_server as name_server_module
import network
import phone as phone_module
import registrar as registrar_module
import turn

MEGABYTE = 1 << 20
PROGRAMS = ("ip", "openssl", "kamailio", "kamcmd", "baresip", "sipp", "socat")


def missing_part(what):
    """A part that is not there is a failure where it must be (CI), and a skip that names it elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"missing part: {what}", pytrace=False)
    pytest.skip(f"missing part: {what}")


@pytest.fixture(scope="session")
def parts():
    for program in PROGRAMS:
        if shutil.which(program) is None:
            missing_part(program)
    if os.geteuid() != 0:
        missing_part("root, for network namespaces")
    if edge_module.binary() is None:
        missing_part("the sallyport binary (SALLYPORT_BINARY)")


@pytest.fixture(scope="session")
def need(parts):
    """For the parts that not every test has use for: `need("node", "chromium")`, a program or a file."""
    def check(*wanted):
        for part in wanted:
            if shutil.which(part) is None and not pathlib.Path(part).exists():
                missing_part(part)
    return check


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
    made = name_server_module.NameServer(net, {certificates_module.POOL_NAME: network.EDGE_OUTSIDE})
    yield made
    made.close()


@pytest.fixture(scope="session")
def certificates(parts, directory):
    return certificates_module.Certificates(directory / "certificates", network.EDGE_OUTSIDE)


@pytest.fixture(scope="session")
def registrar(net, certificates, directory):
    made = registrar_module.Registrar(net, certificates, directory / "registrar")
    yield made
    made.process.end()


@pytest.fixture(scope="session")
def edge(net, certificates, registrar, directory):
    made = edge_module.Edge(net, certificates, directory / "edge")
    yield made
    made.stop_cleanly()


@pytest.fixture(scope="module")
def edges(net, certificates, directory):
    """Makes further nodes, each for one file of tests: `edges("name", number=…, next_hop=…)`."""
    made = []

    def make(name, **how):
        made.append(edge_module.Edge(net, certificates, directory / name, **how))
        return made[-1]
    yield make
    for one in made:
        one.process.end()


@pytest.fixture(scope="session")
def phones(net, directory, name_server):
    """Makes phones: `phones("outside", address, user, proxy, …)`."""
    made = []

    def make(side, address, user, proxy, **how):
        if "trust" in how:
            how["name_server"] = name_server.address
        made.append(phone_module.Phone(net, side, address, user, proxy, directory / f"{side}-{user}-{len(made)}", **how))
        return made[-1]
    yield make
    for one in made:
        one.end()


@pytest.fixture(scope="session")
def alice(phones, edge, certificates):
    """A phone outside, registered through the edge over TLS."""
    made = phones("outside", network.OUTSIDE_PHONE, "alice", edge.proxy, trust=certificates.outside.certificate,
                  contacts=["bob"], tone=440)
    made.wait_registered()
    return made


@pytest.fixture(scope="session")
def bob(phones, registrar):
    """A phone inside, registered at the registrar itself."""
    made = phones("inside", network.INSIDE_PHONE, "bob", f"sip:{network.REGISTRAR}:5060;transport=tcp",
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
            door = network.EDGE_OUTSIDE if side == "outside" else network.EDGE_INSIDE
            return stack.enter_context(
                turn.Client(net, side, (door, node.turn_port), user, edge_module.turn_password(user)))
        yield make


@pytest.fixture
def peers(net):
    """Makes sockets that relays may send to and hear from."""
    with contextlib.ExitStack() as stack:
        def make(host=network.OUTSIDE_STRANGER, side="outside"):
            return stack.enter_context(turn.Peer(net, side, host))
        yield make


@pytest.fixture
def serves_everybody_else(net, edge):
    """Around a test: the relay lives, no allocation is left, and somebody else is served as ever."""
    resident = edge.process.resident_bytes()
    yield
    assert edge.process.running(), edge.process.tail(80)
    assert not edge.sanitizer_report(), edge.sanitizer_report()
    edge.wait_allocations_zero()
    with turn.Client(net, "outside", (network.EDGE_OUTSIDE, edge.turn_port), "dave", "dave-media") as other:
        assert other.allocate().code == 0
    edge.wait_allocations_zero()
    assert edge.process.resident_bytes() < resident + 64 * MEGABYTE


def pytest_collection_modifyitems(items):
    # What is left over is counted when everything else has been done.
    items.sort(key=lambda item: item.path.name == "counts_test.py")
