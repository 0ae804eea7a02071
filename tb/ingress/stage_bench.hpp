// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <random>

#include "catch.hpp"
#include "guard/packed.hpp"
#include "nonce/support.hpp"

namespace reveille::test {

/// How the Ethernet stage would hand a datagram on.
struct Datagram {
  Bytes octets;
  bool ipv6 = false;
  bool vlan = false;  ///< the datagram begins behind octet 14: at octet 2 of a beat if `at_2`, else 6
  bool at_2 = false;
};

/// A datagram beat as the stages behind Ethernet see it.
struct DatagramBeat {
  std::size_t index = 0;  ///< octets 8 * index and on
  bool valid = false, first = false, last = false;
  unsigned octets = 0;
};

/// Plays `datagram` into port datagram_i of a stage, to the cycle behind its last beat: full beats, a partial one in
/// the regular place or in the frame's last beat, whichever the alignment makes it. `watch` is called in the cycle of
/// every beat, before the clock's edge.
template <typename Module>
void play(Bench<Module>& rtl, const Datagram& datagram, std::mt19937_64& random, unsigned gap_percent,
          const std::function<void(const DatagramBeat&)>& watch) {
  const auto present = [&](const DatagramBeat& beat) {
    std::uint64_t data = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      const std::size_t at = 8 * beat.index + i;
      data = data << 8 | (beat.valid && i < beat.octets ? datagram.octets[at] : random() & 0xff);
    }
    tb::drive(rtl->datagram_i, {{beat.valid, 1},
                                {beat.first, 1},
                                {beat.last, 1},
                                {datagram.ipv6, 1},
                                {datagram.vlan, 1},
                                {beat.octets, 4},
                                {data, 64}});
    rtl->eval();
    watch(beat);
    rtl.step();
  };
  const auto idle = [&] { present({0, false, false, false, static_cast<unsigned>(random() % 9)}); };

  // The frame's last beat holds what the beat before it did not take: at most 2 octets, or 6.
  const std::size_t whole = datagram.octets.size() / 8, rest = datagram.octets.size() % 8;
  const bool in_last = rest != 0 && rest <= (datagram.at_2 ? 6U : 2U);
  const std::size_t regular = whole + (rest != 0 && !in_last);
  for (std::size_t i = 0; i < regular; ++i) {
    while (random() % 100 < gap_percent) idle();
    present({i, true, i == 0, false, i < whole ? 8 : static_cast<unsigned>(rest)});
  }
  present({regular, in_last && regular != 0, false, true, in_last ? static_cast<unsigned>(rest) : 0});
}

/// The cycles between a frame's last beat at this stage and `facts`; whatever comes meanwhile holds nothing.
template <typename Module>
void settle(Bench<Module>& rtl, unsigned cycles) {
  tb::drive(rtl->datagram_i, {{0, 73}});
  for (unsigned i = 1; i < cycles; ++i) rtl.step();
  rtl->eval();
}

}  // namespace reveille::test
