"""A next hop over TLS: it asks for a client certificate, keeps what it was shown and told, and answers."""

import contextlib
import socket
import ssl
import threading

import node
import processes
import wire


def answer(connection, request):
    """Registers anybody who shows credentials; 200 to the rest."""
    if request.method == "ACK":
        return
    if request.method == "REGISTER" and not request.header("Authorization"):
        connection.send(wire.reply_to(request, 401, "Unauthorized", [
            'WWW-Authenticate: Digest realm="edge.example", nonce="n", qop="auth"']))
    elif request.method == "REGISTER":
        connection.send(wire.reply_to(request, 200, "OK", [f"Contact: {request.header('Contact')};expires=60"]))
    else:
        connection.send(wire.reply_to(request, 200, "OK"))


class NextHop:
    """`seen` holds the messages in the order they came, `serials` what each connection showed as its certificate."""

    def __init__(self, certificates, own=None, behaviour=answer):
        self.seen = []
        self.serials = []
        self._behaviour = behaviour
        self._connections = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own = own or certificates.next_hop
        self._context.load_cert_chain(str(own.certificate), str(own.key))
        self._context.load_verify_locations(str(certificates.inside.certificate))
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._listener = socket.create_server((node.NEXT_HOP, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(stream)
            threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _serve(self, stream):
        with contextlib.suppress(wire.Closed, TimeoutError, OSError, ssl.SSLError):
            connection = wire.Wire.over(self._context.wrap_socket(stream, server_side=True))
            self._connections.append(connection.stream)
            self.serials.append(wire.serial_in(connection.stream.getpeercert(binary_form=True)))
            while True:
                message = connection.read(120.0)
                self.seen.append(message)
                self._behaviour(connection, message)

    def of(self, method):
        return [message for message in list(self.seen) if message.method == method]

    def wait_for(self, method, count=1):
        processes.eventually(lambda: len(self.of(method)) >= count, f"{count} {method} at the next hop")
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
