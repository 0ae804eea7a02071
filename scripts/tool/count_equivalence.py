# SPDX-License-Identifier: Apache-2.0
"""Goes through all counts of two counters of which only the end is read, and of which mutants of the netlist are listed
as equivalent because they take as many steps to it (tb/campaigns/equivalent_netlist.json).

usage: count_equivalence.py

A mutant BIT/CONTROL inverts a bit of a port of the counter where another one is 0. From each value that the counter
begins at, those of EQUAL have to take as many steps to the end as the counter as it is, and those of OTHER must not.
Status 1 unless that is so, or where the RTL does not count as it is written here."""
import pathlib
import sys
import typing

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Counter(typing.NamedTuple):
    port: str  # as the netlist has it
    file: str
    texts: list  # stand there, blanks apart
    width: int
    begins: list  # values, which do not come through the port
    step: typing.Callable  # of the port and a value
    end: int  # has this bit
    equal: list
    other: list


COUNTERS = [
    # The end, samples_left_q < 0, and what is loaded there are chosen beside the subtraction, whose input the port is.
    Counter("u_nonce_generator $65.A", "rtl/nonce/reveille_nonce_generator.sv",
            ["localparam int unsigned SampleCountWidth = $clog2(SampleCountMax + 1);",
             "assign last_sample = counted && samples_left_q < 0;",
             "else if (counted) samples_left_q <= samples_left_q < 0 ? SeedLeft : samples_left_q - 1'b1;"],
            12, [1024 - 2, 48 - 2], lambda port, value: port(value) - 1, 11, ["4/5"], ["4/4", "0/1"]),
    # The port is the register's input; its first value, 1, is the register's own synchronous reset.
    Counter("u_store_time $auto$ff.cc:337:slice$3666.D", "rtl/ingress/reveille_store_time.sv",
            ["localparam int unsigned AgeWidth = $clog2(MaxFrameCycles) + 1;",
             "if (begins) age_q <= AgeWidth'(1); else if (!age_q[AgeWidth-1]) age_q <= age_q + 1'b1;"],
            15, [1], lambda port, value: port(value + 1), 14, ["3/10"], ["3/3", "0/1"]),
]


def port_of(mutant):
    bit, control = map(int, mutant.split("/"))
    return lambda value: value if value >> control & 1 else value ^ 1 << bit


def steps(counter, port):
    """To the end, from each value that it begins at; none where it never gets there."""
    found = []
    for value in counter.begins:
        count = 0
        while not value >> counter.end & 1 and count < 1 << counter.width:
            value, count = counter.step(port, value) % (1 << counter.width), count + 1
        found.append(count if value >> counter.end & 1 else None)
    return found


def main():
    good = True
    for counter in COUNTERS:
        source = " ".join((ROOT / counter.file).read_text(encoding="utf-8").split())
        for text in counter.texts:
            if text not in source:
                sys.exit(f"count_equivalence: {counter.file}: '{text}' does not stand there any more")
        expected = steps(counter, lambda value: value)
        for mutant in counter.equal + counter.other:
            found = steps(counter, port_of(mutant))
            good = good and (found == expected) == (mutant in counter.equal)
            print(f"{counter.port}[{mutant}]: {found} steps, as it is {expected}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
