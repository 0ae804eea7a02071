// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "programs/kdc_file.hpp"
#include "programs/programs.hpp"

namespace reveille::sim {
namespace {

using kerberos::Etype;
using kerberos::PrincipalName;

struct PrincipalOptions {
  std::filesystem::path config;
  std::vector<std::string> names;
  std::optional<std::string> password_file;
  std::vector<Etype> etypes = kerberos::all_etypes();
  bool new_keys = false;
  std::filesystem::path out;
};
using Options = std::shared_ptr<PrincipalOptions>;

/// `name/instance`, or with the realm behind it, as kadmin takes it too.
PrincipalName principal_named(const std::string& text, const std::string& realm) {
  if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; })) {
    throw Error(ErrorKind::bad_input, "NAME: " + excerpt(text) + ": printable ASCII without blanks expected");
  }
  const std::size_t at = text.find('@');
  if (at != std::string::npos && text.substr(at + 1) != realm) {
    throw Error(ErrorKind::bad_input,
                "NAME: " + excerpt(text) + ": a principal of this KDC's realm, " + realm + ", expected");
  }
  return kerberos::parse_principal(text.substr(0, at));
}

std::vector<Etype> etypes_of(const std::string& text) {
  std::vector<Etype> etypes;
  for (const std::string& word : CLI::detail::split(text, ',')) {
    const auto number = static_cast<std::int32_t>(whole_number(word, 16, 20, "--etypes"));
    const Etype etype = kerberos::to_etype(number).value();
    if (std::ranges::find(etypes, etype) != etypes.end()) {
      throw Error(ErrorKind::bad_input, "--etypes: " + word + " stands twice");
    }
    etypes.push_back(etype);
  }
  return etypes;
}

/// Whatever else lies there, the database for one, is not replaced.
void require_keytab_or_none(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return;
  bool good = std::filesystem::is_regular_file(status);
  if (good) {  // a pipe would wait
    constexpr int first_octet = 5;
    std::ifstream file(path, std::ios::binary);
    const int first = file.get();
    good = first == first_octet || (first == EOF && file.eof());
  }
  if (!good) {
    throw Error(ErrorKind::bad_input, "--out: " + path.string() + ": is no keytab, and would be replaced");
  }
}

std::string joined(const std::vector<Etype>& etypes) {
  std::string text;
  for (const Etype etype : etypes) text += (text.empty() ? "" : ",") + std::to_string(static_cast<int>(etype));
  return text;
}

int add(const PrincipalOptions& options) {
  const KdcFile file(options.config);
  const PrincipalName name = principal_named(options.names.front(), file.realm);
  if (!file.policy.weak_etypes && std::ranges::any_of(options.etypes, kerberos::is_weak)) {
    throw Error(ErrorKind::bad_input,
                "--etypes: 16 is weak, and used only where weak_etypes of " + options.config.string() + " permits it");
  }
  std::optional<kerberos::Password> password;
  if (options.password_file) password = read_password(*options.password_file);
  kerberos::SystemRandom random;
  PrincipalStore::make(file.database, file.realm, random);
  PrincipalStore store(file.database, file.realm);
  const std::uint32_t kvno = store.add(name, password, options.etypes, options.new_keys, random);
  std::cout << kerberos::to_string(name) << '@' << file.realm << ": kvno " << kvno << ", etypes "
            << joined(options.etypes) << '\n';
  return exit_success;
}

int list(const PrincipalOptions& options) {
  const KdcFile file(options.config);
  for (const PrincipalStore::Listed& each : PrincipalStore(file.database, file.realm).list()) {
    std::cout << each.name << '@' << file.realm << ": " << (each.has_password ? "password" : "random keys") << ", kvno "
              << each.kvno << ", etypes " << joined(each.etypes) << '\n';
  }
  return exit_success;
}

int remove(const PrincipalOptions& options) {
  const KdcFile file(options.config);
  const PrincipalName name = principal_named(options.names.front(), file.realm);
  PrincipalStore(file.database, file.realm).remove(name);
  return exit_success;
}

int keytab(const PrincipalOptions& options) {
  const KdcFile file(options.config);
  std::vector<PrincipalName> names;
  for (const std::string& name : options.names) names.push_back(principal_named(name, file.realm));
  const kerberos::Keytab keytab = PrincipalStore(file.database, file.realm).keytab(names);
  require_keytab_or_none(options.out);
  keytab.save(options.out);
  std::cout << options.out.string() << ": " << keytab.entries().size() << " keys\n";
  return exit_success;
}

CLI::App* add_command(CLI::App& principal, const std::string& name, const std::string& description,
                      const Options& options, Action& action, int (*perform)(const PrincipalOptions&)) {
  CLI::App* command = principal.add_subcommand(name, description);
  command->callback([options, perform, &action] { action = [options, perform] { return perform(*options); }; });
  add_config_option(*command, options->config);
  return command;
}

}  // namespace

CLI::App* add_principal_command(CLI::App& kdc, Action& action) {
  CLI::App* principal = kdc.add_subcommand("principal", "The principals of a KDC's database");
  principal->require_subcommand(1);
  const auto options = std::make_shared<PrincipalOptions>();

  CLI::App* adding =
      add_command(*principal, "add", "Adds a principal, with random keys or a password", options, action, add);
  adding->add_option("NAME", options->names, "name or name/instance; @REALM may follow, the KDC's own")
      ->required()
      ->expected(1);
  add_text_option(*adding, "--password-file", options->password_file,
                  "its first line is the password; - for standard input");
  adding
      ->add_option_function<std::string>(
          "--etypes", [options](const std::string& text) { options->etypes = etypes_of(text); },
          "of its keys, from 17 to 20, separated by commas; default 20,18,19,17; 16, which is weak, where weak_etypes "
          "of the configuration permits it")
      ->type_name("LIST");
  adding->add_flag("--new-keys", options->new_keys, "of one that is there: keys under the next kvno");

  add_command(*principal, "list", "Lists the principals", options, action, list);

  CLI::App* removing = add_command(*principal, "remove", "Removes a principal and its keys", options, action, remove);
  removing->add_option("NAME", options->names, "name or name/instance; @REALM may follow, the KDC's own")
      ->required()
      ->expected(1);

  CLI::App* writing =
      add_command(*principal, "keytab", "Writes the keys of principals as MIT's keytab", options, action, keytab);
  writing->add_option("--out", options->out, "the keytab; another of that name is replaced")
      ->required()
      ->type_name("FILE");
  writing->add_option("NAME", options->names, "name or name/instance; @REALM may follow, the KDC's own")
      ->required()
      ->expected(-1);
  return principal;
}

}  // namespace reveille::sim
