# SPDX-License-Identifier: Apache-2.0
"""Holds docs/verification/plan.yaml against docs and the tree: every requirement has evidence, and all evidence exists.

usage: plan.py [--report] [--root FOLDER]

Status 1, and a line for each fault; --report prints a page of what is proved, tested, judged by whom, and open.

Requirements are where docs put them. In the pages of IDENTIFIED:
  * a capital letter and a number, bold at the beginning of a line or list item (**L1 Runts.**), or at the beginning of
    a table row's first cell (| T1 | ...);
  * a number at the beginning of a table row's first cell: with the heading of that column it is "verdict 13".
Every other page of docs is one requirement, named by its path.

An entry of the plan names files, with the names in them or `all`:
  * tb/..._test.cpp      titles of test cases; one that ends with * stands for all that begin so
  * rtl/....sv           names of assertions and covers
  * tb/formal/....sv     names of properties that are proved (of proofs and of rules that they hold)
  * CMakeLists.txt, *.cmake   names of tests of ctest
  * any other file       `all`
Beside them `judge` says who else judges, and `open` what is missing.
"""
import argparse
import collections
import pathlib
import re
import sys

import yaml

PLAN = "docs/verification/plan.yaml"
IDENTIFIED = ["architecture.md", "protocol.md", "timing.md", "timing/*.md", "verification/claims.md"]
NAME = re.compile(r"(?:\d+\. |\* )?\*\*([A-Z]\d+)\b|\| ([A-Z]\d+)\b")
NUMBER = re.compile(r"\| (\d+)\b")
HEADING = re.compile(r"\| (\w+) \|")
TITLE = re.compile(r'TEST_CASE(?:_METHOD)?\s*\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"')
ASSERTION = re.compile(r"`REVEILLE_(?:ASSERT(?:_[A-Z]+)?|COVER)\((\w+),")
PROPERTY = re.compile(r"^\s*(\w+)\s*:\s*(?:assert|cover)\b", re.MULTILINE)
CTEST = re.compile(r"add_test\(NAME (\w+)")


def requirements(root):
    """Each requirement's place, in the order of docs; and a line for each that stands twice."""
    places, faults = {}, []
    for page in sorted((root / "docs").rglob("*.md")):
        name = page.relative_to(root).as_posix()
        found = [(name, name)]
        if any(page.match(f"docs/{pattern}") for pattern in IDENTIFIED):
            found, heading = [], None
            for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
                match = NAME.match(line)
                if match:
                    found.append((match[1] or match[2], f"{name}:{number}"))
                if not line.startswith("|"):
                    heading = None
                elif heading is None:
                    heading = HEADING.match(line) or False
                elif heading and NUMBER.match(line):
                    found.append((f"{heading[1]} {NUMBER.match(line)[1]}", f"{name}:{number}"))
        for requirement, place in found:
            if requirement in places:
                faults.append(f"{place}: {requirement} stands in {places[requirement]} too: rename one of them")
            places.setdefault(requirement, place)
    return places, faults


def names_in(path):
    """What the names in a file of evidence may be, by its kind; None where only the whole file counts."""
    text = path.read_text(encoding="utf-8")
    if path.name.endswith("_test.cpp"):
        return "test", ["".join(PIECE.findall(title)).replace('\\"', '"') for title in TITLE.findall(text)]
    if "formal" in path.parts and path.suffix == ".sv":
        return "property", PROPERTY.findall(text)
    if path.suffix == ".sv":
        return "assertion", ASSERTION.findall(text)
    if path.name == "CMakeLists.txt" or path.suffix == ".cmake":
        return "test", CTEST.findall(text)
    return None, []


def evidence_faults(root, file, names):
    """A line for each name that a file of evidence does not have."""
    path = root / file
    if not path.is_file():
        return [f"{file}: no such file"]
    kind, known = names_in(path)
    if kind is None or "all" in names:
        good = names == ["all"] and (kind is None or known)
        return [] if good else [f"{file}: expected `all` alone, of a file with evidence"]
    found = lambda name: any(title.startswith(name[:-1]) if name[-1] == "*" else title == name for title in known)
    return [f'{file} has no {kind} "{name}"' for name in names if not found(name)]


def files_of_evidence(root):
    """Every file that is to serve some requirement."""
    patterns = ["*_test.cpp", "*_test.py", "*.sh", "*_proof.sv", "*_rules.sv"]
    found = [path for pattern in patterns for path in (root / "tb").rglob(pattern)]
    found += [path for path in (root / "rtl").rglob("*.sv") if names_in(path)[1]]
    return sorted({path.relative_to(root).as_posix() for path in found})


def scalars(node):
    """The words of a YAML node that is one word or a list of them, else None."""
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    good = nodes and all(isinstance(item, yaml.ScalarNode) for item in nodes)
    return [item.value for item in nodes] if good else None


def read_plan(root):
    """Each entry as (line, {key: words}), and a line for each fault of form."""
    entries, faults = {}, []
    try:
        tree = yaml.compose((root / PLAN).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        return {}, [f"{PLAN}: {' '.join(str(error).split())}"]
    if not isinstance(tree, yaml.MappingNode):
        return {}, [f"{PLAN}: expected a requirement a line"]
    for key, value in tree.value:
        place = f"{PLAN}:{key.start_mark.line + 1}: {key.value}"
        if key.value in entries:
            faults.append(f"{place}: stands twice")
        entry = {}
        for name, words in value.value if isinstance(value, yaml.MappingNode) else []:
            if scalars(words) is None or name.value in entry or not all(scalars(words)):
                faults.append(f"{place}: {name.value}: expected once, with a word or a list of them")
            else:
                entry[name.value] = scalars(words)
        entries[key.value] = (place, entry)
    return entries, faults


def check(root):
    """Places of the requirements, entries of the plan, and a line for each fault."""
    places, faults = requirements(root)
    entries, more = read_plan(root)
    faults += more
    served = set()
    for requirement, place in places.items():
        if requirement not in entries:
            what = "add the tests, assertions or proofs that show it, or `open: why`"
            faults.append(f"{place}: {requirement} is not in {PLAN}: {what}")
    for requirement, (place, entry) in entries.items():
        if requirement not in places:
            faults.append(f"{place}: no page of docs has it: take the entry out, or mend its name")
        files = {key: names for key, names in entry.items() if key not in ("judge", "open")}
        served |= files.keys()
        if not files and "open" not in entry:
            faults.append(f"{place}: no evidence: name tests, assertions or proofs, or say `open: why`")
        for file, names in files.items():
            faults += [f"{place}: {fault}" for fault in evidence_faults(root, file, names)]
    for file in files_of_evidence(root):
        if file not in served:
            faults.append(f"{file}: serves no requirement: name it in {PLAN} under what it shows")
    return places, entries, faults


def kinds(entry):
    """How a requirement is shown."""
    own = {"judge": "judge", "open": "open", "rtl": "asserted"}
    return {"proved" if key.startswith("tb/formal/") else own.get(key.split("/")[0], "tested") for key in entry}


def report(places, entries):
    """The page."""
    columns = ["proved", "tested", "asserted", "judge", "open"]
    print(f"{'requirements of':<34}{'':>5} {'proved':>8} {'tested':>8} {'asserted':>8} {'judged':>8} {'open':>8}")
    rows = collections.defaultdict(collections.Counter)
    judges, open_ones = collections.defaultdict(list), collections.defaultdict(list)
    for requirement, place in places.items():
        entry = entries[requirement][1]
        for page in (place.split(":")[0] if ":" in place else "pages as a whole", "all"):
            rows[page].update(["all", *kinds(entry)])
        for key, groups in (("judge", judges), ("open", open_ones)):
            groups[", ".join(entry.get(key, []))].append(requirement)
    for page, row in [*((page, row) for page, row in rows.items() if page != "all"), ("all", rows["all"])]:
        print(f"{page:<34}{row['all']:>5} " + " ".join(f"{row[column]:>8}" for column in columns))
    for title, groups in (("Judged by others too", judges), ("Open", open_ones)):
        print(f"\n{title}")
        for text, names in groups.items():
            if text:
                print(f"  {', '.join(names)}: {text}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    arguments = parser.parse_args()
    places, entries, faults = check(arguments.root)
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults and arguments.report:
        report(places, entries)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
