// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "common/bytes.hpp"

namespace reveille::sim {

/// The longest frame that the core takes.
constexpr std::size_t longest_frame = 9216;

/// Nanoseconds since 1970; wide enough for every resolution and offset that pcapng can name.
__extension__ using Timestamp = __int128;

/// Seconds, nine decimals: `-0.750000000 s`.
std::string format_seconds(Timestamp nanoseconds);

struct Packet {
  std::uint64_t number = 0;  ///< from 1, as tshark counts
  Timestamp timestamp = 0;   ///< rounded down to the nanosecond
  std::uint64_t since_first_ns = 0;
  Bytes octets;  ///< without FCS
};

/// Reads a capture of Ethernet frames: pcap (micro- and nanoseconds, either byte order) or pcapng, packet by packet.
/// Whatever it does not take is Error{bad_input} naming the file, the packet where there is one, the value, and what
/// was expected.
class CaptureReader {
 public:
  struct Options {
    bool allow_short = false;  ///< play packets that were captured short as captured
  };

  /// Opens the file and reads as far as its kind shows.
  static std::unique_ptr<CaptureReader> open(const std::filesystem::path& path, Options options);

  virtual ~CaptureReader() = default;
  CaptureReader(const CaptureReader&) = delete;
  CaptureReader& operator=(const CaptureReader&) = delete;

  /// The next packet; false at the capture's end. Timestamps never go backwards, and span less than 2^48 microseconds.
  bool next(Packet& packet);

 protected:
  /// What the format says of one packet.
  struct Record {
    Timestamp timestamp = 0;
    std::uint32_t captured_length = 0;
    std::uint32_t original_length = 0;
    unsigned fcs_octets = 0;  ///< of the original length, at its end
  };

  CaptureReader() = default;
  /// Moves to the next packet's octets, which take() then reads; false at the end.
  virtual bool next_record(Record& record) = 0;
  virtual Bytes take_octets(std::uint32_t captured_length) = 0;

  /// `packet <number>`, the one that is being read.
  [[nodiscard]] std::string packet_name() const { return "packet " + std::to_string(number_); }
  /// Error naming the file and the packet that is being read.
  [[noreturn]] void fail_at_packet(const std::string& what) const;

 private:
  std::string name_;
  Options options_;
  std::uint64_t number_ = 0;  ///< of the last packet that began
  Timestamp first_ = 0;
  Timestamp last_ = 0;
};

}  // namespace reveille::sim
