// SPDX-License-Identifier: Apache-2.0
// Transactions through a TBU: translated, split, terminated, and given back as they came.
#include <gtest/gtest.h>

#include "bench.hpp"
#include "both_timings.hpp"
#include "error_log.hpp"

namespace tlm_test::test_transport {

namespace {

constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t pa = bench::data + 0x3000;
constexpr std::uint64_t pa_next = bench::data + 0x7000; // not contiguous with pa

// A stream with two pages that follow each other in input addresses only.
struct transport : timing_test {
    bench b{"b", times()};
    stream s{b, 5};

    transport()
    {
        s.map(va, pa);
        s.map(va + 0x1000, pa_next);
    }
};

std::vector<unsigned char> counting(unsigned length)
{
    std::vector<unsigned char> bytes(length);
    for (unsigned i = 0; i < length; i++)
        bytes[i] = static_cast<unsigned char>(i + 1);
    return bytes;
}

TEST_P(transport, reads_and_writes_reach_the_output_address)
{
    b.run([&] {
        b.bring_up();
        b.memory.store64(pa + 0xab8, 0x1122'3344'5566'7788);
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(5, va + 0xab8, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 0x1122'3344'5566'7788u);
        EXPECT_EQ(b.device().write64(5, va + 0x1358, 42), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.load64(pa_next + 0x358), 42u);
    });
}

TEST_P(transport, a_write_across_pages_goes_to_both)
{
    b.run([&] {
        b.bring_up();
        transfer t = write_of(va + 0xffd, counting(8));
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(std::vector<unsigned char>(b.memory.host(pa + 0xffd), b.memory.host(pa + 0x1000)),
                  (std::vector<unsigned char>{1, 2, 3}));
        EXPECT_EQ(*b.memory.host(pa + 0x1000), 0);
        EXPECT_EQ(std::vector<unsigned char>(b.memory.host(pa_next), b.memory.host(pa_next + 6)),
                  (std::vector<unsigned char>{4, 5, 6, 7, 8, 0}));
    });
}

TEST_P(transport, a_read_across_pages_collects_both)
{
    b.run([&] {
        b.bring_up();
        b.memory.store64(pa + 0xff8, 0x0807'0605'0403'0201);
        b.memory.store64(pa_next, 0x100f'0e0d'0c0b'0a09);
        transfer t = read_of(va + 0xff8, 16);
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.data, counting(16));
    });
}

TEST_P(transport, byte_enables_stay_with_their_bytes_across_pages)
{
    b.run([&] {
        b.bring_up();
        unsigned char enables[3] = {0xff, 0, 0}; // every third byte
        transfer t = write_of(va + 0xffe, counting(8));
        t.payload.set_byte_enable_ptr(enables);
        t.payload.set_byte_enable_length(sizeof enables);
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(*b.memory.host(pa + 0xffe), 1);
        EXPECT_EQ(*b.memory.host(pa + 0xfff), 0);
        EXPECT_EQ(b.memory.load64(pa_next), 0x0000'0007'0000'0400u);
        EXPECT_EQ(t.payload.get_byte_enable_ptr(), enables);
        EXPECT_EQ(t.payload.get_byte_enable_length(), sizeof enables);
    });
}

TEST_P(transport, streaming_across_pages_repeats_its_addresses)
{
    b.run([&] {
        b.bring_up();
        transfer t = write_of(va + 0xffe, counting(8));
        t.payload.set_streaming_width(4);
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(*b.memory.host(pa + 0xffe), 5);
        EXPECT_EQ(*b.memory.host(pa + 0xfff), 6);
        EXPECT_EQ(b.memory.load64(pa_next), 0x0807u);
        EXPECT_EQ(t.payload.get_streaming_width(), 4u);
    });
}

// Its end lies beyond the pieces that have gone on before.
TEST_P(transport, streaming_goes_on_to_its_end_where_a_reset_joins_the_pages)
{
    const std::uint64_t address = bench::data + 0x3ff8;
    s.map(bench::data + 0x3000, bench::data + 0x3000);
    s.map(bench::data + 0x4000, bench::data + 0x4000);
    b.run([&] {
        b.bring_up();
        b.memory.before = [&](std::uint64_t accessed) {
            if (accessed == address)
                b.smmu.reset();
        };
        transfer t = write_of(address, counting(64));
        t.payload.set_streaming_width(16);
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_OK_RESPONSE);
        unsigned sum = 0;
        for (const storage::access &each : b.memory.log)
            sum += each.attributes.sid == 5 && each.write ? each.length : 0;
        EXPECT_EQ(sum, 64u);
    });
}

TEST_P(transport, streaming_inside_a_page_is_forwarded_whole)
{
    b.run([&] {
        b.bring_up();
        transfer t = write_of(va + 0x10, counting(8));
        t.payload.set_streaming_width(4);
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.load64(pa + 0x10), 0x0807'0605u);
        EXPECT_EQ(b.memory.log.back().length, 8u);
    });
}

TEST_P(transport, an_aborted_access_is_a_generic_error_and_does_nothing)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va + 0x2000, 8);
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(t.data, std::vector<unsigned char>(8, 0xee));
        EXPECT_EQ(b.event_count(), 1u);
        EXPECT_EQ(b.smmu.stats().aborts, 1u);
    });
}

TEST_P(transport, an_access_that_runs_into_a_fault_ends_there)
{
    b.run([&] {
        b.bring_up();
        transfer t = write_of(va + 0x1ffc, counting(8));
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(b.memory.load64(pa_next + 0xff8), 0x0403'0201'0000'0000u);
        EXPECT_EQ(b.event_count(), 1u);
    });
}

TEST_P(transport, a_fault_terminated_without_abort_reads_zeros)
{
    s.context().a = 0; // IHI 0070 5.5: terminate, RAZ/WI
    s.publish();
    b.run([&] {
        b.bring_up();
        transfer read = read_of(va + 0x2000, 8);
        EXPECT_EQ(b.device().send(read.of_stream(5)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(read.data, std::vector<unsigned char>(8, 0));
        EXPECT_FALSE(read.payload.is_dmi_allowed());
        EXPECT_EQ(b.device().write64(5, va + 0x2000, 1), tlm::TLM_OK_RESPONSE);
    });
}

TEST_P(transport, a_fault_terminated_without_abort_leaves_bytes_that_are_not_enabled)
{
    s.context().a = 0;
    s.publish();
    b.run([&] {
        b.bring_up();
        unsigned char enables[2] = {0xff, 0};
        transfer t = read_of(va + 0x2000, 4);
        t.payload.set_byte_enable_ptr(enables);
        t.payload.set_byte_enable_length(sizeof enables);
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.data, (std::vector<unsigned char>{0, 0xee, 0, 0xee}));
    });
}

TEST_P(transport, a_fault_terminated_without_abort_leaves_what_has_been_read_before)
{
    s.context().a = 0;
    s.publish();
    b.memory.store64(pa_next + 0xff8, 0x4433'2211'0000'0000);
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va + 0x1ffc, 8);
        EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.data, (std::vector<unsigned char>{0x11, 0x22, 0x33, 0x44, 0, 0, 0, 0}));
    });
}

TEST_P(transport, a_fault_terminated_without_abort_ends_with_its_page)
{
    s.context().a = 0;
    s.publish();
    b.memory.store64(pa + 0x9000, 0x4433'2211);
    b.run([&] {
        b.bring_up();
        for (const std::uint64_t next : {va + 0x3000, va + 0x6000}) { // odd and even pages
            s.map(next, pa + 0x9000);
            const std::uint32_t before = b.event_count();
            transfer t = read_of(next - 4, 8);
            EXPECT_EQ(b.device().send(t.of_stream(5)), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(t.data, (std::vector<unsigned char>{0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44}));
            EXPECT_EQ(b.event_count(), before + 1);
        }
    });
}

TEST_P(transport, an_error_of_the_memory_behind_is_passed_on)
{
    s.map(va + 0x2000, ram::base + ram::size);
    b.run([&] {
        b.bring_up();
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(5, va + 0x2000, value), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    });
}

TEST_P(transport, the_payload_comes_back_as_it_was)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va + 0xff8, 16);
        t.of_stream(5);
        unsigned char *const data = t.payload.get_data_ptr();
        EXPECT_EQ(b.device().send(t), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.payload.get_address(), va + 0xff8);
        EXPECT_EQ(t.payload.get_data_ptr(), data);
        EXPECT_EQ(t.payload.get_data_length(), 16u);
        EXPECT_EQ(t.payload.get_streaming_width(), 16u);
        EXPECT_EQ(t.payload.get_extension<smmu::attributes>(), &t.attributes);
        EXPECT_EQ(t.attributes.sid, 5u);
        EXPECT_EQ(t.attributes.memattr.mair, SMMU_MAIR_NORMAL_WB_RAWA);
    });
}

TEST_P(transport, a_payload_without_attributes_gets_none)
{
    b.run([&] {
        transfer t = read_of(pa, 8); // reset state: bypass
        EXPECT_EQ(b.device().send(t), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.payload.get_extension<smmu::attributes>(), nullptr);
        EXPECT_TRUE(b.memory.log.back().extended);
    });
}

TEST_P(transport, a_transaction_without_attributes_is_of_stream_0)
{
    stream zero(b, 0, 9);
    zero.map(va, pa + 0x4000);
    b.memory.store64(pa + 0x4000, 77);
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        EXPECT_EQ(b.device().send(t), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(t.data[0], 77);
    });
}

TEST_P(transport, the_forwarded_transaction_carries_the_translated_attributes)
{
    support::leaf_attributes device_memory;
    device_memory.attr_index = 2; // Device-nGnRE
    s.map(va + 0x2000, pa + 0x9000, 3, device_memory);
    b.run([&] {
        b.bring_up();
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(5, va + 0x2000, value), tlm::TLM_OK_RESPONSE);
        const ram::access &seen = b.memory.log.back();
        EXPECT_EQ(seen.address, pa + 0x9000);
        EXPECT_EQ(seen.attributes.sid, 5u);
        EXPECT_EQ(seen.attributes.pas, SMMU_PAS_NS);
        EXPECT_EQ(seen.attributes.memattr.mair, SMMU_MAIR_DEVICE_nGnRE);
    });
}

TEST_P(transport, the_forwarded_transaction_carries_the_overridden_instr_and_priv)
{
    s.entry().privcfg = 0b11; // privileged
    s.entry().instcfg = 0b11; // instruction
    s.publish();
    b.run([&] {
        b.bring_up();
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_GENERIC_ERROR_RESPONSE); // PXN follows
        support::leaf_attributes privileged;
        privileged.ap = support::AP_PRIV_RO;
        s.map(va + 0x2000, pa, 3, privileged);
        EXPECT_EQ(b.device().read64(5, va + 0x2000, value), tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(b.memory.log.back().attributes.instr);
        EXPECT_TRUE(b.memory.log.back().attributes.priv);
    });
}

// IHI 0070 13.1.2
struct transport_of_v34 : timing_test {
    static smmu_config version()
    {
        smmu_config cfg = smmu_config_default();
        cfg.arch = 4;
        cfg.e0pd = cfg.ptwnnc = cfg.epan = cfg.mteperm = true;
        return cfg;
    }
    bench b{"b", times(), 1, version()};
};

TEST_P(transport_of_v34, forwards_privileged_data)
{
    b.run([&] {
        smmu::attributes fetch;
        fetch.instr = true;
        transfer t = read_of(pa, 8); // reset state: bypass
        EXPECT_EQ(b.device().send(t.extend(fetch)), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(b.memory.log.back().attributes.instr);
        EXPECT_TRUE(b.memory.log.back().attributes.priv);
    });
}

TEST_P(transport, every_access_of_a_walk_carries_attributes)
{
    b.run([&] {
        b.bring_up();
        b.memory.log.clear();
        std::uint64_t value = 0;
        EXPECT_EQ(b.device().read64(5, va, value), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(b.memory.log.size(), 7u); // STE, CD, four descriptors, data
        for (const ram::access &a : b.memory.log) {
            EXPECT_TRUE(a.extended);
            EXPECT_EQ(a.attributes.sid, 5u);
            EXPECT_EQ(a.attributes.priv, &a != &b.memory.log.back()); // IHI 0070 13.1.2
        }
    });
}

TEST_P(transport, malformed_payloads_are_refused_before_translation)
{
    error_log errors; // of the checker before the TBU
    b.run([&] {
        transfer empty = read_of(pa, 0);
        EXPECT_EQ(b.device().send(empty), tlm::TLM_BURST_ERROR_RESPONSE);
        transfer narrow = read_of(pa, 8);
        narrow.payload.set_streaming_width(0);
        EXPECT_EQ(b.device().send(narrow), tlm::TLM_BURST_ERROR_RESPONSE);
        transfer short_of_data = read_of(pa, 8);
        short_of_data.payload.set_data_length(0);
        EXPECT_EQ(b.device().send(short_of_data), tlm::TLM_BURST_ERROR_RESPONSE);
        unsigned char enable = TLM_BYTE_ENABLED;
        transfer without_enables = read_of(pa, 8);
        without_enables.payload.set_byte_enable_ptr(&enable);
        EXPECT_EQ(b.device().send(without_enables), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        EXPECT_EQ(b.smmu.stats().translations, 0u);
    });
    EXPECT_EQ(errors.ids,
              (std::vector<std::string>{
                  "/smmu/protocol/data_pointer_null", "/smmu/protocol/data_length_zero",
                  "/smmu/protocol/streaming_width_zero", "/smmu/protocol/streaming_width_zero",
                  "/smmu/protocol/data_length_zero", "/smmu/protocol/byte_enable_length_zero"}));
}

TEST_P(transport, a_read_without_data_pointer_is_an_error_and_is_refused)
{
    error_log errors;
    b.run([&] {
        transfer t = read_of(pa, 8);
        t.payload.set_data_ptr(nullptr);
        EXPECT_EQ(b.device().send(t), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(b.smmu.stats().translations, 0u);
    });
    EXPECT_EQ(errors.ids, (std::vector<std::string>{"/smmu/protocol/data_pointer_null",
                                                    "/smmu/client/data_pointer"}));
}

TEST_P(transport, debug_accesses_are_translated_across_pages)
{
    b.run([&] {
        b.bring_up();
        transfer write = write_of(va + 0xffc, counting(8));
        EXPECT_EQ(b.device().debug(write.of_stream(5)), 8u);
        EXPECT_EQ(b.memory.load64(pa_next), 0x0807'0605u);
        transfer read = read_of(va + 0xffc, 8);
        EXPECT_EQ(b.device().debug(read.of_stream(5)), 8u);
        EXPECT_EQ(read.data, counting(8));
    });
}

TEST_P(transport, debug_accesses_end_at_a_fault)
{
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va + 0x1ffc, 8);
        EXPECT_EQ(b.device().debug(t.of_stream(5)), 4u);
        EXPECT_EQ(t.payload.get_data_length(), 8u);
        EXPECT_EQ(t.payload.get_address(), va + 0x1ffc);
    });
}

TEST_P(transport, debug_accesses_end_where_the_memory_behind_does)
{
    s.map(va + 0x2000, ram::base + ram::size);
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va + 0x1ffc, 8);
        EXPECT_EQ(b.device().debug(t.of_stream(5)), 4u);
    });
}

TEST_P(transport, debug_accesses_leave_no_trace)
{
    b.run([&] {
        b.bring_up();
        const smmu_stats before = b.smmu.stats();
        b.memory.log.clear();
        transfer good = read_of(va, 8);
        transfer bad = read_of(va + 0x2000, 8);
        EXPECT_EQ(b.device().debug(good.of_stream(5)), 8u);
        EXPECT_EQ(b.device().debug(bad.of_stream(5)), 0u);
        EXPECT_EQ(b.event_count(), 0u);
        EXPECT_EQ(b.smmu.stats().translations, before.translations);
        EXPECT_EQ(b.smmu.stats().ste_fetches, before.ste_fetches);
        EXPECT_EQ(b.smmu.stats().tlb_fills, before.tlb_fills);
        EXPECT_TRUE(b.memory.log.empty()); // debug transport only
    });
}

// Loosely-timed, without time passing.
TEST_P(transport, a_delay_is_accumulated_or_passes)
{
    b.memory.latency = sc_core::sc_time(50, sc_core::SC_NS);
    b.run([&] {
        b.bring_up();
        const sc_core::sc_time before = now();
        transfer t = read_of(va, 8);
        sc_core::sc_time delay(1, sc_core::SC_NS);
        b.device().socket->b_transport(t.of_stream(5).payload, delay);
        const sc_core::sc_time all(351, sc_core::SC_NS); // 7 accesses
        const bool passes = GetParam() == smmu::timing_mode::approximately_timed;
        EXPECT_EQ(delay, passes ? sc_core::SC_ZERO_TIME : all);
        EXPECT_EQ(now() - before, passes ? all : sc_core::SC_ZERO_TIME);
    });
}

INSTANTIATE_TEST_SUITE_P(modes, transport, both_timings(), timing_name);
INSTANTIATE_TEST_SUITE_P(modes, transport_of_v34, both_timings(), timing_name);

} // namespace

} // namespace tlm_test::test_transport
