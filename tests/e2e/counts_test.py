"""Runs last: after everything the scenarios did, nothing of it is left in the node."""


def test_every_session_and_transaction_is_gone_in_the_end(edge):
    edge.wait_counts_zero()


def test_only_living_connections_are_counted(edge, alice):
    """Outside: alice's. Inside: to the next hop and from it, and none for anybody else."""
    assert edge.total("sallyport_connections", 'side="outside"') == 1
    assert edge.total("sallyport_connections", 'side="inside"') <= 4


def test_the_node_ends_with_zero_and_no_sanitizer_said_anything(edge):
    edge.stop_cleanly()
