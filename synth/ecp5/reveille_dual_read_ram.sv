// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_dual_read_ram for Lattice ECP5: the same ports and cycles as rtl/prim/reveille_dual_read_ram.sv, on DP16KD
// in true dual port mode with their output registers, which Yosys does not infer. The widest aspect that holds Depth in
// one block is taken, so that no multiplexer follows the output registers. Source: Lattice FPGA-TN-02204.
module reveille_dual_read_ram #(
  parameter  int unsigned Width        = 18,
  parameter  int unsigned Depth        = 1024,
  localparam int unsigned AddressWidth = $clog2(Depth)
) (
  input  logic                    clk_i,
  input  logic                    a_write_i,
  input  logic [AddressWidth-1:0] a_addr_i,
  input  logic [Width-1:0]        a_wdata_i,
  output logic [Width-1:0]        a_rdata_o,
  input  logic [AddressWidth-1:0] b_addr_i,
  output logic [Width-1:0]        b_rdata_o
);

  if (Depth < 2 || Depth > 16384 || Width < 1) begin : gen_bad_parameters
    $error("reveille_dual_read_ram: Width %0d, Depth %0d: expected Width >= 1 and Depth from 2 to 16384", Width, Depth);
  end

  // Bits a block, and the address bits below the word's address. The 36 bit aspect has no second port.
  localparam int unsigned Aspect = Depth <= 1024 ? 18 : Depth <= 2048 ? 9 : Depth <= 4096 ? 4 : Depth <= 8192 ? 2 : 1;
  localparam int unsigned Shift  = Aspect == 18 ? 4 : Aspect == 9 ? 3 : Aspect == 4 ? 2 : Aspect == 2 ? 1 : 0;
  localparam int unsigned Blocks = (Width + Aspect - 1) / Aspect;
  // In the 18 bit aspect the lowest address bits of the writing port enable its octets.
  localparam logic [13:0] ByteEnables = Aspect == 18 ? 14'h3 : 14'h0;

  logic [13:0] a_address, b_address;
  assign a_address = 14'(a_addr_i) << Shift | ByteEnables;
  assign b_address = 14'(b_addr_i) << Shift;

  logic [Blocks*Aspect-1:0] write_data, a_data, b_data;
  assign write_data = (Blocks * Aspect)'(a_wdata_i);
  assign a_rdata_o  = a_data[Width-1:0];
  assign b_rdata_o  = b_data[Width-1:0];
  logic unused_data;  // the bits of the last block above Width
  assign unused_data = &{1'b0, a_data, b_data};

  for (genvar block = 0; block < Blocks; block++) begin : gen_blocks
    logic [17:0] in, a_out, b_out;
    logic        unused_out;  // the bits above a narrow aspect
    assign unused_out = &{1'b0, a_out, b_out};
    assign in = 18'(write_data[block*Aspect+:Aspect]);
    assign a_data[block*Aspect+:Aspect] = Aspect'(a_out);
    assign b_data[block*Aspect+:Aspect] = Aspect'(b_out);

    DP16KD #(
      .DATA_WIDTH_A(Aspect), .DATA_WIDTH_B(Aspect),
      .REGMODE_A("OUTREG"), .REGMODE_B("OUTREG"),
      .RESETMODE("SYNC"), .ASYNC_RESET_RELEASE("SYNC"),
      .WRITEMODE_A("NORMAL"), .WRITEMODE_B("NORMAL"),
      .CSDECODE_A("0b000"), .CSDECODE_B("0b000"),
      .GSR("DISABLED")
    ) u_block (
      .CLKA(clk_i), .CEA(1'b1), .OCEA(1'b1), .WEA(a_write_i), .RSTA(1'b0), .CSA0(1'b0), .CSA1(1'b0), .CSA2(1'b0),
      .CLKB(clk_i), .CEB(1'b1), .OCEB(1'b1), .WEB(1'b0), .RSTB(1'b0), .CSB0(1'b0), .CSB1(1'b0), .CSB2(1'b0),
      .ADA0(a_address[0]), .ADA1(a_address[1]), .ADA2(a_address[2]), .ADA3(a_address[3]), .ADA4(a_address[4]),
      .ADA5(a_address[5]), .ADA6(a_address[6]), .ADA7(a_address[7]), .ADA8(a_address[8]), .ADA9(a_address[9]),
      .ADA10(a_address[10]), .ADA11(a_address[11]), .ADA12(a_address[12]), .ADA13(a_address[13]),
      .ADB0(b_address[0]), .ADB1(b_address[1]), .ADB2(b_address[2]), .ADB3(b_address[3]), .ADB4(b_address[4]),
      .ADB5(b_address[5]), .ADB6(b_address[6]), .ADB7(b_address[7]), .ADB8(b_address[8]), .ADB9(b_address[9]),
      .ADB10(b_address[10]), .ADB11(b_address[11]), .ADB12(b_address[12]), .ADB13(b_address[13]),
      .DIA0(in[0]), .DIA1(in[1]), .DIA2(in[2]), .DIA3(in[3]), .DIA4(in[4]), .DIA5(in[5]), .DIA6(in[6]), .DIA7(in[7]),
      .DIA8(in[8]), .DIA9(in[9]), .DIA10(in[10]), .DIA11(in[11]), .DIA12(in[12]), .DIA13(in[13]), .DIA14(in[14]),
      .DIA15(in[15]), .DIA16(in[16]), .DIA17(in[17]),
      .DIB0(1'b0), .DIB1(1'b0), .DIB2(1'b0), .DIB3(1'b0), .DIB4(1'b0), .DIB5(1'b0), .DIB6(1'b0), .DIB7(1'b0),
      .DIB8(1'b0), .DIB9(1'b0), .DIB10(1'b0), .DIB11(1'b0), .DIB12(1'b0), .DIB13(1'b0), .DIB14(1'b0), .DIB15(1'b0),
      .DIB16(1'b0), .DIB17(1'b0),
      .DOA0(a_out[0]), .DOA1(a_out[1]), .DOA2(a_out[2]), .DOA3(a_out[3]), .DOA4(a_out[4]), .DOA5(a_out[5]),
      .DOA6(a_out[6]), .DOA7(a_out[7]), .DOA8(a_out[8]), .DOA9(a_out[9]), .DOA10(a_out[10]), .DOA11(a_out[11]),
      .DOA12(a_out[12]), .DOA13(a_out[13]), .DOA14(a_out[14]), .DOA15(a_out[15]), .DOA16(a_out[16]),
      .DOA17(a_out[17]),
      .DOB0(b_out[0]), .DOB1(b_out[1]), .DOB2(b_out[2]), .DOB3(b_out[3]), .DOB4(b_out[4]), .DOB5(b_out[5]),
      .DOB6(b_out[6]), .DOB7(b_out[7]), .DOB8(b_out[8]), .DOB9(b_out[9]), .DOB10(b_out[10]), .DOB11(b_out[11]),
      .DOB12(b_out[12]), .DOB13(b_out[13]), .DOB14(b_out[14]), .DOB15(b_out[15]), .DOB16(b_out[16]),
      .DOB17(b_out[17])
    );
  end

endmodule
