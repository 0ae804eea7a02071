// SPDX-License-Identifier: Apache-2.0
#include "output_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "reveille/common/error.hpp"

namespace reveille::sim {
namespace {

namespace fs = std::filesystem;

/// Where a rename would have to go: behind symbolic links, so that a link stays one, also one to what is not there yet.
fs::path resolve(fs::path path) {
  constexpr int most_links = 40;  // as the kernel's own
  std::error_code error;
  for (int i = 0; i < most_links && !fs::exists(path, error) && fs::is_symlink(fs::symlink_status(path, error)); ++i) {
    path = path.parent_path() / fs::read_symlink(path, error);
  }
  const fs::path absolute = fs::absolute(path, error);  // without it a name that is not there stays relative
  const fs::path resolved = error ? fs::path{} : fs::weakly_canonical(absolute, error);
  return error || resolved.empty() ? path : resolved;
}

bool is_special(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status);
}

}  // namespace

bool is_same_file(const fs::path& one, const fs::path& other) {
  if (is_special(one) || is_special(other)) return false;
  std::error_code ignored;
  return resolve(one) == resolve(other) || fs::equivalent(one, other, ignored);
}

OutputFile::OutputFile(const fs::path& path) : path_(resolve(path)), written_(path_) {
  if (path.empty()) throw Error(ErrorKind::bad_input, "output file: an empty name");
  if (!is_special(path_)) written_ += ".part-" + std::to_string(getpid());
  errno = 0;
  stream_.open(written_, std::ios::binary | std::ios::trunc);
  if (!stream_) fail();
}

OutputFile::~OutputFile() {
  if (written_ == path_) return;
  stream_.close();
  std::error_code ignored;
  fs::remove(written_, ignored);
}

void OutputFile::commit() {
  errno = 0;
  stream_.close();
  if (!stream_) fail();
  if (written_ == path_) return;
  std::error_code error;
  fs::rename(written_, path_, error);
  if (error) {
    errno = error.value();
    fail();
  }
  written_ = path_;
}

void OutputFile::fail() const {
  throw Error(ErrorKind::bad_input,
              path_.string() + ": cannot be written" + (errno != 0 ? std::string(": ") + std::strerror(errno) : ""));
}

OutputFolder::OutputFolder(const std::string& option, const fs::path& folder) {
  std::error_code error;
  for (fs::path missing = folder; !missing.empty() && !fs::exists(fs::symlink_status(missing, error));
       missing = missing.parent_path()) {
    made_.push_back(missing);
  }
  error.clear();
  if (!folder.empty()) fs::create_directories(folder, error);
  const std::string reason = error ? error.message() + ": " : "";
  if (!reason.empty() || !fs::is_directory(folder, error)) {
    remove_empty();
    throw Error(ErrorKind::bad_input, option + ": \"" + folder.string() + "\": " + reason + "expected a folder");
  }
}

void OutputFolder::remove_empty() const {
  std::error_code ignored;
  for (const fs::path& made : made_) fs::remove(made, ignored);  // which leaves one with a file in it
}

void require_standard_output() {
  std::cout.flush();
  if (std::cout) return;
  // The reason was told to whoever wrote; another octet fails for the same one.
  std::cout.clear();
  errno = 0;
  std::cout << '\n' << std::flush;
  throw Error(ErrorKind::bad_input, std::string("standard output: cannot be written") + (errno != 0 ? ": " : "") +
                                        (errno != 0 ? std::strerror(errno) : ""));
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  OutputFile file(path);
  file.stream() << text;
  file.commit();
}

}  // namespace reveille::sim
