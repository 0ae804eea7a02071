# SPDX-License-Identifier: Apache-2.0
"""The SystemVerilog of a configuration as a folder that needs nothing else, with the lists of its files that other
tools read.

usage: core_files.py OUT CONFIGURATION

Written are OUT/rtl, with what is generated for the configuration, OUT/reveille.f in order of compilation, and what the
generation writes beside it: OUT/include/reveille.h and OUT/docs/registers.md.
"""

import pathlib
import re
import shutil
import sys
import tempfile

import rtl_files

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOPS = ("reveille", "reveille_timebase")
INCLUDED = "rtl/prim/reveille_assert.svh"
WAIVERS = "rtl/waivers.vlt"
HEADER = """// SPDX-License-Identifier: Apache-2.0
// The core in order of compilation; top module reveille. Paths are relative to this file: -F reveille.f reads it so.
// Verilator's -Wall wants rtl/waivers.vlt in front, which says what its warnings may be silent about, and why.
"""


def version():
    """The version in CMakeLists.txt."""
    return re.search(r"project\(reveille VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]


def write(out, configuration):
    """Writes the folder, and returns the paths of its SystemVerilog in order of compilation, relative to it."""
    with tempfile.TemporaryDirectory() as folder:
        generated = pathlib.Path(folder)
        rtl_files.generate(generated, configuration)
        paths = []
        sources = [(path, path.relative_to(ROOT if path.is_relative_to(ROOT) else generated))
                   for path in rtl_files.rtl_files(generated, TOPS)]
        sources += [(ROOT / name, pathlib.Path(name)) for name in (INCLUDED, WAIVERS)]
        for source, place in sources:
            (out / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, out / place)
            paths.append(place.as_posix())
        for name in ("include/reveille.h", "docs/registers.md"):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(generated / name, out / name)
    files = paths[:-2]
    lines = "\n".join(["+incdir+rtl/prim", *files])
    (out / "reveille.f").write_text(f"{HEADER}{lines}\n", encoding="utf-8")
    return files


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("core_files: expected a folder and a configuration")
    write(pathlib.Path(sys.argv[1]), sys.argv[2])
