// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// One ring of an odd number of inverting stages, the first of which is a NAND with enable_i: it runs while enable_i is
// high, else it rests with ring_o at 1. Asynchronous to every clock: whoever samples it has a synchroniser.
//
// This plain form does not oscillate: enabled, it falls once and stays. A design that was built without a form for its
// device has constant samples, at which the core's repetition count test fails; it never has nonces that can be
// guessed. synth/ecp5 has the ring of ECP5's LUTs; tb/entropy has a stochastic model.
module reveille_ring_oscillator #(
  parameter int unsigned Stages = 3
) (
  input  logic enable_i,
  output logic ring_o
);

  if (Stages < 3 || Stages % 2 == 0) begin : gen_bad_stages
    $error("reveille_ring_oscillator: Stages %0d: expected an odd number, 3 or more", Stages);
  end

  assign ring_o = !enable_i;

endmodule
