# SPDX-License-Identifier: Apache-2.0
"""Holds what a run counted (tb/system/cover_groups.hpp) against docs/verification/covergroups.yaml.

usage: covergroups.py FILE...

Prints of each group how many of its bins were reached, and each that was not. Status 1 where one that is waived was, or
a bin is counted that no group has.
"""
import argparse
import collections
import fnmatch
import itertools
import pathlib
import sys

import yaml

GROUPS = pathlib.Path(__file__).resolve().parents[2] / "docs/verification/covergroups.yaml"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    counted = collections.Counter()
    for file in parser.parse_args().files:
        for line in file.read_text(encoding="utf-8").splitlines():
            times, bin_name = line.split(" ", 1)
            counted[bin_name] += int(times)
    faults, not_reached, known = [], [], set()
    reached_of_all = [0, 0, 0]
    for name, group in yaml.safe_load(GROUPS.read_text(encoding="utf-8")).items():
        axes = [[str(value) for value in values] for values in group["bins"].values()]
        bins = ["/".join(values) for values in itertools.product(*axes)]
        known |= {f"{name}/{each}" for each in bins}
        waived = {each for each in bins for pattern in group.get("waived", {}) if fnmatch.fnmatchcase(each, pattern)}
        wanted = [each for each in bins if each not in waived]
        missed = [each for each in wanted if not counted[f"{name}/{each}"]]
        for pattern in group.get("waived", {}):
            if not fnmatch.filter(bins, pattern):
                faults.append(f"{name}: {pattern}: waives no bin")
        not_reached += [f"{name}/{each}: not reached" for each in missed]
        faults += [f"{name}/{each}: waived, and reached: take the waiver out" for each in sorted(waived)
                   if counted[f"{name}/{each}"]]
        figures = [len(wanted) - len(missed), len(wanted), len(waived)]
        reached_of_all = [one + other for one, other in zip(reached_of_all, figures)]
        print(f"{name:<10} {figures[0]:>4} of {figures[1]:>4} reached, {figures[2]:>3} waived   "
              f"{' x '.join(group['bins'])}")
    faults += [f"{each}: counted, but in no group" for each in counted if each not in known]
    print(f"{'all':<10} {reached_of_all[0]:>4} of {reached_of_all[1]:>4} reached, {reached_of_all[2]:>3} waived")
    for line in not_reached + faults:
        print(line)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
