// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace reveille::sim {

/// Whether both name one regular file, by whatever path or link, or would if it were there. Devices and pipes are no
/// files.
bool is_same_file(const std::filesystem::path& one, const std::filesystem::path& other);

/// A file that appears whole or not at all: written beside its place under a temporary name, renamed by commit(),
/// removed if commit() was not called. What stood there before is untouched until then. A device or pipe is written
/// directly.
class OutputFile {
 public:
  /// Error{bad_input} naming the path if it cannot be written.
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  std::ostream& stream() noexcept { return stream_; }
  /// Error{bad_input} if anything of it was not written, a full disk for instance.
  void commit();

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  std::filesystem::path written_;  ///< the temporary name, or path_ itself
  std::ofstream stream_;
};

/// A file that holds the text, whole or not at all.
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace reveille::sim
