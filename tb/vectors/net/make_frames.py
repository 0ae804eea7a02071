# SPDX-License-Identifier: Apache-2.0
"""Writes tb/vectors/net/frames.vec: UDP frames as scapy builds them, for model/net to be held against.

usage: make_frames.py > frames.vec   (needs scapy; seed fixed, so the same file comes out)

A line: family, VLAN tags (tpid/tci,…), source, destination, source port, destination port, payload, frame (hex).
"""

import random

import scapy
from scapy.all import IP, UDP, Dot1AD, Dot1Q, Ether, IPv6, Raw
from scapy.all import IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.layers.inet import IPOption_NOP, IPOption_Router_Alert


def frame(rng, index):
    payload = rng.randbytes(rng.choice([0, 1, 2, 3, 23, rng.randrange(64), rng.randrange(1400)]))
    tags = [(rng.choice([0x8100, 0x88A8]), rng.randrange(1 << 16)) for _ in range(index % 3)]
    sport, dport = rng.randrange(1 << 16), rng.choice([1293, rng.randrange(1 << 16)])
    layers = Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02")
    for tpid, tci in tags:
        tag = Dot1AD if tpid == 0x88A8 else Dot1Q
        layers = layers / tag(prio=tci >> 13, id=tci >> 12 & 1, vlan=tci & 0xFFF)
    if index % 2 == 0:
        source, destination = (".".join(str(rng.randrange(256)) for _ in range(4)) for _ in range(2))
        options = rng.choice([[], [IPOption_NOP()] * 4, [IPOption_Router_Alert(), IPOption_NOP()]])
        layers = layers / IP(src=source, dst=destination, flags="DF", id=rng.randrange(1 << 16), options=options)
    else:
        source, destination = (":".join(f"{rng.randrange(1 << 16):x}" for _ in range(8)) for _ in range(2))
        layers = layers / IPv6(src=source, dst=destination, tc=rng.randrange(256))
        for _ in range(rng.randrange(4)):
            fragment = IPv6ExtHdrFragment(offset=0, m=0, id=rng.randrange(1 << 32))
            layers = layers / rng.choice([IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt(), fragment])
    octets = bytes(layers / UDP(sport=sport, dport=dport) / Raw(payload))
    text = ",".join(f"{tpid:04x}/{tci:04x}" for tpid, tci in tags) or "-"
    family = 4 if index % 2 == 0 else 6
    return f"{family} {text} {source} {destination} {sport} {dport} {payload.hex() or '-'} {octets.hex()}"


def main():
    rng = random.Random(1293)
    print(f"# Built by scapy {scapy.VERSION}: tb/vectors/net/make_frames.py")
    for index in range(48):
        print(frame(rng, index))


if __name__ == "__main__":
    main()
