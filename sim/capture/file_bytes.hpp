// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "reveille/common/bytes.hpp"

struct gzFile_s;  // zlib's

namespace reveille::sim {

/// The file has fewer octets than what it holds by its own words.
class EndsInside : public Error {
 public:
  explicit EndsInside(const std::string& what) : Error(ErrorKind::bad_input, what) {}
};

/// A capture file's octets, front to back, in the byte order that the file chooses. One that is compressed by gzip is
/// read as what it holds.
class FileBytes {
 public:
  /// Error{bad_input} naming the file if it cannot be opened.
  explicit FileBytes(const std::filesystem::path& path);

  void set_little_endian(bool little) noexcept { little_ = little; }
  /// A part of the file, for messages: `the header of packet 7`. It becomes a text only where one is needed.
  struct Part {
    const char* name;
    std::uint64_t number = 0;  ///< 0: none
  };

  [[nodiscard]] bool at_end();
  /// The next octets; EndsInside `part` if the file has fewer.
  void read(std::span<std::uint8_t> octets, Part part);
  /// `count` octets in place of what `octets` held.
  void read(Bytes& octets, std::uint64_t count, Part part);
  Bytes take(std::uint64_t count, const char* part);
  void skip(std::uint64_t count, Part part);

  [[nodiscard]] std::uint64_t number(ByteView octets) const;  ///< an unsigned integer of up to 8 octets
  [[nodiscard]] std::uint32_t u32(ByteView octets, std::size_t at) const;
  [[nodiscard]] std::uint16_t u16(ByteView octets, std::size_t at) const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  struct Close {
    void operator()(gzFile_s* stream) const noexcept;
  };
  /// Reads the next block, once the last one is used up; an empty one at the end.
  void read_block();
  [[noreturn]] void fail_inside(Part part);

  std::string name_;
  std::unique_ptr<gzFile_s, Close> stream_;
  Bytes block_;
  ByteView ahead_;  ///< of the block, what nobody has taken
  bool little_ = true;
};

}  // namespace reveille::sim
