// SPDX-License-Identifier: Apache-2.0
// smmu::pins::axi_to_tlm makes transactions of bursts, and answers as AXI has it (IHI 0022 L).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "axi_to_tlm_bench.hpp"

namespace pins_test::test_axi_to_tlm {

namespace {

using namespace smmu::pins;
using strings = std::vector<std::string>;

TEST(axi_to_tlm, gathers_the_data_of_an_incrementing_burst)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = write_at(0x100);
        request.len = 2;
        b.write(request);
        ASSERT_EQ(b.target.log.size(), 1u);
        EXPECT_EQ(b.target.log[0].command, tlm::TLM_WRITE_COMMAND);
        EXPECT_EQ(b.target.log[0].address, memory_base + 0x100);
        EXPECT_EQ(b.target.log[0].data, counted(0, 24));
        EXPECT_EQ(b.target.log[0].enables, byte_values());
        EXPECT_EQ(b.target.log[0].width, 24u);
        EXPECT_FALSE(b.is_valid(axi_channel::B));
        b.target.answer(0);
        const axi_beat beat = b.get(axi_channel::B);
        EXPECT_EQ(beat.get(axi_signal::BID), 1u);
        EXPECT_EQ(beat.get(axi_signal::BRESP), unsigned{AXI_OKAY});
    });
    EXPECT_EQ(b.log.texts, strings());
    EXPECT_EQ(b.bridge.in_flight(), 0u);
}

struct mark : tlm::tlm_extension<mark> {
    tlm::tlm_extension_base *clone() const override { return new mark; }
    void copy_from(const tlm::tlm_extension_base &) override {}
};

// IEEE 1666 14.5, 14.8: the payload is used again.
TEST(axi_to_tlm, sends_nothing_on_that_a_target_has_left_in_a_payload)
{
    axi_to_tlm_bench b;
    b.run([&] {
        for (const unsigned number : {0, 1}) {
            b.write(write_at(0x100));
            ASSERT_EQ(b.target.log.size(), number + 1);
            tlm::tlm_generic_payload &payload = *b.target.payloads[number];
            EXPECT_EQ(payload.get_extension<mark>(), nullptr);
            EXPECT_EQ(payload.get_gp_option(), tlm::TLM_MIN_PAYLOAD);
            payload.set_auto_extension(new mark);
            payload.set_gp_option(tlm::TLM_FULL_PAYLOAD_ACCEPTED);
            b.target.answer(number);
            EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
        }
    });
    EXPECT_EQ(b.log.texts, strings());
}

// An unaligned burst of 4-byte transfers at 0x103: byte 3, then 4 to 7 on the upper lanes.
TEST(axi_to_tlm, makes_byte_enables_of_strobes)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = write_at(0x103);
        request.size = 2;
        request.len = 1;
        b.put(request);
        b.data(0, 0x08, false);
        b.data(0, 0xa0);
        b.cycle(2);
        ASSERT_EQ(b.target.log.size(), 1u);
        EXPECT_EQ(b.target.log[0].address, memory_base + 0x103);
        EXPECT_EQ(b.target.log[0].data.size(), 5u);
        EXPECT_EQ(b.target.log[0].enables, (byte_values{0xff, 0, 0xff, 0, 0xff}));
        EXPECT_EQ(b.target.log[0].data[0], 3u);
        EXPECT_EQ(b.target.log[0].data[2], 5u);
        EXPECT_EQ(b.target.log[0].data[4], 7u);
        b.target.answer(0);
        b.write_response();
    });
    EXPECT_EQ(b.log.texts, strings());
}

// Three transfers of bytes 2 and 3 of a word.
TEST(axi_to_tlm, makes_a_streaming_width_of_a_fixed_burst)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = read_at(0x102);
        request.size = 2;
        request.len = 2;
        request.burst = AXI_BURST_FIXED;
        b.put(request);
        b.cycle();
        ASSERT_EQ(b.target.log.size(), 1u);
        EXPECT_EQ(b.target.log[0].address, memory_base + 0x102);
        EXPECT_EQ(b.target.log[0].data.size(), 6u);
        EXPECT_EQ(b.target.log[0].width, 2u);
        b.target.answer(0);
        for (unsigned i = 0; i < 3; i++) {
            const axi_beat beat = b.get(axi_channel::R);
            EXPECT_EQ(beat.byte(axi_signal::RDATA, 2), 2 * i);
            EXPECT_EQ(beat.byte(axi_signal::RDATA, 3), 2 * i + 1);
            EXPECT_EQ(beat.get(axi_signal::RLAST), i == 2);
        }
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(axi_to_tlm, turns_a_wrapping_burst_into_a_line)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = read_at(0x130);
        request.len = 3;
        request.burst = AXI_BURST_WRAP;
        b.put(request);
        b.cycle();
        ASSERT_EQ(b.target.log.size(), 1u);
        EXPECT_EQ(b.target.log[0].address, memory_base + 0x120);
        EXPECT_EQ(b.target.log[0].data.size(), 32u);
        EXPECT_EQ(b.target.log[0].attributes.wrap_beat, 8u);
        EXPECT_EQ(b.target.log[0].attributes.wrap_first, 0x10u);
        b.target.answer(0);
        for (const unsigned first : {16u, 24u, 0u, 8u})
            EXPECT_EQ(b.get(axi_channel::R).byte(axi_signal::RDATA, 0), first);
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(axi_to_tlm, answers_across_ids_in_the_order_of_responses)
{
    axi_to_tlm_bench b;
    b.run([&] {
        for (unsigned id = 0; id < 3; id++)
            b.put(read_at(0x100 * id, id));
        b.cycle(2);
        ASSERT_EQ(b.target.log.size(), 3u);
        for (const unsigned id : {2u, 0u, 1u}) {
            b.target.answer(id);
            b.cycle();
        }
        for (const unsigned id : {2u, 0u, 1u})
            EXPECT_EQ(b.get(axi_channel::R).get(axi_signal::RID), id);
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(axi_to_tlm, answers_reads_of_one_id_in_the_order_of_requests)
{
    axi_to_tlm_bench b;
    b.run([&] {
        for (unsigned i = 0; i < 3; i++)
            b.put(read_at(0x100 * i));
        b.cycle(2);
        b.target.answer(2, tlm::TLM_OK_RESPONSE, 20);
        b.target.answer(1, tlm::TLM_OK_RESPONSE, 10);
        b.cycle(4);
        EXPECT_FALSE(b.is_valid(axi_channel::R));
        b.target.answer(0);
        for (const unsigned first : {0u, 10u, 20u})
            EXPECT_EQ(b.get(axi_channel::R).byte(axi_signal::RDATA, 0), first);
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(axi_to_tlm, answers_writes_of_one_id_in_the_order_of_requests_but_not_behind_reads)
{
    axi_to_tlm_bench b;
    b.run([&] {
        b.put(read_at(0));
        b.write(write_at(0x100));
        b.write(write_at(0x200));
        ASSERT_EQ(b.target.log.size(), 3u);
        b.target.answer(2, tlm::TLM_ADDRESS_ERROR_RESPONSE);
        b.cycle(4);
        EXPECT_FALSE(b.is_valid(axi_channel::B));
        b.target.answer(1);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
        EXPECT_EQ(b.write_response(), unsigned{AXI_DECERR});
        b.target.answer(0);
        b.read_response();
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(axi_to_tlm, answers_errors_with_decerr_or_slverr)
{
    axi_to_tlm_bench b;
    b.run([&] {
        const std::pair<tlm::tlm_response_status, unsigned> rows[] = {
            {tlm::TLM_OK_RESPONSE, AXI_OKAY},
            {tlm::TLM_ADDRESS_ERROR_RESPONSE, AXI_DECERR},
            {tlm::TLM_GENERIC_ERROR_RESPONSE, AXI_SLVERR},
            {tlm::TLM_COMMAND_ERROR_RESPONSE, AXI_SLVERR},
            {tlm::TLM_BURST_ERROR_RESPONSE, AXI_SLVERR}};
        std::size_t number = 0;
        for (const auto &[status, response] : rows) {
            b.put(read_at(0x100));
            b.cycle(2);
            b.target.answer(number++, status);
            EXPECT_EQ(b.read_response(), response);
        }
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(axi_to_tlm, takes_no_more_requests_than_its_limits)
{
    axi_to_tlm_bench b;
    b.bridge.set_outstanding({2, 1});
    b.run([&] {
        b.put(read_at(0, 0));
        b.put(read_at(0x100, 1));
        b.put(write_at(0x200, 0));
        b.data(0);
        b.cycle(5);
        EXPECT_FALSE(b.is_ready(axi_channel::AR));
        EXPECT_FALSE(b.is_ready(axi_channel::AW));
        b.target.answer(0);
        b.read_response();
        b.cycle(2);
        EXPECT_TRUE(b.is_ready(axi_channel::AR));
        EXPECT_FALSE(b.is_ready(axi_channel::AW));
        b.target.answer(2);
        b.write_response();
        b.cycle(2);
        EXPECT_TRUE(b.is_ready(axi_channel::AW));
        b.target.answer(1);
        b.read_response();
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(axi_to_tlm, takes_no_limit_of_0)
{
    axi_to_tlm_bench b;
    b.bridge.set_outstanding({0, 1});
    EXPECT_EQ(b.log.ids, strings{"/smmu/pins/bridge/outstanding"});
}

TEST(axi_to_tlm, refuses_what_breaks_a_rule_of_axi)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = read_at(0xff8);
        request.len = 1; // across 4 KiB
        b.put(request);
        EXPECT_EQ(b.read_response(), unsigned{AXI_SLVERR});
        EXPECT_EQ(b.read_response(), unsigned{AXI_SLVERR});
        EXPECT_TRUE(b.target.log.empty());
    });
    EXPECT_EQ(b.log.ids, (strings{"/smmu/pins/axi/boundary", "/smmu/pins/bridge/refused"}));
    EXPECT_EQ(b.log.texts[1], "a request that breaks a rule of AXI (ARADDR)");
}

TEST(axi_to_tlm, refuses_a_write_whose_last_transfer_comes_early)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = write_at(0x100);
        request.len = 1;
        b.put(request);
        b.data(0, 0xff, true);
        EXPECT_EQ(b.write_response(), unsigned{AXI_SLVERR});
        b.write(write_at(0x200), 8);
        b.target.answer(0);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
        EXPECT_EQ(b.target.log[0].data, counted(8, 8));
    });
    EXPECT_EQ(b.log.texts.back(), "WLAST is not where the burst ends");
}

TEST(axi_to_tlm, refuses_physical_addresses_among_virtual_ones)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = read_at(0x100);
        request.mmuvalid = false;
        b.put(request);
        EXPECT_EQ(b.read_response(), unsigned{AXI_SLVERR});
        EXPECT_TRUE(b.target.log.empty());
    });
    EXPECT_EQ(b.log.texts, strings{"a physical address among virtual ones"});
}

// ARSNOOP 9 is CleanInvalid (A7.3), of a line of 64 bytes.
TEST(axi_to_tlm, sends_maintenance_without_data)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = read_at(0x140);
        request.snoop = 9;
        request.domain = AXI_DOMAIN_INNER;
        request.cache = 0xf;
        request.len = 7;
        b.put(request);
        b.cycle();
        ASSERT_EQ(b.target.log.size(), 1u);
        EXPECT_EQ(b.target.log[0].command, tlm::TLM_IGNORE_COMMAND);
        EXPECT_EQ(b.target.log[0].data.size(), 64u);
        EXPECT_EQ(b.target.log[0].attributes.op, SMMU_OP_CLEAN_INVALIDATE);
        b.target.answer(0);
        const axi_beat beat = b.get(axi_channel::R);
        EXPECT_EQ(beat.get(axi_signal::RLAST), 1u);
    });
    EXPECT_EQ(b.log.texts, strings());
}

// AWSNOOP 14 is StashTranslation (A7.2), a hint.
TEST(axi_to_tlm, drops_hints_that_tlm_has_no_word_for)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = write_at(0x140);
        request.snoop = 14;
        b.put(request);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
        EXPECT_TRUE(b.target.log.empty());
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(axi_to_tlm, forgets_everything_in_reset)
{
    axi_to_tlm_bench b;
    b.run([&] {
        b.target.accepts = false;
        b.put(read_at(0, 0));      // is sent, and not accepted
        b.put(read_at(0x100, 1));  // waits for that
        b.put(write_at(0x200, 2)); // has no data
        b.cycle(2);
        EXPECT_EQ(b.bridge.in_flight(), 3u);
        b.reset_n = false;
        b.cycle(3);
        EXPECT_EQ(b.bridge.in_flight(), 0u);
        b.reset_n = true;
        b.target.accepts = true;
        b.cycle(2);
        b.put(read_at(0x300, 0));
        b.cycle(2);
        const tlm::tlm_generic_payload &old = *b.target.payloads[0];
        b.target.answer(0, tlm::TLM_OK_RESPONSE, 77); // of before the reset
        b.cycle(4);
        EXPECT_EQ(old.get_ref_count(), 0);
        EXPECT_FALSE(b.is_valid(axi_channel::R));
        ASSERT_EQ(b.target.log.size(), 2u);
        EXPECT_EQ(b.target.log[1].address, memory_base + 0x300);
        b.target.answer(1, tlm::TLM_OK_RESPONSE, 5);
        EXPECT_EQ(b.get(axi_channel::R).byte(axi_signal::RDATA, 0), 5u);
    });
    EXPECT_EQ(b.log.texts, strings());
    EXPECT_EQ(b.tlm.in_flight(), 0u);
}

// What waits behind a request that is completed in its call waits here.
TEST(axi_to_tlm, forgets_in_reset_what_waits_behind_a_completed_request)
{
    axi_to_tlm_bench b;
    b.run([&] {
        b.target.accepts = false;
        b.target.completed = 1;
        for (const unsigned id : {0, 1, 2, 3})
            b.put(read_at(0x100 * id, id));
        b.cycle(2);
        ASSERT_EQ(b.target.log.size(), 1u);
        b.target.accept(0);
        b.cycle(2);
        ASSERT_EQ(b.target.log.size(), 3u) << "the third one is not accepted";
        b.reset_n = false;
        b.cycle(3);
        b.reset_n = true;
        b.target.accept(2);
        b.cycle(4);
        EXPECT_EQ(b.target.log.size(), 3u);
        b.target.answer(0);
        b.target.answer(2);
        b.cycle(2);
    });
    EXPECT_EQ(b.log.texts, strings());
    EXPECT_EQ(b.tlm.in_flight(), 0u);
}

} // namespace

} // namespace pins_test::test_axi_to_tlm
