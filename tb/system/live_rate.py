# SPDX-License-Identifier: Apache-2.0
"""What `reveille live` carries, in frames of 60 octets between two hosts of this machine.

usage: live_rate.py REVEILLE ENGINE[:FRAMES]...

So many frames are offered each second, or as many as the sender makes. Nothing is judged: the figures are printed.
"""

import os
import pathlib
import random
import re
import sys
import tempfile
import time

import live_hosts
from live_hosts import SERVER, Live, check, false_request


def rate(folder, client, engine, a_second):
    """Two floods, one that is dropped and one that passes, beside pings that should come through."""
    seconds = 5
    hostile = [false_request(number) for number in range(1, 65)]
    passing = [bytes.fromhex("0200000000aa0200000000bb88b5") + random.randbytes(46) for _ in range(64)]
    for name, frames in (("AP Requests with false nonces", hostile), ("frames that pass", passing)):
        live = Live("--sessions", live_hosts.sessions_file(folder), engine=engine)
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


def main():
    live_hosts.enter_namespace()
    client, _ = live_hosts.make_hosts()
    with tempfile.TemporaryDirectory() as folder:
        for word in sys.argv[2:]:
            engine, _, a_second = word.partition(":")
            rate(pathlib.Path(folder), client, engine, int(a_second or 10**9))


if __name__ == "__main__":
    main()
