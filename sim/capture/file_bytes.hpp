// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "common/bytes.hpp"

namespace reveille::sim {

/// A capture file's octets, front to back, in the byte order that the file chooses.
class FileBytes {
 public:
  /// Error{bad_input} naming the file if it cannot be opened.
  explicit FileBytes(const std::filesystem::path& path);

  void set_little_endian(bool little) noexcept { little_ = little; }
  [[nodiscard]] bool at_end();
  /// `count` octets; Error{bad_input} "ends inside `what`" if the file has fewer.
  Bytes take(std::uint64_t count, const std::string& what);
  void skip(std::uint64_t count, const std::string& what);

  [[nodiscard]] std::uint64_t number(ByteView octets) const;  ///< an unsigned integer of up to 8 octets
  [[nodiscard]] std::uint32_t u32(ByteView octets, std::size_t at) const;
  [[nodiscard]] std::uint16_t u16(ByteView octets, std::size_t at) const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::string name_;
  std::ifstream stream_;
  bool little_ = true;
};

}  // namespace reveille::sim
