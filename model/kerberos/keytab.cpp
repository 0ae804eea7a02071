// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/keytab.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

#include "reveille/kerberos/private_file.hpp"

namespace reveille::kerberos {
namespace {

// MIT's file format 2: big-endian; entries of a signed size, negative ones are holes. Source: MIT krb5 documentation,
// "Keytab file format".
constexpr std::uint16_t file_version = 0x0502;

void append_counted(SecretBytes& out, std::string_view text) {
  append_big_endian(out, text.size(), 2);
  out.insert(out.end(), text.begin(), text.end());
}

std::string read_counted(ByteReader& in, std::string_view what) {
  const ByteView octets = in.take(in.u16(what), what);
  return {octets.begin(), octets.end()};
}

SecretBytes encode_entry(const KeytabEntry& entry) {
  SecretBytes out;
  append_big_endian(out, entry.principal.components.size(), 2);
  append_counted(out, entry.realm);
  for (const std::string& component : entry.principal.components) append_counted(out, component);
  append_big_endian(out, static_cast<std::uint32_t>(entry.principal.type), 4);
  append_big_endian(out, static_cast<std::uint64_t>(entry.timestamp / second), 4);
  append_big_endian(out, entry.kvno & 0xFFU, 1);
  append_big_endian(out, static_cast<std::uint32_t>(entry.key.etype()), 2);
  append_big_endian(out, entry.key.octets().size(), 2);
  append(out, entry.key.octets());
  append_big_endian(out, entry.kvno, 4);  // overrides the 8 bits above
  return out;
}

std::optional<KeytabEntry> decode_entry(ByteReader in) {
  const unsigned components = in.u16("component count");
  std::string realm = read_counted(in, "realm");
  PrincipalName principal;
  for (unsigned i = 0; i < components; ++i) principal.components.push_back(read_counted(in, "component"));
  principal.type = static_cast<std::int32_t>(in.u32("name type"));
  const Time timestamp = Time{in.u32("timestamp")} * second;
  std::uint32_t kvno = in.u8("kvno");
  const std::optional<Etype> etype = to_etype(in.u16("etype"));
  const ByteView octets = in.take(in.u16("key length"), "key");
  if (in.remaining() >= 4) {
    if (const std::uint32_t wide = in.u32("kvno"); wide != 0) kvno = wide;
  }
  if (!etype || octets.size() != key_size(*etype)) return {};
  return KeytabEntry{.realm = std::move(realm),
                     .principal = std::move(principal),
                     .kvno = kvno,
                     .key = Key(*etype, octets),
                     .timestamp = timestamp};
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw Error(ErrorKind::bad_input, path.string() + ": " + why);
}

}  // namespace

void Keytab::add(const Keytab& other) { entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end()); }

const KeytabEntry* Keytab::find(std::string_view realm, const PrincipalName& principal, std::int32_t etype,
                                std::optional<std::uint32_t> kvno) const {
  const KeytabEntry* found = nullptr;
  for (const KeytabEntry& entry : entries_) {
    if (entry.realm != realm || entry.principal != principal) continue;
    if (static_cast<std::int32_t>(entry.key.etype()) != etype || (kvno && entry.kvno != *kvno)) continue;
    if (found == nullptr || entry.kvno > found->kvno) found = &entry;
  }
  return found;
}

bool Keytab::holds(std::string_view realm, const PrincipalName& principal) const {
  for (const KeytabEntry& entry : entries_) {
    if (entry.realm == realm && entry.principal == principal) return true;
  }
  return false;
}

SecretBytes Keytab::encode() const {
  SecretBytes out;
  append_big_endian(out, file_version, 2);
  for (const KeytabEntry& entry : entries_) {
    const SecretBytes encoded = encode_entry(entry);
    append_big_endian(out, encoded.size(), 4);
    append(out, encoded);
  }
  return out;
}

Keytab Keytab::decode(ByteView octets) {
  ByteReader in(octets);
  if (const std::uint16_t version = in.u16("keytab version"); version != file_version) {
    throw Error(ErrorKind::malformed, "keytab of version " + std::to_string(version) + ", expected 0x0502");
  }
  Keytab keytab;
  // A length of zero ends the file, as MIT reads it; fewer than four octets can only be padding, if they are zeros.
  while (in.remaining() >= 4) {
    const auto size = static_cast<std::int32_t>(in.u32("entry size"));
    if (size == 0) return keytab;
    const ByteView entry = in.take(static_cast<std::size_t>(std::abs(std::int64_t{size})), "keytab entry");
    if (size < 0) continue;
    if (std::optional<KeytabEntry> read = decode_entry(ByteReader(entry))) keytab.add(std::move(*read));
  }
  for (const std::uint8_t octet : in.rest()) {
    if (octet != 0) throw Error(ErrorKind::malformed, "keytab entry size: the file ends inside it");
  }
  return keytab;
}

void Keytab::save(const std::filesystem::path& path) const { write_private_file(path, encode()); }

Keytab Keytab::load(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(path, ignored);  // which opens, and throws at the first octet
  if (!in || is_folder) refuse(path, "cannot read the keytab");
  const SecretBytes octets{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) refuse(path, "cannot read the keytab");
  return decode(octets);
}

}  // namespace reveille::kerberos
