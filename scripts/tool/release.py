# SPDX-License-Identifier: Apache-2.0
"""Writes a release of the core: a folder and its archive, whole or not at all.

usage: release.py DIR CONFIGURATION...
"""

import gzip
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile

import core_files
import package_lists

ROOT = core_files.ROOT
sys.path.append(str(ROOT / "scripts/generate"))
import configuration as configurations  # noqa: E402  (a module of scripts/generate)

REGISTERS = ROOT / "rtl/host/reveille_registers.rdl"
README = """# Reveille {version}

The core, for those who put it into a design of their own; revision {revision}. Nothing in here needs a build of the
source tree.

{configurations}

In the folder of each:

{files}

`docs/integration.html` says how to connect and to program it, `docs/index.html` is the front of all pages.
`sha256sum --check SHA256SUMS` verifies all files.
"""
FILES = {
    "`reveille.v`": "the whole core as plain Verilog-2001, memories as memories; ports have the attributes by which "
                    "Vivado's packager finds interfaces, clock and reset",
    "`reveille.f`, `rtl/`": "the SystemVerilog, and its files in order of compilation: "
                            "`verilator --lint-only --top-module reveille -F reveille.f`, "
                            "with `-Wall rtl/waivers.vlt` in front of `-F` for all warnings, or Yosys' "
                            "`read_slang --unroll-limit 20000 --top reveille -F reveille.f`",
    "`reveille.core`": "FuseSoC: targets `lint` (Verilator), `sim` (Icarus, `first_frame_tb.v`), `synth` (Yosys, ECP5)",
    "`Bender.yml`": "Bender",
    "`include/reveille.h`": "registers, commands, verdicts and events for drivers, C99 or C++",
    "`docs/registers.md`": "the same as a page",
    "`reveille.rdl`": "the register map as SystemRDL",
    "`reveille.svd`": "the register map as CMSIS-SVD 1.3, for debuggers and generators of drivers; mapped at 0",
    "`reveille.xml`": "IP-XACT (IEEE 1685-2014): the register map, the AXI interfaces and the ports of `reveille.v`",
}


def git(*arguments):
    """What git says of the tree, or nothing where that is no clone of its own."""
    try:
        result = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def is_clone():
    top = git("rev-parse", "--show-toplevel")
    return bool(top) and pathlib.Path(top).samefile(ROOT)


def revision():
    """As sim/revision.cmake has it."""
    return is_clone() and git("describe", "--always", "--dirty=-modified", "--abbrev=12", "--match", "") or "unknown"


def commit_time():
    """Every file's time in the archive, so that one revision makes one archive."""
    return int(is_clone() and git("log", "-1", "--format=%ct") or 0)


def run(*command):
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(commit_time())}
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, cwd=ROOT,
                            env=environment)
    if result.returncode:
        said = " ".join(str(word) for word in command)
        sys.exit(f"release: {said}: status {result.returncode}\n{result.stderr.strip()}")


def register_maps(out, configuration):
    """SystemRDL without parameters, IP-XACT with the interfaces of the emitted Verilog, and CMSIS-SVD."""
    peakrdl = ROOT / ".venv/bin/peakrdl"
    parameters = [f"-P{name}={value}" for name, value in configurations.registers(configuration).items()]
    rdl = out / "reveille.rdl"
    run(peakrdl, "systemrdl", REGISTERS, *parameters, "-o", rdl)
    # What the export leaves out: the declarations of properties of our own.
    declared = [line for line in REGISTERS.read_text(encoding="utf-8").splitlines() if line.startswith("property ")]
    head = "// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1\n" + "".join(f"{line}\n" for line in declared)
    rdl.write_text(head + rdl.read_text(encoding="utf-8"), encoding="utf-8")
    run(sys.executable, ROOT / "scripts/tool/ip_xact.py", configuration, out / "reveille.v", out / "reveille.xml")
    run(sys.executable, ROOT / "scripts/tool/svd.py", configuration, out / "reveille.svd")


def one_configuration(out, configuration):
    files = core_files.write(out, configuration)
    run(ROOT / "scripts/emit-verilog", "--config", configuration, out / "reveille.v")
    register_maps(out, configuration)
    shutil.copyfile(ROOT / "docs/examples/first_frame_tb.v", out / "first_frame_tb.v")
    package_lists.write(out, files, core_files.version())


def table(head, rows):
    """In Markdown, of two columns."""
    return "\n".join([f"| {head} |", "| --- | --- |", *(f"| {name} | {text} |" for name, text in rows)])


def documents(out, described):
    for name in ("LICENSE", "LICENSING.md", "CHANGELOG.md", "SECURITY.md"):
        shutil.copyfile(ROOT / name, out / name)
    run(sys.executable, ROOT / "scripts/tool/site.py", out / "docs")
    version = core_files.version()
    (out / "VERSION").write_text(f"version {version}\nrevision {revision()}\n", encoding="utf-8")
    configurations_table = table("configuration | for", [(f"`{name}`", text) for name, text in described])
    readme = README.format(version=version, revision=revision(), configurations=configurations_table,
                           files=table("file | what", FILES.items()))
    (out / "README.md").write_text(readme, encoding="utf-8")


def checksums(out):
    """SHA256SUMS, as sha256sum reads it."""
    paths = sorted(path for path in out.rglob("*") if path.is_file())
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(out).as_posix()}\n" for path in paths]
    (out / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def archive(folder, out):
    """A tar.gz of the folder that depends on its octets alone."""
    def plain(member):
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = commit_time()
        member.mode = 0o755 if member.isdir() else 0o644
        return member

    with open(out, "wb") as raw, gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            tar.add(folder, folder.name, recursive=False, filter=plain)
            for path in sorted(folder.rglob("*")):
                tar.add(path, path.relative_to(folder.parent).as_posix(), recursive=False, filter=plain)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the temporary folder goes
    destination, names = pathlib.Path(sys.argv[1]), list(dict.fromkeys(sys.argv[2:]))
    found = [configurations.load(configurations.find(name)) for name in names]
    name = f"reveille-{core_files.version()}"
    for path in (destination / name, destination / f"{name}.tar.gz"):
        if path.exists():
            sys.stderr.write(f"scripts/release: {path}: is there already; move it away, or choose another --out\n")
            sys.exit(2)
    try:
        destination.mkdir(parents=True, exist_ok=True)
        work = tempfile.TemporaryDirectory(dir=destination, prefix=".release-")
    except OSError as error:
        sys.stderr.write(f"scripts/release: --out {destination}: {error.strerror}\n")
        sys.exit(2)
    with work:
        folder = pathlib.Path(work.name) / name
        folder.mkdir()
        for given, config in zip(names, found):
            one_configuration(folder / config["name"], given)
            print(f"release: configuration {config['name']}: written", flush=True)
        documents(folder, [(config["name"], config["description"]) for config in found])
        checksums(folder)
        archive(folder, folder.parent / f"{name}.tar.gz")
        os.rename(folder, destination / name)
        os.rename(folder.parent / f"{name}.tar.gz", destination / f"{name}.tar.gz")
    print(f"release: {destination / name} and {name}.tar.gz: {len(found)} configurations, revision {revision()}")


if __name__ == "__main__":
    main()
