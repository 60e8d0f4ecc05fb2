"""A next hop over TLS: it asks for a client certificate, keeps what it was shown and told, and answers as it is told to,
be it as no real registrar would."""

import contextlib
import socket
import ssl
import threading

from peers import sip, wire
from peers.host import At, THIS_HOST
from peers.processes import eventually

ADDRESS = "127.0.0.4"
CHALLENGE = 'WWW-Authenticate: Digest realm="edge.example", nonce="n", qop="auth"'


def registers(then):
    """A behaviour that lets anybody register who shows credentials, and does `then` with every other request."""
    def behave(connection, request):
        if request.method != "REGISTER":
            then(connection, request)
        elif request.header("Authorization"):
            takes_back = request.header("Expires") == "0"  # What is not registered any more is not listed.
            listed = [] if takes_back else [f"Contact: {request.header('Contact')};expires=60"]
            connection.send(sip.reply_to(request, 200, "OK", listed))
        else:
            connection.send(sip.reply_to(request, 401, "Unauthorized", [CHALLENGE]))
    return behave


def agrees(connection, request):
    if request.method != "ACK":
        connection.send(sip.reply_to(request, 200, "OK"))


class NextHop:
    """`behaviour(connection, request)` handles each request; None accepts connections and never speaks, not even TLS.
    `seen` holds the messages in the order they came, `serials` what each connection showed as its certificate."""

    def __init__(self, certificates, behaviour=registers(agrees), *, own=None, at=At(ADDRESS, 0), host=THIS_HOST):
        self.seen = []
        self.serials = []
        self._behaviour = behaviour
        self._connections = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own = own or certificates.next_hop
        self._context.load_cert_chain(str(own.certificate), str(own.key))
        self._context.load_verify_locations(str(certificates.inside.certificate))
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._listener = host.listen(at)
        self.at = At(*self._listener.getsockname())
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(stream)
            if self._behaviour:
                threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _serve(self, stream):
        with contextlib.suppress(wire.Closed, TimeoutError, OSError, ssl.SSLError):
            connection = wire.Wire(self._context.wrap_socket(stream, server_side=True))
            self._connections.append(connection.stream)
            self.serials.append(connection.certificate_shown())
            while True:
                message = connection.read(120.0)
                self.seen.append(message)
                self._behaviour(connection, message)

    def of(self, method):
        """The requests of this method that came."""
        return [message for message in list(self.seen) if message.is_request and message.method == method]

    def wait_for(self, method, count=1):
        eventually(lambda: len(self.of(method)) >= count, f"{count} {method} at the next hop")
        return self.of(method)[count - 1]

    def drop_connections(self):
        """Ends every connection there is; new ones are taken as before."""
        connections, self._connections = self._connections, []
        _end(connections)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _end([self._listener, *self._connections])


def _end(sockets):
    """A shutdown wakes the threads that wait on them."""
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
