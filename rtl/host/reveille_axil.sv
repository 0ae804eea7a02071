// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// AXI4-Lite subordinate (AMBA IHI 0022, B1): one transaction at a time, every output from a register, every transaction
// of the same length. docs/timing/host.md H1, H2, H5. Beyond it: a request in N+1; whether its address is an error in N+2, its data in
// N+3.
//
// Writes come before reads. No partial writes, no protection bits. Addresses behind the registers make no request.
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
  input  logic                    error_i,     // N+2
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

  state_e state_q;
  logic request_q, write_q, refused_q, error_q, blank_q, take_write, take, refused;
  logic [AddressWidth-1:2] address;
  logic [RegisterWidth-1:2] address_q;
  logic [31:0] wdata_q, rdata_q;
  logic handed_over;

  assign take_write  = awvalid_i && wvalid_i;
  assign take        = take_write || arvalid_i;
  assign address     = take_write ? awaddr_i[AddressWidth-1:2] : araddr_i[AddressWidth-1:2];
  assign refused     = address[AddressWidth-1:RegisterWidth] != '0 || (take_write && wstrb_i != 4'hF);
  assign handed_over = write_q ? bready_i : rready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StateIdle;
      request_q <= 1'b0;
      awready_o <= 1'b0;
      arready_o <= 1'b0;
      bvalid_o  <= 1'b0;
      rvalid_o  <= 1'b0;
      error_q   <= 1'b0;
      blank_q   <= 1'b0;
      rdata_q   <= '0;
    end else begin
      request_q <= state_q == StateIdle && take && !refused;
      awready_o <= state_q == StateIdle && take_write;
      arready_o <= state_q == StateIdle && arvalid_i && !take_write;
      unique case (state_q)
        StateIdle:    if (take) state_q <= StateRequest;
        StateRequest: state_q <= StateAct;
        StateAct: begin
          state_q <= StateData;
          error_q <= error_i || refused_q;
          blank_q <= error_i || refused_q || write_q;
        end
        StateData: begin
          state_q  <= StateRespond;
          bvalid_o <= write_q;
          rvalid_o <= !write_q;
          rdata_q  <= blank_q ? '0 : rdata_i;
        end
        default: if (handed_over) begin
          state_q  <= StateIdle;
          bvalid_o <= 1'b0;
          rvalid_o <= 1'b0;
          error_q  <= 1'b0;
          rdata_q  <= '0;
        end
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (state_q == StateIdle) begin
      write_q   <= take_write;
      refused_q <= refused;
      address_q <= address[RegisterWidth-1:2];
      wdata_q   <= wdata_i;
    end
  end

  assign wready_o  = awready_o;
  assign bresp_o   = bvalid_o && error_q ? SlaveError : Okay;
  assign rresp_o   = rvalid_o && error_q ? SlaveError : Okay;
  assign rdata_o   = rdata_q;
  assign req_o     = request_q;
  assign write_o   = write_q;
  assign address_o = {address_q, 2'b00};
  assign wdata_o   = wdata_q;

  // The low bits of an address say nothing: every access is a word's.
  logic unused_address;
  assign unused_address = &{awaddr_i[1:0], araddr_i[1:0]};

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) bvalid_o && !bready_i |=> bvalid_o && $stable(bresp_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) rvalid_o && !rready_i |=> rvalid_o && $stable({rresp_o, rdata_o}));
  assert property (@(posedge clk_i) disable iff (!rst_ni) !(bvalid_o && rvalid_o) && !(awready_o && arready_o));
`endif

endmodule
