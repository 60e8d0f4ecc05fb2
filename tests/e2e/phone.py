"""A real phone: baresip 1.0.0 in a namespace, driven over its control socket.

Commands go out and events come in as netstrings of JSON (module ctrl_tcp). What baresip tells only on its
terminal, a text message received and its SIP trace, is read from its log.
"""

import array
import dataclasses
import json
import math
import pathlib
import re
import wave

import sip_trace
from peers.host import At
from peers.processes import Process, eventually

# The line that shows a call's state: what is sent and what is received.
RATES = re.compile(r"audio=\d+/(\d+) \(bit/s\)")

DECODER = re.compile(r"Set audio decoder: (\S+ \d+Hz)")

MODULES = "/usr/lib/baresip/modules"

CONFIG = """\
poll_method epoll
call_local_timeout 120
call_max_calls 4
net_interface {address}
sip_listen {address}:0
{trust}{names}audio_source aufile,{directory}/tone.wav
module_path {modules}
{keyboard}{media}module g711.so
module aufile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app contact.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
ringback_disabled yes
menu_bell no
rtp_stats no
"""

# SDES keys in the SDP, which is encrypted on its way; without them no call.
MEDIA_ACCOUNT = ";mediaenc=srtp-mand;medianat={nat};stunserver=turn:{listener};stunuser={user};stunpass={password}"

# What the phone hears is recorded beside its log, one file a call. After a hold baresip 1.0.0 leaves its recorder out: the
# file is of the time before. Its ICE is for one component only: it checks the second when the other side has given up.
MEDIA_CONFIG = """\
module srtp.so
module stun.so
module turn.so
module ice.so
module sndfile.so
snd_path {directory}
rtcp_mux {multiplexed}
"""


@dataclasses.dataclass(frozen=True)
class Media:
    """How a phone's media goes: `nat` is ice (with the relay as one candidate) or turn (nothing but the relay)."""

    nat: str
    listener: At
    user: str
    password: str


def write_tone(path, hertz, seconds=120):
    """What the phone hears at its microphone. PCMU's own rate, so nothing resamples."""
    rate = 8000
    period = array.array("h", (int(8000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(rate)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(period.tobytes() * seconds)


def write_files(directory, address, user, proxy, *, control, password=None, trust=None, tone=440, contacts=(),
                register_every=60, keyboard=False, name_server=None, media=None):
    """The directory that `baresip -f` wants: its settings, one account, contacts and a microphone."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    write_tone(directory / "tone.wav", tone)
    (directory / "config").write_text(CONFIG.format(
        address=address, directory=directory, modules=MODULES, control=control,
        trust=f"sip_cafile {trust}\n" if trust else "", keyboard="module stdio.so\n" if keyboard else "",
        names=f"dns_server {name_server}:53\n" if name_server else "",
        media=MEDIA_CONFIG.format(directory=directory, multiplexed="yes" if media.nat == "ice" else "no") if media else ""))
    media_account = MEDIA_ACCOUNT.format(**vars(media)) if media else ""
    (directory / "accounts").write_text(
        f'<sip:{user}@edge.example>;auth_user={user};auth_pass={password or user + "-secret"};'
        f'outbound="{proxy}";regint={register_every};answermode=manual;audio_codecs=pcmu{media_account}\n')
    # The `message` command writes to the current contact, which is the first of the list.
    (directory / "contacts").write_text("".join(f'"{name}" <sip:{name}@edge.example>\n' for name in contacts))


class Phone:
    """One baresip with one account. `proxy` is the server it registers at and sends everything to."""

    def __init__(self, host, address, user, proxy, directory, *, password=None, trust=None, tone=440,
                 contacts=(), register_every=60, on_line=None, name_server=None, media=None):
        self.user = user
        self.uri = f"sip:{user}@edge.example"
        self._host = host
        self.directory = pathlib.Path(directory)
        self._control = host.free()
        write_files(self.directory, address, user, proxy, control=self._control.port, password=password, trust=trust,
                    tone=tone, contacts=contacts, register_every=register_every, name_server=name_server, media=media)
        self.tone = tone
        self._events = []
        self._taken = 0
        self._unread = b""
        self._stream = None
        self.process = Process(f"phone-{user}", ["baresip", "-s", "-v", "-f", self.directory], self.directory, host=host,
                               on_line=on_line)
        self._attach()

    def _attach(self):
        def connected():
            if not self.process.running():
                raise AssertionError(f"the phone of {self.user} ended:\n{self.process.tail()}")
            try:
                return self._host.connect(self._control)
            except OSError:
                return None
        self._stream = eventually(
            connected, lambda: f"control socket of {self.user}:\n{self.process.tail()}")
        self._stream.settimeout(0.02)

    # ---- control -------------------------------------------------------------------------------------------------

    def _read(self):
        """Takes in what has arrived; events are kept in order."""
        try:
            received = self._stream.recv(65536)
        except TimeoutError:
            return
        if not received:
            raise AssertionError(f"the phone of {self.user} closed its control socket:\n{self.process.tail()}")
        self._unread += received
        while match := re.match(rb"(\d+):", self._unread):
            size, start = int(match[1]), match.end()
            if len(self._unread) < start + size + 1:
                return
            self._events.append(json.loads(self._unread[start:start + size]))
            self._unread = self._unread[start + size + 1:]

    def command(self, name, parameters=""):
        text = json.dumps({"command": name, "params": parameters, "token": "t"}).encode()
        before = self._count_responses()
        self._stream.sendall(b"%d:%s," % (len(text), text))

        def answered():
            self._read()
            return self._count_responses() > before
        eventually(answered, f"answer of {self.user} to '{name}'")
        return [event for event in self._events if event.get("response")][-1]

    def _count_responses(self):
        return sum(1 for event in self._events if event.get("response"))

    def forget(self):
        """Later waits look only at what happens from here on."""
        self._read()
        self._taken = len(self._events)

    def wait_event(self, kind, seconds=20.0):
        """The next event of `kind` not yet taken; events before it are passed over."""
        def found():
            self._read()
            for position in range(self._taken, len(self._events)):
                if self._events[position].get("type") == kind:
                    self._taken = position + 1
                    return self._events[position]
            return None
        return eventually(
            found, lambda: f"{kind} at {self.user}; seen {self.kinds()}\n{self.process.tail(60)}", seconds)

    def kinds(self):
        return [event.get("type", "response") for event in self._events[self._taken:]]

    # ---- what a person does --------------------------------------------------------------------------------------

    def wait_registered(self, seconds=20.0):
        """Asked of the trace: the event may have gone out before anybody was attached to hear it."""
        self.wait_status("REGISTER", 200, 0, seconds)
        self.forget()

    def dial(self, uri):
        self.command("dial", uri)

    def accept(self):
        self.command("accept")

    def hangup(self):
        self.command("hangup")

    def hold(self):
        self.command("hold")

    def resume(self):
        self.command("resume")

    def say(self, text):
        """Sends a text message to the first contact."""
        self.command("message", text)

    # ---- what it saw on the wire ---------------------------------------------------------------------------------

    def mark(self):
        """Where the log ends now: `trace` and `wait_message` read on from a mark."""
        return len(self.process.log)

    def trace(self, mark=0):
        return sip_trace.messages(self.process.log[mark:])

    def wait_message(self, condition, mark=0, seconds=20.0):
        """The first message sent or received since `mark` for which `condition` holds."""
        def found():
            return next((message for message in self.trace(mark) if condition(message)), None)
        return eventually(
            found, lambda: f"a message at {self.user}; seen {[m.start_line for m in self.trace(mark)]}", seconds)

    def wait_status(self, method, status, mark=0, seconds=20.0):
        return self.wait_message(lambda m: m.status == status and m.method == method, mark, seconds)

    def wait_text(self, text, mark=0, seconds=20.0):
        """A text message arrived with exactly this body, and the phone said 200 to it."""
        message = self.wait_message(
            lambda m: m.is_request and m.method == "MESSAGE" and m.body == text, mark, seconds)
        call = message.header("Call-ID")
        self.wait_message(lambda m: m.status == 200 and m.header("Call-ID") == call, mark, seconds)
        return message

    # ---- what it hears -------------------------------------------------------------------------------------------

    def wait_cipher(self, seconds=20.0):
        """The SRTP suite that both directions of the call have come to use, as the phone names it."""
        def named():
            self._read()
            found = [event["param"] for event in self._events[self._taken:] if event.get("type") == "CALL_MENC"]
            return found[-1].rpartition(",")[2] if found else None
        return eventually(named, lambda: f"SRTP at {self.user}; seen {self.kinds()}\n{self.process.tail(60)}",
                          seconds)

    def codec(self):
        """What the call's sound is decoded from, as the phone names it."""
        found = DECODER.findall(self.process.log)
        return found[-1] if found else None

    def recordings(self):
        """What it has heard so far, call by call."""
        return sorted(self.directory.glob("dump-*-dec.wav"))

    def received_bits(self):
        """Bits of decrypted RTP a second, by the phone's own measure of about three seconds; None before the first."""
        rates = RATES.findall(self.process.log)
        return int(rates[-1]) if rates else None

    def wait_received_bits(self, condition, seconds=30.0):
        eventually(lambda: condition(self.received_bits()),
                   lambda: f"another rate at {self.user} than {self.received_bits()}", seconds)

    def end(self):
        if self._stream:
            self._stream.close()
        self.process.end()


# ---- a call, step by step ------------------------------------------------------------------------------------------


def ring(caller, callee):
    caller.dial(callee.uri)
    callee.wait_event("CALL_INCOMING")
    # The caller has seen the 180.
    caller.wait_event("CALL_RINGING")


def talk(caller, callee):
    ring(caller, callee)
    callee.accept()
    callee.wait_event("CALL_ESTABLISHED")
    caller.wait_event("CALL_ESTABLISHED")


def hang_up(first, second):
    first.hangup()
    second.wait_event("CALL_CLOSED")
    first.wait_event("CALL_CLOSED")
