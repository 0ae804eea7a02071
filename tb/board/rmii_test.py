# SPDX-License-Identifier: Apache-2.0
"""A board whose server's port is RMII, behind board_test.py's test: what such a PHY may give, and what becomes of more
frames than it carries. For board_test.py."""

import cocotb
from board_test import (CORE, COUNTERS, ID, RESTORE, SERVER_ADDRESS, TO_NETWORK, TO_SERVER, VERDICTS, Bench, padded)
from cocotb.triggers import Timer, with_timeout
from cocotb.utils import get_sim_time
from cocotbext.eth import GmiiFrame
from rmii import GAP, dibits, outlived
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw

OVERRUN, OVERRUN_SESSION = 17, 19
SHORTEST_GAP = 32  # cycles: what IEEE 802.3 leaves of a gap that repeaters have shortened
MINIMUM_NS = 80 * (8 + 64 + 12)


def of_network(number, length):
    return (bytes(TO_SERVER) + number.to_bytes(2, "big") + bytes(at % 251 for at in range(1500)))[:length]


def of_server(number, length=60):
    return (bytes(TO_NETWORK) + number.to_bytes(2, "big") + bytes(7 * at % 253 for at in range(1500)))[:length]


def ap_request(client, nonce, octets=700):
    message = bytes([2, 1, 0x10, 0x6E, 0]) + nonce.to_bytes(4, "big")
    return padded(TO_SERVER / IP(src=client, dst=SERVER_ADDRESS) / UDP(sport=1293, dport=1293) /
                  Raw(message.ljust(octets - 42, b"\x5A")))


async def comes_out(bench, octets):
    got = await with_timeout(bench.at_net.recv(), 300, "us")
    assert got == GmiiFrame.from_payload(octets), f"{bytes(got.get_payload()).hex()}, expected {octets.hex()}"


@cocotb.test()
async def what_a_phy_may_give(dut):
    bench = Bench(dut)
    number = 0
    await Timer(1, "us")

    async def is_one(change, gap=GAP):
        nonlocal number
        number += 1
        octets = of_server(number, 60 + number % 9)
        bench.to_host.send_cycles(change(dibits(GmiiFrame.from_payload(octets))), gap)
        await comes_out(bench, octets)

    async def is_none(cycles):
        bench.to_host.send_cycles(cycles)
        await is_one(lambda cycles: cycles)

    names = [bench.registers[f"dropped_{name}"]["addr"] for name in ("network", "server", "endpoint")]
    dropped = [await bench.read(name) for name in names]
    for cut in (1, 2, 3, 4, 11, 30):  # the preamble is shorter
        await is_one(lambda cycles, cut=cut: cycles[cut:])
    for early in (1, 2, 3, 5, 40):  # CRS_DV comes before the data
        await is_one(lambda cycles, early=early: [(1, 0)] * early + cycles)
    for nibbles in (*range(1, 9), 20):
        await is_one(lambda cycles, nibbles=nibbles: outlived(cycles, nibbles), SHORTEST_GAP)
    for more in (1, 2, 3):  # no whole octet
        await is_one(lambda cycles, more=more: cycles + [(1, 2)] * more)
    whole = dibits(GmiiFrame.from_payload(of_server(0)))
    await is_none([(1, 2)] * 60)  # a false carrier, which 10 tells
    await is_none([(1, 0)] * 7 + [(1, 2)] * 9 + whole)
    await is_none(whole[31:])  # a delimiter without a preamble
    await is_none(whole[:31])  # a preamble without a delimiter
    await is_none(whole[:32])
    assert dropped == [await bench.read(name) for name in names]

    # Both directions at once, each as full as 100 Mbit/s is.
    frames, begin = 100, get_sim_time("ns")
    for index in range(frames):
        bench.to_host.send_nowait(GmiiFrame.from_payload(of_server(index)))
        bench.to_net.send_nowait(GmiiFrame.from_payload(of_network(index, 60)))
        await Timer(MINIMUM_NS, "ns")
    for index in range(frames):
        await comes_out(bench, of_server(index))
        assert await with_timeout(bench.frames.get(), 50, "us") == of_network(index, 60)
    took, line = get_sim_time("ns") - begin, (frames + 3) * MINIMUM_NS
    assert took < line, f"{frames} minimum frames took {took} ns, expected {line}"
    assert dropped == [await bench.read(name) for name in names]


@cocotb.test()
async def more_than_the_line_carries(dut):
    """The network's line is full of frames that are to pass, and true AP Requests come with them."""
    bench = Bench(dut)
    nonces = {f"198.51.101.{index}": 1000 + index for index in range(1, 31)}
    for client, nonce in nonces.items():
        await bench.command(RESTORE, client, nonce=nonce)
    names = [f"dropped_{name}" for name in ("network", "server", "endpoint")]
    stores = [await bench.read(bench.registers[name]["addr"]) for name in names]

    async def counted():
        counters = (VERDICTS.index("bypass"), VERDICTS.index("accepted"), OVERRUN, OVERRUN_SESSION)
        return [await bench.read(CORE + COUNTERS + 8 * counter) for counter in counters]

    async def grown(before):
        return [after - first for after, first in zip(await counted(), before)]

    async def arrive(whole):
        """What came, until nothing more comes: some of the frames that were sent, whole and in order."""
        came, rest = [], iter(whole)
        while True:
            try:
                came.append(await with_timeout(bench.frames.get(), 400, "us"))
            except cocotb.triggers.SimTimeoutError:
                return came
            assert came[-1] in rest, f"{came[-1].hex()}: not sent, or not in this order"

    # Two milliseconds, and a true AP Request every 170 us.
    before, clients = await counted(), list(nonces)
    sent, requests = [], [ap_request(client, nonces[client]) for client in clients[:12]]
    for number in range(168):
        sent.append(of_network(number, (1514, 1514, 700, 60)[number % 4]))
        if number % 14 == 13:
            sent += [of_network(1000 + number, 1514), requests[number // 14]]
    for octets in sent:
        bench.to_net.send_nowait(GmiiFrame.from_payload(octets))
    arriving = cocotb.start_soon(arrive(sent))
    slowest = 0
    while not arriving.done():
        begin = get_sim_time("us")
        await bench.read(CORE + ID)  # the server commands the board meanwhile
        slowest = max(slowest, get_sim_time("us") - begin)
        await Timer(5, "us")
    came = arriving.result()
    passed, accepted, overrun, overrun_session = await grown(before)
    assert [octets for octets in came if octets in requests] == requests, "a true AP Request was lost"
    assert (accepted, overrun_session) == (len(requests), 0), (accepted, overrun_session)
    assert overrun > len(sent) // 2 and passed + accepted == len(came), (passed, accepted, overrun, len(came))
    assert len(came) + overrun == len(sent), f"{len(sent)} sent, {len(came)} came, {overrun} counted"
    dut._log.info("%d frames sent, %d came, %d of them true AP Requests, %d overruns; a register was read within %d us",
                  len(sent), len(came), accepted, overrun, slowest)
    assert slowest < 200

    # True AP Requests without a gap: as many as the reserve holds pass, behind what has filled the rest.
    before, late = await counted(), clients[12:]
    filling = [of_network(number, 1514) for number in range(20)]
    burst = [ap_request(client, nonces[client]) for client in late]
    for octets in filling + burst:
        bench.to_net.send_nowait(GmiiFrame.from_payload(octets))
    came = await arrive(filling + burst)
    passed, accepted, overrun, overrun_session = await grown(before)
    assert len(came) == passed + accepted and accepted + overrun_session == len(burst)
    assert passed + overrun == len(filling)
    assert 4 <= accepted < len(burst), accepted
    dut._log.info("of %d AP Requests of 700 octets without a gap, behind a full buffer, %d came", len(burst), accepted)

    # A client whose request was lost asks again, and is accepted: the session is as it was.
    again = [octets for octets in burst if octets not in came]
    assert len(again) == overrun_session
    for octets in again:
        await bench.to_net.send(GmiiFrame.from_payload(octets))
        assert await with_timeout(bench.frames.get(), 400, "us") == octets
    assert stores == [await bench.read(bench.registers[name]["addr"]) for name in names], "a store dropped a frame"
