// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What AXI4-Stream asks of a port's source: nothing is offered in reset, and what is offered stays as it is until it is
// taken. Held of what a block sends; with Assumed, believed of what it is sent.
module axi_stream_rules #(
  parameter int unsigned Width   = 64,
  parameter bit          Assumed = 1'b0
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             valid_i,
  input logic             ready_i,
  input logic [Width-1:0] data_i  // all that goes with valid_i
);

  logic             waits_q = 1'b0;  // offered in the cycle before, and not taken
  logic [Width-1:0] data_q;

  always_ff @(posedge clk_i) begin
    waits_q <= rst_ni && valid_i && !ready_i;
    data_q  <= data_i;
  end

  if (Assumed) begin : gen_assumed
    always_ff @(posedge clk_i) begin
      if (!rst_ni) assume (!valid_i);
      else if (waits_q) assume (valid_i && data_i == data_q);
    end
  end else begin : gen_held
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        nothing_in_reset: assert (!valid_i);
      end else if (waits_q) begin
        offered_until_taken: assert (valid_i && data_i == data_q);
      end
    end
  end

endmodule
