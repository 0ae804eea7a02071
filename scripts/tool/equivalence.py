# SPDX-License-Identifier: Apache-2.0
"""Proves that modules of the emitted plain Verilog are what they are in the RTL.

usage: equivalence.py EMITTED GENERATED OUT [--config CONFIGURATION] [--seconds N] [--results FILE] [MODULE...]

EMITTED is what scripts/emit-verilog wrote of the whole core; OUT/ is for what Yosys reads and says. Each module of the
core is held against that of its name: a register, a memory or a module that has the same name in both is taken to do
the same in both, and all that goes into it, and out of the module, is shown to be equal (equiv_make, equiv_simple,
equiv_induct). With all modules of a hierarchy, that is the whole. Where the registers of both are not the same, as when
the emitted Verilog has fewer bits of one, abc (scorr, dprove) has to show that the two do the same from the state on in
which all registers and memories are 0. Prints a line for each MODULE (all), over its instances: proved, how many of
them by abc, or not proved in N seconds. Status 1 unless all are. Before them each of DIFFERENCES is put into the
emitted module, and must not be proved.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import sysconfig
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
YOSYS = ROOT / "scripts/tool/yosys"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import rtl_files  # noqa: E402

MODULE = re.compile(r"(?:^attribute [^\n]*\n)*^module (\S+)\n.*?^end\n", re.MULTILINE | re.DOTALL)
PORT = re.compile(r"^  wire .*?(?:input|output) \d+ (\S+)$", re.MULTILINE)
SUCCESS = "Equivalence successfully proven!"
UNPROVED = re.compile(r"^  Unproven \$equiv \S+: (\S+?)_gold ", re.MULTILINE)


COUNTERS = "\\reveille_counters$reveille.u_host.u_counters"
LUTRAM = "\\reveille_lutram$reveille.u_host.u_counters.u_low"
ETHERNET = "\\reveille_ethernet_parser$reveille.u_frame_parser.u_ethernet"
DUAL_READ_RAM = "\\reveille_dual_read_ram$reveille.u_client_hash.gen_memories[0].u_memory"
STORE_LANE = "\\reveille_store_lane$reveille.u_session_guard.u_store.gen_lane[0].u_lane"
DIFFERENCES = [  # of a memory's port, of an instance's, of the logic: module, what it says, what it says then
    (LUTRAM, "connect \\RD_ADDR \\raddr_i", "connect \\RD_ADDR { \\raddr_i [4:1] 1'0 }"),
    (LUTRAM, "connect \\WR_DATA \\wdata_i", "connect \\WR_DATA { \\wdata_i [11:1] 1'0 }"),
    (LUTRAM, "connect \\WR_ADDR \\waddr_i", "connect \\WR_ADDR \\raddr_i"),
    (LUTRAM, "connect \\A 12'000000000000", "connect \\A 12'000000000001"),
    (LUTRAM, "connect \\RD_DATA \\rdata_o", "connect \\RD_DATA { \\rdata_o [0] \\rdata_o [11:1] }"),
    (COUNTERS, "connect \\raddr_i \\address_q", "connect \\raddr_i \\sweep_q"),
    (COUNTERS, "connect \\we_i \\count_q", "connect \\we_i 1'1"),
    (COUNTERS, "connect \\rdata_o { \\top_read \\middle_read }", "connect \\rdata_o { \\middle_read \\top_read }"),
    (COUNTERS, "connect \\S \\cleared_q", "connect \\S \\count_q"),
    (STORE_LANE, " \\state_i [14:9] }", " \\state_i [13:9] \\state_i [14] }"),
    (ETHERNET, "connect \\B 16'1000011011011101", "connect \\B 16'1000011011011100"),
    (DUAL_READ_RAM, "connect \\WR_ADDR \\a_addr_i", "connect \\WR_ADDR \\b_addr_i"),
    (DUAL_READ_RAM, "connect \\B 18'111111111111111111", "connect \\B 18'011111111111111111"),
]


# Enables are turned into data, so that a register has the same ports in both. Address and data of a write are x while
# there is none, where `if` has been made a multiplexer: what is written then is what else would be.
FLAT = ["proc", "opt_dff -nodffe -nosdff", "opt_clean", "memory_collect", "dffunmap",
        "select -set writes t:$mem_v2 %ci8 t:$mux %i", "opt_expr -mux_undef @writes", "opt_clean"]


def yosys(script, out, name, seconds=None):
    """Whether the commands, run in a process of their own, came to their end in time."""
    path = out / f"{name}.ys"
    path.write_text("\n".join(script) + "\n", encoding="utf-8")
    try:
        return subprocess.run([YOSYS, "-ql", out / f"{name}.log", "-s", path], check=False, timeout=seconds,
                              stderr=subprocess.DEVNULL).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def modules(path):
    """By name, each module of an RTLIL file as text."""
    return {found[1]: found[0] for found in MODULE.finditer(path.read_text(encoding="utf-8"))}


def prepare(emitted, generated, out, config):
    """OUT/{rtl,emitted,ports}.il: the core of both, and its modules' ports alone."""
    rtl_files.generate(generated, config)
    read = rtl_files.read_slang(rtl_files.rtl_files(generated, ["reveille"]), "reveille",
                                "--keep-hierarchy --ignore-assertions")
    flat = ["hierarchy -check -top reveille", *FLAT]
    # As in scripts/emit-verilog
    parts = ["hierarchy -check -top reveille", "proc", f"script {ROOT}/scripts/tool/memory_parts.ys", "opt_expr",
             "opt_clean", "opt_mem"]
    good = yosys([read, *parts, *flat, f"write_rtlil {out}/rtl.il",
                  "blackbox *", f"write_rtlil {out}/ports.il", "design -reset", f"read_verilog {emitted}", *flat,
                  f"write_rtlil {out}/emitted.il"], out, "prepare")
    if not good:
        sys.exit(f"equivalence: Yosys fails; see {out}/prepare.log")


def prove(name, rtl, emitted, out, seconds, methods=("names", "zero")):
    """By which of the methods a module is proved, or none."""
    for side, text in (("gold", rtl), ("gate", emitted)):
        (out / f"{side}.il").write_text(text.replace(f"module {name}\n", f"module \\{side}\n", 1), encoding="utf-8")
    if "names" in methods and by_names(set(PORT.findall(rtl)), out, seconds):
        return "names"
    return "zero" if "zero" in methods and from_zero(out, seconds) else ""


def by_names(ports, out, seconds):
    """Whether what has the same name is the same; what of the inside alone differs is left out in a second round."""
    left_out = set()
    for _ in range(3):
        (out / "left_out").write_text("\n".join(sorted(left_out)) + "\n", encoding="utf-8")
        options = "-undef -ignore-unknown-cells"
        if not yosys([f"read_rtlil {out}/ports.il", f"read_rtlil {out}/gold.il", f"read_rtlil {out}/gate.il",
                      "rename -wire gold/t:$dff gold/t:$adff gate/t:$dff gate/t:$adff", "insbuf gold gate",
                      f"equiv_make -blacklist {out}/left_out gold gate both", "opt_clean both", "select both",
                      "async2sync", f"equiv_simple {options}", f"equiv_induct {options}", "equiv_status"],
                     out, "proof", seconds):
            return False
        said = (out / "proof.log").read_text(encoding="utf-8")
        if SUCCESS in said:
            return True
        unproved = set(UNPROVED.findall(said))
        if not unproved - ports - left_out:
            return False
        left_out |= unproved - ports
    return False


def from_zero(out, seconds):
    """Whether no input makes them differ from the state on in which all is 0. Modules inside become ports of both."""
    abc = pathlib.Path(sysconfig.get_path("platlib")) / "pyosys/yosys-abc"
    (out / "zero.aig").unlink(missing_ok=True)
    if not yosys([f"read_rtlil {out}/ports.il", f"read_rtlil {out}/gold.il", f"read_rtlil {out}/gate.il",
                  "memory_map gold gate", "async2sync", "setundef -zero gold gate",
                  "select -set inner gold/t:reveille* gate/t:reveille* %u", "expose -evert @inner",
                  "miter -equiv -flatten gold gate both", "hierarchy -top both", "flatten", "opt_clean", "techmap",
                  "opt", "dffunmap", "dfflegalize -cell $_DFF_P_ x", "simplemap", "setundef -zero",
                  "setundef -zero -init", "aigmap", "opt_clean", f"write_aiger -zinit {out}/zero.aig"],
                 out, "zero", seconds):
        return False
    commands = f"read_aiger {out}/zero.aig; strash; scorr; dprove; print_status"
    try:
        run = subprocess.run([abc, "-q", commands], check=False, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return re.search(r"^Status = 1 ", run.stdout, re.MULTILINE) is not None


def refuse_differences(rtl, emitted, out, seconds):
    """Ends the program where a difference is proved to be none, or is not there to be made."""
    for name, before, after in DIFFERENCES:
        if before not in emitted[name]:
            sys.exit(f"equivalence: {name} has no `{before}`; DIFFERENCES wants another")
        if prove(name, rtl[name], emitted[name].replace(before, after, 1), out, seconds):
            sys.exit(f"equivalence: {name} is proved with `{after}`, too, in place of `{before}`")
    print(f"{len(DIFFERENCES)} differences: none is proved to be none", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("emitted", type=pathlib.Path)
    parser.add_argument("generated", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--config", default="line")
    parser.add_argument("--seconds", type=int, default=120, help="for each instance")
    parser.add_argument("--results", type=pathlib.Path)
    parser.add_argument("module", nargs="*")
    arguments = parser.parse_intermixed_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    out = arguments.out.resolve()
    prepare(arguments.emitted.resolve(), arguments.generated.resolve(), out, arguments.config)
    rtl, emitted = modules(out / "rtl.il"), modules(out / "emitted.il")
    if set(rtl) != set(emitted):
        sys.exit(f"equivalence: in one of both only: {', '.join(sorted(set(rtl) ^ set(emitted)))}")
    instances = {}
    for name in rtl:
        instances.setdefault(name.lstrip("\\").split("$")[0], []).append(name)
    unknown = set(arguments.module) - set(instances)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: no such module; expected some of {' '.join(sorted(instances))}")
    if arguments.config == "line":
        refuse_differences(rtl, emitted, out, arguments.seconds)
    results = {}
    for block in arguments.module or sorted(instances):
        begin = time.monotonic()
        ways = {name: prove(name, rtl[name], emitted[name], out, arguments.seconds) for name in instances[block]}
        missed = [name for name, way in ways.items() if not way]
        count, zero = len(ways), list(ways.values()).count("zero")
        results[block] = {"instances": count, "proved": count - len(missed), "from_zero": zero}
        said = f"not proved in {arguments.seconds} s: {', '.join(missed)}" if missed else "proved"
        said += f", {zero} of them from zero on" if zero else ""
        print(f"{block:<32} {count:>3}  {said}  ({time.monotonic() - begin:.0f} s)", flush=True)
    if arguments.results:
        arguments.results.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 1 if any(result["proved"] != result["instances"] for result in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
