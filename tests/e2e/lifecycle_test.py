"""A node's own life: it ends in order with clients on it, renews its certificates, and needs no file to be tried."""

import signal
import ssl

import edge as edge_module
import network
import processes
import wire


def shown_certificate(net, edge):
    """What the outside listener shows now, as DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with net.connect("outside", network.EDGE_OUTSIDE, edge.outside_port) as stream:
        with context.wrap_socket(stream, server_hostname="sip.edge.example") as client:
            return client.getpeercert(binary_form=True)


def test_sigterm_ends_a_node_with_clients_in_order(edges, net, certificates, registrar):
    edge = edges("edge-shutdown", number=3)
    with wire.Wire(net, "outside", network.EDGE_OUTSIDE, edge.outside_port,
                   trust=certificates.outside.certificate) as client:
        assert client.register("grace").status == 200

        edge.stop_cleanly()

        assert client.wait_closed()


def test_sighup_renews_the_certificate_and_keeps_who_is_connected(edges, net, certificates, registrar):
    edge = edges("edge-renewed", number=4)
    certificate, key = certificates.edge_outside
    kept = {path: path.read_bytes() for path in certificates.edge_outside}
    with wire.Wire(net, "outside", network.EDGE_OUTSIDE, edge.outside_port,
                   trust=certificates.outside.certificate) as client:
        assert client.register("grace").status == 200
        before = shown_certificate(net, edge)
        try:
            certificate.write_text("this is no certificate\n")
            edge.process.send(signal.SIGHUP)
            edge.process.wait_for_log("reload refused")
            assert shown_certificate(net, edge) == before

            renewed = certificates.outside.issue("renewed", ["DNS:sip.edge.example"])
            for path, source in zip((certificate, key), renewed):
                path.write_bytes(source.read_bytes())
            edge.process.send(signal.SIGHUP)
            processes.eventually(lambda: shown_certificate(net, edge) != before, "another certificate is shown")
            assert client.register("grace").status == 200
        finally:
            for path, content in kept.items():
                path.write_bytes(content)
    edge.stop_cleanly()


def test_a_node_without_a_file_runs_on_loopback_alone(net, directory):
    place = directory / "edge-development"
    place.mkdir()
    with processes.Process(net, "edge", "sallyport", [edge_module.binary(), "run", "--dev"], place,
                           edge_module.environment()) as node:
        processes.eventually(lambda: net.answers("edge", "127.0.0.1", 5443), lambda: f"a listener:\n{node.tail()}", 40.0)
        assert not net.answers("outside", network.EDGE_OUTSIDE, 5443)
        assert node.stop() == 0, node.tail()
