// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// docs/examples/mac_fifo.sv in Icarus: what comes out are the good frames in order, and nothing of one that is marked
// bad or found no room; the taker pauses by chance. A frame is told by its number in every beat.
`timescale 1ns / 1ps
module mac_fifo_smoke;

  localparam Beats = 16;
  reg clk = 0, rst_n = 0, valid = 0, last = 0, error = 0, take = 0;
  reg [63:0] data = 0;
  reg [7:0] keep = 0;
  wire ready, out_valid, out_last;
  wire [63:0] out_data;
  wire [7:0] out_keep;
  always #5 clk = !clk;

  mac_fifo #(.Beats(Beats)) dut (
    .clk_i(clk), .rst_ni(rst_n), .valid_i(valid), .ready_o(ready), .data_i(data), .keep_i(keep), .last_i(last),
    .error_i(error), .valid_o(out_valid), .ready_i(take), .data_o(out_data), .keep_o(out_keep), .last_o(out_last)
  );

  integer expected[0:63];  // number << 8 | beats, of the frames that should come
  integer frames = 0, came = 0, beat = 0, number = 0, at;

  task fail(input [8*40-1:0] what);
    begin
      $display("FAIL at %0t: %0s, frame %0d of %0d", $time, what, came, frames);
      $finish_and_return(1);
    end
  endtask

  always @(negedge clk) take <= $random;
  always @(posedge clk) if (out_valid && take) begin
    if (came == frames) fail("a frame that was to be dropped");
    else if (out_data != {expected[came] >> 8, beat}) fail("another frame or beat");
    else if (out_last != (beat + 1 == expected[came][7:0])) fail("another end");
    else if (out_keep != (out_last ? 8'h1f : 8'hff)) fail("another keep");
    beat = out_last ? 0 : beat + 1;
    came = came + out_last;
  end

  // A frame of so many beats; `patient` waits for room.
  task send(input integer beats, input bad, input patient, input passes);
    begin
      if (passes) begin
        expected[frames] = number << 8 | beats;
        frames = frames + 1;
      end
      for (at = 0; at < beats; at = at + 1) begin
        @(negedge clk);
        while (patient && !ready) begin
          valid = 0;
          @(negedge clk);
        end
        {valid, last, error} = {1'b1, at + 1 == beats, bad && at + 1 == beats};
        data = {number, at};
        keep = last ? 8'h1f : 8'hff;
      end
      @(negedge clk) {valid, last, error} = 0;
      number = number + 1;
    end
  endtask

  integer round;
  initial begin
    repeat (3) @(negedge clk);
    rst_n = 1;
    send(1, 0, 0, 1);
    send(3, 1, 0, 0);
    send(Beats + 3, 0, 0, 0);  // never finds room to its end
    send(Beats - 6, 0, 1, 1);
    for (round = 0; round < 40; round = round + 1) send(1 + round % 5, round % 7 == 3, 1, round % 7 != 3);
    repeat (200) @(negedge clk);
    if (came != frames) fail("a frame is missing");
    $display("PASS: %0d frames of %0d", came, number);
    $finish_and_return(0);
  end

endmodule
