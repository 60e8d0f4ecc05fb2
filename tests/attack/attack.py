#!/usr/bin/python3
"""make attack: every attack that `attacks.py` knows, against one node that serves 100 calls and 20 media streams.

    attack.py [--only WORD…] [--output FILE] [--before FILE] [--write-before FILE] [--binary FILE]

Writes rows {attack, number, before, after, limit}; `before` comes from a file that this program wrote with another binary.
Needs root (network namespaces). Exit code 1 when something went past its limit.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "e2e")]

BASELINES = 3


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="*", default=[], help="numbers, or words of names")
    parser.add_argument("--binary", default=os.environ.get("SALLYPORT_BINARY", "build/release/sallyport"))
    parser.add_argument("--load", default=os.environ.get("SALLYPORT_LOAD", "build/release/tests/sip_load"))
    parser.add_argument("--output", default="build/show/resilience.json")
    parser.add_argument("--before", default=str(HERE / "before.json"))
    parser.add_argument("--write-before", metavar="FILE", help="instead of rows, what they are compared with")
    return parser.parse_args()


def chosen(attacks, only):
    """Those that a word names, whatever its case; ends the program where one names none."""
    def named(word):
        return [one for one in attacks if word == str(one.number) or word.lower() in one.name.lower()]
    if nothing := [word for word in only if not named(word)]:
        every = "".join(f"\n{one.number:3} {one.name}" for one in attacks)
        sys.exit(f"no attack is called {', '.join(nothing)}; there are:{every}")
    return [one for one in attacks if not only or any(one in named(word) for word in only)]


def past_limit(measured, attack):
    """What was lost, and what was achieved beyond what may be."""
    wrong = [f"{what} {measured[what]}" for what in ("calls_lost", "stream_packets_lost") if measured.get(what)]
    if not measured.get("node_running", True):
        wrong.append("the node ended")
    wrong += [f"{what} {measured['achieved'][what]} > {most}" for what, most in attack.most.items()
              if measured["achieved"][what] > most]
    return wrong


def limit_of(attack):
    watched = {} if attack.alone else {"calls_lost": 0, "stream_packets_lost": 0}
    return {**watched, **({"achieved": attack.most} if attack.most else {})}


def play(scene, attack):
    if attack.alone:
        measured = {"achieved": attack.play(scene)}
    else:
        if not scene.whole():
            scene.end()
            scene.begin()
        measured = scene.watch(lambda: attack.play(scene))
    wrong = past_limit(measured, attack)
    print(f"{attack.number:3} {attack.name}: {'within its limits' if not wrong else ', '.join(wrong)}", flush=True)
    ping = measured.get("ping_ms")
    if ping:
        print(f"      ping p50 {ping['p50']} p99 {ping['p99']} max {ping['max']} ms, longest turn "
              f"{measured['longest_turn_s']} s, CPU {measured['node_cpu_share']}", flush=True)
    print(f"      {measured['achieved']}", flush=True)
    if attack.alone:
        scene.end()
        scene.begin()
    return measured, wrong


def calm(scene):
    """Nobody attacks: the best of three looks, since this machine has other work too."""
    looks = [scene.watch(lambda: time.sleep(5.0) or {}) for _ in range(BASELINES)]
    return min(looks, key=lambda look: (look["calls_lost"], look["stream_packets_lost"], look["ping_ms"]["p99"]))


def main():
    given = arguments()
    os.environ.update(SALLYPORT_BINARY=given.binary, SALLYPORT_LOAD=given.load)
    import attacks
    from scene import Scene
    to_play = chosen(attacks.ALL, given.only)
    before = {}
    if not given.write_before and os.path.exists(given.before):
        before = json.loads(pathlib.Path(given.before).read_text())["attacks"]
    rows, all_wrong, measured_here = [], [], {}
    with tempfile.TemporaryDirectory(prefix="sallyport-attack-") as directory, Scene(directory) as scene:
        every = [attacks.Attack(0, "nobody attacks", None, {}, False, False), *to_play]
        for attack in every:
            if attack.play:
                measured, wrong = play(scene, attack)
            else:
                measured, wrong = calm(scene), []
                print(f"    {attack.name}: ping {measured['ping_ms']}", flush=True)
            all_wrong += wrong
            measured_here[attack.name] = measured
            rows.append({"attack": attack.name, "number": attack.number, "before": before.get(attack.name),
                         "after": measured, "limit": limit_of(attack)})
    if given.write_before:
        into, shown = given.write_before, {
            "date": datetime.date.today().isoformat(), "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.release()}",
            "attacks": measured_here}
    else:
        into, shown = given.output, rows
    pathlib.Path(into).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(into).write_text(json.dumps(shown, indent=1) + "\n")
    print(f"{into}: {len(rows)} rows, {len(all_wrong)} past a limit")
    return 1 if all_wrong and not given.write_before else 0


if __name__ == "__main__":
    sys.exit(main())
