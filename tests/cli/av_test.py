"""The service `av` as an operator meets it: what its section may say, who is behind translation, what a node of it says."""

import os
import pathlib
import subprocess

import pytest

from peers import turn
from peers.configuration import turn_users
from peers.node import CONFIG, run

ADA = {"ada": "example"}
TO_LOOPBACK = [("address: 127.0.0.2", "address: 127.0.0.1"), ('listen: ["127.0.0.2:', 'listen: ["127.0.0.1:'),
               ("listen: ['127.0.0.2:", "listen: ['127.0.0.1:")]  # The one address that this host's interfaces surely hold.
NATTED = [("address: 127.0.0.1", "address: 127.0.0.1\n  nat: true")]
ANNOUNCED = [("inside:\n  address: 127.0.0.3", "inside:\n  address: 127.0.0.3\nmedia:\n  announce: 203.0.113.5")]
TWO_NODES = [("nodes: 1", "nodes: 2")]


@pytest.fixture
def relays(configuration):
    configuration.add_relays(ADA)
    return configuration


def rules_broken(configuration):
    done = configuration.check()
    assert done.code in (0, CONFIG), done.told
    lines = done.err.splitlines()
    assert all(line.endswith("]") for line in lines), done.err
    return {line.rpartition("[")[2].rstrip("]") for line in lines}


def test_a_node_may_run_both_or_relays_alone(relays):
    assert relays.check().told == f"{relays.file}: sound\n"

    relays.leave_out_access()

    assert relays.check().told == f"{relays.file}: sound\n"


def test_the_section_is_required_with_the_service(configuration):
    configuration.change("services: [access]", "services: [access, av]")

    assert "av: is missing" in configuration.check().err


@pytest.mark.parametrize("line, told", [
    ("ada:correct horse", "line 1: has no key of 32 hexadecimal digits after the name of 'ada'"),
    ("correct horse", "line 1: does not begin with a name"),
    (f"ada:{'0' * 32}\nada:{'1' * 32}", "line 2: names 'ada', as line 1 does already")])
def test_a_line_of_users_that_is_none_is_told_by_its_number_and_not_shown(relays, line, told):
    relays.users.write_text(line + "\n")

    done = relays.check()

    assert done.code == CONFIG and f"av.users: '{relays.users}' {told}" in done.err
    assert done.err.startswith(f"{relays.file}:{relays.line('users:')}:") and len(done.err.splitlines()) == 1
    assert "horse" not in done.told and "0" * 32 not in done.told


def test_users_open_to_everyone_are_refused(relays):
    relays.users.chmod(0o644)

    assert "is open to every user of the host" in relays.check().err


def test_a_secret_that_is_too_short_is_refused_and_not_shown(relays):
    relays.change("relay_ports:", "secrets: [{env: TURN_SECRET}]\n  relay_ports:")

    done = relays.check(TURN_SECRET="correct-horse-battery-staple")

    assert "av.secrets[0]: is a secret of 28 characters, at least 32 are needed" in done.err
    assert "horse" not in done.told
    assert relays.check(TURN_SECRET="correct-horse-battery-staple" * 2).code == 0


def test_the_line_of_the_guide_makes_a_key_that_is_right(relays):
    guide = pathlib.Path(os.environ["SALLYPORT_SOURCE"], "docs", "configuration.md").read_text()
    begin = guide.index("read -rp 'name: '")
    script = guide[begin:guide.index("```", begin)].replace("/etc/sallyport/turn.users", str(relays.users))
    relays.users.write_text("")

    subprocess.run(["bash", "-c", script], input="ada\nexample\n", text=True, check=True, timeout=20, capture_output=True)

    assert relays.users.read_text() == f"ada:{turn.long_term_key('ada', 'sip.edge.example', 'example').hex()}\n"
    assert relays.check().code == 0


@pytest.mark.parametrize("changes, rules", [
    ([], set()),
    (NATTED, {"announce-missing"}),
    (NATTED + ANNOUNCED, set()),
    (ANNOUNCED, set()),  # No interface holds what it announces: translated, said or not.
    (TWO_NODES, {"pool-without-store"}),
    (NATTED + TWO_NODES, {"nat-in-pool", "announce-missing", "pool-without-store"}),
    (NATTED + ANNOUNCED + TWO_NODES, {"nat-in-pool", "pool-without-store"}),
    (ANNOUNCED + TWO_NODES, {"nat-in-pool", "pool-without-store"})])
@pytest.mark.parametrize("alone", [False, True])
def test_translation_is_for_one_node_that_says_what_it_announces(relays, alone, changes, rules):
    if alone:
        relays.leave_out_access()
    for old, new in TO_LOOPBACK + changes:
        if relays.text.count(old) or not alone:
            relays.change(old, new)

    assert rules_broken(relays) == rules

    if rules:
        done = run("run", relays.file)
        assert (done.code, done.out, done.err) == (CONFIG, "", relays.check().err)


def test_a_node_says_where_it_listens(relays, start):
    node = start(relays)

    assert f"listening side=outside transport=udp address={relays.turn_at}\n" in node.log
    assert "ready node=edge1 services=access, av lanes=2 next_hop=" in node.log


def test_a_node_of_relays_alone_has_no_next_hop(relays, start):
    relays.leave_out_access()
    node = start(relays)

    assert "ready node=edge1 services=av lanes=2\n" in node.log
    assert "transport=tls" not in node.log
    assert node.reload()[0] == "done"
    node.stop_cleanly()


def ask_for_relay(relays, user):
    """An Allocate with ada's password; the code of the answer, 0 for a success."""
    with turn.Client(relays.turn_at, user, ADA["ada"]) as client:
        return client.allocate().code


def test_a_reload_renews_who_may_ask_for_relays(relays, start):
    node = start(relays)
    assert (ask_for_relay(relays, "ada"), ask_for_relay(relays, "bob")) == (0, 401)
    relays.users.write_text(turn_users({"bob": "example"}))

    word, said = node.reload()

    assert word == "done" and "left settings" not in said
    assert (ask_for_relay(relays, "ada"), ask_for_relay(relays, "bob")) == (401, 0)


def test_a_reload_with_a_broken_file_of_users_changes_nothing(relays, start):
    node = start(relays)
    relays.users.write_text("ada:example\n")

    assert node.reload()[0] == "refused"
    assert ask_for_relay(relays, "ada") == 0


def test_a_reload_of_a_file_without_the_service_leaves_its_users(relays, start):
    node = start(relays)
    relays.change("services: [access, av]", "services: [access]")

    word, said = node.reload()

    assert word == "done"
    node.wait_for_log("reload left settings as they were")
    assert ask_for_relay(relays, "ada") == 0
