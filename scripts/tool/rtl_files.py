# SPDX-License-Identifier: Apache-2.0
"""Prints the files that modules are made of, in order of compilation.

usage: rtl_files.py GENERATED [TOP...] [--generate] [--config CONFIGURATION] [--file FILE]...

A file is named after its one module or package and comes after every file whose name stands in it, so packages come
first and a file that nobody names is not read. GENERATED/rtl holds what is generated from docs/verdicts.json,
rtl/host/reveille_registers.rdl and a configuration of rtl/configs; --generate writes it first. --file adds a file, or
puts it in the place of the one of the same name. Without TOP: all files.
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def generate(out, configuration):
    """Writes the generated RTL, C++ headers and docs to `out`; status 2 where there is no such configuration."""
    scripts = ROOT / "scripts/generate"
    verdicts = ROOT / "docs/verdicts.json"
    if subprocess.run([sys.executable, scripts / "configuration.py", configuration, out], check=False).returncode:
        sys.exit(2)
    subprocess.run([sys.executable, scripts / "verdicts.py", verdicts, out], check=True)
    registers = ROOT / "rtl/host/reveille_registers.rdl"
    if registers.exists():
        subprocess.run([scripts / "registers", registers, verdicts, configuration, out], check=True,
                       stdout=subprocess.DEVNULL)


def rtl_files(generated, tops=(), extra=()):
    """The files of the modules `tops`, or all files, as paths."""
    rtl = ROOT / "rtl"
    found = [*sorted((generated / "rtl").glob("*.sv")), *sorted(rtl.glob("*.sv")), *sorted(rtl.glob("*/*.sv"))]
    files = {path.stem: path for path in [*found, *extra]}
    for top in tops:
        if top not in files:
            sys.exit(f"no file {top}.sv in rtl/")

    ordered = {}

    def visit(name):
        if name in ordered:
            return
        ordered[name] = None  # held, so that a file that names itself ends here
        for word in dict.fromkeys(re.findall(r"\w+", COMMENT.sub(" ", files[name].read_text(encoding="utf-8")))):
            if word in files:
                visit(word)
        del ordered[name]
        ordered[name] = files[name]

    for name in tops or files:
        visit(name)
    return list(ordered.values())


def read_slang(files, top, options="--ignore-assertions"):
    """Yosys' command that reads these files. The longest loop of the RTL has 16,384 turns, of a memory's reset."""
    return f"read_slang {options} --unroll-limit 20000 -I {ROOT}/rtl/prim --top {top} {' '.join(map(str, files))}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("generated", type=pathlib.Path)
    parser.add_argument("--generate", action="store_true")
    parser.add_argument("--config", default="line")
    parser.add_argument("--file", type=pathlib.Path, action="append", default=[])
    parser.add_argument("top", nargs="*")
    arguments = parser.parse_args()
    if arguments.generate:
        generate(arguments.generated, arguments.config)
    print("\n".join(str(path) for path in rtl_files(arguments.generated, arguments.top, arguments.file)))


if __name__ == "__main__":
    main()
