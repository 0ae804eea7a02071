// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What AXI4-Lite asks of a subordinate: its answers are AXI4-Stream's offers, and there is none without a whole request
// before it, address and data of a write, address of a read. The manager may do as it likes.
module axi_lite_rules (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        awvalid_i,
  input logic        awready_i,
  input logic        wvalid_i,
  input logic        wready_i,
  input logic        bvalid_i,
  input logic        bready_i,
  input logic [1:0]  bresp_i,
  input logic        arvalid_i,
  input logic        arready_i,
  input logic        rvalid_i,
  input logic        rready_i,
  input logic [1:0]  rresp_i,
  input logic [31:0] rdata_i
);

  axi_stream_rules #(
    .Width(2)
  ) u_write_response (
    .clk_i,
    .rst_ni,
    .valid_i(bvalid_i),
    .ready_i(bready_i),
    .data_i (bresp_i)
  );

  axi_stream_rules #(
    .Width(34)
  ) u_read_response (
    .clk_i,
    .rst_ni,
    .valid_i(rvalid_i),
    .ready_i(rready_i),
    .data_i ({rresp_i, rdata_i})
  );

  // Requests taken and not yet answered; none of them is more than 15 in a subordinate that this is for.
  logic [3:0] addresses, words, reads;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {addresses, words, reads} <= '0;
    end else begin
      addresses <= addresses + 4'(awvalid_i && awready_i) - 4'(bvalid_i && bready_i);
      words     <= words + 4'(wvalid_i && wready_i) - 4'(bvalid_i && bready_i);
      reads     <= reads + 4'(arvalid_i && arready_i) - 4'(rvalid_i && rready_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      counted: assert (addresses != '1 && words != '1 && reads != '1);
      write_answers_a_request: assert (!bvalid_i || (addresses != '0 && words != '0));
      read_answers_a_request: assert (!rvalid_i || reads != '0);
      known_response: assert ((!bvalid_i || bresp_i != 2'b01) && (!rvalid_i || rresp_i != 2'b01));  // no EXOKAY
    end
  end

endmodule
