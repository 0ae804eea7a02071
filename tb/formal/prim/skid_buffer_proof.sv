// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_skid_buffer is a queue of two words, from any power-up state, with resets at any time and inputs of any
// kind. The queue here tells its outputs from its state alone, so none of them follows an input of its cycle.
module skid_buffer_proof (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       valid_i,
  input logic       ready_i,
  input logic [7:0] data_i
);

  logic       valid, ready;
  logic [7:0] data;

  reveille_skid_buffer #(
    .Width(8)
  ) u_block (
    .clk_i,
    .rst_ni,
    .valid_i,
    .ready_o(ready),
    .data_i,
    .valid_o(valid),
    .ready_i,
    .data_o (data)
  );

  axi_stream_rules #(
    .Width(8)
  ) u_rules (
    .clk_i,
    .rst_ni,
    .valid_i(valid),
    .ready_i,
    .data_i (data)
  );

  // The queue
  logic [1:0] count;
  logic [7:0] older, newer;
  logic       started_q = 1'b0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) count <= '0;
    else count <= count + 2'(valid_i && count != 2'd2) - 2'(count != 2'd0 && ready_i);
  end

  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    if (count == 2'd0 || ready_i) older <= count == 2'd2 ? newer : data_i;
    if (count != 2'd2) newer <= data_i;
  end

  always_ff @(posedge clk_i) begin
    assume (started_q || !rst_ni);
    if (rst_ni) begin
      offered_while_held: assert (valid == (count != 2'd0));
      room_for_two: assert (ready == (count != 2'd2));
      in_order: assert (count == 2'd0 || data == older);
      is_full: cover (count == 2'd2 && older != newer);
      at_full_rate: cover (count == 2'd1 && valid_i && ready_i && data != data_i);
    end
  end

endmodule
