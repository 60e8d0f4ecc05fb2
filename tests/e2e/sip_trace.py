"""Reads the SIP trace a baresip writes into its log: who sent what to whom."""

import dataclasses
import re

COLOURS = re.compile(r"\x1b?\[[0-9;]*m")
HEADING = re.compile(r"^(UDP|TCP|TLS) (\S+?):(\d+) -> (\S+?):(\d+)$")


@dataclasses.dataclass
class Message:
    transport: str
    source: tuple
    target: tuple
    text: str

    @property
    def start_line(self):
        return self.text.split("\n", 1)[0].rstrip("\r")

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

    @property
    def body(self):
        return re.split(r"\r?\n\r?\n", self.text, maxsplit=1)[-1]

    def header(self, name):
        found = self.headers(name)
        return found[0] if found else ""

    def headers(self, name):
        head = re.split(r"\r?\n\r?\n", self.text, maxsplit=1)[0]
        return [match[1].strip() for match in re.finditer(rf"(?mi)^{re.escape(name)}\s*:(.*)$", head)]


def messages(log):
    """Every message in `log`, in order. The last one may still be on its way into the file."""
    found = []
    # Each begins after a line that holds only '#', which baresip colours.
    for part in re.split(r"(?m)^\x1b\[36;1m#\r?\n", log)[1:]:
        heading, _, rest = part.partition("\n")
        match = HEADING.match(COLOURS.sub("", heading).strip())
        if not match:
            continue
        text = rest.split("\x1b[;m", 1)[0].lstrip("\r\n")
        found.append(Message(match[1], (match[2], int(match[3])), (match[4], int(match[5])), text))
    return found
