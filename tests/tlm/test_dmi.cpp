// SPDX-License-Identifier: Apache-2.0
// Direct memory access through a TBU: what is granted, and what takes it away.
#include <gtest/gtest.h>

#include "bench.hpp"

namespace tlm_test::test_dmi {

namespace {

constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t pa = bench::data + 0x3000;
using windows = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

struct dmi : testing::Test {
    bench b{"b"};
    stream s{b, 5};
    tlm::tlm_dmi granted;

    dmi()
    {
        b.memory.grant_all();
        s.map(va, pa);
        s.map(va + 0x1000, pa + 0x4000);
    }

    bool ask(std::uint64_t address, bool write = false)
    {
        transfer t(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address,
                   std::vector<unsigned char>(4));
        return b.device().dmi(t.of_stream(5), granted);
    }

    void expect_withdrawn(const windows &expected)
    {
        EXPECT_EQ(b.device().withdrawn, expected);
        b.device().withdrawn.clear();
    }
};

TEST_F(dmi, window_is_the_page)
{
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(va + 0x765));
        EXPECT_EQ(granted.get_start_address(), va);
        EXPECT_EQ(granted.get_end_address(), va + 0xfff);
        EXPECT_EQ(granted.get_dmi_ptr(), b.memory.host(pa));
        EXPECT_TRUE(granted.is_read_write_allowed());
    });
}

TEST_F(dmi, window_is_cut_to_what_downstream_grants)
{
    b.memory.dmi_first = pa + 0x40;
    b.memory.dmi_last = pa + 0xeff;
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(va + 0x765));
        EXPECT_EQ(granted.get_start_address(), va + 0x40);
        EXPECT_EQ(granted.get_end_address(), va + 0xeff);
        EXPECT_EQ(granted.get_dmi_ptr(), b.memory.host(pa + 0x40));
    });
}

TEST_F(dmi, window_of_a_block_is_the_block)
{
    constexpr std::uint64_t block_va = 0x4020'0000;
    s.map(block_va, bench::data + 0x20'0000, 2);
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(block_va + 0x12'3456));
        EXPECT_EQ(granted.get_start_address(), block_va);
        EXPECT_EQ(granted.get_end_address(), block_va + 0x1f'ffff);
        EXPECT_EQ(granted.get_dmi_ptr(), b.memory.host(bench::data + 0x20'0000));
    });
}

TEST_F(dmi, window_in_bypass_is_what_downstream_grants)
{
    b.run([&] {
        ASSERT_TRUE(ask(pa));
        EXPECT_EQ(granted.get_start_address(), ram::base);
        EXPECT_EQ(granted.get_end_address(), ram::base + ram::size - 1);
        EXPECT_EQ(granted.get_dmi_ptr(), b.memory.host(ram::base));
    });
}

TEST_F(dmi, of_a_read_only_page_is_read_only)
{
    support::leaf_attributes read_only;
    read_only.ap = support::AP_ALL_RO;
    s.map(va, pa, 3, read_only);
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(va));
        EXPECT_TRUE(granted.is_read_allowed());
        EXPECT_FALSE(granted.is_write_allowed());
        EXPECT_FALSE(ask(va, true));
        EXPECT_TRUE(granted.is_none_allowed());
    });
}

TEST_F(dmi, is_refused_for_one_address_where_an_access_would_fault)
{
    b.run([&] {
        b.bring_up();
        const smmu_stats before = b.smmu.stats();
        EXPECT_FALSE(ask(va + 0x2004));
        EXPECT_TRUE(granted.is_none_allowed());
        EXPECT_EQ(granted.get_start_address(), va + 0x2004);
        EXPECT_EQ(granted.get_end_address(), va + 0x2004);
        EXPECT_EQ(b.event_count(), 0u);
        EXPECT_EQ(b.smmu.stats().translations, before.translations);
    });
}

TEST_F(dmi, of_the_tables_is_asked_for_once_by_walks_at_a_time)
{
    b.memory.before = [](std::uint64_t) { sc_core::wait(10, sc_core::SC_NS); };
    b.run([&] {
        b.bring_up();
        b.memory.dmi_asked = 0;
        const auto read = [&] {
            std::uint64_t value = 0;
            EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
        };
        sc_core::sc_process_handle other = sc_core::sc_spawn(read);
        read();
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_TRUE(other.terminated());
        EXPECT_EQ(b.memory.log.size(), 4u); // two STEs, then data
        EXPECT_EQ(b.memory.dmi_asked, 1u);
    });
}

TEST_F(dmi, is_refused_where_downstream_refuses)
{
    b.memory.dmi_first = 1;
    b.memory.dmi_last = 0;
    b.run([&] {
        b.bring_up();
        EXPECT_FALSE(ask(va));
    });
}

TEST_F(dmi, hint_of_downstream_is_passed_on)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(t.payload.is_dmi_allowed());
    });
}

TEST_F(dmi, goes_with_a_tlbi_of_its_page_only)
{
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(va));
        ASSERT_TRUE(ask(va + 0x1000));
        b.submit(support::tlbi_nh_va(va + 0x2000, s.asid()));
        b.submit(support::tlbi_nh_va(va, s.asid() + 1));
        b.sync();
        expect_withdrawn({});
        b.submit(support::tlbi_nh_va(va, s.asid()));
        b.sync();
        expect_withdrawn({{va, va + 0xfff}});
        b.submit(support::tlbi_nh_va(va, s.asid()));
        b.sync();
        expect_withdrawn({});
    });
}

TEST_F(dmi, goes_with_a_tlbi_anywhere_in_its_block)
{
    constexpr std::uint64_t block_va = 0x4020'0000;
    s.map(block_va, bench::data + 0x20'0000, 2);
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(block_va));
        b.submit(support::tlbi_nh_va(block_va + 0x1f'f000, s.asid()));
        b.sync();
        expect_withdrawn({{block_va, block_va + 0x1f'ffff}});
    });
}

TEST_F(dmi, goes_with_a_tlbi_of_a_range_that_holds_it)
{
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(va));
        ASSERT_TRUE(ask(va + 0x1000));
        const support::command tlbi = support::tlbi_nh_va(va - 0x4000, s.asid());
        b.submit(support::with_range(tlbi, {1, 3, 0, 3}));
        b.submit(support::with_range(tlbi, {1, 31, 0, 2}));
        b.sync();
        expect_withdrawn({});
        b.submit(support::with_range(tlbi, {1, 4, 0, 3}));
        b.sync();
        expect_withdrawn({{va, va + 0xfff}});
    });
}

TEST_F(dmi, granted_twice_goes_once)
{
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(va));
        ASSERT_TRUE(ask(va + 8));
        b.submit(support::tlbi_nh_asid(s.asid()));
        b.sync();
        expect_withdrawn({{va, va + 0xfff}});
    });
}

// What was granted is remembered until it is withdrawn; a device that maps and asks without end
// gets ordinary accesses.
TEST_F(dmi, is_refused_while_too_much_is_granted)
{
    b.run([&] {
        b.bring_up();
        b.write32(reg::CR0, reg::CR0_CMDQEN);
        for (unsigned i = 0; i <= 4096; i++) {
            b.memory.dmi_first = bench::data + 16ull * i;
            b.memory.dmi_last = b.memory.dmi_first + 15;
            ASSERT_EQ(ask(b.memory.dmi_first), i < 4096) << i;
        }
        b.write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_SMMUEN);
        EXPECT_EQ(b.device().withdrawn.size(), 4096u);
        b.memory.grant_all();
        EXPECT_TRUE(ask(va));
    });
}

TEST_F(dmi, goes_with_the_configuration_of_its_stream_only)
{
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(va));
        b.submit(support::cfgi_ste(6));
        b.sync();
        expect_withdrawn({});
        b.submit(support::cfgi_ste(5));
        b.sync();
        expect_withdrawn({{va, va + 0xfff}});
    });
}

TEST_F(dmi, of_bypass_goes_when_translation_is_enabled)
{
    b.run([&] {
        ASSERT_TRUE(ask(pa));
        b.bring_up();
        expect_withdrawn({{ram::base, ram::base + ram::size - 1}});
    });
}

TEST_F(dmi, of_a_mapping_goes_when_translation_is_disabled)
{
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(va));
        b.write32(reg::CR0, reg::CR0_CMDQEN | reg::CR0_EVENTQEN);
        expect_withdrawn({{va, va + 0xfff}});
    });
}

TEST_F(dmi, of_bypass_goes_when_GBPA_changes)
{
    b.run([&] {
        ASSERT_TRUE(ask(pa));
        b.write32(reg::GBPA, reg::GBPA_ABORT | reg::GBPA_UPDATE);
        expect_withdrawn({{ram::base, ram::base + ram::size - 1}});
        EXPECT_FALSE(ask(pa));
    });
}

TEST_F(dmi, goes_in_input_addresses_when_downstream_withdraws)
{
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(va));
        ASSERT_TRUE(ask(va + 0x1000));
        b.memory.withdraw(pa + 0x4ff0, pa + 0x4fff);
        expect_withdrawn({{va + 0x1000, va + 0x1fff}});
    });
}

TEST_F(dmi, of_the_tables_is_used_until_withdrawn)
{
    b.run([&] {
        b.bring_up();
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
        b.submit(support::tlbi_nsnh_all());
        b.sync();
        b.memory.log.clear();
        EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.log.size(), 1u); // the data; descriptors are read through the window

        b.memory.dmi_first = 1;
        b.memory.dmi_last = 0;
        b.memory.withdraw(ram::base, ram::base + ram::size - 1);
        b.submit(support::tlbi_nsnh_all());
        b.sync();
        b.memory.log.clear();
        EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.log.size(), 5u);
    });
}

TEST_F(dmi, of_the_tables_goes_with_any_byte_of_it)
{
    b.run([&] {
        b.bring_up();
        for (const std::uint64_t byte : {ram::base, ram::base + ram::size - 1}) {
            const auto fetches = [&] {
                std::uint64_t value = 0;
                b.submit(support::tlbi_nsnh_all());
                b.sync();
                b.memory.log.clear();
                EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
                return b.memory.log.size() - 1; // but for the data
            };
            b.memory.grant_all();
            fetches();
            EXPECT_EQ(fetches(), 0u);
            b.memory.dmi_first = 1;
            b.memory.dmi_last = 0;
            b.memory.withdraw(byte, byte);
            EXPECT_EQ(fetches(), 4u);
        }
    });
}

// A read takes 10 ns through a window, a write 20. Four descriptors are read; then the data, or an
// event record is written.
TEST_F(dmi, of_the_tables_has_its_latencies)
{
    b.memory.latency = sc_core::sc_time(10, sc_core::SC_NS);
    b.run([&] {
        b.bring_up();
        const auto time_of = [&](std::uint64_t address) {
            b.submit(support::tlbi_nsnh_all());
            b.sync();
            const sc_core::sc_time start = sc_core::sc_time_stamp();
            std::uint64_t value = 0;
            b.device().read64(5, address, value);
            return sc_core::sc_time_stamp() - start;
        };
        time_of(va); // has windows from here on
        EXPECT_EQ(time_of(va), sc_core::sc_time(4 * 10 + 10, sc_core::SC_NS));
        EXPECT_EQ(time_of(va + 0x10000), sc_core::sc_time(4 * 10 + 20, sc_core::SC_NS));
    });
}

TEST_F(dmi, of_the_tables_is_asked_for_by_the_address_that_was_sent)
{
    b.memory.leaves_offsets = true;
    b.run([&] {
        b.bring_up();
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
        b.submit(support::tlbi_nsnh_all());
        b.sync();
        b.memory.log.clear();
        EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.log.size(), 1u); // the data
    });
}

TEST_F(dmi, of_the_tables_is_kept_where_it_holds_what_was_asked_for)
{
    constexpr unsigned walks = 20; // of 5 fetches beside the STE's: more than windows are kept
    const auto walk = [&] {
        std::uint64_t value = 0;
        b.submit(support::cfgi_all());
        b.submit(support::tlbi_nsnh_all());
        b.sync();
        b.memory.log.clear();
        EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
    };
    b.memory.dmi_first = bench::strtab;
    b.memory.dmi_last = bench::strtab + 0xffff;
    b.run([&] {
        b.bring_up();
        walk();
        EXPECT_EQ(b.memory.log.front().address, bench::strtab + 64 * 5);
        b.memory.dmi_first = bench::data;
        b.memory.dmi_last = bench::data + 0xffff;
        b.memory.grants_elsewhere = true;
        for (unsigned i = 0; i < walks; i++)
            walk();
        EXPECT_NE(b.memory.log.front().address, bench::strtab + 64 * 5);
    });
}

TEST_F(dmi, of_the_tables_is_not_used_for_what_goes_beyond_it)
{
    constexpr std::uint64_t entry = bench::strtab + 64 * 5;
    b.memory.dmi_first = bench::strtab;
    b.memory.dmi_last = entry + 31; // half of it
    b.run([&] {
        b.bring_up();
        for (unsigned i = 0; i < 2; i++) {
            std::uint64_t value = 0;
            b.submit(support::cfgi_all());
            b.sync();
            b.memory.log.clear();
            EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(b.memory.log.front().address, entry);
        }
    });
}

TEST_F(dmi, is_refused_where_downstream_grants_other_addresses)
{
    b.memory.dmi_first = pa + 0x1000;
    b.memory.dmi_last = pa + 0x1fff;
    b.memory.grants_elsewhere = true;
    b.run([&] {
        b.bring_up();
        EXPECT_FALSE(ask(va));
        EXPECT_EQ(granted.get_start_address(), va);
        EXPECT_EQ(granted.get_end_address(), va);
    });
}

TEST_F(dmi, may_be_forbidden)
{
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(va));
        b.smmu.allow_dmi(false);
        expect_withdrawn({{va, va + 0xfff}});
        EXPECT_FALSE(ask(va));
        transfer t = read_of(va, 8);
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(t.payload.is_dmi_allowed());
        b.smmu.allow_dmi(true);
        EXPECT_TRUE(ask(va));
    });
}

TEST(dmi_of_one_port, may_be_forbidden_alone)
{
    bench b("b", {}, 2);
    b.memory.grant_all();
    b.run([&] {
        transfer t = read_of(pa, 8);
        tlm::tlm_dmi granted;
        b.smmu.allow_dmi(false, 1);
        EXPECT_TRUE(b.devices[0].dmi(t, granted));
        EXPECT_FALSE(b.devices[1].dmi(t, granted));
    });
}

TEST(dmi_latency, is_that_of_downstream_and_the_lookup)
{
    smmu::timing times;
    times.lookup = sc_core::sc_time(20, sc_core::SC_NS);
    bench b("b", times);
    b.memory.grant_all();
    b.memory.latency = sc_core::sc_time(5, sc_core::SC_NS);
    b.run([&] {
        transfer t = read_of(pa, 8);
        tlm::tlm_dmi granted;
        ASSERT_TRUE(b.device().dmi(t, granted));
        EXPECT_EQ(granted.get_read_latency(), sc_core::sc_time(25, sc_core::SC_NS));
        EXPECT_EQ(granted.get_write_latency(), sc_core::sc_time(30, sc_core::SC_NS));
    });
}

struct dmi_approximately_timed : testing::Test {
    static smmu::timing times()
    {
        smmu::timing t;
        t.mode = smmu::timing_mode::approximately_timed;
        return t;
    }
    bench b{"b", times()};

    dmi_approximately_timed() { b.memory.grant_all(); }
};

TEST_F(dmi_approximately_timed, is_never_granted_nor_hinted_at)
{
    b.run([&] {
        transfer t = read_of(pa, 8);
        EXPECT_EQ(b.device().send(t), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(t.payload.is_dmi_allowed());
        tlm::tlm_dmi granted;
        EXPECT_FALSE(b.device().dmi(t, granted));
    });
}

TEST_F(dmi_approximately_timed, of_the_tables_is_not_used)
{
    stream s(b, 5);
    s.map(va, pa);
    b.run([&] {
        b.bring_up();
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
        b.submit(support::tlbi_nsnh_all());
        b.sync();
        b.memory.log.clear();
        EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.log.size(), 5u);
    });
}

} // namespace

} // namespace tlm_test::test_dmi
