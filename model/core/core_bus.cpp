// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/core_bus.hpp"

#include <cstdio>
#include <string>

#include "reveille/driver/error.hpp"

namespace reveille::core {
namespace {

constexpr unsigned answer_limit = 100000;  // cycles
constexpr double cycles_per_us = 156.25;

std::string place(std::uint16_t address) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%03X", address);
  return text;
}

}  // namespace

CoreBus::CoreBus(CoreInterface& core, std::function<void()> step) : core_(core), step_(std::move(step)) {}

void CoreBus::step() {
  if (step_) {
    step_();
  } else {
    core_.clock();
  }
}

void CoreBus::run(std::uint64_t cycles) {
  const std::scoped_lock lock(mutex_);
  while (cycles-- != 0) step();
}

template <typename Condition>
void CoreBus::answer(Condition condition, const char* port) {
  for (unsigned cycle = 0; !condition(); ++cycle) {
    if (cycle == answer_limit) {
      throw driver::BusTimeout("timeout: the core does not answer: no " + std::string(port) + " within " +
                               std::to_string(answer_limit) + " cycles");
    }
    step();
  }
}

std::uint32_t CoreBus::read(std::uint16_t address) {
  const std::scoped_lock lock(mutex_);
  core_.inputs.araddr = address;
  core_.inputs.arvalid = true;
  core_.inputs.rready = true;
  answer([this] { return core_.outputs().arready; }, "arready");
  step();
  core_.inputs.arvalid = false;
  answer([this] { return core_.outputs().rvalid; }, "rvalid");
  const std::uint32_t data = core_.outputs().rdata;
  const unsigned response = core_.outputs().rresp;
  step();
  if (response != 0) throw driver::BusError("read of " + place(address) + ": SLVERR: no register is there");
  return data;
}

void CoreBus::write(std::uint16_t address, std::uint32_t value) {
  const std::scoped_lock lock(mutex_);
  Inputs& in = core_.inputs;
  in.awaddr = address;
  in.wdata = value;
  in.wstrb = 0xF;
  in.awvalid = in.wvalid = in.bready = true;
  answer([this] { return core_.outputs().awready; }, "awready");
  step();
  in.awvalid = in.wvalid = false;
  answer([this] { return core_.outputs().bvalid; }, "bvalid");
  const unsigned response = core_.outputs().bresp;
  step();
  if (response != 0)
    throw driver::BusError("write of " + place(address) + ": SLVERR: no register is there, or it is locked");
}

void CoreBus::wait(const std::function<bool()>& done, std::chrono::microseconds limit, std::string_view what) {
  const auto cycles = static_cast<std::uint64_t>(static_cast<double>(limit.count()) * cycles_per_us);
  for (std::uint64_t cycle = 0; !done(); ++cycle) {
    if (cycle == cycles)
      throw driver::BusTimeout("timeout: no " + std::string(what) + " within " + std::to_string(cycles) + " cycles");
    run(1);
  }
}

}  // namespace reveille::core
