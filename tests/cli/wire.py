"""A SIP peer over TLS or TCP that says what it is told to, from the address it is told to."""

import re
import secrets
import socket
import ssl


class Closed(Exception):
    """The other side ended the connection."""


def request(method, uri="sip:edge.example", *, user="ada", headers=(), body="", call=None, cseq=1, to=None, via="TLS",
            address="127.0.0.1"):
    lines = [f"{method} {uri} SIP/2.0",
             f"Via: SIP/2.0/{via} {address}:5061;branch=z9hG4bK{secrets.token_hex(8)};rport",
             "Max-Forwards: 70",
             f"From: <sip:{user}@edge.example>;tag={secrets.token_hex(4)}",
             f"To: {to or f'<sip:{user}@edge.example>'}",
             f"Call-ID: {call or secrets.token_hex(10)}",
             f"CSeq: {cseq} {method}",
             f"Contact: <sip:{user}@{address}:5061;transport=tls>",
             *headers,
             f"Content-Length: {len(body.encode())}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def reply_to(request_read, status, reason, headers=()):
    """A reply with everything section 8.2.6 of RFC 3261 copies."""
    copied = []
    for line in request_read.text.split("\r\n\r\n", 1)[0].split("\r\n")[1:]:
        name = line.partition(":")[0].strip().lower()
        if name in ("via", "from", "to", "call-id", "cseq", "record-route"):
            copied.append(line + (";tag=fake" if name == "to" and ";tag=" not in line else ""))
    return ("\r\n".join([f"SIP/2.0 {status} {reason}", *copied, *headers, "Content-Length: 0"]) + "\r\n\r\n").encode()


class Message:
    def __init__(self, text):
        self.text = text
        self.start_line = text.split("\r\n", 1)[0]
        self.status = int(self.start_line.split()[1]) if self.start_line.startswith("SIP/2.0 ") else 0
        self.method = "" if self.status else self.start_line.split(" ", 1)[0]

    def header(self, name):
        match = re.search(rf"(?mi)^{re.escape(name)}\s*:[ \t]*(.*?)\r$", self.text)
        return match[1] if match else ""


def connect(address, port, source=None, timeout=10.0):
    return socket.create_connection((address, port), timeout, (source, 0) if source else None)


def client_context(own=None, trust=None, newest=None, alpn=()):
    """A context that verifies nothing unless `trust` is given: what is shown is what is looked at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if trust:
        context.load_verify_locations(str(trust))
        context.verify_mode = ssl.CERT_REQUIRED
    if own:
        context.load_cert_chain(str(own.certificate), str(own.key))
    if newest:
        # Debian's OpenSSL would not even offer an old version: the refusal has to be the node's.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


class Wire:
    """One connection that reads whole SIP messages; TLS unless `context` is None."""

    def __init__(self, address, port, context=None, *, server_name=None, source=None, timeout=10.0):
        self._unread = b""
        self.stream = connect(address, port, source, timeout)
        if context is not None:
            try:
                self.stream = context.wrap_socket(self.stream, server_hostname=server_name)
            except BaseException:
                self.stream.close()
                raise

    @classmethod
    def over(cls, stream):
        """On a connection that exists already."""
        made = cls.__new__(cls)
        made._unread = b""
        made.stream = stream
        return made

    def certificate_shown(self):
        """The serial number of the certificate that the other side showed."""
        return serial_in(self.stream.getpeercert(binary_form=True))

    def send(self, data):
        try:
            self.stream.sendall(data)
        except (OSError, ssl.SSLError) as error:
            raise Closed(str(error)) from error

    def _receive(self):
        try:
            data = self.stream.recv(65536)
        except TimeoutError:
            raise TimeoutError("nothing was said") from None
        except (OSError, ssl.SSLError) as error:
            raise Closed(str(error)) from error
        if not data:
            raise Closed("end of stream")
        return data

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
                    return Message((head + separator + rest[:size]).decode(errors="replace"))
            self._unread += self._receive()

    def final(self, seconds=10.0):
        """The next final reply; provisional ones are passed over."""
        while True:
            reply = self.read(seconds)
            if reply.status >= 200:
                return reply

    def pong(self, seconds=10.0):
        """A keep-alive and its answer (RFC 5626, 4.4.1)."""
        self.send(b"\r\n\r\n")
        self.stream.settimeout(seconds)
        got = b""
        while len(got) < 2:
            got += self._receive()
        return got == b"\r\n"

    def register(self, user="ada", contact="", seconds=10.0):
        """A REGISTER with credentials, which a next hop of ours accepts; the final reply."""
        self.send(request("REGISTER", user=user, headers=[
            "Expires: 60", f'Authorization: Digest username="{user}", realm="edge.example", nonce="n", '
            'uri="sip:edge.example", response="0123456789abcdef0123456789abcdef"']))
        return self.final(seconds)

    def wait_closed(self, seconds=10.0):
        """Reads until the other side closes; raises TimeoutError when it does not."""
        self.stream.settimeout(seconds)
        try:
            while True:
                self._receive()
        except Closed:
            return True

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


def serial_in(der):
    """The serial number in a certificate: SEQUENCE { SEQUENCE { [0] version, INTEGER serial, …"""
    def content(at):
        size, at = der[at + 1], at + 2
        if size & 0x80:
            octets = size & 0x7F
            size, at = int.from_bytes(der[at:at + octets], "big"), at + octets
        return at, size
    certificate, _ = content(0)
    body, _ = content(certificate)
    version, version_bytes = content(body)
    serial, serial_bytes = content(version + version_bytes)
    return der[serial:serial + serial_bytes].hex().upper().removeprefix("00")
