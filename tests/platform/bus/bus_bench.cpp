// SPDX-License-Identifier: Apache-2.0
// Initiators, a router and memories: see bus_bench.hpp.
#include "bus_bench.hpp"

#include <algorithm>

namespace test {

namespace {

const tlm_test::at_initiator_kind &kind_of(const std::string &name)
{
    return *std::find_if(
        tlm_test::at_initiator_kinds.begin(), tlm_test::at_initiator_kinds.end(),
        [&](const tlm_test::at_initiator_kind &kind) { return name == kind.name; });
}

std::unique_ptr<vp::device> make_memory(const bus_bench::shape &s, const char *name)
{
    if (s.dram)
        return std::make_unique<vp::dram_memory>(name, memory_size, *s.dram, s.approximate, true);
    return std::make_unique<vp::ram>(name, s.present, s.latency);
}

} // namespace

bus_bench::bus_bench(const sc_core::sc_module_name &name, const shape &s, const crossbar_port &all)
    : sc_module(name), router("router", s.initiators, s.memories, all, s.approximate)
{
    for (unsigned i = 0; i < s.initiators; i++) {
        senders.push_back(std::make_unique<tlm_test::at_sender>(
            ("sender" + std::to_string(i)).c_str(), kind_of(s.kind), s.outstanding));
        checkers_.push_back(
            std::make_unique<smmu::protocol_checker<>>(("upstream" + std::to_string(i)).c_str()));
        senders[i]->socket.bind(checkers_.back()->target_socket);
        checkers_.back()->initiator_socket.bind(router.up[i]);
    }
    for (unsigned i = 0; i < s.memories; i++) {
        memories.push_back(make_memory(s, ("memory" + std::to_string(i)).c_str()));
        checkers_.push_back(
            std::make_unique<smmu::protocol_checker<>>(("downstream" + std::to_string(i)).c_str()));
        router.map(i, memory_base(i), memory_size);
        router.down[i].bind(checkers_.back()->target_socket);
        checkers_.back()->initiator_socket.bind(*memories[i]->regs()[0]);
    }
}

bus_bench::~bus_bench()
{
    for (const auto &checker : checkers_)
        EXPECT_EQ(checker->in_flight(), 0u) << checker->name();
    for (const auto &sender : senders)
        EXPECT_EQ(sender->pool.in_use(), 0u);
    for (const auto &transfer : transfers_)
        EXPECT_EQ(transfer->responses, 1u);
}

tlm_test::at_transfer &bus_bench::send(unsigned from, tlm_test::at_transfer transfer,
                                       const sc_time &when)
{
    transfers_.push_back(std::make_unique<tlm_test::at_transfer>(std::move(transfer)));
    transfers_.back()->not_before = when;
    senders[from]->send(*transfers_.back());
    return *transfers_.back();
}

bus_bench::blocked &bus_bench::block(unsigned from, tlm::tlm_command command, std::uint64_t address,
                                     std::vector<unsigned char> &data, const sc_time &when,
                                     const sc_time &delay)
{
    blocked_.push_back(std::make_unique<blocked>());
    blocked &b = *blocked_.back();
    b.delay = delay;
    b.process = sc_core::sc_spawn([this, &b, &data, from, command, address, when] {
        tlm::tlm_generic_payload trans;
        if (when > sc_core::sc_time_stamp())
            sc_core::wait(when - sc_core::sc_time_stamp());
        trans.set_command(command);
        trans.set_address(address);
        trans.set_data_ptr(data.data());
        trans.set_data_length(static_cast<unsigned>(data.size()));
        trans.set_streaming_width(static_cast<unsigned>(data.size()));
        senders[from]->socket->b_transport(trans, b.delay);
        EXPECT_EQ(trans.get_address(), address);
        b.returned = sc_core::sc_time_stamp() + b.delay;
        b.status = trans.get_response_status();
        b.done = true;
    });
    return b;
}

} // namespace test
