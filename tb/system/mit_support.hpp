// SPDX-License-Identifier: Apache-2.0
#pragma once

// libkrb5 with owners and exceptions.

#include <krb5.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bed/mit_realm.hpp"
#include "system/mit_names.hpp"

namespace reveille::kerberos::test {

using namespace bed;

inline MitRealm four_etypes_realm() {
  std::vector<MitRealm::Principal> principals;
  for (const Etype etype : all_etypes()) {
    principals.push_back({.name = to_string(client_of(etype)), .password = password, .etypes = {etype}});
    principals.push_back({.name = to_string(service_of(etype)), .etypes = {etype}, .session_etypes = {etype}});
  }
  return MitRealm(principals, realm_name);
}

/// A libkrb5 context in the surroundings of `environment`, which stay set for this program.
class Krb5 {
 public:
  explicit Krb5(const std::vector<std::string>& environment) {
    for (const std::string& entry : environment) {
      const std::size_t equals = entry.find('=');
      ::setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1);
    }
    if (krb5_init_context(&context_) != 0) throw std::runtime_error("krb5_init_context");
  }
  ~Krb5() { krb5_free_context(context_); }
  Krb5(const Krb5&) = delete;
  Krb5& operator=(const Krb5&) = delete;

  // NOLINTNEXTLINE(google-explicit-constructor): stands for the context in every call
  operator krb5_context() const { return context_; }

  void require(krb5_error_code code, const std::string& what) const {
    if (code == 0) return;
    const char* message = krb5_get_error_message(context_, code);
    const std::string text = what + ": " + message;
    krb5_free_error_message(context_, message);
    throw std::runtime_error(text);
  }

  /// Owns a pointer that `release(context, pointer)` frees.
  template <typename T, typename Release>
  auto own(T* pointer, Release release) const {
    const auto free = [context = context_, release](T* owned) { release(context, owned); };
    return std::unique_ptr<T, decltype(free)>(pointer, free);
  }
  auto principal(const PrincipalName& name) const {
    krb5_principal out = nullptr;
    require(krb5_parse_name(context_, (to_string(name) + "@" + realm_name).c_str(), &out), "krb5_parse_name");
    return own(out, krb5_free_principal);
  }
  auto auth_context(krb5_int32 flags) const {
    krb5_auth_context out = nullptr;
    require(krb5_auth_con_init(context_, &out), "krb5_auth_con_init");
    krb5_auth_con_setflags(context_, out, flags);
    return own(out, krb5_auth_con_free);
  }

 private:
  krb5_context context_ = nullptr;
};

inline krb5_data data_of(const Bytes& octets) {
  return {.magic = KV5M_DATA,
          .length = static_cast<unsigned>(octets.size()),
          .data = reinterpret_cast<char*>(const_cast<std::uint8_t*>(octets.data()))};
}
inline Bytes octets_of(const Krb5& krb5, krb5_data& data) {
  Bytes out(data.data, data.data + data.length);
  krb5_free_data_contents(krb5, &data);
  return out;
}
inline Key key_of(const krb5_keyblock& block) {
  return Key(to_etype(block.enctype).value(), Bytes(block.contents, block.contents + block.length));
}

}  // namespace reveille::kerberos::test
