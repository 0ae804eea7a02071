# SPDX-License-Identifier: Apache-2.0
"""reveille live between two hosts of this machine: what passes is bit-exact, what is hostile does not pass, and what is
wrong is said.

usage: live_test.py REVEILLE [ENGINE]...         the test, with the model and these engines
       live_test.py REVEILLE --rate ENGINE[:FRAMES]...   in place of it, what they carry of so many frames of 60 octets
                                                  offered each second, or of as many as the sender makes

The hosts are network namespaces, joined by veth pairs to a third in which the core runs; they end with the test. Exit
77, which ctest shows as skipped, where there can be none.
"""

import ctypes
import os
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

SKIPPED = 77
INSIDE = "REVEILLE_LIVE_TEST_INSIDE"
CLIENT, SERVER = "198.51.100.7", "198.51.100.1"
PORT, ECHO = 1293, 4000
NONCE = 0x1BADCAFE
SOL_PACKET, PACKET_AUXDATA = 263, 8


def check(condition, message):
    if not condition:
        sys.exit(f"live_test: {message}")


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def enter_namespace():
    """The whole test in a network namespace of its own, as root there."""
    if os.environ.get(INSIDE):
        return
    for tool in ("ip", "unshare"):
        if shutil.which(tool) is None:
            skip(f"no {tool} (iproute2, util-linux)")
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    probe = "ip link add probe-a type veth peer name probe-b"
    tried = subprocess.run([*unshare, "sh", "-c", probe], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        skip(f"no network namespace with a veth pair: {tried.stderr.strip()}")
    os.execvpe(unshare[0], [*unshare, sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})


# A host: a process in a namespace of its own, which evaluates what it is told, a line each. -------------------------

def raw_socket(interface):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    raw.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    raw.bind((interface, 0))
    raw.settimeout(3)
    return raw


def raw_receive(raw, ethertype):
    """The next frame of that type that came in, its tag put back where it was."""
    while True:
        frame, ancillary, _, place = raw.recvmsg(65536, 256)
        if place[2] == socket.PACKET_OUTGOING:
            continue
        for level, kind, data in ancillary:
            status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", data[:20])
            if (level, kind) == (SOL_PACKET, PACKET_AUXDATA) and status & 0x10:
                frame = frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
        if frame[12:14] == ethertype or frame[16:18] == ethertype:
            return frame


def udp(port, timeout=3.0):
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind(("0.0.0.0", port))
    opened.settimeout(timeout)
    return opened


def ping(address, payload):
    """Whether the echo came back as it went; the host's own kernel is what answers."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    raw.settimeout(1)
    message = struct.pack("!BBHHH", 8, 0, 0, 7, 9) + payload
    total = sum(struct.unpack(f"!{(len(message) + 1) // 2}H", message + b"\0" * (len(message) % 2)))
    total = (total & 0xFFFF) + (total >> 16)
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    raw.sendto(message[:2] + struct.pack("!H", total) + message[4:], (address, 0))
    try:
        while (packet := raw.recv(65536))[20] != 0:
            pass
        return packet[28:] == payload
    except TimeoutError:
        return False


def serve_tcp(port):
    """Takes one connection, and sends what it gets back."""
    listener = socket.create_server(("0.0.0.0", port))
    if os.fork() == 0:
        connection, _ = listener.accept()
        octets = b"".join(iter(lambda: connection.recv(1 << 20), b""))
        connection.sendall(octets)
        os._exit(0)
    return True


def fetch_tcp(address, port, octets):
    with socket.create_connection((address, port), timeout=5) as connection:
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(1 << 20), b"")) == octets


def receive(opened):
    try:
        return opened.recv(65536)
    except TimeoutError:
        return None


def host_main():
    known = {}
    for line in sys.stdin:
        name, expression = line.rstrip("\n").split("=", 1)
        try:
            known[name] = eval(expression, globals(), known)  # pylint: disable=eval-used
            print(repr(known[name]) if not isinstance(known[name], socket.socket) else "socket", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            print(f"failed: {expression[:80]}: {error!r}", flush=True)


class Host:
    def __init__(self, interface, address):
        self.process = subprocess.Popen(["unshare", "--net", sys.executable, __file__, "--host"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        check(self.ask("1") == 1, "no host")
        run("ip", "link", "set", interface, "netns", str(self.process.pid))
        for command in (["addr", "add", f"{address}/24", "dev", interface], ["link", "set", interface, "up"],
                        ["link", "set", "lo", "up"]):
            run("nsenter", "--target", str(self.process.pid), "--net", "ip", *command)

    def ask(self, expression, name="_"):
        self.process.stdin.write(f"{name}={expression}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        check(answer and not answer.startswith("failed"), answer or "a host has ended")
        return None if answer == "socket" else eval(answer)  # pylint: disable=eval-used


def run(*command):
    subprocess.run(command, check=True)


class Live:
    """A running `reveille live` between guard-n and guard-h."""

    def __init__(self, *options, engine="model", net="guard-n", host="guard-h"):
        self.process = subprocess.Popen(
            [REVEILLE, "live", "--net", net, "--host", host, "--engine", engine, *map(str, options)],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.first = self.process.stdout.readline()
        if not self.first.startswith("live: "):
            sys.exit(f"live_test: did not begin: {self.process.stderr.read()}")

    def end(self, number=signal.SIGINT):
        if number:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, self.first + out, err


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


def request(nonce):
    return bytes([2, 1, 0x10, 0x6E, 0]) + struct.pack("!I", nonce) + bytes(40)


def make_hosts():
    for pair in ("n", "h"):
        run("ip", "link", "add", f"guard-{pair}", "type", "veth", "peer", "name", f"end-{pair}")
        pathlib.Path(f"/proc/sys/net/ipv6/conf/guard-{pair}/disable_ipv6").write_text("1", encoding="ascii")
        run("ip", "link", "set", f"guard-{pair}", "up")
    return Host("end-n", CLIENT), Host("end-h", SERVER)


def sessions_file(folder):
    file = folder / "sessions.json"
    file.write_text('{"server": {"ipv4": ["%s"], "ipv6": [], "port": %d}, "policy": {"destination": "any", '
                    '"later_fragments": "pass", "doi": [1, 2], "version": ["1.0"], "client_initiated": "drop", '
                    '"resend_budget": 2}, "sessions": [{"client": "%s", "nonce": "0x%08x", "state": "outstanding", '
                    '"lifetime_ms": 60000}]}' % (SERVER, PORT, CLIENT, NONCE), encoding="ascii")
    return file


# What is tested -----------------------------------------------------------------------------------------------------

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
        check(other.recv(64) == b"reveille registers 1\n", "greeting")
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
    status, out, err = live.end()
    check(status == 0 and err == "", f"status {status}: {err}")
    for said in (r" s: \d+ frames/s in, \d+ to the host, \d+ from it; 1 sessions; lost 0;", r"accepted +2\n",
                 r"false_nonce +1\n", r"repeat +1\n", r"\nlost: 0\n"):
        check(re.search(said, out), f"{said!r} expected: {out}")
    check(not control.exists(), "the control socket stays")
    close_guarded(client, server)
    if shutil.which("tshark"):
        read = subprocess.run(["tshark", "-r", capture, "-Y", 'frame.comment == "false_nonce"'], capture_output=True,
                              text=True, check=True)
        check(len(read.stdout.splitlines()) == 1, f"the capture's false nonce: {read.stdout}")


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


def flood(interface, frames, seconds, a_second):
    """Frames for so long, so many a second; where the sender is late, it does not catch up with more than a batch."""
    raw = raw_socket(interface)
    begin = due = time.monotonic()
    while due < begin + seconds:
        for frame in frames:
            raw.send(frame)
        due = max(due + len(frames) / a_second, time.monotonic() - len(frames) / a_second)
        time.sleep(max(0.0, due - time.monotonic()))


def false_request(number):
    """An AP Request of 60 octets from the client that has a session, with a false nonce."""
    udp_part = struct.pack("!HHHH", 1293, PORT, 26, 0) + request(number)[:18]
    addresses = socket.inet_aton(CLIENT) + socket.inet_aton(SERVER)
    header = bytearray(struct.pack("!BBHHHBBH", 0x45, 0, 46, number & 0xFFFF, 0, 64, 17, 0) + addresses)
    total = sum(struct.unpack("!10H", header))
    struct.pack_into("!H", header, 10, ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF)
    return bytes.fromhex("0200000000aa0200000000bb0800") + bytes(header) + udp_part


def rate(folder, client, server, engine, a_second):
    """Two floods, one that is dropped and one that passes, beside pings that should come through."""
    seconds = 5
    hostile = [false_request(number) for number in range(1, 65)]
    passing = [bytes.fromhex("0200000000aa0200000000bb88b5") + random.randbytes(46) for _ in range(64)]
    for name, frames in (("AP Requests with false nonces", hostile), ("frames that pass", passing)):
        live = Live("--sessions", sessions_file(folder), engine=engine)
        client.ask("os.fork() or (flood('end-n', " + repr(frames) + f", {seconds}, {a_second}), os._exit(0))")
        time.sleep(1)
        before = live_cpu(live), time.monotonic()
        pings = sum(client.ask(f"ping('{SERVER}', bytes(56))") for _ in range(20))
        time.sleep(max(0.0, before[1] + seconds - 2 - time.monotonic()))
        cpu, wall = live_cpu(live) - before[0], time.monotonic() - before[1]
        time.sleep(2)
        status, out, err = live.end()
        check(status == 0, err)
        lines = re.findall(r"(\d+) frames/s in, (\d+) to the host.*lost (\d+)", out)[2:4]
        share = cpu / wall
        print(f"{engine}, {name}: {'; '.join(f'{a} in, {b} to the host, {c} lost' for a, b, c in lines)} a second, on "
              f"{share:.0%} of a CPU core; {pings} of 20 pings came back")


def live_cpu(live):
    fields = pathlib.Path(f"/proc/{live.process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
    for command, message in (("ip link set guard-n down", "is down: expected up"), ("ip link del guard-n", "is gone")):
        live = Live("--server", SERVER)
        run(*command.split())
        status, out, err = live.end(None)
        check(status == 2 and f"interface guard-n: {message}" in err and "frames judged" in out,
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
    if sys.argv[1] == "--host":
        return host_main()
    enter_namespace()
    global REVEILLE  # pylint: disable=global-statement
    REVEILLE = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if sys.argv[2:3] == ["--rate"]:
            hosts = make_hosts()
            for word in sys.argv[3:]:
                engine, _, a_second = word.partition(":")
                rate(folder, *hosts, engine, int(a_second or 10**9))
            return 0
        timeout_named = never_answers(folder)
        client, server = make_hosts()
        model_run(folder, client, server)
        bad_input(folder)
        for engine in sys.argv[2:]:
            other_engine(folder, client, server, engine)
        goes_away(client)
        timeout_named()
    print("live_test: passed")
    return 0


REVEILLE = ""
if __name__ == "__main__":
    sys.exit(main())
