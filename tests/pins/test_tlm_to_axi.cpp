// SPDX-License-Identifier: Apache-2.0
// smmu::pins::tlm_to_axi makes legal bursts of transactions (IHI 0022 L A3.1), and takes back what
// comes.
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "../tlm/at_initiators.hpp"
#include "../tlm/ram.hpp"
#include "bridge_hop.hpp"
#include "hand_side.hpp"

namespace pins_test::test_tlm_to_axi {

namespace {

using namespace smmu::pins;
using tlm_test::at_read;
using tlm_test::at_transfer;
using tlm_test::at_write;
using strings = std::vector<std::string>;

// What bursts are about.
struct shape {
    std::uint64_t offset; // from memory_base
    unsigned len, size, burst;

    bool operator==(const shape &other) const
    {
        return offset == other.offset && len == other.len && size == other.size &&
               burst == other.burst;
    }
};

void PrintTo(const shape &it, std::ostream *out)
{
    *out << std::hex << it.offset << " len " << it.len << " size " << it.size << " burst "
         << it.burst;
}

constexpr unsigned FIXED = AXI_BURST_FIXED, INCR = AXI_BURST_INCR, WRAP = AXI_BURST_WRAP;

at_transfer plain(at_transfer it)
{
    it.attributes.memattr = {SMMU_MAIR_NORMAL_NC, SMMU_SH_OUTER};
    return it;
}

struct client : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<client> socket{"socket"};

    explicit client(const sc_core::sc_module_name &name) : sc_module(name) {}

    tlm::tlm_response_status send(at_transfer &it)
    {
        struct extended : tlm::tlm_generic_payload {
            ~extended() override { clear_extension<smmu::attributes>(); }
        } payload;
        tlm_test::fill(payload, it);
        sc_core::sc_time delay;
        socket->b_transport(payload, delay);
        return payload.get_response_status();
    }
};

// A bridge to pins, one back, memory.
template <class C = full_bus> struct bench {
    bench()
    {
        initiator.socket.bind(hop.up.target_socket);
        hop.down.initiator_socket.bind(ram.port);
    }

    void run(const std::function<void()> &test)
    {
        bool ended = false;
        sc_core::sc_spawn([&] {
            test();
            ended = true;
            sc_core::sc_stop();
        });
        sc_core::sc_start(1, sc_core::SC_MS);
        EXPECT_TRUE(ended);
    }

    // The bursts of `it`, which has to succeed.
    std::vector<shape> bursts_of(at_transfer it)
    {
        EXPECT_EQ(initiator.send(it), tlm::TLM_OK_RESPONSE);
        std::vector<shape> result;
        for (const axi_request &each : hop.requests)
            result.push_back({each.addr - memory_base, each.len, each.size, each.burst});
        hop.requests.clear();
        return result;
    }

    warning_log log;
    client initiator{"initiator"};
    bridge_hop_of<C, two_state> hop{"hop", sc_core::sc_time(10, sc_core::SC_NS)};
    tlm_test::ram ram{"ram"};
};

using shapes = std::vector<shape>;

TEST(tlm_to_axi, transfers_exactly_the_bytes_asked_for)
{
    bench<> b;
    b.run([&] {
        EXPECT_EQ(b.bursts_of(plain(at_read(memory_base + 0x100, 8))),
                  (shapes{{0x100, 0, 3, INCR}}));
        EXPECT_EQ(b.bursts_of(plain(at_read(memory_base + 0x104, 4))),
                  (shapes{{0x104, 0, 2, INCR}}));
        EXPECT_EQ(b.bursts_of(plain(at_read(memory_base + 0x103, 13))),
                  (shapes{{0x103, 1, 3, INCR}}));
        EXPECT_EQ(b.bursts_of(plain(at_read(memory_base + 0x105, 3))),
                  (shapes{{0x105, 0, 2, INCR}}));
        // Bytes 1 to 6 of a word.
        EXPECT_EQ(b.bursts_of(plain(at_read(memory_base + 0x101, 6))),
                  (shapes{{0x101, 0, 2, INCR}, {0x104, 0, 1, INCR}, {0x106, 0, 0, INCR}}));
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, crosses_no_boundary_of_4_kib)
{
    bench<> b;
    b.run([&] {
        EXPECT_EQ(b.bursts_of(plain(at_write(memory_base + 0xff8, std::vector<unsigned char>(16)))),
                  (shapes{{0xff8, 0, 3, INCR}, {0x1000, 0, 3, INCR}}));
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, makes_bursts_of_at_most_256_transfers)
{
    bench<> b;
    b.run([&] {
        EXPECT_EQ(b.bursts_of(plain(at_read(memory_base, 2056))),
                  (shapes{{0, 255, 3, INCR}, {0x800, 0, 3, INCR}}));
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, makes_fixed_bursts_of_a_streaming_width)
{
    bench<> b;
    b.run([&] {
        at_transfer it = plain(at_read(memory_base + 0x104, 72)); // 18 times
        it.streaming_width = 4;
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x104, 15, 2, FIXED}, {0x104, 1, 2, FIXED}}));
        it = plain(at_read(memory_base + 0x106, 6)); // the end of a word
        it.streaming_width = 2;
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x106, 2, 1, FIXED}}));
        it = plain(at_read(memory_base + 0x105, 6)); // likewise
        it.streaming_width = 3;
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x105, 1, 2, FIXED}}));
        it = plain(at_read(memory_base + 0x101, 4)); // ends nowhere
        it.streaming_width = 2;
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x101, 0, 0, INCR},
                                           {0x102, 0, 0, INCR},
                                           {0x101, 0, 0, INCR},
                                           {0x102, 0, 0, INCR}}));
        it = plain(at_read(memory_base + 0x104, 6)); // no transfer is like that
        it.streaming_width = 3;
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x104, 0, 1, INCR},
                                           {0x106, 0, 0, INCR},
                                           {0x104, 0, 1, INCR},
                                           {0x106, 0, 0, INCR}}));
        it = at_read(memory_base + 0x104, 8); // a fixed burst is not Shareable
        it.attributes.memattr.sh = SMMU_SH_INNER;
        it.streaming_width = 4;
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x104, 0, 2, INCR}, {0x104, 0, 2, INCR}}));
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, makes_fixed_bursts_of_any_memory_where_there_are_no_domains)
{
    bench<axi4<64, 4, 32>> b;
    b.run([&] {
        at_transfer it = at_read(memory_base + 0x104, 8);
        it.attributes.memattr.sh = SMMU_SH_INNER;
        it.streaming_width = 4;
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x104, 1, 2, FIXED}}));
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, makes_wrapping_bursts)
{
    bench<> b;
    b.run([&] {
        at_transfer it = plain(at_read(memory_base + 0x100, 32));
        it.attributes.wrap_beat = 8;
        it.attributes.wrap_first = 16;
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x110, 3, 3, WRAP}}));
        it.attributes.wrap_beat = 16; // wider than the bus
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x110, 3, 3, WRAP}}));
        it = plain(at_read(memory_base + 0x200, 256)); // too many for one that wraps
        it.attributes.wrap_beat = 16;
        it.attributes.wrap_first = 16;
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x210, 29, 3, INCR}, {0x200, 1, 3, INCR}}));
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, does_maintenance_line_by_line)
{
    bench<> b;
    b.run([&] {
        at_transfer it = at_read(memory_base + 0x130, 0x40);
        it.command = tlm::TLM_IGNORE_COMMAND;
        it.attributes.op = SMMU_OP_INVALIDATE;
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x100, 7, 3, INCR}, {0x140, 7, 3, INCR}}));
        it.attributes.op = SMMU_OP_ORDINARY;
        EXPECT_EQ(b.bursts_of(it), shapes());
    });
    EXPECT_EQ(b.log.texts, strings());
    EXPECT_EQ(b.ram.log.size(), 2u);
    EXPECT_EQ(b.ram.log[0].attributes.op, SMMU_OP_INVALIDATE);
}

TEST(tlm_to_axi, keeps_hinted_accesses_in_a_line)
{
    bench<> b;
    b.run([&] {
        at_transfer it = at_read(memory_base + 0x130, 0x20);
        it.attributes.op = SMMU_OP_READ_DESTRUCTIVE;
        it.attributes.memattr.sh = SMMU_SH_INNER;
        EXPECT_EQ(b.bursts_of(it), (shapes{{0x130, 1, 3, INCR}, {0x140, 1, 3, INCR}}));
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, ends_on_the_bus_what_a_killed_process_has_begun)
{
    bench<> b;
    b.run([&] {
        const auto killed = [&](const at_transfer &of) {
            sc_core::sc_process_handle process = sc_core::sc_spawn([&b, of] {
                at_transfer it = of;
                b.initiator.send(it);
            });
            sc_core::wait(35, sc_core::SC_NS);
            process.kill();
        };
        sc_core::wait(50, sc_core::SC_NS);
        killed(plain(at_write(memory_base + 0x100, std::vector<unsigned char>(256, 0x5a))));
        killed(plain(at_read(memory_base + 0x100, 256)));
        EXPECT_EQ(b.hop.to_pins().in_flight(), 2u);
        sc_core::wait(2, sc_core::SC_US);
        EXPECT_EQ(b.hop.to_pins().in_flight(), 0u);
        EXPECT_EQ(*b.ram.host(memory_base + 0x1ff), 0x5a);
        at_transfer it = plain(at_read(memory_base + 0x1ff, 1));
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(it.data[0], 0x5a);
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, refuses_what_the_bus_cannot_say)
{
    bench<axi4<64, 4, 32>> b;
    b.run([&] {
        at_transfer it = at_read(0x1'0000'0000, 8);
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        it = at_read(0xffff'fffc, 8);
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        it = at_read(memory_base, 8);
        it.attributes.pas = SMMU_PAS_REALM;
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_GENERIC_ERROR_RESPONSE);
        it = at_write(memory_base, std::vector<unsigned char>(8));
        it.attributes.op = SMMU_OP_ATOMIC;
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_COMMAND_ERROR_RESPONSE);
        it = at_read(memory_base, 64);
        it.command = tlm::TLM_IGNORE_COMMAND;
        it.attributes.op = SMMU_OP_CLEAN;
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_COMMAND_ERROR_RESPONSE);
        it.attributes.op = SMMU_OP_PREFETCH; // a hint
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_OK_RESPONSE);
        it = at_read(memory_base, 24);
        it.attributes.wrap_beat = 8;
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_BURST_ERROR_RESPONSE);
        EXPECT_TRUE(b.hop.requests.empty());
    });
    EXPECT_EQ(b.log.ids, strings(6, "/smmu/pins/bridge/refused"));
}

// A6.3.3; IHI 0070 16.7.3.
TEST(tlm_to_axi, asks_for_exclusive_accesses_where_axi_allows_them)
{
    bench<> b;
    smmu::exclusive_access access;
    b.run([&] {
        at_transfer it = plain(at_read(memory_base, 16));
        it.attributes.exclusive = &access;
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(access.succeeded) << "the memory does not grant any";
        it.attributes.memattr = {0xff, SMMU_SH_INNER};
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_OK_RESPONSE);
        ASSERT_EQ(b.hop.requests.size(), 2u);
        EXPECT_TRUE(b.hop.requests[0].lock);
        EXPECT_FALSE(b.hop.requests[1].lock) << "of Shareable memory";
        it = plain(at_read(memory_base, 24));
        it.attributes.exclusive = &access;
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_GENERIC_ERROR_RESPONSE);
        it = plain(at_read(memory_base + 4, 3));
        it.attributes.exclusive = &access;
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_BURST_ERROR_RESPONSE);
    });
    EXPECT_EQ(b.log.texts, (strings{"it would break a rule of AXI (ARLOCK)",
                                    "an exclusive access that is no burst"}));
}

// A6.4.3: 16 bytes on a bus of 8, which begin with what is compared.
TEST(tlm_to_axi, sends_a_compare_and_swap_as_one_transaction)
{
    bench<> b;
    b.ram.atomics = true;
    b.ram.store64(memory_base + 8, 0x1122);
    smmu::compare_and_swap swap;
    swap.expected[0] = 0x22;
    swap.expected[1] = 0x11;
    swap.value[7] = 0x77;
    b.run([&] {
        at_transfer it = plain(at_read(memory_base + 8, 8));
        it.attributes.swap = &swap;
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(swap.done);
        EXPECT_EQ(it.data, (std::vector<unsigned char>{0x22, 0x11, 0, 0, 0, 0, 0, 0}));
        ASSERT_EQ(b.hop.requests.size(), 1u);
        const axi_request &request = b.hop.requests[0];
        EXPECT_TRUE(request.write);
        EXPECT_EQ(request.atop, 0x31u);
        EXPECT_EQ(request.addr, memory_base + 8);
        EXPECT_EQ(request.len, 1u);
        EXPECT_EQ(request.burst, unsigned{AXI_BURST_WRAP});
    });
    EXPECT_EQ(b.ram.load64(memory_base + 8), 0x7700000000000000u);
    EXPECT_EQ(b.log.texts, strings());
}

// A6.4.3: 32 bytes, the most that there are, for descriptors of 128 bits.
TEST(tlm_to_axi, sends_a_compare_and_swap_of_16_bytes_as_one_transaction)
{
    bench<> b;
    b.ram.atomics = true;
    b.ram.store64(memory_base + 16, 0x1122);
    b.ram.store64(memory_base + 24, 0x3344);
    smmu::compare_and_swap swap;
    swap.size = 16;
    swap.expected[0] = 0x22;
    swap.expected[1] = 0x11;
    swap.expected[8] = 0x44;
    swap.expected[9] = 0x33;
    swap.value[7] = 0x77;
    swap.value[15] = 0x99;
    b.run([&] {
        at_transfer it = plain(at_read(memory_base + 16, 16));
        it.attributes.swap = &swap;
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_OK_RESPONSE);
        EXPECT_TRUE(swap.done);
        EXPECT_EQ(it.data, (std::vector<unsigned char>{0x22, 0x11, 0, 0, 0, 0, 0, 0, 0x44, 0x33, 0,
                                                       0, 0, 0, 0, 0}));
        ASSERT_EQ(b.hop.requests.size(), 1u);
        const axi_request &request = b.hop.requests[0];
        EXPECT_EQ(request.atop, 0x31u);
        EXPECT_EQ(request.addr, memory_base + 16);
        EXPECT_EQ(request.len, 3u);
        EXPECT_EQ(request.burst, unsigned{AXI_BURST_WRAP});
    });
    EXPECT_EQ(b.ram.load64(memory_base + 16), 0x7700000000000000u);
    EXPECT_EQ(b.ram.load64(memory_base + 24), 0x9900000000000000u);
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, reads_for_a_compare_and_swap_on_a_bus_without_atomics)
{
    bench<axi4<64, 4, 32>> b;
    smmu::compare_and_swap swap;
    b.run([&] {
        at_transfer it = at_read(memory_base, 8);
        it.attributes.swap = &swap;
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_OK_RESPONSE);
        EXPECT_FALSE(swap.done);
        ASSERT_EQ(b.hop.requests.size(), 1u);
        EXPECT_FALSE(b.hop.requests[0].write);
    });
    EXPECT_EQ(b.log.texts, strings());
}

// A Secure stream has translated by ATS (A13.6.2).
TEST(tlm_to_axi, refuses_what_would_break_a_rule_of_axi)
{
    bench<> b;
    b.run([&] {
        at_transfer it = at_read(memory_base, 8);
        it.attributes.sec = SMMU_SEC_S;
        it.attributes.translated = true;
        EXPECT_EQ(b.initiator.send(it), tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_TRUE(b.hop.requests.empty());
    });
    EXPECT_EQ(b.log.texts, strings{"it would break a rule of AXI (ARMMUSECSID)"});
}

TEST(tlm_to_axi, has_debug_transport_by_the_back_door_alone)
{
    bench<> b;
    b.hop.backdoor().bind(b.ram.port);
    b.ram.store64(memory_base + 0x100, 0x1122334455667788);
    at_transfer it = at_read(memory_base + 0x100, 8);
    tlm::tlm_generic_payload payload;
    tlm_test::fill(payload, it);
    sc_core::sc_start(1, sc_core::SC_NS);
    EXPECT_EQ(b.initiator.socket->transport_dbg(payload), 8u);
    EXPECT_EQ(it.data[0], 0x88);
    tlm::tlm_dmi dmi;
    b.ram.grant_all();
    EXPECT_FALSE(b.initiator.socket->get_direct_mem_ptr(payload, dmi));
    payload.clear_extension<smmu::attributes>();
    EXPECT_TRUE(b.hop.requests.empty());
}

TEST(tlm_to_axi, has_no_debug_transport_without_a_back_door)
{
    bench<> b;
    at_transfer it = at_read(memory_base + 0x100, 8);
    tlm::tlm_generic_payload payload;
    tlm_test::fill(payload, it);
    sc_core::sc_start(1, sc_core::SC_NS);
    EXPECT_EQ(b.initiator.socket->transport_dbg(payload), 0u);
    payload.clear_extension<smmu::attributes>();
}

// The bus by hand.
struct hand_bench : hand_side_of<axi_side::subordinate> {
    hand_bench() : hand_side_of("b")
    {
        bridge.ACLK(clock);
        bridge.ARESETn(reset_n);
        bridge.axi.bind(wires);
        tlm.initiator_socket.bind(bridge.socket);
        sender.socket.bind(tlm.target_socket);
    }

    void answer_read(unsigned id, unsigned response, bool last = true)
    {
        axi_beat beat;
        beat.set(axi_signal::RID, id);
        beat.set(axi_signal::RRESP, response);
        beat.set(axi_signal::RLAST, last);
        beat.set(axi_signal::RDATA, 0x0706050403020100);
        put(axi_channel::R, beat);
        cycle(2);
    }
    void answer_write(unsigned id, unsigned response)
    {
        axi_beat beat;
        beat.set(axi_signal::BID, id);
        beat.set(axi_signal::BRESP, response);
        put(axi_channel::B, beat);
        cycle(2);
    }
    axi_request request(axi_channel channel) { return request_of(channel, get(channel)); }

    tlm_to_axi<full_bus> bridge{"bridge"};
    smmu::protocol_checker<> tlm{"tlm"};
    tlm_test::at_sender sender{"sender", tlm_test::at_initiator_kinds[0], 16};
};

at_transfer read_by(unsigned id, unsigned length = 8)
{
    at_transfer it = plain(at_read(memory_base + 0x100 * id, length));
    it.attributes.id = id;
    return it;
}

TEST(tlm_to_axi, answers_by_id)
{
    hand_bench b;
    at_transfer one = read_by(1), two = read_by(2);
    b.run([&] {
        b.sender.send(one);
        b.sender.send(two);
        EXPECT_EQ(b.request(axi_channel::AR).id, 1u);
        EXPECT_EQ(b.request(axi_channel::AR).id, 2u);
        b.answer_read(2, AXI_DECERR);
        EXPECT_EQ(two.status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(one.responses, 0u);
        b.answer_read(1, AXI_OKAY);
        EXPECT_EQ(one.status, tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(one.data, (std::vector<unsigned char>{0, 1, 2, 3, 4, 5, 6, 7}));
        EXPECT_EQ(two.data, std::vector<unsigned char>(8, 0xee));
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, answers_with_the_first_error_of_its_bursts)
{
    hand_bench b;
    at_transfer it = plain(at_write(memory_base + 0xff8, std::vector<unsigned char>(24)));
    b.run([&] {
        b.sender.send(it);
        for (unsigned i = 0; i < 2; i++)
            b.request(axi_channel::AW);
        for (unsigned i = 0; i < 3; i++)
            b.get(axi_channel::W);
        b.answer_write(0, AXI_SLVERR);
        EXPECT_EQ(it.responses, 0u);
        b.answer_write(0, AXI_DECERR);
        EXPECT_EQ(it.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, answers_a_read_whose_data_end_early_with_an_error)
{
    hand_bench b;
    at_transfer it = read_by(1, 16);
    b.run([&] {
        b.sender.send(it);
        b.request(axi_channel::AR);
        b.answer_read(1, AXI_OKAY);
        EXPECT_EQ(it.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
    EXPECT_EQ(b.log.ids, strings{"/smmu/pins/axi/read_last"});
}

// The subordinate breaks a rule. Its bus gets the data all the same, which are the initiator's
// until then.
TEST(tlm_to_axi, answers_a_write_whose_response_comes_before_its_data_with_an_error)
{
    hand_bench b;
    at_transfer it = plain(at_write(memory_base, std::vector<unsigned char>(24, 0x5a)));
    b.run([&] {
        b.sender.send(it);
        b.request(axi_channel::AW);
        b.answer_write(0, AXI_OKAY);
        EXPECT_EQ(it.responses, 0u);
        for (unsigned i = 0; i < 3; i++)
            EXPECT_EQ(b.get(axi_channel::W).get(axi_signal::WDATA), 0x5a5a5a5a5a5a5a5a);
        b.cycle(2);
        EXPECT_EQ(it.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
    EXPECT_EQ(b.log.ids, strings{"/smmu/pins/axi/write_response_early"});
    EXPECT_EQ(b.bridge.in_flight(), 0u);
}

// A6.4.4.
TEST(tlm_to_axi, sends_an_atomic_transaction_when_its_id_is_free)
{
    hand_bench b;
    std::deque<at_transfer> transfers = {read_by(1), plain(tlm_test::at_write(memory_base, {1})),
                                         read_by(1), read_by(2)};
    smmu::atomic_access atomic;
    transfers[1].attributes.id = 1;
    transfers[1].attributes.op = SMMU_OP_ATOMIC;
    transfers[1].attributes.atomic = &atomic;
    atomic.returns = true;
    b.run([&] {
        for (at_transfer &each : transfers)
            b.sender.send(each);
        EXPECT_EQ(b.request(axi_channel::AR).id, 1u);
        b.cycle(4);
        EXPECT_FALSE(b.is_valid(axi_channel::AW)) << "a read of its ID is outstanding";
        b.answer_read(1, AXI_OKAY);
        EXPECT_EQ(b.request(axi_channel::AW).atop, 0x30u);
        EXPECT_EQ(b.get(axi_channel::W).get(axi_signal::WSTRB), 1u);
        b.cycle(4);
        EXPECT_FALSE(b.is_valid(axi_channel::AR)) << "it has its ID alone";
        b.answer_write(1, AXI_OKAY);
        b.cycle(4);
        EXPECT_FALSE(b.is_valid(axi_channel::AR)) << "its data have not come back";
        EXPECT_FALSE(atomic.done);
        b.answer_read(1, AXI_OKAY);
        EXPECT_TRUE(atomic.done);
        EXPECT_EQ(b.request(axi_channel::AR).id, 1u);
        b.answer_read(1, AXI_OKAY);
        EXPECT_EQ(b.request(axi_channel::AR).id, 2u);
        b.answer_read(2, AXI_OKAY);
        b.sender.wait_until_idle();
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, issues_no_more_than_its_limits_and_holds_up_the_initiator)
{
    hand_bench b;
    b.bridge.set_outstanding({2, 2});
    std::vector<at_transfer> reads = {read_by(1), read_by(2), read_by(3), read_by(4)};
    b.run([&] {
        for (at_transfer &each : reads)
            b.sender.send(each);
        b.request(axi_channel::AR);
        b.request(axi_channel::AR);
        b.cycle(4);
        EXPECT_FALSE(b.is_valid(axi_channel::AR));
        EXPECT_EQ(b.bridge.in_flight(), 3u); // the fourth has not been sent
        b.answer_read(1, AXI_OKAY);
        EXPECT_EQ(b.request(axi_channel::AR).id, 3u);
        b.answer_read(2, AXI_OKAY);
        EXPECT_EQ(b.request(axi_channel::AR).id, 4u);
        b.answer_read(3, AXI_OKAY);
        b.answer_read(4, AXI_OKAY);
    });
    EXPECT_EQ(b.log.texts, strings());
    EXPECT_EQ(b.bridge.in_flight(), 0u);
}

TEST(tlm_to_axi, takes_no_limit_of_0)
{
    hand_bench b;
    b.bridge.set_outstanding({1, 0});
    EXPECT_EQ(b.log.ids, strings{"/smmu/pins/bridge/outstanding"});
}

TEST(tlm_to_axi, does_not_hold_reads_up_behind_writes)
{
    hand_bench b;
    at_transfer write = plain(at_write(memory_base, std::vector<unsigned char>(8)));
    at_transfer read = read_by(1);
    b.run([&] {
        b.sender.send(write);
        b.sender.send(read);
        b.request(axi_channel::AR); // though AW has not been taken
        b.answer_read(1, AXI_OKAY);
        EXPECT_EQ(read.status, tlm::TLM_OK_RESPONSE);
        b.request(axi_channel::AW);
        b.get(axi_channel::W);
        b.answer_write(0, AXI_OKAY);
        EXPECT_EQ(write.status, tlm::TLM_OK_RESPONSE);
    });
    EXPECT_EQ(b.log.texts, strings());
}

TEST(tlm_to_axi, ends_what_is_in_flight_when_a_reset_begins)
{
    hand_bench b;
    b.bridge.set_outstanding({1, 1});
    at_transfer one = read_by(1), two = read_by(2), three = read_by(3);
    b.run([&] {
        b.sender.send(one);
        b.sender.send(two);
        b.request(axi_channel::AR);
        b.cycle(2);
        b.reset_n = false;
        b.cycle(3);
        EXPECT_EQ(one.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        EXPECT_EQ(two.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
        b.sender.send(three);
        b.cycle(3);
        EXPECT_EQ(three.responses, 0u);
        EXPECT_FALSE(b.is_valid(axi_channel::AR));
        b.reset_n = true;
        EXPECT_EQ(b.request(axi_channel::AR).id, 3u);
        b.answer_read(3, AXI_OKAY);
        EXPECT_EQ(three.status, tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(one.responses + two.responses + three.responses, 3u);
    });
    EXPECT_EQ(b.log.texts, strings());
}

} // namespace

} // namespace pins_test::test_tlm_to_axi
