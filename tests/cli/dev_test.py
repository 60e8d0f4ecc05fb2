"""`sallyport run --dev`: one node without a file, for a first try on one's own machine."""

import re
import signal
import socket
import subprocess

import pytest

from peers import sip, wire
from peers.host import At, THIS_HOST
from peers.node import Node, UNAVAILABLE, run
from peers.processes import eventually

USERS, INSIDE, NEXT_HOP, METRICS, RELAYS = 5443, 5062, 5060, 9464, 3478


def start(directory):
    for port in (USERS, INSIDE, METRICS, RELAYS):
        with THIS_HOST.socket(socket.SOCK_DGRAM if port == RELAYS else socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                pytest.fail(f"127.0.0.1:{port}, a fixed port of --dev, is taken on this host: {error}", pytrace=False)
    return Node(["--dev"], directory, At("127.0.0.1", METRICS))


@pytest.fixture
def node(tmp_path):
    made = start(tmp_path)
    yield made
    made.kill()


def client():
    return wire.connect(("127.0.0.1", USERS), wire.client_context(), server_name="localhost")


def subject_of(connection):
    """The subject and extensions of the certificate shown, as openssl writes them."""
    return subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-subject", "-ext", "subjectAltName"],
                          input=connection.stream.getpeercert(binary_form=True), capture_output=True).stdout.decode()


def test_it_runs_on_the_ports_the_guide_names(node):
    assert f"listening side=outside transport=tls address=127.0.0.1:{USERS}" in node.log
    assert f"listening side=inside transport=tcp address=127.0.0.1:{INSIDE}" in node.log
    assert f"listening side=outside transport=udp address=127.0.0.1:{RELAYS}" in node.log
    assert f"ready node=dev services=access, av lanes=" in node.log and f"next_hop=127.0.0.1:{NEXT_HOP}" in node.log


def test_its_certificate_says_that_it_is_for_development_only(node):
    with client() as connection:
        shown = subject_of(connection)

    assert "Sallyport development only" in shown and "DNS:localhost" in shown and "127.0.0.1" in shown


def test_its_certificate_is_another_one_each_time(tmp_path):
    shown = []
    for life in ("first", "second"):
        (tmp_path / life).mkdir()
        node = start(tmp_path / life)
        try:
            with client() as connection:
                shown.append(connection.certificate_shown())
            node.stop_cleanly()
        finally:
            node.kill()
    assert shown[0] != shown[1]


def test_it_answers_keep_alives(node):
    with client() as connection:
        assert connection.pong()
    assert node.total("sallyport_sip_pings_total") == 1


def test_a_registration_crosses_it_to_a_next_hop_over_tcp(node):
    try:
        listener = THIS_HOST.listen(("127.0.0.1", NEXT_HOP))
    except OSError as error:
        pytest.fail(f"127.0.0.1:{NEXT_HOP}, where --dev looks for its next hop, is taken: {error}", pytrace=False)
    with listener, client() as phone:
        phone.send(sip.request("REGISTER", "sip:localhost", to="<sip:ada@localhost>"))
        listener.settimeout(10.0)
        stream, _ = listener.accept()
        with wire.Wire(stream) as registrar:
            request = registrar.read()
            assert re.search(rf"^<sip:[\w-]+@127\.0\.0\.1:{INSIDE};transport=tcp;lr;ob>$", request.header("Path"))
            registrar.send(sip.reply_to(request, 403, "Forbidden"))
        assert phone.final().status == 403


def test_it_has_nothing_to_reload(node):
    node.send(signal.SIGHUP)

    node.wait_for_log("reload ignored reason=development")
    with client() as connection:
        assert connection.pong()


def test_sigterm_ends_it_while_connections_are_open_and_handshakes_are_half_done(node):
    with client() as idle, client() as talking:
        assert idle.pong() and talking.pong()
        halves = [THIS_HOST.connect(("127.0.0.1", USERS)) for _ in range(20)]
        for half in halves[::2]:
            half.sendall(bytes.fromhex("160301020001000001fc0303"))  # The beginning of a ClientHello.
        eventually(lambda: node.total("sallyport_streams") >= 22, "all connections are counted")
        talking.send(b"OPTIONS sip:localhost SIP/2.0\r\nVia: ")

        node.stop_cleanly()
        assert idle.wait_closed() and talking.wait_closed()
        for half in halves:
            half.close()
    assert "stopped" in node.log


def test_a_second_one_is_told_which_address_is_taken(node, tmp_path):
    done = run("run", "--dev")

    assert done.code == UNAVAILABLE
    assert re.search(r"critical cannot run reason=.*127\.0\.0\.1:(5443|5062|3478|9464)", done.err), done.err
