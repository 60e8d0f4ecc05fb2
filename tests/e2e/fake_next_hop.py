"""A next hop that misbehaves on purpose: what no real registrar would do, behind the address the edge trusts."""

import contextlib
import socket
import ssl
import threading

import network
import wire


def reply_to(request, status, reason, headers=(), drop=()):
    """A reply with everything section 8.2.6 of RFC 3261 copies."""
    copied = []
    for line in request.text.split("\r\n\r\n", 1)[0].split("\r\n")[1:]:
        name = line.partition(":")[0].strip().lower()
        if name in ("via", "from", "to", "call-id", "cseq", "record-route") and name not in drop:
            copied.append(line + (";tag=fake" if name == "to" and ";tag=" not in line else ""))
    return ("\r\n".join([f"SIP/2.0 {status} {reason}", *copied, *headers, "Content-Length: 0"]) + "\r\n\r\n").encode()


CHALLENGE = 'WWW-Authenticate: Digest realm="edge.example", nonce="n", qop="auth"'


def registers(then):
    """A behaviour that lets anybody register who shows credentials, and does `then` with every other request."""
    def behave(connection, request):
        if not request.text.startswith("REGISTER "):
            then(connection, request)
        elif request.header("Authorization"):
            connection.send(reply_to(request, 200, "OK", [f"Contact: {request.header('Contact')};expires=60"]))
        else:
            connection.send(reply_to(request, 401, "Unauthorized", [CHALLENGE]))
    return behave


class FakeNextHop:
    """Listens with TLS where the edge looks for its next hop. `behaviour(connection, request)` handles each request;
    None accepts connections and never speaks, not even TLS."""

    def __init__(self, net, certificates, behaviour, port=5061):
        self.port = port
        self.seen = []
        self._behaviour = behaviour
        self._connections = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*map(str, certificates.registrar))
        self._context.load_verify_locations(str(certificates.inside.certificate))
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._listener = net.socket("inside")
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((network.FAKE_NEXT_HOP, port))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(stream)
            if self._behaviour is not None:
                threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _serve(self, stream):
        try:
            connection = wire.Wire.over(self._context.wrap_socket(stream, server_side=True))
            self._connections.append(connection.stream)
            while True:
                request = connection.read(120.0)
                self.seen.append(request)
                self._behaviour(connection, request)
        except (wire.Closed, TimeoutError, OSError, ssl.SSLError):
            pass

    def close(self):
        """Listener and connections; a shutdown wakes the threads that wait on them."""
        for stream in [self._listener, *self._connections]:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
            stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
