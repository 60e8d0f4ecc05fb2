#!/usr/bin/env python3
"""Tests layers.py itself: a tree that keeps the rules passes, and each way of breaking one is seen where it is."""

import tempfile
import unittest
from pathlib import Path

import layers

CLEAN = {
    "net/core/address.hpp": "#include <netinet/in.h>\nstruct address {};",
    "net/sdp/media.hpp": '#include "net/core/address.hpp"',
    "net/sip/framer.hpp": '#include "net/core/address.hpp"\n#include "net/sdp/media.hpp"\n#include <chrono>',
    "net/tls/context.cpp": '#include <openssl/ssl.h>\nvoid f() { SSL_connect(s); RAND_bytes(b, 8); }',
    "net/io/lane.cpp": '#include "net/sip/framer.hpp"\n#include <spdlog/spdlog.h>\n#include <sys/socket.h>\n#include <thread>\n'
                       "void f() { ::send(1, p, 2, 0); steady_clock::now(); }",
    "config/model.hpp": '#include "net/core/address.hpp"',
    "policy/access.hpp": '#include "config/model.hpp"\n#include "net/sip/framer.hpp"',
    "cluster/store.hpp": '#include "policy/access.hpp"\n#include "net/io/lane.hpp"\n#include <caf/actor.hpp>',
    "net/io/lane.hpp": "",
    "actors/supervisor.cpp": '#include "cluster/store.hpp"\n#include <caf/event_based_actor.hpp>\n#include <spdlog/spdlog.h>',
    "main.cpp": '#include "actors/supervisor.hpp"\n#include <caf/actor_system.hpp>',
    "actors/supervisor.hpp": "",
    "tests/unit/a_test.cpp": "#include <caf/all.hpp>\n#include <sys/socket.h>",
    "build/dev/generated.cpp": '#include "nowhere.hpp"',
}

# What is put into which file, and the rule that must be named for it.
VIOLATIONS = [
    # Arrows.
    ("net/core/a.hpp", '#include "net/sip/framer.hpp"', "arrow"),
    ("net/core/a.hpp", '#include <net/sip/framer.hpp>', "arrow"),
    ("net/core/a.hpp", '#include "../sip/framer.hpp"', "arrow"),
    ("net/core/a.hpp", '#include "config/model.hpp"', "arrow"),
    ("net/sip/a.hpp", '#include "net/io/lane.hpp"', "arrow"),
    ("net/sip/a.hpp", '#include "net/tls/context.hpp"', "arrow"),
    ("net/sip/a.hpp", '#include "policy/access.hpp"', "arrow"),
    ("net/sdp/a.hpp", '#include "net/sip/framer.hpp"', "arrow"),
    ("net/tls/a.hpp", '#include "net/sip/framer.hpp"', "arrow"),
    ("net/io/a.cpp", '#include "policy/access.hpp"', "arrow"),
    ("net/io/a.cpp", '#include "config/model.hpp"', "arrow"),
    ("config/a.cpp", '#include "net/sip/framer.hpp"', "arrow"),
    ("config/a.cpp", '#include "policy/access.hpp"', "arrow"),
    ("policy/a.cpp", '#include "net/io/lane.hpp"', "arrow"),
    ("policy/a.cpp", '#include "cluster/store.hpp"', "arrow"),
    ("cluster/a.cpp", '#include "actors/supervisor.hpp"', "arrow"),
    ("actors/a.cpp", '#include "main.cpp"', "arrow"),
    ("actors/a.cpp", '#include "tests/support/virtual_world.hpp"', "arrow"),
    ("actors/a.cpp", '#include "nowhere.hpp"', "arrow"),
    ("net/gopher/a.cpp", "", "layer"),
    ("tools/a.cpp", "", "layer"),
    # Sockets.
    ("actors/a.cpp", "#include <sys/socket.h>", "socket"),
    ("net/core/a.cpp", "#include <sys/epoll.h>", "socket"),
    ("main.cpp", "#include <netdb.h>", "socket"),
    *[("actors/a.cpp", f"void f() {{ {call}; }}", "socket") for call in (
        "int s = socket(AF_INET, SOCK_STREAM, 0)", "::bind(s, a, n)", "if (connect(s, a, n) < 0) return", "listen(s, 5)",
        "auto c = ::accept(s, a, n)", "accept4(s, a, n, 0)", "return ::send(s, p, n, 0)", "sendto(s, p, n, 0, a, m)",
        "sendmsg(s, m, 0)", "sendmmsg(s, m, 1, 0)", "recv(s, p, n, 0)", "recvfrom(s, p, n, 0, a, m)", "recvmsg(s, m, 0)",
        "recvmmsg(s, m, 1, 0, t)", "epoll_create1(0)", "epoll_ctl(e, 1, s, v)", "epoll_wait(e, v, 1, 0)", "setsockopt(s, 1, 2, p, n)",
        "getsockopt(s, 1, 2, p, n)", "socketpair(1, 2, 0, p)", "getaddrinfo(h, p, i, r)", "poll(p, 1, 0)", "return recv(s, p, n, 0)")],
    ("net/tls/a.cpp", "void f() { send(s, p, n, 0); }", "socket"),
    ("net/sip/a.cpp", "void send(int);\nvoid f() { ::send(s, p, n, 0); }", "socket"),
    # Clocks.
    *[("net/sip/a.cpp", f"void f() {{ {call}; }}", "clock") for call in (
        "auto t = std::chrono::steady_clock::now()", "clock :: now ()".replace(" ", ""), "clock_gettime(0, &t)", "time(nullptr)",
        "auto t = std::time(0)", "gettimeofday(&t, nullptr)", "timespec_get(&t, 1)")],
    ("policy/a.hpp", "inline auto f() { return system_clock::now(); }", "clock"),
    ("config/a.cpp", "void f() { time(nullptr); }", "clock"),
    ("net/core/a.cpp", "void f() { time(nullptr); }", "clock"),
    # Randomness.
    ("net/core/a.cpp", "#include <random>", "random"),
    ("net/sip/a.cpp", "#include <openssl/rand.h>", "random"),
    *[("net/sip/a.cpp", f"void f() {{ {call}; }}", "random") for call in (
        "std::random_device d", "auto x = rand()", "RAND_bytes(p, 8)", "getrandom(p, 8, 0)", "std::mt19937 g")],
    # Logs.
    ("net/sip/a.cpp", "#include <spdlog/spdlog.h>", "log"),
    ("net/tls/a.cpp", "#include <spdlog/spdlog.h>", "log"),
    ("config/a.cpp", "#include <spdlog/fmt/fmt.h>", "log"),
    ("policy/a.cpp", "#include <iostream>", "log"),
    ("net/sdp/a.cpp", 'void f() { std::cerr << "x"; }', "log"),
    ("net/core/a.cpp", 'void f() { fprintf(stderr, "x"); }', "log"),
    # Threads.
    ("net/sip/a.hpp", "#include <thread>", "thread"),
    ("policy/a.hpp", "#include <mutex>", "thread"),
    ("config/a.hpp", "#include <future>", "thread"),
    # The actor framework.
    ("net/sip/a.hpp", "#include <caf/actor.hpp>", "caf"),
    ("net/io/a.hpp", "#include <caf/actor.hpp>", "caf"),
    ("policy/a.hpp", "#include <caf/fwd.hpp>", "caf"),
    ("actors/a.cpp", "#include <caf/all.hpp>", "caf-all"),
    ("main.cpp", "#include <caf/all.hpp>", "caf-all"),
    ("cluster/a.hpp", '#include "caf/all.hpp"', "caf-all"),
]

# What looks like a violation and is none.
INNOCENT = [
    ("net/sip/a.cpp", "// ::send(s) at steady_clock::now(), see <random>\n/* #include <mutex>\n rand() */"),
    ("net/sip/a.cpp", 'auto s = "socket(1) rand() ::now()";\nauto r = R"x(connect(1) ")x";\nauto c = 1\'000\'000;'),
    ("net/sip/a.hpp", "struct stream { void send(int); void connect(int a); bool accept(); std::string& bind(int); };"),
    ("net/sip/a.cpp", "void f() { out.send(1); out->connect(2); std::bind(g, 1); actions::send(3); }"),
    ("net/sip/a.cpp", "void send(int) {}\nvoid f() { send(1); }"),
    ("net/sip/a.cpp", "void f() { machine.time(0); expire(now); next_time(0); random_seed(k); snprintf(b, 8, x); }"),
    ("net/sip/a.cpp", "void f(time_point now) { use(now); }"),
]


class Layers(unittest.TestCase):
    def problems(self, *extra):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in [*CLEAN.items(), *extra]:
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return layers.check(folder)

    def test_accepts_a_tree_that_keeps_the_rules(self):
        self.assertEqual(self.problems(), [])

    def test_sees_every_violation_in_its_file_under_its_rule(self):
        for name, text, rule in VIOLATIONS:
            with self.subTest(file=name, text=text):
                found = self.problems((name, text))
                self.assertTrue(found, "not seen")
                for problem in found:
                    self.assertTrue(problem.startswith(name + ":"), problem)
                self.assertIn(f" {rule}: ", " ".join(found))

    def test_leaves_the_innocent_alone(self):
        for name, text in INNOCENT:
            with self.subTest(file=name, text=text):
                self.assertEqual(self.problems((name, text)), [])

    def test_names_the_line(self):
        problem = self.problems(("net/sip/a.cpp", "/* one\n two */\nint x;\nauto t = clock::now();"))
        self.assertEqual(problem, ["net/sip/a.cpp:4: clock: ::now()"])

    def test_counts_an_own_verb_of_an_included_header_as_ours(self):
        self.assertEqual(self.problems(("net/sip/a.hpp", "struct a { void send(int); void f(); };"),
                                       ("net/sip/a.cpp", '#include "net/sip/a.hpp"\nvoid a::f() { send(1); }')), [])

    def test_lets_no_folder_include_one_that_may_include_it(self):
        for layer, below in layers.MAY_INCLUDE.items():
            for other in below:
                self.assertNotIn(layer, layers.MAY_INCLUDE[other], f"{layer} and {other} include each other")


if __name__ == "__main__":
    unittest.main()
