# SPDX-License-Identifier: Apache-2.0
"""Where the block RAMs of the nonce store lie in an LFE5U-85.

They are four fifths of the core's RAMs and fill two of the device's rows of RAM, so they decide where everything else
goes. Left to the placer, one seed in two folds the bits of an entry over each other: wires a third longer, and routing
that takes ten times as long. So they are laid out by hand: the four lanes of the same bits beside each other, the bits
of an entry along the rows, in the order of who compares them.
"""

import json

ROWS = (22, 46)  # bank 0, bank 1
# RAM and its blocks of 18 bits, from left to right: client, state, client and nonce, deadline, aux.
BLOCKS = [("u_identity", block) for block in (11, 10, 9, 8, 7, 6, 5)] + [("gen_parts.u_state", 0)]
BLOCKS += [("u_identity", block) for block in (4, 3, 2, 1, 0)] + [("u_aux", block) for block in (0, 1, 2, 3)]
FIRST_SITE = 10  # so that the middle of the blocks is that of the device


def sites():
    """Tiles and names of the RAMs of a row: four in nine tiles, with the clock's spine in between."""
    columns = [6, 8, 10] + [left + step for left in [*range(13, 64, 9), *range(69, 118, 9)] for step in (0, 2, 4, 6)]
    return [(column, f"EBR{(index + 1) % 4}") for index, column in enumerate(columns)]


def places():
    """End of the name of each block's cell, and its place (nextpnr's BEL)."""
    row = sites()[FIRST_SITE:]
    for index, (memory, block) in enumerate(BLOCKS):
        for lane in range(4):
            column, site = row[2 * index + lane % 2]
            cell = f"gen_lane[{lane}].u_lane.{memory}.gen_blocks[{block}].u_block"
            yield cell, f"X{column}/Y{ROWS[lane // 2]}/{site}"


def apply(path):
    """Places the nonce store's RAMs in the netlist, if it holds a store; any other shape of the store is an error."""
    netlist = json.loads(path.read_text(encoding="utf-8"))
    cells = netlist["modules"]["harness"]["cells"]
    store = {name: cell for name, cell in cells.items() if "gen_lane[" in name and name.endswith(".u_block")}
    for end, place in places() if store else ():
        block = [cell for name, cell in store.items() if name.endswith(end)]
        if len(block) != 1:
            raise SystemExit(f"synth: {len(block)} block RAMs named *{end}, expected 1; see synth/ecp5/floorplan.py")
        block[0]["attributes"]["BEL"] = place
    if store and len(store) != 4 * len(BLOCKS):
        raise SystemExit(
            f"synth: {len(store)} block RAMs in the store, expected {4 * len(BLOCKS)}; see synth/ecp5/floorplan.py")
    path.write_text(json.dumps(netlist), encoding="utf-8")
