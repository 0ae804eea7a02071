// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What a DP16KD does as the RAMs of synth/ecp5 connect it: A writes or reads, B reads, both through their output
// registers and of one width; in the 36 bit aspect the ports are joined, A writes and B reads. Everything else stops
// the simulation. Synthesis takes it as a black box. Source: Lattice FPGA-TN-02204, and for the 36 bit aspect the
// mapping rules of Yosys.
module DP16KD #(
  parameter int unsigned DATA_WIDTH_A        = 18,
  parameter int unsigned DATA_WIDTH_B        = 18,
  parameter              REGMODE_A           = "NOREG",
  parameter              REGMODE_B           = "NOREG",
  /* verilator lint_off UNUSEDPARAM */
  parameter              RESETMODE           = "SYNC",
  parameter              ASYNC_RESET_RELEASE = "SYNC",
  parameter              WRITEMODE_A         = "NORMAL",
  parameter              WRITEMODE_B         = "NORMAL",
  parameter              CSDECODE_A          = "0b000",
  parameter              CSDECODE_B          = "0b000",
  parameter              GSR                 = "ENABLED"
  /* verilator lint_on UNUSEDPARAM */
) (
  input  logic ADA0, ADA1, ADA2, ADA3, ADA4, ADA5, ADA6, ADA7, ADA8, ADA9, ADA10, ADA11, ADA12, ADA13,
  input  logic DIA0, DIA1, DIA2, DIA3, DIA4, DIA5, DIA6, DIA7, DIA8, DIA9, DIA10, DIA11, DIA12, DIA13, DIA14, DIA15,
    DIA16, DIA17,
  input  logic CEA, OCEA, CLKA, WEA, RSTA, CSA0, CSA1, CSA2,
  output logic DOA0, DOA1, DOA2, DOA3, DOA4, DOA5, DOA6, DOA7, DOA8, DOA9, DOA10, DOA11, DOA12, DOA13, DOA14, DOA15,
    DOA16, DOA17,
  input  logic ADB0, ADB1, ADB2, ADB3, ADB4, ADB5, ADB6, ADB7, ADB8, ADB9, ADB10, ADB11, ADB12, ADB13,
  input  logic DIB0, DIB1, DIB2, DIB3, DIB4, DIB5, DIB6, DIB7, DIB8, DIB9, DIB10, DIB11, DIB12, DIB13, DIB14, DIB15,
    DIB16, DIB17,
  input  logic CEB, OCEB, CLKB, WEB, RSTB, CSB0, CSB1, CSB2,
  output logic DOB0, DOB1, DOB2, DOB3, DOB4, DOB5, DOB6, DOB7, DOB8, DOB9, DOB10, DOB11, DOB12, DOB13, DOB14, DOB15,
    DOB16, DOB17
);

  if (DATA_WIDTH_A != DATA_WIDTH_B || REGMODE_A != "OUTREG" || REGMODE_B != "OUTREG") begin : gen_bad_parameters
    $error("DP16KD: only equal widths with output registers are modelled");
  end

  logic [13:0] address_a, address_b;
  assign address_a = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
  assign address_b = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
  logic [35:0] in;
  assign in = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3,
    DIB2, DIB1, DIB0, DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4,
    DIA3, DIA2, DIA1, DIA0};

  // 2,048 octets of 9 bits; the narrow aspects do not reach the ninth.
  logic [8:0] octets[2048];
  initial begin
    for (int i = 0; i < 2048; i++) octets[i] = '0;
  end

  // The word of the given aspect at an address, which counts bits of eight an octet.
  function automatic logic [35:0] word(input logic [13:0] address);
    logic [10:0] octet;
    octet = address[13:3];
    case (DATA_WIDTH_B)
      36:      return {octets[octet | 3], octets[octet & ~11'd3 | 2], octets[octet & ~11'd3 | 1],
                       octets[octet & ~11'd3]};
      18:      return 36'({octets[octet | 1], octets[octet & ~11'd1]});
      9:       return 36'(octets[octet]);
      default: return 36'(octets[octet][7:0] >> address[2:0]) & 36'((1 << DATA_WIDTH_B) - 1);
    endcase
  endfunction

  always_ff @(posedge CLKA) begin
    if (CEA && WEA) begin
      case (DATA_WIDTH_A)
        36: for (int i = 0; i < 4; i++) if (address_a[i]) octets[address_a[13:3] & ~11'd3 | 11'(i)] <= in[9*i+:9];
        18: for (int i = 0; i < 2; i++) if (address_a[i]) octets[address_a[13:3] & ~11'd1 | 11'(i)] <= in[9*i+:9];
        9:  octets[address_a[13:3]] <= in[8:0];
        default:
          for (int i = 0; i < DATA_WIDTH_A; i++) octets[address_a[13:3]][{1'b0, address_a[2:0]} + 4'(i)] <= in[i];
      endcase
    end
  end

  // The registers of the outputs: where a word is written in the cycle that reads it, nothing is promised.
  logic [35:0] read_q, out_q, a_read_q, a_out_q;
  logic [13:0] word_mask;
  logic        collision;
  assign word_mask = DATA_WIDTH_B == 36 ? '1 << 5 : DATA_WIDTH_B == 18 ? '1 << 4 : DATA_WIDTH_B == 9 ? '1 << 3 :
                     DATA_WIDTH_B == 4 ? '1 << 2 : DATA_WIDTH_B == 2 ? '1 << 1 : '1;
  assign collision = CEA && WEA && ((address_a ^ address_b) & word_mask) == '0;
  always_ff @(posedge CLKB) begin
    if (CEB)  read_q <= collision ? ~word(address_b) : word(address_b);
    if (OCEB) out_q  <= read_q;
  end
  always_ff @(posedge CLKA) begin
    if (CEA)  a_read_q <= WEA ? ~word(address_a) : word(address_a);
    if (OCEA) a_out_q  <= a_read_q;
  end

  logic [17:0] out_a, out_b;
  assign out_a = DATA_WIDTH_B == 36 ? out_q[17:0] : a_out_q[17:0];
  assign out_b = DATA_WIDTH_B == 36 ? out_q[35:18] : out_q[17:0];
  assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2,
    DOA1, DOA0} = out_a;
  assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2,
    DOB1, DOB0} = out_b;

  logic unused;
  assign unused = &{1'b0, a_out_q, RSTA, CSA0, CSA1, CSA2, WEB, RSTB, CSB0, CSB1, CSB2, address_b};

  always_ff @(posedge CLKA) begin
    assert (CEA && (CEB || !OCEB) && (DATA_WIDTH_B != 36 || OCEB == OCEA) && !WEB && !RSTA && !RSTB &&
            !(CSA0 | CSA1 | CSA2 | CSB0 | CSB1 | CSB2))
      else $error("DP16KD: connected in a way that is not modelled");
  end

endmodule
