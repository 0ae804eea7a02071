// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "command.hpp"
#include "json_value.hpp"
#include "programs/log.hpp"
#include "reveille/kerberos/client.hpp"
#include "reveille/kerberos/keytab.hpp"

namespace reveille::sim {

/// The configuration file of a program, JSON. Paths in it are relative to its own folder.
class ProgramFile {
 public:
  explicit ProgramFile(const std::filesystem::path& path);
  ProgramFile(const ProgramFile&) = delete;
  ProgramFile& operator=(const ProgramFile&) = delete;

  [[nodiscard]] JsonValue root() const { return {name_, "", document_}; }
  /// A file that the program reads.
  [[nodiscard]] std::filesystem::path path(const JsonValue& value) const;
  /// A file that the program writes: in a folder where it may, and none of those that the file has named before it. So
  /// these are to be asked for last.
  [[nodiscard]] std::filesystem::path output(const JsonValue& value) const;
  /// The same with secrets in it, which is replaced: a device or a pipe will not do.
  [[nodiscard]] std::filesystem::path private_output(const JsonValue& value) const;

 private:
  std::string name_;
  nlohmann::json document_;
  std::filesystem::path folder_;
  mutable std::vector<std::pair<std::string, std::filesystem::path>> named_;  ///< by which key
};

/// A file that a program keeps beside its work: where it cannot be written, that is said, and the work goes on. Whether
/// it was.
bool try_to_write(const Log& log, const std::function<void()>& write);

// Values of more than one program's file; what is wrong is Error{bad_input} naming file, key and value.
std::string read_realm(const JsonValue& value);
kerberos::PrincipalName read_principal(const JsonValue& value);
std::uint16_t read_port(const JsonValue& value);
std::uint8_t read_doi(const JsonValue& parent);
/// In microseconds, of a value in units of `unit`; `preset` where there is no such key.
kerberos::Time read_time(const JsonValue& parent, const std::string& key, kerberos::Time unit, std::uint64_t least,
                         std::uint64_t most, kerberos::Time preset);
std::uint64_t read_number(const JsonValue& parent, const std::string& key, std::uint64_t least, std::uint64_t most,
                          std::uint64_t preset);

/// The keys of a principal in a keytab that is its owner's alone, those of a weak etype only where told; another file,
/// or one without a key of it, is refused.
kerberos::Keytab read_keytab_of(const std::filesystem::path& path, const std::string& realm,
                                const kerberos::PrincipalName& principal, bool weak_etypes);
/// Says that they may be used, and why they better were not.
void warn_of_weak_etypes(const Log& log);
/// The first line of a file that is its owner's alone; of standard input where it is `-`, unseen on a terminal.
kerberos::Password read_password(const std::filesystem::path& path);

/// The options that the programs share; --config, which is required unless told otherwise, is given back.
struct ProgramOptions {
  std::filesystem::path config;
  Log::Format log = Log::Format::text;
};
CLI::Option* add_config_option(CLI::App& app, std::filesystem::path& config);
CLI::Option* add_program_options(CLI::App& app, ProgramOptions& options);

}  // namespace reveille::sim
