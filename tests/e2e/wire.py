"""A SIP peer that says exactly what it is told to, well-formed or not: the hostile side of the tests."""

import hashlib
import re
import secrets
import socket
import ssl

import network


class Closed(Exception):
    """The other side ended the connection."""


def request(method, uri="sip:edge.example", *, user="mallory", headers=(), body="", drop=(), replace=None, branch=None,
            call=None, cseq=1, to=None, address=network.OUTSIDE_STRANGER):
    """A request that is right but for what the arguments make wrong. `drop` leaves headers out, `replace` rewrites."""
    lines = {
        "Via": f"SIP/2.0/TLS {address}:5061;branch={branch or 'z9hG4bK' + secrets.token_hex(8)};rport",
        "Max-Forwards": "70",
        "From": f"<sip:{user}@edge.example>;tag={secrets.token_hex(4)}",
        "To": to or f"<sip:{user}@edge.example>",
        "Call-ID": call or secrets.token_hex(10),
        "CSeq": f"{cseq} {method}",
        "Contact": f"<sip:{user}@{address}:5061;transport=tls>",
        "Content-Length": str(len(body.encode())),
    }
    lines.update(replace or {})
    head = [f"{method} {uri} SIP/2.0"]
    head += [f"{name}: {value}" for name, value in lines.items() if name not in drop]
    head += list(headers)
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def acknowledgement(invite, reply):
    """The ACK of a refused INVITE (RFC 3261, 17.1.1.3): its Via, From, Call-ID and number, and the reply's To."""
    sent = Reply(invite.decode())
    uri = sent.start_line.split(" ")[1]
    copied = [f"{name}: {sent.header(name)}" for name in ("Via", "Max-Forwards", "From", "Call-ID")]
    number = sent.header("CSeq").split()[0]
    return "\r\n".join([f"ACK {uri} SIP/2.0", *copied, f"To: {reply.header('To')}", f"CSeq: {number} ACK",
                        "Content-Length: 0", "", ""]).encode()


def digest(challenge, method, uri, user, password):
    """The credentials that answer a WWW- or Proxy-Authenticate value (RFC 2617, 3.2.2, qop=auth)."""
    def part(name):
        match = re.search(rf'{name}="?([^",]+)', challenge)
        return match[1] if match else ""

    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()
    cnonce = secrets.token_hex(8)
    first = md5(f"{user}:{part('realm')}:{password}")
    second = md5(f"{method}:{uri}")
    answer = md5(f"{first}:{part('nonce')}:00000001:{cnonce}:auth:{second}")
    return (f'Digest username="{user}", realm="{part("realm")}", nonce="{part("nonce")}", uri="{uri}", '
            f'response="{answer}", cnonce="{cnonce}", qop=auth, nc=00000001')


class Reply:
    def __init__(self, text):
        self.text = text
        self.start_line = text.split("\r\n", 1)[0]
        self.status = int(self.start_line.split()[1]) if self.start_line.startswith("SIP/2.0 ") else 0

    def header(self, name):
        match = re.search(rf"(?mi)^{re.escape(name)}\s*:[ \t]*(.*?)\r$", self.text)
        return match[1] if match else ""


class Wire:
    """One connection, TLS unless `trust` is None. Reads whole SIP messages."""

    @classmethod
    def over(cls, stream):
        """On a connection that exists already."""
        made = cls.__new__(cls)
        made._unread = b""
        made.stream = stream
        return made

    def __init__(self, net, side, address, port, *, trust=None, identity=None, timeout=10.0, server_name=None,
                 source=None):
        self._unread = b""
        stream = net.connect(side, address, port, timeout, source)
        if trust is not None:
            context = ssl.create_default_context(cafile=str(trust))
            context.check_hostname = server_name is not None
            if identity:
                context.load_cert_chain(*map(str, identity))
            try:
                stream = context.wrap_socket(stream, server_hostname=server_name)
            except BaseException:
                stream.close()
                raise
        self.stream = stream

    def send(self, data):
        try:
            self.stream.sendall(data)
        except (OSError, ssl.SSLError) as error:
            raise Closed(str(error)) from error

    def read(self, seconds=10.0):
        """The next message whole, CRLFs between messages passed over; raises Closed or TimeoutError."""
        self.stream.settimeout(seconds)
        while True:
            self._unread = self._unread.lstrip(b"\r\n")
            head, separator, rest = self._unread.partition(b"\r\n\r\n")
            if separator:
                size = re.search(rb"(?mi)^(?:Content-Length|l)\s*:\s*(\d+)", head)
                size = int(size[1]) if size else 0
                if len(rest) >= size:
                    self._unread = rest[size:]
                    return Reply((head + separator + rest[:size]).decode(errors="replace"))
            self._unread += self._receive()

    def _receive(self):
        try:
            data = self.stream.recv(65536)
        except (socket.timeout, TimeoutError):
            raise TimeoutError("nothing was said") from None
        except (OSError, ssl.SSLError) as error:
            raise Closed(str(error)) from error
        if not data:
            raise Closed("end of stream")
        return data

    def final(self, seconds=10.0):
        """The next final reply; provisional ones are passed over."""
        while True:
            reply = self.read(seconds)
            if reply.status >= 200:
                return reply

    def outcome(self, seconds=10.0):
        """What became of what was sent: the status of a final reply, or 'closed'."""
        try:
            return self.final(seconds).status
        except Closed:
            return "closed"

    def wait_closed(self, seconds=10.0):
        """Reads until the other side closes; raises TimeoutError when it does not."""
        self.stream.settimeout(seconds)
        try:
            while True:
                self._receive()
        except Closed:
            return True

    def register(self, user, seconds=10.0, expires=60):
        """REGISTER with digest as a phone does it; the final reply to the second one."""
        call, headers = secrets.token_hex(10), [f"Expires: {expires}"]
        self.send(request("REGISTER", user=user, call=call, cseq=1, headers=headers))
        challenge = self.final(seconds)
        if challenge.status != 401:
            return challenge
        credentials = digest(challenge.header("WWW-Authenticate"), "REGISTER", "sip:edge.example", user, f"{user}-secret")
        self.send(request("REGISTER", user=user, call=call, cseq=2, headers=[*headers, f"Authorization: {credentials}"]))
        return self.final(seconds)

    def drip(self, data, every=0.1):
        """Sends a byte, listens for `every` seconds, sends the next; raises Closed as soon as it is."""
        for byte in data:
            self.send(bytes([byte]))
            try:
                self.read(every)
            except TimeoutError:
                pass

    def reset(self):
        """Ends the connection with RST instead of FIN."""
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.close()

    def close(self):
        self.stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
