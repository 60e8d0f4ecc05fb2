"""Kamailio inside: registrar, digest, next hop. Asked over its control socket, never guessed at."""

import contextlib
import pathlib
import re

import network
from peers.host import At
from peers.processes import Process, eventually, output_of

HERE = pathlib.Path(__file__).parent
RINGS_FOR_MS = 30000


class Registrar:
    def __init__(self, net, certificates, directory, on_line=None):
        self._host = net["inside"]
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.control = self.directory / "control"
        self._write(certificates)
        self.process = Process(
            "kamailio", ["kamailio", "-DD", "-E", "-m", "64", "-M", "16", "-f", self.directory / "kamailio.cfg",
                         "-Y", self.directory, "-w", self.directory], self.directory, host=self._host, on_line=on_line)
        self._wait_until_ready()

    def _write(self, certificates):
        own = certificates.next_hop
        side = (f"method = TLSv1.2+\nverify_certificate = yes\nrequire_certificate = yes\n"
                f"certificate = {own.certificate}\nprivate_key = {own.key}\nca_list = {certificates.inside.certificate}\n")
        (self.directory / "tls.cfg").write_text(f"[server:default]\n{side}\n[client:default]\n{side}")
        text = (HERE / "registrar.cfg").read_text()
        for name, value in {"ADDRESS": network.REGISTRAR, "LOAD": network.INSIDE_LOAD, "RINGS_FOR_MS": RINGS_FOR_MS,
                            "DIRECTORY": self.directory, "CONTROL": self.control}.items():
            text = text.replace(f"@{name}@", str(value))
        (self.directory / "kamailio.cfg").write_text(text)

    def _wait_until_ready(self):
        def ready():
            if not self.process.running():
                raise AssertionError(f"kamailio ended:\n{self.process.tail()}")
            return self._host.answers(At(network.REGISTRAR, 5061)) and self.control.exists()
        eventually(ready, lambda: f"kamailio ready:\n{self.process.tail()}", 30.0)

    def ask(self, *command):
        return output_of(["kamcmd", "-s", f"unix:{self.control}", *command], timeout=20.0)

    def binding(self, user):
        """What usrloc holds for `user`, as text with Path; empty when it holds nothing."""
        dump = self.ask("ul.dump")
        for record in re.split(r"(?=\bAoR:)", dump):
            if re.match(rf"AoR: {re.escape(user)}\b", record):
                return record
        return ""

    @contextlib.contextmanager
    def gives_up_after(self, seconds):
        """An unanswered call ends in 408 after `seconds`, within the block."""
        self.ask("cfg.set_now_int", "tm", "fr_inv_timer", str(int(seconds * 1000)))
        try:
            yield
        finally:
            self.ask("cfg.set_now_int", "tm", "fr_inv_timer", str(RINGS_FOR_MS))

    def pids(self):
        """The main process and its children: Kamailio is several."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]
