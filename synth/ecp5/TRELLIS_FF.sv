// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What a TRELLIS_FF does as synth/ecp5 connects it: set asynchronously while LSR is low, or with an enable and no
// reset. Everything else stops the simulation. Synthesis takes it as a black box. Source: the simulation model of
// Yosys.
module TRELLIS_FF #(
  parameter GSR     = "ENABLED",
  parameter CEMUX   = "1",
  parameter CLKMUX  = "CLK",
  parameter LSRMUX  = "LSR",
  parameter SRMODE  = "LSR_OVER_CE",
  parameter REGSET  = "RESET"
) (
  input  logic CLK, CE, LSR, DI,
  output logic Q
);

  if (GSR == "DISABLED" && CEMUX == "1" && CLKMUX == "CLK" && LSRMUX == "INV" && SRMODE == "ASYNC"
      && REGSET == "SET") begin : gen_set
    logic unused_ce;
    assign unused_ce = CE;
    always_ff @(posedge CLK or negedge LSR) begin
      if (!LSR) Q <= 1'b1;
      else Q <= DI;
    end
  end else if (GSR == "DISABLED" && CEMUX == "CE" && CLKMUX == "CLK" && LSRMUX == "LSR" && SRMODE == "LSR_OVER_CE"
               && REGSET == "RESET") begin : gen_enable
    logic unused_lsr;
    assign unused_lsr = LSR;
    always_ff @(posedge CLK) begin
      if (CE) Q <= DI;
    end
  end else begin : gen_bad_parameters
    $error("TRELLIS_FF: only the forms that synth/ecp5 uses are modelled");
  end

endmodule
