"""A node's own life: it ends in order with clients on it, renews its certificates, and needs no file to be tried."""

import network
from peers.host import At
from peers.node import Node


def shown_certificate(edge):
    """The serial number of what the outside listener shows now."""
    with edge.client() as client:
        return client.certificate_shown()


def test_sigterm_ends_a_node_with_clients_in_order(edges, registrar):
    edge = edges("edge-shutdown", number=3)
    with edge.client() as client:
        assert client.register("grace").status == 200

        edge.stop_cleanly()

        assert client.wait_closed()


def test_sighup_renews_the_certificate_and_keeps_who_is_connected(edges, certificates, registrar):
    edge = edges("edge-renewed", number=4)
    own = edge.configuration.outside
    with edge.client() as client:
        assert client.register("grace").status == 200
        own.certificate.write_text("this is no certificate\n")
        assert edge.reload()[0] == "refused"
        assert shown_certificate(edge) == certificates.edge_outside.serial

        renewed = certificates.outside.issue("DNS:sip.edge.example")
        renewed.copy_to(own)
        assert edge.reload()[0] == "done"
        assert shown_certificate(edge) == renewed.serial
        assert client.register("grace").status == 200
    edge.stop_cleanly()


def test_a_node_without_a_file_runs_on_loopback_alone(net, directory):
    folder = directory / "edge-development"
    folder.mkdir()
    with Node(["--dev"], folder, At("127.0.0.1", 9464), host=net["edge"]) as node:
        assert net["edge"].answers(At("127.0.0.1", 5443))
        assert not net["outside"].answers(At(network.EDGE_OUTSIDE, 5443))
        node.stop_cleanly()
