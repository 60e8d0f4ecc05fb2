"""Reads the SIP trace a baresip writes into its log: who sent what to whom."""

import re

from peers import sip

COLOURS = re.compile(r"\x1b?\[[0-9;]*m")
HEADING = re.compile(r"^(UDP|TCP|TLS) (\S+?):(\d+) -> (\S+?):(\d+)$")


class Message(sip.Message):
    """One that was sent or received; `heading`, a match of HEADING, says between whom."""

    def __init__(self, heading, text):
        super().__init__(text)
        self.transport = heading[1]
        self.source = (heading[2], int(heading[3]))
        self.target = (heading[4], int(heading[5]))


def messages(log):
    """Every message in `log`, in order. The last one may still be on its way into the file."""
    found = []
    # Each begins after a line that holds only '#', which baresip colours.
    for part in re.split(r"(?m)^\x1b\[36;1m#\r?\n", log)[1:]:
        heading, _, rest = part.partition("\n")
        if match := HEADING.match(COLOURS.sub("", heading).strip()):
            found.append(Message(match, rest.split("\x1b[;m", 1)[0].lstrip("\r\n")))
    return found
