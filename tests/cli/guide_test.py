"""docs/operating.md says what the program does: its metrics, its reasons, its lines."""

import os
import pathlib
import re
import socket

import pytest

from peers import sip

UNSIGNED_ALLOCATE = bytes.fromhex("00030000" "2112a442") + bytes(12)  # RFC 8489, 5: type, length, cookie, transaction.

SOURCE = pathlib.Path(os.environ.get("SALLYPORT_SOURCE", "."))


@pytest.fixture(scope="module")
def guide():
    return (SOURCE / "docs" / "operating.md").read_text()


def section(guide, title):
    return guide.split(f"# {title}\n", 1)[1].split("\n#", 1)[0]


def first_cells(text):
    """What stands in backticks in the first column of the tables in `text`."""
    return {name for line in text.splitlines() if line.startswith("| `")
            for name in re.findall(r"`([^`]+)`", line.split("|")[1])}


def test_the_guide_names_every_metric_and_no_other(guide, behind, next_hop, start):
    behind.add_relays({"ada": "example"})
    node = start(behind)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"neither", behind.turn_at)
        client.sendto(UNSIGNED_ALLOCATE, behind.turn_at)
        client.settimeout(10)
        assert client.recv(1500)[:2] == b"\x01\x13", "an Allocate error response"
    with behind.phone() as phone:
        phone.send(sip.request("MESSAGE"))
        assert phone.final().status == 403
        phone.send(b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")
        assert phone.pong()
    named = first_cells(section(guide, "Metrics").split("### ")[0])

    served = {name.removeprefix("sallyport_") for name, _ in node.metrics() if name.startswith("sallyport_")}

    assert served == named


def test_the_guides_alerts_ask_for_metrics_and_reasons_that_there_are(guide):
    alerts = section(guide, "What to watch").split("```yaml")[1].split("```")[0]
    asked = re.findall(r'sallyport_(\w+)(?:\{reason=~?"([^"]+)"\})?', alerts)
    assert {name for name, _ in asked} <= first_cells(section(guide, "Metrics").split("### ")[0])
    for name, pattern in asked:
        known = re.findall(r"`([^`]+)`", section(guide, f"Reasons of `{name}`")) if pattern else []
        for reason in filter(None, pattern.split("|")):
            assert any(re.fullmatch(reason, one) for one in known), f"{name} has no {reason}"


@pytest.mark.parametrize("metric", ["closed_total", "connections_refused_total"])
def test_the_guide_names_every_reason_and_no_other(guide, configuration, start, metric):
    samples = start(configuration).metrics()

    served = {re.search(r'reason="([^"]+)"', labels)[1] for name, labels in samples if name == f"sallyport_{metric}"}

    assert served == first_cells(section(guide, f"Reasons of `{metric}`"))


def test_the_guide_has_every_line_of_the_log(guide):
    written = set()
    for folder in ("actors", "net/io", "."):
        files = (SOURCE / folder).glob("*.cpp") if folder == "." else (SOURCE / folder).rglob("*.cpp")
        for file in files:
            for sentence in re.findall(r'\b(?:log::(?:info|warn|error|critical)|fmt::format)\(\s*"([a-z ]+?)(?: [a-z_]+=|")',
                                       file.read_text()):
                written.add(sentence)

    documented = {re.match(r"[a-z ]+?(?= [a-z_]+=|$)", line)[0] for line in first_cells(section(guide, "The log"))}

    assert written == documented


def literals(file, pattern):
    """What `pattern` finds in a source file: the words that metrics and log give as reasons."""
    found = set(re.findall(pattern, (SOURCE / file).read_text()))
    assert found, f"{pattern} finds nothing in {file}"
    return found


def test_the_guide_names_every_reason_of_a_refusal_and_of_a_drop(guide):
    refused = set(re.findall(r"`([^`]+)`", section(guide, "Reasons of `sip_refused_total`")))
    dropped = set(re.findall(r"`([^`]+)`", section(guide, "Reasons of `sip_dropped_total`")))

    verdicts = literals("policy/access.cpp", r'return "(\w+)";') - {"to_next_hop", "to_flow", "unknown"}
    faults = literals("net/sip/validate.cpp", r'refuse\(\d{3}, "([^"]+)"') - {
        "Version Not Supported", "Message Too Large", "Bad Request"}  # Counted by what could not be read.
    drops = (literals("net/sip/transaction_user.cpp", r'(?:drop\(|message_dropped\{)"(\w+)"')
             | literals("net/sip/transaction_user_orders.cpp", r'message_dropped\{"(\w+)"')
             | literals("net/io/sip_endpoint.cpp", r'drop\("(\w+)"')
             | literals("net/sip/validate.cpp", r'return "(\w+)";') | literals("net/io/sip_flow.cpp", r'dropped.add\("(\w+)"'))
    elsewhere = {"net/sip/parse_error.hpp", "sip_refused_total"}

    sheds = (literals("net/sip/transaction_user.cpp", r'request_refused\{[^}]*"(\w+)"')
             | literals("net/sip/transaction_user_sessions.cpp", r'"(\w+_sessions_max)"'))
    assert refused - elsewhere == verdicts | faults | sheds
    assert dropped - elsewhere == drops


def test_the_guide_names_every_reason_of_turn(guide):
    refused = set(re.findall(r"`([^`]+)`", section(guide, "Reasons of `turn_refused_total`")))
    dropped = set(re.findall(r"`([^`]+)`", section(guide, "Reasons of `turn_dropped_total`")))

    refusals = literals("net/turn/authenticator.cpp", r'refuse\(\d{3}, "(\w+)"') | (
        literals("net/stun/error_code.cpp", r'return "([^"]+)";')
        - {"Unauthenticated", "Stale Nonce", "Try Alternate", "Server Error"})  # Counted by why, or never sent.
    drops = literals("net/turn/drop_reason.hpp", r'"([a-z_]+)"\}') | literals("net/stun/parse_error.cpp", r'"(not_stun)"')
    elsewhere = {"net/stun/parse_error.cpp", "allocations_per_user_max"}

    assert refused - elsewhere == refusals
    assert dropped - elsewhere == drops - {"unauthorized_suppressed"}  # Has a counter of its own.


# Names of limits that a key of the configuration sets; what stands beside them in the source is for tests.
FROM_KEYS = {
    "net/core/source_limits.hpp": {"connections_max": "connections_per_source_max",
                                   "held_bytes_max": "unproved_bytes_per_source_max"},
    "net/io/inbox.hpp": {"orders_max": "lane_inbox_max", "bytes_max": "lane_inbox_bytes_max"},
    "net/io/listener.hpp": {"lane_connections_max": "connections_max"},
    "net/io/next_hop_link.hpp": {"queue_bytes_max": "next_hop_queue_max"},
    "net/io/sip_endpoint.hpp": {"flows_max": "connections_max", "flows_per_user_max": "flows_per_user_max"},
    "net/io/sip_flow.hpp": {"message_timeout": "message_timeout", "idle_timeout": "idle_timeout"},
    "net/io/stream.hpp": {"write_queue_bytes_max": "write_queue_max", "handshake_timeout": "handshake_timeout"},
    "net/io/unproved_limits.hpp": {"proof_timeout": "proof_timeout", "queue_bytes_max": "unproved_queue_max",
                                   "connections_max": "proved_reserve"},
    "net/sip/message_limits.hpp": {"head_bytes_max": "message_head_max", "headers_max": "headers_max",
                                   "body_bytes_max": "message_body_max"},
    "net/sip/session.hpp": {"dialog_lifetime": "dialog_lifetime"},
    "net/sip/transaction_limits.hpp": {"server_max": "transactions_max", "client_max": "transactions_max",
                                       "unproved_server_max": "proved_reserve",
                                       "server_per_unproved_flow_max": "unproved_transactions_max"},
    "net/sip/transaction_user.hpp": {"sessions_max": "sessions_max", "sessions_per_user_max": "sessions_max",
                                     "unproved_sessions_max": "proved_reserve",
                                     "sessions_per_unproved_flow_max": "unproved_sessions_max",
                                     "events_per_session_max": "events_per_session_max",
                                     "events_max": "lane_inbox_max"},
    "net/turn/allocation.hpp": {"lifetime_max": "allocation_lifetime_max",
                                "permissions_max": "permissions_per_allocation_max",
                                "channels_max": "channels_per_allocation_max"},
    "net/turn/relay_quotas.hpp": {"allocations_max": "allocations_max",
                                  "allocations_per_user_max": "allocations_per_user_max"},
    "net/turn/server.hpp": {"requests_in_flight_max": "turn_requests_in_flight_max"},
}
# What is called like a limit and is none: sizes that follow from a format or from another limit.
NO_LIMITS = {"net/turn/relay_ports.hpp": {"hold"},  # As av_settings.cpp has it, for tests.
             "net/stun/message_writer.cpp": {"message_bytes_max"}, "net/turn/channel_data.cpp": {"padding_max"},
             "net/turn/channel_data.hpp": {"channel_number_min", "channel_number_max"},
             "net/turn/credentials.hpp": {"count_max", "secrets_max"}, "net/core/flat_table.hpp": {"cells_min"},
             "net/sip/route_token.cpp": {"bytes_min", "bytes_max"},
             "net/io/datagram_batch.cpp": {"datagrams_max", "payload_bytes_max"},
             "actors/port_plan.hpp": {"connections_reserved"}, "actors/node.cpp": {"relays_max"},
             "config/nearest.cpp": {"text_bytes_max"}, "config/description.hpp": {"items_max"}}
TYPES = r"(?:std::(?:size_t|u?int\d+_t)|milliseconds|seconds|unsigned|int)"
LIMIT = re.compile(TYPES + r" (\w+_(?:max|min|reserved|timeout|lifetime|grace|per_turn)\w*|linger|hold|buckets)(?: = |\{)((?:std::size_t\{\d+\})?[^;,)}]+)")


def limits_in_sources():
    """{file: {name: initialiser}}"""
    found = {}
    for folder in ("net", "actors", "policy", "cluster", "config"):
        for file in (SOURCE / folder).rglob("*.[hc]pp"):
            if not file.match("config/*limits.hpp") or file.name == "list_limits.hpp":
                for name, value in LIMIT.findall(file.read_text()):
                    found.setdefault(str(file.relative_to(SOURCE)), {})[name] = value
    return found


def limits_in_the_guide(guide):
    """The same, of the column `constants`; values as numbers."""
    found = {}
    for line in section(guide, "Limits").splitlines():
        for files, values in re.findall(r"((?:`[\w/.]+`(?:, )?)+): ((?:`\w+` \d+(?: ms)?(?:, )?)+)", line):
            for file in re.findall(r"`([^`]+)`", files):
                found.setdefault(file, {}).update({name: int(number) for name, number
                                                   in re.findall(r"`(\w+)` (\d+)", values)})
    return found


def value_of(initialiser):
    """Of what C++ has there: numbers, `*` and `<<`."""
    plain = re.sub(r"std::size_t\{(\d+)\}", r"\1", initialiser.replace("'", ""))
    return eval(plain.strip(), {"__builtins__": {}}) if re.fullmatch(r"[\d *<]+|0x[\dA-F]+", plain.strip()) else initialiser


def test_every_limit_is_a_key_or_stands_in_the_guide_with_its_value(guide):
    documented = limits_in_the_guide(guide)
    keys = (SOURCE / "docs" / "configuration.md").read_text()
    assert all(f"| `limits.{key}` |" in keys for names in FROM_KEYS.values() for key in names.values())
    for file, names in limits_in_sources().items():
        for name, initialiser in names.items():
            if name in FROM_KEYS.get(file, {}) or name in NO_LIMITS.get(file, set()):
                continue
            assert name in documented.get(file, {}), f"{file}: {name} stands in no list"
            assert value_of(initialiser) == documented[file].pop(name), f"{file}: {name}"
    assert not any(documented.values()), "what no source has"


def test_each_threat_names_tests_that_there_are():
    threats = (SOURCE / "SECURITY.md").read_text().split("## Threats\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1:-1] for line in threats.splitlines() if line.startswith("| ")]
    cells = [row[3] for row in rows if row[3].strip() not in ("tests", "")]
    assert len(cells) > 15 and all(len(row) == 4 for row in rows)
    for cell in cells:
        names = re.findall(r"`([^`]+)`(?: (\w+))?", cell)
        assert names, cell
        for name, of_e2e in names:
            kind, _, test = name.partition(".")
            where, pattern = {"cli": ("tests/cli", f"{test}_test.py"), "e2e": ("tests/e2e", f"{of_e2e}_test.py")}.get(
                kind, ("tests/unit", f"**/{name.rpartition('/')[2]}.cpp"))
            if name in ("e2e.attack", "e2e.herd"):
                where, pattern = "tests/attack", f"{test}_test.py"
            assert any((SOURCE / where).glob(pattern)), name
