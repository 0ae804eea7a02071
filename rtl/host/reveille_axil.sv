// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// AXI4-Lite subordinate (AMBA IHI 0022, B1): one transaction at a time, every output from a register, every transaction
// of the same length. docs/timing/host.md H1, H2, H5. Beyond it: a request in N+1; in N+3 whether it is an error, and
// its data (0 where there is none). A write and a read that wait for each other take turns.
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

  output logic                    req_o,       // N+1
  output logic                    write_o,
  output logic [RegisterWidth-1:0] address_o,  // a word's
  output logic [31:0]             wdata_o,
  input  logic                    error_i,     // N+3
  input  logic [31:0]             rdata_i      // N+3
);

  typedef enum logic [2:0] {
    StateIdle,
    StateRequest,   // N+1
    StateAct,       // N+2
    StateData,      // N+3
    StateRespond
  } state_e;

  localparam logic [1:0] Okay = 2'b00, SlaveError = 2'b10;

  // Taking: of a write and a read the one whose kind was not taken last
  // ------------------------------------------------
  state_e state_q, state_d;
  logic idle, write_offered, take_write, take_read, take, refused, handed_over;
  logic write_q;                               // the transaction under way or, while idle, the last one
  logic refused_q;
  logic [AddressWidth-1:2] address;
  logic [RegisterWidth-1:2] address_q;
  logic [31:0] wdata_q;

  assign idle          = state_q == StateIdle;
  assign write_offered = awvalid_i && wvalid_i;
  assign take_write    = idle && write_offered && !(arvalid_i && write_q);
  assign take_read     = idle && arvalid_i && !(write_offered && !write_q);
  assign take          = take_write || take_read;
  assign address       = take_write ? awaddr_i[AddressWidth-1:2] : araddr_i[AddressWidth-1:2];
  assign refused       = address[AddressWidth-1:RegisterWidth] != '0 || (take_write && wstrb_i != 4'hF);
  assign handed_over   = write_q ? bready_i : rready_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StateIdle:    if (take) state_d = StateRequest;
      StateRequest: state_d = StateAct;
      StateAct:     state_d = StateData;
      StateData:    state_d = StateRespond;
      default:      if (handed_over) state_d = StateIdle;
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StateIdle;
      write_q   <= 1'b0;
      req_o     <= 1'b0;
      awready_o <= 1'b0;
      arready_o <= 1'b0;
    end else begin
      state_q   <= state_d;
      if (take) write_q <= take_write;
      req_o     <= take && !refused;
      awready_o <= take_write;
      arready_o <= take_read;
    end
  end

  always_ff @(posedge clk_i) begin
    if (idle) begin
      refused_q <= refused;
      address_q <= address[RegisterWidth-1:2];
      wdata_q   <= wdata_i;
    end
  end

  assign wready_o  = awready_o;
  assign write_o   = write_q;
  assign address_o = {address_q, 2'b00};
  assign wdata_o   = wdata_q;

  // Answering; whatever is not offered is 0
  // ----------------------------------------------------------------------------
  logic error_q, bvalid_d, rvalid_d;

  assign bvalid_d = state_d == StateRespond && write_q;
  assign rvalid_d = state_d == StateRespond && !write_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bvalid_o <= 1'b0;
      rvalid_o <= 1'b0;
      error_q  <= 1'b0;
      rdata_o  <= '0;
    end else begin
      bvalid_o <= bvalid_d;
      rvalid_o <= rvalid_d;
      if (state_q == StateData) begin
        error_q <= error_i || refused_q;
        rdata_o <= refused_q || write_q ? '0 : rdata_i;
      end else if (handed_over) begin
        error_q <= 1'b0;
        rdata_o <= '0;
      end
    end
  end

  assign bresp_o = bvalid_o && error_q ? SlaveError : Okay;
  assign rresp_o = rvalid_o && error_q ? SlaveError : Okay;

  // The low bits of an address say nothing: every access is a word's.
  logic unused_address;
  assign unused_address = &{awaddr_i[1:0], araddr_i[1:0]};

  `REVEILLE_ASSERT(WriteResponseStays, bvalid_o && !bready_i |=> bvalid_o && $stable(bresp_o))
  `REVEILLE_ASSERT(ReadResponseStays, rvalid_o && !rready_i |=> rvalid_o && $stable({rresp_o, rdata_o}))
  `REVEILLE_ASSERT(OneAtATime, !(bvalid_o && rvalid_o) && !(awready_o && arready_o))
  `REVEILLE_ASSERT(NoDataOfAnError, state_q == StateData && error_i && !write_q |-> rdata_i == '0)
  `REVEILLE_COVER(Turns, idle && write_offered && arvalid_i && write_q)

endmodule
