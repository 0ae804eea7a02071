# SPDX-License-Identifier: Apache-2.0
"""What campaigns share: a program of tb/campaigns, what was run of a revision, so that a later call goes on behind it,
and a dated line of it in docs/verification. What is to be run, and what is there, is Snakemake's to know."""
import csv
import datetime
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/release"
RESULTS = ROOT / "build/campaigns"
STEPS = re.compile(r"(\d+) of (\d+) steps")


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def refuse(message):
    print(message, file=sys.stderr)
    sys.exit(2)


def refuse_blank():
    if re.search(r"\s", str(ROOT)):
        refuse(f"the path of the tree, {ROOT}, has a blank, with which Verilator cannot work: "
               "move the tree to a path without")


def snakemake(files, cores=1, minutes=None, settings=None):
    """Makes what is missing of these files in build/campaigns, and says how far it is; after so many minutes begins
    nothing new. Whether all are there."""
    missing = [file for file in files if not (RESULTS / file).exists()]
    if not missing:
        return True
    command = [ROOT / "scripts/tool/snakemake", "--snakefile", ROOT / "tb/campaigns/Snakefile", "--directory", RESULTS,
               "--cores", str(cores), "--resources", "workshop=1", "--scheduler", "greedy", "--rerun-triggers",
               "mtime", "--rerun-incomplete", "--keep-going", "--quiet", "rules", "host", "--nocolor"]
    if settings:
        command += ["--config", *(f"{name}={value}" for name, value in settings.items())]
    command += ["--", *missing]
    RESULTS.mkdir(parents=True, exist_ok=True)
    begin, said = time.monotonic(), []
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as run:
        timer = threading.Timer(60 * (minutes or 0), run.send_signal, [signal.SIGTERM])
        if minutes:
            timer.start()
        for line in run.stderr:
            said.append(line)
            found = STEPS.search(line)
            if found:
                done, of = int(found[1]), int(found[2])
                left = (time.monotonic() - begin) / done * (of - done)
                print(f"{done} of {of}, {left / 60:.0f} min to go", flush=True)
        timer.cancel()
    if run.returncode and not minutes:
        print("".join(said[-30:]), file=sys.stderr)
    return run.returncode == 0


class Campaign:
    """`revision` is the last that changed what is run, and `folder` holds what was run of it; nothing is taken over
    where the tree is not as it was committed."""

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
        self.folder = RESULTS / name / self.revision
        self.program = self.folder / "program"

    def build(self):
        """The program, as a copy that no later build changes while it runs."""
        if self.program.exists() and not self.changed:
            return
        built = subprocess.run(["cmake", "--build", BUILD, "--target", self.name], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, check=False)
        if built.returncode:
            sys.exit(built.stdout)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        shutil.copy2(BUILD / "tb/campaigns" / self.name, self.program)

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
