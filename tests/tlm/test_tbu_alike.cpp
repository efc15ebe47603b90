// SPDX-License-Identifier: Apache-2.0
// Transactions of which a TBU has had others that ask the same: what makes one another one counts,
// whatever went before.
#include <gtest/gtest.h>

#include <vector>

#include <tlm_utils/multi_passthrough_target_socket.h>

#include "bench.hpp"
#include "both_timings.hpp"
#include "error_log.hpp"
#include "smmu/tlm/pmcg.hpp"

namespace tlm_test::test_tbu_alike {

namespace {

constexpr std::uint64_t va = 0x1'2345'6000;
constexpr std::uint64_t pa = bench::data, pa_of_other = bench::data + 0x5000;
constexpr std::uint32_t sid = 5, other_sid = 6;

// Sends `t`, which may have been answered before.
tlm::tlm_response_status send_again(bench &b, transfer &t)
{
    t.payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    t.payload.set_dmi_allowed(false);
    return b.device().send(t);
}

// Two streams with a page each at one address. Reads of the first are hits by then.
struct alike : timing_test {
    bench b{"b", times()};
    stream s{b, sid};
    stream other{b, other_sid, 2};
    transfer t = read_of(va, 8);

    alike()
    {
        s.map(va, pa);
        other.map(va, pa_of_other);
        b.memory.store64(pa, 1);
        b.memory.store64(pa_of_other, 2);
    }

    void run(const std::function<void()> &test)
    {
        b.run([&] {
            b.bring_up();
            t.of_stream(sid);
            for (unsigned i = 0; i < 3; i++)
                EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(b.smmu.stats().utlb_hits, 2u);
            test();
        });
    }

    tlm::tlm_response_status send() { return send_again(b, t); }
    const storage::access &last() const { return b.memory.log.back(); }
    unsigned accesses() const { return b.memory.count(sid); }
};

TEST_P(alike, another_stream_has_its_own_translation)
{
    run([&] {
        t.attributes.sid = other_sid;
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(last().address, pa_of_other);
        t.attributes.sid = sid;
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(last().address, pa);
    });
}

TEST_P(alike, a_payload_without_attributes_is_of_stream_0)
{
    run([&] {
        transfer bare = read_of(va, 8);
        EXPECT_EQ(b.device().send(bare), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(b.event(0).sid, 0u);
    });
}

TEST_P(alike, a_substream_is_another_context)
{
    run([&] {
        t.attributes.ssv = true;
        t.attributes.ssid = 1;
        EXPECT_EQ(send(), tlm::TLM_GENERIC_ERROR_RESPONSE) << "C_BAD_SUBSTREAMID";
    });
}

TEST_P(alike, a_write_needs_its_own_right)
{
    support::leaf_attributes read_only;
    read_only.ap = support::AP_ALL_RO;
    s.map(va, pa, 3, read_only);
    run([&] {
        EXPECT_EQ(b.device().write64(sid, va, 7), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(b.memory.load64(pa), 1u);
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
    });
}

TEST_P(alike, what_is_privileged_has_rights_of_its_own)
{
    support::leaf_attributes privileged;
    privileged.ap = support::AP_PRIV_RW;
    run([&] {
        s.map(va + 0x1000, pa, 3, privileged);
        t.payload.set_address(va + 0x1000);
        t.attributes.priv = true;
        for (unsigned i = 0; i < 2; i++)
            EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(last().attributes.priv);
        t.attributes.priv = false;
        EXPECT_EQ(send(), tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

TEST_P(alike, a_fetch_has_rights_of_its_own)
{
    support::leaf_attributes data_only;
    data_only.uxn = 1;
    s.map(va, pa, 3, data_only);
    run([&] {
        t.attributes.instr = true;
        EXPECT_EQ(send(), tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

// 3.9.1.3: without ATSCHK the address is a physical one.
TEST_P(alike, what_is_marked_translated_is_not_translated_again)
{
    run([&] {
        t.payload.set_address(pa_of_other);
        t.attributes.translated = true;
        for (unsigned i = 0; i < 2; i++) {
            EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(last().address, pa_of_other);
        }
        t.attributes.translated = false;
        EXPECT_EQ(send(), tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

TEST_P(alike, another_security_state_has_no_interface)
{
    run([&] {
        t.attributes.sec = SMMU_SEC_S;
        EXPECT_EQ(send(), tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

// 3.22, 16.7.2: what reads and writes needs a write.
TEST_P(alike, an_operation_is_no_read)
{
    run([&] {
        t.attributes.op = SMMU_OP_ATOMIC;
        EXPECT_EQ(send(), tlm::TLM_COMMAND_ERROR_RESPONSE);
        t.attributes.op = SMMU_OP_READ_CLEAN_INVALIDATE;
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        t.attributes.op = SMMU_OP_COUNT;
        EXPECT_EQ(send(), tlm::TLM_COMMAND_ERROR_RESPONSE);
    });
}

TEST_P(alike, an_operation_that_is_none_is_refused_before_anything_was_asked)
{
    b.run([&] {
        b.bring_up();
        smmu::attributes none;
        none.op = SMMU_OP_COUNT;
        t.extend(none);
        EXPECT_EQ(send(), tlm::TLM_COMMAND_ERROR_RESPONSE);
    });
}

TEST_P(alike, a_wrapping_burst_begins_where_it_says)
{
    run([&] {
        t.attributes.wrap_beat = 4;
        t.attributes.wrap_first = 4;
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(last().address, pa);
        EXPECT_EQ(last().attributes.wrap_first, 4u);
        t.attributes.wrap_first = 8;
        EXPECT_EQ(send(), tlm::TLM_BURST_ERROR_RESPONSE);
    });
}

// 13.1.5: the client's attributes count where the page's do not replace them.
TEST_P(alike, other_attributes_arrive_downstream)
{
    s.entry() = support::ste();
    s.entry().config = support::STE_BYPASS;
    s.publish();
    b.run([&] {
        b.bring_up();
        smmu::attributes with;
        with.sid = sid;
        t.extend(with);
        t.payload.set_address(pa);
        for (unsigned i = 0; i < 3; i++)
            EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(last().attributes.memattr.mair, SMMU_MAIR_NORMAL_WB_RAWA);
        t.attributes.memattr = {SMMU_MAIR_NORMAL_NC, SMMU_SH_OUTER};
        t.attributes.qos = 9;
        t.attributes.id = 77;
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(last().attributes.memattr.mair, SMMU_MAIR_NORMAL_NC);
        EXPECT_EQ(last().attributes.qos, 9u);
        EXPECT_EQ(last().attributes.id, 77u);
        t.attributes.id = 78; // what no answer depends on
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(last().attributes.id, 78u);
    });
}

TEST_P(alike, pages_have_attributes_of_their_own)
{
    support::leaf_attributes device;
    device.attr_index = 2; // as the MAIR of contexts is
    s.map(va + 0x1000, pa_of_other, 3, device);
    run([&] {
        for (unsigned i = 0; i < 2; i++) {
            t.payload.set_address(va + 0x1000);
            EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(last().attributes.memattr.mair, SMMU_MAIR_DEVICE_nGnRE);
            t.payload.set_address(va);
            EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(last().attributes.memattr.mair, 0xffu);
        }
    });
}

TEST_P(alike, an_invalidation_ends_the_answer)
{
    run([&] {
        s.map(va, pa_of_other);
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(last().address, pa) << "it is cached";
        b.submit(support::tlbi_nh_va(va, s.asid()));
        b.sync();
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(last().address, pa_of_other);
    });
}

TEST_P(alike, a_stream_that_is_configured_again_goes_by_that)
{
    run([&] {
        support::ste aborts;
        aborts.config = support::STE_ABORT;
        b.set_ste(sid, aborts);
        b.submit(support::cfgi_ste(sid));
        b.sync();
        EXPECT_EQ(send(), tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

TEST_P(alike, what_is_switched_off_translates_no_more)
{
    run([&] {
        t.payload.set_address(va);
        b.write32(reg::CR0, 0);
        EXPECT_EQ(send(), tlm::TLM_ADDRESS_ERROR_RESPONSE) << "bypass: nobody is there";
        t.payload.set_address(pa_of_other);
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(last().address, pa_of_other);
    });
}

TEST_P(alike, a_payload_that_is_not_well_formed_ends_in_the_tbu)
{
    error_log errors; // of the checker before the TBU
    run([&] {
        const unsigned before = accesses();
        t.payload.set_data_length(0);
        EXPECT_EQ(send(), tlm::TLM_BURST_ERROR_RESPONSE);
        t.payload.set_data_length(8);
        t.payload.set_streaming_width(0);
        EXPECT_EQ(send(), tlm::TLM_BURST_ERROR_RESPONSE);
        t.payload.set_streaming_width(8);
        t.payload.set_data_ptr(nullptr);
        EXPECT_EQ(send(), tlm::TLM_GENERIC_ERROR_RESPONSE);
        t.payload.set_data_ptr(t.data.data());
        unsigned char enables[1] = {0xff};
        t.payload.set_byte_enable_ptr(enables);
        t.payload.set_byte_enable_length(0);
        EXPECT_EQ(send(), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        EXPECT_EQ(accesses(), before);
    });
}

TEST_P(alike, byte_enables_are_kept)
{
    run([&] {
        unsigned char enables[2] = {0, 0xff};
        t.payload.set_byte_enable_ptr(enables);
        t.payload.set_byte_enable_length(2);
        t.data.assign(8, 0xee);
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.data[0], 0xee);
        EXPECT_EQ(t.data[1], 0);
        t.payload.set_byte_enable_ptr(nullptr);
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.data[0], 1);
    });
}

TEST_P(alike, what_crosses_a_page_is_cut)
{
    s.map(va + 0x1000, pa_of_other);
    run([&] {
        const std::size_t before = b.memory.log.size();
        t.payload.set_address(va + 0xff9);
        for (unsigned i = 0; i < 2; i++)
            EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        std::vector<std::uint64_t> addresses;
        for (std::size_t i = before; i < b.memory.log.size(); i++)
            if (b.memory.log[i].attributes.sid == sid && b.memory.log[i].address >= bench::data)
                addresses.push_back(b.memory.log[i].address);
        EXPECT_EQ(addresses,
                  (std::vector<std::uint64_t>{pa + 0xff9, pa_of_other, pa + 0xff9, pa_of_other}));
        t.payload.set_address(va + 0xff8);
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(last().address, pa + 0xff8);
        EXPECT_EQ(last().length, 8u) << "it ends with the page";
    });
}

TEST_P(alike, one_that_is_to_transfer_nothing_is_no_read)
{
    run([&] {
        const std::uint64_t translations = b.smmu.stats().translations;
        t.payload.set_command(tlm::TLM_IGNORE_COMMAND);
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.smmu.stats().translations, translations);
    });
}

TEST_P(alike, each_counts)
{
    run([&] {
        const smmu_stats before = b.smmu.stats();
        for (unsigned i = 0; i < 5; i++)
            EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.smmu.stats().translations, before.translations + 5);
        EXPECT_EQ(b.smmu.stats().utlb_hits, before.utlb_hits + 5);
        EXPECT_EQ(b.smmu.stats().forwards, before.forwards + 5);
        EXPECT_EQ(b.smmu.stats().utlb_misses, before.utlb_misses);
    });
}

TEST_P(alike, what_a_target_does_to_the_attributes_is_gone_with_the_payload)
{
    smmu::compare_and_swap swap;
    run([&] {
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        b.memory.fails = [&swap](const tlm::tlm_generic_payload &payload) {
            auto *own = payload.get_extension<smmu::attributes>();
            own->swap = &swap;
            own->sid = 99;
            own->memattr.mair = 0;
            own->pas = SMMU_PAS_ROOT;
            own->qos = 3;
            return false;
        };
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.attributes.sid, sid);
        b.memory.fails = nullptr;
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(last().attributes.sid, sid);
        EXPECT_EQ(last().attributes.memattr.mair, 0xffu);
        EXPECT_EQ(last().attributes.pas, SMMU_PAS_NS);
        EXPECT_EQ(last().attributes.qos, 0u);
        EXPECT_EQ(last().attributes.swap, nullptr);
    });
}

TEST_P(alike, a_failure_downstream_comes_back)
{
    run([&] {
        b.memory.fails = [](const tlm::tlm_generic_payload &) { return true; };
        EXPECT_EQ(send(), tlm::TLM_GENERIC_ERROR_RESPONSE);
        b.memory.fails = nullptr;
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
    });
}

INSTANTIATE_TEST_SUITE_P(timing, alike, both_timings(), timing_name);

// Loosely timed alone: the target is in the call of the client.
struct alike_loosely : alike {};

TEST_P(alike_loosely, a_target_may_send_by_the_same_tbu)
{
    run([&] {
        transfer inner = read_of(va, 8);
        inner.of_stream(other_sid);
        unsigned depth = 0;
        b.memory.before = [&](std::uint64_t) {
            if (depth++ == 0) {
                EXPECT_EQ(send_again(b, inner), tlm::TLM_OK_RESPONSE);
            }
        };
        for (unsigned i = 0; i < 2; i++) {
            depth = 0;
            EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(t.data[0], 1);
            EXPECT_EQ(inner.data[0], 2);
        }
    });
}

TEST_P(alike_loosely, several_may_wait_in_the_target)
{
    run([&] {
        b.memory.before = [&](std::uint64_t) { sc_core::wait(10, sc_core::SC_NS); };
        unsigned ended = 0;
        for (const std::uint32_t of : {sid, other_sid, sid, other_sid})
            sc_core::sc_spawn([&, of] {
                std::uint64_t value = 0;
                EXPECT_EQ(b.device().read64(of, va, value), tlm::TLM_OK_RESPONSE);
                EXPECT_EQ(value, of == sid ? 1u : 2u);
                ended++;
            });
        sc_core::wait(1, sc_core::SC_US);
        EXPECT_EQ(ended, 4u);
        EXPECT_TRUE(b.smmu.tcu().is_idle());
    });
}

TEST_P(alike_loosely, a_sync_waits_for_one_that_is_downstream)
{
    run([&] {
        bool ended = false;
        b.memory.before = [&](std::uint64_t address) {
            if (address == pa)
                sc_core::wait(1, sc_core::SC_US);
        };
        sc_core::sc_spawn([&] {
            EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
            ended = true;
        });
        sc_core::wait(10, sc_core::SC_NS);
        b.submit(support::tlbi_nh_va(va, s.asid()));
        b.sync();
        EXPECT_TRUE(ended);
    });
}

TEST_P(alike_loosely, one_that_is_killed_in_the_target_is_under_way_no_more)
{
    run([&] {
        b.memory.before = [&](std::uint64_t) { sc_core::wait(1, sc_core::SC_US); };
        sc_core::sc_process_handle victim = sc_core::sc_spawn([&] { send(); });
        sc_core::wait(10, sc_core::SC_NS);
        EXPECT_FALSE(b.smmu.tcu().is_idle());
        victim.kill();
        EXPECT_TRUE(b.smmu.tcu().is_idle());
        b.memory.before = nullptr;
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
    });
}

TEST_P(alike_loosely, one_whose_target_throws_is_under_way_no_more)
{
    run([&] {
        b.memory.before = [&](std::uint64_t) { throw 1; };
        EXPECT_THROW(send(), int);
        EXPECT_TRUE(b.smmu.tcu().is_idle());
    });
}

TEST_P(alike_loosely, the_hint_of_downstream_counts_where_the_tbu_grants)
{
    b.memory.grant_all();
    run([&] {
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(t.payload.is_dmi_allowed());
        b.smmu.allow_dmi(false);
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(t.payload.is_dmi_allowed());
        b.smmu.allow_dmi(true);
        b.memory.dmi_last = 0;
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(t.payload.is_dmi_allowed());
    });
}

TEST_P(alike_loosely, the_hint_of_the_last_one_does_not_go_downstream)
{
    b.memory.grant_all();
    run([&] {
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(t.payload.is_dmi_allowed());
        bool hinted = true;
        b.memory.fails = [&hinted](const tlm::tlm_generic_payload &payload) {
            hinted = payload.is_dmi_allowed();
            return false;
        };
        EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(hinted);
    });
}

// Within a page and across its end: by either way through the TBU.
TEST_P(alike_loosely, the_hint_is_of_when_downstream_has_answered)
{
    b.memory.grant_all();
    s.map(va + 0x1000, pa_of_other);
    run([&] {
        b.memory.before = [&](std::uint64_t) { b.smmu.allow_dmi(false); };
        for (const std::uint64_t address : {va, va + 0xffc}) {
            b.smmu.allow_dmi(true);
            t.payload.set_address(address);
            EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
            EXPECT_FALSE(t.payload.is_dmi_allowed());
        }
        b.memory.before = [&](std::uint64_t) { b.smmu.allow_dmi(true); };
        for (const std::uint64_t address : {va, va + 0xffc}) {
            b.smmu.allow_dmi(false);
            t.payload.set_address(address);
            EXPECT_EQ(send(), tlm::TLM_OK_RESPONSE);
            EXPECT_TRUE(t.payload.is_dmi_allowed());
        }
    });
}

INSTANTIATE_TEST_SUITE_P(timing, alike_loosely, testing::Values(smmu::timing_mode::loosely_timed),
                         timing_name);

// A counter group that begins to count when there have been hits.
TEST(alike_counted, by_a_group_from_its_first_count_on)
{
    constexpr std::uint32_t EVTYPER = 0x400, SMR = 0xa00, CNTENSET = 0xc00, CR = 0xe04,
                            TRANSACTION = 1;
    bench b("b");
    stream s(b, sid);
    smmu_pmcg_config of_tbu = smmu_pmcg_config_default();
    of_tbu.tbus = 1;
    smmu::pmcg group("group", b.smmu.tcu(), of_tbu);
    initiator software("software"), reader("reader");
    software.socket.bind(group.page0);
    reader.socket.bind(group.page1());
    s.map(va, pa);
    b.run([&] {
        b.bring_up();
        const auto write = [&](std::uint32_t offset, std::vector<unsigned char> bytes) {
            transfer w = write_of(offset, std::move(bytes));
            EXPECT_EQ(software.send(w), tlm::TLM_OK_RESPONSE) << offset;
        };
        const auto read = [&] {
            std::uint64_t value = 0;
            EXPECT_EQ(b.device().read64(sid, va, value), tlm::TLM_OK_RESPONSE);
        };
        for (unsigned i = 0; i < 3; i++)
            read();
        write(EVTYPER, {TRANSACTION, 0, 0, 0x20}); // FILTER_SID_SPAN
        write(SMR, {0xff, 0xff, 0xff, 0xff});
        write(CNTENSET, {1, 0, 0, 0, 0, 0, 0, 0});
        write(CR, {1, 0, 0, 0});
        for (unsigned i = 0; i < 4; i++)
            read();
        transfer counter = read_of(0, 8);
        EXPECT_EQ(reader.send(counter), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(counter.data[0], 4);
    });
}

// What beats of data take depends on the length of each write.
TEST(alike_timed, a_hit_takes_the_entry_the_look_up_and_the_issue)
{
    smmu::timing times;
    times.lookup = sc_core::sc_time(2, sc_core::SC_NS);
    times.tbu_cycle = sc_core::sc_time(10, sc_core::SC_NS);
    times.tbu_issue = sc_core::sc_time(100, sc_core::SC_NS);
    times.tbu_beat_bytes = 16;
    bench b("b", times);
    stream s(b, sid);
    s.map(va, pa);
    b.run([&] {
        b.bring_up();
        const auto took = [&](transfer t) {
            sc_core::sc_time delay(1, sc_core::SC_NS);
            b.device().socket->b_transport(t.of_stream(sid).payload, delay);
            EXPECT_TRUE(t.payload.is_response_ok());
            return delay.to_seconds() * 1e9;
        };
        for (unsigned i = 0; i < 2; i++) {
            took(read_of(va, 64));
            took(write_of(va, std::vector<unsigned char>(64)));
        }
        EXPECT_DOUBLE_EQ(took(read_of(va, 64)), 1 + 10 + 2 + 100);
        EXPECT_DOUBLE_EQ(took(write_of(va, std::vector<unsigned char>(64))), 1 + 40 + 2 + 100);
        EXPECT_DOUBLE_EQ(took(write_of(va, std::vector<unsigned char>(17))), 1 + 20 + 2 + 100);
    });
}

struct mark : tlm::tlm_extension<mark> {
    tlm::tlm_extension_base *clone() const override { return new mark; }
    void copy_from(const tlm::tlm_extension_base &) override {}
};

// Notes which extensions come.
struct noting_memory : sc_core::sc_module {
    tlm_utils::multi_passthrough_target_socket<noting_memory> socket{"socket"};
    std::vector<const tlm::tlm_extension_base *> came;

    explicit noting_memory(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_b_transport(this, &noting_memory::b_transport);
    }
    void b_transport(int, tlm::tlm_generic_payload &payload, sc_core::sc_time &)
    {
        came.clear();
        for (unsigned id = 0; id < tlm::max_num_extensions(); id++)
            came.push_back(payload.get_extension(id));
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    }
};

// Before and behind that of smmu::attributes, and nothing is left for the next.
TEST(alike_extended, by_any_one_extension_go_on_with_it)
{
    bench b("bench", {}, 1, smmu_config_default(), 0, 1);
    noting_memory target("target");
    b.mem_checkers[0].initiator_socket.bind(target.socket);
    b.run([&] {
        mark own;
        transfer t = read_of(bench::data, 8);
        t.of_stream(1);
        const auto expect_alone = [&](unsigned expected) {
            EXPECT_EQ(send_again(b, t), tlm::TLM_OK_RESPONSE);
            for (unsigned id = 0; id < tlm::max_num_extensions(); id++)
                if (id != smmu::attributes::ID) {
                    EXPECT_EQ(target.came.at(id), id == expected ? &own : nullptr) << id;
                }
            EXPECT_NE(target.came.at(smmu::attributes::ID), nullptr);
            EXPECT_NE(target.came.at(smmu::attributes::ID), &t.attributes);
        };
        for (unsigned id = 0; id < tlm::max_num_extensions(); id++) {
            if (id == smmu::attributes::ID)
                continue;
            t.payload.set_extension(id, &own);
            expect_alone(id);
            t.payload.set_extension(id, nullptr);
            expect_alone(tlm::max_num_extensions());
        }
    });
}

} // namespace
} // namespace tlm_test::test_tbu_alike
