# SPDX-License-Identifier: Apache-2.0
"""Merges what Verilated programs counted, and holds lines, branches and toggles of the RTL against what is waived.

usage: coverage.py [--root ROOT] [--record] OUT DATA...

DATA are files of Verilator's coverage format: a line a point, of keys and values between the octets 1 and 2, and its
count. A point is reached where any program reached it in any instance of its module. Lines are those of the source that
hold a statement; branches are both ways of each if and ?: and the items of each case, toggles the rise and the fall of
each bit of each signal.
Assertions, what is for simulation alone, initial blocks, packages and what lies in a memory do not count.

docs/verification/coverage_waivers.yaml says of what is not reached why: by module, then by kind, a line each. A line is
named by its text; a branch by its way (if, else; true, false of ?:; case) and the text of its line, "else: if (pop)"; a
toggle by its signal, with bits as "word[7:4,1]" or [*] for any, and behind it "rises" or "falls" for one of the two. *
in a name is for anything, in that of a module too. With a branch the lines are waived that only it comes to.

Prints the figures by module, what is missed, and what is wrong with the waivers: one that names nothing, or something
that is reached. Status 1 for either. Writes OUT/missed.txt, OUT/coverage.json and OUT/coverage.info, for genhtml.
--record writes docs/verification/coverage.md.
"""
import argparse
import collections
import datetime
import fnmatch
import json
import pathlib
import re
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
KINDS = ["line", "branch", "toggle"]
POINT = re.compile(r"^C '(.*)' (\d+)$")
WAYS = {"if": "if", "elsif": "if", "else": "else", "cond_then": "true", "cond_else": "false",
        "case": "case"}
EDGES = {"0->1": "rises", "1->0": "falls"}
NOT_HARDWARE = re.compile(r"""
    ^[ ]*`REVEILLE_(?:ASSERT|COVER)\w*\(            # and what is in its parentheses
    |^`ifdef[ ]REVEILLE_ASSERTIONS\n(?:.*\n)*?`endif
    |^(?P<indent>[ ]*)initial[ ]begin\n(?:.*\n)*?(?P=indent)end$
    """, re.VERBOSE | re.MULTILINE)


def refuse(why):
    print(why, file=sys.stderr)
    sys.exit(2)


class Module:
    """What was counted of one: lines by their number, branches by number, column and way, toggles by bit and edge."""

    def __init__(self, path):
        self.path = path
        text = path.read_text(encoding="utf-8")
        self.text = [line.strip() for line in text.splitlines()]
        self.counts = {kind: collections.Counter() for kind in KINDS}
        self.leads_to = {}  # of a branch, lines
        self.left_out = set()
        for found in NOT_HARDWARE.finditer(text):
            end = found.end()
            if "`REVEILLE_" in found[0]:
                depth = 1
                while depth:
                    depth += {"(": 1, ")": -1}.get(text[end], 0)
                    end += 1
            self.left_out |= set(range(text.count("\n", 0, found.start()) + 1, text.count("\n", 0, end) + 2))

    def count(self, keys, times):
        line, what = int(keys["l"]), keys.get("o", "")
        if line in self.left_out:
            return
        if keys["page"].startswith("v_toggle"):
            bit, _, edge = what.rpartition(":")
            if not bit.startswith("memory["):
                self.counts["toggle"][bit, EDGES[edge]] += times
            return
        lines = set(lines_of(keys.get("S", ""))) - self.left_out
        if what in WAYS:
            branch = line, int(keys["n"]), WAYS[what]
            self.counts["branch"][branch] += times
            self.leads_to[branch] = lines
        for each in lines:
            self.counts["line"][each] = max(self.counts["line"][each], times)

    def only_behind(self, branches):
        """Lines that are not reached, as these branches are not."""
        return {line for branch in branches for line in self.leads_to[branch] if not self.counts["line"][line]}

    def name(self, kind, point):
        """As a waiver has it."""
        if kind == "line":
            return self.text[point - 1]
        if kind == "branch":
            return f"{point[2]}: {self.text[point[0] - 1]}"
        return " ".join(point)


def lines_of(text):
    """2,4-6 -> 2 4 5 6"""
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def counted(root, files):
    """Modules by their names. The generated ones lie in a folder rtl too."""
    modules = {}
    for file in files:
        for text in file.read_text(encoding="utf-8").splitlines():
            found = POINT.match(text)
            if not found:
                continue
            keys = dict(pair.split("\x02", 1) for pair in found[1].split("\x01") if pair)
            path = pathlib.Path(keys["f"])
            if path.stem.endswith("_pkg") or not keys["page"].startswith(("v_line", "v_branch", "v_toggle")):
                continue
            if path.is_relative_to(root / "rtl") or path.parts[-3:-1] == ("generated", "rtl"):
                if path.stem not in modules:
                    modules[path.stem] = Module(path)
                modules[path.stem].count(keys, int(found[2]))
    return modules


def pattern(kind, name):
    """Of a name in the list of waivers."""
    if kind != "toggle":
        return re.compile(re.escape(name).replace(r"\*", ".*"))

    def bits(found):
        numbers = []
        for part in found[1].split(","):
            high, _, low = part.partition(":")
            numbers += range(int(low or high), int(high) + 1)
        return rf"\[(?:{'|'.join(map(str, numbers))})\]"
    signal, _, edge = name.partition(" ")
    signal = re.sub(r"\\\[([\d:,]+)\\\]", bits, re.escape(signal))
    return re.compile(signal.replace(r"\[\*\]", r"\[\d+\]").replace(r"\*", ".*") + (f" {edge}" if edge else " .*"))


def read_waivers(file):
    """By module, kind and name, the reason."""
    try:
        listed = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        refuse(f"{file}: {error}")
    for name, kinds in listed.items():
        for kind, entries in kinds.items() if isinstance(kinds, dict) else [(kinds, None)]:
            if kind not in KINDS or not isinstance(entries, dict):
                refuse(f"{file}: {name}: {kind}: expected {', '.join(KINDS)}, each with names and their reasons")
    return listed


def waived_of(modules, waivers):
    """Points that are waived, by module and kind, and what is wrong with the list."""
    waived, faults = collections.defaultdict(set), []
    for some, kinds in waivers.items():
        chosen = fnmatch.filter(modules, some)
        if not chosen:
            faults.append(f"{some}: no such module")
            continue
        for kind, entries in kinds.items():
            for entry, reason in entries.items():
                wanted, named, reached = pattern(kind, entry), 0, []
                for name in chosen:
                    counts = modules[name].counts[kind]
                    points = [point for point in counts if wanted.fullmatch(modules[name].name(kind, point))]
                    named += len(points)
                    reached += [f"{name}: {modules[name].name(kind, point)}" for point in points if counts[point]]
                    waived[name, kind] |= {point for point in points if not counts[point]}
                    if kind == "branch":
                        waived[name, "line"] |= modules[name].only_behind(points)
                if not reason:
                    faults.append(f"{some}: {kind} {entry}: no reason")
                if not named:
                    faults.append(f"{some}: {kind} {entry}: waives nothing")
                if reached:
                    faults.append(f"{some}: {kind} {entry}: waived, and reached: {', '.join(reached[:4])}" +
                                  (f" and {len(reached) - 4} more" if len(reached) > 4 else ""))
    return waived, faults


def ranges(numbers):
    """3 4 5 8 -> 8,5:3"""
    parts = []
    for number in sorted(numbers, reverse=True):
        if parts and number == parts[-1][1] - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(high) if low == high else f"{high}:{low}" for high, low in parts)


def toggles(points):
    """Bits and edges that are missed, as few names."""
    edges = collections.defaultdict(set)
    for bit, edge in points:
        edges[bit].add(edge)
    words = collections.defaultdict(list)
    for bit, missed in edges.items():
        found = re.fullmatch(r"(.*)\[(\d+)\]", bit)
        how = "" if len(missed) == 2 else f" {min(missed)}"
        words[(found[1], how) if found else (bit, how)].append(int(found[2]) if found else None)
    for (word, how), bits in sorted(words.items()):
        yield word + ("" if bits == [None] else f"[{ranges(bits)}]") + how


def missed_of(modules, waived):
    """In words, by module and kind."""
    missed = {}
    for name, module in modules.items():
        for kind in KINDS:
            points = [point for point, times in module.counts[kind].items()
                      if not times and point not in waived[name, kind]]
            if kind == "line":
                points = sorted(set(points) - module.only_behind(
                    [branch for branch, times in module.counts["branch"].items() if not times]))
            if kind == "toggle":
                missed[name, kind] = list(toggles(points))
            else:
                numbers = {point: point if kind == "line" else point[0] for point in points}
                missed[name, kind] = [f"{module.name(kind, point)}   (line {numbers[point]})"
                                      for point in sorted(points)]
    return missed


def figures(modules, waived):
    """Rows of [reached, waived, missed] a kind, by module, and of all."""
    rows = {}
    for name in sorted(modules, key=lambda name: (modules[name].path.parent.name, name)):
        rows[name] = {}
        for kind, counts in modules[name].counts.items():
            reached = sum(times > 0 for times in counts.values())
            rows[name][kind] = [reached, len(waived[name, kind]), len(counts) - reached - len(waived[name, kind])]
    rows["all"] = {kind: [sum(row[kind][i] for row in rows.values()) for i in range(3)] for kind in KINDS}
    return rows


def write_lcov(modules, file):
    with file.open("w", encoding="utf-8") as out:
        for module in modules.values():
            print(f"SF:{module.path}", file=out)
            for number, ((line, _, way), times) in enumerate(sorted(module.counts["branch"].items())):
                print(f"BRDA:{line},{number},{way},{times}", file=out)
            for line, times in sorted(module.counts["line"].items()):
                print(f"DA:{line},{times}", file=out)
            print("end_of_record", file=out)


def page(root, rows, missed):
    """What is on record of a revision."""
    git = ["git", "-C", root, "describe", "--always", "--dirty=-changed", "--abbrev=7"]
    revision = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    lines = ["# Coverage of lines, branches and toggles", "",
             f"Written by `scripts/coverage --record` on {datetime.date.today().isoformat()}, of revision {revision}; "
             "[verification.md](../verification.md#coverage) says what is counted. Waivers, with a reason each: "
             "[coverage_waivers.yaml](coverage_waivers.yaml).", "",
             "| module | lines | waived | missed | branches | waived | missed | toggles | waived | missed |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for name, row in rows.items():
        cells = [str(figure) for kind in KINDS for figure in row[kind]]
        lines.append(f"| {'all' if name == 'all' else f'`{name}`'} | {' | '.join(cells)} |")
    lines += ["", "## Missed", ""]
    lines += [f"* `{name}`, {kind}: " + ", ".join(f"`{what}`" for what in words)
              for (name, kind), words in missed.items() if words] or ["Nothing."]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path, nargs="+")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    waivers = read_waivers(root / "docs/verification/coverage_waivers.yaml")
    modules = counted(root, arguments.data)
    if not modules:
        refuse("no point of the RTL is in these files")
    waived, faults = waived_of(modules, waivers)
    rows, missed = figures(modules, waived), missed_of(modules, waived)
    print(f"{'reached, waived, missed':<32}" + "".join(f"{kind:>22}" for kind in KINDS))
    for name, row in rows.items():
        print(f"{name:<32}" + "".join(f"{row[kind][0]:>10}{row[kind][1]:>6}{row[kind][2]:>6}" for kind in KINDS))
    words = [f"{name}: {kind} {what}" for (name, kind), parts in missed.items() for what in parts]
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "coverage.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    (arguments.out / "missed.txt").write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
    write_lcov(modules, arguments.out / "coverage.info")
    for line in [f"missed: {word}" for word in words] + [f"waivers: {fault}" for fault in faults]:
        print(line)
    if arguments.record:
        (root / "docs/verification/coverage.md").write_text(page(root, rows, missed), encoding="utf-8")
    return 1 if words or faults else 0


if __name__ == "__main__":
    sys.exit(main())
