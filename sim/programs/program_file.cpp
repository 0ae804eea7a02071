// SPDX-License-Identifier: Apache-2.0
#include "programs/program_file.hpp"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

#include "output_file.hpp"
#include "reveille/kerberos/keytab.hpp"
#include "reveille/kerberos/private_file.hpp"

namespace reveille::sim {
namespace {

namespace fs = std::filesystem;

/// While it lives, a terminal does not show what is typed.
class Unseen {
 public:
  Unseen() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_terminal_) return;
    std::cerr << "password: " << std::flush;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Unseen() {
    if (!is_terminal_) return;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::cerr << '\n';
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  termios before_ = {};
  bool is_terminal_;
};

kerberos::Password first_line(const std::string& where, ByteView octets) {
  const auto end = std::ranges::find(octets, '\n');
  if (end == octets.begin())
    throw Error(ErrorKind::bad_input, where + ": empty: a password in the first line expected");
  return std::string(octets.begin(), end);
}

}  // namespace

ProgramFile::ProgramFile(const fs::path& path)
    : name_(path.string()), document_(read_json_file(path)), folder_(path.parent_path()), named_{{"--config", path}} {}

fs::path ProgramFile::path(const JsonValue& value) const {
  const std::string& text = value.text("a path expected");
  if (text.empty() || text.find('\0') != std::string::npos) value.fail("a path expected");
  named_.emplace_back(value.key(), folder_ / text);
  return named_.back().second;
}

fs::path ProgramFile::output(const JsonValue& value) const {
  const fs::path path = this->path(value);
  for (const auto& [key, other] : named_) {
    if (key != value.key() && is_same_file(path, other)) value.fail("another file than that of " + key + " expected");
  }
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code error;
  const fs::file_type type = fs::status(path, error).type();
  if (type == fs::file_type::fifo) value.fail("no pipe expected, which waits for a reader");
  if (type == fs::file_type::directory) error = std::make_error_code(std::errc::is_a_directory);
  if (error == std::errc::no_such_file_or_directory) error.clear();
  if (!error && ::access(folder.c_str(), W_OK | X_OK) != 0) error.assign(errno, std::generic_category());
  if (error) value.fail("a file that can be written expected: " + error.message());
  return path;
}

fs::path ProgramFile::private_output(const JsonValue& value) const {
  const fs::path path = output(value);
  if (fs::exists(path) && !fs::is_regular_file(path)) value.fail("a regular file expected");
  return path;
}

bool try_to_write(const Log& log, const std::function<void()>& write) {
  try {
    write();
    return true;
  } catch (const Error& error) {
    log("error", {{"what", error.what()}});
    return false;
  }
}

std::string read_realm(const JsonValue& value) {
  const std::string expected = "a realm of ASCII letters, digits, '.' and '-' expected";
  const std::string& text = value.text(expected);
  const bool good = !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
  if (!good) value.fail(expected);
  return text;
}

kerberos::PrincipalName read_principal(const JsonValue& value) {
  const std::string expected = "a principal expected: name or name/instance in printable ASCII, without a realm";
  const std::string& text = value.text(expected);
  if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; })) value.fail(expected);
  try {
    return kerberos::parse_principal(text);
  } catch (const Error&) {
    value.fail(expected);
  }
}

std::uint16_t read_port(const JsonValue& value) { return static_cast<std::uint16_t>(value.integer(1, 65535)); }

std::uint8_t read_doi(const JsonValue& parent) {
  return static_cast<std::uint8_t>(read_number(parent, "doi", 1, 2, 1));
}

std::uint64_t read_number(const JsonValue& parent, const std::string& key, std::uint64_t least, std::uint64_t most,
                          std::uint64_t preset) {
  return parent.has(key) ? parent[key].integer(least, most) : preset;
}

kerberos::Time read_time(const JsonValue& parent, const std::string& key, kerberos::Time unit, std::uint64_t least,
                         std::uint64_t most, kerberos::Time preset) {
  return parent.has(key) ? static_cast<kerberos::Time>(parent[key].integer(least, most)) * unit : preset;
}

kerberos::Keytab read_keytab_of(const fs::path& path, const std::string& realm,
                                const kerberos::PrincipalName& principal, bool weak_etypes) {
  const kerberos::SecretBytes octets = kerberos::read_private_file(path);
  kerberos::Keytab keytab;
  bool has_weak = false;
  try {
    const kerberos::Keytab whole = kerberos::Keytab::decode(octets);
    for (const kerberos::KeytabEntry& entry : whole.entries()) {
      if (entry.realm != realm || entry.principal != principal) continue;
      if (weak_etypes || !is_weak(entry.key.etype())) {
        keytab.add(entry);
      } else {
        has_weak = true;
      }
    }
  } catch (const Error& error) {
    throw Error(ErrorKind::bad_input, path.string() + ": no keytab: " + error.what());
  }
  if (keytab.entries().empty()) {
    throw Error(ErrorKind::bad_input, path.string() + ": no key of an etype from 17 to 20 of " +
                                          kerberos::to_string(principal) + "@" + realm +
                                          (has_weak ? ", and one of etype 16, which weak_etypes permits" : ""));
  }
  return keytab;
}

void warn_of_weak_etypes(const Log& log) {
  log("weak-etypes", {{"etypes", "16"}, {"why", "blocks of 64 bits and keys of 112 protect little (RFC 8429)"}});
}

kerberos::Password read_password(const fs::path& path) {
  if (path != "-") return first_line(path.string(), kerberos::read_private_file(path));
  const Unseen unseen;
  kerberos::SecretBytes typed;
  for (char c = 0; std::cin.get(c) && c != '\n';) typed.push_back(static_cast<std::uint8_t>(c));
  return first_line("standard input", typed);
}

CLI::Option* add_config_option(CLI::App& app, fs::path& config) {
  CLI::Option* option =
      app.add_option("--config", config, "the configuration file, JSON (docs/programs.md)")->required();
  return option->type_name("FILE");
}

CLI::Option* add_program_options(CLI::App& app, ProgramOptions& options) {
  CLI::Option* config = add_config_option(app, options.config);
  app.add_option_function<std::string>(
         "--log",
         [&options](const std::string& word) { options.log = word == "json" ? Log::Format::json : Log::Format::text; },
         "what it says on standard error: lines for people, or a JSON object a line; default text")
      ->check(one_of({"text", "json"}))
      ->type_name("FORMAT");
  return config;
}

}  // namespace reveille::sim
