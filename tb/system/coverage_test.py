# SPDX-License-Identifier: Apache-2.0
"""scripts/tool/coverage.py on counts of a small module: what is counted, what is missed, and each fault of a waiver."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
failures = 0

RTL = """// A queue of one.
module reveille_queue;
  always_ff @(posedge clk_i) begin
    if (push) word_q <= word_i;
    else if (pop)
      word_q <= '0;
    if (a) b <= full ? c : d;
  end
  initial begin
    for (int i = 0; i < 4; i++) memory[i] = '0;
  end
`ifdef REVEILLE_ASSERTIONS
  always_ff @(posedge clk_i) if (push && full) word_q <= 'x;
`endif
  `REVEILLE_ASSERT(Whole, (push) ->
                   (word_i != '0))
endmodule
"""
# Page, line, column, what, lines that it stands for, count
POINTS = [
    ("v_line", 3, 3, "block", "3", 9),
    ("v_line", 4, 5, "elsif", "4", 2),
    ("v_branch", 5, 10, "if", "5-6", 0),
    ("v_branch", 5, 11, "else", "", 7),
    ("v_branch", 7, 5, "if", "7", 9),
    ("v_branch", 7, 6, "else", "", 0),
    ("v_branch", 7, 20, "cond_then", "7", 0),
    ("v_branch", 7, 21, "cond_else", "7", 9),
    ("v_line", 9, 3, "block", "9", 0),
    ("v_line", 10, 5, "block", "10", 0),
    ("v_branch", 13, 30, "if", "13", 0),
    ("v_line", 16, 5, "else", "15-16", 0),
    *[("v_toggle", 2, 1, f"word_q[{bit}]:{edge}", "", times)
      for bit, edges in enumerate([(1, 1), (0, 0), (0, 0), (0, 0), (1, 0)])
      for edge, times in zip(("0->1", "1->0"), edges)],
    ("v_toggle", 2, 1, "full:0->1", "", 1),
    ("v_toggle", 2, 1, "full:1->0", "", 0),
    ("v_toggle", 2, 1, "memory[0][1]:0->1", "", 0),
]
WAIVERS = """
reveille_queue:
  branch:
    "if: else if (pop)": nobody pops
    "else: if (a) b <= full ? c : d;": a is 1
    "true: if (a) b <= full ? c : d;": never full
  toggle:
    "word_q[3:1]": the upper bits are 0
    "word_q[4] falls": once set it stays
    "full falls": so does this
"""


def check(condition, why):
    global failures
    if not condition:
        failures += 1
        print(why, file=sys.stderr)


def run(waivers, *counts):
    """What is said of several programs, each of which counted the points, but for these: {(what, line): count}."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        for name, text in {"rtl/a/reveille_queue.sv": RTL, "rtl/a/reveille_a_pkg.sv": "package;\n",
                           "docs/verification/coverage_waivers.yaml": waivers}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        files = []
        for i, changed in enumerate(counts):
            lines = ["# SystemC::Coverage-3"]
            for source in ("rtl/a/reveille_queue.sv", "rtl/a/reveille_a_pkg.sv", "tb/a/reveille_queue.sv"):
                for page, line, column, what, stands_for, times in POINTS:
                    keys = {"f": root / source, "l": line, "n": column, "page": f"{page}/x", "o": what,
                            "S": stands_for, "h": f"TOP.u_{i}"}
                    times = changed.get((what, line), times) if source == "rtl/a/reveille_queue.sv" else 0
                    lines.append("C '" + "".join(f"\x01{key}\x02{value}" for key, value in keys.items()) +
                                 f"' {times}")
            files.append(root / f"{i}.dat")
            files[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [sys.executable, ROOT / "scripts/tool/coverage.py", "--root", root, root / "out", *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 2:
            check(not (root / "out").exists(), "something is written of what is refused")
            return 2, done.stderr.replace(str(root), ""), None
        said = [line for line in done.stdout.splitlines() if re.match("missed|waivers", line)]
        return done.returncode, said, json.loads((root / "out/coverage.json").read_text())["reveille_queue"]


def found(before, after, *lines, counts=None):
    """With this change of the waivers these lines are said, and the status is 1; without a line it is 0."""
    assert WAIVERS.count(before) == 1, before
    status, said, _ = run(WAIVERS.replace(before, after), counts or {})
    check((status, said) == (int(bool(lines)), list(lines)),
          f"{before!r} -> {after!r}: status {status}, expected {lines}, got {said}")


status, words, figures = run("{}", {})
check(status == 1, "points are missed: status 0")
check(figures == {"line": [3, 0, 2], "branch": [4, 0, 3], "toggle": [4, 0, 8]}, f"without waivers: {figures}")
check(words == [
    "missed: reveille_queue: branch if: else if (pop)   (line 5)",
    "missed: reveille_queue: branch else: if (a) b <= full ? c : d;   (line 7)",
    "missed: reveille_queue: branch true: if (a) b <= full ? c : d;   (line 7)",
    "missed: reveille_queue: toggle full falls",
    "missed: reveille_queue: toggle word_q[3:1]",
    "missed: reveille_queue: toggle word_q[4] falls"], f"without waivers: {words}")

# What one program reached is reached; what none does is not.
_, _, figures = run("{}", {}, {("word_q[2]:0->1", 2): 5}, {})
check(figures["toggle"] == [5, 0, 7], f"three programs: {figures}")
_, words, figures = run("{}", {("block", 3): 0, ("elsif", 4): 0})
check(figures["line"] == [1, 0, 4] and figures["branch"] == [3, 0, 4], f"a test less: {figures}")
check(words[0] == "missed: reveille_queue: line always_ff @(posedge clk_i) begin   (line 3)", f"a test less: {words}")

found("never full", "never full")
_, _, figures = run(WAIVERS, {})
check(figures == {"line": [3, 2, 0], "branch": [4, 3, 0], "toggle": [4, 8, 0]}, f"all waived: {figures}")
found('"word_q[3:1]"', '"w*[*]"',
      "waivers: reveille_queue: toggle w*[*]: waived, and reached: "
      "reveille_queue: word_q[0] rises, reveille_queue: word_q[0] falls, reveille_queue: word_q[4] rises")
found("reveille_queue:", '"reveille_*":')
found("reveille_queue:", '"*":\n  line: {"wo*d_q <= \'0;": nobody pops}\nreveille_queue:')
found('"word_q[3:1]"', '"word_q[3,2:1]"')
found('"word_q[3:1]"', '"word_q[3:2]"', "missed: reveille_queue: toggle word_q[1]")
found('"word_q[3:1]"', '"word_q[3:1] rises"', "missed: reveille_queue: toggle word_q[3:1] falls")
found('"word_q[4] falls"', '"word_q[4]"', "waivers: reveille_queue: toggle word_q[4]: waived, and reached: "
      "reveille_queue: word_q[4] rises")
found('"word_q[4] falls": once set it stays', '"word_q[5:4] falls": ""\n    "word_q[9]": none',
      "waivers: reveille_queue: toggle word_q[5:4] falls: no reason",
      "waivers: reveille_queue: toggle word_q[9]: waives nothing")
found('"full falls": so does this', "", "missed: reveille_queue: toggle full falls")
found('"if: else if (pop)"', '"if: else if (push)"', "missed: reveille_queue: branch if: else if (pop)   (line 5)",
      "waivers: reveille_queue: branch if: else if (push): waives nothing")
found("never full", "never full", "waivers: reveille_queue: branch if: else if (pop): waived, and reached: "
      "reveille_queue: if: else if (pop)", counts={("if", 5): 1})
for before, after, word in [("  toggle:", "  toggles:", "reveille_queue: toggles: expected line, branch, toggle"),
                            ("  toggle:", "  toggle: {\n", "line 7"),
                            ("reveille_queue:", "reveille_queue: none\nothers:", "reveille_queue: none: expected")]:
    status, words, _ = run(WAIVERS.replace(before, after), {})
    check(status == 2 and words.startswith("/docs/verification/coverage_waivers.yaml: ") and word in words,
          f"{after}: status {status}, {words}")
status, words, _ = run(WAIVERS + "reveille_a_pkg:\n  line: {x: y}\n", {})
check((status, words) == (1, ["waivers: reveille_a_pkg: no such module"]), f"a package: {words}")

sys.exit(1 if failures else 0)
