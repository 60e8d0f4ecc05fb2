"""The log at info level: facts and reasons, and nothing that names a person, a secret or an address of theirs."""

import re

import pytest

from peers import node as nodes, sip, wire
from peers.host import THIS_HOST
from peers.processes import Process, eventually

SDP = "v=0\r\no=- 1 1 IN IP4 203.0.113.77\r\ns=-\r\nc=IN IP4 203.0.113.77\r\nt=0 0\r\nm=audio 40404 RTP/AVP 0\r\n"
CLIENT = "127.0.0.77"  # Where the phone comes from: found in no configuration.


def session(configuration, certificates):
    """A registration, a message, a call, and everything that gives a line: refusals and ends of all kinds."""
    with configuration.phone(source=CLIENT) as phone:
        assert phone.register("lovelace").status == 200
        phone.send(sip.request("MESSAGE", "sip:babbage@edge.example", user="lovelace", to="<sip:babbage@edge.example>",
                               headers=["Content-Type: text/plain", "Subject: bernoulli"], body="the analytical engine"))
        assert phone.final().status == 200
        phone.send(sip.request("INVITE", "sip:babbage@edge.example", user="lovelace", to="<sip:babbage@edge.example>",
                               headers=["Content-Type: application/sdp"], body=SDP))
        assert phone.final().status == 200
        phone.send(sip.request("MESSAGE", "sip:babbage@edge.example", user="mallory"))
        assert phone.final().status == 403
        phone.send(b"REGISTER sip:lovelace@edge.example SIP/2.0\r\nFrom: lovelace\r\nContent-Length: x\r\n\r\n")
        phone.wait_closed()
    for said in (b"MESSAGE sip:lovelace@edge.example SIP/2.0\r\n\r\n", b"GET /lovelace HTTP/1.1\r\n\r\n"):
        with wire.connect(configuration.outside_at, source=CLIENT) as plain:
            plain.send(said)
            plain.wait_closed()
    with configuration.phone(source=CLIENT) as reset:
        reset.pong()
        reset.reset()
    try:
        configuration.server(certificates.next_hop, source=CLIENT).close()
    except OSError:
        pass  # No peer: refused.
    with configuration.server(certificates.unknown) as refused:
        refused.wait_closed()


def test_the_log_holds_no_name_no_address_no_content_and_no_secret(behind, certificates, next_hop, start):
    node = start(behind)
    session(behind, certificates)
    node.wait_closed("certificate_refused")
    node.reload()
    certificates.unknown.copy_to(behind.inside)
    node.reload()
    node.stop_cleanly()

    lowered = node.log.lower()
    registers = " ".join(message.text for message in next_hop.of("REGISTER"))
    tokens = re.findall(r"<sip:([\w-]+)@", registers)
    responses = re.findall(r'response="(\w+)"', registers)
    assert responses
    for told in ("lovelace", "babbage", "mallory", "bernoulli", "analytical", "203.0.113.77", "40404", CLIENT, "call-id",
                 "digest", "sip:", "begin", behind.secret_text, *responses, *[token for token in tokens if len(token) > 20]):
        assert told.lower() not in lowered, f"{told} in:\n{node.log}"
    for line in behind.outside.key.read_text().splitlines()[1:-1] + behind.inside.key.read_text().splitlines()[1:-1]:
        assert line not in node.log


def test_every_line_is_a_sentence_with_its_facts_behind_it(behind, certificates, next_hop, start):
    node = start(behind)
    session(behind, certificates)
    node.wait_closed("certificate_refused")
    node.stop_cleanly()

    form = re.compile(r"\d{4}-\d\d-\d\dT\S+ (info|warning|error) [a-z][a-z ]+( [a-z_]+=(\"[^\"]*\"|[^ ]+(, [a-z]+)*))*$")
    for line in node.log.splitlines():
        assert form.match(line), line


def test_each_end_that_is_not_ordinary_has_its_reason_in_the_log(behind, certificates, next_hop, start):
    node = start(behind)
    session(behind, certificates)

    for said in ("info connection closed reason=plain_text_on_tls", "info connection closed reason=certificate_refused",
                 "info connection closed reason=protocol_error", "warning connection refused reason=unknown_peer"):
        node.wait_for_log(said)
    assert "reason=peer_closed" not in node.log


def test_a_flood_is_counted_whole_and_logged_a_few_lines_a_second(behind, start):
    behind.change("handshake_timeout: 30s", "connection_rate_per_source: 1000/s")
    node = start(behind)
    for _ in range(60):
        with wire.connect(behind.outside_at) as plain:
            plain.send(b"GET / HTTP/1.1\r\n\r\n")
            plain.wait_closed()

    node.wait_closed("plain_text_on_tls", more_than=59)
    lines = re.findall(r"reason=plain_text_on_tls .*suppressed=(\d+)", node.log)
    assert 0 < len(lines) < 60, node.log


def test_debug_level_shows_peers_and_says_what_info_does_not(behind, next_hop, start):
    behind.change("level: info", "level: debug")
    node = start(behind)
    with behind.phone(source=CLIENT) as phone:
        assert phone.register("lovelace").status == 200

    node.wait_for_log(rf"debug connection closed reason=peer_closed .* peer={CLIENT}:\d+")
    assert "lovelace" not in node.log and "Digest" not in node.log


@pytest.mark.parametrize("level", ["warn", "error"])
def test_a_higher_level_leaves_the_lower_ones_out(behind, level):
    behind.change("level: info", f"level: {level}")
    process = Process("sallyport", [nodes.binary(), "run", behind.file], behind.directory,
                      environment=nodes.environment())

    def is_up():
        assert process.running(), process.log
        return THIS_HOST.answers(behind.metrics_at)
    try:
        eventually(is_up, lambda: f"a metrics listener:\n{process.log}")
        assert process.stop() == 0
    finally:
        process.kill()
    assert process.log == ""
