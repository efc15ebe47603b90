// SPDX-License-Identifier: Apache-2.0
// Direct memory access of a virtual machine's streams: its windows, and which commands withdraw
// them.
#include <gtest/gtest.h>

#include <set>

#include "two_stage_stream.hpp"

namespace tlm_test::test_dmi_two_stage {

namespace {

constexpr std::uint32_t sid = 5;
constexpr unsigned vmid = 0x51;
constexpr std::uint64_t va = 0x0000'1234'5660'0000;
constexpr std::uint64_t ipa = 0x0000'0040'8040'0000;
constexpr std::uint64_t pa = bench::data + 0x20'0000;
using kind = two_stage_stream::kind;

struct machine {
    bench b{"b"};
    two_stage_stream s;
    tlm::tlm_dmi granted;

    explicit machine(kind stages) : s(b, sid, vmid, stages) { b.memory.grant_all(); }

    bool ask(std::uint64_t address)
    {
        transfer t = read_of(address, 4);
        return b.device().dmi(t.of_stream(sid), granted);
    }

    // Whether `command` withdraws `window` bytes at `address`, the only ones granted.
    void expect_withdrawn(const support::command &command, std::uint64_t address,
                          std::uint64_t window)
    {
        ASSERT_TRUE(ask(address));
        b.submit(command);
        b.sync();
        ASSERT_EQ(b.device().withdrawn.size(), 1u);
        EXPECT_EQ(b.device().withdrawn[0], std::make_pair(address, address + window - 1));
        b.device().withdrawn.clear();
    }

    void expect_kept(const support::command &command, std::uint64_t address)
    {
        ASSERT_TRUE(ask(address));
        b.submit(command);
        b.sync();
        EXPECT_TRUE(b.device().withdrawn.empty());
    }
};

struct stage2_dmi : testing::Test, machine {
    stage2_dmi() : machine(kind::stage2) { s.map_s2(ipa, pa); }
};

struct nested_dmi : testing::Test, machine {
    nested_dmi() : machine(kind::nested) {}
    void page_in_page()
    {
        s.map_s1(va, ipa);
        s.map_s2(ipa, pa);
    }
};

TEST_F(stage2_dmi, window_is_the_page)
{
    b.run([&] {
        b.bring_up();
        ASSERT_TRUE(ask(ipa + 0x124));
        EXPECT_EQ(granted.get_start_address(), ipa);
        EXPECT_EQ(granted.get_end_address(), ipa + 0xfff);
        EXPECT_EQ(granted.get_dmi_ptr(), b.memory.host(pa));
    });
}

TEST_F(stage2_dmi, goes_with_its_IPA_and_its_VMID)
{
    b.run([&] {
        b.bring_up();
        expect_kept(support::tlbi_s2_ipa(ipa + 0x1000, vmid), ipa);
        expect_kept(support::tlbi_s2_ipa(ipa, vmid + 1), ipa);
        expect_withdrawn(support::tlbi_s2_ipa(ipa, vmid), ipa, 0x1000);
        expect_kept(support::tlbi_s12_vmall(vmid + 1), ipa);
        expect_withdrawn(support::tlbi_s12_vmall(vmid), ipa, 0x1000);
        expect_withdrawn(support::tlbi_nsnh_all(), ipa, 0x1000);
    });
}

TEST_F(stage2_dmi, stays_with_commands_for_stage_1)
{
    b.run([&] {
        b.bring_up();
        expect_kept(support::tlbi_nh_all(vmid), ipa);
        expect_kept(support::tlbi_nh_vaa(ipa, false, vmid), ipa);
    });
}

TEST_F(nested_dmi, window_is_the_smaller_of_both_mappings)
{
    b.run([&] {
        b.bring_up();
        s.map_s1(va, ipa, 2); // a page of stage 2 in a block of stage 1
        s.map_s2(ipa + 0x3000, pa);
        ASSERT_TRUE(ask(va + 0x3124));
        EXPECT_EQ(granted.get_start_address(), va + 0x3000);
        EXPECT_EQ(granted.get_end_address(), va + 0x3fff);
        EXPECT_EQ(granted.get_dmi_ptr(), b.memory.host(pa));

        s.map_s1(va + 0x20'0000, ipa + 0x20'5000); // and the other way round
        s.map_s2(ipa + 0x20'0000, pa, 2);
        ASSERT_TRUE(ask(va + 0x20'0124));
        EXPECT_EQ(granted.get_start_address(), va + 0x20'0000);
        EXPECT_EQ(granted.get_end_address(), va + 0x20'0fff);
        EXPECT_EQ(granted.get_dmi_ptr(), b.memory.host(pa + 0x5000));
    });
}

TEST_F(nested_dmi, goes_with_commands_for_stage_1_and_for_the_VMID)
{
    page_in_page();
    b.run([&] {
        b.bring_up();
        expect_withdrawn(support::tlbi_nh_va(va, s.asid(), false, vmid), va, 0x1000);
        expect_withdrawn(support::tlbi_nh_all(vmid), va, 0x1000);
        expect_withdrawn(support::tlbi_s12_vmall(vmid), va, 0x1000);
        expect_withdrawn(support::tlbi_nsnh_all(), va, 0x1000);
        expect_kept(support::tlbi_nh_all(vmid + 1), va);
        expect_kept(support::tlbi_nh_va(va, s.asid(), false, vmid + 1), va);
        expect_kept(support::tlbi_s12_vmall(vmid + 1), va);
    });
}

// IHI 0070 4.4.3.1: a command for an IPA need not touch what combines both stages; software sends
// CMD_TLBI_NH_ALL as well.
TEST_F(nested_dmi, stays_with_its_IPA_alone)
{
    page_in_page();
    b.run([&] {
        b.bring_up();
        expect_kept(support::tlbi_s2_ipa(ipa, vmid), va);
        expect_withdrawn(support::tlbi_nh_all(vmid), va, 0x1000);
    });
}

// DDI 0487 D8.17: what stage 1 maps by one block goes as a whole, though the windows are pages.
struct block_over_pages_dmi : nested_dmi {
    static constexpr std::uint64_t pages[] = {0, 0x1000, 0x7000, 0x1f'f000};

    block_over_pages_dmi()
    {
        for (std::uint64_t block : {std::uint64_t{0}, std::uint64_t{0x20'0000}}) {
            s.map_s1(va + block, ipa + block, 2);
            for (std::uint64_t page : pages)
                s.map_s2(ipa + block + page, pa);
        }
    }

    void ask_for_all()
    {
        b.device().withdrawn.clear();
        for (std::uint64_t page : pages)
            ASSERT_TRUE(ask(va + page));
        ASSERT_TRUE(ask(va + 0x20'0000));
        b.device().withdrawn.clear();
    }

    void expect_block_withdrawn(const support::command &command)
    {
        ask_for_all();
        b.submit(command);
        b.sync();
        std::set<std::pair<std::uint64_t, std::uint64_t>> windows;
        for (std::uint64_t page : pages)
            windows.emplace(va + page, va + page + 0xfff);
        const auto &withdrawn = b.device().withdrawn;
        EXPECT_EQ(withdrawn.size(), windows.size());
        EXPECT_EQ(std::set(withdrawn.begin(), withdrawn.end()), windows);
    }
};

TEST_F(block_over_pages_dmi, goes_with_any_address_of_the_block)
{
    b.run([&] {
        b.bring_up();
        expect_block_withdrawn(support::tlbi_nh_va(va, s.asid(), true, vmid));
        expect_block_withdrawn(support::tlbi_nh_va(va + 0x3000, s.asid(), false, vmid));
        expect_block_withdrawn(support::tlbi_nh_vaa(va + 0x1f'f000, true, vmid));
    });
}

TEST_F(block_over_pages_dmi, stays_with_addresses_beside_the_block)
{
    b.run([&] {
        b.bring_up();
        ask_for_all();
        b.submit(support::tlbi_nh_va(va - 0x1000, s.asid(), false, vmid));
        b.submit(support::tlbi_nh_va(va + 0x20'1000, s.asid() + 1, false, vmid));
        b.submit(support::tlbi_nh_vaa(va + 0x40'0000, false, vmid));
        b.sync();
        EXPECT_TRUE(b.device().withdrawn.empty());
    });
}

} // namespace

} // namespace tlm_test::test_dmi_two_stage
