// SPDX-License-Identifier: Apache-2.0
// smmu::pins::axi_to_tlm makes transactions of bursts, and answers as AXI has it (IHI 0022 L).
#include <gtest/gtest.h>

#include <functional>
#include <numeric>
#include <vector>

#include <tlm_utils/passthrough_target_socket.h>

#include "../tlm/ram.hpp"
#include "hand_side.hpp"
#include "smmu/pins/axi_to_tlm.hpp"
#include "smmu/tlm/at_target.hpp"
#include "smmu/tlm/protocol_checker.hpp"

namespace pins_test::test_axi_to_tlm {

namespace {

using namespace smmu::pins;
using bytes = std::vector<unsigned>;
using strings = std::vector<std::string>;

// Accepts requests and keeps them until the test answers.
class patient_target : public sc_core::sc_module, private smmu::at_target::user {
  public:
    tlm_utils::passthrough_target_socket<patient_target> socket{"socket"};

    explicit patient_target(const sc_core::sc_module_name &name)
        : sc_module(name), side_("side", *this, [this]() -> tlm::tlm_bw_transport_if<> & {
              return *socket.operator->();
          })
    {
        socket.register_nb_transport_fw(this, &patient_target::nb_transport_fw);
        socket.register_transport_dbg(this, &patient_target::transport_dbg);
    }

    struct seen {
        tlm::tlm_command command;
        std::uint64_t address;
        bytes data, enables;
        unsigned width;
        smmu::attributes attributes;
    };
    std::vector<seen> log;                            // requests that have come
    std::vector<tlm::tlm_generic_payload *> payloads; // of them; answered: nullptr
    bool accepts = true;
    std::size_t completed = SIZE_MAX;  // the request that is answered in its call
    std::vector<unsigned char> memory; // for debug transport, from address `memory_base` on

    // Answers request `number`, a read with bytes from `first` on.
    void answer(std::size_t number, tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE,
                unsigned first = 0)
    {
        tlm::tlm_generic_payload &payload = *payloads.at(number);
        if (payload.is_read())
            std::iota(payload.get_data_ptr(), payload.get_data_ptr() + payload.get_data_length(),
                      static_cast<unsigned char>(first));
        payload.set_response_status(status);
        payloads[number] = nullptr;
        side_.respond(payload);
    }
    void accept(std::size_t number) { side_.accept(*payloads.at(number)); }

  private:
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        return side_.nb_transport_fw(payload, phase, delay);
    }
    unsigned transport_dbg(tlm::tlm_generic_payload &payload)
    {
        EXPECT_EQ(smmu::attributes::of(payload).op, SMMU_OP_ORDINARY);
        const std::uint64_t offset = payload.get_address() - memory_base;
        const unsigned length = payload.get_data_length();
        if (offset + length > memory.size())
            return 0;
        if (payload.is_read())
            std::copy_n(&memory[offset], length, payload.get_data_ptr());
        else
            std::copy_n(payload.get_data_ptr(), length, &memory[offset]);
        return length;
    }
    void request_arrived(tlm::tlm_generic_payload &payload) override
    {
        const unsigned char *const data = payload.get_data_ptr();
        const unsigned char *const enables = payload.get_byte_enable_ptr();
        seen it = {payload.get_command(),         payload.get_address(),        {}, {},
                   payload.get_streaming_width(), smmu::attributes::of(payload)};
        it.data.assign(data, data + payload.get_data_length());
        if (enables)
            it.enables.assign(enables, enables + payload.get_byte_enable_length());
        log.push_back(it);
        payloads.push_back(&payload);
        if (accepts)
            side_.accept(payload);
        if (payloads.size() - 1 == completed)
            answer(completed);
    }

    smmu::at_target side_;
};

struct bench : hand_side_of<axi_side::manager> {
    bench() : hand_side_of("b")
    {
        bridge.ACLK(clock);
        bridge.ARESETn(reset_n);
        bridge.axi.bind(wires);
        bridge.socket.bind(tlm.target_socket);
        tlm.initiator_socket.bind(target.socket);
    }

    // A write of one transfer, as far as the target.
    void write(const axi_request &request, unsigned first = 0, unsigned strobe = 0xff)
    {
        put(request);
        for (unsigned i = 0; i < request.transfers(); i++)
            data(first + 8 * i, strobe, i == request.len);
        cycle(2);
    }
    unsigned write_response()
    {
        return static_cast<unsigned>(get(axi_channel::B).get(axi_signal::BRESP));
    }
    unsigned read_response()
    {
        return static_cast<unsigned>(get(axi_channel::R).get(axi_signal::RRESP));
    }

    axi_to_tlm<full_bus> bridge{"bridge"};
    smmu::protocol_checker<> tlm{"tlm"};
    patient_target target{"target"};
};

bytes counted(unsigned first, unsigned count)
{
    bytes result(count);
    std::iota(result.begin(), result.end(), first);
    return result;
}

TEST(axi_to_tlm, gathers_the_data_of_an_incrementing_burst)
{
    bench b;
    b.run([&] {
        axi_request request = write_at(0x100);
        request.len = 2;
        b.write(request);
        ASSERT_EQ(b.target.log.size(), 1u);
        EXPECT_EQ(b.target.log[0].command, tlm::TLM_WRITE_COMMAND);
        EXPECT_EQ(b.target.log[0].address, memory_base + 0x100);
        EXPECT_EQ(b.target.log[0].data, counted(0, 24));
        EXPECT_EQ(b.target.log[0].enables, bytes());
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

// An unaligned burst of 4-byte transfers at 0x103: byte 3, then 4 to 7 on the upper lanes.
TEST(axi_to_tlm, makes_byte_enables_of_strobes)
{
    bench b;
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
        EXPECT_EQ(b.target.log[0].enables, (bytes{0xff, 0, 0xff, 0, 0xff}));
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
    bench b;
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
    bench b;
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
    bench b;
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
    bench b;
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
    bench b;
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
    bench b;
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
    bench b;
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
    bench b;
    b.bridge.set_outstanding({0, 1});
    EXPECT_EQ(b.log.ids, strings{"/smmu/pins/bridge/outstanding"});
}

TEST(axi_to_tlm, does_exclusive_accesses_and_says_that_they_failed)
{
    bench b;
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
    bench b;
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
    bench b;
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
    bench b;
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
    bench b;
    b.run([&] {
        axi_request request = write_at(0x100);
        request.atop = 0x30;
        b.write(request, 0x20);
        ASSERT_EQ(b.target.log.size(), 1u);
        const patient_target::seen &swap = b.target.log[0];
        EXPECT_EQ(swap.command, tlm::TLM_WRITE_COMMAND);
        EXPECT_EQ(swap.address, memory_base + 0x100);
        EXPECT_EQ(swap.data, counted(0x20, 8));
        EXPECT_EQ(swap.enables, bytes(8, 0));
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
    bench b;
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
    bench b;
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
    bench b;
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
    bench b;
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
    bench b;
    b.run([&] {
        axi_request request = write_at(0x104);
        request.atop = 0x31;
        b.write(request);
        EXPECT_EQ(b.write_response(), unsigned{AXI_SLVERR});
        EXPECT_EQ(b.read_response(), unsigned{AXI_SLVERR});
    });
    EXPECT_EQ(b.log.texts.back(), "a request that breaks a rule of AXI (AWBURST)");
}

TEST(axi_to_tlm, refuses_what_breaks_a_rule_of_axi)
{
    bench b;
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
    bench b;
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
    bench b;
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
    bench b;
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
    bench b;
    b.run([&] {
        axi_request request = write_at(0x140);
        request.snoop = 14;
        b.put(request);
        EXPECT_EQ(b.write_response(), unsigned{AXI_OKAY});
        EXPECT_TRUE(b.target.log.empty());
    });
    EXPECT_EQ(b.log.texts, strings());
}

// Answers the first request in the call that brings the second one.
class prompt_target : public sc_core::sc_module {
  public:
    tlm_utils::passthrough_target_socket<prompt_target> socket{"socket"};

    explicit prompt_target(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_nb_transport_fw(this, &prompt_target::nb_transport_fw);
    }

  private:
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        if (first_) {
            tlm::tlm_phase response = tlm::BEGIN_RESP;
            first_->set_response_status(tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(socket->nb_transport_bw(*first_, response, delay), tlm::TLM_COMPLETED);
        }
        first_ = &payload;
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }

    tlm::tlm_generic_payload *first_ = nullptr;
};

// As behind wires, where all that happens at an edge is seen at the next one.
TEST(axi_to_tlm, shows_what_is_answered_at_an_edge_from_the_next_one_on)
{
    axi_to_tlm_stepped<full_bus> bridge("bridge");
    prompt_target target("target");
    bridge.socket.bind(target.socket);
    axi_values pins = axi_values::of<full_bus>();
    const auto edge = [&] {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        bridge.edge(pins, pin_level::high);
    };
    edge(); // READY
    pins.drive_valid(axi_channel::AR, true);
    for (const unsigned id : {0, 1}) {
        pins.drive(axi_channel::AR, beat_of(read_at(8 * id, id)));
        edge();
        EXPECT_FALSE(pins.is_valid(axi_channel::R));
    }
    pins.drive_valid(axi_channel::AR, false);
    edge();
    EXPECT_TRUE(pins.is_valid(axi_channel::R));
    EXPECT_EQ(pins.beat(axi_channel::R).get(axi_signal::RID), 0u);
}

// Whether the edge at which a bridge of calls takes `request` is quiet.
bool is_quiet_with(const axi_request &request)
{
    axi_to_tlm_stepped<full_bus> bridge("bridge");
    patient_target target("target");
    bridge.socket.bind(target.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    axi_values pins = axi_values::of<full_bus>();
    bridge.edge(pins, pin_level::high); // READY
    const axi_channel channel = request.write ? axi_channel::AW : axi_channel::AR;
    pins.drive(channel, beat_of(request));
    pins.drive_valid(channel, true);
    return bridge.is_quiet(pins);
}

TEST(axi_to_tlm, is_quiet_when_it_takes_the_request_of_a_write)
{
    EXPECT_TRUE(is_quiet_with(write_at(0)));
}

TEST(axi_to_tlm, is_not_quiet_when_it_takes_the_request_of_a_read)
{
    EXPECT_FALSE(is_quiet_with(read_at(0)));
}

// AWSNOOP 12 is StashOnceShared (A7.2), of a line of the Shareable memory.
TEST(axi_to_tlm, is_not_quiet_when_it_takes_a_write_without_data)
{
    axi_request request = write_at(0);
    request.len = 7;
    request.cache = 7;
    request.domain = AXI_DOMAIN_INNER;
    request.snoop = 12;
    EXPECT_FALSE(is_quiet_with(request));
}

// It is reported at its time.
TEST(axi_to_tlm, is_not_quiet_when_it_refuses_a_write)
{
    axi_request request = write_at(0xff8); // crosses 4 KiB (A3.1)
    request.len = 1;
    EXPECT_FALSE(is_quiet_with(request));
}

TEST(axi_to_tlm, is_not_quiet_when_it_refuses_a_physical_address)
{
    axi_request request = write_at(0);
    request.mmuvalid = false;
    EXPECT_FALSE(is_quiet_with(request));
}

// What it has found when it was asked is of one edge.
TEST(axi_to_tlm, takes_requests_that_it_has_been_asked_about_and_others)
{
    axi_to_tlm_stepped<full_bus> bridge("bridge");
    patient_target target("target");
    bridge.socket.bind(target.socket);
    axi_values pins = axi_values::of<full_bus>();
    const auto edge = [&](pin_level reset_n) {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        bridge.edge(pins, reset_n);
    };
    const auto show = [&](const axi_request &request) {
        pins.drive(axi_channel::AW, beat_of(request));
        pins.drive_valid(axi_channel::AW, true);
    };
    edge(pin_level::high); // READY
    show(write_at(0x40));
    EXPECT_TRUE(bridge.is_quiet(pins));
    edge(pin_level::low); // not taken
    edge(pin_level::high);
    show(write_at(0x80));
    EXPECT_TRUE(bridge.is_quiet(pins));
    edge(pin_level::high);
    show(write_at(0xc0));
    edge(pin_level::high);
    pins.drive_valid(axi_channel::AW, false);
    axi_beat data;
    data.set(axi_signal::WSTRB, 0xff);
    data.set(axi_signal::WLAST, 1);
    pins.drive(axi_channel::W, data);
    pins.drive_valid(axi_channel::W, true);
    edge(pin_level::high);
    edge(pin_level::high);
    ASSERT_EQ(target.log.size(), 2u);
    EXPECT_EQ(target.log[0].address, memory_base + 0x80);
    EXPECT_EQ(target.log[1].address, memory_base + 0xc0);
}

TEST(axi_to_tlm, forgets_everything_in_reset)
{
    bench b;
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
    bench b;
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
