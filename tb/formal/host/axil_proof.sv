// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_axil against H1, H2 and H5 of docs/timing/host.md, to the cycle, and bound B9 of docs/timing.md, from any
// power-up state, with resets at any time and a manager that holds its requests until they are taken. Registers answer
// in N+5 alone, and nothing to what they refuse.
module axil_proof (
  input logic        clk_i,
  input logic        rst_ni,
  input logic [11:0] awaddr_i,
  input logic        awvalid_i,
  input logic [31:0] wdata_i,
  input logic [3:0]  wstrb_i,
  input logic        wvalid_i,
  input logic        bready_i,
  input logic [11:0] araddr_i,
  input logic        arvalid_i,
  input logic        rready_i,
  input logic        error_i,
  input logic [31:0] rdata_i
);

  logic        awready, wready, bvalid, arready, rvalid, taken, request, write;
  logic [1:0]  bresp, rresp;
  logic [9:0]  address;
  logic [31:0] rdata, wdata;

  reveille_axil u_block (
    .clk_i,
    .rst_ni,
    .awaddr_i,
    .awvalid_i,
    .awready_o(awready),
    .wdata_i,
    .wstrb_i,
    .wvalid_i,
    .wready_o (wready),
    .bresp_o  (bresp),
    .bvalid_o (bvalid),
    .bready_i,
    .araddr_i,
    .arvalid_i,
    .arready_o(arready),
    .rdata_o  (rdata),
    .rresp_o  (rresp),
    .rvalid_o (rvalid),
    .rready_i,
    .taken_o  (taken),
    .req_o    (request),
    .write_o  (write),
    .address_o(address),
    .wdata_o  (wdata),
    .error_i,
    .rdata_i
  );

  axi_lite_rules u_rules (
    .clk_i,
    .rst_ni,
    .awvalid_i,
    .awready_i(awready),
    .wvalid_i,
    .wready_i (wready),
    .bvalid_i (bvalid),
    .bready_i,
    .bresp_i  (bresp),
    .arvalid_i,
    .arready_i(arready),
    .rvalid_i (rvalid),
    .rready_i,
    .rresp_i  (rresp),
    .rdata_i  (rdata)
  );

  // Idle, N+1 to N+5, and from N+6 on.
  typedef enum logic [2:0] {Idle, Taken, Second, Third, Fourth, Fifth, Answered} step_e;

  step_e       step;
  logic        last_write, bad, started_q = 1'b0;
  logic        held_write_q = 1'b0, held_read_q = 1'b0;  // offered in the cycle before, and not taken
  logic [31:0] given_data, answer;
  logic [11:0] given_address;
  logic        takes_write, takes_read, response_waits;
  logic [4:0]  write_waits, read_waits;  // cycles, less those in which the manager left a response waiting

  assign takes_write    = step == Idle && awvalid_i && wvalid_i && !(arvalid_i && last_write);
  assign takes_read     = step == Idle && arvalid_i && !takes_write;
  assign response_waits = step == Answered && !(last_write ? bready_i : rready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      step        <= Idle;
      last_write  <= 1'b0;
      write_waits <= '0;
      read_waits  <= '0;
    end else begin
      case (step)
        Idle:     if (takes_write || takes_read) step <= Taken;
        Answered: if (!response_waits) step <= Idle;
        default:  step <= step_e'(step + 3'd1);
      endcase
      if (takes_write || takes_read) last_write <= takes_write;
      if (!(awvalid_i && wvalid_i) || awready) write_waits <= '0;
      else if (!response_waits) write_waits <= write_waits + 1'b1;
      if (!arvalid_i || arready) read_waits <= '0;
      else if (!response_waits) read_waits <= read_waits + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    started_q    <= 1'b1;
    held_write_q <= rst_ni && awvalid_i && wvalid_i && !awready;
    held_read_q  <= rst_ni && arvalid_i && !arready;
    if (step == Idle) begin
      given_address <= takes_write ? awaddr_i : araddr_i;
      given_data    <= wdata_i;
      bad           <= takes_write ? (wstrb_i != 4'hF || awaddr_i >= 12'h400) : araddr_i >= 12'h400;
    end
    if (step == Third) bad <= bad || error_i;
    if (step == Fifth) answer <= rdata_i;
  end

  always_ff @(posedge clk_i) begin
    assume (started_q || !rst_ni);
    assume (!held_write_q || (awvalid_i && wvalid_i));
    assume (!held_read_q || arvalid_i);
    assume (rdata_i == '0 || (step == Fifth && !last_write && !bad));
    if (rst_ni) begin
      taken_in_turn: assert ({awready, wready} == {2{step == Taken && last_write}} &&
                             arready == (step == Taken && !last_write));
      asks_once: assert (taken == (step == Taken) && request == (step == Taken && !bad));
      asks_as_told: assert (!request || (write == last_write && address == {given_address[9:2], 2'b00}));
      writes_as_told: assert (!(request && write) || wdata == given_data);
      answers_in_time: assert (bvalid == (step == Answered && last_write) &&
                               rvalid == (step == Answered && !last_write));
      says_error: assert (bresp == {bvalid && bad, 1'b0} && rresp == {rvalid && bad, 1'b0});
      reads_what_was: assert (rdata == (rvalid ? answer : '0));
      write_within_bound: assert (write_waits <= 5'd14);
      read_within_bound: assert (read_waits <= 5'd14);
      write_goes_second: cover (takes_write && write_waits == 5'd8);
      read_goes_second: cover (takes_read && read_waits == 5'd8);
      answered: cover (rvalid && rready_i && answer[31:16] == 16'hCAFE);
      refused: cover (bvalid && bready_i && bad && given_address < 12'h400);
    end
  end

endmodule
