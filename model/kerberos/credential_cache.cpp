// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/credential_cache.hpp"

#include "reveille/kerberos/private_file.hpp"

namespace reveille::kerberos {
namespace {

// Source: MIT krb5 documentation, "Credential cache file format". Big-endian; a header of tagged fields, then the
// default principal, then credentials until the end.
constexpr std::uint16_t file_version = 0x0504;
constexpr std::string_view settings_realm = "X-CACHECONF:";

void append_counted(SecretBytes& out, const auto& octets) {
  append_big_endian(out, octets.size(), 4);
  out.insert(out.end(), octets.begin(), octets.end());
}

void append_principal(SecretBytes& out, const std::string& realm, const PrincipalName& name) {
  append_big_endian(out, static_cast<std::uint32_t>(name.type), 4);
  append_big_endian(out, name.components.size(), 4);
  append_counted(out, realm);
  for (const std::string& component : name.components) append_counted(out, component);
}

void append_time(SecretBytes& out, Time time) {
  append_big_endian(out, static_cast<std::uint64_t>(time / second) & 0xFFFF'FFFFU, 4);
}

ByteView read_counted(ByteReader& in, std::string_view what) { return in.take(in.u32(what), what); }

std::string read_text(ByteReader& in, std::string_view what) {
  const ByteView octets = read_counted(in, what);
  return {octets.begin(), octets.end()};
}

struct Principal {
  std::string realm;
  PrincipalName name;
};

Principal read_principal(ByteReader& in) {
  Principal read;
  read.name.type = static_cast<std::int32_t>(in.u32("name type"));
  const std::uint32_t components = in.u32("component count");
  read.realm = read_text(in, "realm");
  for (std::uint32_t i = 0; i < components; ++i) read.name.components.push_back(read_text(in, "component"));
  return read;
}

Time read_time(ByteReader& in, std::string_view what) { return Time{in.u32(what)} * second; }

void skip_pairs(ByteReader& in, std::string_view what) {
  for (std::uint32_t count = in.u32(what); count > 0; --count) {
    in.u16(what);
    read_counted(in, what);
  }
}

std::optional<Credential> read_credential(ByteReader& in) {
  Principal client = read_principal(in);
  const Principal service = read_principal(in);
  const std::optional<Etype> etype = to_etype(in.u16("etype"));
  const ByteView key = read_counted(in, "session key");
  const Time authtime = read_time(in, "authtime"), starttime = read_time(in, "starttime");
  const Time endtime = read_time(in, "endtime");
  read_time(in, "renew-till");
  in.u8("is_skey");
  const std::uint32_t flags = in.u32("ticket flags");
  skip_pairs(in, "address");
  skip_pairs(in, "authorization data");
  const ByteView ticket = read_counted(in, "ticket");
  read_counted(in, "second ticket");
  if (service.realm == settings_realm || !etype || key.size() != key_size(*etype)) return {};
  return Credential{.crealm = std::move(client.realm),
                    .cname = std::move(client.name),
                    .ticket = decode_ticket(ticket),
                    .session_key = Key(*etype, key),
                    .flags = flags,
                    .authtime = authtime,
                    .starttime = starttime,
                    .endtime = endtime};
}

}  // namespace

SecretBytes CredentialCache::encode() const {
  SecretBytes out;
  append_big_endian(out, file_version, 2);
  append_big_endian(out, 0, 2);  // no header fields
  append_principal(out, realm, client);
  for (const Credential& credential : credentials) {
    append_principal(out, credential.crealm, credential.cname);
    append_principal(out, credential.ticket.realm, credential.ticket.sname);
    append_big_endian(out, static_cast<std::uint32_t>(credential.session_key.etype()), 2);
    append_counted(out, credential.session_key.octets());
    append_time(out, credential.authtime);
    append_time(out, credential.starttime);
    append_time(out, credential.endtime);
    append_time(out, 0);  // not renewable
    append_big_endian(out, 0, 1);
    append_big_endian(out, credential.flags, 4);
    append_big_endian(out, 0, 4);  // addresses
    append_big_endian(out, 0, 4);  // authorization data
    append_counted(out, kerberos::encode(credential.ticket));
    append_big_endian(out, 0, 4);  // second ticket
  }
  return out;
}

CredentialCache CredentialCache::decode(ByteView octets) {
  ByteReader in(octets);
  if (const std::uint16_t version = in.u16("version"); version != file_version) {
    throw Error(ErrorKind::malformed, "credential cache of version " + std::to_string(version) + ", expected 0x0504");
  }
  in.take(in.u16("header length"), "header");
  CredentialCache cache;
  Principal client = read_principal(in);
  cache.realm = std::move(client.realm);
  cache.client = std::move(client.name);
  while (!in.empty()) {
    if (std::optional<Credential> read = read_credential(in)) cache.credentials.push_back(std::move(*read));
  }
  return cache;
}

void CredentialCache::save(const std::filesystem::path& path) const { write_private_file(path, encode()); }

CredentialCache CredentialCache::load(const std::filesystem::path& path) {
  const SecretBytes octets = read_private_file(path);
  try {
    return decode(octets);
  } catch (const Error& error) {
    throw Error(ErrorKind::bad_input, path.string() + ": no credential cache: " + error.what());
  }
}

const Credential* CredentialCache::find(const PrincipalName& service) const {
  const Credential* found = nullptr;
  for (const Credential& credential : credentials) {
    if (credential.ticket.sname == service && (found == nullptr || credential.endtime > found->endtime)) {
      found = &credential;
    }
  }
  return found;
}

}  // namespace reveille::kerberos
