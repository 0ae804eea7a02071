// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <sstream>

#include "catch.hpp"
#include "system/program.hpp"

namespace reveille::sim::test {

/// What tshark said of a run's network.pcapng.
struct JudgedCapture {
  std::size_t frames = 0;
  std::map<std::string, std::size_t> true_frames;  ///< by comment, of interface 0
  std::size_t ap_requests = 0;
  std::size_t ap_replies = 0;
  std::size_t kdc_frames = 0;
};

/// tshark as judge: every frame is pktc, on the KDC's link Kerberos, nothing malformed, no expert item of a warning or
/// worse, checksums good, and the keytab opens ticket, authenticator and AP-REP of every true frame.
inline JudgedCapture judge_capture(const std::filesystem::path& run) {
  enum Field {
    protocols,
    malformed,
    severity,
    ip_status,
    udp_status,
    kmmid,
    ticket,
    authenticator,
    ap_rep,
    missing,
    comment,
    interface
  };
  const auto rows =
      dissect_run(run,
                  "frame.protocols _ws.malformed _ws.expert.severity ip.checksum.status udp.checksum.status pktc.kmmid "
                  "kerberos.encTicketPart_element kerberos.authenticator_element kerberos.encAPRepPart_element "
                  "kerberos.missing_keytype frame.comment frame.interface_id");
  constexpr unsigned long warning = 0x600000;  // epan/proto.h: PI_WARN; PI_ERROR is 0x800000
  JudgedCapture judged;
  judged.frames = rows.size();
  std::size_t complaints = 0;
  for (const auto& row : rows) {
    const std::size_t before = complaints;
    const bool is_kdc = row[interface] == "2";  // the KDC's link, where Kerberos is spoken as it is
    if (row[protocols].find(is_kdc ? "udp:kerberos" : "udp:pktc") == std::string::npos) ++complaints;
    if (is_kdc) ++judged.kdc_frames;
    if (!row[malformed].empty() || !row[missing].empty()) ++complaints;
    std::istringstream severities(row[severity]);
    for (std::string text; std::getline(severities, text, ',');) {
      if (std::stoul(text, nullptr, 0) >= warning) ++complaints;
    }
    const bool is_ipv6 = row[protocols].find("ipv6") != std::string::npos;
    if (row[ip_status] != (is_ipv6 ? "" : "1") || row[udp_status] != "1") ++complaints;

    if (!is_kdc && row[comment].find("attack") == std::string::npos) {
      if (row[interface] == "0") ++judged.true_frames[row[comment].substr(0, row[comment].find(','))];
      if (row[kmmid] == "0x02") {
        ++judged.ap_requests;
        if (row[ticket].empty() || row[authenticator].empty()) ++complaints;
      } else if (row[kmmid] == "0x03") {
        ++judged.ap_replies;
        if (row[ap_rep].empty()) ++complaints;
      }
    }
    if (complaints > before) UNSCOPED_INFO("frame " << (&row - rows.data()) + 1 << ", " << row[comment]);
  }
  CHECK(complaints == 0);
  return judged;
}

}  // namespace reveille::sim::test
