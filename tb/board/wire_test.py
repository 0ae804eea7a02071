# SPDX-License-Identifier: Apache-2.0
"""A board at the pins of its PHYs: the server's port being a network interface of this machine, with the driver
library's example behind it; and a full line of minimum frames with true exchanges in it. For board_test.py.

The lines' other ends are line.v here, since cocotbext-eth's take the simulator's time for each half octet.
"""

import fcntl
import json
import os
import pathlib
import random
import struct
import subprocess

import cocotb
from board_test import (BOARD, BOARD_ADDRESS, CLIENT, CORE, FALSE_NONCE, LINK_ADDRESS, RESTORE, SERVER, SERVER_ADDRESS,
                        SLOW, TO_SERVER, Bench, nothing, padded)
from cocotb.queue import Queue
from cocotb.triggers import Timer, ValueChange, with_timeout
from cocotbext.eth import GmiiFrame
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

DRIVER, FLOOD_MS = os.environ.get("BOARD_DRIVER"), float(os.environ.get("BOARD_FLOOD_MS", "0"))
REPLY, TAG = 2, 0x0123456789ABCDEF
MINIMUM_NS = 8 * (8 + 64 + 12)  # a minimum frame of 1 Gbit/s
FRAMES_AN_EXCHANGE = 500
MOST_OCTETS = 1536  # of line.v


def to_server(client, message):
    return padded(TO_SERVER / IP(src=client, dst=SERVER_ADDRESS) / UDP(sport=1293, dport=1293) / Raw(message))


def ap_request(client, nonce):
    return to_server(client, bytes([2, 1, 0x10, 0x6E, 0]) + nonce.to_bytes(4, "big") + bytes(9))


def sa_recovered(client):
    return to_server(client, bytes([4, 1, 0x10]) + TAG.to_bytes(8, "big") + bytes(12))


class Line:
    """The other end of a line: what cocotbext-eth's source and sink do."""

    def __init__(self, ends):
        self.ends, self.sending, self.received = ends, Queue(), Queue()
        cocotb.start_soon(self.send_all())
        cocotb.start_soon(self.receive_all())

    async def send_all(self):
        go = 0
        while True:
            octets = bytes(await self.sending.get())
            self.ends.frame.value, self.ends.octets.value = int.from_bytes(octets, "little"), len(octets)
            go ^= 1
            self.ends.go.value = go
            await ValueChange(self.ends.taken)

    async def receive_all(self):
        while True:
            await ValueChange(self.ends.seen)
            octets = int(self.ends.got.value).to_bytes(MOST_OCTETS, "little")[:int(self.ends.got_octets.value)]
            self.received.put_nowait(GmiiFrame(octets))

    def send_nowait(self, frame):
        self.sending.put_nowait(frame.data)

    async def send(self, frame):
        self.send_nowait(frame)

    async def wait(self):
        while not self.sending.empty() or self.ends.go.value != self.ends.taken.value:
            await Timer(1, "us")

    async def recv(self):
        return await self.received.get()


class LineBench(Bench):
    def __init__(self, dut):
        self.dut = dut
        dut.rest.value = 0
        self.to_net = self.at_net = Line(dut.net)
        self.to_host = self.at_host = Line(dut.host)
        self.begin()


class ServerSide:
    """The server's port is a TAP of this machine, whose own stack is the server."""

    def __init__(self, bench):
        self.line, self.frames = bench.to_host, Queue()
        self.tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        tap_without_header = 0x1002
        fcntl.ioctl(self.tap, 0x400454CA, struct.pack("16sH22x", b"server", tap_without_header))
        pathlib.Path("/proc/sys/net/ipv6/conf/server/disable_ipv6").write_text("1", encoding="ascii")
        for words in (f"link set server address {SERVER} up", f"addr add {LINK_ADDRESS}/24 dev server",
                      f"neigh replace {BOARD_ADDRESS} lladdr {BOARD} nud permanent dev server"):
            subprocess.run(["ip", *words.split()], check=True)
        bench.hosting.cancel()
        cocotb.start_soon(self.to_server())
        cocotb.start_soon(self.from_server())

    async def to_server(self):
        while True:
            received = await self.line.recv()
            assert received.check_fcs(), "a false FCS at the server's port"
            octets = bytes(received.get_payload())
            os.write(self.tap, octets)
            if Ether(octets).src != BOARD:
                self.frames.put_nowait(octets)

    async def from_server(self):
        while True:
            try:
                self.line.send_nowait(GmiiFrame.from_payload(padded(os.read(self.tap, 2048))))
            except BlockingIOError:
                await Timer(1, "us")


@cocotb.test(skip=not DRIVER)
async def the_driver_commands_the_board(dut):
    bench = LineBench(dut)
    await bench.start()
    server = ServerSide(bench)
    client = "198.51.100.8"
    with subprocess.Popen([DRIVER, BOARD_ADDRESS, SERVER_ADDRESS, client, CLIENT, SERVER], text=True,
                          stdout=subprocess.PIPE) as driver:
        async def at_client():
            frame = await with_timeout(bench.at_net.recv(), 5, "ms")
            assert frame.check_fcs()
            frame = Ether(bytes(frame.get_payload()))
            assert (frame.dst, frame.src, frame[IP].src, frame[IP].dst) == (CLIENT, SERVER, SERVER_ADDRESS, client)
            return frame[Raw].load

        async def arrives(octets):
            await bench.to_net.send(GmiiFrame.from_payload(octets))
            assert await with_timeout(server.frames.get(), 50 * SLOW, "us") == octets

        wake_up = await at_client()
        nonce = int.from_bytes(wake_up[3:7], "big")
        assert wake_up[0] == 1 and wake_up[7:] == b"server.example\0", wake_up
        await bench.to_net.send(GmiiFrame.from_payload(ap_request(client, nonce ^ 1)))
        await nothing(server.frames)
        await arrives(ap_request(client, nonce))
        assert await at_client() == bytes([3, 1, 0x10]) + b"an AP Reply"
        await arrives(sa_recovered(client))
        while driver.poll() is None:
            await Timer(10, "us")
        said = driver.stdout.read()
        assert (driver.returncode, said) == (0, f"nonce {nonce}\naccepted\nsa_recovered\n"), (driver.returncode, said)


@cocotb.test(skip=not FLOOD_MS)
async def a_full_line_takes_no_exchange_away(dut):
    """An exchange begins with every 500th frame or so, and a host answers it over Etherbone as a driver would."""
    bench = LineBench(dut)
    await bench.start()
    frames = int(FLOOD_MS * 1e6 / MINIMUM_NS)
    seed = int(os.environ["BOARD_SEED"])
    chance = random.Random(seed)
    count = max(1, frames // FRAMES_AN_EXCHANGE)
    clients = [f"198.51.{101 + index // 250}.{1 + index % 250}" for index in range(count)]
    nonces = {client: chance.randrange(1, 1 << 32) for client in clients}
    for client, nonce in nonces.items():
        await bench.command(RESTORE, client, nonce=nonce)
    hostile = [ap_request(f"203.0.113.{index}", FALSE_NONCE) for index in range(128)]
    hostile += [ap_request(client, nonces[client] ^ 1) for client in chance.choices(clients, k=128)]
    for index, octets in enumerate(hostile):
        dut.net.pool[index].value = int.from_bytes(GmiiFrame.from_payload(octets).data, "little")
    accepted, recovered, mean = [], [], FRAMES_AN_EXCHANGE * MINIMUM_NS

    async def server():
        while len(recovered) < len(clients):
            octets = await bench.frames.get()
            client = Ether(octets)[IP].src
            if client not in accepted:
                assert octets == ap_request(client, nonces[client])
                accepted.append(client)
                await bench.command(REPLY, client, tag=TAG)
                await bench.to_net.send(GmiiFrame.from_payload(sa_recovered(client)))
            else:
                assert octets == sa_recovered(client)
                recovered.append(client)

    serving = cocotb.start_soon(server())
    dut.net.which.value = chance.randrange(1, 256)
    dut.net.flooding.value = 1
    begin = cocotb.utils.get_sim_time("ns")
    for number, client in enumerate(clients, 1):
        await Timer(chance.randrange(mean // 2, 3 * mean // 2), "ns")
        await bench.to_net.send(GmiiFrame.from_payload(ap_request(client, nonces[client])))
        if number % 20 == 0:
            dut._log.info("%d of %d exchanges begun, %d ended", number, len(clients), len(recovered))
    await with_timeout(serving, 1, "ms")
    flooded, ns = int(dut.net.flooded.value), cocotb.utils.get_sim_time("ns") - begin
    dut.net.flooding.value = 0
    await bench.to_net.wait()
    sent = flooded + len(accepted) + len(recovered)
    dropped = await bench.read(bench.registers["dropped_network"]["addr"])
    judged = [await bench.counter(verdict) for verdict in ("not_woken", "false_nonce", "accepted", "sa_recovered")]
    dut._log.info("%d hostile frames in %.3f ms, %.4f M/s in all; %d of %d exchanges ended; %d frames dropped by the "
                  "store; judged %s", flooded, ns / 1e6, 1e3 * sent / ns, len(recovered), len(clients), dropped, judged)
    assert sent > ns / MINIMUM_NS - 2 and dropped == 0 and judged[2:] == [len(clients)] * 2
    assert 0 <= judged[0] + judged[1] - flooded <= 2, "not every hostile frame was judged"
    if os.environ.get("BOARD_JSON"):
        keep(pathlib.Path(os.environ["BOARD_JSON"]), {"seed": seed, "ms": round(ns / 1e6, 3), "hostile": flooded,
                                                      "exchanges": len(clients), "lost": 0})


def keep(place, leg):
    """Behind those of before, in one step."""
    legs = json.loads(place.read_text(encoding="ascii")) if place.exists() else []
    part = place.with_suffix(".part")
    part.write_text(json.dumps([*legs, leg], indent=1) + "\n", encoding="ascii")
    part.replace(place)
