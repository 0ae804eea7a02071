# SPDX-License-Identifier: Apache-2.0
"""Takes the active one of two cores (`reveille live`) away at random times, and expects every true client to come
through with the other.

usage: takeover.py REVEILLE CLIENTS_PROGRAM [--faults KIND ...] [--kills N] [--clients N] [--seed N] [--json FILE]

A round: so many clients are woken by `reveille controller --once`, which gives each one session and no other, and says
with its status whether all were established; meanwhile the active core suffers one of the faults:

    kill      signal 9
    hang      signal 19: it stops, and does not answer
    cut-net   its cable to the network is out
    cut-host  its cable to the server is out

Then that one starts again, as the standby of the other. The clients take some seconds to answer, so that their sessions
are under way. --json keeps the rounds, and goes on behind those of the same options that it holds already. Exit 77
where there can be no network namespaces.
"""
import argparse
import json
import pathlib
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import bed  # noqa: E402
from bed import check  # noqa: E402

NAMES = ("a", "b")
FAULTS = ("kill", "hang", "cut-net", "cut-host")
SIDES = {"cut-net": "n", "cut-host": "h"}


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
                        hop=self.hop, engine=self.engine, lines=name)

    def stand_by(self, name):
        self.cores[name] = self.start(name, "--standby", self.folder / f"{self.active}.feed")

    def lose(self, fault):
        """The active one: which that was, and how many sessions the other one goes on with."""
        before, self.active = self.active, "b" if self.active == "a" else "a"
        process, began = self.cores[before].process, time.monotonic()
        if fault == "kill":
            process.kill()
        elif fault == "hang":
            process.send_signal(signal.SIGSTOP)
        else:
            bed.set_line(before, SIDES[fault], "down")
        self.cores[self.active].wait_for("takes over")
        noticed = time.monotonic() - began
        status = process.wait(timeout=10)
        check(status == (2 if fault.startswith("cut") else -signal.SIGKILL), f"{fault}: core {before}: status {status}")
        if fault.startswith("cut"):
            bed.set_line(before, SIDES[fault], "up")
        sessions = re.search(r"takes over, with (\d+) sessions", self.cores[self.active].said())[1]
        return before, int(sessions), noticed


def play_round(pair, options, server, folder, moment, fault):
    """One controller, one fault: what was seen."""
    log = folder / "controller.log"
    with open(log, "w", encoding="utf-8") as out:
        buses = [word for name in (pair.active, *NAMES) for word in ("--core", folder / f"{name}.control")]
        controller = server.start(options.reveille, "controller", "--config", folder / "controller.json", "--once",
                                  "--log", "json", *buses, stdout=out, stderr=out)
        time.sleep(moment)
        early = controller.poll() is not None
        before, sessions, noticed = pair.lose(fault)
        lost_at = time.monotonic()
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
    return {"fault": fault, "moment_s": round(moment, 3), "sessions": sessions, "noticed_s": round(noticed, 3),
            "over": early, "lost": len(lost), "status": status, "after_s": round(time.monotonic() - lost_at, 1)}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reveille", type=pathlib.Path)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--faults", nargs="+", default=["kill"], choices=FAULTS, help="by turns")
    parser.add_argument("--kills", type=int, default=3, help="how many faults")
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--delay-ms", type=int, default=400, help="average of what a client waits before it sends")
    parser.add_argument("--longest-s", type=float, default=2.0, help="kills come within so long of a round's begin")
    parser.add_argument("--engine", default="model", choices=("model", "rtl"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    options.reveille, options.program = options.reveille.resolve(), options.program.resolve()
    return options


class Results:
    """The rounds, in a file where one was asked for."""

    def __init__(self, options):
        self.file = options.json
        self.options = {key: getattr(options, key) for key in ("clients", "seed", "engine", "delay_ms", "longest_s",
                                                               "faults")}
        self.rounds = []
        if self.file and self.file.exists():
            kept = json.loads(self.file.read_text(encoding="ascii"))
            check(kept["options"] == self.options, f"{self.file}: rounds of other options: {kept['options']}")
            self.rounds = kept["rounds"]

    def add(self, seen):
        self.rounds.append(seen)
        if self.file:
            text = json.dumps({"options": self.options, "rounds": self.rounds}, indent=1) + "\n"
            part = self.file.with_suffix(".part")
            part.write_text(text, encoding="ascii")
            part.replace(self.file)


def summary(options, rounds):
    for fault in options.faults:
        of_kind = [seen for seen in rounds if seen["fault"] == fault]
        if not of_kind:
            continue
        under_way, noticed = [[seen[key] for seen in of_kind] for key in ("sessions", "noticed_s")]
        print(f"takeover: {fault}: {len(of_kind)} times, {options.clients} clients, sessions under way "
              f"{min(under_way)} to {max(under_way)}, median {statistics.median(under_way):.0f}; the other took over "
              f"after {statistics.median(noticed):.2f} s, at most {max(noticed):.2f} s; "
              f"{sum(seen['lost'] for seen in of_kind)} clients lost")


def main():
    options = parse()
    bed.enter_namespace()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="reveille-takeover-"))
    results = Results(options)
    times = random.Random(options.seed)
    clients_host, server = bed.make_hosts(NAMES)
    clients = bed.Clients(clients_host, options.program, folder, options.clients, options.delay_ms)
    bed.change(folder / "controller.json", wake_rounds=1, most_open=max(options.clients, 1), wake_tries=8,
               wake_interval_ms=2000, session_lifetime_s=120)
    pair = Pair(options.reveille, folder, bed.mac_of(clients_host), options.engine)
    done = len(results.rounds)
    for number in range(options.kills):
        moment = times.uniform(0, options.longest_s)
        if number < done:
            continue
        fault = options.faults[number % len(options.faults)]
        seen = play_round(pair, options, server, folder, moment, fault)
        results.add(seen)
        print(f"{fault} {number + 1} after {seen['moment_s']:.3f} s, {seen['sessions']} sessions under way, noticed in "
              f"{seen['noticed_s']:.3f} s: {seen['lost']} of {options.clients} clients lost", flush=True)
        if seen["lost"] or seen["status"] != 0:
            sys.exit(f"takeover: round {number + 1}: the controller's status is {seen['status']}; logs are in {folder}")
    exchanges = clients.end()
    for core in pair.cores.values():
        core.process.kill()
    summary(options, results.rounds)
    print(f"takeover: exchanges p50 {exchanges['p50_us'] / 1e3:.0f} ms, p99 {exchanges['p99_us'] / 1e3:.0f} ms")
    check(max(seen["sessions"] for seen in results.rounds) > options.clients // 4,
          "no fault came while many sessions were under way")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
