"""What each party saw of each SIP message, put together to the way it took.

The legs of the edge are TLS, so no capture shows them; but both phones trace what they send and receive, and the
registrar logs what reaches it. One message is what has the same Call-ID, CSeq and status, sent from the same side.
"""

import dataclasses
import re
import threading

import sip_trace

PARTIES = ("alice", "edge", "registrar", "bob")
WHERE = {"alice": "alice (outside)", "edge": "edge", "registrar": "registrar", "bob": "bob (inside)"}
REGISTRAR_LINE = re.compile(
    r"sip (request|reply) source=(\w+):([\d.]+):\d+ method=(\w+) cseq=(\d+) call=(\S+)(?:.* status=(\d+))?")


@dataclasses.dataclass
class Transit:
    """One message on its way; `seen` says when each party had it in hand."""

    method: str
    status: int
    outward: bool  # From inside to outside.
    label: str = ""
    origin: str = ""  # Who made it, where that is not the first who saw it.
    seen: dict = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        self.label = f"{self.status} ({self.method})" if self.status else self.method

    @property
    def first(self):
        return min(self.seen.values())

    def way(self):
        """The parties it went through, in order; the edge sits between any two sides."""
        order = PARTIES[::-1] if self.outward else PARTIES
        start = min([order.index(party) for party in self.seen] + ([order.index(self.origin)] if self.origin else []))
        end = max(order.index(party) for party in self.seen)
        return order[start:max(end, start + 1) + 1]


class Ladder:
    """Collects sightings from the parties' logs as they are written. `epoch`: the time that its lines count from."""

    def __init__(self, edge_inside_address, epoch):
        self._edge = edge_inside_address
        self._epoch = epoch
        self._lock = threading.Lock()
        self._transits = {}
        self._printed = set()

    def phone(self, party, proxy):
        """An `on_line` for the phone of `party`; what it sends goes to `proxy`, an (address, port)."""
        reader = _TraceReader()

        def take(now, line):
            if message := reader.take(now, line):
                self._phone_saw(party, message, reader.at, message.target == proxy)
        return take

    def _phone_saw(self, party, message, at, sent):
        origin = party if sent else ""
        if not sent and message.status:
            # Who made a reply that came: another phone and the registrar give their names, the edge gives none.
            maker = message.header("Server")
            origin = "registrar" if "kamailio" in maker else "" if maker else "edge"
        reason = message.start_line.split(" ", 2)[-1].split(" --")[0]
        label = f"{message.status} {reason} ({message.method})" if message.status else message.method
        self._saw(party, message.method, message.status, int(message.header("CSeq").split()[0]),
                  message.header("Call-ID"), sent == (party == "bob"), at, label, origin)

    def registrar(self, now, line):
        """An `on_line` for the registrar."""
        if match := REGISTRAR_LINE.search(line):
            kind, _, source, method, cseq, call, status = match.groups()
            self._saw("registrar", method, int(status) if kind == "reply" else 0, int(cseq), call, source != self._edge,
                      now)

    def _saw(self, party, method, status, cseq, call, outward, at, label="", origin=""):
        with self._lock:
            key = (call, cseq, method, status, outward)
            transit = self._transits.setdefault(key, Transit(method, status, outward))
            transit.seen.setdefault(party, at)
            transit.label = label or transit.label
            transit.origin = origin or transit.origin

    def lines(self, only_new=False):
        """One line a message, in the order of their first sightings."""
        with self._lock:
            fresh = [(key, transit) for key, transit in self._transits.items()
                     if not (only_new and key in self._printed)]
            self._printed.update(key for key, _ in fresh)
            return [self._line(transit) for _, transit in sorted(fresh, key=lambda pair: pair[1].first)]

    def _line(self, transit):
        way = transit.way()
        text = WHERE[way[0]] + f"  ──{transit.label}──▶"
        text += "  ──▶".join(f"  {WHERE[party]}" for party in way[1:])
        spent = max(transit.seen.values()) - transit.first
        return f"+{transit.first - self._epoch:7.3f}s  {text}" + (f"   {spent * 1000:.1f} ms" if spent else "")


class _TraceReader:
    """Cuts a phone's log, line by line, into the messages of its SIP trace."""

    def __init__(self):
        self._heading = None
        self._lines = []
        self.at = 0.0  # When the heading of the last message came.

    def take(self, now, line):
        """The message whose head this line ends, else None."""
        line = sip_trace.COLOURS.sub("", line)
        if match := sip_trace.HEADING.match(line.strip()):
            self._heading, self._lines, self.at = match, [], now
        elif self._heading and line:
            self._lines.append(line)
        elif self._heading and self._lines:
            heading, self._heading = self._heading, None
            return sip_trace.Message(heading, "\n".join(self._lines))
        return None
