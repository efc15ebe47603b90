// SPDX-License-Identifier: Apache-2.0
// smmu::pins::axi_to_tlm and what is exclusive or atomic (IHI 0022 L A6).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../tlm/ram.hpp"
#include "axi_to_tlm_bench.hpp"

namespace pins_test::test_axi_to_tlm_atomics {

namespace {

using namespace smmu::pins;
using strings = std::vector<std::string>;

TEST(axi_to_tlm, does_exclusive_accesses_and_says_that_they_failed)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = read_at(0x100);
        request.lock = true;
        b.put(request);
        b.cycle();
        b.target.answer(0);
        EXPECT_EQ(b.read_response(), unsigned{AXI_OKAY});
        request.write = true;
        b.write(request);
        ASSERT_EQ(b.target.log.size(), 2u);
        EXPECT_EQ(b.target.log[1].data, counted(0, 8));
        b.target.answer(1);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
    });
    EXPECT_EQ(b.log.texts, strings());
}

// A6.3.4.
TEST(axi_to_tlm, answers_exclusive_accesses_of_a_target_that_grants_them)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = read_at(0x100);
        b.put(request);
        request.lock = true;
        b.put(request);
        b.cycle(2);
        ASSERT_EQ(b.target.log.size(), 2u);
        EXPECT_EQ(b.target.log[0].attributes.exclusive, nullptr);
        b.target.log[1].attributes.exclusive->succeeded = true;
        b.target.answer(0);
        EXPECT_EQ(b.read_response(), unsigned{AXI_OKAY});
        b.target.answer(1, tlm::TLM_OK_RESPONSE, 0x50);
        const axi_beat beat = b.get(axi_channel::R);
        EXPECT_EQ(beat.get(axi_signal::RRESP), unsigned{AXI_EXOKAY});
        EXPECT_EQ(beat.byte(axi_signal::RDATA, 1), 0x51);
        request.write = true;
        b.write(request);
        b.target.log[2].attributes.exclusive->succeeded = true;
        b.target.answer(2);
        EXPECT_EQ(b.write_response(), unsigned{AXI_EXOKAY});
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(axi_to_tlm, does_not_send_an_exclusive_write_that_its_monitor_denies)
{
    exclusive_monitor monitor;
    axi_to_tlm_bench b;
    b.bridge.set_monitor(&monitor);
    b.run([&] {
        axi_request request = read_at(0x100);
        request.lock = true;
        b.put(request);
        b.cycle();
        b.target.answer(0);
        EXPECT_EQ(b.read_response(), unsigned{AXI_EXOKAY});
        monitor.written(memory_base + 0x107, 1);
        request.write = true;
        b.write(request);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
        EXPECT_EQ(b.target.log.size(), 1u);
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(axi_to_tlm, grants_no_exclusive_write_after_a_reset_or_a_read_that_failed)
{
    exclusive_monitor monitor;
    axi_to_tlm_bench b;
    b.bridge.set_monitor(&monitor);
    b.run([&] {
        axi_request request = read_at(0x100);
        request.lock = true;
        b.put(request);
        b.cycle();
        b.target.answer(0, tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(b.read_response(), unsigned{AXI_SLVERR});
        request.write = true;
        b.write(request);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
        request.write = false;
        b.put(request);
        b.cycle();
        b.target.answer(1);
        EXPECT_EQ(b.read_response(), unsigned{AXI_EXOKAY});
        b.reset_n.write(false);
        b.cycle(2);
        b.reset_n.write(true);
        b.cycle(2);
        request.write = true;
        b.write(request);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
        EXPECT_EQ(b.target.log.size(), 2u);
    });
    EXPECT_EQ(b.log.texts, strings());
}

// AWATOP 0x30 is a swap, which has both responses; 0x10 an addition, which has one (A6.4.6).
TEST(axi_to_tlm, makes_writes_without_effect_of_atomics_for_who_does_not_know_them)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = write_at(0x100);
        request.atop = 0x30;
        b.write(request, 0x20);
        ASSERT_EQ(b.target.log.size(), 1u);
        const patient_target::seen &swap = b.target.log[0];
        EXPECT_EQ(swap.command, tlm::TLM_WRITE_COMMAND);
        EXPECT_EQ(swap.address, memory_base + 0x100);
        EXPECT_EQ(swap.data, counted(0x20, 8));
        EXPECT_EQ(swap.enables, byte_values(8, 0));
        EXPECT_EQ(swap.attributes.op, SMMU_OP_ATOMIC);
        EXPECT_TRUE(swap.attributes.atomic->function == smmu::atomic_function::swap);
        EXPECT_TRUE(swap.attributes.atomic->returns);
        swap.attributes.atomic->old[7] = 0x99;
        swap.attributes.atomic->done = true;
        b.target.answer(0);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
        const axi_beat beat = b.get(axi_channel::R);
        EXPECT_EQ(beat.get(axi_signal::RRESP), unsigned{AXI_OKAY});
        EXPECT_EQ(beat.byte(axi_signal::RDATA, 7), 0x99);
        request.atop = 0x10;
        b.write(request);
        EXPECT_FALSE(b.target.log[1].attributes.atomic->returns);
        b.target.log[1].attributes.atomic->done = true;
        b.target.answer(1);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
    });
    EXPECT_EQ(b.log.texts, strings());
    EXPECT_EQ(b.bridge.in_flight(), 0u);
}

// An addition of 0x0706050403020100, of which 4 bytes at address 4, with the high byte first.
TEST(axi_to_tlm, updates_memory_that_does_not_know_atomics_by_debug_transport)
{
    axi_to_tlm_bench b;
    b.target.memory = {0, 0, 0, 0, 0x10, 0x20, 0x30, 0xff};
    b.run([&] {
        axi_request request = write_at(4);
        request.atop = 0x28;
        request.size = 2;
        b.write(request, 0, 0xf0);
        b.target.answer(0);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
        EXPECT_EQ(b.get(axi_channel::R).byte(axi_signal::RDATA, 7), 0xff);
    });
    EXPECT_EQ(b.target.memory, (std::vector<unsigned char>{0, 0, 0, 0, 0x14, 0x25, 0x37, 0x06}));
    EXPECT_EQ(b.log.texts, strings());
}

TEST(axi_to_tlm, refuses_atomics_that_memory_does_not_know_without_debug_transport)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = write_at(0x100);
        request.atop = 0x30;
        b.write(request);
        b.target.answer(0);
        EXPECT_EQ(b.write_response(), unsigned{AXI_SLVERR});
        EXPECT_EQ(b.read_response(), unsigned{AXI_SLVERR});
    });
    EXPECT_EQ(b.log.texts,
              strings{"an atomic transaction, which memory does not know, nor debug transport"});
}

TEST(axi_to_tlm, refuses_atomics_without_some_of_their_data)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = write_at(0x100);
        request.atop = 0x30;
        b.write(request, 0, 0x7f);
        EXPECT_EQ(b.write_response(), unsigned{AXI_SLVERR});
        EXPECT_EQ(b.read_response(), unsigned{AXI_SLVERR});
        EXPECT_TRUE(b.target.log.empty());
    });
    EXPECT_EQ(b.log.texts.back(), "an atomic transaction without some of its data");
}

// What is compared comes first, with the lanes of the address (A6.4.3).
TEST(axi_to_tlm, takes_a_compare_of_the_upper_half)
{
    axi_to_tlm_bench b;
    b.target.memory = {0, 0, 0, 0, 4, 5, 6, 7};
    b.run([&] {
        axi_request request = write_at(0x4);
        request.atop = 0x31;
        request.burst = AXI_BURST_WRAP;
        b.write(request);
        ASSERT_EQ(b.target.log.size(), 1u);
        EXPECT_EQ(b.target.log[0].address, memory_base + 4);
        EXPECT_EQ(b.target.log[0].data, counted(0, 4));
        b.target.answer(0);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
        EXPECT_EQ(b.get(axi_channel::R).byte(axi_signal::RDATA, 5), 5);
    });
    EXPECT_EQ(b.target.memory, (std::vector<unsigned char>{0, 0, 0, 0, 0, 1, 2, 3}));
    EXPECT_EQ(b.log.texts, strings());
}

// Its first transfer is aligned, below the address.
TEST(axi_to_tlm, refuses_a_compare_that_is_no_wrapping_burst)
{
    axi_to_tlm_bench b;
    b.run([&] {
        axi_request request = write_at(0x104);
        request.atop = 0x31;
        b.write(request);
        EXPECT_EQ(b.write_response(), unsigned{AXI_SLVERR});
        EXPECT_EQ(b.read_response(), unsigned{AXI_SLVERR});
    });
    EXPECT_EQ(b.log.texts.back(), "a request that breaks a rule of AXI (AWBURST)");
}

} // namespace

} // namespace pins_test::test_axi_to_tlm_atomics
