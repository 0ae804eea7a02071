// SPDX-License-Identifier: Apache-2.0
// How long forged Wake Ups keep the true one waiting, against the bound that docs/security.md states; its tables are
// what this test prints.
//
//   REVEILLE_WAKE_UP_SEEDS=1000 build/release/tb/test_model_nodes "[wake-up-bound]"    over so many seeds
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>

#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;

namespace {

constexpr Time second = kerberos::second;

std::uint64_t seeds() {
  const char* text = std::getenv("REVEILLE_WAKE_UP_SEEDS");
  return text == nullptr ? 5 : std::strtoull(text, nullptr, 10);
}

Bytes wake_up(std::uint32_t nonce) {
  return keymgmt::encode(
      keymgmt::WakeUp{keymgmt::doi_ipsec, keymgmt::version_1_0, nonce, kerberos::to_string(service_name)});
}

/// One CTA with a ticket, and what reaches it: the true Wake Up every second from 0 on, forged ones as told.
class Listener {
 public:
  explicit Listener(std::uint64_t seed) : random_(seed, "CTA"), cta_(config(), random_) {}

  static constexpr std::uint32_t true_nonce = 0x600D;
  void hear(std::uint32_t nonce, Time at) {
    expire(at);
    if (answered_) return;
    now_ = epoch + at;
    cta_.receive({cta_.config().server, {cta_.config().address, key_management_port}, wake_up(nonce)}, now_, send());
  }
  void expire(Time until) {
    while (const auto due = cta_.deadline()) {
      if (*due > epoch + until || answered_) return;
      now_ = std::max(now_, *due);
      cta_.expire(now_, send());
    }
  }
  [[nodiscard]] bool answered() const { return answered_; }
  /// AP Requests up to the true one's, and when that went.
  [[nodiscard]] unsigned answers() const { return answers_; }
  [[nodiscard]] Time when() const { return when_; }

 private:
  static const CtaConfig& config() {
    static const CtaConfig made = [] {
      TestRealm test_realm;
      CtaConfig config = test_realm.cta_config();
      config.credential = test_realm.ticket(config, epoch);
      config.tries = 1000;  // the server wakes it for as long as it takes
      return config;
    }();
    return made;
  }
  Send send() {
    return [this](const Datagram& datagram) {
      ++answers_;
      if (keymgmt::decode_as<keymgmt::ApRequest>(datagram.payload).server_nonce != true_nonce || answered_) return;
      answered_ = true;
      when_ = now_ - epoch;
    };
  }

  kerberos::SeededRandom random_;
  Cta cta_;
  Time now_ = epoch;
  bool answered_ = false;
  unsigned answers_ = 0;
  Time when_ = 0;
};

}  // namespace

TEST_CASE("of m forged nonces heard twice, the true one waits for m answers at most", "[wake-up-bound]") {
  std::printf("| m | answers from the true one's second copy on, with its own: median, worst | seconds: worst |\n");
  std::printf("| --- | --- | --- |\n");
  for (const unsigned forged : {0U, 1U, 4U, 16U, 64U}) {
    std::vector<unsigned> answers;
    Time latest = 0;
    for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
      Listener cta(seed);
      const auto round = [&](Time at) {
        for (std::uint32_t i = 1; i <= forged; ++i) cta.hear(0x8000'0000 + i, at);
      };
      round(0);
      cta.hear(Listener::true_nonce, 0);
      round(0);
      const unsigned before = cta.answers() - (cta.answered() ? 1 : 0);
      cta.hear(Listener::true_nonce, 0);
      for (Time at = second; !cta.answered() && at <= 100 * second; at += second) {
        round(at);
        cta.hear(Listener::true_nonce, at);
      }
      REQUIRE(cta.answered());
      answers.push_back(cta.answers() - before);
      latest = std::max(latest, cta.when());
    }
    std::ranges::sort(answers);
    std::printf("| %u | %u, %u | %.1f |\n", forged, answers[answers.size() / 2], answers.back(),
                static_cast<double>(latest) / second);
    CHECK(answers.back() <= forged + 1);
    CHECK(latest <= (forged + 1) * second);
  }
}

TEST_CASE("forged Wake Ups at several rates, over one to four CTAs", "[wake-up-bound]") {
  // The true one is sent at 0, 1, 3 and 7 s; who was not answered by 15 s was missed.
  std::printf("| forged nonces a second, together | heard | 1 CTA | 2 CTAs | 3 CTAs | 4 CTAs |\n");
  std::printf("| --- | --- | --- | --- | --- | --- |\n");
  for (const unsigned copies : {1U, 2U}) {
    for (const unsigned rate : {1U, 3U, 10U, 100U, 1000U}) {
      std::printf("| %u | %s |", rate, copies == 1 ? "once" : "twice");
      for (unsigned count = 1; count <= 4; ++count) {
        unsigned answered = 0;
        for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
          std::mt19937_64 random(seed);
          std::deque<Listener> ctas;
          for (unsigned i = 0; i < count; ++i) ctas.emplace_back(count * seed + i);
          const auto forge = [&](Time at) {
            Listener& cta = ctas[random() % count];
            const auto nonce = static_cast<std::uint32_t>(random() | 0x8000'0000);
            for (unsigned i = 0; i < copies; ++i) cta.hear(nonce, at);
          };
          Time at = -5 * second;  // the attacker is there before the server
          for (const Time next : {Time{0}, second, 3 * second, 7 * second, 15 * second}) {
            for (; at < next; at += second / rate) forge(at);
            for (Listener& cta : ctas) next < 15 * second ? cta.hear(Listener::true_nonce, next) : cta.expire(next);
          }
          answered += static_cast<unsigned>(std::ranges::count_if(ctas, &Listener::answered));
        }
        std::printf(" %.1f %% |", 100.0 * answered / static_cast<double>(count * seeds()));
        if (copies == 1) CHECK(answered == count * seeds());
      }
      std::printf("\n");
    }
  }
}
