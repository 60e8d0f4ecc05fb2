"""`sallyport check FILE`: every problem at once, each where it stands, and never a secret."""

import pathlib
import os

import pytest

from peers.certificates import DEVELOPMENT
from peers.node import CONFIG, run


def problems_of(done, configuration):
    """What was told, line by line, without the name of the file in front; the exit code was that of a bad file."""
    assert done.code == CONFIG, done.told
    assert done.out == ""
    prefix = f"{configuration.file}:"
    lines = done.err.splitlines()
    assert lines and all(line.startswith(prefix) for line in lines), done.err
    return [line[len(prefix):] for line in lines]


def only_problem_of(done, configuration):
    problems = problems_of(done, configuration)
    assert len(problems) == 1, done.err
    return problems[0]


def test_a_sound_file_is_said_to_be_sound(configuration):
    done = configuration.check()

    assert (done.code, done.out, done.err) == (0, f"{configuration.file}: sound\n", "")


def test_the_example_of_the_source_tree_has_no_problem_but_files_that_this_host_does_not_have(configuration):
    example = pathlib.Path(os.environ["SALLYPORT_SOURCE"]) / "config" / "example.yaml"

    done = run("check", example)

    assert done.code == CONFIG
    assert all("No such file" in line or "environment has no variable" in line for line in done.err.splitlines()), done.err


def test_every_problem_is_told_at_once_where_it_stands_in_the_order_of_the_file(configuration):
    places = [configuration.change(old, new) for old, new in (
        ("lanes: 2", "lanse: 2"),
        ("services: [access]", "services: [acess]"),
        ("domains: [edge.example]", "domains: [edge.example, 'not a name']"),
        ("handshake_timeout: 30s", "handshake_timeout: 2 parsecs\n  write_queue_max: 3 gallons"),
        ("level: info", "level: loud"))]
    configuration.change("inside:\n  address", "inside:\n  address: 127.0.0.3\n  address")

    problems = problems_of(configuration.check(), configuration)

    def place(what):
        return configuration.place(what) + ": "
    expected = [
        (place("lanse"), "node: unknown key 'lanse', did you mean 'lanes'?"),
        (place("acess]"), "services[0]: unknown service 'acess', did you mean 'access'?"),
        (place("'not a name'"), "domains[1]: 'not a name' is not a host name"),
        (place("address: 127.0.0.3\naccess"), "the key 'address' is given twice"),
        (place("2 parsecs"), "limits.handshake_timeout: '2 parsecs' is not a duration"),
        (place("3 gallons"), "limits.write_queue_max: '3 gallons' is not a size"),
        (place("loud"), "logging.level: 'loud' is not one of trace, debug, info, warn, error")]
    assert len(problems) == len(expected) and len(places) == 5, problems
    for told, (where, what) in zip(problems, expected):
        assert told.startswith(where + what), told


@pytest.mark.parametrize("written", [
    "secrets: [{0}]", "secrets: {0}", "secrets:\n    - {0}", "secrets:\n    - {{{0}: x}}",
    "secrets:\n    - value: {0}", "secrets:\n    - env: {0}", "secrets:\n    - file: {0}", "secret: {0}",
    "secrets:\n    - file: |\n        {0}\n        {0}"])
def test_a_secret_written_in_the_file_is_refused_and_not_shown(configuration, written):
    literal = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"
    configuration.change(f"secrets:\n    - file: {configuration.secret}", written.format(literal))

    done = configuration.check()

    assert done.code == CONFIG
    assert literal not in done.told and configuration.secret_text not in done.told


def test_a_private_key_pasted_in_the_file_is_refused_and_not_shown(configuration):
    key = configuration.outside.key.read_text().strip()
    indented = key.replace("\n", "\n          ")
    configuration.change(f"key: {configuration.outside.key}", f"key: |\n          {indented}")

    done = configuration.check()

    assert done.code == CONFIG
    assert key.splitlines()[1] not in done.told, done.told


@pytest.mark.parametrize("content, told", [
    ("not base64 at all!", "is not base64"), ("c2hvcnQ=", "is a secret of 5 bytes, at least 32 are needed"),
    ("", "is a secret of 0 bytes")])
def test_a_secret_that_is_none_is_refused_and_not_shown(configuration, content, told):
    configuration.secret.write_text(content)

    problem = only_problem_of(configuration.check(), configuration)

    assert problem.startswith(configuration.line("- file:") + ":") and told in problem
    assert not content or content not in problem


def test_the_same_secret_twice_is_no_rotation(configuration):
    configuration.change(f"- file: {configuration.secret}", f"- file: {configuration.secret}\n    - env: OTHER_SECRET")

    problem = only_problem_of(configuration.check(OTHER_SECRET=configuration.secret_text), configuration)

    assert "is the same secret as the other" in problem and configuration.secret_text not in problem


def test_a_secret_may_come_from_the_environment(configuration):
    configuration.change(f"- file: {configuration.secret}", "- env: EDGE_SECRET")

    assert configuration.check(EDGE_SECRET=configuration.secret_text).code == 0
    assert "the environment has no variable of this name" in only_problem_of(configuration.check(), configuration)


@pytest.mark.parametrize("which", ["secret", "outside", "inside"])
def test_a_secret_or_key_that_every_user_may_read_is_refused(configuration, which):
    file = configuration.secret if which == "secret" else getattr(configuration, which).key
    file.chmod(0o604)

    problem = only_problem_of(configuration.check(), configuration)

    assert problem.startswith(configuration.line(str(file)) + ":"), problem
    assert "is open to every user of the host" in problem


@pytest.mark.parametrize("which", ["secret", "outside.certificate", "outside.key", "inside.certificate", "inside.key"])
def test_a_file_that_is_not_there_is_told_once_where_it_is_named(configuration, which):
    file = configuration
    for part in which.split("."):
        file = getattr(file, part)
    file.unlink()

    problem = only_problem_of(configuration.check(), configuration)

    assert problem.startswith(configuration.line(str(file)) + ":"), problem
    assert "cannot be read: No such file or directory" in problem


def test_an_authority_that_is_not_there_is_told_once(configuration, certificates):
    place = configuration.change(f"ca: {certificates.inside.certificate}", "ca: none.pem").replace(":", ":", 1)

    problem = only_problem_of(configuration.check(), configuration)

    assert problem.startswith(place.partition(":")[0] + ":")
    assert f"access.inside.ca: '{configuration.directory}/none.pem' cannot be read" in problem


def bad_pairs(certificates):
    """{what it is called: (side, the pair, what is told of it)}"""
    outside, inside = certificates.outside, certificates.inside
    return {
        "expired": ("outside", outside.expired("DNS:sip.edge.example"), "has expired"),
        "not valid yet": ("outside", outside.issue("DNS:a.example", begin="20990101000000Z", end="20990201000000Z"),
                          "is not valid yet"),
        "of --dev": ("outside", outside.issue("DNS:sip.edge.example", organisation=DEVELOPMENT), "was made by `--dev`"),
        "of --dev, inside": ("inside", inside.issue("DNS:edge1.inside.example", organisation=DEVELOPMENT),
                             "was made by `--dev`"),
        "for clients alone": ("outside", outside.issue("DNS:sip.edge.example", usage="clientAuth"),
                              "its key usage does not allow a TLS server"),
        "for servers alone": ("inside", inside.issue("DNS:edge1.inside.example", usage="serverAuth"),
                              "its key usage does not allow a TLS client"),
        "expired, inside": ("inside", inside.expired("DNS:edge1.inside.example"), "has expired"),
    }


@pytest.fixture(scope="module")
def bad(certificates):
    return bad_pairs(certificates)


@pytest.mark.parametrize("kind", ["expired", "not valid yet", "of --dev", "of --dev, inside", "for clients alone",
                                  "for servers alone", "expired, inside"])
def test_a_certificate_is_refused_that_is(configuration, bad, kind):
    side, pair, told = bad[kind]
    target = getattr(configuration, side)
    pair.copy_to(target)

    problem = only_problem_of(configuration.check(), configuration)

    line = configuration.line(f"certificate: {target.certificate}")
    assert problem.startswith(line + ":") and f"{target.certificate}: " in problem and told in problem, problem


def test_a_key_of_another_certificate_is_refused(configuration, certificates):
    configuration.outside.key.write_bytes(certificates.unknown.key.read_bytes())

    problem = only_problem_of(configuration.check(), configuration)

    assert "its private key belongs to another certificate" in problem


@pytest.mark.parametrize("which, told", [("certificate", "holds no certificate in PEM, or a broken one"),
                                         ("key", "its private key is not readable PEM")])
def test_a_truncated_file_is_refused(configuration, which, told):
    file = getattr(configuration.outside, which)
    file.write_bytes(file.read_bytes()[:120])

    assert told in only_problem_of(configuration.check(), configuration)


def test_every_certificate_of_the_file_is_looked_at_though_another_is_not_there(configuration, bad):
    bad["expired"][1].copy_to(configuration.outside)
    configuration.inside.key.unlink()

    problems = problems_of(configuration.check(), configuration)

    assert len(problems) == 2 and "has expired" in problems[0] and "cannot be read" in problems[1], problems


@pytest.mark.parametrize("changes, rules", [
    ([("nodes: 1", "nodes: 2")], {"nat-in-pool", "pool-without-store"}),  # 127.0.0.2 is on no interface.
    ([("nodes: 1", "nodes: 2"), ("address: 127.0.0.2", "address: 127.0.0.1"),
      ('listen: ["127.0.0.2:', 'listen: ["127.0.0.1:')], {"pool-without-store"}),
    ([("nodes: 1", "nodes: 2"), ("address: 127.0.0.2", "address: 127.0.0.1\n  nat: true"),
      ('listen: ["127.0.0.2:', 'listen: ["127.0.0.1:')], {"nat-in-pool", "pool-without-store"}),
    ([("nodes: 1", "nodes: 32"), ("address: 127.0.0.2", "address: 127.0.0.1"),
      ('listen: ["127.0.0.2:', 'listen: ["127.0.0.1:')], {"pool-without-store"}),
    ([("nodes: 1", "nodes: 1\n  site: remote")], {"remote-site"}),
])
def test_the_topology_rule_names_what_breaks_it(configuration, changes, rules):
    for old, new in changes:
        configuration.change(old, new)

    problems = problems_of(configuration.check(), configuration)

    assert {problem.rpartition("[")[2].rstrip("]") for problem in problems} == rules, problems
    assert all(problem.split(":")[0].isdigit() and problem.split(":")[1].isdigit() for problem in problems), problems


@pytest.mark.parametrize("extra", ["", "\n  nat: true"])
def test_one_node_may_stand_behind_address_translation(configuration, extra):
    configuration.change("address: 127.0.0.2", f"address: 127.0.0.2{extra}")

    assert configuration.check().code == 0


def test_a_pool_has_at_most_32_nodes(configuration):
    where = configuration.change("nodes: 1", "nodes: 33")

    problem = only_problem_of(configuration.check(), configuration)

    assert problem.startswith(where.partition(":")[0]) and "'33' is out of range" in problem


@pytest.mark.parametrize("services, told", [
    ("[]", "services: must not be empty"), ("", "services: must be a list"), ("access", "services: must be a list"),
    ("[access, conferencing]", "services[1]: service 'conferencing' is not part of this version"),
    ("[conferencing]", "services[0]: service 'conferencing' is not part of this version"),
    ("[access, conferencing, av]", "services[1]: service 'conferencing' is not part of this version"),
    ("[access, access]", "services[1]: service 'access' is named twice"),
    ("[mediation]", "services[0]: unknown service 'mediation'")])
def test_services_that_cannot_run_are_refused_by_name(configuration, services, told):
    configuration.change("services: [access]", f"services: {services}")

    problems = problems_of(configuration.check(), configuration)

    assert any(told in problem and problem.startswith(configuration.line("services:") + ":")
               for problem in problems), problems


def test_without_the_access_service_nothing_of_its_section_is_required(configuration):
    configuration.outside.key.unlink()
    configuration.change("services: [access]", "services: [conferencing]")

    assert "is not part of this version" in only_problem_of(configuration.check(), configuration)


def test_a_service_without_its_section_is_refused(configuration):
    begin, end = configuration.text.index("access:\n"), configuration.text.index("limits:")
    configuration.change(configuration.text[begin:end], "")

    assert "access: is missing" in only_problem_of(configuration.check(), configuration)


def test_a_section_without_its_certificates_is_refused_in_order(configuration):
    """Everything else of TLS is left out too, so that nothing but the missing list is wrong with it."""
    configuration.change("    certificates:\n      - certificate: {0.certificate}\n        key: {0.key}\n".format(
        configuration.outside), "")
    text = configuration.text
    configuration.change(text[text.index("    transport: tls\n    certificate"):text.index("    peers")],
                         "    transport: tcp\n")
    text = configuration.text
    configuration.change(text[text.index("    transport: tls"):text.index("limits")], "    transport: tcp\n")

    assert "access.outside.certificates: is missing" in only_problem_of(configuration.check(), configuration)


def test_a_side_without_its_certificate_is_told_what_is_missing(configuration, certificates):
    configuration.change("    certificate: {0.certificate}\n    key: {0.key}\n    ca: {1}\n".format(
        configuration.inside, certificates.inside.certificate), "")

    problems = problems_of(configuration.check(), configuration)

    assert sorted(problem.split(": ")[1] for problem in problems) == [
        "access.inside.ca", "access.inside.certificate", "access.inside.key"], problems
    assert all("is missing" in problem for problem in problems), problems


def test_a_file_that_is_no_yaml_is_refused_at_the_place(configuration):
    configuration.change("services: [access]", "services: [access")

    assert problems_of(configuration.check(), configuration)[0].split(":")[0].isdigit()


@pytest.mark.parametrize("content", ["", "# nothing\n", "[]", "text", "version: 1\n"])
def test_a_file_that_says_next_to_nothing_is_refused(configuration, content):
    configuration.file.write_text(content)

    done = configuration.check()

    assert done.code == CONFIG and done.err, done.told


def test_a_file_that_is_not_there_is_told_so(tmp_path):
    file = tmp_path / "none.yaml"

    done = run("check", file)

    assert (done.code, done.out, done.err) == (CONFIG, "", f"{file}: No such file or directory\n")


def test_a_folder_is_no_configuration(tmp_path):
    done = run("check", tmp_path)

    assert (done.code, done.err) == (CONFIG, f"{tmp_path}: not a regular file\n")


def test_relative_paths_start_at_the_folder_of_the_file(configuration):
    for name in ("outside.pem", "outside.key", "inside.pem", "inside.key", "pool.secret"):
        configuration.change(f"{configuration.directory}/{name}\n", f"{name}\n")

    assert configuration.check().code == 0
