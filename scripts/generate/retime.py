# SPDX-License-Identifier: Apache-2.0
"""Puts registers between the address decoder and the fields of peakrdl's register block: what is written, and a request
of what lies outside, acts a cycle later, one LUT4 behind a register. peakrdl itself has no option for it.

usage: retime.py REGISTERS.sv

Address, data and is_wr are to stand still for a cycle after their request.
"""

import pathlib
import sys

STROBES = ("decoded_reg_strb", "decoded_err", "decoded_req_is_external")
DECODER_BEGINS = "    always_comb begin\n        automatic logic is_valid_addr;"
DECODER_ENDS = "    logic external_wr_ack;\n"
REQUEST = "    assign decoded_req = cpuif_req_masked;\n"
REGISTERS = """    always_ff @(posedge clk or negedge arst_n) begin
        if(~arst_n) begin
            decoded_reg_strb <= '{default: '0};
            decoded_err <= '0;
            decoded_req_is_external <= '0;
            decoded_req <= '0;
        end else begin
            decoded_reg_strb <= next_reg_strb;
            decoded_err <= next_err;
            decoded_req_is_external <= next_req_is_external;
            decoded_req <= cpuif_req_masked;
        end
    end
"""


def parted(text, mark):
    if text.count(mark) != 1:
        sys.exit(f"retime: not once in the register block: {mark!r}")
    return text.split(mark)


def main():
    path = pathlib.Path(sys.argv[1])
    before, rest = parted(path.read_text(encoding="utf-8"), DECODER_BEGINS)
    decoder, after = parted(rest, DECODER_ENDS)
    decoder = decoder.replace("& decoded_req;", "& cpuif_req_masked;")
    for name in STROBES:
        decoder = decoder.replace(name, name.replace("decoded", "next"))
    declarations = "    decoded_reg_strb_t next_reg_strb;\n    logic next_err;\n    logic next_req_is_external;\n\n"
    after = "".join(parted(after, REQUEST))
    path.write_text(before + declarations + DECODER_BEGINS + decoder + REGISTERS + DECODER_ENDS + after, encoding="utf-8")


if __name__ == "__main__":
    main()
