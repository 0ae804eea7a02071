// SPDX-License-Identifier: Apache-2.0
#include "bed/mit_realm.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "bed/socket.hpp"
#include "reveille/common/error.hpp"

namespace reveille::bed {
namespace {

constexpr const char* kdc_package = "krb5-kdc";
constexpr const char* admin_package = "krb5-admin-server";
constexpr const char* every_etype =
    "aes256-cts-hmac-sha384-192 aes128-cts-hmac-sha256-128 aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha1-96";
constexpr auto start_limit = std::chrono::seconds(10);

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  out.close();
  if (!out) throw Error(ErrorKind::bad_input, "cannot write " + path.string());
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

[[noreturn]] void fail(const std::string& program, const std::string& output) {
  constexpr std::size_t shown = 500;
  throw Error(ErrorKind::protocol,
              program + " failed: " + (output.size() > shown ? output.substr(output.size() - shown) : output));
}

/// kadmin.local reads words; what could end a line or a word early is refused.
std::string quoted(const std::string& word) {
  if (word.empty() || word.find_first_of("\"\n\r") != std::string::npos) {
    throw Error(ErrorKind::bad_input, "'" + word + "': cannot be given to kadmin.local");
  }
  return '"' + word + '"';
}

std::string joined(const std::vector<Etype>& etypes, const std::string& behind, char between) {
  std::string out;
  for (const Etype etype : etypes) {
    if (!out.empty()) out += between;
    out += to_string(etype) + behind;
  }
  return out;
}

}  // namespace

MitRealm::MitRealm(const std::vector<Principal>& principals, std::string realm, std::string settings)
    : realm_(std::move(realm)), settings_(std::move(settings)), permitted_(every_etype) {
  const auto is_weak_one = [](const Principal& principal) { return std::ranges::any_of(principal.etypes, is_weak); };
  if (std::ranges::any_of(principals, is_weak_one)) permitted_ += " des3-cbc-sha1\n allow_des3 = true";
  // Between choosing a port and the daemon's bind another program may take it.
  for (int tries = 0; tries < 3 && daemon_ == nullptr; ++tries) {
    port_ = free_loopback_port();
    write_configuration();
    if (tries == 0) create_database(principals);
    if (!start()) daemon_.reset();
  }
  if (daemon_ == nullptr) fail("krb5kdc", read_file(folder_ / "kdc.out") + read_file(folder_ / "kdc.log"));
}

void MitRealm::write_configuration() const {
  const std::string address = "127.0.0.1:" + std::to_string(port_), folder = folder_.path().string();
  write_file(folder_ / "krb5.conf", "[libdefaults]\n default_realm = " + realm_ +
                                        "\n dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n rdns = false\n"
                                        " permitted_enctypes = " +
                                        permitted_ + "\n[realms]\n " + realm_ + " = {\n  kdc = " + address + "\n }\n");
  std::string salted;
  for (const Etype etype : all_etypes()) salted += to_string(etype) + ":normal ";
  write_file(folder_ / "kdc.conf",
             "[realms]\n " + realm_ + " = {\n  kdc_listen = " + address + "\n  kdc_tcp_listen = " + address +
                 "\n  database_name = " + folder + "/principal\n  key_stash_file = " + folder + "/stash\n" +
                 "  supported_enctypes = " + salted + "\n  default_principal_flags = +preauth\n  disable_pac = true\n" +
                 settings_ + " }\n" + "[logging]\n kdc = FILE:" + folder + "/kdc.log\n");
}

std::vector<std::string> MitRealm::environment() const {
  const std::string folder = folder_.path().string();
  return {"KRB5_CONFIG=" + folder + "/krb5.conf", "KRB5_KDC_PROFILE=" + folder + "/kdc.conf",
          "KRB5CCNAME=FILE:" + folder + "/cc", "KRB5RCACHENAME=file2:" + folder + "/rcache", "LC_ALL=C"};
}

void MitRealm::create_database(const std::vector<Principal>& principals) const {
  const ProcessResult created = run_process(
      {find_program("kdb5_util", kdc_package), "create", "-s", "-r", realm_, "-P", "master"}, {}, environment());
  if (created.status != 0) fail("kdb5_util", created.output);
  std::string commands;
  for (const Principal& principal : principals) {
    const std::string keys = principal.password ? "-pw " + quoted(*principal.password) : "-randkey";
    commands += "addprinc " + keys + " -e " + quoted(joined(principal.etypes, ":normal", ',')) + " " +
                quoted(principal.name) + "\n";
    if (!principal.session_etypes.empty()) {
      commands += "setstr " + quoted(principal.name) + " session_enctypes " +
                  quoted(joined(principal.session_etypes, "", ',')) + "\n";
    }
  }
  const std::string output = administer(commands);
  for (const Principal& principal : principals) {  // kadmin.local's exit status says nothing
    if (output.find("Principal \"" + principal.name + "@" + realm_ + "\" created") == std::string::npos) {
      fail("kadmin.local", output);
    }
  }
}

std::string MitRealm::administer(const std::string& commands) const {
  return run_process({find_program("kadmin.local", admin_package), "-r", realm_}, commands, environment()).output;
}

bool MitRealm::start() {
  const std::filesystem::path log = folder_ / "kdc.log";
  std::filesystem::remove(log);
  daemon_ = std::make_unique<BackgroundProcess>(
      std::vector<std::string>{find_program("krb5kdc", kdc_package), "-n", "-r", realm_, "-P", folder_ / "kdc.pid"},
      folder_ / "kdc.out", environment());
  const auto limit = std::chrono::steady_clock::now() + start_limit;
  while (daemon_->running() && std::chrono::steady_clock::now() < limit) {
    if (read_file(log).find("commencing operation") != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

Keytab MitRealm::keytab(const std::vector<std::string>& names) const {
  const std::filesystem::path file = folder_ / "export.keytab";
  std::filesystem::remove(file);
  std::string commands;
  for (const std::string& name : names) {
    commands += "ktadd -k " + quoted(file.string()) + " -norandkey " + quoted(name) + "\n";
  }
  const std::string output = administer(commands);
  Keytab keytab = std::filesystem::exists(file) ? Keytab::load(file) : Keytab();
  for (const std::string& name : names) {
    if (!keytab.holds(realm_, parse_principal(name))) fail("kadmin.local", output);
  }
  return keytab;
}

}  // namespace reveille::bed
