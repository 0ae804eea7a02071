// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// ECP5's form of rtl/entropy/reveille_ring_oscillator.sv: LUT4, which Yosys leaves as they are. synth/ecp5/rings.py
// counts the rings of a netlist and gives them their places; nextpnr wants --ignore-loops. A buffer takes the signal
// out, so that what samples it neither loads the ring nor has to lie where the ring lies.
module reveille_ring_oscillator #(
  parameter int unsigned Stages = 3
) (
  input  logic enable_i,
  output logic ring_o
);

  localparam logic [15:0] Nand     = 16'h7777;  // of A and B
  localparam logic [15:0] Inverter = 16'h5555;  // of A
  localparam logic [15:0] Buffer   = 16'hAAAA;  // of A

  if (Stages < 3 || Stages % 2 == 0) begin : gen_bad_stages
    $error("reveille_ring_oscillator: Stages %0d: expected an odd number, 3 or more", Stages);
  end

  logic [Stages-1:0] stage;

  for (genvar i = 0; i < int'(Stages); i++) begin : gen_stages
    (* keep, syn_keep = 1 *)
    LUT4 #(
      .INIT(i == 0 ? Nand : Inverter)
    ) u_stage (
      .A(stage[i == 0 ? Stages - 1 : i - 1]),
      .B(i == 0 ? enable_i : 1'b0),
      .C(1'b0),
      .D(1'b0),
      .Z(stage[i])
    );
  end

  (* keep, syn_keep = 1 *)
  LUT4 #(
    .INIT(Buffer)
  ) u_buffer (
    .A(stage[Stages-1]),
    .B(1'b0),
    .C(1'b0),
    .D(1'b0),
    .Z(ring_o)
  );

endmodule
