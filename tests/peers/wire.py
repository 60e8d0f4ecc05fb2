"""One connection of a test, over TLS or plain, that says whatever it is told to and reads whole SIP messages."""

import re
import secrets
import socket
import ssl
import time

from peers import sip
from peers.host import THIS_HOST


class Closed(Exception):
    """The other side ended the connection."""


def client_context(own=None, trust=None, *, checks_name=False, newest=None, alpn=()):
    """TLS of a client that shows the pair `own`. It verifies nothing unless `trust`, an authority's certificate, is given:
    what is shown is what is looked at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = checks_name
    if trust:
        context.load_verify_locations(str(trust))
    else:
        context.verify_mode = ssl.CERT_NONE
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


def connect(at, context=None, *, server_name=None, source=None, timeout=10.0, host=THIS_HOST):
    """A connection to `at` from `source`, an address of `host`; TLS unless `context` is None."""
    stream = host.connect(at, source, timeout)
    if context is not None:
        try:
            stream = context.wrap_socket(stream, server_hostname=server_name)
        except BaseException:
            stream.close()
            raise
    return Wire(stream)


class Wire:
    def __init__(self, stream):
        self.stream = stream
        self._unread = b""

    def certificate_shown(self):
        """The serial number of the certificate that the other side showed."""
        return serial_in(self.stream.getpeercert(binary_form=True))

    def send(self, data, seconds=10.0):
        self.stream.settimeout(seconds)
        try:
            self.stream.sendall(data)
        except (OSError, ssl.SSLError) as error:
            raise Closed(str(error)) from error

    def _receive(self, end):
        """What has come, waited for until `end`, however it trickles in."""
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError("nothing was said")
        self.stream.settimeout(left)
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
        end = time.monotonic() + seconds
        while True:
            self._unread = self._unread.lstrip(b"\r\n")
            head, separator, rest = self._unread.partition(b"\r\n\r\n")
            if separator:
                size = re.search(rb"(?mi)^(?:Content-Length|l)\s*:\s*(\d+)", head)
                size = int(size[1]) if size else 0
                if len(rest) >= size:
                    self._unread = rest[size:]
                    return sip.Message((head + separator + rest[:size]).decode(errors="replace"))
            self._unread += self._receive(end)

    def final(self, seconds=10.0):
        """The next final reply; provisional ones are passed over."""
        end = time.monotonic() + seconds
        while True:
            reply = self.read(end - time.monotonic())
            if reply.status >= 200:
                return reply

    def outcome(self, seconds=10.0):
        """What became of what was sent: the status of a final reply, or 'closed'."""
        try:
            return self.final(seconds).status
        except Closed:
            return "closed"

    def pong(self, seconds=10.0):
        """A keep-alive and its answer: two CRLFs ask, one answers (RFC 5626, 4.4.1)."""
        self.send(b"\r\n\r\n")
        end = time.monotonic() + seconds
        got = b""
        while len(got) < 2:
            got += self._receive(end)
        return got == b"\r\n"

    def register(self, user="ada", seconds=10.0):
        """REGISTER with digest as a phone does it; the final reply, to the second one where the first is challenged."""
        about = dict(user=user, call=secrets.token_hex(10), address=self.stream.getsockname()[0])
        self.send(sip.request("REGISTER", cseq=1, headers=["Expires: 60"], **about))
        reply = self.final(seconds)
        if reply.status != 401:
            return reply
        credentials = sip.digest(reply.header("WWW-Authenticate"), "REGISTER", "sip:edge.example", user, f"{user}-secret")
        self.send(sip.request("REGISTER", cseq=2, headers=["Expires: 60", f"Authorization: {credentials}"], **about))
        return self.final(seconds)

    def drip(self, data, every=0.1):
        """Sends a byte, listens for `every` seconds, sends the next; raises Closed as soon as it is."""
        for byte in data:
            self.send(bytes([byte]))
            try:
                self.read(every)
            except TimeoutError:
                pass

    # ---- its end -------------------------------------------------------------------------------------------------

    def wait_closed(self, seconds=10.0):
        """Reads until the other side closes; raises TimeoutError when it does not."""
        end = time.monotonic() + seconds
        try:
            while True:
                self._receive(end)
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
