# SPDX-License-Identifier: Apache-2.0
"""Prints the sign-off table, and writes a page on which each requirement leads to its evidence and each figure to its
command.

usage: sign_off.py PROOFS TESTS PAGE

PROOFS is what prove.py --results wrote, TESTS what ctest --output-junit wrote. Status 1 where a test fails, or a proof
or a bug planted in it is not as it should be. Rows of the table are docs/verification/sign-off.yaml, requirements and
their evidence docs/verification/plan.yaml; the page is verification.html.jinja, beside this file.
"""
import argparse
import csv
import datetime
import json
import pathlib
import re
import subprocess
import xml.etree.ElementTree

import jinja2
import yaml

import plan

ROOT = pathlib.Path(__file__).resolve().parents[2]
MUTANTS = ["netlist_mutants", "reset_mutants", "model_mutants"]
JUDGED = ["tests_passed", "proofs_good", "bugs_seen"]


def command(file):
    """What runs a file of evidence, from the root of the tree."""
    path = pathlib.PurePath(file)
    if path.name.endswith("_test.cpp"):
        folder = path.parent.relative_to("tb").as_posix()
        if folder.startswith("model/") or folder == "sim":
            return f"ctest --preset release -R '^{folder.replace('/', '_')}$'"
        return f"ctest --preset release -R '^{folder}_{path.name.removesuffix('_test.cpp')}$'"
    if path.name.endswith("_proof.sv"):
        return f"scripts/verify {path.relative_to('tb/formal').as_posix().removesuffix('_proof.sv')}"
    if path.parts[:2] == ("tb", "formal"):
        return "scripts/verify"
    if path.suffix == ".sv":
        return "alive in every test of the block and of the core"
    return None


def requirements(places, entries):
    """Each requirement with its place, its evidence, who else judges, and what is open."""
    for name, place in places.items():
        entry = entries[name][1]
        page, _, line = place.partition(":")
        yield {
            "name": name, "page": page, "line": line, "judge": entry.get("judge", []), "open": entry.get("open", []),
            "evidence": [{"file": file, "names": names, "command": command(file)}
                         for file, names in entry.items() if file not in ("judge", "open")],
        }


def ended(test):
    """How a test of ctest ended; one whose program is missing has not run, and was not skipped."""
    skipped = test.find("skipped")
    chosen = skipped is not None and skipped.get("message", "").startswith("SKIP_")
    return "skipped" if chosen else test.get("status")


def recorded(name):
    """What is on record of mutants: how many were killed, of how many, and which that was; nothing without a record."""
    file = ROOT / f"docs/verification/{name}.csv"
    if not file.exists():
        return None
    last = list(csv.DictReader(file.open(encoding="utf-8")))[-1]
    judged = int(last["run"]) - int(last["equivalent"])
    return int(last["killed"]), judged, f"{last['run']} of {last['mutants']} run, revision {last['revision']}"


def figures(shown, proofs, tests):
    """What rows of the table may name: a figure, and of how many."""
    ends = [ended(test) for test in tests.iter("testcase")]
    planted = [proof for proof in proofs if proof["bugs_seen"] is not None]
    return {
        "requirements_shown": (sum(bool(item["evidence"]) for item in shown), len(shown)),
        "requirements_open": (sum(bool(item["open"]) for item in shown), None),
        "proofs_good": (sum(proof["good"] for proof in proofs), len(proofs)),
        "properties": (sum(proof["properties"] for proof in proofs), None),
        "tests_passed": (ends.count("run"), len(ends) - ends.count("skipped")),
        "tests_skipped": (ends.count("skipped"), None),
        "covers": (sum(proof["covers"] for proof in proofs), None),
        "bugs_seen": (sum(proof["bugs_seen"] for proof in planted), sum(proof["bugs"] for proof in planted))
                     if planted else None,
        **{name: recorded(name) for name in MUTANTS},
    }


def fill(row, known):
    """A row with its figure in words, and whether that is what it has to be."""
    whole = {"target": "", "command": "", "open": "", "good": True, **row}
    if "recorded" in row:
        return {**whole, "said": f"{row['recorded']} (recorded at revision {row['revision']})"}
    if whole["open"]:
        return {**whole, "said": whole["open"]}
    if known[row["figure"]] is None:
        return {**whole, "said": "nothing on record" if row["figure"] in MUTANTS else "not planted in this run"}
    figure, most, *of = known[row["figure"]]
    said = str(figure) if most is None else f"{figure} of {most}"
    if of:
        said += f" ({100 * figure / max(most, 1):.1f} %); {of[0]}"
    share = re.fullmatch(r"(\d+) %", whole["target"])
    wanted = most if whole["target"] == "all" else int(share[1]) * most / 100 if share else 0
    return {**whole, "said": said, "good": figure >= wanted}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("proofs", type=pathlib.Path)
    parser.add_argument("tests", type=pathlib.Path)
    parser.add_argument("page", type=pathlib.Path)
    arguments = parser.parse_args()
    places, entries, faults = plan.check(ROOT)
    if faults:
        raise SystemExit("\n".join(faults))
    proofs = json.loads(arguments.proofs.read_text(encoding="utf-8"))
    shown = list(requirements(places, entries))
    rows = yaml.safe_load((ROOT / "docs/verification/sign-off.yaml").read_text(encoding="utf-8"))
    known = figures(shown, proofs, xml.etree.ElementTree.parse(arguments.tests))
    table = [fill(row, known) for row in rows]
    for row in table:
        print(f"{row['what']:<48} {row['said']}" + (f"   (target: {row['target']})" if row["target"] else ""))

    describe = ["git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=12"]
    revision = subprocess.run(describe, capture_output=True, text=True, check=False).stdout.strip()
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(pathlib.Path(__file__).parent), autoescape=True,
                                     trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    page = environment.get_template("verification.html.jinja").render(
        revision=revision or "unknown", date=datetime.date.today().isoformat(), table=table, proofs=proofs,
        requirements=shown)
    arguments.page.parent.mkdir(parents=True, exist_ok=True)
    arguments.page.write_text(page, encoding="utf-8")
    print(f"\nWritten: {arguments.page}")
    missed = [row["what"] for row in table if not row["good"] and row["figure"] in JUDGED]
    if missed:
        raise SystemExit(f"not all: {'; '.join(missed)}")


if __name__ == "__main__":
    main()
