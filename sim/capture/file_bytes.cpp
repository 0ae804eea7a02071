// SPDX-License-Identifier: Apache-2.0
#include "capture/file_bytes.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace reveille::sim {

void FileBytes::Close::operator()(gzFile_s* stream) const noexcept { gzclose_r(stream); }

FileBytes::FileBytes(const std::filesystem::path& path) : name_(path.empty() ? "\"\"" : path.string()) {
  errno = 0;
  stream_.reset(gzopen(path.c_str(), "rb"));
  const int why = errno;
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);  // which opens, and fails at the first octet
  if (!stream_ || is_folder)
    throw Error(ErrorKind::bad_input, name_ + ": cannot be read: " + std::strerror(is_folder ? EISDIR : why));
  gzbuffer(stream_.get(), 1 << 17);
}

std::size_t FileBytes::read(std::uint8_t* octets, std::size_t count) {
  std::size_t got = 0;
  while (got < count) {
    const auto wanted = static_cast<unsigned>(std::min<std::size_t>(count - got, 1 << 30));
    const int more = gzread(stream_.get(), octets + got, wanted);
    if (more == 0) break;
    if (more > 0) {
      got += static_cast<std::size_t>(more);
      continue;
    }
    int code = Z_OK;
    const std::string why = gzerror(stream_.get(), &code);
    if (code == Z_ERRNO) fail(std::string("cannot be read: ") + std::strerror(errno));
    fail("cannot be read: gzip: " + why);
  }
  return got;
}

bool FileBytes::at_end() {
  const int octet = gzgetc(stream_.get());
  if (octet >= 0) {
    gzungetc(octet, stream_.get());
    return false;
  }
  int code = Z_OK;
  gzerror(stream_.get(), &code);
  if (code != Z_OK && code != Z_STREAM_END) fail_inside("the capture");
  return true;
}

Bytes FileBytes::take(std::uint64_t count, const std::string& what) {
  // A length field may say 4 GB in a file of 100 octets: memory is taken as octets come.
  constexpr std::uint64_t step = 1 << 16;
  Bytes octets;
  while (octets.size() < count) {
    const std::size_t had = octets.size();
    octets.resize(had + std::min(step, count - had));
    if (read(octets.data() + had, octets.size() - had) < octets.size() - had) fail_inside(what);
  }
  return octets;
}

void FileBytes::skip(std::uint64_t count, const std::string& what) {
  std::array<std::uint8_t, 4096> dropped{};
  while (count > 0) {
    const std::size_t step = std::min<std::uint64_t>(count, dropped.size());
    if (read(dropped.data(), step) < step) fail_inside(what);
    count -= step;
  }
}

void FileBytes::fail_inside(const std::string& what) {
  int code = Z_OK;
  const std::string why = gzerror(stream_.get(), &code);
  const bool cut = code == Z_BUF_ERROR;  // zlib's word for a stream without its end
  throw EndsInside(name_ + ": ends inside " + what + (cut ? ": its gzip stream has no end" : ""));
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
