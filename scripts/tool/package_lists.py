# SPDX-License-Identifier: Apache-2.0
"""The files of a folder of core_files.py as FuseSoC and Bender want them.

usage: package_lists.py PARAMETERS.yml

As the generator of rtl/reveille.core: writes the files of a configuration, and a core that lists them, into the current
folder.
"""

import pathlib
import subprocess
import sys

import yaml

import core_files

ROOT = core_files.ROOT
BENCH = "first_frame_tb.v"
HEAD = "CAPI=2:\n# SPDX-License-Identifier: Apache-2.0\n"


def filesets(files):
    """What a core file knows of the folder: simulation and synthesis read the plain Verilog, for neither Icarus nor
    Yosys' own reader takes packages of structs; lint reads the SystemVerilog."""
    return {
        "rtl": {"files": [{core_files.INCLUDED: {"is_include_file": True}}, *files],
                "file_type": "systemVerilogSource"},
        "waivers": {"files": [core_files.WAIVERS], "file_type": "vlt"},
        "verilog": {"files": ["reveille.v"], "file_type": "verilogSource"},
        "bench": {"files": [BENCH], "file_type": "verilogSource"},
    }


def targets():
    """Those of rtl/reveille.core, of files that are there."""
    generate = {"systemverilog": ["waivers", "rtl"], "verilog": ["verilog"]}
    tree = yaml.safe_load((ROOT / "rtl/reveille.core").read_text(encoding="utf-8").split("\n", 1)[1])
    found = {}
    for name, target in tree["targets"].items():
        (form,) = target.pop("generate")
        found[name] = {**target, "filesets": generate[form] + target.get("filesets", [])}
    return found


def write(out, files, version):
    """reveille.core and Bender.yml of a release."""
    core = {
        "name": f"reveille:core:reveille:{version}",
        "description": "Judges what the network sends to a Kerberized key-management server",
        "filesets": filesets(files),
        "targets": targets(),
    }
    (out / "reveille.core").write_text(HEAD + yaml.safe_dump(core, sort_keys=False), encoding="utf-8")
    manifest = {
        "package": {"name": "reveille", "authors": ["Reveille contributors"]},
        "sources": [{"include_dirs": ["rtl/prim"], "files": files}],
    }
    text = "# SPDX-License-Identifier: Apache-2.0\n" + yaml.safe_dump(manifest, sort_keys=False)
    (out / "Bender.yml").write_text(text, encoding="utf-8")


def generate(request):
    """What FuseSoC asks for."""
    wanted = request["parameters"]
    configuration, form = wanted.get("configuration", "line"), wanted.get("form")
    if form == "systemverilog":
        sets = filesets(core_files.write(pathlib.Path.cwd(), configuration))
        used = ["waivers", "rtl"]
    elif form == "verilog":
        out = pathlib.Path.cwd() / "reveille.v"
        if subprocess.run([ROOT / "scripts/emit-verilog", "--config", configuration, out], check=False).returncode:
            sys.exit(1)
        sets = filesets([])
        used = ["verilog"]
    else:
        sys.exit(f"fusesoc-generate: form {form!r}, expected systemverilog or verilog")
    core = {
        "name": request["vlnv"],
        "filesets": {name: sets[name] for name in used},
        "targets": {"default": {"filesets": used}},
    }
    pathlib.Path("files.core").write_text(HEAD + yaml.safe_dump(core, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("package_lists: expected the file of FuseSoC's parameters")
    generate(yaml.safe_load(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")))
