// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "capture/capture_writer.hpp"
#include "report/report_files.hpp"
#include "story/recorder.hpp"

namespace reveille::sim {

void write_captures(const std::filesystem::path& folder, const std::vector<RecordedFrame>& frames) {
  const std::vector<std::string> interfaces{"network", "host"};
  PcapngWriter network(folder / "network.pcapng", interfaces);
  PcapngWriter malformed(folder / "malformed.pcapng", interfaces);
  for (const RecordedFrame& frame : frames) {
    PcapngWriter& writer = frame.well_formed ? network : malformed;
    writer.write(frame.side == RecordedFrame::Side::network ? 0 : 1, frame.time_ns, frame.octets, frame.comment);
  }
  network.commit();
  malformed.commit();
}

}  // namespace reveille::sim
