"""`sallyport run`: what it refuses and how it says so; how it starts and ends."""

import contextlib
import os
import pathlib
import pty
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile

import pytest

from peers import node as nodes, wire
from peers.certificates import DEVELOPMENT
from peers.host import THIS_HOST
from peers.node import CONFIG, OSERR, UNAVAILABLE, USAGE, run
from peers.parts import missing
from peers.processes import eventually, without_netlink

NOBODY_ELSE = 64738  # A user that no process of this host has.
NO_LEAK_SEARCH = "detect_leaks=0"  # It takes a thread and files of its own.


def spoil_nothing_but(configuration, certificates, how):
    if how == "unknown key":
        configuration.change("lanes: 2", "lanse: 2")
    elif how == "topology":
        configuration.change("nodes: 1", "nodes: 2")
    elif how == "services":
        configuration.change("services: [access]", "services: [access, conferencing]")
    elif how == "expired":
        certificates.outside.expired("DNS:sip.edge.example").copy_to(configuration.outside)
    elif how == "of --dev":
        certificates.outside.issue("DNS:sip.edge.example", organisation=DEVELOPMENT).copy_to(configuration.outside)
    elif how == "mismatched":
        configuration.inside.key.write_bytes(certificates.unknown.key.read_bytes())
    elif how == "readable key":
        configuration.outside.key.chmod(0o644)
    elif how == "no secret":
        configuration.secret.unlink()
    elif how == "no file":
        configuration.file.unlink()


@pytest.mark.parametrize("how", ["unknown key", "topology", "services", "expired", "of --dev", "mismatched",
                                 "readable key", "no secret", "no file"])
def test_run_refuses_what_check_refuses_in_the_same_words(configuration, certificates, how):
    spoil_nothing_but(configuration, certificates, how)
    told = configuration.check()

    done = run("run", configuration.file)

    assert (done.code, done.out, done.err) == (CONFIG, "", told.err)
    assert told.code == CONFIG


@pytest.mark.parametrize("arguments", [
    [], ["run"], ["check"], ["nonsense"], ["run", "--nonsense"], ["run", "a.yaml", "b.yaml"], ["run", "--dev", "a.yaml"],
    ["check", "--dev"], ["version", "a.yaml"]])
def test_a_command_that_is_none_is_a_matter_of_usage(arguments):
    done = run(*arguments)

    assert (done.code, done.out) == (USAGE, "") and done.err, done.told


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["check", "--help"]])
def test_help_is_no_mistake(arguments):
    done = run(*arguments)

    assert (done.code, done.err) == (0, "") and done.out


def test_version_says_which():
    done = run("version")

    assert done.code == 0 and re.fullmatch(r"sallyport \d+\.\d+\.\d+\n", done.out)


def refused_start(configuration):
    """The critical line of a start that fails for want of an address."""
    done = run("run", configuration.file)
    assert done.code == UNAVAILABLE, done.told
    lines = [line for line in done.err.splitlines() if " critical " in line]
    assert len(lines) == 1, done.err
    return lines[0]


@pytest.mark.parametrize("which", ["outside", "inside", "metrics"])
def test_an_address_in_use_ends_the_start_and_is_named(configuration, which):
    at = getattr(configuration, f"{which}_at")
    with THIS_HOST.listen(at):
        line = refused_start(configuration)

    assert str(at) in line and "cannot run reason=" in line, line
    assert which == "metrics" or "Address already in use" in line, line


def without_metrics(configuration):
    """Whose library would ignore SIGPIPE for us."""
    configuration.change(f"metrics:\n  listen: {configuration.metrics_at}\n", "")


def test_a_second_node_on_the_same_addresses_does_not_start(configuration, start):
    """Without metrics, whose port would be in the way first: the listeners themselves have to."""
    without_metrics(configuration)
    start(configuration)

    line = refused_start(configuration)

    assert "Address already in use" in line


def test_an_address_that_this_host_does_not_have_ends_the_start(configuration):
    configuration.change("outside:\n  address: 127.0.0.2", "outside:\n  address: 198.51.100.7")
    configuration.change('listen: ["127.0.0.2:', 'listen: ["198.51.100.7:')

    line = refused_start(configuration)

    assert "198.51.100.7" in line and "Cannot assign requested address" in line


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_host_that_does_not_list_its_addresses_is_no_fault_of_the_configuration(configuration, command):
    """A unit with RestrictAddressFamilies does that."""
    done = subprocess.run([nodes.binary(), command, configuration.file], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, env=nodes.environment(), preexec_fn=without_netlink)

    assert (done.returncode, done.stdout) == (OSERR, ""), done.stderr
    assert done.stderr == "sallyport: the addresses of this host cannot be read: Too many open files\n"


@pytest.mark.parametrize("files", range(5, 16))
def test_however_few_files_there_are_the_start_ends_and_says_so(configuration, files):
    """As many lanes as take more than there are."""
    configuration.change("lanes: 2", "lanes: 8")
    done = subprocess.run([nodes.binary(), "run", configuration.file], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, env=nodes.environment(ASAN_OPTIONS=NO_LEAK_SEARCH),
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)))

    assert done.returncode in (UNAVAILABLE, OSERR, CONFIG), (done.returncode, done.stderr)
    assert "Too many open files" in done.stderr


@pytest.mark.parametrize("threads", range(1, 10))
def test_however_few_threads_there_are_the_start_ends_and_says_so(threads):
    """A unit with TasksMax does that. Root is not held to the limit, so somebody without a process is asked."""
    if os.geteuid() != 0:
        missing("root, to be somebody else")
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        program = shutil.copy(nodes.binary(), directory)
        done = subprocess.run([program, "run", "--dev"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, env=nodes.environment(ASAN_OPTIONS=NO_LEAK_SEARCH), cwd="/",
                              user=NOBODY_ELSE, group=NOBODY_ELSE, extra_groups=[],
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (threads, threads)))

    assert done.returncode in (UNAVAILABLE, OSERR), (done.returncode, done.stderr)
    assert "Resource temporarily unavailable" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_node_says_where_it_listens_and_ends_in_order(configuration, start, number):
    node = start(configuration)

    node.stop_cleanly(number)
    said = [line.split(" ", 2)[1:] for line in node.log.splitlines()]
    assert said == [["info", f"listening side=outside transport=tls address={configuration.outside_at}"],
                    ["info", f"listening side=inside transport=tls address={configuration.inside_at}"],
                    ["info", said[2][1]], ["info", "stopping"], ["info", "stopped"]], node.log
    assert re.fullmatch(r"ready node=edge1 services=access lanes=2 next_hop=127\.0\.0\.4:\d+", said[2][1])
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d ", line) for line in node.log.splitlines())


def test_an_override_reaches_the_node(configuration, start):
    node = start(configuration, SALLYPORT_NODE__NAME="edge7", SALLYPORT_NODE__LANES="1")

    assert "ready node=edge7 services=access lanes=1 " in node.log


def test_a_node_needs_no_metrics(configuration, start):
    without_metrics(configuration)
    start(configuration)

    assert not THIS_HOST.answers(configuration.metrics_at)


def test_a_node_takes_as_many_files_as_it_may(configuration, start):
    """Started with the soft limit that shells hand out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
        node = start(configuration)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    limits = pathlib.Path(f"/proc/{node.pid}/limits").read_text()
    assert re.search(rf"Max open files +{hard} +{hard} ", limits), limits


def test_a_node_that_may_open_fewer_files_than_connections_says_so(configuration, start):
    configuration.change("handshake_timeout: 30s", "connections_max: 1000000")

    node = start(configuration)

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert (f" warning open files are fewer than connections and relays files_max={hard} connections_max=1000000"
            " allocations_max=0" in node.log)


def test_a_client_that_resets_while_it_is_written_to_does_not_end_a_node(configuration, start):
    without_metrics(configuration)
    node = start(configuration)

    for _ in range(20):
        with configuration.phone() as client:
            client.send(b"\r\n\r\n" * 2000)
            client.reset()
    with configuration.phone() as client:
        assert client.pong()
    node.stop_cleanly()


@contextlib.contextmanager
def logging_into(configuration, reader, writer):
    """A node that logs into `writer`, a descriptor. It is ready, says so in `reader`, and has to end in order."""
    os.set_blocking(reader, False)
    with open(reader, "rb", buffering=0) as log, open(writer, "wb", buffering=0) as filler, subprocess.Popen(
            [nodes.binary(), "run", configuration.file], stderr=writer, env=nodes.environment(),
            start_new_session=True) as node:
        try:
            eventually(lambda: b" ready " in (log.read(65536) or b""), "the node is ready")
            yield log, filler, node
            node.send_signal(signal.SIGTERM)
            assert node.wait(30.0) == 0
        finally:
            node.kill()


def logging_into_a_pipe(configuration):
    return logging_into(configuration, *os.pipe())


def end_a_connection_loudly(configuration):
    """Its end is logged."""
    with wire.connect(configuration.outside_at) as plain:
        plain.send(b"OPTIONS sip:edge.example SIP/2.0\r\n\r\n")
        assert plain.wait_closed()


def test_a_log_whose_reader_has_gone_does_not_end_a_node(configuration):
    without_metrics(configuration)
    with logging_into_a_pipe(configuration) as (log, *_):
        log.close()
        end_a_connection_loudly(configuration)
        with configuration.phone() as client:
            assert client.pong()


def fill(pipe):
    # A description of its own: not to wait is a property of it, which the node must not inherit.
    with open(f"/proc/self/fd/{pipe.fileno()}", "wb", buffering=0,
              opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK)) as impatient:
        while impatient.write(b"." * 4095 + b"\n"):
            pass


def lose_lines(configuration, node):
    """As many lines as it takes: more than wait for a reader."""
    with open(configuration.file, "a") as broken:
        broken.writelines(f"unknown_{number}: 1\n" for number in range(150))

    def has_lost():
        node.send_signal(signal.SIGHUP)
        return nodes.samples(configuration.metrics_at)["sallyport_log_lines_lost_total", ""]
    eventually(has_lost, "lines are lost", 60.0)


def test_a_log_that_nobody_reads_does_not_stop_a_node_and_says_what_was_lost(configuration):
    """Into a full pipe whoever writes waits for its reader: that must not be a lane."""
    with logging_into_a_pipe(configuration) as (log, filler, node):
        fill(filler)
        lose_lines(configuration, node)
        for _ in range(10):  # On either lane.
            end_a_connection_loudly(configuration)
            with configuration.phone() as client:
                assert client.pong()

        said = bytearray()

        def says_what_was_lost():
            said.extend(log.read(65536) or b"")
            end_a_connection_loudly(configuration)
            return re.search(rb" warning log lines lost lines=[1-9]\d*\n\S+ info connection closed ", said)
        eventually(says_what_was_lost, lambda: f"lost lines in {bytes(said[-500:])}")


def test_a_log_that_nobody_ever_reads_keeps_no_node_from_ending(configuration):
    with logging_into_a_pipe(configuration) as (_, filler, node):
        fill(filler)
        lose_lines(configuration, node)


def test_a_log_into_a_socket_that_nobody_reads_does_not_stop_a_node(configuration):
    """As journald's is. It cannot be opened again, so that whoever writes into it has to wait."""
    ours, its = socket.socketpair()
    with logging_into(configuration, ours.detach(), its.detach()) as (_, _, node):
        lose_lines(configuration, node)
        for _ in range(10):
            with configuration.phone() as client:
                assert client.pong()


def test_a_line_that_a_full_pipe_has_begun_is_ended_before_another_begins(configuration):
    with logging_into_a_pipe(configuration) as (log, filler, node):
        fill(filler)
        log.read(2 * 4096)
        with open(configuration.file, "a") as broken:
            broken.writelines(f"unknown_{number}: 1\n" for number in range(150))  # More than there is room for.
        node.send_signal(signal.SIGHUP)

        said = bytearray()

        def says_all():
            said.extend(log.read(4096) or b"")
            end_a_connection_loudly(configuration)
            return re.search(rb"unknown key 'unknown_149'[^\n]*\n\S+ (?:info|warning) ", said)
        eventually(says_all, lambda: f"the last problem and a line after it in {bytes(said[-500:])}")
        lines = bytes(said).decode().splitlines()
        assert all(re.match(r"\.+$|\d{4}-\S+ \w+ |\S+:\d+:\d+: unknown key 'unknown_\d+'", line) for line in lines), lines


def test_a_terminal_that_nobody_reads_does_not_stop_a_node(configuration):
    """It has room for a few bytes when it says that it has room: whoever writes more waits."""
    without_metrics(configuration)
    ours, its = pty.openpty()
    with open(ours, "rb", buffering=0) as terminal, subprocess.Popen(
            [nodes.binary(), "run", configuration.file], stderr=its, env=nodes.environment(),
            start_new_session=True) as node:
        os.close(its)
        try:
            eventually(lambda: b" ready " in terminal.read(65536), "the node is ready")
            with open(configuration.file, "a") as broken:
                broken.writelines(f"unknown_{number}: 1\n" for number in range(150))  # More than there is room for.
            for _ in range(10):  # On either lane.
                node.send_signal(signal.SIGHUP)
                end_a_connection_loudly(configuration)
                with configuration.phone() as client:
                    assert client.pong()
            node.send_signal(signal.SIGTERM)
            assert node.wait(30.0) == 0
        finally:
            node.kill()
