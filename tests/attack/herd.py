#!/usr/bin/python3
"""make herd: every phone returns at once after a restart of the node, and how long it takes until each is registered.

    herd.py [--phones 5000] [--sources 500] [--output FILE] [--binary FILE] [--load FILE]

On loopback, with a registrar that does not keep the phones waiting. Exit code 1 when a phone was not registered within
60 s, or refused more than twice. From one source the limits of a source let in fewer at a time: there only the time counts.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from asked import Asked  # noqa: E402
from peers.certificates import Certificates  # noqa: E402
from peers.configuration import Configuration  # noqa: E402
from peers.processes import Timeout, eventually  # noqa: E402

FIRST_SOURCE = "127.1.0.1"
SECONDS = 60.0
REFUSED_MOST = 2


class Herd:
    """A context manager: node, registrar and phones. Limits are the default ones."""

    def __init__(self, directory, load, phones, sources):
        directory = pathlib.Path(directory)
        certificates = Certificates(directory / "certificates")
        self.configuration = Configuration(directory, certificates)
        self.configuration.change("limits:\n  handshake_timeout: 30s\n", "")
        self.node = self.configuration.start()
        own = certificates.next_hop
        self.inside = Asked(
            [load, "inside", "--listen", self.configuration.next_hop, "--edge", self.configuration.inside_at, "--trust",
             certificates.inside.certificate, "--certificate", own.certificate, "--key", own.key], directory / "inside.log")
        self.phones = Asked(
            [load, "phones", "--edge", self.configuration.outside_at, "--trust", certificates.outside.certificate,
             "--phones", phones, "--source", FIRST_SOURCE, "--sources", sources, "--backoff-ms", 2000],
            directory / "phones.log")
        self.count = phones

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in (self.phones, self.inside, self.node):
            one.end()

    def come(self):
        """All at once; the report when each is registered, or when time is up."""
        latest = {}

        def registered():
            latest.update(self.phones.report())
            return latest["registered"] == self.count
        self.phones.say("come")
        try:
            eventually(registered, "every phone registered", SECONDS)
        except Timeout:
            pass
        return latest

    def return_after_restart(self):
        """They were all there; the node ends and begins anew; they all come at the same moment."""
        first = self.come()
        self.phones.say("leave")
        assert self.node.stop() == 0
        self.node = self.configuration.start()
        cpu = cpu_seconds(self.node.pid)
        report = self.come()
        return {"phones": self.count, "registered": report["registered"], "first_time_registered": first["registered"],
                "last_registered_s": round(report["last_registered_s"], 2), "refused_most": refused_most(report),
                "phones_by_times_refused": report["phones_by_times_refused"],
                "node_cpu_s": round(cpu_seconds(self.node.pid) - cpu, 2),
                "node_mib": round(self.node.resident_bytes() / 2**20, 1)}


def cpu_seconds(pid):
    """Of the whole process, until now (proc(5): utime and stime)."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def refused_most(report):
    return max(int(times) for times in report["phones_by_times_refused"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--phones", type=int, default=5000)
    parser.add_argument("--sources", type=int, default=500)
    parser.add_argument("--output")
    parser.add_argument("--binary", default=os.environ.get("SALLYPORT_BINARY", "build/release/sallyport"))
    parser.add_argument("--load", default=os.environ.get("SALLYPORT_LOAD", "build/release/tests/sip_load"))
    given = parser.parse_args()
    os.environ["SALLYPORT_BINARY"] = given.binary
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sallyport-herd-") as directory, \
            Herd(directory, given.load, given.phones, given.sources) as herd:
        told = {"sources": given.sources, **herd.return_after_restart()}
    print(json.dumps(told))
    if given.output:
        pathlib.Path(given.output).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(given.output).write_text(json.dumps(told, indent=1) + "\n")
    print(f"{time.monotonic() - begin:.0f} s in all", file=sys.stderr)
    good = told["registered"] == given.phones and (told["refused_most"] <= REFUSED_MOST or given.sources == 1)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
