// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/types.hpp"

#include <algorithm>

namespace reveille::kerberos {

PrincipalName parse_principal(std::string_view text) {
  PrincipalName name;
  std::string_view left = text;
  for (;;) {
    const std::size_t slash = left.find('/');
    const std::string_view component = left.substr(0, slash);
    if (component.empty() || component.find('@') != std::string_view::npos) {
      throw Error(ErrorKind::bad_input,
                  "principal '" + std::string(text) + "': expected name or name/instance, no realm");
    }
    name.components.emplace_back(component);
    if (slash == std::string_view::npos) break;
    left.remove_prefix(slash + 1);
  }
  name.type = name.components.size() == 1 ? PrincipalName::principal : PrincipalName::service_instance;
  return name;
}

std::string to_string(const PrincipalName& name) {
  std::string text;
  for (const std::string& component : name.components) {
    if (!text.empty()) text += '/';
    text += component;
  }
  return text;
}

PrincipalName ticket_granting_service(std::string_view realm) {
  return {.type = PrincipalName::service_instance, .components = {"krbtgt", std::string(realm)}};
}

PrincipalName anonymous_principal() {
  return {.type = PrincipalName::well_known, .components = {"WELLKNOWN", "ANONYMOUS"}};
}

std::string default_salt(std::string_view realm, const PrincipalName& name) {
  std::string salt(realm);
  for (const std::string& component : name.components) salt += component;
  return salt;
}

const PaData* find_padata(const std::vector<PaData>& padata, std::int32_t type) {
  const auto found = std::ranges::find(padata, type, &PaData::type);
  return found == padata.end() ? nullptr : &*found;
}

}  // namespace reveille::kerberos
