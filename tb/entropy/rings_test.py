# SPDX-License-Identifier: Apache-2.0
"""Maps the noise source for ECP5, and looks for its rings in the netlist.

usage: rings_test.py OUT
"""

import copy
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts/tool"), str(ROOT / "synth/ecp5")]
import rings  # noqa: E402
import rtl_files  # noqa: E402
import synth  # noqa: E402

TOP = "reveille_noise_source"
LENGTHS = [3, 5, 7]


def refused(cells, path, change):
    """Whether a netlist with that change to the first stage of a ring is an error."""
    broken = copy.deepcopy(cells)
    change(broken, rings.rings(cells)[path][0])
    try:
        return [len(names) for names in rings.rings(broken).values()] != LENGTHS
    except SystemExit:
        return True


def main():
    out = pathlib.Path(sys.argv[1]).resolve()
    out.mkdir(parents=True, exist_ok=True)
    own = sorted((ROOT / "synth/ecp5").glob("*.sv"))
    synth.map_alone(TOP, [str(path) for path in rtl_files.rtl_files(out, [TOP], own)], out)
    cells = json.loads((out / "core.json").read_text(encoding="utf-8"))["modules"][TOP]["cells"]
    found = rings.rings(cells)
    lengths = [len(names) for _, names in sorted(found.items())]
    assert lengths == LENGTHS, f"rings of {lengths} stages, expected {LENGTHS}"
    for path in found:
        assert refused(cells, path, lambda broken, name: broken.pop(name)), f"{path}: a stage less is no error"
        assert refused(cells, path, lambda broken, name: broken[name]["connections"].update(A=["0"])), \
            f"{path}: an open ring is no error"
    assert rings.place(cells) == len(LENGTHS)
    places = [cell["attributes"]["BEL"] for cell in cells.values() if "BEL" in cell["attributes"]]
    assert len(set(places)) == sum(LENGTHS), f"{len(set(places))} places, expected {sum(LENGTHS)}"
    tiles = {place.rsplit("/", 1)[0] for place in places}
    assert len(tiles) == len(LENGTHS), f"rings in {len(tiles)} tiles, expected {len(LENGTHS)}"


if __name__ == "__main__":
    main()
