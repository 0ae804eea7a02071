# SPDX-License-Identifier: Apache-2.0
"""Proves that a value that a register has at reset could be its inverse, and nobody could tell.

usage: reset_equivalence.py GENERATED OUT [--config CONFIGURATION] [--seconds N] [--levels N] NAME...

NAME is a mutant of reset_mutants.py; OUT/ is for what Yosys and abc read and say. The module is held against itself
with the inverted value, from the state on in which all is 0, with resets in any cycle and modules inside as ports
(equivalence.py, from_zero): no output may differ. A module that stands several times is proved in each place. What is
not proved is tried as part of the modules around it, up to --levels of them. Prints a line for each NAME: proved of
which module, or not proved (it may be all the same). Status 1 unless all are. Before them each of DIFFERENCES is made,
which must not be proved to be none.
"""
import argparse
import pathlib
import re
import sys

import equivalence
import reset_mutants
import rtl_files

CELL = re.compile(r"^  cell \$aldff \S+\n.*?^  end\n", re.MULTILINE | re.DOTALL)
VALUE = re.compile(r"(?<=connect \\AD )(?:(\d+)'([01]+)|(-?\d+))$", re.MULTILINE)  # of 32 bits as a number
INSTANCE = re.compile(r"^  cell (\\reveille\S*) ", re.MULTILINE)
DIFFERENCES = ["axil.bvalid_o", "frame_buffer.host_valid_o", "skid_buffer.valid_o", "session_startup.ready_o",
               "host.wakeups_sent_q"]


# Registers as $aldff. No opt_dff: it takes registers away, and bits of them, that are their value at reset for ever.
FLAT = ["proc", "opt_clean", "memory_collect", "dffunmap", "opt_clean"]


def inverse(value):
    if value[3]:
        return str(~int(value[3]))
    return f"{value[1]}'{value[2].translate(str.maketrans('01', '10'))}"


class Absent(Exception):
    pass


class Prover:
    def __init__(self, generated, out, config, seconds, levels):
        self.out, self.seconds, self.levels = out, seconds, levels
        rtl_files.generate(generated, config)
        files = " ".join(map(str, rtl_files.rtl_files(generated, ["reveille"])))
        read = (f"read_slang --keep-hierarchy --ignore-assertions --unroll-limit 20000 -I {rtl_files.ROOT}/rtl/prim "
                f"--top reveille {files}")
        commands = [read, "hierarchy -check -top reveille", *FLAT, f"write_rtlil {out}/rtl.il"]
        if not equivalence.yosys([*commands, "blackbox *", f"write_rtlil {out}/ports.il"], out, "prepare"):
            sys.exit(f"reset_equivalence: Yosys fails; see {out}/prepare.log")
        self.modules = equivalence.modules(out / "rtl.il")
        self.ports = equivalence.modules(out / "ports.il")
        self.names = reset_mutants.names(generated)

    def mutated(self, text, register):
        """The module's text with the register's value at reset inverted; none where not all of it is found."""
        bits = 0

        def invert(cell):
            nonlocal bits
            if not re.search(rf"connect \\Q \\{re.escape(register)}(?: \[|\n)", cell[0]):
                return cell[0]
            inverted, values = VALUE.subn(inverse, cell[0])
            if values != 1:
                sys.exit(f"reset_equivalence: {register}: a value at reset is in a form that is not read:\n{cell[0]}")
            bits += int(re.search(r"parameter \\WIDTH (\d+)", cell[0])[1])
            return inverted

        wire = re.search(rf"^  wire (?:.*?width (\d+) )?.*?\\{re.escape(register)}$", text, re.MULTILINE)
        text = CELL.sub(invert, text)
        return text if wire and bits == int(wire[1] or 1) else None

    def around(self, name):
        return next((outer for outer, text in self.modules.items() if name in INSTANCE.findall(text)), None)

    def within(self, name):
        """A module, and all that is in it."""
        return {name}.union(*map(self.within, set(INSTANCE.findall(self.modules[name])) & set(self.modules)))

    def is_equal(self, top, flat, changed):
        """Of module `top` with those of `flat` in it, as it is and with the texts of `changed`."""
        texts = []
        for side in ({}, changed):
            inside = "".join(side.get(name, self.modules[name]) for name in sorted(flat))
            outside = "".join(self.ports[name] for name in sorted(self.ports.keys() - flat))
            (self.out / "side.il").write_text(inside + outside, encoding="utf-8")
            if not equivalence.yosys([f"read_rtlil {self.out}/side.il", f"hierarchy -top {top}", "flatten",
                                      "opt_clean", f"write_rtlil {self.out}/flat.il"], self.out, "flatten"):
                sys.exit(f"reset_equivalence: Yosys fails; see {self.out}/flatten.log")
            texts.append(equivalence.modules(self.out / "flat.il")[top])
        return equivalence.prove(top, *texts, self.out, self.seconds, methods=["zero"]) == "zero"

    def proved(self, mutant):
        """The module that is the same with it in all its places, or none."""
        block, register = mutant.split(".", 1)
        places = [name for name in self.modules if name.lstrip("\\").split("$")[0] == f"reveille_{block}"]
        changed = {name: self.mutated(self.modules[name], register) for name in places}
        if not changed or None in changed.values():
            raise Absent(f"{mutant}: Yosys has no such register, or not all of it")
        for level in range(self.levels + 1):
            tops = {name: name for name in changed}
            for name in changed:
                for _ in range(level):
                    tops[name] = self.around(tops[name]) or tops[name]
            if all(self.is_equal(top, self.within(top) if level else {top}, changed) for top in set(tops.values())):
                return next(iter(tops.values())).lstrip("\\").split("$")[0]
        return None

    def check(self):
        """Ends the program where a difference is proved to be none."""
        for mutant in DIFFERENCES:
            if mutant not in self.names:
                sys.exit(f"reset_equivalence: {mutant} is no mutant; DIFFERENCES wants another")
            try:
                if self.proved(mutant):
                    sys.exit(f"reset_equivalence: {mutant} is proved to be equivalent")
            except Absent as error:
                sys.exit(f"reset_equivalence: {error}; DIFFERENCES wants another")
        print(f"{len(DIFFERENCES)} differences: none is proved to be none", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("generated", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--config", default="line")
    parser.add_argument("--seconds", type=int, default=20, help="for each module")
    parser.add_argument("--levels", type=int, default=0, help="of the hierarchy, around the register's module")
    parser.add_argument("name", nargs="*")
    arguments = parser.parse_intermixed_args()
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    prover = Prover(arguments.generated.resolve(), out, arguments.config, arguments.seconds, arguments.levels)
    unknown = set(arguments.name) - set(prover.names)
    if unknown:
        parser.error(f"NAME: {', '.join(sorted(unknown))}: no such mutant")
    prover.check()
    missed = 0
    for mutant in arguments.name:
        try:
            module = prover.proved(mutant)
            said = f"proved: {module} does the same with it" if module else "not proved"
        except Absent as error:
            module, said = None, f"not proved: {error}"
        missed += module is None
        print(f"{mutant:<48} {said}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
