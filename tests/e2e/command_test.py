"""What an operator types: check, run, version; every problem at once, and the topology rule in both."""

import re

import pytest

from peers import node
from peers.node import CONFIG


@pytest.fixture(scope="module")
def sallyport(net):
    """Runs the program in the namespace of the edge: `check` looks at the interfaces it finds."""
    def run(*arguments):
        return node.run(*arguments, host=net["edge"])
    return run


@pytest.fixture
def variant(edge, tmp_path):
    """Writes the running node's file with some of its text replaced."""
    def write(**changes):
        text = edge.configuration.file.read_text()
        for old, new in changes.items():
            pattern = rf"(?m)^(\s*){old}:.*$"
            assert re.search(pattern, text), old
            text = re.sub(pattern, lambda match: f"{match[1]}{new}", text, count=1)
        path = tmp_path / "sallyport.yaml"
        path.write_text(text)
        return path
    return write


def test_check_finds_the_file_of_the_running_node_sound(sallyport, edge):
    done = sallyport("check", edge.configuration.file)

    assert done.code == 0, done.told


def test_check_prints_every_problem_at_once_each_with_its_line(sallyport, variant):
    file = variant(lanes="lanse: 2", domains="domains: []", handshake_timeout="handshake_timeout: 2 parsecs")

    done = sallyport("check", file)

    assert done.code == CONFIG
    lines = {int(number) for number in re.findall(rf"{re.escape(str(file))}:(\d+):", done.told)}
    text = file.read_text().splitlines()
    expected = {number for number, line in enumerate(text, 1)
                if re.search(r"lanse|domains: \[\]|parsecs", line)}
    assert lines >= expected and len(expected) == 3, done.told
    assert "lanes" in done.told, "the nearest match of an unknown key is named"


@pytest.mark.parametrize("command", ["check", "run"])
def test_the_topology_rule_stands_in(sallyport, variant, command):
    done = sallyport(command, variant(nodes="nodes: 2"))

    assert done.code == CONFIG
    assert "[pool-without-store]" in done.told


def test_run_refuses_a_file_that_check_refuses(sallyport, variant):
    assert sallyport("run", variant(domains="domains: []")).code == CONFIG


def test_a_file_that_is_not_there_is_a_configuration_error(sallyport, tmp_path):
    assert sallyport("check", tmp_path / "none.yaml").code == CONFIG


def test_version_says_which(sallyport):
    assert re.fullmatch(r"sallyport \d+\.\d+\.\d+\n", sallyport("version").out)
