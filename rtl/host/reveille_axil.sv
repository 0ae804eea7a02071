// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// AXI4-Lite subordinate (AMBA IHI 0022, B1): one transaction at a time, every output from a register, every transaction
// of the same length. docs/timing/host.md H1, H2, H5. Beyond it: a request in N+1; in N+3 whether it is an error, in
// N+5 its data (0 where there is none). A write and a read that wait for each other take turns.
//
// No partial writes, no protection bits. Addresses behind the registers make no request.
`include "reveille_assert.svh"

module reveille_axil #(
  parameter int unsigned AddressWidth = 12,
  parameter int unsigned RegisterWidth = 10    // address bits within the registers
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  input  logic [AddressWidth-1:0] awaddr_i,
  input  logic                    awvalid_i,
  output logic                    awready_o,
  input  logic [31:0]             wdata_i,
  input  logic [3:0]              wstrb_i,
  input  logic                    wvalid_i,
  output logic                    wready_o,
  output logic [1:0]              bresp_o,
  output logic                    bvalid_o,
  input  logic                    bready_i,
  input  logic [AddressWidth-1:0] araddr_i,
  input  logic                    arvalid_i,
  output logic                    arready_o,
  output logic [31:0]             rdata_o,
  output logic [1:0]              rresp_o,
  output logic                    rvalid_o,
  input  logic                    rready_i,

  output logic                    taken_o,     // N+1
  output logic                    req_o,       // N+1, unless there is nothing to ask for
  output logic                    write_o,
  output logic [RegisterWidth-1:0] address_o,  // a word's
  output logic [31:0]             wdata_o,
  input  logic                    error_i,     // N+3
  input  logic [31:0]             rdata_i      // N+5, 0 in any other cycle
);

  localparam logic [1:0] Okay = 2'b00, SlaveError = 2'b10;

  // Taking, in N: of a write and a read the one whose kind was not taken last
  // ------------------------------------------
  logic idle_q;
  logic [5:1] step_q;                          // step_q[i]: N+i
  logic write_offered, take_write, take_read, respond, handed_over;
  logic write_q;                               // the transaction under way or, while idle, the last one
  logic partial_q;                             // not all octets would be written
  logic [AddressWidth-1:2] address_q;
  logic [31:0] wdata_q;

  assign write_offered = awvalid_i && wvalid_i;
  assign take_write    = idle_q && write_offered && !(arvalid_i && write_q);
  assign take_read     = idle_q && arvalid_i && !(write_offered && !write_q);
  assign respond       = step_q[5];
  assign handed_over   = (bvalid_o && bready_i) || (rvalid_o && rready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      idle_q    <= 1'b1;
      step_q    <= '0;
      write_q   <= 1'b0;
      awready_o <= 1'b0;
      arready_o <= 1'b0;
    end else begin
      idle_q    <= idle_q ? !(take_write || take_read) : handed_over;
      step_q    <= {step_q[4:1], take_write || take_read};
      if (take_write || take_read) write_q <= take_write;
      awready_o <= take_write;
      arready_o <= take_read;
    end
  end

  always_ff @(posedge clk_i) begin
    if (idle_q) begin
      partial_q <= wstrb_i != 4'hF;
      address_q <= take_write ? awaddr_i[AddressWidth-1:2] : araddr_i[AddressWidth-1:2];
      wdata_q   <= wdata_i;
    end
  end

  assign wready_o = awready_o;

  // Asking the registers, unless there is nothing to ask
  // ------------------------------------------------------------------
  logic refused;

  assign refused   = address_q[AddressWidth-1:RegisterWidth] != '0 || (write_q && partial_q);
  assign taken_o   = step_q[1];
  assign req_o     = step_q[1] && !refused;
  assign write_o   = write_q;
  assign address_o = {address_q[RegisterWidth-1:2], 2'b00};
  assign wdata_o   = wdata_q;

  // Answering; whatever is not offered is 0
  // ----------------------------------------------------------------------------
  logic answers_q, bad_q, bad_write_q, bad_read_q;  // answers_q: a read's data, in N+5

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      answers_q   <= 1'b0;
      bad_q       <= 1'b0;
      bvalid_o    <= 1'b0;
      rvalid_o    <= 1'b0;
      bad_write_q <= 1'b0;
      bad_read_q  <= 1'b0;
      rdata_o     <= '0;
    end else begin
      answers_q   <= step_q[4] && !write_q && !refused;
      if (step_q[3]) bad_q <= refused || error_i;
      bvalid_o    <= (respond && write_q) || (bvalid_o && !bready_i);
      rvalid_o    <= (respond && !write_q) || (rvalid_o && !rready_i);
      bad_write_q <= (respond && write_q && bad_q) || (bad_write_q && !bready_i);
      bad_read_q  <= (respond && !write_q && bad_q) || (bad_read_q && !rready_i);
      if (answers_q || (rvalid_o && rready_i)) rdata_o <= rdata_i;
    end
  end

  assign bresp_o = bad_write_q ? SlaveError : Okay;
  assign rresp_o = bad_read_q ? SlaveError : Okay;

  // The low bits of an address say nothing: every access is a word's.
  logic unused_address;
  assign unused_address = &{awaddr_i[1:0], araddr_i[1:0]};

  `REVEILLE_ASSERT_STAYS(WriteResponseStays, bvalid_o, bready_i, bresp_o)
  `REVEILLE_ASSERT_STAYS(ReadResponseStays, rvalid_o, rready_i, {rresp_o, rdata_o})
  `REVEILLE_ASSERT(OneAtATime, !(bvalid_o && rvalid_o) && !(awready_o && arready_o))
  `REVEILLE_ASSERT(DataOfAReadOnly, (answers_q && bad_q) || (rvalid_o && rready_i) -> rdata_i == '0)
  `REVEILLE_ASSERT(OneStep, $onehot0({idle_q, step_q, bvalid_o, rvalid_o}))
  `REVEILLE_COVER(Turns, idle_q && write_offered && arvalid_i && write_q)

endmodule
