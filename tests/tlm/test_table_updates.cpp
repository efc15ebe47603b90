// SPDX-License-Identifier: Apache-2.0
// Access flag and dirty state, set in memory by the SMMU (IHI 0070 3.13).
#include <gtest/gtest.h>

#include "bench.hpp"
#include "both_timings.hpp"

namespace tlm_test::test_table_updates {

namespace {

constexpr std::uint32_t sid = 5;
constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t pa = bench::data + 0x3000;
constexpr std::uint64_t AF = std::uint64_t(1) << 10;
constexpr std::uint64_t AP_RO = std::uint64_t(1) << 7;
constexpr std::uint64_t DBM = std::uint64_t(1) << 51;

// A stream with one page whose descriptor the test chooses.
struct updates {
    bench b;
    stream s{b, sid};
    std::uint64_t at; // of the descriptor

    explicit updates(const smmu::timing &times = {}) : b("b", times)
    {
        s.context().ha = 1;
        s.context().hd = 1;
        s.publish();
        s.map(va, pa);
        at = s.descriptor_address(va, 3);
    }

    // The descriptor of a page that was never accessed, and never written if `clean`.
    std::uint64_t set(bool clean)
    {
        support::leaf_attributes a;
        a.af = 0;
        a.ap = clean ? support::AP_ALL_RO : support::AP_ALL_RW;
        const std::uint64_t descriptor = support::leaf_descriptor(pa, 3, a) | (clean ? DBM : 0);
        b.memory.store64(at, descriptor);
        return descriptor;
    }

    tlm::tlm_response_status read()
    {
        std::uint64_t value = 0;
        return b.device().read64(sid, va, value);
    }
};

struct table_updates : timing_test, updates {
    static smmu::timing times()
    {
        smmu::timing t = timing_test::times();
        t.walk_issue = sc_core::sc_time(13, sc_core::SC_NS);
        return t;
    }
    table_updates() : updates(times()) {}
};

TEST_P(table_updates, a_read_sets_the_access_flag)
{
    const std::uint64_t before = set(false);
    b.run([&] {
        b.bring_up();
        EXPECT_EQ(read(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.load64(at), before | AF);
    });
}

TEST_P(table_updates, a_write_makes_a_clean_page_dirty)
{
    const std::uint64_t before = set(true);
    b.run([&] {
        b.bring_up();
        EXPECT_EQ(read(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.load64(at), before | AF);
        EXPECT_EQ(b.device().write64(sid, va, 42), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.load64(at), (before | AF) & ~AP_RO);
        EXPECT_EQ(b.memory.load64(pa), 42u);
    });
}

TEST_P(table_updates, debug_access_changes_no_descriptor)
{
    const std::uint64_t before = set(true);
    b.run([&] {
        b.bring_up();
        transfer t = write_of(va, {1, 2, 3, 4});
        EXPECT_EQ(b.device().debug(t.of_stream(sid)), 4u);
        EXPECT_EQ(b.memory.load64(at), before);
    });
}

TEST_P(table_updates, an_update_is_an_access_of_the_walk_port)
{
    set(false);
    b.run([&] {
        b.bring_up();
        b.memory.log.clear();
        EXPECT_EQ(read(), tlm::TLM_OK_RESPONSE);
        ASSERT_EQ(b.memory.log.size(), 8u); // STE, CD, four descriptors, the update, data
        const ram::access &update = b.memory.log[6];
        EXPECT_EQ(update.address, at);
        EXPECT_EQ(update.length, 8u);
        EXPECT_EQ(update.attributes.sid, sid);
        EXPECT_TRUE(update.attributes.priv);
    });
}

TEST_P(table_updates, an_update_takes_the_time_of_an_access)
{
    set(false);
    b.run([&] {
        b.bring_up();
        const sc_core::sc_time before = now();
        EXPECT_EQ(read(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(now() - before, sc_core::sc_time(7 * 13, sc_core::SC_NS));
    });
}

TEST_P(table_updates, memory_that_knows_compare_and_swap_makes_them_itself)
{
    const std::uint64_t before = set(true);
    b.memory.swaps = true;
    b.run([&] {
        b.bring_up();
        b.memory.log.clear();
        EXPECT_EQ(b.device().write64(sid, va, 42), tlm::TLM_OK_RESPONSE);
        ASSERT_EQ(b.memory.log.size(), 9u);     // as above, with an update for each bit
        EXPECT_EQ(b.memory.log[5].address, at); // the descriptor is read
        EXPECT_EQ(b.memory.log[5].attributes.swap, nullptr);
        for (unsigned update : {6u, 7u}) {
            EXPECT_EQ(b.memory.log[update].address, at);
            EXPECT_NE(b.memory.log[update].attributes.swap, nullptr);
        }
        EXPECT_EQ(b.memory.debugs, 0u);
        EXPECT_EQ(b.memory.load64(at), (before | AF) & ~AP_RO);
    });
}

TEST_P(table_updates, by_memory_itself_take_the_time_of_an_access)
{
    set(false);
    b.memory.swaps = true;
    b.run([&] {
        b.bring_up();
        const sc_core::sc_time before = now();
        EXPECT_EQ(read(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(now() - before, sc_core::sc_time(7 * 13, sc_core::SC_NS));
    });
}

TEST_P(table_updates, an_access_behind_one_swaps_nothing)
{
    set(true);
    b.memory.swaps = true;
    b.run([&] {
        b.bring_up();
        EXPECT_EQ(b.device().write64(sid, va, 42), tlm::TLM_OK_RESPONSE);
        b.submit(support::tlbi_nsnh_all());
        b.sync();
        b.memory.log.clear();
        EXPECT_EQ(read(), tlm::TLM_OK_RESPONSE);
        ASSERT_EQ(b.memory.log.size(), 5u); // four descriptors, data
        for (const ram::access &each : b.memory.log)
            EXPECT_EQ(each.attributes.swap, nullptr);
    });
}

TEST_P(table_updates, memory_that_knows_none_is_only_read_by_the_transaction)
{
    const std::uint64_t before = set(false);
    b.run([&] {
        b.bring_up();
        unsigned accesses = 0;
        b.memory.log.clear();
        b.memory.before = [&](std::uint64_t) {
            if (++accesses == 7) {
                EXPECT_EQ(b.memory.load64(at), before);
                b.memory.before = nullptr;
            }
        };
        EXPECT_EQ(read(), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(b.memory.log[6].write);
        EXPECT_EQ(b.memory.debugs, 2u); // comparison and write
        EXPECT_EQ(b.memory.load64(at), before | AF);
    });
}

// What the client may write has not been asked.
TEST_P(table_updates, a_client_does_not_swap_through_a_tbu)
{
    set(false);
    b.memory.swaps = true;
    b.memory.store64(pa, 1);
    b.run([&] {
        b.bring_up();
        smmu::compare_and_swap swap;
        swap.expected[0] = 1;
        transfer t = read_of(va, 8);
        smmu::attributes attributes;
        attributes.sid = sid;
        attributes.swap = &swap;
        EXPECT_EQ(b.device().send(t.extend(attributes)), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(swap.done);
        EXPECT_EQ(b.memory.load64(pa), 1u);
    });
}

TEST_P(table_updates, are_made_by_address_translation_operations)
{
    // IHI 0070 6.3.37 to 6.3.40: GATOS, to read at stage 1.
    b.run([&] {
        b.bring_up();
        const std::uint64_t descriptor = set(false);
        b.write64(0x108, sid);
        b.write64(0x110, va | 1u << 10 | 1u << 8);
        b.write32(0x100, 1);
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_EQ(b.read32(0x100), 0u);
        EXPECT_EQ(b.read32(0x118), static_cast<std::uint32_t>(pa | 3u << 8)); // Inner Shareable
        EXPECT_EQ(b.memory.load64(at), descriptor | AF);
    });
}

// Seven accesses of 13 ns: STE, CD, four descriptors, the update.
TEST_P(table_updates, take_their_time_of_address_translation_operations)
{
    b.run([&] {
        b.bring_up();
        set(false);
        b.write64(0x108, sid);
        b.write64(0x110, va | 1u << 10 | 1u << 8);
        b.write32(0x100, 1);
        sc_core::wait(6 * 13 + 12, sc_core::SC_NS);
        EXPECT_EQ(b.read32(0x100), 1u);
        sc_core::wait(2, sc_core::SC_NS);
        EXPECT_EQ(b.read32(0x100), 0u);
    });
}

INSTANTIATE_TEST_SUITE_P(modes, table_updates, both_timings(), timing_name);

// IHI 0070 7.3.12: an update that memory refuses is an external abort. Of memory that knows no
// compare-and-swap that may be the transaction, the comparison or the write.
struct refusal {
    bool swaps;      // memory knows it
    unsigned access; // of the descriptor, after that of the walk
};
struct refused_updates : testing::TestWithParam<refusal>, updates {};

TEST_P(refused_updates, are_external_aborts)
{
    const std::uint64_t before = set(false);
    b.memory.swaps = GetParam().swaps;
    b.run([&] {
        b.bring_up();
        unsigned accesses = 0;
        b.memory.fails = [&](const tlm::tlm_generic_payload &payload) {
            return payload.get_address() == at && accesses++ == GetParam().access;
        };
        EXPECT_NE(read(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(accesses, GetParam().access + 1);
        EXPECT_EQ(b.memory.load64(at), before);
        ASSERT_EQ(b.event_count(), 1u);
        EXPECT_EQ(b.event(0).type, support::F_WALK_EABT);
    });
}

INSTANTIATE_TEST_SUITE_P(accesses, refused_updates,
                         testing::Values(refusal{true, 1}, refusal{false, 1}, refusal{false, 2},
                                         refusal{false, 3}));

struct clean_page : testing::Test, updates {};

TEST_F(clean_page, is_not_granted_for_direct_writes_until_it_is_dirty)
{
    set(true);
    b.memory.grant_all();
    b.run([&] {
        b.bring_up();
        EXPECT_EQ(read(), tlm::TLM_OK_RESPONSE);
        tlm::tlm_dmi granted;
        transfer write(tlm::TLM_WRITE_COMMAND, va, std::vector<unsigned char>(4));
        transfer read = read_of(va, 4);
        EXPECT_FALSE(b.device().dmi(write.of_stream(sid), granted));
        ASSERT_TRUE(b.device().dmi(read.of_stream(sid), granted));
        EXPECT_FALSE(granted.is_write_allowed());
        EXPECT_EQ(b.device().write64(sid, va, 42), tlm::TLM_OK_RESPONSE);
        ASSERT_TRUE(b.device().dmi(write, granted));
        EXPECT_TRUE(granted.is_read_write_allowed());
    });
}

TEST_F(clean_page, never_accessed_is_not_granted_at_all)
{
    set(false);
    b.memory.grant_all();
    b.run([&] {
        b.bring_up();
        tlm::tlm_dmi granted;
        transfer t = read_of(va, 4);
        EXPECT_FALSE(b.device().dmi(t.of_stream(sid), granted));
        EXPECT_EQ(read(), tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(b.device().dmi(t, granted));
    });
}

// Time passes between the read of a descriptor and its update, and within the update itself. Memory
// takes an access when it is called and answers 50 ns later: the level 3 descriptor is read at 250
// ns, the update is made at 300 ns.
struct slow_updates : testing::Test, updates {
    static smmu::timing times()
    {
        smmu::timing t;
        t.mode = smmu::timing_mode::approximately_timed;
        return t;
    }
    slow_updates() : updates(times()) {}

    // Software changes the descriptor while the update is on its way to memory: that counts.
    void software_is_first()
    {
        set(false);
        b.run([&] {
            b.bring_up();
            b.memory.latency = sc_core::sc_time(50, sc_core::SC_NS);
            b.memory.store64(pa + 0x2000, 77);
            support::leaf_attributes untouched;
            untouched.af = 0;
            const std::uint64_t changed = support::leaf_descriptor(pa + 0x2000, 3, untouched);
            sc_core::sc_spawn([&] {
                sc_core::wait(275, sc_core::SC_NS);
                b.memory.store64(at, changed);
            });
            std::uint64_t value = 0;
            EXPECT_EQ(b.device().read64(sid, va, value), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(value, 77u);
            EXPECT_EQ(b.memory.load64(at), changed | AF);
        });
    }
};

TEST_F(slow_updates, a_descriptor_that_software_changed_meanwhile_is_walked_again)
{
    software_is_first();
}

TEST_F(slow_updates, the_comparison_is_with_what_memory_holds_at_the_end_of_the_access)
{
    set(false);
    b.run([&] {
        b.bring_up();
        b.memory.store64(pa + 0x2000, 77);
        support::leaf_attributes untouched;
        untouched.af = 0;
        const std::uint64_t changed = support::leaf_descriptor(pa + 0x2000, 3, untouched);
        unsigned accesses = 0;
        b.memory.before = [&](std::uint64_t address) {
            if (address == at && ++accesses == 2) // the update, held up on its way
                sc_core::wait(10, sc_core::SC_NS);
            if (address == at && accesses == 2)
                b.memory.store64(at, changed);
        };
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(sid, va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(accesses, 4u);
        EXPECT_EQ(value, 77u);
        EXPECT_EQ(b.memory.load64(at), changed | AF);
    });
}

// Memory makes the update at 300 ns; the response comes at 350 ns.
TEST_F(slow_updates, memory_that_knows_compare_and_swap_makes_when_it_takes_the_request)
{
    const std::uint64_t before = set(false);
    b.memory.swaps = true;
    b.run([&] {
        b.bring_up();
        b.memory.latency = sc_core::sc_time(50, sc_core::SC_NS);
        b.memory.store64(pa + 0x2000, 77);
        const std::uint64_t changed = support::leaf_descriptor(pa + 0x2000, 3);
        sc_core::sc_spawn([&] {
            sc_core::wait(325, sc_core::SC_NS);
            EXPECT_EQ(b.memory.load64(at), before | AF);
            b.memory.store64(at, changed);
        });
        b.memory.store64(pa, 55);
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(sid, va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 55u);
        EXPECT_EQ(b.memory.load64(at), changed);
    });
}

TEST_F(slow_updates, by_memory_itself_fail_where_software_was_first)
{
    b.memory.swaps = true;
    software_is_first();
}

// The SMMU's payload is its own until the response comes, whoever has been killed.
TEST_F(slow_updates, go_on_without_an_initiator_that_is_killed)
{
    const std::uint64_t before = set(false);
    b.memory.swaps = true;
    b.run([&] {
        b.bring_up();
        b.memory.latency = sc_core::sc_time(50, sc_core::SC_NS);
        b.memory.before = [&](std::uint64_t address) {
            if (address == at && b.memory.log.back().address == at) // the update
                sc_core::wait(20, sc_core::SC_NS);
        };
        sc_core::sc_process_handle reader = sc_core::sc_spawn([&] { read(); });
        sc_core::wait(310, sc_core::SC_NS);
        reader.kill();
        EXPECT_EQ(b.memory.load64(at), before);
        sc_core::wait(100, sc_core::SC_NS);
        EXPECT_EQ(b.memory.load64(at), before | AF);
        b.memory.before = nullptr;
        EXPECT_EQ(read(), tlm::TLM_OK_RESPONSE);
    });
}

// --- descriptors of 128 bits --------------------------------------------------------------------

smmu_config with_d128()
{
    smmu_config cfg = smmu_config_default();
    cfg.d128 = cfg.aie = cfg.s1pi = cfg.s2pi = cfg.s2po = cfg.mteperm = true;
    cfg.vmsa32 = false;
    return cfg;
}

// A stream with one table of 16 pages, of VMSAv9-128 (DDI 0487 D8.3.2): PIIndex 0 is read and
// write.
struct large_descriptors : testing::TestWithParam<bool> {
    static constexpr std::uint64_t table = bench::tables + 0x40'0000, at = table + 5 * 16;
    static constexpr std::uint64_t nDirty = std::uint64_t(1) << 7, page = pa | 3u << 8 | 1;
    static constexpr std::uint64_t upper = 0x0004'0000'0abc'0000; // Protected, software's

    bench b{"b", {}, 1, with_d128()};
    stream s{b, sid};

    large_descriptors()
    {
        s.entry().s1pie = 1;
        s.context().aa64 = 0;
        s.context().epd1 = 1;
        s.context().t0sz = 48;
        s.context().ttb0 = table;
        s.context().piiu = s.context().piip = 5;
        s.context().ha = s.context().hd = 1;
        s.publish();
        b.memory.swaps = GetParam();
        b.memory.store64(at, page | nDirty);
        b.memory.store64(at + 8, upper);
    }
};

TEST_P(large_descriptors, are_updated_as_a_whole)
{
    b.run([&] {
        b.bring_up();
        b.memory.log.clear();
        EXPECT_EQ(b.device().write64(sid, 0x5000, 42), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.load64(pa), 42u);
        EXPECT_EQ(b.memory.load64(at), page | AF);
        EXPECT_EQ(b.memory.load64(at + 8), upper);
        ASSERT_EQ(b.memory.log.size(), 6u); // STE, CD, descriptor, an update for each bit, data
        for (unsigned access : {2u, 3u, 4u}) {
            EXPECT_EQ(b.memory.log[access].address, at);
            EXPECT_EQ(b.memory.log[access].length, 16u);
        }
        EXPECT_EQ(b.memory.debugs, GetParam() ? 0u : 4u);
    });
}

TEST_P(large_descriptors, are_not_updated_if_the_upper_half_has_changed)
{
    b.run([&] {
        b.bring_up();
        unsigned accesses = 0;
        b.memory.before = [&](std::uint64_t address) {
            if (address == at && ++accesses == 2)
                b.memory.store64(at + 8, upper | std::uint64_t(1) << (115 - 64)); // PIIndex 1
        };
        std::uint64_t value = 0;
        EXPECT_NE(b.device().read64(sid, 0x5000, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.load64(at), page | nDirty | AF);
        EXPECT_EQ(accesses, 4u);
    });
}

INSTANTIATE_TEST_SUITE_P(memory, large_descriptors, testing::Bool());

} // namespace

} // namespace tlm_test::test_table_updates
