// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "bed/process.hpp"
#include "bed/socket.hpp"
#include "system/program.hpp"

/// `reveille kdc`, `cta` and `controller` on loopback: their files, and the programs as they run.
namespace reveille::sim::test {

using nlohmann::json;

constexpr auto patience = std::chrono::seconds(20);

/// A running program with a JSON log.
class Node {
 public:
  explicit Node(std::vector<std::string> arguments, std::vector<std::string> environment = {})
      : program_(folder_, with_log(std::move(arguments)), Output::kept, std::move(environment)) {}

  /// Waits for so many events of that name; the last of them.
  json event(const std::string& name, std::size_t count = 1) {
    const auto limit = std::chrono::steady_clock::now() + patience;
    for (;;) {
      const std::vector<json> found = events(name);
      if (found.size() >= count) return found[count - 1];
      if (std::chrono::steady_clock::now() > limit) {
        throw Error(ErrorKind::internal, "no event " + name + " in:\n" + program_.progress());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  [[nodiscard]] std::vector<json> events(const std::string& name) const {
    std::vector<json> found;
    std::istringstream lines(program_.progress());
    for (std::string line; std::getline(lines, line);) {
      const json parsed = json::parse(line, nullptr, false);
      if (!parsed.is_discarded() && parsed.at("event") == name) found.push_back(parsed);
    }
    return found;
  }
  /// Waits for the program's end, or until `done`; whether it ended before.
  bool ends_before(const std::function<bool()>& done) const {
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (!program_.has_ended()) {
      if (done()) return false;
      if (std::chrono::steady_clock::now() > limit) throw Error(ErrorKind::internal, "no end in:\n" + log());
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }
  [[nodiscard]] std::string log() const { return program_.progress(); }
  [[nodiscard]] pid_t pid() const { return program_.pid(); }
  ProgramResult wait() { return program_.wait(); }
  ProgramResult end(int signal = SIGTERM) {
    program_.signal(signal);
    return program_.wait();
  }

 private:
  static std::vector<std::string> with_log(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--log", "json"});
    return arguments;
  }
  TemporaryFolder folder_;
  Program program_;
};

/// A realm with a server and clients, each with an address of loopback's that no other test has.
class ProgramBed {
 public:
  static constexpr const char* realm = "REVEILLE.TEST";
  static constexpr const char* service = "mtaprovsrvr/ctl1.reveille.test";

  explicit ProgramBed(std::uint16_t kdc_port = bed::free_loopback_port()) : port(kdc_port) {
    write("kdc.json",
          {{"realm", realm}, {"database", "principals.db"}, {"listen", {"127.0.0.1", server}}, {"port", port}});
    write("cta.json", {{"realm", realm},
                       {"principal", "cta1"},
                       {"password_file", "password"},
                       {"address", client},
                       {"server", {{"address", server}, {"principal", service}}},
                       {"kdc", {{"address", "127.0.0.1"}, {"port", port}}},
                       {"credential_cache", "cta.ccache"},
                       {"timeout_ms", 200}});
    write("controller.json", {{"realm", realm},
                              {"principal", service},
                              {"keytab", "service.keytab"},
                              {"addresses", {server}},
                              {"clients", {{{"address", client}, {"principal", "cta1"}}}},
                              {"wake_interval_ms", 200},
                              {"wake_tries", 8},
                              {"report", "report.json"}});
    write_private("password", "correct horse\n");
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder / name).string(); }
  void write(const std::string& name, const json& document) const { write_file(folder / name, document.dump(1)); }
  /// Changes some keys of a file.
  void change(const std::string& name, const json& keys) const {
    json document = json::parse(read_file(folder / name));
    document.update(keys);
    write(name, document);
  }
  void write_private(const std::string& name, const std::string& text) const {
    write_file(folder / name, text);
    std::filesystem::permissions(folder / name, std::filesystem::perms(0600));
  }
  ProgramResult principal(std::vector<std::string> arguments) const {
    const TemporaryFolder output;
    std::vector<std::string> command = {"kdc", "principal"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.insert(command.end(), {"--config", path("kdc.json")});
    return run_program(output, command);
  }
  /// The server with random keys and its keytab, and the client with its password.
  void add_principals() const {
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"add", service},
                                                      {"add", "cta1", "--password-file", path("password")},
                                                      {"keytab", service, "--out", path("service.keytab")}}) {
      const ProgramResult result = principal(arguments);
      if (result.status != 0) throw Error(ErrorKind::internal, result.err);
    }
  }
  [[nodiscard]] std::unique_ptr<Node> start(const std::string& program, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {program, "--config", path(program + ".json")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto node = std::make_unique<Node>(arguments);
    node->event("listening");
    return node;
  }
  /// One of MIT's programs, with this KDC, a cache of tickets of its own, and these lines about the realm.
  bed::ProcessResult mit(const std::string& program, std::vector<std::string> arguments, const std::string& input = {},
                         const std::string& settings = {}) const {
    write_file(folder / "krb5.conf", "[libdefaults]\n default_realm = " + std::string(realm) +
                                         "\n dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n" +
                                         mit_defaults + "[realms]\n " + realm +
                                         " = {\n  kdc = 127.0.0.1:" + std::to_string(port) + "\n" + settings + " }\n");
    arguments.insert(arguments.begin(), bed::find_program(program, "krb5-user").string());
    std::vector<std::string> environment = mit_environment;
    environment.insert(environment.end(),
                       {"KRB5_CONFIG=" + path("krb5.conf"), "KRB5CCNAME=FILE:" + path("mit.ccache"), "LC_ALL=C"});
    return bed::run_process(arguments, input, environment);
  }

  TemporaryFolder folder;
  std::uint16_t port;
  std::string server = address(1), client = address(2);
  std::string mit_defaults;                  ///< more lines of MIT's section libdefaults
  std::vector<std::string> mit_environment;  ///< more of MIT's programs

 private:
  static std::string address(int host) {
    static int beds = 0;
    if (host == 1) ++beds;
    const int process = static_cast<int>(::getpid());
    return "127." + std::to_string(16 + process % 200) + "." + std::to_string((process / 200 * 16 + beds) % 250) + "." +
           std::to_string(host);
  }
};

/// Each file of the bed, with what is in it.
inline std::map<std::string, std::string> contents(const ProgramBed& bed) {
  std::map<std::string, std::string> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bed.folder.path())) {
    if (entry.is_regular_file()) all[entry.path().string()] = read_file(entry.path());
  }
  return all;
}

/// Seconds of CPU time that a process has had.
inline double cpu_seconds(pid_t process) {
  std::istringstream fields(read_file("/proc/" + std::to_string(process) + "/schedstat"));
  double nanoseconds = 0;
  fields >> nanoseconds;
  return nanoseconds / 1e9;
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
inline json report_of(const ProgramBed& bed) { return json::parse(read_file(bed.folder / "report.json")); }

}  // namespace reveille::sim::test
