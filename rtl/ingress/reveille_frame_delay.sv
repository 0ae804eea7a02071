// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Holds the beats back until the verdict of their frame is known: a beat that is accepted in cycle c leaves in c+13,
// gaps and all (docs/timing/ingress.md I4).
module reveille_frame_delay
  import reveille_pkg::*;
(
  input  logic  clk_i,
  input  logic  rst_ni,
  input  beat_t beat_i,
  output beat_t beat_o
);

  localparam int unsigned Cycles = 13;

  logic [Cycles-1:0]    valid_q;
  logic                 last;
  logic [KeepWidth-1:0] keep;
  logic [DataWidth-1:0] data;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= {valid_q[Cycles-2:0], beat_i.valid};
  end

  reveille_delay #(
    .Width (1 + KeepWidth + DataWidth),
    .Cycles(Cycles)
  ) u_delay (
    .clk_i,
    .rst_ni,
    .data_i({beat_i.last, beat_i.keep, beat_i.data}),
    .data_o({last, keep, data})
  );

  assign beat_o = '{valid: valid_q[Cycles-1], last: last, keep: keep, data: data};

endmodule
