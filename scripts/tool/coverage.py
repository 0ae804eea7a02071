# SPDX-License-Identifier: Apache-2.0
"""Merges what Verilated programs counted, and prints lines, branches and toggles of the RTL by module.

usage: coverage.py OUT DATA...

DATA are files of Verilator's coverage format: a line a point, of keys and values between the octets 1 and 2, and its
count. A point is hit where any program hit it in any instance of the module. Writes OUT/coverage.info for lcov and
genhtml (lines and branches), OUT/missed.txt, a line for each point that was never hit, and OUT/coverage.json.
"""
import argparse
import collections
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINE = re.compile(r"^C '(.*)' (\d+)$")
KINDS = {"v_line": "line", "v_branch": "branch", "v_toggle": "toggle"}


def points(file):
    """Of each point: file of the RTL, kind, line, what it is, lines that it stands for, and its count."""
    for text in file.read_text(encoding="utf-8").splitlines():
        found = LINE.match(text)
        if not found:
            continue
        keys = dict(pair.split("\x02", 1) for pair in found[1].split("\x01") if pair)
        kind = KINDS.get(keys["page"].split("/")[0])
        path = pathlib.Path(keys["f"])
        if kind and "rtl" in path.parts:
            name = "/".join(path.parts[path.parts.index("rtl"):])
            point = name, kind, int(keys["l"]), int(keys.get("n", 0)), keys.get("o", ""), keys.get("S", "")
            yield point, int(found[2])


def merged(files):
    hits = collections.Counter()
    for file in files:
        for point, count in points(file):
            hits[point] += count
    return hits


def lines_of(text):
    """2,4-6 -> 2 4 5 6"""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def write_lcov(hits, file):
    by_file = collections.defaultdict(lambda: ({}, []))
    for (name, kind, line, column, what, stands_for), count in sorted(hits.items()):
        lines, branches = by_file[name]
        if kind == "branch":
            branches.append((line, column, what, count))
        if kind != "toggle":
            for each in lines_of(stands_for) if stands_for else [line]:
                lines[each] = max(lines.get(each, 0), count)
    with file.open("w", encoding="utf-8") as out:
        for name, (lines, branches) in by_file.items():
            print(f"SF:{ROOT / name}", file=out)
            for line, _, what, count in branches:
                print(f"BRDA:{line},0,{what},{count}", file=out)
            for line, count in sorted(lines.items()):
                print(f"DA:{line},{count}", file=out)
            print("end_of_record", file=out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    hits = merged(arguments.data)
    if not hits:
        parser.error("no point of the RTL is in these files")
    table = collections.defaultdict(lambda: {kind: [0, 0] for kind in KINDS.values()})
    for (name, kind, *_), count in hits.items():
        for row in (name, "all"):
            table[row][kind][0] += count > 0
            table[row][kind][1] += 1
    print(f"{'':<44}" + "".join(f"{kind:>22}" for kind in KINDS.values()))
    for name, row in sorted(table.items(), key=lambda item: (item[0] == "all", item[0])):
        cells = (f"{hit:>7} of {whole:>5} {100 * hit / whole:>5.1f} %" if whole else "-"
                 for hit, whole in (row[kind] for kind in KINDS.values()))
        print(f"{name:<44}" + "".join(f"{cell:>22}" for cell in cells))
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "coverage.json").write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    (arguments.out / "missed.txt").write_text(
        "".join(f"{name}:{line}: {kind} {what}\n" for (name, kind, line, _, what, _), count in sorted(hits.items())
                if count == 0), encoding="utf-8")
    write_lcov(hits, arguments.out / "coverage.info")


if __name__ == "__main__":
    main()
