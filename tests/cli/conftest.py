"""What the tests share: certificates made once, configurations and nodes made for one test and ended with it."""

import signal

import pytest

from peers.certificates import Certificates
from peers.configuration import Configuration
from peers.next_hop import NextHop
from peers.parts import need, need_sallyport


@pytest.fixture(scope="session", autouse=True)
def parts():
    need("openssl")
    need_sallyport()


@pytest.fixture(scope="session")
def certificates(parts, tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def configuration(tmp_path, certificates):
    return Configuration(tmp_path / "edge1", certificates)


@pytest.fixture
def next_hop(certificates):
    """A next hop that lets anybody register and answers everything else with 200."""
    with NextHop(certificates) as made:
        yield made


@pytest.fixture
def behind(tmp_path, certificates, next_hop):
    """A configuration whose next hop is there."""
    return Configuration(tmp_path / "edge1", certificates, next_hop.at)


@pytest.fixture(scope="session")
def ending():
    """Nodes that were told to end, and each must in order. A node takes seconds to end: the next test does not wait."""
    told = []
    yield told
    try:
        for one in told:
            one.stop_cleanly()
    finally:
        for one in told:
            one.kill()


@pytest.fixture
def start(ending):
    """Starts nodes, `start(configuration)`, which are told to end when the test does."""
    started = []

    def make(configuration, **overrides):
        started.append(configuration.start(**overrides))
        return started[-1]
    yield make
    for one in started:
        if one.running():
            one.send(signal.SIGTERM)
        if not one.was_ended:  # One that ended by itself has failed.
            ending.append(one)
