// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace reveille::tb {

/// One AXI4-Lite access at a time through `Ports`, which hands out the signals by AXI's names and clocks the block.
/// Waiting is bounded: an access that takes more than 100 cycles ends in resp 3.
template <class Ports>
class AxilDriver {
 public:
  struct Answer {
    std::uint32_t data = 0;
    unsigned resp = 0;
    unsigned cycles = 0;  ///< from the cycle in which the request was first visible to that of the answer
  };

  explicit AxilDriver(Ports& ports) : ports_(ports) {}

  Answer write(std::uint16_t address, std::uint32_t data, std::uint8_t strobe = 0xF) {
    ports_.awaddr() = address;
    ports_.wdata() = data;
    ports_.wstrb() = strobe;
    ports_.awvalid() = ports_.wvalid() = 1;
    ports_.bready() = 1;
    Answer answer{0, 3, 0};
    for (; answer.cycles < 100; ++answer.cycles) {
      ports_.settle();
      const bool taken = ports_.awready(), done = ports_.bvalid();
      if (done) answer.resp = ports_.bresp();
      ports_.tick();
      if (taken) ports_.awvalid() = ports_.wvalid() = 0;
      if (done) break;
    }
    return answer;
  }

  Answer read(std::uint16_t address) {
    ports_.araddr() = address;
    ports_.arvalid() = 1;
    ports_.rready() = 1;
    Answer answer{0, 3, 0};
    for (; answer.cycles < 100; ++answer.cycles) {
      ports_.settle();
      const bool taken = ports_.arready(), done = ports_.rvalid();
      if (done) {
        answer.resp = ports_.rresp();
        answer.data = ports_.rdata();
      }
      ports_.tick();
      if (taken) ports_.arvalid() = 0;
      if (done) break;
    }
    return answer;
  }

 private:
  Ports& ports_;
};

}  // namespace reveille::tb
