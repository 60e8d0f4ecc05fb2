"""SALLYPORT_A__B stands for the key a.b, and is judged like the file."""

import re

import pytest

from peers.node import CONFIG


def refusal_of(done, variable):
    """The one problem told, without the name of the variable, which stands where the file's would."""
    assert done.code == CONFIG, done.told
    assert done.err.startswith(f"{variable}: ") and done.err.count("\n") == 1, done.err
    return done.err[len(variable) + 2:].rstrip("\n")


@pytest.mark.parametrize("variable, value", [
    ("SALLYPORT_NODE__NAME", "edge2"), ("SALLYPORT_LIMITS__IDLE_TIMEOUT", "20m"),
    ("SALLYPORT_DOMAINS__1", "branch.example"), ("SALLYPORT_DOMAINS", "[a.example, b.example]"),
    ("SALLYPORT_LOGGING__LEVEL", "debug"), ("SALLYPORT_METRICS", "{listen: '127.0.0.1:9999'}"),
    ("sallyport_node__name", "no override: the prefix is in capitals")])
def test_an_override_takes_the_place_of_its_key(configuration, variable, value):
    assert configuration.check(**{variable: value}).code == 0


@pytest.mark.parametrize("variable, value, told", [
    ("SALLYPORT_NODE__LANES", "many", "node.lanes: 'many' is not a number"),
    ("SALLYPORT_NODE__LANSE", "2", "node: unknown key 'lanse', did you mean 'lanes'?"),
    ("SALLYPORT_NOED__LANES", "2", "unknown key 'noed', did you mean 'node'?"),
    ("SALLYPORT_SERVICE_HOST", "10.0.0.1", "unknown key 'service_host'"),
    ("SALLYPORT_NODE__NAME__X", "2", "names no key: there is nothing at 'x'"),
    ("SALLYPORT_DOMAINS__7", "x.example", "names no key: there is nothing at '7'"),
    ("SALLYPORT_LIMITS__IDLE_TIMEOUT", "10", "limits.idle_timeout: '10' is not a duration"),
    ("SALLYPORT_LIMITS__WRITE_QUEUE_MAX", "1 furlong", "limits.write_queue_max: '1 furlong' is not a size"),
    ("SALLYPORT_NODE__NAME", "", "node.name: has no value")])
def test_an_override_is_judged_like_the_file_and_named_by_its_variable(configuration, variable, value, told):
    assert told in refusal_of(configuration.check(**{variable: value}), variable)


def test_an_override_is_judged_by_the_topology_rule_too(configuration):
    done = configuration.check(SALLYPORT_POOL__SITE="remote")

    assert done.code == CONFIG and done.err.endswith("[remote-site]\n") and done.err.count("\n") == 1, done.err


def test_an_override_of_the_services_is_judged_at_its_variable(configuration):
    assert "service 'conferencing' is not part of this version" in refusal_of(
        configuration.check(SALLYPORT_SERVICES="[access, conferencing]"), "SALLYPORT_SERVICES")


@pytest.mark.parametrize("variable", ["SALLYPORT_POOL__SECRETS", "SALLYPORT_POOL__SECRETS__0",
                                      "SALLYPORT_POOL__SECRETS__0__FILE", "SALLYPORT_POOL__SECRETS__0__ENV",
                                      "SALLYPORT_POOL__SECRET"])
def test_a_secret_in_an_override_is_refused_and_not_shown(configuration, variable):
    literal = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"

    done = configuration.check(**{variable: literal})

    assert done.code == CONFIG and literal not in done.told, done.told


def test_a_problem_of_the_file_stands_before_those_of_overrides(configuration):
    configuration.change("level: info", "level: loud")

    lines = configuration.check(SALLYPORT_NODE__LANES="many", SALLYPORT_A="1").err.splitlines()

    assert [re.split(r"[:/]", line)[0] for line in lines] == ["", "SALLYPORT_A", "SALLYPORT_NODE__LANES"], lines


def test_a_key_that_the_file_gets_wrong_can_be_put_right(configuration):
    configuration.change("level: info", "level: loud")

    assert configuration.check(SALLYPORT_LOGGING__LEVEL="warn").code == 0
