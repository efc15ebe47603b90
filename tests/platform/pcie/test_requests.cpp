// SPDX-License-Identifier: Apache-2.0
// Requests of functions on their way to memory: their order, how many there are, how long they
// take. Each test runs in a process of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "requests_bench.hpp"
#include "vp/picoseconds.hpp"

namespace test_requests {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;

constexpr auto READ = tlm::TLM_READ_COMMAND;
constexpr auto WRITE = tlm::TLM_WRITE_COMMAND;
constexpr unsigned many = 32; // tags

class pcie_requests_test : public ::testing::Test {
  protected:
    pcie_requests_test()
    {
        for (std::size_t i = 0; i < b.memory.bytes.size(); i++)
            b.memory.bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
        link.config.generation = 1;
        link.config.width = 1; // 4 ns of a byte
        link.config.overhead = 20;
        link.config.latency = 100'000;
    }

    ~pcie_requests_test() override { EXPECT_EQ(b.in_flight(), 0u); }

    // From a process: sends; notes when the answer comes.
    void send(vp::pcie_requests &function, tlm::tlm_command command, std::uint64_t addr,
              std::uint32_t size, bool relaxed = true, unsigned tags = many)
    {
        function.send({command, addr, &data[addr], size, {0x100, VP_NO_SSID, false}, relaxed}, tags,
                      [this, addr](vp_status status) {
                          EXPECT_EQ(status, VP_OK);
                          ended[addr] = vp::to_ps(sc_core::sc_time_stamp());
                      });
    }

    void run(const std::vector<std::function<void()>> &processes)
    {
        for (const auto &process : processes)
            sc_core::sc_spawn(process);
        sc_core::sc_start(1, sc_core::SC_MS);
    }

    std::vector<std::uint64_t> order() const
    {
        std::vector<std::uint64_t> addresses;
        for (const auto &access : b.memory.seen)
            addresses.push_back(access.address);
        return addresses;
    }

    std::uint64_t seen(std::uint64_t addr) const
    {
        for (const auto &access : b.memory.seen)
            if (access.address == addr)
                return vp::to_ps(access.time);
        return 0;
    }

    test::requests_bench b{"b"};
    pcie_link link = {};
    pcie_link other = {};
    std::vector<std::uint8_t> data = std::vector<std::uint8_t>(0x10000, 0x55);
    std::map<std::uint64_t, std::uint64_t> ended; // picoseconds, by address
};

// The request 20 bytes, two completions of 128 and 20: 80 + 100 + memory 100 + 1184 + 100 ns.
TEST_F(pcie_requests_test, AReadTakesTheLinkThereMemoryAndTheLinkBack)
{
    auto &f = b.add(1, &link);
    run({[&] { send(f, READ, 0x1000, 256); }});
    EXPECT_EQ(ended[0x1000], 1'564'000u);
    EXPECT_EQ(seen(0x1000), 180'000u);
    EXPECT_TRUE(std::equal(&data[0x1000], &data[0x1100], &b.memory.bytes[0x1000]));
}

// 8 GT/s on 4 lanes, 253.90625 ps a byte: 20 bytes 5079 ps, 64 + 20 bytes 21329 ps.
TEST_F(pcie_requests_test, TimesOf8GTOnFourLanes)
{
    link.config.generation = 3;
    link.config.width = 4;
    auto &f = b.add(1, &link);
    run({[&] { send(f, READ, 0x1000, 64); }});
    EXPECT_EQ(ended[0x1000], 5'079u + 100'000 + 100'000 + 21'329 + 100'000);
}

// 128 + 20 bytes, 592 ns, and nothing comes back by the link.
TEST_F(pcie_requests_test, AWriteIsPosted)
{
    auto &f = b.add(1, &link);
    run({[&] { send(f, WRITE, 0x1000, 128); }});
    EXPECT_EQ(seen(0x1000), 692'000u);
    EXPECT_EQ(ended[0x1000], 792'000u);
    EXPECT_EQ(b.memory.bytes[0x107f], 0x55);
}

// A completion without data: 20 bytes.
TEST_F(pcie_requests_test, AFailureComesBackWithoutData)
{
    std::uint64_t at = 0;
    b.memory.fails = [](const auto &) { return true; };
    auto &f = b.add(1, &link);
    run({[&] {
        f.send({READ, 0x1000, &data[0x1000], 256, {0x100, VP_NO_SSID, false}, true}, many,
               [&](vp_status status) {
                   EXPECT_EQ(status, VP_SLVERR);
                   at = vp::to_ps(sc_core::sc_time_stamp());
               });
    }});
    EXPECT_EQ(at, 80'000u + 100'000 + 100'000 + 80'000 + 100'000);
    EXPECT_EQ(data[0x1000], 0x55);
}

// Each 80 + 100 + 100 + 336 + 100 ns.
TEST_F(pcie_requests_test, WithOneTagReadsGoOneAfterTheOther)
{
    auto &f = b.add(4, &link);
    run({[&] {
        for (std::uint64_t i = 0; i < 4; i++)
            send(f, READ, 0x1000 + 64 * i, 64, true, 1);
    }});
    EXPECT_EQ(ended[0x10c0], 4 * 716'000u);
    EXPECT_EQ(b.memory.most, 1u);
}

// The first completion leaves at 280 ns, and one follows the other: 280 + 4 * 336 + 100 ns.
TEST_F(pcie_requests_test, WithFourTagsTheLinkIsFull)
{
    auto &f = b.add(4, &link);
    run({[&] {
        for (std::uint64_t i = 0; i < 4; i++)
            send(f, READ, 0x1000 + 64 * i, 64, true, 4);
    }});
    EXPECT_EQ(ended[0x1000], 716'000u);
    EXPECT_EQ(ended[0x10c0], 1'724'000u);
}

TEST_F(pcie_requests_test, TagsAreOfReadsAlone)
{
    auto &f = b.add(4, nullptr);
    run({[&] {
        send(f, READ, 0x1000, 64, true, 1);
        send(f, WRITE, 0x2000, 64, true, 1);
        send(f, WRITE, 0x2040, 64, true, 1);
    }});
    EXPECT_EQ(b.memory.most, 3u);
}

TEST_F(pcie_requests_test, NoMoreAreOutstandingThanAllowed)
{
    auto &f = b.add(3, nullptr);
    run({[&] {
        for (std::uint64_t i = 0; i < 9; i++)
            send(f, i % 2 ? READ : WRITE, 0x1000 + 64 * i, 64);
    }});
    EXPECT_EQ(b.memory.most, 3u);
    EXPECT_EQ(ended[0x1200], 300'000u) << "three rounds of 100 ns";
}

// Their requests leave at 80 and 160 ns, their completions at 616 and 952.
TEST_F(pcie_requests_test, FunctionsBehindOnePortShareItsLink)
{
    auto &one = b.add(1, &link);
    auto &two = b.add(1, &link);
    run({[&] { send(one, READ, 0x1000, 64); }, [&] { send(two, READ, 0x2000, 64); }});
    EXPECT_EQ(ended[0x1000], 716'000u);
    EXPECT_EQ(ended[0x2000], 1'052'000u);
}

TEST_F(pcie_requests_test, FunctionsBehindTwoPortsDoNot)
{
    other = link;
    auto &one = b.add(1, &link);
    auto &two = b.add(1, &other);
    run({[&] { send(one, READ, 0x1000, 64); }, [&] { send(two, READ, 0x2000, 64); }});
    EXPECT_EQ(ended[0x1000], 716'000u);
    EXPECT_EQ(ended[0x2000], 716'000u);
}

// The second leaves when the first has reached memory, at 180 ns; it would at 80.
TEST_F(pcie_requests_test, AReadWaitsForItsCredit)
{
    link.config.non_posted = 1;
    auto &f = b.add(4, &link);
    run({[&] {
        send(f, READ, 0x1000, 64);
        send(f, READ, 0x2000, 64);
    }});
    EXPECT_EQ(seen(0x2000), 180'000u + 80'000 + 100'000);
}

// 64 + 20 bytes, 336 ns, and 100.
TEST_F(pcie_requests_test, AWriteWaitsForItsCredit)
{
    link.config.posted = 1;
    auto &f = b.add(4, &link);
    run({[&] {
        send(f, WRITE, 0x1000, 64);
        send(f, WRITE, 0x2000, 64);
    }});
    EXPECT_EQ(seen(0x1000), 436'000u);
    EXPECT_EQ(seen(0x2000), 872'000u);
}

// The write has its own until 436 ns; the read follows it on the link.
TEST_F(pcie_requests_test, ReadsAndWritesHaveCreditsOfTheirOwn)
{
    link.config.posted = 1;
    link.config.non_posted = 1;
    auto &f = b.add(4, &link);
    run({[&] {
        send(f, WRITE, 0x1000, 64);
        send(f, READ, 0x2000, 64);
    }});
    EXPECT_EQ(seen(0x2000), 336'000u + 80'000 + 100'000);
}

// The second arrives at 872 ns and leaves when the first is in memory, at 2436: not before can the
// third begin.
TEST_F(pcie_requests_test, ACreditIsHeldWhileTheRequestWaitsInTheRootComplex)
{
    link.config.posted = 1;
    b.memory.latency = [](const auto &) { return sc_time(2000, SC_NS); };
    auto &f = b.add(4, &link);
    run({[&] {
        send(f, WRITE, 0x1000, 64, true);
        send(f, WRITE, 0x2000, 64, false);
        send(f, WRITE, 0x3000, 64, true);
    }});
    EXPECT_EQ(seen(0x2000), 2'436'000u);
    EXPECT_EQ(seen(0x3000), 2'436'000u + 336'000 + 100'000);
}

TEST_F(pcie_requests_test, ARequestFollowsAnotherAsSoonAsThatHasLeft)
{
    auto &f = b.add(4, &link);
    run({[&] {
        send(f, WRITE, 0x1000, 64);
        send(f, WRITE, 0x2000, 64);
    }});
    EXPECT_EQ(seen(0x2000), 2 * 336'000u + 100'000);
}

TEST_F(pcie_requests_test, AReadThatFailsGivesItsTagBack)
{
    b.memory.fails = [](const auto &access) { return access.address == 0x1000; };
    auto &f = b.add(4, nullptr);
    run({[&] {
        f.send({READ, 0x1000, &data[0x1000], 64, {0x100, VP_NO_SSID, false}, true}, 1,
               [](vp_status status) { EXPECT_EQ(status, VP_SLVERR); });
        send(f, READ, 0x2000, 64, true, 1);
    }});
    EXPECT_EQ(ended[0x2000], 200'000u);
}

TEST_F(pcie_requests_test, WritesOfTwoFunctionsHaveIdsOfTheirOwn)
{
    std::vector<vp::pcie_requests *> functions = {&b.add(4, nullptr), &b.add(4, nullptr)};
    run({[&] {
        for (std::uint16_t i = 0; i < 2; i++)
            functions[i]->send({WRITE,
                                0x1000,
                                data.data(),
                                64,
                                {static_cast<std::uint16_t>(0x100 + i), VP_NO_SSID, false},
                                true},
                               many, [](vp_status) {});
    }});
    ASSERT_EQ(b.memory.seen.size(), 2u);
    EXPECT_NE(b.memory.seen[0].attributes.id, b.memory.seen[1].attributes.id);
}

TEST_F(pcie_requests_test, WritesLeaveInOrder)
{
    auto &f = b.add(16, nullptr);
    std::vector<std::uint64_t> sent;
    b.memory.latency = [](const auto &access) {
        return sc_time(static_cast<double>(1000 - access.address / 64 % 16 * 50), SC_NS);
    };
    run({[&] {
        for (std::uint64_t i = 0; i < 32; i++) {
            sent.push_back(0x1000 + 64 * i);
            send(f, WRITE, sent.back(), 64);
        }
    }});
    EXPECT_EQ(order(), sent);
    std::set<std::uint32_t> ids;
    for (const auto &access : b.memory.seen)
        ids.insert(access.attributes.id);
    EXPECT_EQ(ids.size(), 1u) << "so that an SMMU keeps them in order";
}

TEST_F(pcie_requests_test, ReadsEndInAnyOrder)
{
    auto &f = b.add(4, nullptr);
    b.memory.latency = [](const auto &access) {
        return sc_time(access.address == 0x1000 ? 900 : 100, SC_NS);
    };
    run({[&] {
        send(f, READ, 0x1000, 64);
        send(f, READ, 0x2000, 64);
    }});
    EXPECT_EQ(ended[0x1000], 900'000u);
    EXPECT_EQ(ended[0x2000], 100'000u);
    EXPECT_NE(b.memory.seen[0].attributes.id, b.memory.seen[1].attributes.id);
}

class pcie_requests_behind : public pcie_requests_test,
                             public ::testing::WithParamInterface<tlm::tlm_command> {};

// PCI Express Base Specification 6.0, 2.4.1: neither a write nor a read passes a write.
TEST_P(pcie_requests_behind, WithoutRelaxedOrderingOneWaitsForTheWritesBefore)
{
    auto &f = b.add(4, nullptr);
    run({[&] {
        send(f, WRITE, 0x1000, 64, true);
        send(f, WRITE, 0x1040, 64, true);
        send(f, GetParam(), 0x2000, 64, false);
    }});
    EXPECT_EQ(seen(0x1040), 0u);
    EXPECT_EQ(seen(0x2000), 100'000u) << "when those are in memory";
}

TEST_P(pcie_requests_behind, WithRelaxedOrderingItDoesNot)
{
    auto &f = b.add(4, nullptr);
    run({[&] {
        send(f, WRITE, 0x1000, 64, true);
        send(f, GetParam(), 0x2000, 64, true);
    }});
    EXPECT_EQ(seen(0x2000), 0u);
}

// Neither does it wait for reads.
TEST_P(pcie_requests_behind, ItMayPassReads)
{
    auto &f = b.add(4, nullptr);
    run({[&] {
        send(f, READ, 0x1000, 64, true);
        send(f, GetParam(), 0x2000, 64, false);
    }});
    EXPECT_EQ(seen(0x2000), 0u);
}

TEST_P(pcie_requests_behind, OrderIsThatOfOneFunction)
{
    auto &one = b.add(4, nullptr);
    auto &two = b.add(4, nullptr);
    run({[&] { send(one, WRITE, 0x1000, 64, true); },
         [&] { send(two, GetParam(), 0x2000, 64, false); }});
    EXPECT_EQ(seen(0x2000), 0u);
    EXPECT_EQ(b.memory.seen.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(commands, pcie_requests_behind, ::testing::Values(READ, WRITE));

} // namespace
} // namespace test_requests
