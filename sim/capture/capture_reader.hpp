// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "capture/link_type.hpp"
#include "reveille/common/bytes.hpp"

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

/// Reads a capture of Ethernet frames, or of a link type that becomes such (LinkType): pcap (micro- and nanoseconds,
/// either byte order) or pcapng, packet by packet. Whatever it does not take is Error{bad_input} naming the file, the
/// packet where there is one, the value, and what was expected.
class CaptureReader {
 public:
  struct Options {
    bool allow_short = false;  ///< play packets that were captured short as captured
    bool lenient = false;      ///< skip packets that are odd, and count them
    /// Only packets of this interface, by name, are given, its outbound ones neither; the others keep their numbers. A
    /// capture that does not describe it is refused.
    std::optional<std::string> interface = {};
  };

  /// Opens the file and reads as far as its kind shows.
  static std::unique_ptr<CaptureReader> open(const std::filesystem::path& path, Options options);

  virtual ~CaptureReader() = default;
  CaptureReader(const CaptureReader&) = delete;
  CaptureReader& operator=(const CaptureReader&) = delete;

  /// The next packet; false at the capture's end. Timestamps never go backwards, and span less than 2^48 microseconds.
  bool next(Packet& packet);

  /// Packets that were odd and skipped, and what the first of them would have been refused for.
  [[nodiscard]] std::uint64_t skipped() const noexcept { return skipped_; }
  [[nodiscard]] const std::string& first_skipped() const noexcept { return first_skipped_; }
  /// Packets that were given as captured short.
  [[nodiscard]] std::uint64_t short_packets() const noexcept { return short_packets_; }

 protected:
  /// What the format says of one packet.
  struct Record {
    Timestamp timestamp = 0;
    std::uint32_t captured_length = 0;
    std::uint32_t original_length = 0;
    unsigned fcs_octets = 0;  ///< of the original length, at its end
    LinkType link = LinkType::ethernet;
    bool wanted = true;  ///< by Options::interface
  };

  CaptureReader() = default;
  /// Moves to the next packet's octets, which take() then reads; false at the end.
  virtual bool next_record(Record& record) = 0;
  /// In place of what `octets` held.
  virtual void take_octets(Bytes& octets, std::uint32_t captured_length) = 0;
  /// Moves behind the packet that was found, whatever of it has been read.
  virtual void leave_packet() = 0;
  /// Whether the capture described such an interface, as far as it has been read.
  [[nodiscard]] virtual bool has_interface(const std::string& /*name*/) const { return false; }

  [[nodiscard]] bool wants_all() const noexcept { return !options_.interface; }
  /// Whether packets of an interface with this name are to be given.
  [[nodiscard]] bool wants(const std::string& interface) const {
    return !options_.interface || *options_.interface == interface;
  }
  /// Of the packet that is being read, and `packet <number>`.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] std::string packet_name() const { return "packet " + std::to_string(number_); }
  /// OddPacket naming the file and the packet that is being read.
  [[noreturn]] void fail_at_packet(const std::string& what) const;

 private:
  /// One packet is wrong, and the next can be read all the same.
  class OddPacket : public Error {
   public:
    explicit OddPacket(const std::string& what) : Error(ErrorKind::bad_input, what) {}
  };
  /// Reads the next packet, wanted or not.
  bool read(Packet& packet, bool& wanted);
  /// OddPacket unless the core takes a frame so long, whose length differs from the captured one as `why_other` says.
  void require_length(std::uint32_t captured, std::size_t frame, const char* why_other) const;
  void require_interface() const;
  void skip(const std::string& why);

  std::string name_;
  Options options_;
  std::uint64_t number_ = 0;  ///< of the last packet that began
  std::optional<Timestamp> first_;
  Timestamp last_ = 0;
  bool ended_ = false;
  std::uint64_t skipped_ = 0;
  std::string first_skipped_;
  std::uint64_t short_packets_ = 0;
};

}  // namespace reveille::sim
