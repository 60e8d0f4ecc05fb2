#!/usr/bin/env python3
"""Reads the include graph of the sources and reports what the layers of ARCHITECTURE.md forbid.

    layers.py ROOT      prints `file:line: rule: what`, exits 1 when there is any

The tables below are the rules; the code under them only applies them.
"""

import posixpath
import re
import sys
from pathlib import Path

PURE_PROTOCOLS = ["net/stun", "net/turn", "net/sip", "net/sdp", "net/rtp", "net/srtp", "net/http", "net/ws",
                  "net/redis", "net/dns", "net/proxy_protocol"]
# OpenSSL reads the clock and random numbers itself: the one exception among the protocols.
PROTOCOLS = PURE_PROTOCOLS + ["net/tls", "net/dtls"]
NET = ["net/core", "net/io"] + PROTOCOLS

# A folder and the folders it may include, besides itself. A source in a folder not named here is an error.
MAY_INCLUDE = {
    "net/core": [],
    **{protocol: ["net/core"] for protocol in PROTOCOLS},
    "net/turn": ["net/core", "net/stun"],
    "net/sip": ["net/core", "net/sdp"],
    "net/srtp": ["net/core", "net/rtp"],
    "net/ws": ["net/core", "net/http"],
    "net/io": ["net/core"] + PROTOCOLS,
    "config": ["net/core"],
    "policy": ["net/core", "config"] + PURE_PROTOCOLS,
    "cluster": NET + ["config", "policy"],
    "actors": NET + ["config", "policy", "cluster"],
    "main.cpp": NET + ["config", "policy", "cluster", "actors"],
}

# Time, randomness and bytes come in as arguments; decisions leave as values.
SANS_IO = ["net/core", "config", "policy"] + PURE_PROTOCOLS

MAY_CALL_SOCKETS = ["net/io"]
MAY_LOG = ["net/io", "cluster", "actors", "main.cpp"]
MAY_USE_CAF = ["cluster", "actors", "main.cpp"]

SOCKET_HEADERS = r"sys/(socket|epoll|select|poll|un)\.h|poll\.h|netdb\.h"
THREAD_HEADERS = r"thread|mutex|shared_mutex|condition_variable|future|semaphore|barrier|latch|stop_token|pthread\.h"

# Names that only the system has, and names that are also ordinary verbs: those count where nothing of ours has the name.
SOCKET_CALLS = ["accept4", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
                "getaddrinfo", "getpeername", "getsockname", "getsockopt", "ppoll", "recvfrom", "recvmmsg", "recvmsg",
                "sendmmsg", "sendmsg", "sendto", "setsockopt", "socketpair"]
SOCKET_VERBS = ["accept", "bind", "connect", "listen", "poll", "recv", "select", "send", "shutdown", "socket"]

CLOCK = r"::now\s*\(\s*\)|\b(clock_gettime|gettimeofday|timespec_get|ftime)\s*\(|(?<![\w.>])(std::|::)?time\s*\(\s*(nullptr|NULL|0|&)"
RANDOM = (r"\b(random_device|mt19937(_64)?|default_random_engine|RAND_(priv_)?bytes)\b"
          r"|(?<![\w.>])(std::|::)?(rand|random|drand48|getrandom|getentropy|arc4random\w*)\s*\(")
PRINT = r"\bstd::(cout|cerr|clog)\b|(?<![\w.>])(std::|::)?(v?f?printf|puts|fputs|perror|syslog)\s*\("

SOURCE_SUFFIXES = {".cpp", ".hpp", ".cc", ".h", ".hh", ".cxx", ".ipp"}

# A declaration has a type in front of the name, a call has not; these words look like a type and are none.
NOT_A_TYPE = {"return", "co_return", "co_await", "co_yield", "else", "do", "case", "throw", "and", "or", "not"}


def without_comments(text):
    """The code alone, line for line: comments and the insides of literals are blank."""

    def blank(match):
        kept = match.group(0)
        return re.sub(r"[^\n]", " ", kept) if kept.startswith("/") else '""' + "\n" * kept.count("\n")

    literal = r'R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\''
    keep_includes = r"^[ \t]*#[ \t]*include[^\n]*"
    pattern = re.compile(rf"(?P<include>{keep_includes})|//[^\n]*|/\*.*?\*/|(?<![0-9a-fA-F]){literal}", re.S | re.M)
    return pattern.sub(lambda match: match.group(0) if match.group("include") else blank(match), text)


class Source:
    def __init__(self, root, path):
        self.name = path.relative_to(root).as_posix()
        self.code = without_comments(path.read_text(encoding="utf-8", errors="replace"))
        self.includes = [(self.line(match.start("name")), match.group("open") == '"', match.group("name"))
                         for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(?P<open>[<"])(?P<name>[^>"\n]+)', self.code, re.M)]

    def line(self, offset):
        return self.code.count("\n", 0, offset) + 1

    def find(self, pattern):
        for match in re.finditer(pattern, self.code):
            yield self.line(match.start()), " ".join(match.group(0).split())

    def uses(self, name):
        """(offset, declared) of each plain or `::`-qualified `name(`; members of objects and of namespaces are others."""
        for match in re.finditer(rf"(?P<global>::\s*)?\b{name}\s*\(", self.code):
            before = self.code[:match.start()].rstrip()
            if match.group("global"):
                if not re.search(r"[\w>]$", before) or re.search(r"\b(return|else)$", before):
                    yield match.start(), False
            elif not before.endswith((".", "->", "::", "~")):
                word = re.search(r"(\w+)[\s&*>]*$", before)
                is_type = before.endswith((">", "&", "*")) and not before.endswith(("&&", "->"))
                yield match.start(), is_type or bool(word and before.endswith(word.group(1)) and word.group(1) not in NOT_A_TYPE)


def layer_of(name):
    """The layer of a file, by the longest folder that holds it; nothing for one that belongs to none."""
    parts = name.split("/")
    for length in range(len(parts), 0, -1):
        if "/".join(parts[:length]) in MAY_INCLUDE:
            return "/".join(parts[:length])
    return None


def read(root):
    """Every source but the tests and what a build made."""
    sources = {}
    for path in sorted(root.rglob("*")):
        top = path.relative_to(root).parts[0]
        if path.suffix in SOURCE_SUFFIXES and path.is_file() and top != "tests" and not top.startswith((".", "build")):
            source = Source(root, path)
            sources[source.name] = source
    return sources


def target(source, quoted, included, sources):
    """The file of ours that an include names, from the root or from beside; nothing for what is not ours."""
    if layer_of(included) or included.startswith("tests/"):
        return included
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(source.name), included))
    return beside if quoted and beside in sources else None


def wrong_arrows(source, layer, sources):
    for line, quoted, included in source.includes:
        found = target(source, quoted, included, sources)
        if found is None:
            if quoted:
                yield line, "arrow", f'"{included}" is no file of ours; headers of others go in <>'
        elif layer_of(found) != layer and layer_of(found) not in MAY_INCLUDE[layer]:
            yield line, "arrow", f"{layer} may not include {found}"


def wrong_headers(source, layer):
    for line, _, included in source.includes:
        if included == "caf/all.hpp":
            yield line, "caf-all", "13 s a file to compile; name the headers that are used"
        if included.startswith("caf/") and layer not in MAY_USE_CAF:
            yield line, "caf", f"<{included}>"
        if included.startswith("spdlog/") and layer not in MAY_LOG:
            yield line, "log", f"<{included}>"
        if re.fullmatch(SOCKET_HEADERS, included) and layer not in MAY_CALL_SOCKETS:
            yield line, "socket", f"<{included}>"
        if layer in SANS_IO:
            if re.fullmatch(THREAD_HEADERS, included):
                yield line, "thread", f"<{included}>"
            if included in ("random", "sys/random.h", "openssl/rand.h"):
                yield line, "random", f"<{included}>"
            if included in ("iostream", "syslog.h"):
                yield line, "log", f"<{included}>"


def declares(source, name):
    return any(declared for _, declared in source.uses(name))


def wrong_socket_calls(source, sources):
    near = [source] + [sources[found] for _, quoted, included in source.includes
                       if (found := target(source, quoted, included, sources)) in sources]
    for name in SOCKET_CALLS + SOCKET_VERBS:
        ours = name in SOCKET_VERBS and any(declares(other, name) for other in near)
        for offset, declared in source.uses(name):
            if not declared and not (ours and not source.code.startswith("::", offset)):
                yield source.line(offset), "socket", f"{name}() outside {', '.join(MAY_CALL_SOCKETS)}"


def wrong_calls(source):
    for rule, pattern in (("clock", CLOCK), ("random", RANDOM), ("log", PRINT)):
        for line, text in source.find(pattern):
            yield line, rule, text


def check(root):
    """Every violation as `file:line: rule: what`."""
    sources = read(Path(root))
    problems = []
    for source in sources.values():
        layer = layer_of(source.name)
        if layer is None:
            problems.append(f"{source.name}:1: layer: this folder is no layer of ARCHITECTURE.md")
            continue
        found = list(wrong_arrows(source, layer, sources)) + list(wrong_headers(source, layer))
        if layer not in MAY_CALL_SOCKETS:
            found += wrong_socket_calls(source, sources)
        if layer in SANS_IO:
            found += wrong_calls(source)
        problems += [f"{source.name}:{line}: {rule}: {what}" for line, rule, what in sorted(set(found))]
    return problems


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    root = Path(sys.argv[1]).resolve()
    if not read(root):
        print(f"no sources under {root}", file=sys.stderr)
        return 1
    problems = check(root)
    print("\n".join(problems) if problems else "every include and call is where its layer allows it")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
