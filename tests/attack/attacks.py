"""Every attack, each a function of the scene that says what it has achieved: {what: number}.

`most` is what the node may let it achieve; what is not named there is told and not judged.
"""

import collections
import contextlib
import os
import resource
import secrets
import select
import signal
import socket
import ssl
import struct
import threading
import time

from peers import sip, turn, wire
from peers.processes import eventually

import tls_client
from scene import attacker, MORE_TURN_USERS, TURN_PASSWORD, TURN_USER

Attack = collections.namedtuple("Attack", "number name play most cheap alone")
ALL = []
SECONDS = 6.0


def attack(number, *, cheap=False, alone=False, **most):
    """`cheap`: make test plays it too. `alone`: it ends the node, so nobody else is watched."""
    def add(play):
        ALL.append(Attack(number, play.__name__.replace("_", " "), play, most, cheap, alone))
        return play
    return add


# ---- what they have in common --------------------------------------------------------------------------------------

def _sockets(scene, count, sources):
    """Connections that have said nothing yet, from `sources` by turns."""
    made = []
    for index in range(count):
        with contextlib.suppress(OSError):
            made.append(scene.outside.connect(scene.configuration.outside_at, sources[index % len(sources)]))
    return made


def _close(sockets):
    for one in sockets:
        one.close()


def _first_bytes(sockets, seconds):
    """{first byte of what is answered: how many}; None where nothing was, b"" where the end."""
    waiting, seen = {one.fileno(): one for one in sockets}, collections.Counter()
    end = time.monotonic() + seconds
    while waiting and time.monotonic() < end:
        for descriptor in select.select(list(waiting), [], [], 0.2)[0]:
            try:
                read = waiting.pop(descriptor).recv(1 << 16)
            except OSError:
                read = b""
            seen[read[0] if read else "end"] += 1
    seen["nothing"] = len(waiting)
    return seen


def _has_ended(stream):
    """Whether the node has closed this TLS connection."""
    stream.setblocking(False)
    try:
        return not stream.recv(1 << 16)
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    except OSError:
        return True


def _phone(scene, source, **tls):
    return scene.configuration.phone(host=scene.outside, source=source, **tls)


def _phones(scene, count, sources, **tls):
    made = []
    for index in range(count):
        with contextlib.suppress(OSError):
            made.append(_phone(scene, sources[index % len(sources)], **tls))
    return made


def _each_for(seconds, things, do, pause=0.0):
    """`do(thing)` for each by turns, until the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for one in things:
            if time.monotonic() >= end:
                return
            do(one)
        time.sleep(pause)


def _said_silently(stream, data):
    """As much as fits; a closed connection is no surprise. How many bytes."""
    with contextlib.suppress(OSError, ValueError):
        return stream.send(data) or 0
    return 0


# ---- A ---------------------------------------------------------------------------------------------------------------

def _replay(scene, groups, group, count=113):
    """One recorded hello, said by so many connections in six seconds: (key exchanges that it bought, sockets)."""
    recorded, sockets = tls_client.hello(groups), []
    pace = SECONDS / count
    for index in range(count):
        begin = time.monotonic()
        for one in _sockets(scene, 1, [attacker(group)]):
            _said_silently(one, recorded)
            sockets.append(one)
        time.sleep(max(0.0, pace - (time.monotonic() - begin)))
    answered = _first_bytes(sockets, 25.0)
    _close(sockets)
    return answered[tls_client.HANDSHAKE]


@attack(1, cheap=True, key_exchanges=0)
def hellos_that_offer_only_ffdhe8192(scene):
    return {"key_exchanges": _replay(scene, "ffdhe8192", 1)}


@attack(1, cheap=True, key_exchanges=0)
def hellos_that_offer_only_secp521r1(scene):
    return {"key_exchanges": _replay(scene, "P-521", 2)}


@attack(2, cheap=True, megabytes_taken=1.0)
def key_updates_8_MB_on_one_connection(scene):
    connection = tls_client.Connection(scene.outside, scene.configuration.outside_at, attacker(3))
    # A keep-alive decides for SIP: making what comes next takes longer than `protocol_timeout`.
    connection.push(connection.records.write(b"\r\n\r\n"), SECONDS)
    taken = connection.push(connection.records.key_updates(300_000), SECONDS)
    time.sleep(2.0)  # What has been taken by the kernel may be read yet: an end now would be a reset.
    connection.close()
    return {"megabytes_taken": round(taken / 1e6, 2)}


@attack(2)
def records_of_one_byte_on_10_connections(scene):
    count, body = 10, 47_000
    head = sip.request("OPTIONS", headers=["Max-Forwards: 0"], drop=("Max-Forwards", "Content-Length"),
                       ).replace(b"\r\n\r\n", f"\r\nContent-Length: {body}\r\n\r\n".encode())
    made = [tls_client.Connection(scene.outside, scene.configuration.outside_at, attacker(4)) for _ in range(count)]
    for one in made:
        one.push(one.records.write(b"\r\n\r\n"), SECONDS)
    said = [(one, one.records.one_byte_records(head + bytes(body - 1))) for one in made]
    taken = []
    threads = [threading.Thread(target=lambda one=one, data=data: taken.append(one.push(data, SECONDS)))
               for one, data in said]
    begin, cpu = time.monotonic(), scene.node.cpu_seconds()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - begin
    time.sleep(max(0.0, SECONDS - took))  # An end now would be a reset.
    for one in made:
        one.close()
    return {"records": count * (len(head) + body - 1), "megabytes_taken": round(sum(taken) / 1e6, 2),
            "pushed_in_s": round(took, 2), "node_cpu_s": round(scene.node.cpu_seconds() - cpu, 2)}


@attack(3, cheap=True)
def ordinary_hellos_240_at_once_five_times(scene):
    recorded, bought = tls_client.hello(), 0
    for round_ in range(5):
        sockets = _sockets(scene, 240, [attacker(5, number) for number in range(10)])
        for one in sockets:
            _said_silently(one, recorded)
        bought += _first_bytes(sockets, 10.0)[tls_client.HANDSHAKE]
        _close(sockets)
        time.sleep(1.0)  # The rate of each source recovers.
    return {"handshakes": bought}


@attack(4, cheap=True)
def a_log_that_nobody_reads(scene):
    scene.node.stop_reading_log()
    answered = 0
    try:
        end = time.monotonic() + SECONDS
        for index in range(200):
            if time.monotonic() > end:
                break
            with contextlib.suppress(OSError, AssertionError):
                stream = scene.outside.connect(scene.configuration.outside_at, attacker(6, index % 8), timeout=1.0)
                with contextlib.closing(stream), wire.Wire(wire.client_context().wrap_socket(stream)) as one:
                    one.send(b"OPTIONS sip:edge.example SIP/2.0\r\n\r\n", 1.0)
                    answered += one.wait_closed(1.0)
    finally:
        scene.node.read_log_again()
    return {"strangers_served": answered}


@attack(5, cheap=True, sessions=30)
def sessions_of_25_connections_before_a_silent_next_hop(scene):
    # One session each, and the two of the short calls.
    strangers = _phones(scene, 25, [attacker(7)])
    for one in strangers:
        one.stream.setblocking(False)
    before = scene.node.total("sallyport_sessions")
    sessions, begin, said = 0.0, time.monotonic(), 0
    while time.monotonic() - begin < SECONDS:
        for one in strangers:
            _said_silently(one.stream, b"".join(sip.request("REGISTER", user=f"silent{secrets.token_hex(4)}")
                                                for _ in range(8)))
            said += 8
            with contextlib.suppress(OSError, ValueError):
                one.stream.recv(1 << 16)
        with contextlib.suppress(OSError, AssertionError):
            sessions = max(sessions, scene.node.total("sallyport_sessions"))
        time.sleep(0.05)
    for one in strangers:
        one.close()
    return {"sessions": sessions - before, "requests_said": said}


def _open_of_300_after(scene, seconds, group, alpn):
    """Connections that offer this name, and say nothing: (how many connected, how many of them are still there)."""
    streams = [one.stream for one in _phones(scene, 300, [attacker(group, number) for number in range(10)], alpn=[alpn])]
    time.sleep(seconds)
    ended = sum(_has_ended(one) for one in streams)
    _close(streams)
    return {"connected": len(streams), "still_open": len(streams) - ended}


@attack(5, cheap=True, still_open=0)
def an_unknown_ALPN_on_300_connections_silent_for_8_s(scene):
    return _open_of_300_after(scene, 8.0, 8, "x-unknown")


@attack(5, still_open=0)
def the_ALPN_of_SIP_on_300_connections_silent_for_35_s(scene):
    return _open_of_300_after(scene, 35.0, 17, "sip/2")


@attack(5, node_grew_mib=10)
def answers_that_60_connections_do_not_read(scene):
    # A long header of the request comes back in its answer.
    big = sip.request("OPTIONS", drop=("Max-Forwards",), headers=["Max-Forwards: 0"],
                      replace={"Call-ID": secrets.token_hex(6500)})
    strangers = []
    for number in range(60):
        stream = scene.outside.socket()
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stream.bind((attacker(9, number % 4), 0))
        stream.settimeout(10.0)
        with contextlib.suppress(OSError):
            stream.connect(scene.configuration.outside_at)
            strangers.append(wire.client_context().wrap_socket(stream))
    for one in strangers:
        one.setblocking(False)
    said = 0
    end = time.monotonic() + SECONDS
    grown = 0
    before = scene.node.resident_bytes()
    while time.monotonic() < end:
        for one in strangers:
            said += _said_silently(one, big) > 0
        grown = max(grown, scene.node.resident_bytes() - before)
        time.sleep(0.02)
    _close(strangers)
    return {"requests_said": said, "node_grew_mib": round(grown / 2**20, 1)}


@attack(6, cheap=True, forged_answers_believed=0)
def an_answer_on_another_flow_than_the_request(scene):
    with _phone(scene, attacker(10)) as callee, _phone(scene, attacker(10, 1)) as forger, \
            _phone(scene, attacker(10, 2)) as caller:
        assert callee.register("mallory").status == 200
        assert caller.register("malcolm").status == 200
        invite = sip.request("INVITE", "sip:mallory@edge.example", user="malcolm", to="<sip:mallory@edge.example>",
                             headers=["Allow: INVITE"])
        caller.send(invite)
        request = callee.read(10.0)
        while not request.is_request:
            request = callee.read(10.0)
        forger.send(sip.reply_to(request, 603, "Decline"))
        try:
            believed = caller.final(2.0).status == 603
        except TimeoutError:
            believed = False
            callee.send(sip.reply_to(request, 486, "Busy Here"))
            caller.final(10.0)
    return {"forged_answers_believed": int(believed)}


@attack(7, cheap=True, flows_proved_by_de_registration=0)
def registrations_that_expire_at_once(scene):
    before = scene.node.total("sallyport_connections_proved_total")
    for number in range(5):
        with _phone(scene, attacker(11)) as one:
            about = dict(user=f"gone{number}", call=secrets.token_hex(8), address=attacker(11))
            one.send(sip.request("REGISTER", cseq=1, headers=["Expires: 0"], **about))
            challenge = one.final().header("WWW-Authenticate")
            credentials = sip.digest(challenge, "REGISTER", "sip:edge.example", about["user"], f"{about['user']}-secret")
            one.send(sip.request("REGISTER", cseq=2, headers=["Expires: 0", f"Authorization: {credentials}"], **about))
            assert one.final().status == 200
    return {"flows_proved_by_de_registration": scene.node.total("sallyport_connections_proved_total") - before}


def _stun_flood(scene, source, question, count):
    """(answers, bytes of them, seconds) to `count` questions of one source."""
    with scene.outside.socket(socket.SOCK_DGRAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        one.bind((source, 0))
        one.connect(scene.configuration.turn_at)
        begin = last = time.monotonic()
        for index in range(count):
            one.send(question[:8] + secrets.token_bytes(12) + question[20:])
            if index % 100 == 99:
                time.sleep(0.01)
        one.settimeout(1.0)
        answers = size = 0
        with contextlib.suppress(TimeoutError):
            while answers < count:
                size += len(one.recv(4096))
                answers += 1
                last = time.monotonic()
    return answers, size, last - begin


# The default of limits.unproved_answer_bytes_per_source; what one second has not used is there at once.
STUN_BYTES_A_SECOND = 32_000


@attack(8, cheap=True, bytes_past_the_budget=0)
def bindings_3000_of_one_source(scene):
    question = turn.message(turn.BINDING, turn.REQUEST)
    answers, size, seconds = _stun_flood(scene, attacker(12), question, 3000)
    return {"asked": 3000, "answered": answers, "bytes_asked": 3000 * len(question), "bytes_answered": size,
            "bytes_past_the_budget": max(0, round(size - STUN_BYTES_A_SECOND * (1.0 + seconds)))}


@attack(8, cheap=True, times_as_many_bytes=3.5)
def an_Allocate_of_20_bytes_3000_times(scene):
    question = turn.message(turn.ALLOCATE, turn.REQUEST)
    answers, size, _ = _stun_flood(scene, attacker(13), question, 3000)
    return {"asked": 3000, "answered": answers, "bytes_answered": size,
            "times_as_many_bytes": round(size / max(1, answers) / len(question), 2)}


@attack(9, scrape_s=6.0)
def a_silent_connection_to_the_metrics(scene):
    host = scene.net["edge"]
    silent = [host.connect(scene.configuration.metrics_at) for _ in range(8)]
    begin = time.monotonic()
    for _ in range(6):
        with contextlib.suppress(OSError, AssertionError):  # Turned away, or 10 s without a word: it asks again.
            scene.node.metrics()
            break
    took = time.monotonic() - begin
    _close(silent)
    return {"scrape_s": round(took, 2)}


# ---- B ---------------------------------------------------------------------------------------------------------------

@attack(10, cheap=True, node_ended=0)
def SIGHUP_100_times_while_files_run_short(scene):
    limits = resource.prlimit(scene.node.pid, resource.RLIMIT_NOFILE)
    free = min(set(range(limits[0])) - {int(name) for name in os.listdir(f"/proc/{scene.node.pid}/fd")})
    for round_ in range(100):
        if not scene.node.running():
            break
        with contextlib.suppress(ProcessLookupError):
            # None are left from another moment of the reload each time.
            scene.node.send(signal.SIGHUP)
            time.sleep(round_ * 0.00002)
            resource.prlimit(scene.node.pid, resource.RLIMIT_NOFILE, (free, limits[1]))
            time.sleep(0.02)
            resource.prlimit(scene.node.pid, resource.RLIMIT_NOFILE, limits)
    return {"node_ended": int(not scene.node.running())}


@attack(11, phones_refused_more_than_twice=0, phones_not_registered=0)
def phones_400_register_while_the_next_hop_is_slow(scene):
    scene.inside.say("stall 4000")
    herd = scene.phones("h", 400, attacker(14), 40, "--backoff-ms", 4000)
    herd.say("come")
    latest = {}

    def registered():
        latest.update(herd.report())
        return latest["registered"] == 400
    with contextlib.suppress(AssertionError):
        eventually(registered, "400 registered", 40.0)
    times = {int(refused): count for refused, count in latest["phones_by_times_refused"].items()}
    return {"phones_not_registered": 400 - latest["registered"], "last_registered_s": round(latest["last_registered_s"], 1),
            "phones_refused": sum(count for refused, count in times.items() if refused),
            "phones_refused_more_than_twice": sum(count for refused, count in times.items() if refused > 2)}


@attack(15, packets_to_the_new_address=0)
def an_address_that_the_host_gains_is_reached_through_a_relay(scene):
    gained = "198.51.100.77"
    edge = scene.net["edge"]
    edge.ip("addr", "add", f"{gained}/24", "dev", "outside0")
    try:
        with turn.Peer(gained, host=edge) as inner, \
                turn.Client(scene.configuration.turn_at, TURN_USER, TURN_PASSWORD, source=(attacker(15), 0),
                            host=scene.outside) as client:
            assert client.allocate().code == 0
            # The kernel tells the node a moment later: a permission that was asked for before is not held against it.
            for _ in range(20):
                if client.permit(gained).code != 0:
                    break
            client.send_to(inner.at, b"from outside")
            reached = 0
            with contextlib.suppress(turn.Silence):
                reached = int(inner.read(1.0)[0] == b"from outside")
    finally:
        edge.ip("addr", "del", f"{gained}/24", "dev", "outside0")
    return {"packets_to_the_new_address": reached}


# ---- what ends or restarts the node ----------------------------------------------------------------------------------

@attack(14, alone=True, clients_without_their_relay=0)
def clients_of_160_who_ask_while_8_lanes_start(scene):
    clients = [turn.Client(scene.configuration.turn_at, MORE_TURN_USERS[number % 2], TURN_PASSWORD,
                           source=(attacker(16, number), 0), host=scene.outside) for number in range(160)]
    for client in clients:
        client.challenge()  # A nonce outlives the process.
    asks = {client: client.signed(turn.ALLOCATE, [(turn.TRANSPORT, turn.UDP)]) for client in clients}
    scene.node.stop()

    def ask_until_answered(waiting, end):
        """Each stops when it has its answer, as clients do."""
        for client in waiting:
            client.socket.setblocking(False)
        while waiting and time.monotonic() < end:
            for client in list(waiting):
                with contextlib.suppress(OSError):
                    client.say(asks[client])
                with contextlib.suppress(OSError):
                    client.socket.recv(2048)
                    waiting.remove(client)
    thread = threading.Thread(target=ask_until_answered, args=(list(clients), time.monotonic() + 20.0))
    thread.start()
    scene.node = scene.start_node(lanes=8)
    thread.join()
    refused = 0
    for client in clients:
        refused += client.request(turn.REFRESH, [(turn.LIFETIME, struct.pack("!I", 60))]).code != 0
        client.socket.close()
    return {"clients": len(clients), "clients_without_their_relay": refused}


@attack(16, cheap=True, alone=True, seconds_to_end=5.0, exit_code=0)
def SIGTERM_while_hellos_key_updates_and_requests_come(scene):
    plays = [hellos_that_offer_only_ffdhe8192, key_updates_8_MB_on_one_connection,
             sessions_of_25_connections_before_a_silent_next_hop]

    def play(one):
        with contextlib.suppress(OSError, AssertionError, wire.Closed, TimeoutError):
            one(scene)
    threads = [threading.Thread(target=play, args=(one,)) for one in plays]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS / 2)  # In the middle of it.
    begin = time.monotonic()
    scene.node.send(signal.SIGTERM)
    try:
        code = scene.node.wait(60.0)
    except AssertionError:
        code = -1  # It had to be killed.
    took = time.monotonic() - begin
    for thread in threads:
        thread.join()
    return {"seconds_to_end": round(took, 2), "exit_code": code}
