// SPDX-License-Identifier: Apache-2.0
#include "report/capture_files.hpp"

namespace reveille::sim {

namespace {

/// A frame is recorded when it is over, up to 7.4 us after it began.
constexpr std::uint64_t longest_delay_ns = 20'000;
/// In the order of RecordedFrame::Side.
const std::vector<std::string> interfaces{"network", "host", "kdc"};

}  // namespace

CaptureFiles::CaptureFiles(const std::filesystem::path& folder)
    : network_(folder / "network.pcapng", interfaces), malformed_(folder / "malformed.pcapng", interfaces) {}

void CaptureFiles::begin(std::uint64_t begin_ns, const HostNames& names) {
  begin_ns_ = begin_ns;
  network_.write_names(names);
  malformed_.write_names(names);
}

void CaptureFiles::add(RecordedFrame frame) {
  newest_ns_ = std::max(newest_ns_, frame.time_ns);
  waiting_.push({std::move(frame), order_++});
  while (waiting_.top().frame.time_ns + longest_delay_ns < newest_ns_) write_first();
}

void CaptureFiles::commit() {
  while (!waiting_.empty()) write_first();
  network_.commit();
  malformed_.commit();
}

void CaptureFiles::write_first() {
  const RecordedFrame& frame = waiting_.top().frame;
  PcapngWriter& writer = frame.well_formed ? network_ : malformed_;
  writer.write(static_cast<unsigned>(frame.side), begin_ns_ + frame.time_ns, frame.octets, frame.comment,
               frame.outgoing ? Direction::outbound : Direction::inbound);
  waiting_.pop();
}

}  // namespace reveille::sim
