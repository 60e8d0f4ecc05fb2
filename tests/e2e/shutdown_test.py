"""A node ends when it is told to, with clients on it."""

import network
import wire


def test_sigterm_ends_a_node_with_clients_in_order(edges, net, certificates, registrar):
    edge = edges("edge-shutdown", number=3)
    with wire.Wire(net, "outside", network.EDGE_OUTSIDE, edge.outside_port,
                   trust=certificates.outside.certificate) as client:
        assert client.register("grace").status == 200

        edge.stop_cleanly()

        assert client.wait_closed()
