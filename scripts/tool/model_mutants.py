# SPDX-License-Identifier: Apache-2.0
"""Mutants of the models, all in one set of sources, of which REVEILLE_MUTANT chooses one while a program runs.

usage: model_mutants.py mutate TREE                changes TREE/model in place and lists the mutants in TREE/mutants.csv
       model_mutants.py run TREE LENGTH NUMBER...  plays tests with each: "NUMBER killed|survived how"

Clang reads every .cpp of the models. Each place at which one of KINDS can be is a mutant that can be chosen; COUNT are,
of each file as its share of all places is, in an order that a fixed seed gives. Not changed: headers, and what the
compiler computes (constants, templates' arguments, array sizes).
"""
import csv
import json
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import sys

COUNT = 500
RELATIONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ARITHMETIC = {"+": "-", "-": "+", "*": "+", "/": "*", "%": "*", "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "&"}
KINDS = ("relation", "arithmetic", "operand left out", "condition", "constant", "statement left out")
HEADER = "tb/campaigns/model_mutant.hpp"
FLAGS = ("-I", "-isystem", "-D", "-std")
LITERAL = re.compile(r"(0[xX][\da-fA-F']+|[\d']+)[uUlL]*")
# The tests of a folder's own library, then those of all that is built on it (model/CMakeLists.txt); then what holds the
# models to the RTL and to each other.
ON_IT = {
    "core": ["sim"],
    "driver": ["model_nodes", "model_core", "sim"],
    "esp": ["model_nodes", "sim"],
    "kerberos": ["bed", "model_keymgmt", "model_esp", "model_snmp", "model_nodes", "sim"],
    "keymgmt": ["model_esp", "model_snmp", "model_nodes", "sim"],
    "net": ["model_policy", "model_esp", "model_driver", "model_nodes", "model_core", "sim"],
    "nodes": ["sim"],
    "policy": ["model_nodes", "model_core", "sim"],
    "snmp": ["model_nodes", "sim"],
}
TESTS = sorted({*(f"model_{folder}" for folder in ON_IT), *sum(ON_IT.values(), [])})
TO_RTL = ("core", "driver", "net", "policy")  # folders that the long ones see
LONG = ["system_resets", "system_replay_random", "system_lockstep", "system_lockstep_cases"]
SECONDS = 60  # of the processor, of one test; of those of LONG four times as many


class Place:
    """Where a mutant can be: offsets into a file, and how to write what stands there with both."""

    def __init__(self, kind, cursor, function, begin, end, write):
        self.kind, self.function, self.begin, self.end, self.write = kind, function, begin, end, write
        self.line, self.column = cursor.extent.start.line, cursor.extent.start.column


def flags_of(tree):
    """By file, what the compiler is told of it."""
    known = {}
    for entry in json.loads((tree / "build/release/compile_commands.json").read_text(encoding="utf-8")):
        words, flags = entry["command"].split(), []
        for at, word in enumerate(words):
            if word.startswith(FLAGS):
                flags += [word, words[at + 1]] if word in ("-isystem", "-I") else [word]
        known[pathlib.Path(entry["file"]).resolve()] = flags
    return known


def places_in(cindex, path, flags):
    """All of a file."""
    kinds, text = cindex.CursorKind, path.read_bytes()
    unit = cindex.Index.create().parse(str(path), args=["-xc++", *flags])
    errors = [problem for problem in unit.diagnostics if problem.severity >= cindex.Diagnostic.Error]
    if errors:
        sys.exit(f"{path}: clang: {errors[0]}")
    found = []

    def source(begin, end):
        return text[begin:end].decode()

    def span(cursor):
        return cursor.extent.start.offset, cursor.extent.end.offset

    def boolean_or_integer(cursor):
        return cursor.type.get_canonical().kind.name in (
            "BOOL", "CHAR_S", "CHAR_U", "SCHAR", "UCHAR", "SHORT", "USHORT", "INT", "UINT", "LONG", "ULONG",
            "LONGLONG", "ULONGLONG")

    def add(kind, cursor, function, write):
        begin, end = span(cursor)
        found.append(Place(kind, cursor, function, begin, end, write))

    def binary(cursor, function):
        left, right = list(cursor.get_children())
        (begin, left_end), (right_begin, end) = span(left), span(right)
        operator = re.sub(r"/\*.*?\*/|//.*", "", source(left_end, right_begin)).strip()
        a, b = source(begin, left_end), source(right_begin, end)
        if operator in ("&&", "||"):
            neutral = "{on} ||" if operator == "&&" else "!{on} &&"
            add("operand left out", left, function, f"({neutral} ({a}))")
            add("operand left out", right, function, f"({neutral} ({b}))")
        elif operator in RELATIONS and boolean_or_integer(left) and boolean_or_integer(right):
            add("relation", cursor, function, f"({{on}} ? ({a}) {RELATIONS[operator]} ({b}) : ({a}) {operator} ({b}))")
        elif operator in ARITHMETIC and boolean_or_integer(left) and boolean_or_integer(right):
            add("arithmetic", cursor, function,
                f"({{on}} ? ({a}) {ARITHMETIC[operator]} ({b}) : ({a}) {operator} ({b}))")

    def visit(cursor, function):
        for child in cursor.get_children():
            if child.location.file is None or child.location.file.name != str(path):
                continue
            kind = child.kind
            constant = kind == kinds.VAR_DECL and any(token.spelling == "constexpr" for token in child.get_tokens())
            if constant or kind in (kinds.STATIC_ASSERT, kinds.ENUM_DECL):
                continue
            named = function
            if kind in (kinds.FUNCTION_DECL, kinds.CXX_METHOD, kinds.CONSTRUCTOR, kinds.DESTRUCTOR,
                        kinds.FUNCTION_TEMPLATE, kinds.CONVERSION_FUNCTION):
                named = child.spelling
            if named and cursor.kind != kinds.CASE_STMT:
                if kind == kinds.BINARY_OPERATOR:
                    binary(child, named)
                elif kind == kinds.INTEGER_LITERAL and boolean_or_integer(cursor) | (
                        cursor.kind != kinds.UNEXPOSED_EXPR) and LITERAL.fullmatch(source(*span(child))):
                    add("constant", child, named, f"({source(*span(child))} + {{on}})")
                elif kind == kinds.IF_STMT:
                    first = next(child.get_children())
                    if first.kind not in (kinds.DECL_STMT, kinds.VAR_DECL) and first.kind.is_expression():
                        add("condition", first, named, f"({{on}} != static_cast<bool>({source(*span(first))}))")
                if cursor.kind == kinds.COMPOUND_STMT and kind in (
                        kinds.CALL_EXPR, kinds.BINARY_OPERATOR, kinds.COMPOUND_ASSIGNMENT_OPERATOR,
                        kinds.UNARY_OPERATOR):
                    add("statement left out", child, named, f"if (!{{on}}) {source(*span(child))}")
            visit(child, named)

    visit(unit.cursor, None)
    # A macro's body stands elsewhere: what clang says of its place is not what stands there.
    return [place for place in found if b"#" not in text[place.begin:place.end] and place.begin < place.end]


def choose(places, count):
    """Spread over all: the same for the same sources."""
    order = random.Random(2025)
    chosen = []
    for path, of_file in places.items():
        share = round(count * len(of_file) / sum(map(len, places.values())))
        free = sorted(of_file, key=lambda place: (place.begin, place.end, place.kind))
        order.shuffle(free)
        taken = []
        for place in free:
            # None inside another: each is written once.
            if len(taken) < max(1, share) and all(place.end <= other.begin or other.end <= place.begin
                                                  for other in taken):
                taken.append(place)
        chosen += [(path, place) for place in sorted(taken, key=lambda place: place.begin)]
    return chosen


def mutate(tree):
    from clang import cindex  # in build/snakemake alone
    flags = flags_of(tree)
    own = ["-isystem", subprocess.run(["g++", "-print-file-name=include"], check=True, capture_output=True,
                                      text=True).stdout.strip()]
    files = [path for path in sorted((tree / "model").glob("*/*.cpp")) if path in flags]
    places = {path: places_in(cindex, path, flags[path] + own) for path in files}
    chosen = list(enumerate(choose({path: found for path, found in places.items() if found}, COUNT), 1))
    with (tree / "mutants.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        for number, (path, place) in chosen:
            text = re.sub(r"\s+", " ", path.read_bytes()[place.begin:place.end].decode())
            name = f"{path.relative_to(tree / 'model')}:{place.line}:{place.column} {place.kind}"
            rows.writerow([number, name, f"{place.function}: {text[:80]}", path.parent.name, place.kind])
    for number, (path, place) in reversed(chosen):
        text = path.read_bytes()
        written = place.write.replace("{on}", f"::reveille::mutants::on({number})").encode()
        path.write_bytes(text[:place.begin] + written + text[place.end:])
    for path in {path for _, (path, _) in chosen}:
        path.write_text(f'#include "{HEADER}"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    print(f"{len(chosen)} of {sum(map(len, places.values()))} places", flush=True)


def build(root, folder):
    """FOLDER/tree: the sources as they are here, mutated and built; FOLDER/program plays mutants of it."""
    tree = folder / "tree"
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (root / name).exists():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, tree / name)
    (tree / ".venv").symlink_to(root / ".venv")
    python = root / "build/snakemake/bin/python"
    tests = [f"test_{test}" for test in (*TESTS, *LONG)]
    for command in (
            # A mutant may narrow; what it says has no reader.
            ["cmake", "--preset", "release", "-D", "REVEILLE_WERROR=OFF", "-D", f"CMAKE_CXX_FLAGS=-w -I{tree}"],
            ["cmake", "--build", "--preset", "release", "--target", "reveille_generate"],
            [root / "scripts/tool/snakemake", "--version"],
            [python, "-B", __file__, "mutate", tree],
            ["cmake", "--build", "--preset", "release", "--target", *tests]):
        done = subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        if done.returncode:
            sys.exit(done.stdout)
    program = folder / "program"
    program.write_text(f'#!/bin/sh\nexec "{python}" -B "{tree}/scripts/tool/model_mutants.py" run "{tree}" "$@"\n')
    program.chmod(0o755)
    for test in TESTS:
        if not passes(tree, test, 0):
            program.unlink()
            sys.exit(f"test_{test} fails in {tree} though no mutant is alive")


def passes(tree, test, number):
    """Whether it sees nothing. Without an end it sees something; how long that is, is the processor's time, so that a
    busy machine kills no mutant."""
    program = tree / f"build/release/tb/test_{test}"
    if not program.exists():
        sys.exit(f"{program}: not built")
    seconds = SECONDS * (4 if test in LONG else 1)
    return subprocess.run([program, "--abort"], cwd=tree, env=os.environ | {"REVEILLE_MUTANT": str(number)},
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds)), check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def run(tree, length, numbers):
    folders = {int(row[0]): row[3] for row in csv.reader((tree / "mutants.csv").open(encoding="utf-8"))}
    for number in numbers:
        folder = folders.get(number, "core")
        tests = {"short": [f"model_{folder}"], "further": ON_IT[folder],
                 "long": LONG if folder in TO_RTL else []}[length]
        killer = next((test for test in tests if not passes(tree, test, number)), None)
        print(f"{number} killed {killer}" if killer else f"{number} survived {length}", flush=True)


def main():
    if sys.argv[1:2] == ["mutate"] and len(sys.argv) == 3:
        mutate(pathlib.Path(sys.argv[2]).resolve())
    elif sys.argv[1:2] == ["run"] and len(sys.argv) > 4:
        run(pathlib.Path(sys.argv[2]).resolve(), sys.argv[3], [int(number) for number in sys.argv[4:]])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
