# SPDX-License-Identifier: Apache-2.0
"""Wraps a module of any ports so that it fits a package of few pins, and nothing of it is optimized away.

Every input bit comes from one long shift register, every output bit is captured in a register of its own and folded
into a second chain. So all paths of the module start and end in registers, as they would inside a larger design.
"""

CLOCKS = ("clk_i", "clk")
RESETS = ("rst_ni", "rst_n")


def wrap(top, ports):
    """Verilog of module `harness` around `top`; ports: [(name, direction, width)]."""
    names = {name for name, _, _ in ports}
    clock = next((name for name in CLOCKS if name in names), None)
    reset = next((name for name in RESETS if name in names), None)
    if clock is None:
        raise SystemExit(f"synth: {top} has no clock; expected a port {' or '.join(CLOCKS)}")

    connections, declarations, inputs, outputs = [], [], 0, 0
    for name, direction, width in ports:
        if name == clock:
            wire = "clk"
        elif name == reset:
            wire = "rst_n"
        elif direction == "input":
            wire = f"stimulus[{inputs + width - 1}:{inputs}]"
            inputs += width
        else:
            wire = f"response[{outputs + width - 1}:{outputs}]"
            outputs += width
        connections.append(f"    .{name}({wire})")
        declarations.append(f"{direction} [{width - 1}:0] {name}")
    return f"""(* blackbox *)
module {top} ({", ".join(declarations)});
endmodule
module harness (input clk, input rst_n, input in, output out);
  reg [{inputs}:0] stimulus;
  wire [{outputs}:0] response;
  reg [{outputs}:0] captured, folded;
  assign response[{outputs}] = 1'b0;
  assign out = folded[{outputs}];
  always @(posedge clk) begin
    stimulus <= {{stimulus, in}};
    captured <= response;
    folded <= {{folded, 1'b0}} ^ captured;
  end
  (* keep *) {top} dut (
{",".join(chr(10) + connection for connection in connections)[1:]}
  );
endmodule
"""
