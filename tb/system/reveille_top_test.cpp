// SPDX-License-Identifier: Apache-2.0
// The core as a user brings it up, through its ports alone: seed, configure, wake, answer, reply, recover, close; and
// what passes by.
#include <verilated.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "Vreveille.h"
#include "catch.hpp"
#include "host/axil_driver.hpp"
#include "reveille.h"
#include "reveille/net/frame.hpp"
#include "reveille/verdict.hpp"

#define AT(reg) static_cast<std::uint16_t>(REVEILLE_##reg##_OFFSET)
#define AT_WORD(reg, i) static_cast<std::uint16_t>(REVEILLE_##reg##_OFFSET + REVEILLE_##reg##_STRIDE * (i))

namespace {

using namespace reveille;

constexpr std::string_view kPrincipal = "sc/controller.example.net@EXAMPLE.NET";
enum Command : std::uint32_t { kWake = 1, kReply, kReject, kClose, kRestore, kRead, kReadLocation };
enum Result : std::uint32_t { kOk, kFull, kLive, kNotReady, kNotFound, kWrongState, kBadArgument };

struct Received {
  Bytes octets;
  unsigned user = 0;
};

/// Everything around the core: noise, time, a network and a host that are always ready, and the register bus.
class Core {
 public:
  explicit Core(int seed) {
    context_.randReset(2);
    context_.randSeed(seed);
    context_.assertOn(false);  // registers without a reset yet hold anything
    dut_ = std::make_unique<Vreveille>(&context_);
    dut_->clk = 0;
    dut_->rst_n = 1;
    dut_->eval();
    dut_->s_axil_awvalid = dut_->s_axil_wvalid = dut_->s_axil_arvalid = 0;
    dut_->rst_n = 0;
    dut_->eval();
    dut_->clk = 1;  // data are 0 from the first rising edge on
    dut_->eval();
    dut_->clk = 0;
    tick();
    dut_->rst_n = 1;
    context_.assertOn(true);
  }

  auto& awaddr() { return dut_->s_axil_awaddr; }
  auto& awvalid() { return dut_->s_axil_awvalid; }
  auto& wdata() { return dut_->s_axil_wdata; }
  auto& wstrb() { return dut_->s_axil_wstrb; }
  auto& wvalid() { return dut_->s_axil_wvalid; }
  auto& bready() { return dut_->s_axil_bready; }
  auto& araddr() { return dut_->s_axil_araddr; }
  auto& arvalid() { return dut_->s_axil_arvalid; }
  auto& rready() { return dut_->s_axil_rready; }
  [[nodiscard]] bool awready() const { return dut_->s_axil_awready; }
  [[nodiscard]] bool bvalid() const { return dut_->s_axil_bvalid; }
  [[nodiscard]] unsigned bresp() const { return dut_->s_axil_bresp; }
  [[nodiscard]] bool arready() const { return dut_->s_axil_arready; }
  [[nodiscard]] bool rvalid() const { return dut_->s_axil_rvalid; }
  [[nodiscard]] unsigned rresp() const { return dut_->s_axil_rresp; }
  [[nodiscard]] std::uint32_t rdata() const { return dut_->s_axil_rdata; }
  [[nodiscard]] bool irq() const { return dut_->irq; }

  void settle() {
    dut_->time_i = time;
    dut_->s_axis_entropy_tvalid = 1;
    dut_->m_axis_net_tready = dut_->m_axis_host_tready = 1;
    offer(net_in_, dut_->s_axis_net_tvalid, dut_->s_axis_net_tdata, dut_->s_axis_net_tkeep, dut_->s_axis_net_tlast);
    offer(host_in_, dut_->s_axis_host_tvalid, dut_->s_axis_host_tdata, dut_->s_axis_host_tkeep,
          dut_->s_axis_host_tlast);
    dut_->s_axis_host_tuser = !host_in_.empty() && host_in_.front().user != 0;
    dut_->eval();
  }

  void tick() {
    settle();
    REQUIRE(dut_->s_axis_net_tready);
    if (!net_in_.empty()) net_in_.pop_front();
    if (!host_in_.empty() && dut_->s_axis_host_tready) host_in_.pop_front();
    collect(net_out, net_partial_, dut_->m_axis_net_tvalid, dut_->m_axis_net_tdata, dut_->m_axis_net_tkeep,
            dut_->m_axis_net_tlast, 0);
    collect(host_out, host_partial_, dut_->m_axis_host_tvalid, dut_->m_axis_host_tdata, dut_->m_axis_host_tkeep,
            dut_->m_axis_host_tlast, dut_->m_axis_host_tuser);
    if (dut_->verdict_valid) verdicts.push_back(static_cast<Verdict>(dut_->verdict_code));
    dut_->s_axis_entropy_tdata = static_cast<std::uint8_t>(noise_());
    dut_->clk = 1;
    dut_->eval();
    dut_->clk = 0;
    ++cycles;
  }

  void run(unsigned count) {
    for (unsigned i = 0; i < count; ++i) tick();
  }

  void from_network(const Bytes& frame) { queue(net_in_, frame, 0); }
  void from_host(const Bytes& frame, bool message) { queue(host_in_, frame, message); }

  void write(std::uint16_t address, std::uint32_t data) { REQUIRE(bus_.write(address, data).resp == 0); }
  std::uint32_t read(std::uint16_t address) {
    const auto answer = bus_.read(address);
    REQUIRE(answer.resp == 0);
    return answer.data;
  }
  std::uint32_t command(Command command) {
    write(AT(COMMAND), command);
    for (unsigned wait = 0; (read(AT(STATUS)) & REVEILLE_STATUS_COMMAND_BUSY_MASK) != 0; ++wait) {
      REQUIRE(wait < 1000);
    }
    return read(AT(RESULT)) & REVEILLE_RESULT_CODE_MASK;
  }
  void client(const net::Address& address) {
    for (std::uint16_t word = 0; word < 4; ++word)
      write(static_cast<std::uint16_t>(AT(COMMAND_CLIENT) + 4 * word), octets(address, word));
  }
  static std::uint32_t octets(const net::Address& address, std::size_t word) {
    const std::uint8_t* at = &address.octets[4 * word];
    return static_cast<std::uint32_t>(at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]);
  }

  void bring_up(const net::Address& ipv4, const net::Address& ipv6) {
    for (unsigned wait = 0; (read(AT(STATUS)) & 3) != 3; ++wait) REQUIRE(wait < 200'000);
    write(AT(SERVER_IPV4), octets(ipv4, 3));
    for (std::uint16_t word = 0; word < 4; ++word) write(AT_WORD(SERVER_IPV6_WORD, word), octets(ipv6, word));
    write(AT(SERVER_ENABLE), 0x130101);
    Bytes memory(256);
    const Bytes hop{0x02, 0, 0, 0, 0, 0xAA, 0x02, 0, 0, 0, 0, 0xBB, 0x81, 0x00, 0x20, 0x64};
    std::copy(hop.begin(), hop.end(), memory.begin() + 48);  // of hop 3
    std::copy(kPrincipal.begin(), kPrincipal.end(), memory.begin() + 128);
    for (std::uint16_t word = 0; word < 64; ++word) {
      std::uint32_t data = 0;
      for (unsigned i = 0; i < 4; ++i) data |= static_cast<std::uint32_t>(memory[4 * word + i]) << 8 * i;
      write(static_cast<std::uint16_t>(AT(FRAMING) + 4 * word), data);
    }
    write(AT(CONTROL), REVEILLE_CONTROL_FRAMING_COMMIT_MASK);
  }

  std::uint64_t time = 1'000'000, cycles = 0;
  std::vector<Received> net_out, host_out;
  std::vector<Verdict> verdicts;

 private:
  struct Beat {
    std::uint64_t data;
    std::uint8_t keep;
    bool last;
    unsigned user;
  };

  static void queue(std::deque<Beat>& beats, const Bytes& frame, unsigned user) {
    for (std::size_t at = 0; at < frame.size(); at += 8) {
      const std::size_t count = std::min<std::size_t>(8, frame.size() - at);
      Beat beat{0, static_cast<std::uint8_t>(0xFF >> (8 - count)), at + 8 >= frame.size(), at == 0 ? user : 0};
      for (std::size_t i = 0; i < count; ++i) beat.data |= static_cast<std::uint64_t>(frame[at + i]) << 8 * i;
      beats.push_back(beat);
    }
  }
  template <class Bit, class Data, class Keep>
  static void offer(const std::deque<Beat>& beats, Bit& valid, Data& data, Keep& keep, Bit& last) {
    valid = !beats.empty();
    if (!valid) return;
    data = beats.front().data;
    keep = beats.front().keep;
    last = beats.front().last;
  }
  static void collect(std::vector<Received>& frames, Bytes& partial, bool valid, std::uint64_t data, std::uint8_t keep,
                      bool last, unsigned user) {
    if (!valid) {
      REQUIRE((data == 0 && keep == 0 && !last && user == 0));
      return;
    }
    for (unsigned i = 0; i < 8; ++i) {
      if (keep >> i & 1) partial.push_back(static_cast<std::uint8_t>(data >> 8 * i));
    }
    if (last) frames.push_back({std::exchange(partial, {}), user});
  }

  VerilatedContext context_;
  std::unique_ptr<Vreveille> dut_;
  tb::AxilDriver<Core> bus_{*this};
  std::mt19937 noise_{42};
  std::deque<Beat> net_in_, host_in_;
  Bytes net_partial_, host_partial_;
};

Bytes to_server(const net::Address& client, const net::Address& server, Bytes payload) {
  net::UdpFrame frame;
  frame.source = client;
  frame.destination = server;
  frame.payload = std::move(payload);
  Bytes octets = net::build(frame);
  if (octets.size() < 60) octets.resize(60);
  return octets;
}

Bytes ap_request(std::uint32_t nonce) {
  Bytes payload{2, 1, 0x10, 0x6E, 0x81, 200};
  payload.resize(payload.size() + 200, 0x5A);
  append_big_endian(payload, nonce, 4);
  payload.resize(payload.size() + 40, 0xA5);
  return payload;
}

Bytes sa_recovered(std::uint64_t tag) {
  Bytes payload{4, 1, 0x10};
  append_big_endian(payload, tag, 8);
  payload.resize(23, 0x77);
  return payload;
}

void expect(Core& core, const Bytes& frame, Verdict verdict, bool passes) {
  const std::size_t verdicts = core.verdicts.size(), frames = core.host_out.size();
  core.from_network(frame);
  core.run(100);
  REQUIRE(core.verdicts.size() == verdicts + 1);
  REQUIRE(name(core.verdicts.back()) == name(verdict));
  REQUIRE(core.host_out.size() == frames + passes);
  if (!passes) return;
  REQUIRE(core.host_out.back().octets == frame);
  REQUIRE(core.host_out.back().user == index(verdict));
}

}  // namespace

TEST_CASE("One exchange through the ports: wake, AP Request, AP Reply, SA Recovered, close") {
  const net::Address ipv4 = net::Address::parse("192.0.2.1"), ipv6 = net::Address::parse("2001:db8::1");
  Core core(1);
  core.bring_up(ipv4, ipv6);
  int turn = 0;
  for (const char* name : {"198.51.100.7", "2001:db8:99::7"}) {
    const net::Address client = net::Address::parse(name);
    const net::Address& server = client.is_ipv4() ? ipv4 : ipv6;
    ++turn;

    // Wake: a Wake Up leaves, with the nonce that the host is told.
    core.client(client);
    core.write(AT(COMMAND_LIFETIME_LOW), 30'000'000);
    core.write(AT(COMMAND_SESSION), 3 << REVEILLE_COMMAND_SESSION_HOP_SHIFT);
    core.net_out.clear();
    REQUIRE(core.command(kWake) == kOk);
    const std::uint32_t nonce = core.read(AT(RESULT_NONCE));
    REQUIRE(nonce != 0);
    core.run(400);
    REQUIRE(core.net_out.size() == 1);
    const net::UdpDatagram wakeup = net::parse(core.net_out[0].octets);
    REQUIRE(wakeup.source == server);
    REQUIRE(wakeup.destination == client);
    REQUIRE(wakeup.tags.size() == 1);
    REQUIRE(wakeup.tags[0].tci == 0x2064);
    Bytes message{1, 1, 0x10};
    append_big_endian(message, nonce, 4);
    message.insert(message.end(), kPrincipal.begin(), kPrincipal.end());
    message.push_back(0);
    REQUIRE(wakeup.payload == message);
    REQUIRE(core.read(AT(WAKEUPS_SENT)) == static_cast<unsigned>(turn));
    REQUIRE(core.command(kWake) == kLive);

    // Whoever has not the nonce gets nowhere.
    expect(core, to_server(client, server, ap_request(nonce ^ 1)), Verdict::false_nonce, false);
    expect(core, to_server(client, server, ap_request(0)), Verdict::client_initiated, false);
    expect(core, to_server(client, server, sa_recovered(1)), Verdict::unexpected, false);
    expect(core, to_server(client, server, ap_request(nonce)), Verdict::accepted, true);
    expect(core, to_server(client, server, ap_request(nonce)), Verdict::repeat, false);

    // AP Reply: its frame through the framer, its tag into the session.
    Bytes reply(client.octets.begin(), client.octets.end());
    reply.insert(reply.end(), {3, 1, 0x10, 3});
    reply.resize(32);
    for (unsigned i = 0; i < 333; ++i) reply.push_back(static_cast<std::uint8_t>(i));
    core.from_host(reply, true);
    const std::uint64_t tag = 0x1122'3344'5566'7788;
    core.write(AT_WORD(COMMAND_TAG, 0), static_cast<std::uint32_t>(tag >> 32));
    core.write(AT_WORD(COMMAND_TAG, 1), static_cast<std::uint32_t>(tag));
    REQUIRE(core.command(kReply) == kOk);
    core.run(1500);
    REQUIRE(core.net_out.size() == 2);
    const net::UdpDatagram replied = net::parse(core.net_out[1].octets);
    REQUIRE(replied.destination == client);
    Bytes expected{3, 1, 0x10};
    expected.insert(expected.end(), reply.begin() + 32, reply.end());
    REQUIRE(replied.payload == expected);

    expect(core, to_server(client, server, ap_request(nonce)), Verdict::resend, true);
    expect(core, to_server(client, server, sa_recovered(tag ^ 1)), Verdict::false_nonce, false);
    expect(core, to_server(client, server, sa_recovered(tag)), Verdict::sa_recovered, true);
    REQUIRE(core.command(kRead) == kOk);
    REQUIRE((core.read(AT(RESULT)) >> REVEILLE_RESULT_PHASE_SHIFT & 3) == 3);
    REQUIRE(core.command(kClose) == kOk);
    expect(core, to_server(client, server, ap_request(nonce)), Verdict::not_woken, false);
    for (const Verdict verdict : {Verdict::accepted, Verdict::resend, Verdict::sa_recovered, Verdict::not_woken}) {
      REQUIRE(core.read(static_cast<std::uint16_t>(AT(COUNTERS_COUNTER_LOW) + 8 * index(verdict))) ==
              static_cast<unsigned>(turn));
    }
  }

  // Seven drops a turn are in the log: six here and the one of the closed session.
  REQUIRE(core.read(AT(EVENT_COUNT)) == 12);
}

TEST_CASE("Time does what it should: Wake Ups are sent again, given up, and the session expires") {
  const net::Address ipv4 = net::Address::parse("192.0.2.1"), client = net::Address::parse("198.51.100.7");
  Core core(2);
  core.bring_up(ipv4, net::Address::parse("2001:db8::1"));
  core.write(AT(WAKE), 0x1002);  // two tries
  core.client(client);
  core.write(AT(COMMAND_LIFETIME_LOW), 10'000'000);
  core.write(AT(IRQ_ENABLE), REVEILLE_IRQ_ENABLE_EVENT_AVAILABLE_MASK);
  REQUIRE(core.command(kWake) == kOk);
  core.run(80'000);  // more than a walk over the store
  REQUIRE(core.net_out.size() == 1);
  core.time += 1'000'000;
  core.run(80'000);
  REQUIRE(core.net_out.size() == 2);
  REQUIRE_FALSE(core.irq());
  core.time += 2'000'000;
  core.run(80'000);
  REQUIRE(core.net_out.size() == 2);
  REQUIRE(core.irq());
  REQUIRE(core.read(AT(EVENT_COUNT)) == 1);
  core.time += 7'000'000;
  core.run(80'000);
  REQUIRE(core.read(AT(EVENT_COUNT)) == 2);
  for (const unsigned kind : {3U, 2U}) {  // wake_failed, expired
    REQUIRE(core.read(AT(EVENT_DATA)) == kind);
    for (int word = 1; word < 7; ++word) core.read(AT(EVENT_DATA));
    REQUIRE(core.read(AT(EVENT_DATA)) == Core::octets(client, 3));
  }
  REQUIRE(core.command(kRead) == kNotFound);
}

TEST_CASE("What is not for the core passes, both ways, bit for bit") {
  const net::Address ipv4 = net::Address::parse("192.0.2.1");
  Core core(3);
  core.bring_up(ipv4, net::Address::parse("2001:db8::1"));
  std::mt19937 random(6);
  std::vector<Bytes> frames;
  for (std::size_t length = 1; length < 400; length += 1 + random() % 7) {
    Bytes frame(length);
    for (std::uint8_t& octet : frame) octet = static_cast<std::uint8_t>(random());
    frames.push_back(frame);
    core.from_network(frame);
    core.from_host(frame, false);
  }
  core.run(20'000);
  REQUIRE(core.host_out.size() == frames.size());
  REQUIRE(core.net_out.size() == frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    REQUIRE(core.host_out[i].octets == frames[i]);
    REQUIRE(core.host_out[i].user == 0);
    REQUIRE(core.net_out[i].octets == frames[i]);
  }
}
