// SPDX-License-Identifier: Apache-2.0
#include "story/axil_master.hpp"

#include <string>

#include "reveille/common/error.hpp"

namespace reveille::sim {

void AxilMaster::write(std::uint16_t address, std::uint32_t data, WriteDone done) {
  queue_.push_back({true, address, data, {}, std::move(done)});
}

void AxilMaster::read(std::uint16_t address, ReadDone done) {
  queue_.push_back({false, address, 0, std::move(done), {}});
}

void AxilMaster::drive(const core::Outputs& outputs, core::Inputs& inputs) {
  inputs.bready = inputs.rready = true;
  if (!queue_.empty()) {
    // What the inputs of the cycle before offered, and this cycle's ready takes, stays offered for this cycle; the
    // response may come in this cycle only if address and data were taken before.
    if (address_taken_ && data_taken_) {
      if (queue_.front().is_write && outputs.bvalid) {
        finish(0, outputs.bresp);
      } else if (!queue_.front().is_write && outputs.rvalid) {
        finish(outputs.rdata, outputs.rresp);
      }
    }
  }
  inputs.awvalid = inputs.wvalid = inputs.arvalid = false;
  if (queue_.empty()) return;
  const Transfer& transfer = queue_.front();
  if (transfer.is_write) {
    inputs.awaddr = transfer.address;
    inputs.wdata = transfer.data;
    inputs.wstrb = 0xF;
    inputs.awvalid = !address_taken_;
    inputs.wvalid = !data_taken_;
    address_taken_ = address_taken_ || outputs.awready;
    data_taken_ = data_taken_ || outputs.wready;
  } else {
    inputs.araddr = transfer.address;
    inputs.arvalid = !address_taken_;
    if (outputs.arready) address_taken_ = data_taken_ = true;
  }
}

void AxilMaster::finish(std::uint32_t data, std::uint8_t response) {
  const Transfer transfer = std::move(queue_.front());
  queue_.pop_front();
  address_taken_ = data_taken_ = false;
  if (response != 0) {
    throw Error(ErrorKind::internal,
                "AXI4-Lite: response " + std::to_string(response) + " at address " + std::to_string(transfer.address));
  }
  if (transfer.write_done) transfer.write_done();
  if (transfer.read_done) transfer.read_done(data);
}

}  // namespace reveille::sim
