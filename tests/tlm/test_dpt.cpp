// SPDX-License-Identifier: Apache-2.0
// Transactions marked Translated that the Device Permission Table lets through (IHI 0070 3.24):
// direct memory access, and what CMD_SYNC waits for.
#include <gtest/gtest.h>

#include "bench.hpp"
#include "support/commands.hpp"

namespace tlm_test::test_dpt {

namespace {

using windows = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

constexpr std::uint64_t level0 = ram::base + 0xd0'0000, level1 = ram::base + 0xe0'0000;
constexpr std::uint64_t granule = bench::data + 0x3000;  // an upper one, of 4 KiB
constexpr std::uint64_t region = bench::data + 0x1'0000; // contiguous, of 64 KiB

smmu_config config()
{
    smmu_config cfg = smmu_config_default();
    cfg.dpt = true;
    cfg.vmsa32 = false;
    return cfg;
}

// Stream 5, of VMID 0, has Full ATS with DPT checks.
struct dpt : testing::Test {
    bench b{"b", {}, 1, config()};
    stream s{b, 5};
    tlm::tlm_dmi granted;

    dpt()
    {
        b.memory.grant_all();
        s.entry().eats = 3;
        s.publish();
        b.memory.store64(level0 + 8 * (ram::base >> 30), level1 | 3);
        set(granule, 0x0000'0018'0000'0002); // AC 0b10, W
        for (std::uint64_t at = region; at < region + 0x1'0000; at += 0x2000)
            set(at, 0x10b); // AC 0b10, no W
    }

    void set(std::uint64_t pa, std::uint64_t descriptor)
    {
        b.memory.store64(level1 + 8 * (pa >> 13 & 0x1'ffff), descriptor);
    }

    void run(const std::function<void()> &test)
    {
        b.run([&] {
            b.bring_up();
            b.write64(reg::DPT_BASE, level0);
            b.write32(reg::DPT_BASE_CFG, 0); // 32 bits, 4 KiB, entries of 1 GiB
            b.write32(reg::CR0, b.read32(reg::CR0) | reg::CR0_ATSCHK | reg::CR0_DPT_WALK_EN);
            sc_core::wait(1, sc_core::SC_US);
            b.device().withdrawn.clear();
            test();
        });
    }

    smmu::attributes translated(std::uint32_t sid = 5)
    {
        smmu::attributes from;
        from.sid = sid;
        from.translated = true;
        return from;
    }

    bool ask(std::uint64_t address, bool write = false)
    {
        transfer t(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address,
                   std::vector<unsigned char>(4));
        return b.device().dmi(t.extend(translated()), granted);
    }

    tlm::tlm_response_status access(std::uint64_t address, bool write = false)
    {
        transfer t(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address,
                   std::vector<unsigned char>(4));
        return b.device().send(t.extend(translated()));
    }

    void expect_withdrawn_by(const support::command &command, const windows &expected)
    {
        b.submit(command);
        b.sync();
        EXPECT_EQ(b.device().withdrawn, expected);
        b.device().withdrawn.clear();
    }
};

TEST_F(dpt, window_of_direct_access_is_the_region)
{
    run([&] {
        ASSERT_TRUE(ask(granule + 0x764));
        EXPECT_EQ(granted.get_start_address(), granule);
        EXPECT_EQ(granted.get_end_address(), granule + 0xfff);
        EXPECT_EQ(granted.get_dmi_ptr(), b.memory.host(granule));
        EXPECT_TRUE(granted.is_read_write_allowed());
        ASSERT_TRUE(ask(region + 0x5000));
        EXPECT_EQ(granted.get_start_address(), region);
        EXPECT_EQ(granted.get_end_address(), region + 0xffff);
        EXPECT_TRUE(granted.is_read_allowed());
        EXPECT_FALSE(granted.is_write_allowed());
    });
}

TEST_F(dpt, direct_access_is_refused_where_an_access_would_be)
{
    run([&] {
        EXPECT_FALSE(ask(granule - 0x1000));
        EXPECT_FALSE(ask(region, true));
        EXPECT_EQ(b.event_count(), 0u);
        EXPECT_EQ(b.smmu.stats().dpt_misses, 0u);
    });
}

TEST_F(dpt, direct_access_goes_with_its_region)
{
    run([&] {
        ASSERT_TRUE(ask(granule));
        ASSERT_TRUE(ask(region + 0x5000));
        set(granule, 0);
        expect_withdrawn_by(support::dpti_pa(granule ^ 0x1000, 0), {});
        expect_withdrawn_by(support::tlbi_nsnh_all(), {});
        expect_withdrawn_by(support::dpti_pa(granule, 0), {{granule, granule + 0xfff}});
        EXPECT_FALSE(ask(granule));
        expect_withdrawn_by(support::dpti_pa(region + 0x5000, 0), {}); // a piece of it
        expect_withdrawn_by(support::dpti_pa(region, 2), {{region, region + 0xffff}});
    });
}

TEST_F(dpt, direct_access_goes_with_all)
{
    run([&] {
        ASSERT_TRUE(ask(granule));
        ASSERT_TRUE(ask(region));
        expect_withdrawn_by(support::dpti_all(),
                            {{granule, granule + 0xfff}, {region, region + 0xffff}});
    });
}

TEST_F(dpt, direct_access_goes_with_the_configuration_of_its_stream)
{
    run([&] {
        ASSERT_TRUE(ask(granule));
        expect_withdrawn_by(support::cfgi_ste(4), {});
        expect_withdrawn_by(support::cfgi_ste(5), {{granule, granule + 0xfff}});
    });
}

TEST_F(dpt, direct_access_goes_with_the_end_of_checks_and_of_translation)
{
    run([&] {
        const std::uint32_t cr0 = b.read32(reg::CR0);
        for (const std::uint32_t bit : {reg::CR0_ATSCHK, reg::CR0_SMMUEN}) {
            ASSERT_TRUE(ask(granule));
            b.write32(reg::CR0, cr0 & ~bit);
            sc_core::wait(1, sc_core::SC_US);
            EXPECT_EQ(b.device().withdrawn, (windows{{granule, granule + 0xfff}}));
            b.device().withdrawn.clear();
            b.write32(reg::CR0, cr0);
            sc_core::wait(1, sc_core::SC_US);
        }
    });
}

TEST_F(dpt, direct_access_of_full_ats_is_none_of_its)
{
    s.entry().eats = 1;
    s.publish();
    run([&] {
        ASSERT_TRUE(ask(granule - 0x1000));
        expect_withdrawn_by(support::dpti_all(), {});
    });
}

// 3.24.5: CMD_SYNC completes behind the transactions that went by what has been removed.
TEST_F(dpt, sync_waits_for_what_was_let_through)
{
    sc_core::sc_event go;
    bool held = false, done = false;
    b.memory.before = [&](std::uint64_t address) {
        if (held && address == granule)
            sc_core::wait(go);
    };
    run([&] {
        EXPECT_EQ(access(granule, true), tlm::TLM_OK_RESPONSE);
        held = true;
        sc_core::sc_spawn([&] {
            EXPECT_EQ(access(granule, true), tlm::TLM_OK_RESPONSE);
            done = true;
        });
        sc_core::wait(1, sc_core::SC_US);
        set(granule, 0);
        const std::uint32_t before = b.read32(reg::CMDQ_CONS);
        b.submit(support::dpti_pa(granule, 0));
        b.submit(support::cmd_sync());
        sc_core::wait(10, sc_core::SC_US);
        EXPECT_EQ(b.read32(reg::CMDQ_CONS), before + 1) << "the invalidation does not wait";
        EXPECT_FALSE(done);
        held = false;
        go.notify();
        sc_core::wait(10, sc_core::SC_US);
        EXPECT_TRUE(done);
        EXPECT_EQ(b.read32(reg::CMDQ_CONS), before + 2);
        EXPECT_EQ(access(granule, true), tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

} // namespace

} // namespace tlm_test::test_dpt
