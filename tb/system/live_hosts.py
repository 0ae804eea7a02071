# SPDX-License-Identifier: Apache-2.0
"""Two hosts of this machine with `reveille live` between them, for live_test.py and live_rate.py, whose first argument
is the program.

The hosts are network namespaces, joined by veth pairs to a third in which the core runs; they end with the test. Exit
77, which ctest shows as skipped, where there can be none.
"""

import ctypes
import os
import pathlib
import random  # pylint: disable=unused-import; what a host is told may use it
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

SKIPPED = 77
INSIDE = "REVEILLE_LIVE_TEST_INSIDE"
CLIENT, SERVER = "198.51.100.7", "198.51.100.1"
PORT, ECHO = 1293, 4000
NONCE = 0x1BADCAFE
SOL_PACKET, PACKET_AUXDATA = 263, 8
LIBC = ctypes.CDLL(None, use_errno=True)
REVEILLE = str(pathlib.Path(sys.argv[1]).resolve())


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
    environment = {**os.environ, INSIDE: "1", "PYTHONDONTWRITEBYTECODE": "1"}
    os.execvpe(unshare[0], [*unshare, sys.executable, *sys.argv], environment)


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


class Batch:
    """Frames that one call of sendmmsg (Linux) sends: a call a frame would take longer than the core takes to judge."""

    class Part(ctypes.Structure):
        _fields_ = [("base", ctypes.c_char_p), ("size", ctypes.c_size_t)]

    class Message(ctypes.Structure):  # struct mmsghdr
        _fields_ = [("name", ctypes.c_void_p), ("name_size", ctypes.c_uint32), ("parts", ctypes.c_void_p),
                    ("part_count", ctypes.c_size_t), ("control", ctypes.c_void_p), ("control_size", ctypes.c_size_t),
                    ("flags", ctypes.c_int), ("sent", ctypes.c_uint)]

    def __init__(self, frames):
        self.parts = (Batch.Part * len(frames))(*((frame, len(frame)) for frame in frames))
        self.messages = (Batch.Message * len(frames))()
        for at, message in enumerate(self.messages):
            message.parts = ctypes.addressof(self.parts[at])
            message.part_count = 1

    def send(self, raw):
        at = 0
        while at < len(self.messages):
            sent = LIBC.sendmmsg(raw.fileno(), ctypes.byref(self.messages, at * ctypes.sizeof(Batch.Message)),
                                 len(self.messages) - at, 0)
            if sent < 0:
                raise OSError(ctypes.get_errno(), "sendmmsg")
            at += sent


def flood(interface, frames, seconds, a_second):
    """Frames for so long, so many a second; where the sender is late, it does not catch up with more than a batch."""
    batch = Batch(frames)
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # of no protocol: it would hear what it says
    raw.bind((interface, 0))
    begin = due = time.monotonic()
    while due < begin + seconds:
        batch.send(raw)
        due = max(due + len(frames) / a_second, time.monotonic() - len(frames) / a_second)
        time.sleep(max(0.0, due - time.monotonic()))


def send_many(interface, frame, count):
    raw = raw_socket(interface)
    for _ in range(count):
        raw.send(frame)
    return count


RUNNING = []


def start(*command):
    RUNNING.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))


def stop():
    RUNNING[-1].terminate()
    RUNNING.pop().wait()


def said(*command):
    """Its output; nothing if it failed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout if done.returncode == 0 else None


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


def false_request(number):
    """An AP Request of 60 octets from the client that has a session, with a false nonce."""
    udp_part = struct.pack("!HHHH", 1293, PORT, 26, 0) + request(number)[:18]
    addresses = socket.inet_aton(CLIENT) + socket.inet_aton(SERVER)
    header = bytearray(struct.pack("!BBHHHBBH", 0x45, 0, 46, number & 0xFFFF, 0, 64, 17, 0) + addresses)
    total = sum(struct.unpack("!10H", header))
    struct.pack_into("!H", header, 10, ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF)
    return bytes.fromhex("0200000000aa0200000000bb0800") + bytes(header) + udp_part


if sys.argv[1] == "--host":
    host_main()
