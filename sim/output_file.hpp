// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

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

/// A folder for output files, made if it is not there. What it made is removed again where no file has come into it.
class OutputFolder {
 public:
  /// Error{bad_input} beginning with `option` if it is none and cannot be made.
  OutputFolder(const std::string& option, const std::filesystem::path& folder);
  ~OutputFolder() { remove_empty(); }
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

 private:
  void remove_empty() const;

  std::vector<std::filesystem::path> made_;  ///< the innermost first
};

/// Error{bad_input} with the system's reason if something written to standard output has not got there.
void require_standard_output();

/// A file that holds the text, whole or not at all.
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace reveille::sim
