# SPDX-License-Identifier: Apache-2.0
"""Kills the active one of two cores (`reveille live`) at random times, and expects every true client to come through
with the other.

usage: takeover.py REVEILLE CLIENTS_PROGRAM [--kills N] [--clients N] [--seed N] [--json FILE]

A round: so many clients are woken by `reveille controller --once`, which gives each one session and no other, and says
with its status whether all were established; meanwhile the active core is killed with signal 9. Then that one starts
again, as the standby of the other. The clients take some seconds to answer, so that their sessions are under way.
Exit 77 where there can be no network namespaces.
"""
import argparse
import json
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import bed  # noqa: E402
from bed import check  # noqa: E402

NAMES = ("a", "b")


class Pair:
    """Two cores, one of which is active."""

    def __init__(self, reveille, folder, hop, engine):
        self.reveille, self.folder, self.hop, self.engine = reveille, folder, hop, engine
        self.cores = {}
        self.active = "a"
        self.cores["a"] = self.start("a")
        self.stand_by("b")

    def start(self, name, *options):
        return bed.Live(self.reveille, name, self.folder, "--feed", self.folder / f"{name}.feed", *options,
                        hop=self.hop, engine=self.engine)

    def stand_by(self, name):
        self.cores[name] = self.start(name, "--standby", self.folder / f"{self.active}.feed")

    def kill(self):
        """The sessions that the other one goes on with."""
        before, self.active = self.active, "b" if self.active == "a" else "a"
        self.cores[before].kill()
        self.cores[self.active].wait_for("takes over")
        return before, int(re.search(r"takes over, with (\d+) sessions", self.cores[self.active].said())[1])


def play_round(pair, options, server, folder, moment):
    """One controller, one kill: what was seen."""
    log = folder / "controller.log"
    with open(log, "w", encoding="utf-8") as out:
        buses = [word for name in (pair.active, *NAMES) for word in ("--core", folder / f"{name}.control")]
        controller = server.start(options.reveille, "controller", "--config", folder / "controller.json", "--once",
                                  "--log", "json", *buses, stdout=out, stderr=out)
        time.sleep(moment)
        early = controller.poll() is not None
        before, sessions = pair.kill()
        killed = time.monotonic()
        try:
            status = controller.wait(timeout=180)
        except subprocess.TimeoutExpired:
            controller.kill()
            status = "none within 180 s"
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    lost = [client for client in report["clients"] if client["state"] != "established"]
    pair.stand_by(before)
    if status != 0 or lost:
        print(log.read_text(encoding="utf-8")[-3000:], file=sys.stderr)
        print(json.dumps(report["sessions"]), json.dumps(report["verdicts"]), lost[:5], file=sys.stderr)
    return {"moment_s": round(moment, 3), "sessions": sessions, "over": early, "lost": len(lost), "status": status,
            "after_s": round(time.monotonic() - killed, 1)}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reveille", type=pathlib.Path)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--delay-ms", type=int, default=400, help="average of what a client waits before it sends")
    parser.add_argument("--longest-s", type=float, default=2.0, help="kills come within so long of a round's begin")
    parser.add_argument("--engine", default="model", choices=("model", "rtl"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    options.reveille, options.program = options.reveille.resolve(), options.program.resolve()
    return options


def main():
    options = parse()
    bed.enter_namespace()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reveille-takeover-"))
    times = random.Random(options.seed)
    rounds = []
    clients_host, server = bed.make_hosts()
    clients = bed.Clients(clients_host, options.program, folder, options.clients, options.delay_ms)
    bed.change(folder / "controller.json", wake_rounds=1, most_open=max(options.clients, 1), wake_tries=8,
               wake_interval_ms=2000, session_lifetime_s=120)
    pair = Pair(options.reveille, folder, bed.mac_of(clients_host), options.engine)
    for number in range(1, options.kills + 1):
        seen = play_round(pair, options, server, folder, times.uniform(0, options.longest_s))
        rounds.append(seen)
        print(f"kill {number} after {seen['moment_s']:.3f} s, {seen['sessions']} sessions under way: "
              f"{seen['lost']} of {options.clients} clients lost", flush=True)
        if options.json:
            options.json.write_text(json.dumps({"options": {"clients": options.clients, "seed": options.seed,
                                                            "engine": options.engine, "delay_ms": options.delay_ms},
                                                "rounds": rounds}, indent=1) + "\n", encoding="ascii")
        if seen["lost"] or seen["status"] != 0:
            sys.exit(f"takeover: round {number}: the controller's status is {seen['status']}; logs are in {folder}")
    exchanges = clients.end()
    for core in pair.cores.values():
        core.process.kill()
    under_way = [seen["sessions"] for seen in rounds]
    print(f"takeover: {len(rounds)} kills, {options.clients} clients, sessions under way {min(under_way)} to "
          f"{max(under_way)}, median {statistics.median(under_way):.0f}; 0 clients lost; exchanges p50 "
          f"{exchanges['p50_us'] / 1e3:.0f} ms, p99 {exchanges['p99_us'] / 1e3:.0f} ms")
    check(max(under_way) > options.clients // 4, "no kill came while many sessions were under way")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
