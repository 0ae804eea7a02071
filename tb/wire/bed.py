# SPDX-License-Identifier: Apache-2.0
"""Namespaces for clients, attackers and a server, joined by veth pairs, with room for a core between them; for
takeover.py and flood.py. A clients' namespace has every address of 10.17.0.0/16. They end with the test.

    clients end-n -- guard-n   (reveille live)   guard-h -- end-h server

make_hosts() puts a bridge in place of each line, so that several cores stand between the same two.
"""
import atexit
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

SKIPPED = 77
SILENT = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
INSIDE = "REVEILLE_WIRE_INSIDE"
CLIENTS, SERVER = "10.17.0.0/16", "10.18.0.1"
FIRST_CLIENT = "10.17.1.1"


def check(condition, message):
    if not condition:
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {message}")


def enter_namespace():
    """The whole in a network namespace of its own, as root there; exit 77 where there can be none."""
    if os.environ.get(INSIDE):
        return
    for tool in ("ip", "unshare"):
        if shutil.which(tool) is None:
            print(f"skipped: no {tool} (iproute2, util-linux)")
            sys.exit(SKIPPED)
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    probe = "ip link add probe-a type veth peer name probe-b"
    tried = subprocess.run([*unshare, "sh", "-c", probe], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        print(f"skipped: no network namespace with a veth pair: {tried.stderr.strip()}")
        sys.exit(SKIPPED)
    environment = {**os.environ, INSIDE: "1", "PYTHONDONTWRITEBYTECODE": "1"}
    os.execvpe(unshare[0], [*unshare, sys.executable, *sys.argv], environment)


def until_end(process):
    """Is killed when this program ends, however that is."""
    atexit.register(process.kill)
    return process


def run(*command):
    subprocess.run(list(map(str, command)), check=True)


class Host:
    """A namespace, and what runs in it."""

    def __init__(self, interface):
        self.process = until_end(subprocess.Popen(["unshare", "--net", "sleep", "infinity"], **SILENT))
        self.interface = interface
        mine = os.readlink("/proc/self/ns/net")
        while os.readlink(f"/proc/{self.process.pid}/ns/net") == mine:
            time.sleep(0.01)
        run("ip", "link", "set", interface, "netns", self.process.pid)
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "link", "set", interface, "up")

    def inside(self, *command):
        return ["nsenter", "--target", str(self.process.pid), "--net", *map(str, command)]

    def run(self, *command):
        run(*self.inside(*command))

    def start(self, *command, **options):
        return until_end(subprocess.Popen(self.inside(*command), text=True, **options))

    def end(self):
        self.process.kill()
        self.process.wait()


def mac_of(host):
    text = subprocess.run(host.inside("ip", "link", "show", host.interface), capture_output=True, text=True,
                          check=True).stdout
    return re.search(r"link/ether (\S+)", text)[1]


def quiet(interface):
    pathlib.Path(f"/proc/sys/net/ipv6/conf/{interface}/disable_ipv6").write_text("1", encoding="ascii")
    run("ip", "link", "set", interface, "up")


def veth(one, other):
    run("ip", "link", "add", one, "type", "veth", "peer", "name", other)


def make_hosts(cores):
    """Clients and server, each behind a bridge that copies every frame to all, and room for those cores between."""
    for side in ("n", "h"):
        hub = f"hub-{side}"
        run("ip", "link", "add", hub, "type", "bridge", "ageing_time", "0")
        quiet(hub)
        veth(f"{hub}e", f"end-{side}")
        for core in cores:
            veth(f"{hub}{core}", f"guard-{side}{core}")
            quiet(f"guard-{side}{core}")
        for port in ("e", *cores):
            run("ip", "link", "set", f"{hub}{port}", "master", hub)
            quiet(f"{hub}{port}")
    return address_hosts()


def set_line(core, side, state):
    """The cable of that core on that side: "down" takes it out at the bridge."""
    run("ip", "link", "set", f"hub-{side}{core}", state)


def address_hosts():
    """Clients behind end-n and the server behind end-h; neither asks for the other's Ethernet address."""
    clients, server = Host("end-n"), Host("end-h")
    clients.run("ip", "addr", "add", "10.17.0.1/32", "dev", "lo")
    clients.run("ip", "route", "add", "local", CLIENTS, "dev", "lo")
    clients.run("ip", "route", "add", f"{SERVER}/32", "dev", "end-n")
    clients.run("ip", "neigh", "replace", SERVER, "lladdr", mac_of(server), "dev", "end-n")
    for address in (SERVER, "10.18.0.2"):
        server.run("ip", "addr", "add", f"{address}/16", "dev", "end-h")
    server.run("ip", "neigh", "replace", "10.18.255.254", "lladdr", mac_of(clients), "dev", "end-h")
    server.run("ip", "route", "add", CLIENTS, "via", "10.18.255.254", "dev", "end-h")
    return clients, server


class Live:
    """A running `reveille live` between guard-n and guard-h, or those of one core of several."""

    def __init__(self, reveille, name, folder, *options, engine="model", hop, lines=""):
        self.control = folder / f"{name}.control"
        self.out = folder / f"{name}.out"
        with open(self.out, "w", encoding="ascii") as out:
            self.process = until_end(subprocess.Popen(
                [reveille, "live", "--net", f"guard-n{lines}", "--host", f"guard-h{lines}", "--engine", engine,
                 "--server", SERVER, "--principal", "mtaprovsrvr/ctl1.reveille.test", "--hop", hop,
                 "--control", self.control, *map(str, options)], stdout=out, stderr=subprocess.STDOUT))
        self.wait_for("Ctrl-C ends")

    def said(self):
        return self.out.read_text(encoding="ascii")

    def wait_for(self, text, seconds=60.0):
        end = time.monotonic() + seconds
        while text not in self.said():
            check(self.process.poll() is None and time.monotonic() < end, f"no {text!r} in: {self.said()}")
            time.sleep(0.005)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=30)
        check(self.process.returncode == 0, f"status {self.process.returncode}: {self.said()}")
        return self.said()


class Clients:
    """wire_clients in their namespace: the controller's file and keytab are in `folder` once they are ready."""

    def __init__(self, host, program, folder, count, delay_ms=0):
        self.process = host.start(program, folder, SERVER, FIRST_CLIENT, count, delay_ms, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE)
        check(self.process.stdout.readline() == "ready\n", "the clients are not ready")

    def end(self):
        out, _ = self.process.communicate()
        return json.loads(out)


def change(file, **keys):
    document = json.loads(file.read_text(encoding="utf-8"))
    document.update(keys)
    file.write_text(json.dumps(document, indent=1), encoding="utf-8")
