// SPDX-License-Identifier: Apache-2.0
// The results of random traffic do not depend on the timing, and it always comes to an end.
#include <gtest/gtest.h>

#include "bus_bench.hpp"
#include "support/random.hpp"

namespace test_router_results {
namespace {

using namespace test;
using bytes = std::vector<unsigned char>;

constexpr unsigned initiators = 4;
constexpr unsigned memories = 3;
constexpr unsigned transfers = 300; // of each initiator

// Traffic of which each initiator has a part of every memory for itself: what it reads depends on
// the order of its own transfers alone.
std::vector<tlm_test::at_transfer> traffic_of(unsigned initiator)
{
    support::random_source random(0x7ab1e + initiator);
    std::vector<tlm_test::at_transfer> list;
    for (unsigned i = 0; i < transfers; i++) {
        const auto length = static_cast<unsigned>(random.between(1, 64));
        const std::uint64_t address = memory_base(static_cast<unsigned>(random.below(memories))) +
                                      0x400 * initiator + random.below(0x400 - length);
        if (random.one_in(20)) {
            list.push_back(tlm_test::at_read(0x1000, length)); // nowhere
        } else if (random.coin()) {
            list.push_back(tlm_test::at_read(address, length));
        } else {
            bytes data(length);
            for (unsigned char &byte : data)
                byte = static_cast<unsigned char>(random.bits(8));
            list.push_back(tlm_test::at_write(address, data));
        }
        list.back().attributes.qos = static_cast<std::uint8_t>(random.bits(4));
        if (random.one_in(5))
            for (unsigned k = 0; k < length; k++)
                list.back().byte_enables.push_back(random.coin() ? TLM_BYTE_ENABLED
                                                                 : TLM_BYTE_DISABLED);
    }
    return list;
}

// Status and data of every transfer, and what the memories have in the end.
struct results {
    std::vector<tlm::tlm_response_status> statuses;
    std::vector<bytes> data;

    bool operator==(const results &other) const
    {
        return statuses == other.statuses && data == other.data;
    }
};

void note_memories(bus_bench &b, results &found)
{
    for (unsigned i = 0; i < memories; i++) {
        bytes contents(memory_size);
        tlm::tlm_generic_payload trans;
        trans.set_command(tlm::TLM_READ_COMMAND);
        trans.set_address(memory_base(i));
        trans.set_data_ptr(contents.data());
        trans.set_data_length(memory_size);
        b.senders[0]->socket->transport_dbg(trans);
        found.data.push_back(contents);
    }
}

// By b_transport, one transfer after the other.
results loosely_timed(bus_bench &b)
{
    results found;
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    for (unsigned i = 0; i < initiators; i++)
        for (tlm_test::at_transfer &t : traffic_of(i)) {
            tlm::tlm_generic_payload trans;
            sc_core::sc_time delay;
            const auto length = static_cast<unsigned>(t.data.size());
            trans.set_command(t.command);
            trans.set_address(t.address);
            trans.set_data_ptr(t.data.data());
            trans.set_data_length(length);
            trans.set_streaming_width(length);
            if (!t.byte_enables.empty()) {
                trans.set_byte_enable_ptr(t.byte_enables.data());
                trans.set_byte_enable_length(length);
            }
            b.senders[i]->socket->b_transport(trans, delay);
            found.statuses.push_back(trans.get_response_status());
            found.data.push_back(t.data);
        }
    note_memories(b, found);
    return found;
}

results approximately_timed(bus_bench &b)
{
    std::vector<const tlm_test::at_transfer *> sent;
    results found;
    for (unsigned i = 0; i < initiators; i++)
        for (const tlm_test::at_transfer &t : traffic_of(i))
            sent.push_back(&b.send(i, t));
    sc_core::sc_start();
    for (const tlm_test::at_transfer *t : sent) {
        found.statuses.push_back(t->status);
        found.data.push_back(t->data);
    }
    note_memories(b, found);
    return found;
}

struct variant {
    const char *name;
    sc_time latency; // of memories
    std::size_t outstanding;
    crossbar_port port;
    const dram_config *dram; // nullptr: the memories are RAM
};

dram_config preset(dram_preset which)
{
    dram_config config = {};
    dram_config_preset(&config, which);
    return config;
}

dram_config smallest_dram()
{
    dram_config config = preset(DRAM_DDR4_2400);
    config.banks = config.queue = config.passes = 1;
    return config;
}

const dram_config ddr4 = preset(DRAM_DDR4_2400);
const dram_config ddr5 = preset(DRAM_DDR5_6400);
const dram_config smallest = smallest_dram();

class router_results : public testing::TestWithParam<variant> {};

TEST_P(router_results, are_those_of_loose_timing)
{
    bus_bench loose("loose", {initiators, memories, false});
    bus_bench::shape shape = {initiators, memories, true, GetParam().latency};
    shape.outstanding = GetParam().outstanding;
    shape.dram = GetParam().dram;
    bus_bench approximate("approximate", shape, GetParam().port);
    const results expected = loosely_timed(loose);
    EXPECT_TRUE(approximately_timed(approximate) == expected);
}

// Limits of one wherever there is a limit.
constexpr crossbar_port one_at_a_time = {8, 1000, 3000, 2000, 1, 1, CROSSBAR_FIXED};

INSTANTIATE_TEST_SUITE_P(
    router, router_results,
    testing::Values(
        variant{"untimed", ns(0), 8, {}, nullptr},
        variant{"timed", ns(20), 8, {8, 1000, 3000, 2000, 0, 0, CROSSBAR_ROUND_ROBIN}, nullptr},
        variant{"limited", ns(20), 8, {8, 1000, 3000, 2000, 4, 3, CROSSBAR_QOS}, nullptr},
        variant{"one_at_a_time", ns(20), 8, one_at_a_time, nullptr},
        variant{"one_at_a_time_untimed", ns(0), 1, {0, 0, 0, 0, 1, 1, CROSSBAR_QOS}, nullptr},
        variant{"dram", ns(0), 8, {}, &ddr4},
        variant{"dram_limited", ns(0), 8, {8, 1000, 3000, 2000, 4, 3, CROSSBAR_QOS}, &ddr5},
        variant{"dram_one_at_a_time", ns(0), 8, one_at_a_time, &smallest}),
    [](const testing::TestParamInfo<variant> &info) { return std::string(info.param.name); });

} // namespace
} // namespace test_router_results
