"""SIP messages as tests say and read them: requests right but for what they are wanted to have wrong, replies, digest."""

import hashlib
import re
import secrets


def request(method, uri="sip:edge.example", *, user="ada", headers=(), body="", drop=(), replace=None, call=None, cseq=1,
            to=None, address="127.0.0.1"):
    """A request of somebody at `address`. `drop` leaves headers out, `replace` rewrites them, `headers` are more lines."""
    lines = {
        "Via": f"SIP/2.0/TLS {address}:5061;branch=z9hG4bK{secrets.token_hex(8)};rport",
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


def reply_to(request_read, status, reason, headers=(), drop=()):
    """A reply with everything section 8.2.6 of RFC 3261 copies, but for `drop`."""
    copied = []
    for line in request_read.head.split("\r\n")[1:]:
        name = line.partition(":")[0].strip().lower()
        if name in ("via", "from", "to", "call-id", "cseq", "record-route") and name not in drop:
            copied.append(line + (";tag=answered" if name == "to" and ";tag=" not in line else ""))
    return "\r\n".join([f"SIP/2.0 {status} {reason}", *copied, *headers, "Content-Length: 0", "", ""]).encode()


def acknowledgement(invite, refusal):
    """The ACK of a refused INVITE (RFC 3261, 17.1.1.3): its Via, From, Call-ID and number, and the refusal's To."""
    sent = Message(invite.decode())
    uri = sent.start_line.split(" ")[1]
    copied = [f"{name}: {sent.header(name)}" for name in ("Via", "Max-Forwards", "From", "Call-ID")]
    number = sent.header("CSeq").split()[0]
    return "\r\n".join([f"ACK {uri} SIP/2.0", *copied, f"To: {refusal.header('To')}", f"CSeq: {number} ACK",
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


class Message:
    """A message as it was read. Its lines may end as on the wire or as in a log."""

    def __init__(self, text):
        self.text = text
        self.head, *rest = re.split(r"\r?\n\r?\n", text, maxsplit=1)
        self.body = "".join(rest)

    @property
    def start_line(self):
        return self.head.split("\n", 1)[0].rstrip("\r")

    @property
    def is_request(self):
        return not self.start_line.startswith("SIP/2.0 ")

    @property
    def method(self):
        """The request's method, or the one the reply answers."""
        return self.start_line.split(" ")[0] if self.is_request else self.header("CSeq").split()[-1]

    @property
    def status(self):
        return 0 if self.is_request else int(self.start_line.split(" ")[1])

    def header(self, name):
        found = self.headers(name)
        return found[0] if found else ""

    def headers(self, name):
        return [match[1].strip() for match in re.finditer(rf"(?mi)^{re.escape(name)}\s*:(.*)$", self.head)]
