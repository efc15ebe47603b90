// SPDX-License-Identifier: Apache-2.0
// The dormant hint (IHI 0070 3.19.1) of an SMMU whose host takes time and grants direct access:
// what that holds counts too. There are no caches, so that nothing else does.
#include <gtest/gtest.h>

#include <map>

#include "bench.hpp"

namespace tlm_test::test_dormant {

namespace {

constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t pa = bench::data + 0x3000;
constexpr std::uint64_t priq = bench::data + 0x1'0000;
constexpr std::uint32_t sid = 5;

smmu_config uncached()
{
    smmu_config cfg = smmu_config_default();
    cfg.dormhint = cfg.prefetch = true;
    for (smmu_cache_shape *cache : {&cfg.config_cache, &cfg.walk_s1, &cfg.walk_s2, &cfg.tlb,
                                    &cfg.dpt_tlb, &cfg.utlb, &cfg.tbu_tlb})
        *cache = {0, 0};
    return cfg;
}

struct dormant : testing::Test {
    bench b{"b", {}, 1, uncached()};
    stream s{b, sid};
    std::map<std::uint64_t, std::uint32_t> seen; // STATUSR during the access to each address

    dormant() { s.map(va, pa); }

    std::uint32_t status() { return b.read32(reg::STATUSR); }

    // Look at STATUSR while accesses to memory are made, from now on.
    void watch()
    {
        b.memory.before = [this](std::uint64_t address) { seen[address] = status(); };
    }
    void read()
    {
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(sid, va, value), tlm::TLM_OK_RESPONSE);
    }
};

TEST_F(dormant, when_nothing_is_under_way)
{
    b.run([&] {
        b.bring_up();
        read();
        EXPECT_EQ(status(), 1u);
    });
}

TEST_F(dormant, not_while_a_transaction_is_translated_or_on_its_way)
{
    b.run([&] {
        b.bring_up();
        watch();
        read();
        EXPECT_EQ(seen.at(bench::strtab + sid * 64), 0u);
        EXPECT_EQ(seen.at(s.descriptor_address(va, 3)), 0u);
        EXPECT_EQ(seen.at(pa), 0u);
        EXPECT_EQ(status(), 1u);
    });
}

TEST_F(dormant, not_while_a_prefetch_is_under_way)
{
    s.entry().impdef = 0b10'0000; // forwards
    s.publish();
    b.run([&] {
        b.bring_up();
        read();
        watch();
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_EQ(seen.at(bench::strtab + sid * 64), 0u);
        EXPECT_EQ(status(), 1u);
    });
}

TEST_F(dormant, not_while_direct_access_is_granted)
{
    b.memory.grant_all();
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        tlm::tlm_dmi granted;
        ASSERT_TRUE(b.device().dmi(t.of_stream(sid), granted));
        EXPECT_EQ(status(), 0u);
        b.submit(support::cfgi_all());
        b.sync();
        EXPECT_EQ(status(), 1u);
    });
}

// One that finds no room in the queue of one entry: the STE says what the response has.
TEST_F(dormant, not_while_a_page_request_looks_at_its_stream)
{
    b.run([&] {
        b.bring_up();
        b.write64(reg::PRIQ_BASE, priq);
        b.write32(reg::CR0, b.read32(reg::CR0) | reg::CR0_PRIQEN);
        while (b.read32(reg::CR0ACK) != b.read32(reg::CR0))
            sc_core::wait(1, sc_core::SC_US);
        smmu_page_request request{};
        request.sid = sid;
        request.ssv = request.r = request.last = true;
        sc_core::sc_time delay;
        b.smmu.ats()->request_page(request, delay);
        watch();
        b.smmu.ats()->request_page(request, delay);
        EXPECT_EQ(seen.at(bench::strtab + sid * 64), 0u);
        EXPECT_EQ(status(), 1u);
    });
}

} // namespace

} // namespace tlm_test::test_dormant
