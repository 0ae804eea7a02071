// SPDX-License-Identifier: Apache-2.0
#include "capture/file_bytes.hpp"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

namespace reveille::sim {

namespace {

// zlib reads what is not compressed straight into a block of at least twice its own buffer.
constexpr unsigned buffer_octets = 1 << 15;
constexpr unsigned block_octets = 2 * buffer_octets;

}  // namespace

void FileBytes::Close::operator()(gzFile_s* stream) const noexcept { gzclose_r(stream); }

FileBytes::FileBytes(const std::filesystem::path& path) : name_(path.empty() ? "\"\"" : path.string()) {
  errno = 0;
  stream_.reset(gzopen(path.c_str(), "rb"));
  const int why = errno;
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);  // which opens, and fails at the first octet
  if (!stream_ || is_folder)
    throw Error(ErrorKind::bad_input, name_ + ": cannot be read: " + std::strerror(is_folder ? EISDIR : why));
  gzbuffer(stream_.get(), buffer_octets);
}

void FileBytes::read_block() {
  block_.resize(block_octets);
  const int got = gzread(stream_.get(), block_.data(), block_octets);
  if (got < 0) {
    int code = Z_OK;
    const std::string why = gzerror(stream_.get(), &code);
    if (code == Z_ERRNO) fail(std::string("cannot be read: ") + std::strerror(errno));
    if (code != Z_BUF_ERROR) fail("cannot be read: gzip: " + why);
  }
  ahead_ = ByteView(block_).first(static_cast<std::size_t>(std::max(got, 0)));
}

bool FileBytes::at_end() {
  if (ahead_.empty()) read_block();
  if (!ahead_.empty()) return false;
  int code = Z_OK;
  gzerror(stream_.get(), &code);
  if (code != Z_OK && code != Z_STREAM_END) fail_inside({"the capture"});
  return true;
}

void FileBytes::read(std::span<std::uint8_t> octets, Part part) {
  while (!octets.empty()) {
    if (ahead_.empty()) read_block();
    if (ahead_.empty()) fail_inside(part);
    const std::size_t count = std::min(octets.size(), ahead_.size());
    std::copy_n(ahead_.begin(), count, octets.begin());
    ahead_ = ahead_.subspan(count);
    octets = octets.subspan(count);
  }
}

void FileBytes::read(Bytes& octets, std::uint64_t count, Part part) {
  if (count <= ahead_.size()) {
    const ByteView whole = ahead_.first(count);
    octets.assign(whole.begin(), whole.end());
    ahead_ = ahead_.subspan(count);
    return;
  }
  // A length field may say 4 GB in a file of 100 octets: memory is taken as octets come.
  constexpr std::uint64_t step = 1 << 16;
  octets.clear();
  while (octets.size() < count) {
    const std::size_t had = octets.size();
    octets.resize(had + std::min(step, count - had));
    read(std::span(octets).subspan(had), part);
  }
}

Bytes FileBytes::take(std::uint64_t count, const char* part) {
  Bytes octets;
  read(octets, count, {part});
  return octets;
}

void FileBytes::skip(std::uint64_t count, Part part) {
  while (count > 0) {
    if (ahead_.empty()) read_block();
    if (ahead_.empty()) fail_inside(part);
    const std::size_t step = std::min<std::uint64_t>(count, ahead_.size());
    ahead_ = ahead_.subspan(step);
    count -= step;
  }
}

void FileBytes::fail_inside(Part part) {
  int code = Z_OK;
  gzerror(stream_.get(), &code);
  const bool cut = code == Z_BUF_ERROR;  // zlib's word for a stream without its end
  throw EndsInside(name_ + ": ends inside " + part.name + (part.number > 0 ? std::to_string(part.number) : "") +
                   (cut ? ": its gzip stream has no end" : ""));
}

std::uint64_t FileBytes::number(ByteView octets) const {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) value = value << 8 | octets[little_ ? octets.size() - 1 - i : i];
  return value;
}

std::uint32_t FileBytes::u32(ByteView octets, std::size_t at) const {
  std::uint32_t value = 0;
  std::memcpy(&value, octets.subspan(at, 4).data(), 4);
  return little_ == (std::endian::native == std::endian::little) ? value : __builtin_bswap32(value);
}
std::uint16_t FileBytes::u16(ByteView octets, std::size_t at) const {
  std::uint16_t value = 0;
  std::memcpy(&value, octets.subspan(at, 2).data(), 2);
  return little_ == (std::endian::native == std::endian::little) ? value : __builtin_bswap16(value);
}

void FileBytes::fail(const std::string& what) const { throw Error(ErrorKind::bad_input, name_ + ": " + what); }

}  // namespace reveille::sim
