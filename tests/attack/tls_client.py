"""TLS clients that say what no good one does: OpenSSL by ctypes, records made in memory, sent by a socket of their own."""

import ctypes
import socket

_ssl, _crypto = ctypes.CDLL("libssl.so.3"), ctypes.CDLL("libcrypto.so.3")
for _library, _names in ((_ssl, ("TLS_client_method", "SSL_CTX_new", "SSL_new")), (_crypto, ("BIO_new", "BIO_s_mem"))):
    for _name in _names:
        getattr(_library, _name).restype = ctypes.c_void_p

_SET_GROUPS_LIST = 92  # SSL_CTRL_SET_GROUPS_LIST (openssl/ssl.h).
_BUFFER = ctypes.create_string_buffer(1 << 16)
HANDSHAKE, ALERT = 22, 21


class Records:
    """One client's TLS without a socket: `take` is what it wants to send."""

    def __init__(self, groups=None):
        context = ctypes.c_void_p(_ssl.SSL_CTX_new(ctypes.c_void_p(_ssl.TLS_client_method())))
        if groups:
            assert _ssl.SSL_CTX_ctrl(context, _SET_GROUPS_LIST, 0, groups.encode()) == 1
        self._tls = ctypes.c_void_p(_ssl.SSL_new(context))
        _ssl.SSL_CTX_free(context)
        self._in, self._out = (ctypes.c_void_p(_crypto.BIO_new(ctypes.c_void_p(_crypto.BIO_s_mem()))) for _ in range(2))
        _ssl.SSL_set_bio(self._tls, self._in, self._out)
        _ssl.SSL_set_connect_state(self._tls)

    def __del__(self):
        _ssl.SSL_free(self._tls)

    def take(self):
        taken = []
        while (count := _crypto.BIO_read(self._out, _BUFFER, len(_BUFFER))) > 0:
            taken.append(_BUFFER.raw[:count])
        return b"".join(taken)

    def handshake(self, came=b""):
        """Whether it is done."""
        if came:
            _crypto.BIO_write(self._in, came, len(came))
        return _ssl.SSL_do_handshake(self._tls) == 1

    def key_updates(self, count):
        """So many KeyUpdates that ask for none back (RFC 8446, 4.6.3)."""
        for _ in range(count):
            _ssl.SSL_key_update(self._tls, 0)
            _ssl.SSL_do_handshake(self._tls)
        return self.take()

    def write(self, data):
        """One record."""
        _ssl.SSL_write(self._tls, data, len(data))
        return self.take()

    def one_byte_records(self, data):
        for byte in data:
            _ssl.SSL_write(self._tls, bytes((byte,)), 1)
        return self.take()


def hello(groups=None):
    """The bytes of a ClientHello, to be said again and again."""
    records = Records(groups)
    records.handshake()
    return records.take()


class Connection:
    """A handshake that is done; `records` makes what is said next."""

    def __init__(self, host, at, source):
        self.records = Records()
        self.socket = host.connect(at, source)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        came = b""
        while True:
            done = self.records.handshake(came)
            self.socket.sendall(self.records.take())
            if done:
                return
            came = self.socket.recv(65536)
            if not came:
                raise OSError("closed in the handshake")

    def push(self, data, seconds):
        """Sends as much of it as is taken in that time; how many bytes that were."""
        self.socket.settimeout(seconds)
        sent, view = 0, memoryview(data)
        try:
            while sent < len(view):
                sent += self.socket.send(view[sent:sent + 65536])
        except OSError:
            pass
        return sent

    def close(self):
        self.socket.close()
