"""Where the sockets and programs of a test are: in this machine's network, or in one that a suite makes."""

import contextlib
import typing
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket


class At(typing.NamedTuple):
    """An address with its port; as text, the way a configuration writes it."""

    address: str
    port: int

    def __str__(self):
        return f"{self.address}:{self.port}"


class Host:
    """This machine as it is. A host with a network of its own overrides `entered`."""

    @contextlib.contextmanager
    def entered(self):
        """Sockets and programs that the calling thread makes meanwhile are here, and stay here."""
        yield

    def socket(self, kind=SOCK_STREAM):
        with self.entered():
            return socket(AF_INET, kind)

    def connect(self, at, source=None, timeout=10.0):
        """A TCP connection, from the address `source`; raises OSError as connect does."""
        stream = self.socket()
        stream.settimeout(timeout)
        try:
            if source:
                stream.bind((source, 0))
            stream.connect(at)
        except BaseException:
            stream.close()
            raise
        return stream

    def listen(self, at):
        """A TCP listener; with port 0 at one that is free."""
        listener = self.socket()
        try:
            listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
            listener.bind(at)
            listener.listen(64)
        except BaseException:
            listener.close()
            raise
        return listener

    def free(self, address="127.0.0.1", kind=SOCK_STREAM):
        """A port of `address` that nobody holds now."""
        with self.socket(kind) as probe:
            probe.bind((address, 0))
            return At(*probe.getsockname())

    def answers(self, at, timeout=1.0):
        try:
            self.connect(at, timeout=timeout).close()
            return True
        except OSError:
            return False


THIS_HOST = Host()
