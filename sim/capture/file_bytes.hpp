// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "common/bytes.hpp"

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
  [[nodiscard]] bool at_end();
  /// `count` octets; EndsInside `what` if the file has fewer.
  Bytes take(std::uint64_t count, const std::string& what);
  void skip(std::uint64_t count, const std::string& what);

  [[nodiscard]] std::uint64_t number(ByteView octets) const;  ///< an unsigned integer of up to 8 octets
  [[nodiscard]] std::uint32_t u32(ByteView octets, std::size_t at) const;
  [[nodiscard]] std::uint16_t u16(ByteView octets, std::size_t at) const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  struct Close {
    void operator()(gzFile_s* stream) const noexcept;
  };
  /// Up to `count` octets; fewer at the end.
  std::size_t read(std::uint8_t* octets, std::size_t count);
  [[noreturn]] void fail_inside(const std::string& what);

  std::string name_;
  std::unique_ptr<gzFile_s, Close> stream_;
  bool little_ = true;
};

}  // namespace reveille::sim
