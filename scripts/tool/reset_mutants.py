# SPDX-License-Identifier: Apache-2.0
"""Mutants of the values that registers have at reset, each inverted, all in one set of files.

usage: reset_mutants.py OUT FILE...

Writes the FILEs with all mutants in them, and the package that asks which of them is chosen.
"""
import pathlib
import re
import sys

import rtl_files

RESET = re.compile(r"(\s*)if \(!rst_ni\) (.*)")
ASSIGNMENT = re.compile(r"(\s*)([^<]+?)\s*<= (.*);$")
COMMENT = re.compile(r"\s*//.*")


class Site:
    """A reset assignment. Its name does not move with the lines above it."""

    def __init__(self, file, line, register, value):
        self.line, self.register, self.value = line, register, value
        self.name = f"{file.stem.removeprefix('reveille_')}.{register}"


def sites_in(file):
    """The reset assignments of a file, and its lines; an error where a branch has something else."""
    lines = file.read_text(encoding="utf-8").splitlines()
    sites, inside = [], False
    for number, line in enumerate(lines):
        code = COMMENT.sub("", line)
        begin = RESET.match(code)
        if begin and begin[2] == "begin":
            inside = True
            continue
        if inside and re.match(r"\s*end\b", code):
            inside = False
        statement = begin[2] if begin else code
        if not (begin or inside) or not statement.strip():
            continue
        match = ASSIGNMENT.match(statement)
        if not match:
            sys.exit(f"{file}:{number + 1}: expected `register <= value;` on a line, or the end of the reset: "
                     f"{line.strip()}")
        sites.append(Site(file, number, match[2].strip(), match[3]))
    return sites, lines


def names_in(files):
    """Of all mutants: that of number n is at n - 1."""
    names = [site.name for file in sorted(files) for site in sites_in(file)[0]]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        sys.exit(f"reset twice in one file: {', '.join(sorted(repeated))}")
    return names


def inverted(value):
    if value.startswith("'{"):
        return re.sub(r": ([^,}]+)", r": ~(\1)", value)
    return f"~({value})"


def write(out, files):
    """The files with all mutants in them, and the package that asks which of them is chosen."""
    names = names_in(files)
    out.mkdir(parents=True, exist_ok=True)
    for file in files:
        found, lines = sites_in(file)
        for site in found:
            chosen = f"reveille_mutant_pkg::reveille_mutant({names.index(site.name) + 1})"
            mutated = (f"{site.register} <= {site.value}; "
                       f"if ({chosen}) {site.register} <= {inverted(site.value)};")
            lines[site.line] = f"if (!rst_ni) begin {mutated} end" if RESET.match(lines[site.line]) else mutated
        (out / file.name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (out / "reveille_mutant_pkg.sv").write_text(
        "package reveille_mutant_pkg;\n"
        "  import \"DPI-C\" function bit reveille_mutant(input int number);\n"
        "endpackage\n")


def names(generated):
    files = [*rtl_files.ROOT.glob("rtl/**/*.sv"), *generated.resolve().glob("rtl/*.sv")]
    files = [file for file in files if file.parent.name != "entropy"]  # no part of the core that is in lockstep
    return names_in([file for file in files if "if (!rst_ni)" in file.read_text(encoding="utf-8")])


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("reset_mutants: expected a folder to write to, and files")
    write(pathlib.Path(sys.argv[1]), [pathlib.Path(file) for file in sys.argv[2:]])
