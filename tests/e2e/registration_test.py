"""A phone outside becomes reachable: REGISTER over TLS, digest by the registrar, Path by the edge."""

import re
import ssl

import pytest

import network


def test_a_phone_outside_registers_over_tls_with_digest(alice):
    replies = [message.status for message in alice.trace() if message.status and message.method == "REGISTER"]

    assert replies[:2] == [401, 200]
    assert {message.transport for message in alice.trace()} == {"TLS"}


def test_the_registrar_stores_the_path_through_the_edge(alice, registrar):
    binding = registrar.binding("alice")

    path = re.search(r"Path: (.*)", binding)[1]
    # RFC 5626, 5.1: the flow token is the user part, `ob` says that the edge keeps the flow.
    assert re.fullmatch(rf"<sip:[^@\s]{{8,}}@{re.escape(network.EDGE_INSIDE)}:5061;[^>]*>", path), binding
    assert ";lr" in path and ";ob" in path and ";transport=tls" in path


def test_a_wrong_password_stays_unregistered(net, phones, edge, registrar, certificates):
    dave = phones(net["outside"], network.OUTSIDE_PHONE, "dave", edge.proxy, trust=certificates.outside.certificate,
                  password="guessed")

    # Challenged, tried with what it has, refused again.
    credentials = dave.wait_message(lambda message: message.is_request and message.header("Authorization"))
    dave.wait_message(lambda message: message.status == 401 and message.header("CSeq") == credentials.header("CSeq"))
    assert not [message for message in dave.trace() if message.status == 200]
    assert registrar.binding("dave") == ""
    dave.end()
    edge.wait_sessions_zero()


def test_the_edge_shows_a_certificate_for_its_name_that_the_outside_trusts(edge):
    """baresip 1.0.0 takes any certificate, so this client looks at it in the phones' stead."""
    with edge.client(server_name="sip.edge.example", checks_name=True) as client:
        assert client.stream.version() in ("TLSv1.2", "TLSv1.3")


def test_a_tls_version_nobody_should_speak_is_refused(edge):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        edge.client(newest=ssl.TLSVersion.TLSv1_1)


def test_a_phone_that_leaves_is_forgotten_by_the_registrar(net, phones, edge, registrar, certificates):
    frank = phones(net["outside"], network.OUTSIDE_PHONE, "frank", edge.proxy, trust=certificates.outside.certificate)
    frank.wait_registered()
    assert "Path: <sip:" in registrar.binding("frank")

    frank.end()  # It unregisters as it goes.

    assert registrar.binding("frank") == ""
    edge.wait_sessions_zero()
