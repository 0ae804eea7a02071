# SPDX-License-Identifier: Apache-2.0
"""The core in other people's tools: FuseSoC, Bender, and cocotb with docs/examples/cocotb.

usage: flows_test.py fusesoc|bender|cocotb RELEASE FOLDER

RELEASE is what release_test.py unpacked. Exit 77, which ctest shows as skipped, where the tool is not there.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import scratch

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORE = "reveille:core:reveille"
SKIPPED = 77


def run(*command, cwd, path=None):
    environment = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}"} if path else None
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, cwd=cwd,
                          env=environment)


def check(condition, message):
    if not condition:
        sys.exit(f"flows_test: {message}")


def find(tool):
    """The tool of .venv, or the one on PATH."""
    own = ROOT / ".venv/bin" / tool
    found = str(own) if own.is_file() else shutil.which(tool)
    if not found:
        print(f"skipped: no {tool}")
        sys.exit(SKIPPED)
    return found


def synthesis_reads(folder):
    """Elaborates what Edalize would have Yosys synthesize. The Yosys of .venv has no Tcl, in which Edalize writes its
    script, so the reading commands are taken out of it."""
    (script,) = folder.rglob("edalize_yosys_procs.tcl")
    text = script.read_text(encoding="utf-8")
    reads = [re.sub(r"[{}]", "", line) for line in re.findall(r"^read_verilog.*$", text, re.MULTILINE)]
    check(reads and "synth_ecp5" in text, f"{script}: reads or synthesizes nothing: {text}")
    result = run(ROOT / "scripts/tool/yosys", "-q", "-p", ";".join([*reads, "hierarchy -check -top reveille"]),
                 cwd=script.parent)
    check(result.returncode == 0, f"Yosys: {result.stdout[-2000:]}{result.stderr[-2000:]}")


def fusesoc(release, folder):
    tool = find("fusesoc")
    path = folder / "bin"
    path.mkdir()
    # Ours is found by its place in the tree.
    (path / "verilator").write_text(f'#!/bin/sh\nexec "{ROOT}/scripts/tool/verilator" "$@"\n', encoding="utf-8")
    (path / "verilator").chmod(0o755)

    def target(name, root, *options, says=""):
        work = folder / f"{root.name}-{name}"
        work.mkdir()
        result = run(tool, "--cores-root", root, "run", *options, "--target", name, CORE, cwd=work, path=path)
        output = result.stdout + result.stderr
        check(result.returncode == 0 and says in output and "%Warning" not in output,
              f"{root}: {name}: {output[-3000:]}")
        return work

    target("lint", release / "gigabit")
    target("sim", release / "gigabit", says="PASS")
    synthesis_reads(target("synth", release / "gigabit", "--setup"))
    # The tree's own, whose files come from its generator.
    target("lint", ROOT / "rtl")
    versions = [re.search(rf"{CORE}:(\S+)", path.read_text(encoding="utf-8"))[1]
                for path in (ROOT / "rtl/reveille.core", release / "gigabit/reveille.core")]
    check(versions[0] == versions[1], f"rtl/reveille.core is of version {versions[0]}, the release of {versions[1]}")


def bender(release, folder):
    tool = find("bender")
    shutil.copytree(release / "gigabit", folder / "gigabit")
    result = run(tool, "script", "flist", cwd=folder / "gigabit")
    check(result.returncode == 0, result.stderr)
    listed = [
        pathlib.Path(line).relative_to(folder / "gigabit").as_posix() for line in result.stdout.splitlines()
        if line.endswith(".sv")
    ]
    expected = [
        line for line in (release / "gigabit/reveille.f").read_text(encoding="utf-8").splitlines()
        if line.endswith(".sv")
    ]
    check(listed == expected, f"Bender lists {listed}, reveille.f {expected}")


def cocotb(release, folder):
    path = pathlib.Path(find("cocotb-config")).parent
    if not run(path / "python", "-m", "find_libpython", cwd=folder).stdout.strip():
        print("skipped: cocotb is there, and no libpython for it to run in the simulator")
        sys.exit(SKIPPED)
    result = run(path / "python", ROOT / "docs/examples/cocotb/frame_test.py", release / "gigabit/reveille.v", folder,
                 cwd=folder, path=path)
    output = result.stdout + result.stderr
    check(result.returncode == 0, output[-3000:])
    for verdict in ("bypass", "not_woken", "client_initiated", "bad_checksum"):
        check(re.search(rf": {verdict}$", output, re.MULTILINE), f"no frame was judged {verdict}: {output[-3000:]}")


def main():
    tool, release, folder = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), scratch.fresh(sys.argv[3])
    {"fusesoc": fusesoc, "bender": bender, "cocotb": cocotb}[tool](release, folder)
    print(f"flows_test: {tool} takes the release")


if __name__ == "__main__":
    main()
