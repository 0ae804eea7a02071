// SPDX-License-Identifier: Apache-2.0
#include "bed/certificates.hpp"

#include <fstream>
#include <sstream>

#include "bed/process.hpp"
#include "reveille/common/error.hpp"
#include "reveille/kerberos/types.hpp"

namespace reveille::bed {

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  out.close();
  if (!out) throw Error(ErrorKind::bad_input, "cannot write " + path.string());
}

/// KRB5PrincipalName, in the words of OpenSSL's configuration.
std::string principal_name(const std::string& realm, const std::string& principal) {
  const kerberos::PrincipalName name = kerberos::parse_principal(principal);
  std::ostringstream text;
  text << "subjectAltName = otherName:1.3.6.1.5.2.2;SEQUENCE:krb5\n[krb5]\nrealm = EXPLICIT:0,GeneralString:" << realm
       << "\nname = EXPLICIT:1,SEQUENCE:name\n[name]\ntype = EXPLICIT:0,INTEGER:" << name.type
       << "\nparts = EXPLICIT:1,SEQUENCE:parts\n[parts]\n";
  for (std::size_t i = 0; i < name.components.size(); ++i) {
    text << "part" << i << " = GeneralString:" << name.components[i] << "\n";
  }
  return text.str();
}

}  // namespace

bool has_mit_pkinit() {
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"}) {
    if (std::filesystem::exists(std::string(folder) + "/krb5/plugins/preauth/pkinit.so")) return true;
  }
  return false;
}

Certificates::Certificates(std::filesystem::path folder, std::string realm)
    : folder_(std::move(folder)), realm_(std::move(realm)) {
  add_authority("ca");
  issue("sub", "Manufacturer Sub CA", "ca", "basicConstraints = critical,CA:TRUE\nkeyUsage = keyCertSign,cRLSign\n",
        false);
}

void Certificates::run(const std::string& arguments) const {
  std::vector<std::string> words = {find_program("openssl", "openssl").string()};
  std::istringstream text(arguments);
  for (std::string word; std::getline(text, word, '|');) words.push_back(word);
  const ProcessResult result = run_process(words, {}, {});
  if (result.status != 0) throw Error(ErrorKind::protocol, "openssl " + arguments + ": " + result.output);
}

void Certificates::add_authority(const std::string& name) const {
  run("req|-x509|-newkey|rsa:2048|-nodes|-sha256|-days|30|-subj|/O=Manufacturer/CN=" + name + "|-keyout|" +
      key(name).string() + "|-out|" + certificate(name).string());
}

void Certificates::issue(const std::string& name, const std::string& subject, const std::string& issuer,
                         const std::string& extensions, bool expired, unsigned bits) const {
  const std::string request = (folder_ / (name + ".csr")).string(), sections = (folder_ / (name + ".cnf")).string();
  run("req|-new|-newkey|rsa:" + std::to_string(bits) + "|-nodes|-sha256|-subj|/O=Device/CN=" + subject + "|-keyout|" +
      key(name).string() + "|-out|" + request);
  write(sections, "[extensions]\n" + extensions);
  run("x509|-req|-sha256|-in|" + request + "|-CA|" + certificate(issuer).string() + "|-CAkey|" + key(issuer).string() +
      "|-CAcreateserial|-days|" + (expired ? "-1" : "20") + "|-extfile|" + sections + "|-extensions|extensions|-out|" +
      certificate(name).string());
  if (issuer == "ca") return;
  // The authority between it and the anchor comes with it.
  std::ifstream between(certificate(issuer));
  std::ofstream(certificate(name), std::ios::app) << between.rdbuf();
}

void Certificates::add_device(const std::string& name, const std::string& principal, const Kind& kind) const {
  std::string extensions = "basicConstraints = CA:FALSE\nkeyUsage = digitalSignature\n";
  if (!kind.purpose.empty()) extensions += "extendedKeyUsage = " + kind.purpose + "\n";
  if (kind.has_principal_name) extensions += principal_name(realm_, principal);
  issue(name, kind.has_principal_name ? "a device" : principal, kind.issuer, extensions, kind.expired, kind.bits);
}

void Certificates::add_kdc(const std::string& name, const std::string& realm) const {
  issue(name, "kdc", "sub",
        "keyUsage = digitalSignature\nextendedKeyUsage = 1.3.6.1.5.2.3.5\n" + principal_name(realm, "krbtgt/" + realm),
        false);
}

void Certificates::revoke(const std::string& name) const {
  std::ofstream(folder_ / "revoked.pem").close();
  for (const std::string issuer : {"ca", "sub"}) {
    const std::string index = (folder_ / (issuer + ".index")).string(), list = (folder_ / (issuer + ".crl")).string();
    const std::string sections = (folder_ / (issuer + ".ca.cnf")).string();
    write(index, "");
    write(sections, "[ca]\ndefault_ca = this\n[this]\ndatabase = " + index +
                        "\ndefault_md = sha256\ndefault_crl_days = 10\nunique_subject = no\n");
    const std::string common =
        "ca|-config|" + sections + "|-cert|" + certificate(issuer).string() + "|-keyfile|" + key(issuer).string();
    if (issuer == "sub" && !name.empty()) run(common + "|-revoke|" + certificate(name).string());
    run(common + "|-gencrl|-out|" + list);
    std::ifstream made(list);
    std::ofstream(folder_ / "revoked.pem", std::ios::app) << made.rdbuf();
  }
}

}  // namespace reveille::bed
