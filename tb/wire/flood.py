# SPDX-License-Identifier: Apache-2.0
"""The flood of `reveille run`, every hole of docs/scenario.md included, against servers on a real stack, without a core
in front of them and with one: sessions, time of a true exchange, server's CPU time a session. Prints a table, and
writes it as JSON; judged is that each form of hole was among the frames, and with --judge that no true client was lost
behind a core.

usage: flood.py REVEILLE PROGRAMS [--rate ENGINE:FRAMES ...] [--seconds N] [--clients N] [--json FILE] [--judge]

PROGRAMS is the folder of wire_clients, wire_attacker and wire_plain_server. Clients, attackers and server have a
namespace each; clients and attackers are joined to the server's line by a bridge that copies every frame to all.
Servers: the plain one on libkrb5, which decrypts what comes, and `reveille controller`. Each client is woken every two
seconds. The same frames a second for the rows of one engine. Exit 77 where there can be no network namespaces.
"""
import argparse
import json
import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import bed  # noqa: E402

PERIOD_S = 2
SCENARIO = pathlib.Path(__file__).resolve().parents[2] / "docs/scenario.md"
# The forms of the table of "The host, and the holes".
HOLES = set(re.findall(r"^\| `([a-z0-9-]+)` \| .* \|$", SCENARIO.read_text(encoding="utf-8").split("| form |")[1],
                       re.MULTILINE))
SHOWN = ("server", "core", "frames_a_second", "sessions", "waiting", "p50_ms", "p99_ms", "requests_opened",
         "cpu_ms_a_session", "lost_before_core")


def join_attacker():
    """Clients' and attackers' lines, and the network's side of the core, on one bridge."""
    bed.run("ip", "link", "add", "hub", "type", "bridge", "ageing_time", "0")
    bed.quiet("hub")
    for name in ("c", "x", "g"):
        bed.veth(f"hub-{name}", {"c": "end-n", "x": "end-x", "g": "net-0"}[name])
        bed.run("ip", "link", "set", f"hub-{name}", "master", "hub")
        bed.quiet(f"hub-{name}")


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def play(options, bench, folder, server_name, guard, rate):
    """One row: that server, behind that core or none, under that many frames a second."""
    host = bench["server"]
    clients = bed.Clients(bench["clients"], options.programs / "wire_clients", folder, options.clients)
    bed.change(folder / "controller.json", association_lifetime_s=2 * PERIOD_S, grace_period_s=PERIOD_S,
               wake_interval_ms=500, session_lifetime_s=PERIOD_S, retry_s=1, most_open=1000)
    (folder / "report.json").unlink(missing_ok=True)
    live = None
    if guard:
        live = bed.Live(options.reveille, "live", folder, engine=guard, hop=bench["clients_mac"])
    control = [] if not live else [live.control]
    if server_name == "plain":
        command = [options.programs / "wire_plain_server", folder / "controller.json", PERIOD_S, *control]
    else:
        command = [options.reveille, "controller", "--config", folder / "controller.json",
                   *[word for bus in control for word in ("--core", bus)]]
    log = folder / "server.log"
    with open(log, "w", encoding="utf-8") as err:
        server = host.start(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=err)
    time.sleep(1)
    attacker = None
    if rate:
        attacker = bench["attackers"].start(
            options.programs / "wire_attacker", "end-x", bed.SERVER, bench["server_mac"], bed.FIRST_CLIENT,
            options.clients, rate, options.seconds, stdout=subprocess.PIPE)
    time.sleep(1 + options.seconds)
    attack = json.loads(attacker.communicate()[0]) if attacker else {"a_second": 0, "holes": {}}
    bed.check(not attacker or set(attack["holes"]) == HOLES, f"forms of holes sent: {sorted(attack['holes'])}")
    time.sleep(PERIOD_S / 2)  # not in the middle of an exchange
    cpu = cpu_of(server.pid)
    if server_name == "plain":
        seen = json.loads(server.communicate()[0])
        sessions, opened = seen["sessions"], seen["opened"]
    else:
        server.send_signal(signal.SIGTERM)
        server.wait()
        seen = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        sessions, opened = seen["sessions"]["established"], seen["ap_requests"]["opened"]
    exchanges = clients.end()
    lost = ""
    if live:
        lost = live.end().rsplit("\nlost: ", 1)[1].split("\n")[0]
    row = {"server": server_name, "core": guard or "none", "frames_a_second": round(attack["a_second"]),
           "sessions": sessions, "waiting": exchanges["waiting"],
           "p50_ms": round(exchanges["p50_us"] / 1e3, 1), "p99_ms": round(exchanges["p99_us"] / 1e3, 1),
           "requests_opened": opened, "cpu_s": round(cpu, 2), "holes": attack["holes"],
           "cpu_ms_a_session": round(1e3 * cpu / sessions, 2) if sessions else None, "lost_before_core": lost}
    print("| " + " | ".join(str(row[key]) for key in SHOWN) + " |", flush=True)
    if options.judge and live:
        # The plain server may have woken one in the last moment.
        bed.check(exchanges["established"] == options.clients and exchanges["waiting"] <= 1 and lost == "0",
                  f"{exchanges['established']} of {options.clients} clients established: {row}")
        bed.check(opened <= sessions + options.clients, f"hostile requests were decrypted: {row}")
    return row


def rows(options, bench, folder, guarded):
    rates = [word.partition(":") for word in options.rate]
    for engine, _, rate in rates:
        for server in ("plain", "controller"):
            yield play(options, bench, folder, server, engine if guarded else None, int(rate))


def make_bench(guarded):
    """Clients and attackers behind the hub; the server behind the core, or on the hub as well."""
    join_attacker()
    if guarded:
        bed.run("ip", "link", "set", "net-0", "name", "guard-n")
        bed.veth("guard-h", "end-h")
        bed.quiet("guard-n")
        bed.quiet("guard-h")
    else:
        bed.run("ip", "link", "set", "net-0", "name", "end-h")
    clients, server = bed.address_hosts()
    attackers = bed.Host("end-x")
    return {"clients": clients, "server": server, "attackers": attackers, "clients_mac": bed.mac_of(clients),
            "server_mac": bed.mac_of(server)}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reveille", type=pathlib.Path)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--rate", nargs="+", default=["model:60000", "rtl:8000"])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--half", choices=("without", "with"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.reveille, options.programs = options.reveille.resolve(), options.programs.resolve()
    return options


def main():
    options = parse()
    if not options.half:
        # Each half in a namespace of its own.
        print("| server | core | hostile frames/s | sessions | clients that wait | p50 ms | p99 ms | requests "
              "decrypted | server CPU ms a session | lost in front of the core |\n" + "| --- " * 2 + "| ---: " * 8
              + "|", flush=True)
        results = []
        for half in ("without", "with"):
            with tempfile.TemporaryDirectory() as folder:
                part = pathlib.Path(folder) / "rows.json"
                words = [*sys.argv[1:], "--half", half, "--json", str(part)]
                status = subprocess.run([sys.executable, "-B", __file__, *words], check=False).returncode
                if status != 0:
                    sys.exit(status)
                results += json.loads(part.read_text(encoding="ascii"))
        if options.json:
            machine = {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count(),
                       "load": os.getloadavg()[0]}
            options.json.write_text(json.dumps({"machine": machine, "rows": results}, indent=1) + "\n",
                                    encoding="ascii")
        return
    bed.enter_namespace()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        bench = make_bench(options.half == "with")
        results = list(rows(options, bench, folder, options.half == "with"))
        options.json.write_text(json.dumps(results), encoding="ascii")


if __name__ == "__main__":
    main()
