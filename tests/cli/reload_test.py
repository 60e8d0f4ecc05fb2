"""SIGHUP: renewed certificates in both roles, and broken ones that change nothing."""

import contextlib
import pathlib
import re
import resource

import pytest

from peers import wire
from peers.processes import eventually


def shown_outside(configuration, server_name="sip.edge.example"):
    """The serial number that a client outside is shown now."""
    with configuration.phone(server_name=server_name) as client:
        return client.certificate_shown()


def shown_inside(configuration, certificates):
    with configuration.server(certificates.next_hop) as client:
        return client.certificate_shown()


def test_new_connections_see_the_new_certificate_and_old_ones_live_on(behind, certificates, next_hop, start):
    node = start(behind)
    with behind.phone() as before:
        assert before.register().status == 200
        assert before.certificate_shown() == certificates.edge_outside.serial
        renewed = certificates.outside.issue("DNS:sip.edge.example")
        renewed.copy_to(behind.outside)

        word, _ = node.reload()

        assert word == "done"
        assert shown_outside(behind) == renewed.serial
        assert before.pong() and before.register().status == 200


def test_the_inside_sees_the_new_certificate_in_both_roles(behind, certificates, next_hop, start):
    node = start(behind)
    with behind.phone() as phone:
        assert phone.register().status == 200
        assert next_hop.serials[0] == certificates.edge_inside.serial == shown_inside(behind, certificates)
        made_before = len(next_hop.serials)
        renewed = certificates.inside.issue("DNS:edge1.inside.example")
        renewed.copy_to(behind.inside)

        word, _ = node.reload()

        assert word == "done"
        assert shown_inside(behind, certificates) == renewed.serial
        assert phone.register().status == 200  # On a connection of before, or a new one of the other lane.
        assert set(next_hop.serials[:made_before]) == {certificates.edge_inside.serial}
        next_hop.drop_connections()

        def registered_anew():
            return phone.register().status == 200 and renewed.serial in next_hop.serials
        eventually(registered_anew, "a connection to the next hop with the new certificate")
        assert next_hop.serials[-1] == renewed.serial


def test_a_new_authority_counts_from_the_next_connection_on(behind, certificates, start):
    authority = behind.directory / "inside-ca.pem"
    authority.write_bytes(certificates.inside.certificate.read_bytes())
    behind.change(f"ca: {certificates.inside.certificate}", f"ca: {authority}")
    node = start(behind)
    assert shown_inside(behind, certificates)
    authority.write_bytes(certificates.outside.certificate.read_bytes())

    word, _ = node.reload()

    assert word == "done"
    with behind.server(certificates.next_hop) as refused:
        assert refused.wait_closed()
    node.wait_closed("certificate_refused")
    with behind.server(certificates.unknown) as taken:
        assert taken.pong()


BROKEN = {
    "truncated": lambda pair, certificates: pair.certificate.write_bytes(pair.certificate.read_bytes()[:200]),
    "with another key": lambda pair, certificates: pair.key.write_bytes(certificates.unknown.key.read_bytes()),
    "gone": lambda pair, certificates: pair.certificate.unlink(),
    "without its key": lambda pair, certificates: pair.key.unlink(),
    "empty": lambda pair, certificates: pair.certificate.write_text(""),
    "expired": lambda pair, certificates: certificates.outside.expired("DNS:sip.edge.example").copy_to(pair),
}
TOLD = {
    "truncated": "holds no certificate in PEM, or a broken one", "with another key": "belongs to another certificate",
    "gone": "cannot be read", "without its key": "cannot be read", "empty": "holds no certificate", "expired": "has expired"}


def test_a_broken_certificate_is_refused_with_its_reason_and_the_running_one_stays(behind, certificates, start):
    node = start(behind)
    for side in (behind.outside, behind.inside):
        kept = {path: path.read_bytes() for path in (side.certificate, side.key)}
        for how, spoil in BROKEN.items():
            spoil(side, certificates)

            word, said = node.reload()

            assert word == "refused", (how, said)
            node.wait_for_log(f"(?s)reload refused problems=1\n{behind.file}:\\d+:\\d+: .*{TOLD[how]}",
                              after=node.log.index(said))
            assert shown_outside(behind) == certificates.edge_outside.serial
            assert shown_inside(behind, certificates) == certificates.edge_inside.serial
            for path, content in kept.items():
                path.write_bytes(content)
                path.chmod(0o600)
    assert node.reload()[0] == "done"


def test_a_broken_certificate_of_one_side_keeps_the_sound_one_of_the_other_out_too(behind, certificates, start):
    node = start(behind)
    certificates.outside.issue("DNS:sip.edge.example").copy_to(behind.outside)
    behind.inside.certificate.write_text("no certificate\n")

    word, _ = node.reload()

    assert word == "refused"
    assert shown_outside(behind) == certificates.edge_outside.serial


@pytest.mark.parametrize("old, new", [("level: info", "level: loud"), ("nodes: 1", "nodes: 2"), ("version: 1", "version: [")])
def test_a_file_that_check_would_refuse_changes_nothing(behind, certificates, start, old, new):
    node = start(behind)
    certificates.outside.issue("DNS:sip.edge.example").copy_to(behind.outside)
    behind.change(old, new)

    assert node.reload()[0] == "refused"
    assert shown_outside(behind) == certificates.edge_outside.serial


def test_a_file_that_is_gone_changes_nothing(behind, certificates, start):
    node = start(behind)
    behind.file.unlink()

    word, _ = node.reload()

    assert word == "refused"
    node.wait_for_log("No such file or directory")
    assert shown_outside(behind) == certificates.edge_outside.serial


def test_a_certificate_more_is_shown_to_who_asks_for_it(behind, certificates, start):
    node = start(behind)
    added = certificates.outside.issue("DNS:branch.example")
    behind.change(f"key: {behind.outside.key}\n",
                  f"key: {behind.outside.key}\n      - certificate: {added.certificate}\n        key: {added.key}\n")

    assert node.reload()[0] == "done"
    assert shown_outside(behind, "branch.example") == added.serial
    assert shown_outside(behind) == certificates.edge_outside.serial
    assert "reload left settings as they were" not in node.log


def test_a_reload_says_that_other_settings_take_a_restart(behind, start):
    node = start(behind)
    behind.change("peers: [127.0.0.4]", "peers: [127.0.0.4, 127.0.0.5]")

    assert node.reload()[0] == "done"
    node.wait_for_log('warning reload left settings as they were keys="access.inside.peers"')


def test_many_reloads_in_a_row_leave_a_node_that_serves(behind, certificates, start):
    node = start(behind)
    for _ in range(10):
        renewed = certificates.outside.issue("DNS:sip.edge.example")
        renewed.copy_to(behind.outside)
        assert node.reload()[0] == "done"
        assert shown_outside(behind) == renewed.serial


def test_a_reload_without_memory_changes_nothing_and_the_node_goes_on(behind, certificates, start):
    node = start(behind)
    if "asan" in pathlib.Path(f"/proc/{node.pid}/maps").read_text():
        return  # Which ends the process itself where there is no memory.
    certificates.outside.issue("DNS:sip.edge.example").copy_to(behind.outside)
    with open(behind.file, "a") as longer:
        longer.write("#" * 900_000 + "\n")  # More than lies about.
    used = int(re.search(r"VmSize:\s+(\d+) kB", pathlib.Path(f"/proc/{node.pid}/status").read_text())[1]) * 1024
    _, hard = resource.prlimit(node.pid, resource.RLIMIT_AS)
    resource.prlimit(node.pid, resource.RLIMIT_AS, (used, hard))

    assert node.reload()[0] == "failed"
    node.wait_for_log('error reload failed reason="std::bad_alloc"')
    resource.prlimit(node.pid, resource.RLIMIT_AS, (hard, hard))
    assert shown_outside(behind) == certificates.edge_outside.serial
    assert node.reload()[0] == "done"


def test_a_node_that_is_short_of_files_outlives_its_reloads(behind, start):
    """How far a reload comes depends on who takes the last file: a client that connects, or the reload."""
    node = start(behind)
    _, hard = resource.prlimit(node.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(node.pid, resource.RLIMIT_NOFILE, (node.open_files() + 1, hard))
    for _ in range(50):
        with contextlib.suppress(OSError), wire.connect(behind.outside_at):
            assert node.reload()[0] in ("done", "refused", "failed")

    resource.prlimit(node.pid, resource.RLIMIT_NOFILE, (hard, hard))
    assert node.reload()[0] == "done"
    with behind.phone() as client:
        assert client.pong()
