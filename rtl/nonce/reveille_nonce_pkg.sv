// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Cutoffs of the health tests (SP 800-90B, 4.4.1 and 4.4.2) for a min-entropy of entropy_eighths / 8 bits a sample and
// a false alarm with probability 2^-false_alarm. Integers only, for elaboration.
package reveille_nonce_pkg;

  localparam int unsigned AptWindow = 512;

  // 1 + ceil(false_alarm / H).
  function automatic int unsigned rct_cutoff(int unsigned entropy_eighths, int unsigned false_alarm);
    return 1 + (8 * false_alarm + entropy_eighths - 1) / entropy_eighths;
  endfunction

  // 1 + the least k such that more than k of 512 samples are equal to the first with no more than that probability,
  // each being so with p = 2^-H. The terms of the binomial distribution are taken relative to the one near its peak, p
  // * 512: each from its neighbour, up and down. 48 bits of p and 100 of the terms are far more than the result needs.
  function automatic int unsigned apt_cutoff(int unsigned entropy_eighths, int unsigned false_alarm);
    logic [255:0] p, q, term, sum, tail;
    logic [255:0] upper[AptWindow + 1];
    int unsigned peak, k, above;

    // 2^(48 - n/8), n below 8, then halved as often as H has whole bits.
    unique case (entropy_eighths % 8)
      0: p = 256'd281474976710656;
      1: p = 256'd258113691704612;
      2: p = 256'd236691298899613;
      3: p = 256'd217046878082311;
      4: p = 256'd199032864766430;
      5: p = 256'd182513941721425;
      6: p = 256'd167366022499769;
      default: p = 256'd153475319327372;
    endcase
    p    = p >> (entropy_eighths / 8);
    q    = (256'd1 << 48) - p;
    peak = 32'((p * 256'(AptWindow)) >> 48);

    sum  = '0;
    term = 256'd1 << 100;
    for (k = 0; k < peak; k++) begin  // from peak - 1 down to 0
      above = AptWindow + 1 + k - peak;
      term  = term * 256'(peak - k) * q / (256'(above) * p);
      sum += term;
    end
    term = 256'd1 << 100;
    for (k = 0; k <= AptWindow; k++) begin
      above    = AptWindow - k;
      upper[k] = '0;
      if (k >= peak) begin
        upper[k] = term;
        sum += term;
        term = term * 256'(above) * p / (256'(k + 1) * q);
      end
    end

    tail = '0;
    k    = AptWindow;
    while (k > peak && ((tail + upper[k]) << false_alarm) <= sum) begin
      tail += upper[k];
      k--;
    end
    return k + 1;
  endfunction

endpackage
