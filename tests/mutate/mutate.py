#!/usr/bin/env python3
"""Changes one thing in a source, runs the tests of its folder, and reports each change that they did not notice.

    mutate.py [--seed N] [--count N] [--since COMMIT]      what is committed, in trees of its own under build/mutate

With --since only lines that were changed since that commit. The same seed chooses the same mutations of the same sources. A mutation that does not compile is counted apart and
another takes its place; one with which the tests run for ever counts as noticed. `report.json` is written after each.
"""

import argparse
import collections
import itertools
import json
import os
import queue
import random
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import operators

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "build" / "mutate"

# The folders that are changed, and the program that tests each. Headers are not changed: most sources would be built anew.
TESTS = {
    "net/core": "net_core_tests",
    "net/io": "net_io_tests",
    "net/sdp": "net_sdp_tests",
    "net/sip": "net_sip_tests",
    "net/stun": "net_stun_tests",
    "net/tls": "net_tls_tests",
    "net/turn": "net_turn_tests",
    "config": "config_tests",
    "policy": "policy_tests",
    "actors": "actors_tests",
}
WORKERS = 2  # Each with a tree of its own.
SLOWER_AT_MOST = 2  # Times what the tests take with the sources as they are; then they are ended.
SECONDS_AT_LEAST = 30
MEMORY_MAX_BYTES = 4 << 30  # Of one run: a loop that never ends may not take the machine.

KILLED, TIMED_OUT, SURVIVED, NOT_COMPILED = "killed", "timed out", "survived", "not compiled"


def folder_of(file):
    return next((folder for folder in TESTS if file.startswith(folder + "/")), None)


def in_turns(groups):
    """One of each group, then the next of each, until all are used up."""
    for round_ in itertools.zip_longest(*groups):
        yield from (each for each in round_ if each is not None)


def in_order(sources, seed, changed=None):
    """Every (file, mutation) of {file: text}: folders take turns, and in each of them the operators. `changed`: {file:
    lines} that alone are mutated."""
    folders = collections.defaultdict(lambda: collections.defaultdict(list))
    for file, text in sorted(sources.items()):
        for mutation in operators.mutations_of(text):
            if changed is not None and mutation.line(text) not in changed.get(file, ()):
                continue
            folders[folder_of(file)][mutation.operator].append((file, mutation))
    chance = random.Random(seed)
    for kinds in folders.values():
        for mutations in kinds.values():
            chance.shuffle(mutations)
    return in_turns(in_turns(kinds.values()) for kinds in folders.values())


class Tree:
    """A worktree of what is committed, with a build of its own."""

    def __init__(self, number, commit):
        self.path = OUTPUT / f"tree-{number}"
        if not (self.path / ".git").exists():
            git("worktree", "prune")
            git("worktree", "add", "--detach", "--force", self.path, commit)
        git("checkout", "--quiet", "--force", "--detach", commit, at=self.path)
        self._in_environment("cmake", "--preset", "dev", check=True)

    def _in_environment(self, *command, check=False):
        """With what the scripts of .ci share, of this tree."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CCACHE_")}
        return subprocess.run(["bash", "-c", '. .ci/env && exec "$@"', "mutate", *command], cwd=self.path, check=check,
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def build(self, program):
        return self._in_environment("cmake", "--build", "--preset", "dev", "-j", "1", "--target", program)

    def test(self, program, seconds):
        """What became of the tests: SURVIVED when all of them passed."""
        def limits():
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        run = subprocess.Popen([self.path / "build/dev/tests" / program, "--gtest_fail_fast", "--gtest_brief=1"],
                               cwd=self.path, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=limits)
        try:
            return SURVIVED if run.wait(seconds) == 0 else KILLED
        except subprocess.TimeoutExpired:
            return TIMED_OUT
        finally:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()

    def judge(self, file, mutation, seconds):
        path = self.path / file
        text = path.read_text()
        path.write_text(mutation.apply(text))
        try:
            program = TESTS[folder_of(file)]
            return self.test(program, seconds) if self.build(program).returncode == 0 else NOT_COMPILED
        finally:
            path.write_text(text)


def git(*arguments, at=ROOT):
    return subprocess.run(["git", *map(str, arguments)], cwd=at, check=True, capture_output=True, text=True).stdout


def committed_sources(commit):
    files = git("ls-tree", "-r", "--name-only", commit).splitlines()
    return {file: git("show", f"{commit}:{file}") for file in files if file.endswith(".cpp") and folder_of(file)}


def changed_lines(diff):
    """{file: lines as they are numbered now} of a `git diff --unified=0`."""
    changed, file = collections.defaultdict(set), None
    for line in diff.splitlines():
        if line.startswith("+++ "):
            file = line.removeprefix("+++ b/")
        elif found := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first = int(found[1])
            changed[file].update(range(first, first + int(found[2] or 1)))
    return changed


def in_parallel(trees, work):
    """`work(tree)` for each tree at once; what any of them raises ends all."""
    failures = queue.SimpleQueue()

    def run(tree):
        try:
            work(tree)
        except Exception as failure:
            failures.put(failure)
    threads = [threading.Thread(target=run, args=(tree,)) for tree in trees]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not failures.empty():
        raise failures.get()


def unmutated(trees):
    """{program: seconds}: what its tests may take with a mutation. They have to pass without one."""
    left = queue.SimpleQueue()
    for program in TESTS.values():
        left.put(program)
    seconds = {}

    def work(tree):
        for program in TESTS.values():
            if (built := tree.build(program)).returncode != 0:
                raise RuntimeError(f"{program} is not built:\n{built.stdout}")
        while not left.empty():
            try:
                program = left.get_nowait()
            except queue.Empty:
                return
            begin = time.monotonic()
            if (outcome := tree.test(program, 600)) != SURVIVED:
                raise RuntimeError(f"{program} is {outcome} without any mutation")
            seconds[program] = max(SECONDS_AT_LEAST, SLOWER_AT_MOST * (time.monotonic() - begin))
    in_parallel(trees, work)
    return seconds


class Run:
    """The mutations of one seed, judged until `count` of them compiled."""

    def __init__(self, seed, count, commit, since=None):
        self._seed, self._count, self._commit = seed, count, commit
        self._sources = committed_sources(commit)
        changed = changed_lines(git("diff", "--unified=0", since, commit)) if since else None
        self._order = in_order(self._sources, seed, changed)
        self._mutex = threading.Lock()
        self._taken = 0  # That compiled, or are being tried.
        self.judged = []

    def _take(self):
        with self._mutex:
            taken = next(self._order, None) if self._taken < self._count else None
            self._taken += taken is not None
            return taken

    def work(self, tree, seconds):
        while taken := self._take():
            file, mutation = taken
            begin = time.monotonic()
            outcome = tree.judge(file, mutation, seconds[TESTS[folder_of(file)]])
            text = self._sources[file]
            old, new = mutation.shown(text)
            with self._mutex:
                self._taken -= outcome == NOT_COMPILED
                self.judged.append({"file": file, "line": mutation.line(text), "operator": mutation.operator, "old": old,
                                    "new": new, "outcome": outcome, "seconds": round(time.monotonic() - begin, 1)})
                self._report()
            print(f"{outcome:12} {file}:{mutation.line(text)} {mutation.operator}", flush=True)

    def of(self, outcome):
        return [each for each in self.judged if each["outcome"] == outcome]

    def _report(self):
        totals = {outcome: len(self.of(outcome)) for outcome in (KILLED, TIMED_OUT, SURVIVED, NOT_COMPILED)}
        report = {"commit": self._commit, "seed": self._seed, "count": self._count, "totals": totals, "mutations": self.judged}
        (OUTPUT / "report.json").write_text(json.dumps(report, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--since", metavar="COMMIT")
    asked = parser.parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    commit = git("rev-parse", "HEAD").strip()
    trees = [Tree(number, commit) for number in range(WORKERS)]
    seconds = unmutated(trees)
    run = Run(asked.seed, asked.count, commit, asked.since)
    in_parallel(trees, lambda tree: run.work(tree, seconds))

    survivors = sorted(run.of(SURVIVED), key=lambda each: (each["file"], each["line"]))
    print(f"\n{len(run.of(KILLED))} killed, {len(run.of(TIMED_OUT))} timed out, {len(survivors)} survived, "
          f"{len(run.of(NOT_COMPILED))} did not compile; {OUTPUT / 'report.json'}")
    for each in survivors:
        print(f"{each['file']}:{each['line']} {each['operator']}: {each['old']} → {each['new']}")


if __name__ == "__main__":
    sys.exit(main())
