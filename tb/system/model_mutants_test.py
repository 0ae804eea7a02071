# SPDX-License-Identifier: Apache-2.0
"""The models' mutants: a small source with a place of each kind is mutated; as it is it gives what it gave, and each
mutant gives something else. What the compiler computes, and text of a macro, is left as it is.

usage: model_mutants_test.py FOLDER
"""

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "scripts/tool"))
import model_mutants  # noqa: E402
import scratch  # noqa: E402

SOURCE = """#include <compare>
#include <cstdio>
#include <initializer_list>
#define FIVE 5
constexpr int kFour = 2 + 2;
struct Ordered { int at; auto operator<=>(const Ordered&) const = default; };
int total = 0;
void count(int by) { total += by; }
bool both(bool a, bool b) { return a && b; }
bool either(bool a, bool b) { return a || b; }
int compare(int a, int b) {
  if (a < b) return -1;
  if (a == b) return FIVE;
  return a - b;
}
bool same(Ordered a, Ordered b) { return (a <=> b) == 0; }
int main() {
  int values[kFour] = {3, 1, 4, 1};
  static_assert(kFour == 4);
  count(7);
  total = total * 3;
  for (const int a : values) {
    for (const int b : values) std::printf("%d %d ", compare(a, b), same({a}, {b}) ? values[1] : 9);
  }
  for (const bool a : {false, true}) {
    for (const bool b : {false, true}) std::printf("%d %d ", both(a, b), either(a, b));
  }
  std::printf("%d", total);
}
"""


def run(*command, number=0):
    environment = os.environ | {"REVEILLE_MUTANT": str(number)}
    return subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True,
                          timeout=300, check=False)


def compiled(source, out):
    done = run("g++", "-std=c++20", "-w", "-I", ROOT, source, "-o", out)
    if done.returncode:
        sys.exit(done.stderr)
    return out


def main():
    tree = scratch.fresh(sys.argv[1])
    source, build = tree / "model/small/small.cpp", tree / "build/release"
    for folder in (source.parent, build):
        folder.mkdir(parents=True)
    source.write_text(SOURCE, encoding="utf-8")
    (build / "compile_commands.json").write_text(json.dumps(
        [{"file": str(source), "command": f"g++ -std=c++20 -c {source}"}]), encoding="utf-8")
    expected = run(compiled(source, tree / "before")).stdout

    installed = run(ROOT / "scripts/tool/snakemake", "--version")
    if installed.returncode:
        sys.exit(installed.stderr)
    done = run(ROOT / "build/snakemake/bin/python", "-B", model_mutants.__file__, "mutate", tree)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    rows = [line.split(",") for line in (tree / "mutants.csv").read_text(encoding="utf-8").splitlines()]
    kinds = {row[-1] for row in rows}
    missing = set(model_mutants.KINDS) - kinds
    if missing:
        sys.exit(f"no mutant of: {', '.join(sorted(missing))}")
    program = compiled(source, tree / "mutated")
    if run(program).stdout != expected:
        sys.exit("the source as it is gives something else once it is mutated")
    alive = [row[1] for number, row in enumerate(rows, 1) if run(program, number=number).stdout == expected]
    if alive:
        sys.exit("\n".join(["not seen:", *alive]))
    print(f"{len(rows)} mutants, each seen")


if __name__ == "__main__":
    main()
