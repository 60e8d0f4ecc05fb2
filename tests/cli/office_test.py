"""An office behind one address: its phones are one source, and come back all at once."""

import asyncio
import random
import secrets

from peers import sip, wire

PHONES = 500
PATIENCE = 60.0


async def answer_in(reader):
    """The next final reply, whose end is that of its head: none here has a body."""
    while True:
        reply = sip.Message((await reader.readuntil(b"\r\n\r\n")).decode())
        if reply.status >= 200:
            return reply


async def register_once(at, context, user):
    """The connection, on which `user` is registered from now on."""
    reader, writer = await asyncio.open_connection(at.address, at.port, ssl=context, local_addr=("127.0.0.1", 0))
    try:
        about = dict(user=user, call=secrets.token_hex(10))
        writer.write(sip.request("REGISTER", cseq=1, **about))
        challenge = (await answer_in(reader)).header("WWW-Authenticate")
        credentials = sip.digest(challenge, "REGISTER", "sip:edge.example", user, "secret")
        writer.write(sip.request("REGISTER", cseq=2, headers=[f"Authorization: {credentials}"], **about))
        reply = await answer_in(reader)
        if reply.status != 200:
            raise ConnectionError(f"answered {reply.status}")
        return writer
    except BaseException:
        writer.close()
        raise


async def come_back(at, context, user):
    """A phone tries until it is in, again after about a second."""
    while True:
        try:
            return await register_once(at, context, user)
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(random.uniform(0.5, 1.5))


async def office(at):
    context = wire.client_context()
    return await asyncio.wait_for(
        asyncio.gather(*(come_back(at, context, f"phone{number}") for number in range(PHONES))), PATIENCE)


def test_all_phones_of_one_address_register_within_a_minute_of_a_restart(behind, next_hop, start):
    node = start(behind)

    async def mornings_work():
        phones = await office(behind.outside_at)
        assert node.total("sallyport_connections", 'side="outside"') == PHONES
        assert node.total("sallyport_connections_unproved") == 0
        assert node.total("sallyport_connections_refused_total") > 0  # They were too many at once.
        for phone in phones:
            phone.close()
    asyncio.run(mornings_work())
    assert len({message.header("From").split(";")[0] for message in next_hop.of("REGISTER")}) == PHONES
    node.assert_well()
