"""What the tests share: certificates made once, configurations and nodes made for one test and ended with it."""

import os
import pathlib
import shutil
import signal
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import certificates as certificates_module
import next_hop as next_hop_module
import node as node_module
import processes


def missing_part(what):
    """A part that is not there is a failure where it must be (CI), and a skip that names it elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"missing part: {what}", pytrace=False)
    pytest.skip(f"missing part: {what}")


@pytest.fixture(scope="session", autouse=True)
def parts():
    if shutil.which("openssl") is None:
        missing_part("openssl")
    if processes.binary() is None:
        missing_part("the sallyport binary (SALLYPORT_BINARY)")


@pytest.fixture(scope="session")
def certificates(parts, tmp_path_factory):
    return certificates_module.Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def configuration(tmp_path, certificates):
    return node_module.Configuration(tmp_path / "edge1", certificates)


@pytest.fixture
def next_hop(certificates):
    """A next hop that lets anybody register and answers everything else with 200."""
    with next_hop_module.NextHop(certificates) as made:
        yield made


@pytest.fixture
def behind(tmp_path, certificates, next_hop):
    """A configuration whose next hop is there."""
    return node_module.Configuration(tmp_path / "edge1", certificates, next_hop.port)


@pytest.fixture(scope="session")
def ending():
    """Nodes that were told to end, and each must with 0. A node takes seconds to end: the next test does not wait."""
    told = []
    yield told
    try:
        for one in told:
            assert one.stop() == 0, one.log
    finally:
        for one in told:
            one.kill()


@pytest.fixture
def start(ending):
    """Starts nodes, `start(configuration)`, which are told to end when the test does."""
    started = []

    def make(configuration, **overrides):
        started.append(node_module.Node(configuration, **overrides))
        return started[-1]
    yield make
    for one in started:
        if one.running():
            one.send(signal.SIGTERM)
        if not one.was_ended:  # One that ended by itself has failed.
            ending.append(one)
