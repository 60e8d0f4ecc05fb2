"""Runs last: after everything the scenarios did, nothing of it is left in the node."""


def test_every_session_and_transaction_is_gone_in_the_end(edge):
    edge.wait_counts_zero()


def test_only_living_connections_are_counted(edge, alice, bob):
    """The registered phone's, the one to the next hop, the one from it; the metrics port has none of ours."""
    assert 1 <= edge.total("sallyport_connections", 'side="outside"') <= 1
    assert 0 <= edge.total("sallyport_connections", 'side="inside"') <= 4


def test_no_sanitizer_said_anything(edge):
    assert edge.sanitizer_report() == ""
