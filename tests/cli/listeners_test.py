"""Who gets through which listener, what each shows, and that everybody who does not is counted."""

import ssl

import pytest

from peers import wire
from peers.configuration import INSIDE, OUTSIDE
from peers.host import THIS_HOST
from peers.next_hop import ADDRESS as NEXT_HOP, NextHop
from peers.processes import eventually


def is_refused(connection):
    """With TLS 1.3 a client learns after its own handshake what the server thinks of its certificate."""
    return connection.wait_closed()


@pytest.fixture
def node(configuration, start):
    return start(configuration)


def test_each_side_shows_its_own_certificate_and_never_the_others(node, configuration, certificates):
    names = [None, "sip.edge.example", "edge1.inside.example", "edge.example", "nobody.example"]

    shown_outside = set()
    shown_inside = set()
    for name in names:
        with configuration.phone(server_name=name) as client:
            shown_outside.add(client.certificate_shown())
        with configuration.server(certificates.next_hop, server_name=name) as client:
            shown_inside.add(client.certificate_shown())

    assert shown_outside == {certificates.edge_outside.serial}
    assert shown_inside == {certificates.edge_inside.serial}


@pytest.mark.parametrize("address, listener", [(INSIDE, "outside_at"), (OUTSIDE, "inside_at"),
                                           ("127.0.0.1", "outside_at"), ("127.0.0.1", "inside_at")])
def test_a_port_is_open_on_its_own_address_alone(node, configuration, address, listener):
    with pytest.raises(ConnectionRefusedError):
        THIS_HOST.connect((address, getattr(configuration, listener).port)).close()


def test_the_inside_takes_a_peer_with_a_certificate_of_its_authority(node, configuration, certificates):
    with configuration.server(certificates.next_hop, trust=certificates.inside.certificate) as peer:
        assert peer.pong()
    eventually(lambda: node.closed("peer_closed") == 1, "its end is counted")


@pytest.mark.parametrize("newest", [None, ssl.TLSVersion.TLSv1_2])
def test_the_inside_refuses_a_peer_without_a_certificate(node, configuration, newest):
    try:
        with configuration.server(newest=newest) as peer:
            assert is_refused(peer)
    except ssl.SSLError:
        pass  # TLS 1.2: already in the handshake.
    node.wait_closed("certificate_missing")
    node.wait_for_log(r"info connection closed reason=certificate_missing ")


@pytest.mark.parametrize("newest", [None, ssl.TLSVersion.TLSv1_2])
def test_the_inside_refuses_a_certificate_of_another_authority(node, configuration, certificates, newest):
    try:
        with configuration.server(certificates.unknown, newest=newest) as peer:
            assert is_refused(peer)
    except ssl.SSLError:
        pass
    node.wait_closed("certificate_refused")


@pytest.mark.parametrize("kind", ["expired", "for servers alone"])
def test_the_inside_refuses_a_certificate_that_is(node, configuration, certificates, kind):
    pair = (certificates.inside.expired("DNS:director.inside.example") if kind == "expired"
            else certificates.inside.issue("DNS:director.inside.example", usage="serverAuth"))

    with configuration.server(pair) as peer:
        assert is_refused(peer)
    node.wait_closed("certificate_refused")


def test_a_source_that_is_no_peer_is_refused_before_tls_and_counted(node, configuration, certificates):
    with pytest.raises((ssl.SSLError, ConnectionError, wire.Closed)):
        with configuration.server(certificates.next_hop, source="127.0.0.5") as refused:
            refused.pong()

    eventually(lambda: node.total("sallyport_connections_refused_total", 'reason="unknown_peer"') == 1,
               "who is refused is counted")
    node.wait_for_log(r"warning connection refused reason=unknown_peer suppressed=0 lane=\d")
    assert node.total("sallyport_accepted_total") == 0


def test_peers_may_be_a_prefix(configuration, start, certificates):
    configuration.change("peers: [127.0.0.4]", "peers: [127.0.1.0/24]")
    start(configuration)

    with configuration.server(certificates.next_hop, source="127.0.1.200") as peer:
        assert peer.pong()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        configuration.server(certificates.next_hop)


@pytest.mark.parametrize("said", [b"REGISTER sip:edge.example SIP/2.0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
                                  b"SIP/2.0 200 OK\r\n\r\n", b"CONNECT edge.example:443 HTTP/1.1\r\n\r\n"])
@pytest.mark.parametrize("side", ["outside", "inside"])
def test_plain_text_on_a_tls_port_is_closed_and_counted(node, configuration, side, said):
    with wire.connect(getattr(configuration, f"{side}_at"), source=NEXT_HOP) as plain:
        plain.send(said)
        assert plain.wait_closed()
    node.wait_closed("plain_text_on_tls")
    node.wait_for_log(r"info connection closed reason=plain_text_on_tls ")


@pytest.mark.parametrize("side", ["outside", "inside"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused_and_counted(node, configuration, certificates, side, version):
    with pytest.raises(ssl.SSLError):
        if side == "inside":
            configuration.server(certificates.next_hop, newest=version)
        else:
            configuration.phone(newest=version)
    node.wait_closed("handshake_failed")


def test_tls_1_2_and_1_3_are_spoken(node, configuration):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = wire.client_context()
        context.minimum_version = context.maximum_version = version
        with wire.connect(configuration.outside_at, context) as client:
            assert client.pong() and client.stream.version() == str(version.name).replace("v1_", "v1.")


@pytest.mark.parametrize("offered, taken", [((), None), (("sip/2",), "sip/2"), (("h2", "sip/2"), "sip/2"), (("h2",), None)])
def test_alpn_is_sip_or_nothing(node, configuration, offered, taken):
    with configuration.phone(alpn=offered) as client:
        assert client.stream.selected_alpn_protocol() == taken
        assert client.pong()


def test_what_is_no_sip_is_closed_and_counted_after_the_handshake(node, configuration):
    for said, reason in ((b"\x16\x03\x01\x00\x05hello", "protocol_unknown"), (b"GET /ws HTTP/1.1\r\n\r\n", "service_absent")):
        with configuration.phone() as client:
            client.send(said)
            assert client.wait_closed()
        node.wait_closed(reason)


def test_sni_chooses_among_several_certificates(configuration, certificates, start):
    branch = certificates.outside.issue("DNS:branch.example", "DNS:sip.branch.example")
    wild = certificates.outside.issue("DNS:*.wild.example")
    more = "".join(f"\n      - certificate: {pair.certificate}\n        key: {pair.key}" for pair in (branch, wild))
    configuration.change(f"key: {configuration.outside.key}", f"key: {configuration.outside.key}{more}")
    start(configuration)
    first = certificates.edge_outside.serial

    for name, serial in (("sip.edge.example", first), ("branch.example", branch.serial), ("SIP.Branch.Example", branch.serial),
                         ("a.wild.example", wild.serial), ("a.b.wild.example", first), ("wild.example", first),
                         ("unknown.example", first), (None, first)):
        with configuration.phone(server_name=name) as client:
            assert client.certificate_shown() == serial, name


def assert_not_spoken_to(configuration, start, certificates, own, reason):
    """A next hop that shows the pair `own` hears no SIP of the node."""
    with NextHop(certificates, own=own) as wrong:
        configuration.lead_to(wrong.at)
        node = start(configuration)
        with configuration.phone() as phone:
            assert phone.register().status == 503
        node.wait_closed(reason)
        assert wrong.of("REGISTER") == []


def test_the_next_hop_must_bear_the_name_it_is_meant_to_have(configuration, certificates, start):
    other = certificates.inside.issue("DNS:other.inside.example")
    assert_not_spoken_to(configuration, start, certificates, other, "certificate_name")


def test_the_next_hop_must_be_of_the_insides_authority(configuration, certificates, start):
    foreign = certificates.outside.issue("DNS:director.inside.example")
    assert_not_spoken_to(configuration, start, certificates, foreign, "certificate_refused")


def test_every_connection_refused_is_gone_again(node, configuration, certificates):
    for _ in range(5):
        with wire.connect(configuration.outside_at) as plain:
            plain.send(b"GET / HTTP/1.1\r\n\r\n")
            plain.wait_closed()
        with configuration.phone() as client:
            client.reset()
    eventually(lambda: node.total("sallyport_streams") == 0, "no connection is left")
    assert node.total("sallyport_connections") == 0
