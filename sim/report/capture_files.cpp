// SPDX-License-Identifier: Apache-2.0
#include "report/capture_files.hpp"

namespace reveille::sim {

namespace {

/// A frame is recorded when it is over, up to 7.4 us after it began.
constexpr std::uint64_t longest_delay_ns = 20'000;
/// In the order of RecordedFrame::Side.
const std::vector<std::string> interfaces{"network", "host", "kdc", "media"};

}  // namespace

CaptureFiles::CaptureFiles(const std::filesystem::path& folder)
    : files_{{{"network.pcapng", {folder / "network.pcapng", interfaces}},
              {"malformed.pcapng", {folder / "malformed.pcapng", interfaces}}}} {}

void CaptureFiles::begin(std::uint64_t begin_ns, const HostNames& names) {
  begin_ns_ = begin_ns;
  for (File& file : files_) file.writer.write_names(names);
}

void CaptureFiles::add(RecordedFrame frame) {
  newest_ns_ = std::max(newest_ns_, frame.time_ns);
  waiting_.push({std::move(frame), order_++});
  places_.emplace_back();
  while (waiting_.top().frame.time_ns + longest_delay_ns < newest_ns_) write_first();
}

void CaptureFiles::commit() {
  while (!waiting_.empty()) write_first();
  for (File& file : files_) file.writer.commit();
}

FramePlace CaptureFiles::place(std::uint64_t index) const {
  const auto& [file, number] = places_.at(index);
  return {files_.at(file).name, number};
}

void CaptureFiles::write_first() {
  const auto& [frame, order] = waiting_.top();
  const std::uint8_t which = frame.well_formed ? 0 : 1;
  File& file = files_.at(which);
  file.writer.write(static_cast<unsigned>(frame.side), begin_ns_ + frame.time_ns, frame.octets, frame.comment,
                    frame.outgoing ? Direction::outbound : Direction::inbound);
  places_.at(order) = {which, ++file.frames};
  waiting_.pop();
}

}  // namespace reveille::sim
