"""A name server for the phones outside: Record-Route names the pool, so a phone must be able to find it (RFC 3263)."""

import socket
import struct
import threading

import network

ADDRESS_RECORD = 1
NOT_FOUND = 3


class NameServer:
    """Answers A queries for `names` over UDP in the namespace `outside`; anything else does not exist."""

    address = network.OUTSIDE_PHONE

    def __init__(self, net, names):
        self._names = {name.lower(): address for name, address in names.items()}
        self._socket = net["outside"].socket(socket.SOCK_DGRAM)
        self._socket.bind((self.address, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                query, client = self._socket.recvfrom(512)
            except OSError:
                return
            if len(query) > 16:
                self._socket.sendto(self._answer(query), client)

    def _answer(self, query):
        """RFC 1035, 4.1: the question comes back, and after it the address if there is one."""
        labels, position = [], 12
        while position < len(query) and query[position]:
            labels.append(query[position + 1:position + 1 + query[position]].decode("ascii", "replace"))
            position += 1 + query[position]
        question = query[12:position + 5]
        kind = struct.unpack("!H", question[-4:-2])[0]
        address = self._names.get(".".join(labels).lower())
        records = b""
        if address and kind == ADDRESS_RECORD:
            # 0xC00C points back to the name in the question.
            records = struct.pack("!HHHIH", 0xC00C, ADDRESS_RECORD, 1, 300, 4) + socket.inet_aton(address)
        flags = 0x8580 | (0 if address else NOT_FOUND)
        return query[:2] + struct.pack("!HHHHH", flags, 1, 1 if records else 0, 0, 0) + question + records

    def close(self):
        # The thread in recvfrom wakes up by this, though a datagram socket that has no peer says it cannot be.
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()
