# SPDX-License-Identifier: Apache-2.0
"""scripts/tool/plan.py: each kind of fault, planted in a small tree, has its line; the project's plan has a page.
scripts/tool/sign_off.py: a test that fails, and a proof that is not good, are seen."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
failures = 0

PLAN = "docs/verification/plan.yaml"
TREE = {
    "docs/protocol.md": """# Protocol
1. **P1** wakes.
* **L1 Runts.** Bypass.

| verdict | name |
| --- | --- |
| 0 | `bypass` |
""",
    "docs/timing.md": "| rule | what |\n| --- | --- |\n| T1 | ready |\n\n**T2 Reset.** Low.\n",
    "docs/run.md": "# Running\n| 1 | no id here |\n**X1** nor here\n",
    PLAN: """P1: {tb/a/b_test.cpp: "a name in \\"quotes\\""}
L1: {tb/a/b_test.cpp: ["L1:*", over two lines], rtl/a/b.sv: [Holds, Stays, Seen]}
verdict 0: {tb/CMakeLists.txt: a_peer, judge: a peer}
T1: {tb/formal/a/b_proof.sv: [holds, seen]}
T2: {open: nobody looked}
docs/run.md: {tb/a/c_test.cpp: all, tb/run.sh: all, tb/a/d_test.py: all}
""",
    "tb/a/b_test.cpp": """TEST_CASE("L1: runts") {}
TEST_CASE(
    "over "
    "two lines") {}
TEST_CASE("a name in \\"quotes\\"") {}
""",
    "tb/a/c_test.cpp": 'TEMPLATE_TEST_CASE("any", "", A, B) {}\n',
    "tb/a/d_test.py": "",
    "tb/run.sh": "",
    "tb/CMakeLists.txt": "add_test(NAME a_peer COMMAND x)\n",
    "tb/formal/a/b_proof.sv": "  holds: assert property (x);\n  seen: cover (y);\n",
    "rtl/a/b.sv": "`REVEILLE_ASSERT(Holds, x)\n`REVEILLE_ASSERT_STAYS(Stays, x, y, z)\n`REVEILLE_COVER(Seen, x)\n",
    "rtl/a/c.sv": "module c; endmodule\n",
}


def check(condition, why):
    global failures
    if not condition:
        failures += 1
        print(why, file=sys.stderr)


def run(root, *options):
    command = [sys.executable, ROOT / "scripts/tool/plan.py", "--root", root, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def judged(file, before, after):
    """What is said of the small tree with one text exchanged for another; of a file that is new, `before` is empty."""
    text = TREE.get(file, "")
    assert text.count(before) == 1 or not text, (file, before)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {**TREE, file: text.replace(before, after) if text else after}.items():
            if content is not None:
                path = pathlib.Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
        return run(folder)


def found(file, before, after, *lines):
    """The fault has these lines, in this order, and no others."""
    result = judged(file, before, after)
    said = result.stderr.splitlines()
    good = result.returncode == 1 and len(said) == len(lines) and all(map(re.fullmatch, lines, said))
    check(good, f"{file}: {before!r} -> {after!r}: status {result.returncode}, expected {lines}, got\n{result.stderr}")


result = judged("docs/run.md", "Running", "Running")
check(result.returncode == 0 and not result.stderr, f"the tree without a fault: {result.stderr}")

missing = r" is not in docs/verification/plan\.yaml: add the tests, assertions or proofs that show it, or `open: why`"
found("docs/protocol.md", "Bypass.", "Bypass.\n* **L2 New.** A rule.", r"docs/protocol\.md:4: L2" + missing)
found("docs/protocol.md", "| `bypass` |", "| `bypass` |\n| 1 | `new` |", r"docs/protocol\.md:8: verdict 1" + missing)
found("docs/timing.md", "| ready |", "| ready |\n| T3 a bound | new |", r"docs/timing\.md:4: T3" + missing)
found("docs/new.md", "", "# A page", r"docs/new\.md: docs/new\.md" + missing)
found("docs/timing.md", "**T2 Reset", "**T1 Again.**\n\n**T2 Reset",
      r"docs/timing\.md:5: T1 stands in docs/timing\.md:3 too: rename one of them")
found("docs/timing.md", "**T2 Reset.** Low.", "Low.", r"docs/verification/plan\.yaml:5: T2: no page of docs has it.*")
found(PLAN, "{open: nobody looked}", "{judge: somebody}",
      r".*plan\.yaml:5: T2: no evidence: name tests, assertions or proofs, or say `open: why`")
found(PLAN, "{open: nobody looked}", "", r".*:5: T2: no evidence: .*")
found(PLAN, "{open: nobody looked}", "{open: }",
      r".*:5: T2: open: expected once, with a word or a list of them",
      r".*:5: T2: no evidence.*")
found(PLAN, "T2: {open", "T1: {open: twice}\nT2: {open",
      r".*plan\.yaml:5: T1: stands twice",
      r"tb/formal/a/b_proof\.sv: serves no requirement.*")
found(PLAN, "T2: {", "T2: {{", r"docs/verification/plan\.yaml: while .*",
      *[rf"docs/.*{name}{missing}" for name in ("protocol.*P1", "L1", "verdict 0", "run.md", "T1", "T2")],
      *[".* serves no requirement: .*"] * 6)
found(PLAN, '"L1:*"', '"L9:*"', r'.*plan\.yaml:2: L1: tb/a/b_test\.cpp has no test "L9:\*"')
found(PLAN, "over two lines", "over two", r'.*L1: tb/a/b_test\.cpp has no test "over two"')
found("tb/a/b_test.cpp", '"L1: runts"', '"runts"', r'.*L1: tb/a/b_test\.cpp has no test "L1:\*"')
found("rtl/a/b.sv", "(Holds,", "(Held,", r'.*L1: rtl/a/b\.sv has no assertion "Holds"')
found("tb/formal/a/b_proof.sv", "holds: assert", "holds: assume",
      r'.*T1: tb/formal/a/b_proof\.sv has no property "holds"')
found("tb/CMakeLists.txt", "a_peer", "peers", r'.*verdict 0: tb/CMakeLists\.txt has no test "a_peer"')
found(PLAN, "tb/run.sh: all", "tb/gone.sh: all",
      r".*docs/run\.md: tb/gone\.sh: no such file",
      r"tb/run\.sh: serves no requirement: name it in docs/verification/plan\.yaml under what it shows")
found(PLAN, "tb/run.sh: all", "tb/run.sh: some", r".*docs/run\.md: tb/run\.sh: expected `all` alone.*")
found("tb/a/c_test.cpp", "TEMPLATE_TEST_CASE", "// ",
      r".*docs/run\.md: tb/a/c_test\.cpp: expected `all` alone, of a file with evidence")
for file in ("tb/e/f_test.cpp", "tb/e/f_test.py", "tb/e/f.sh", "tb/formal/e/f_proof.sv", "tb/formal/f_rules.sv"):
    found(file, "", "new", re.escape(file) + ": serves no requirement: .*")
found("rtl/a/c.sv", "endmodule", "`REVEILLE_ASSERT(New, x) endmodule", r"rtl/a/c\.sv: serves no requirement: .*")

result = run(ROOT, "--report")
check(result.returncode == 0, f"the project's plan: {result.stderr}")
page = r"requirements of .*\nall +\d+ .*\nJudged by others too\n.*\nOpen\n"
check(re.match(page, result.stdout, re.DOTALL), f"the page: {result.stdout}")


def signed_off(proof_good, *statuses):
    """Status and words of the table, for one proof and tests that ended so; or did not run, for this reason."""
    with tempfile.TemporaryDirectory() as folder:
        proofs, tests = pathlib.Path(folder) / "proofs.json", pathlib.Path(folder) / "tests.xml"
        proofs.write_text(json.dumps([{"name": "a/b", "line": "", "good": proof_good, "properties": 3, "covers": 1,
                                       "bugs": 1, "bugs_seen": None}]))
        cases = "".join(f'<testcase status="{status}"/>' if status in ("run", "fail") else
                        f'<testcase status="notrun"><skipped message="{status}"/></testcase>' for status in statuses)
        tests.write_text(f"<testsuite>{cases}</testsuite>")
        command = [sys.executable, ROOT / "scripts/tool/sign_off.py", proofs, tests, pathlib.Path(folder) / "page.html"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


for good, ends, status, said in [(True, ["run", "run"], 0, "2 of 2"),
                                 (True, ["run", "SKIP_RETURN_CODE=77"], 0, "1 of 1"),
                                 (True, ["run", "Unable to find executable"], 1, "1 of 2"),
                                 (True, ["run", "fail"], 1, "1 of 2"), (False, ["run"], 1, "0 of 1")]:
    result = signed_off(good, *ends)
    check(result[0] == status and said in result[1], f"sign-off of {good}, {ends}: {result}")
sys.exit(failures != 0)
