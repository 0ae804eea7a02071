# SPDX-License-Identifier: Apache-2.0
"""reveille live between two hosts of this machine: what passes is bit-exact, what is hostile does not pass, and what is
wrong is said.

usage: live_test.py REVEILLE [ENGINE]...    with the model, and shorter with these engines

Exit 77, which ctest shows as skipped, where there can be no network namespaces.
"""

import ctypes
import json
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from live_hosts import CLIENT, ECHO, NONCE, PORT, REVEILLE, SERVER, Live, check, enter_namespace, false_request
from live_hosts import make_hosts, request, run, sessions_file


def refused(message, *command, status=2, **options):
    """The command must say so, on one line, and end with that status."""
    result = subprocess.run([REVEILLE, *map(str, command)], capture_output=True, text=True, check=False, timeout=30,
                            **options)
    check(result.returncode == status and re.search(message, result.stderr) and result.stderr.count("\n") == 1,
          f"{command}: status {result.returncode}: {result.stderr!r}: expected {status} and {message!r}")


def drive(control, *words, status=0):
    result = subprocess.run([REVEILLE, "drive", str(control), *words], capture_output=True, text=True, check=False,
                            timeout=30)
    check(result.returncode == status, f"drive {words}: status {result.returncode}: {result.stderr}")
    return result.stdout if status == 0 else result.stderr


def passes_bit_exact(client, server):
    """Everything that is none of the guard's business, in both directions."""
    for size in (0, 1, 56, 1472, 4000):
        check(client.ask(f"ping('{SERVER}', bytes(range(256)) * {size // 256} + bytes({size % 256}))"), f"ping {size}")
    server.ask(f"udp({ECHO})", "echo")
    client.ask(f"udp({ECHO})", "echo")
    for size in (0, 1, 17, 18, 19, 1000, 1472, 3000):
        payload = random.randbytes(size)
        client.ask(f"echo.sendto({payload!r}, ('{SERVER}', {ECHO}))")
        check(server.ask("receive(echo)") == payload, f"UDP of {size} octets to the server")
        server.ask(f"echo.sendto({payload[::-1]!r}, ('{CLIENT}', {ECHO}))")
        check(client.ask("receive(echo)") == payload[::-1], f"UDP of {size} octets to the client")
    # Its stack leaves segments of up to 64 KiB to the device.
    server.ask("serve_tcp(5000)")
    check(client.ask(f"fetch_tcp('{SERVER}', 5000, random.Random(1).randbytes(1500000))"), "TCP")
    # Any frame at all: another EtherType, tagged or not, the shortest and the longest.
    for host, interface in ((client, "end-n"), (server, "end-h")):
        host.ask(f"raw_socket('{interface}')", "raw")
    for tag in (b"", struct.pack("!HH", 0x8100, 0x2007), struct.pack("!HH", 0x88A8, 0x0003)):
        for size in (46, 47, 777, 1496):
            frame = bytes.fromhex("0200000000aa0200000000bb") + tag + b"\x88\xb5" + random.randbytes(size)
            for sender, receiver in ((client, server), (server, client)):
                sender.ask(f"raw.send({frame!r})")
                check(receiver.ask(r"raw_receive(raw, b'\x88\xb5')") == frame, f"a frame of {len(frame)} octets")


def tools_pass(folder, client, server):
    """What others send: curl fetches a file from a web server; iperf3 fills the line by TCP, and UDP is not lost."""
    quiet = "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL"
    missing = [tool for tool in ("curl", "iperf3") if shutil.which(tool) is None]
    if missing:
        print(f"not tried, for not installed: {', '.join(missing)}")
    if "curl" not in missing:
        web, got = folder / "web", folder / "got"
        web.mkdir()
        (web / "octets").write_bytes(random.randbytes(3_000_000))
        server.ask(f"start(sys.executable, '-m', 'http.server', '8000', '--directory', {str(web)!r})")
        patient = "'--retry', '20', '--retry-connrefused', '--retry-delay', '1'"
        fetched = client.ask(f"said('curl', '-s', {patient}, '-o', {str(got)!r}, 'http://{SERVER}:8000/octets')")
        check(fetched == "" and got.read_bytes() == (web / "octets").read_bytes(), "what curl fetched is another file")
        server.ask("stop()")
    if "iperf3" not in missing:
        for kind in ("", ", '-u', '-b', '5M', '-l', '1400'"):
            server.ask("start('iperf3', '-s', '-1')")
            time.sleep(0.5)
            end = json.loads(client.ask(f"said('iperf3', '-c', '{SERVER}', '-t', '1', '-J'{kind})"))["end"]
            server.ask("stop()")
            if kind:
                check(end["sum"]["packets"] > 0 and end["sum"]["lost_packets"] == 0, f"iperf3, UDP: {end['sum']}")
            else:
                check(end["sum_received"]["bytes"] > 0, f"iperf3, TCP: {end['sum_received']}")
                print(f"iperf3, TCP: {end['sum_received']['bits_per_second'] / 1e6:.0f} Mbit/s")


def is_guarded(client, server):
    """The session of the sessions file: a false nonce, the true one, and the true one again."""
    server.ask(f"udp({PORT}, 0.3)", "guarded")
    client.ask(f"udp({PORT})", "guarded")
    for nonce, passes in ((NONCE ^ 1, False), (NONCE, True), (NONCE, False)):
        client.ask(f"guarded.sendto({request(nonce)!r}, ('{SERVER}', {PORT}))")
        expected = request(nonce) if passes else None
        check(server.ask("receive(guarded)") == expected, f"AP Request with nonce {nonce:#x}: passes: {not passes}")


def close_guarded(*hosts):
    for host in hosts:
        host.ask("guarded.close()")


def is_driven(control, client, server):
    """`reveille drive`: a Wake Up arrives, its nonce opens, and each refusal says why."""
    check("ready and seeded" in drive(control, "status"), "status")
    check("in_service" in drive(control, "read", CLIENT), "read")
    check("live: the client has a session" in drive(control, "wake", CLIENT, status=1), "live")
    drive(control, "close", CLIENT)
    check("not_found" in drive(control, "close", CLIENT, status=1), "not_found")
    said = drive(control, "wake", CLIENT, "--lifetime", "20000")
    nonce = int(re.match(r"nonce (0x[0-9a-f]{8})  location \d+\n", said)[1], 16)
    wake_up = client.ask("receive(guarded)")
    check(wake_up == bytes([1, 1, 0x10]) + struct.pack("!I", nonce) + b"server.example\0", f"Wake Up: {wake_up!r}")
    client.ask(f"guarded.sendto({request(nonce)!r}, ('{SERVER}', {PORT}))")
    check(server.ask("receive(guarded)") == request(nonce), "the nonce of the Wake Up")
    check("not_found" in drive(control, "reject", "198.51.100.9", status=1), "no such session")
    drive(control, "reply", CLIENT, "0x0123456789abcdef")
    check(drive(control, "sessions").startswith(f"{CLIENT}  replied  nonce {nonce:#010x}"), "sessions")
    check("accepted" in drive(control, "events"), "events")
    # Wake Ups come again, in real time, while nothing else moves.
    drive(control, "close", CLIENT)
    drive(control, "wake", CLIENT)
    first, again = client.ask("receive(guarded)"), client.ask("receive(guarded)")
    check(first is not None and first == again, "the Wake Up does not come again")
    # Two drivers at once.
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(str(control))
        check(other.recv(64) == b"reveille registers 2\n", "greeting")
        other.sendall(b"read 0\nwrite 0 \nread fff\n")
        time.sleep(0.2)
        answers = other.recv(4096).split(b"\n")
        check(answers[0] == b"52455645" and all(a.startswith(b"refused: ") for a in answers[1:3]), f"{answers}")
        refused("another driver has it", "drive", control, "status")


def model_run(folder, client, server):
    control, capture = folder / "control", folder / "live.pcapng"
    live = Live("--sessions", sessions_file(folder), "--control", control, "--capture", capture, "--principal",
                "server.example")
    passes_bit_exact(client, server)
    is_guarded(client, server)
    is_driven(control, client, server)
    refused("interface guard-n: another reveille live has it", "live", "--net", "guard-n", "--host", "guard-h",
            "--server", SERVER, "--seconds", "1")
    status, out, err = live.end()
    check(status == 0 and err == "", f"status {status}: {err}")
    for said in (r" s: \d+ frames/s in, \d+ to the host, \d+ from it; 1 sessions; lost 0;", r"accepted +2\n",
                 r"false_nonce +1\n", r"repeat +1\n", r"\nlost: 0\n"):
        check(re.search(said, out), f"{said!r} expected: {out}")
    check(not control.exists(), "the control socket stays")
    close_guarded(client, server)
    if shutil.which("tshark"):
        read = subprocess.run(["tshark", "-r", capture, "-Y", 'frame.comment == "false_nonce"'], capture_output=True,
                              text=True, check=True, timeout=60)
        check(len(read.stdout.splitlines()) == 1, f"the capture's false nonce: {read.stdout}")


def tools_run(folder, client, server):
    # Without a capture: tshark may read for minutes what its dissectors guess behind iperf3's random octets.
    live = Live("--sessions", sessions_file(folder))
    tools_pass(folder, client, server)
    status, out, err = live.end()
    check(status == 0 and err == "" and "lost: 0" in out, f"curl and iperf3: status {status}: {out}{err}")


def loses_nothing_silently(folder, client):
    """More frames than the kernel holds for a program that does not run: each is judged or counted."""
    live = Live("--sessions", sessions_file(folder))
    live.process.send_signal(signal.SIGSTOP)
    sent = client.ask(f"send_many('end-n', {false_request(1)!r}, 150000)")
    live.process.send_signal(signal.SIGCONT)
    while " 0 frames/s in" not in (line := live.process.stdout.readline()):  # the queue is empty
        check(line, "the core ended while it read its queue")
    status, out, err = live.end()
    judged, lost = int(re.search(r": (\d+) frames judged", out)[1]), int(re.search(r"\nlost: (\d+)", out)[1])
    check(status == 0 and lost > 0 and "the queue in front of the core was full" in out, f"{out}{err}")
    check(0 <= judged + lost - sent < 50, f"{sent} frames sent, {judged} judged, {lost} counted as lost")


def other_engine(folder, client, server, engine):
    live = Live("--sessions", sessions_file(folder), engine=engine)
    check(client.ask(f"ping('{SERVER}', bytes(1000))"), f"{engine}: ping")
    is_guarded(client, server)
    close_guarded(client, server)
    status, out, err = live.end(signal.SIGTERM)
    check(status == 0 and err == "" and "lost: 0" in out, f"{engine}: status {status}: {out}{err}")
    starting = subprocess.Popen([REVEILLE, "live", "--net", "guard-n", "--host", "guard-h", "--engine", engine,
                                 "--server", SERVER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(0.3)
    starting.send_signal(signal.SIGINT)
    out, err = starting.communicate(timeout=20)
    check(starting.returncode == 130 and "interrupted during" in err and not out, f"start: {out}{err}")


def bad_input(folder):
    server = ("--server", SERVER)
    refused("interface none: not found", "live", "--net", "none", "--host", "guard-h", *server)
    refused("another interface than --net", "live", "--net", "guard-n", "--host", "guard-n", *server)
    refused("--server or --sessions expected", "live", "--net", "guard-n", "--host", "guard-h")
    refused("six octets", "live", "--net", "guard-n", "--host", "guard-h", *server, "--hop", "02:00")
    refused("a name of 1 to 15 characters", "live", "--net", "tap:", "--host", "guard-h", *server)
    refused("--control: .*: No such file", "live", "--net", "guard-n", "--host", "guard-h", *server, "--control",
            folder / "none" / "control")
    refused("No such file", "drive", folder / "none", "status")
    refused("--standby: .*none: No such file or directory: the --feed of a running core expected", "live", "--net",
            "guard-n", "--host", "guard-h", *server, "--standby", folder / "none")
    libc = ctypes.CDLL(None)
    for capability, bit, net in (("CAP_NET_RAW", 13, "guard-n"), ("CAP_NET_ADMIN", 12, "tap:guard-t")):
        refused(f"interface {net}: no permission: needs {capability}", "live", "--net", net, "--host", "guard-h",
                *server, preexec_fn=lambda bit=bit: libc.prctl(24, bit, 0, 0, 0))


def goes_away(client):
    """An interface that is made, one that goes down, and one that is gone."""
    live = Live("--server", SERVER, net="tap:guard-t")
    run("ip", "link", "set", "guard-t", "down")
    status, out, err = live.end(None)
    check(status == 2 and "interface guard-t: is down" in err and "lost: " in out, f"TAP down: {status}: {out}{err}")
    check(subprocess.run(["ip", "link", "show", "guard-t"], capture_output=True, check=False).returncode != 0,
          "the TAP stays")
    # One that is deleted goes down first.
    for command, message in (("ip link set guard-n down", "is down: expected up"),
                             ("ip link del guard-n", "is (gone|down)")):
        live = Live("--server", SERVER)
        run(*command.split())
        status, out, err = live.end(None)
        check(status == 2 and re.search(f"interface guard-n: {message}", err) and "frames judged" in out,
              f"{command}: {status}: {err}")
        refused("interface guard-n: ", "live", "--net", "guard-n", "--host", "guard-h", "--server", SERVER)
        if "down" in command:
            run("ip", "link", "set", "guard-n", "up")
    client.process.stdin.close()


def never_answers(folder):
    """A bus that takes the connection and says nothing; gives the check of its end."""
    place = folder / "silent"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(place))
    listener.listen()
    process = subprocess.Popen([REVEILLE, "drive", place, "status"], stderr=subprocess.PIPE, text=True)

    def end():
        _, err = process.communicate(timeout=20)
        check(process.returncode == 2 and "silent: timeout: no answer within 5 s" in err, f"no timeout: {err}")
        listener.close()
    return end


def main():
    enter_namespace()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        timeout_named = never_answers(folder)
        client, server = make_hosts()
        model_run(folder, client, server)
        tools_run(folder, client, server)
        loses_nothing_silently(folder, client)
        bad_input(folder)
        for engine in sys.argv[2:]:
            other_engine(folder, client, server, engine)
        goes_away(client)
        timeout_named()
    print("live_test: passed")


if __name__ == "__main__":
    main()
