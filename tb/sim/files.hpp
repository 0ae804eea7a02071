// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "reveille/common/bytes.hpp"

/// Files and other programs, as the tests of sim/ need them.
namespace reveille::sim::test {

/// A folder of its own, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "reveille-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw Error(ErrorKind::internal, "mkdtemp");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path& path, ByteView octets) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
  if (!file.flush()) throw Error(ErrorKind::internal, "cannot write " + path.string());
}
inline void write_file(const std::filesystem::path& path, const std::string& text) {
  write_file(path, Bytes(text.begin(), text.end()));
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorKind::internal, "cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Runs a shell command and gives what it wrote; a status other than 0 is an Error with that text.
inline std::string run_command(const std::string& command) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(("( " + command + " ) 2>&1").c_str(), "r"), pclose);
  std::string text;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;)
    text.append(buffer.data(), got);
  if (const int status = pclose(pipe.release()); status != 0) {
    throw Error(ErrorKind::internal, command + ": status " + std::to_string(status) + "\n" + text);
  }
  return text;
}

/// The lines that tshark prints of `file` for the fields named, separated by tabs. Checksums are checked.
inline std::string tshark_fields(const std::filesystem::path& file, const std::string& fields,
                                 const std::string& options = "") {
  std::string command = "tshark -n -r '" + file.string() + "' -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE " +
                        options + " -T fields";
  for (std::size_t at = 0; at < fields.size();) {
    const std::size_t end = std::min(fields.find(' ', at), fields.size());
    command += " -e " + fields.substr(at, end - at);
    at = end + 1;
  }
  // Running as root makes it warn on the other stream.
  return run_command(command + " 2>/dev/null");
}

}  // namespace reveille::sim::test
