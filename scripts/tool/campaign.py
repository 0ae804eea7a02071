# SPDX-License-Identifier: Apache-2.0
"""What campaigns share: a program of tb/campaigns, what was run of a revision, so that a later call goes on behind it,
and a dated line of it in docs/verification."""
import csv
import datetime
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def refuse(message):
    print(message, file=sys.stderr)
    sys.exit(2)


def refuse_blank():
    if re.search(r"\s", str(ROOT)):
        refuse(f"the path of the tree, {ROOT}, has a blank, with which Verilator cannot work: "
               "move the tree to a path without")


class Campaign:
    """`revision` is the last that changed what is run, and `rows` what was run of it; nothing is taken over where the
    tree is not as it was committed."""

    def __init__(self, name, sources):
        refuse_blank()
        if not (BUILD / "build.ninja").is_file():
            refuse(f"{name}: no build/release: run scripts/setup and cmake --preset release first")
        sources = ["CMakeLists.txt", "cmake", "docs/verdicts.json", "rtl", "model", "sim", *sources]
        self.name = name
        self.changed = git("status", "--porcelain", "--", *sources)
        self.revision = git("log", "-1", "--abbrev=12", "--format=%h", "--", *sources)
        if self.changed:
            self.revision += "-changed"
        self.kept = ROOT / f"build/{name}/{self.revision}.csv"
        self.rows = list(csv.reader(self.kept.open())) if self.kept.exists() and not self.changed else []

    def build(self):
        """The program, as a copy that no later build changes while it runs."""
        built = subprocess.run(["cmake", "--build", BUILD, "--target", self.name], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, check=False)
        if built.returncode:
            sys.exit(built.stdout)
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        if not self.rows:
            self.kept.write_text("")
        program = self.kept.with_suffix("")
        program.unlink(missing_ok=True)
        shutil.copy2(BUILD / "tb/campaigns" / self.name, program)
        return program

    def keep(self, row):
        self.rows.append([str(value) for value in row])
        with self.kept.open("a", newline="") as stream:
            csv.writer(stream).writerow(row)

    def record(self, columns, values):
        """A line of docs/verification/NAME.csv, instead of an older one of this revision."""
        if self.changed:
            sys.exit("--record: the tree is not as it was committed: commit it first\n" + self.changed)
        file = ROOT / f"docs/verification/{self.name}.csv"
        header = ["date", "revision", *columns]
        old = list(csv.reader(file.open())) if file.exists() else [header]
        lines = [row for row in old if row[1] != self.revision]
        lines.append([datetime.date.today().isoformat(), self.revision, *values])
        with file.open("w", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(lines)
