# SPDX-License-Identifier: Apache-2.0
"""docs/examples/litex: the core as a LiteX module in a SoC, elaborated and simulated.

usage: litex_test.py RELEASE FOLDER

LiteX is that of scripts/requirements-litex.txt, in build/litex. RELEASE is what release_test.py unpacked. Exit 77,
which ctest shows as skipped, where there is no libpython.
"""

import os
import pathlib
import subprocess
import sys

import scratch

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts/tool"))
import litex_python  # noqa: E402

EXAMPLE = ROOT / "docs/examples/litex"
TOOL = ROOT / "scripts/tool"
SKIPPED = 77


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def check(result):
    if result.returncode:
        sys.exit(f"litex_test: {' '.join(result.args)}:\n{(result.stderr + result.stdout)[-3000:]}")


def main():
    release, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    python = litex_python.path(None)
    own = ROOT / ".venv/bin/python"
    if run(own, "-c", "import cocotb").returncode or not run(own, "-m", "find_libpython").stdout.strip():
        skip("no cocotb in .venv, or no libpython for it to run in the simulator")
    folder = scratch.fresh(folder)
    check(run(python, "-B", EXAMPLE / "soc.py", folder))
    verilator = pathlib.Path(run(TOOL / "verilator", "--chosen").stdout.strip())
    environment = {
        **os.environ,
        "PATH": f"{verilator.parent}:{own.parent}:{os.environ['PATH']}",
        "VERILATOR_ROOT": str(verilator.parents[1]),
        "MAKEFLAGS": "PYTHON3=python3 CFG_CXXFLAGS_PCH_I=-include CFG_CXXFLAGS_COROUTINES=-fcoroutines "
                     "CFG_LDLIBS_THREADS=-pthread",
    }
    check(run(own, "-B", EXAMPLE / "soc_test.py", folder, release / "gigabit/reveille.v", env=environment, cwd=folder))
    print("litex_test: frames pass each way, what the MAC marks bad is dropped, registers answer")


if __name__ == "__main__":
    main()
