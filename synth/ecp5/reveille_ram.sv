// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// reveille_ram for Lattice ECP5: the same ports and cycles as rtl/prim/reveille_ram.sv, on DP16KD with their output
// registers, which Yosys does not infer. Port A writes, port B reads. The widest aspect that holds Depth in one block
// is taken, so that no multiplexer follows the output register. Source: Lattice FPGA-TN-02204.
module reveille_ram #(
  parameter  int unsigned Width        = 72,
  parameter  int unsigned Depth        = 512,
  parameter  int unsigned Parts        = 1,
  localparam int unsigned AddressWidth = $clog2(Depth)
) (
  input  logic                    clk_i,
  input  logic [Parts-1:0]        we_i,
  input  logic [AddressWidth-1:0] waddr_i,
  input  logic [Width-1:0]        wdata_i,
  input  logic                    re_i = 1'b1,
  input  logic                    oe_i = 1'b1,
  input  logic [AddressWidth-1:0] raddr_i,
  output logic [Width-1:0]        rdata_o
);

  if (Depth < 2 || Depth > 16384 || Width < 1) begin : gen_bad_parameters
    $error("reveille_ram: Width %0d, Depth %0d: expected Width >= 1 and Depth from 2 to 16384", Width, Depth);
  end
  if (Parts != 1 && (Width != 9 * Parts || Depth > 1024)) begin : gen_bad_parts
    $error("reveille_ram: Parts %0d, Width %0d, Depth %0d: expected Width = 9 x Parts and Depth <= 1024",
           Parts, Width, Depth);
  end

  // Bits a block, and the address bits below the word's address.
  localparam int unsigned Aspect = Depth <= 512 ? 36 : Depth <= 1024 ? 18 : Depth <= 2048 ? 9 :
                                   Depth <= 4096 ? 4 : Depth <= 8192 ? 2 : 1;
  localparam int unsigned Shift  = Aspect == 36 ? 5 : Aspect == 18 ? 4 : Aspect == 9 ? 3 :
                                   Aspect == 4 ? 2 : Aspect == 2 ? 1 : 0;
  localparam int unsigned Blocks = (Width + Aspect - 1) / Aspect;
  localparam int unsigned Octets = Aspect >= 9 ? Aspect / 9 : 1;

  logic [13:0] write_address, read_address;
  assign write_address = 14'(waddr_i) << Shift;
  assign read_address  = 14'(raddr_i) << Shift;

  logic [Blocks*Aspect-1:0] write_data, read_data;
  assign write_data = (Blocks * Aspect)'(wdata_i);
  assign rdata_o    = read_data[Width-1:0];
  logic unused_read_data;  // the bits of the last block above Width
  assign unused_read_data = &{1'b0, read_data};

  for (genvar block = 0; block < Blocks; block++) begin : gen_blocks
    // 36 bits: the low half is DIA and DOA, the high half DIB and DOB. Else DIA in, DOB out.
    logic [35:0] in, out;
    logic unused_out;  // the bits above a narrow aspect
    assign unused_out = &{1'b0, out};
    // In the 18 and 36 bit aspects the lowest address bits of the writing port enable its octets.
    logic [3:0] enables;
    always_comb begin
      enables = write_address[3:0];
      if (Aspect >= 18) begin
        for (int unsigned i = 0; i < Octets; i++) enables[i] = Parts == 1 || we_i[(block * Octets + i) % Parts];
      end
    end
    assign in = 36'(write_data[block*Aspect+:Aspect]);
    assign read_data[block*Aspect+:Aspect] = Aspect == 36 ? Aspect'(out) : Aspect'(out[35:18]);

    DP16KD #(
      .DATA_WIDTH_A(Aspect), .DATA_WIDTH_B(Aspect),
      .REGMODE_A("OUTREG"), .REGMODE_B("OUTREG"),
      .RESETMODE("SYNC"), .ASYNC_RESET_RELEASE("SYNC"),
      .WRITEMODE_A("NORMAL"), .WRITEMODE_B("NORMAL"),
      .CSDECODE_A("0b000"), .CSDECODE_B("0b000"),
      .GSR("DISABLED")
    ) u_block (
      .CLKA(clk_i), .CEA(1'b1), .OCEA(re_i && oe_i), .WEA(|we_i), .RSTA(1'b0), .CSA0(1'b0), .CSA1(1'b0), .CSA2(1'b0),
      .CLKB(clk_i), .CEB(re_i), .OCEB(re_i && oe_i), .WEB(1'b0), .RSTB(1'b0), .CSB0(1'b0), .CSB1(1'b0), .CSB2(1'b0),
      .ADA0(enables[0]), .ADA1(enables[1]), .ADA2(enables[2]), .ADA3(enables[3]),
      .ADA4(write_address[4]), .ADA5(write_address[5]), .ADA6(write_address[6]), .ADA7(write_address[7]),
      .ADA8(write_address[8]), .ADA9(write_address[9]), .ADA10(write_address[10]), .ADA11(write_address[11]),
      .ADA12(write_address[12]), .ADA13(write_address[13]),
      .ADB0(read_address[0]), .ADB1(read_address[1]), .ADB2(read_address[2]), .ADB3(read_address[3]),
      .ADB4(read_address[4]), .ADB5(read_address[5]), .ADB6(read_address[6]), .ADB7(read_address[7]),
      .ADB8(read_address[8]), .ADB9(read_address[9]), .ADB10(read_address[10]), .ADB11(read_address[11]),
      .ADB12(read_address[12]), .ADB13(read_address[13]),
      .DIA0(in[0]), .DIA1(in[1]), .DIA2(in[2]), .DIA3(in[3]), .DIA4(in[4]), .DIA5(in[5]), .DIA6(in[6]), .DIA7(in[7]),
      .DIA8(in[8]), .DIA9(in[9]), .DIA10(in[10]), .DIA11(in[11]), .DIA12(in[12]), .DIA13(in[13]), .DIA14(in[14]),
      .DIA15(in[15]), .DIA16(in[16]), .DIA17(in[17]),
      .DIB0(in[18]), .DIB1(in[19]), .DIB2(in[20]), .DIB3(in[21]), .DIB4(in[22]), .DIB5(in[23]), .DIB6(in[24]),
      .DIB7(in[25]), .DIB8(in[26]), .DIB9(in[27]), .DIB10(in[28]), .DIB11(in[29]), .DIB12(in[30]), .DIB13(in[31]),
      .DIB14(in[32]), .DIB15(in[33]), .DIB16(in[34]), .DIB17(in[35]),
      .DOA0(out[0]), .DOA1(out[1]), .DOA2(out[2]), .DOA3(out[3]), .DOA4(out[4]), .DOA5(out[5]), .DOA6(out[6]),
      .DOA7(out[7]), .DOA8(out[8]), .DOA9(out[9]), .DOA10(out[10]), .DOA11(out[11]), .DOA12(out[12]), .DOA13(out[13]),
      .DOA14(out[14]), .DOA15(out[15]), .DOA16(out[16]), .DOA17(out[17]),
      .DOB0(out[18]), .DOB1(out[19]), .DOB2(out[20]), .DOB3(out[21]), .DOB4(out[22]), .DOB5(out[23]), .DOB6(out[24]),
      .DOB7(out[25]), .DOB8(out[26]), .DOB9(out[27]), .DOB10(out[28]), .DOB11(out[29]), .DOB12(out[30]),
      .DOB13(out[31]), .DOB14(out[32]), .DOB15(out[33]), .DOB16(out[34]), .DOB17(out[35])
    );
  end

endmodule
