"""Text messages cross the edge outside any dialog (RFC 3428)."""


def test_a_text_message_arrives_and_its_200_comes_back(parties, edge):
    sender, receiver = parties
    here, there = sender.mark(), receiver.mark()

    sender.say("Is the gate open?")

    arrived = receiver.wait_text("Is the gate open?", there)
    assert arrived.header("From").startswith(f"<{sender.uri}>")
    sender.wait_status("MESSAGE", 200, here)
    edge.wait_sessions_zero()


def test_many_text_messages_arrive_each_once(parties, edge):
    sender, receiver = parties
    here, there = sender.mark(), receiver.mark()
    texts = [f"line {number} of the list" for number in range(20)]

    for text in texts:
        sender.say(text)
    for text in texts:
        receiver.wait_text(text, there)

    arrived = [message.body for message in receiver.trace(there) if message.is_request and message.method == "MESSAGE"]
    assert sorted(arrived) == sorted(texts)
    edge.wait_sessions_zero()
