// SPDX-License-Identifier: Apache-2.0
#include "capture/file_bytes.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace reveille::sim {

FileBytes::FileBytes(const std::filesystem::path& path) : name_(path.empty() ? "\"\"" : path.string()) {
  errno = 0;
  stream_.open(path, std::ios::binary);
  // A folder opens, and fails at the first octet.
  if (!stream_ || std::filesystem::is_directory(path)) {
    throw Error(ErrorKind::bad_input, name_ + ": cannot be read: " + std::strerror(errno != 0 ? errno : EISDIR));
  }
}

bool FileBytes::at_end() { return stream_.peek() == std::ifstream::traits_type::eof(); }

Bytes FileBytes::take(std::uint64_t count, const std::string& what) {
  // A length field may say 4 GB in a file of 100 octets: memory is taken as octets come.
  constexpr std::uint64_t step = 1 << 16;
  Bytes octets;
  while (octets.size() < count) {
    const std::size_t had = octets.size();
    octets.resize(had + std::min(step, count - had));
    stream_.read(reinterpret_cast<char*>(octets.data() + had), static_cast<std::streamsize>(octets.size() - had));
    if (static_cast<std::size_t>(stream_.gcount()) < octets.size() - had) fail("ends inside " + what);
  }
  return octets;
}

void FileBytes::skip(std::uint64_t count, const std::string& what) {
  stream_.ignore(static_cast<std::streamsize>(count));
  if (static_cast<std::uint64_t>(stream_.gcount()) < count) fail("ends inside " + what);
}

std::uint64_t FileBytes::number(ByteView octets) const {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) value = value << 8 | octets[little_ ? octets.size() - 1 - i : i];
  return value;
}

std::uint32_t FileBytes::u32(ByteView octets, std::size_t at) const {
  return static_cast<std::uint32_t>(number(octets.subspan(at, 4)));
}
std::uint16_t FileBytes::u16(ByteView octets, std::size_t at) const {
  return static_cast<std::uint16_t>(number(octets.subspan(at, 2)));
}

void FileBytes::fail(const std::string& what) const { throw Error(ErrorKind::bad_input, name_ + ": " + what); }

}  // namespace reveille::sim
