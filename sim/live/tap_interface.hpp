// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "live/interface.hpp"

namespace reveille::sim {

/// An Ethernet interface that is made here, a TAP, and set up; gone with the object.
class TapInterface final : public Interface {
 public:
  explicit TapInterface(const std::string& name);
  ~TapInterface() override;

  bool receive(const Take& take) override;
  void send(ByteView frame) override;
  void flush() override {}

 private:
  Bytes octets_;
};

}  // namespace reveille::sim
