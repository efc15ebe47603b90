// SPDX-License-Identifier: Apache-2.0
// The bench of the approximately-timed tests: see at_bench.hpp.
#include "at_bench.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace tlm_test {

// Stretches go from the arrival to now, and add up to the parts.
void expect_all_divided(const smmu::transaction_record &one)
{
    std::uint64_t sum = 0, times[smmu::latency_parts] = {};
    one.split.each([&](const smmu::latency_stretch &each) {
        times[static_cast<unsigned>(each.part)] += each.time;
        sum += each.time;
    });
    EXPECT_EQ(one.split.arrival() + sum, now().value());
    EXPECT_EQ(one.split.total(), sum);
    for (unsigned i = 0; i < smmu::latency_parts; i++) {
        const auto part = static_cast<smmu::latency_part>(i);
        EXPECT_EQ(one.split.time(part), times[i]) << smmu::latency_part_name(part);
    }
    EXPECT_EQ(one.split.time(smmu::latency_part::other), 0u);
}

smmu::timing approximate_times()
{
    smmu::timing times;
    times.mode = smmu::timing_mode::approximately_timed;
    return times;
}

smmu::timing hand_times()
{
    smmu::timing times = approximate_times();
    times.tbu_cycle = nanoseconds(1);
    times.tbu_beat_bytes = 8;
    times.lookup = nanoseconds(2);
    times.tbu_issue = nanoseconds(3);
    times.link = nanoseconds(20);
    times.config_lookup = nanoseconds(5);
    times.tlb_lookup = nanoseconds(7);
    times.walk_s1_lookup = nanoseconds(11);
    times.walk_issue = nanoseconds(13);
    return times;
}

const std::vector<unsigned smmu::timing::*> every_limit = {
    &smmu::timing::tbu_initiator_reads, &smmu::timing::tbu_initiator_writes,
    &smmu::timing::tbu_slots,           &smmu::timing::tbu_reads,
    &smmu::timing::tbu_writes,          &smmu::timing::tbu_write_beats,
    &smmu::timing::tbu_merging,         &smmu::timing::link_tokens,
    &smmu::timing::tcu_slots,           &smmu::timing::context_walks,
    &smmu::timing::table_walks,         &smmu::timing::walk_merging};

at_bench::at_bench(const smmu::timing &times, const smmu_config &cfg, std::size_t outstanding,
                   const at_initiator_kind &kind, const at_target_kind *target_kind)
    : b("bench", times, 1, cfg, 1, target_kind ? 1 : 0), sender("sender", kind, outstanding)
{
    if (target_kind) {
        target = std::make_unique<at_memory>("target", *target_kind, b.memory);
        b.mem_checkers[0].initiator_socket.bind(target->socket);
    }
    sender.socket.bind(dev_checker.target_socket);
    dev_checker.initiator_socket.bind(b.smmu.dev());
    b.smmu.measure().listen([this](const smmu::transaction_record &one) {
        expect_all_divided(one);
        ended.push_back(one);
    });
    for (unsigned page = 0; page < pages; page++)
        s.map(va + page * 0x1000, bench::data + page * 0x1000);
}

void at_bench::run(std::function<void()> test)
{
    b.run([this, test = std::move(test)] {
        b.bring_up();
        b.memory.latency = nanoseconds(memory_ns);
        test();
    });
    EXPECT_EQ(complaints(), 0u);
    EXPECT_EQ(sender.pool.in_use(), 0u);
}

std::uint64_t at_bench::complaints() const
{
    return dev_checker.complaints() + b.walk_checker.complaints() + b.mem_checkers[0].complaints();
}

at_transfer at_bench::read(unsigned page, unsigned offset, unsigned length)
{
    at_transfer transfer = at_read(va + page * 0x1000 + offset, length);
    transfer.attributes.sid = 1;
    return transfer;
}

at_transfer at_bench::write(unsigned page, unsigned offset, unsigned length)
{
    at_transfer transfer =
        at_write(va + page * 0x1000 + offset, std::vector<unsigned char>(length, 0x5a));
    transfer.attributes.sid = 1;
    return transfer;
}

void at_bench::send(std::vector<at_transfer> &transfers)
{
    for (at_transfer &each : transfers)
        sender.send(each);
    sender.wait_until_idle();
    for (const at_transfer &each : transfers)
        EXPECT_EQ(each.responses, 1u);
}

sc_core::sc_time at_bench::time(at_transfer transfer)
{
    std::vector<at_transfer> one = {std::move(transfer)};
    send(one);
    EXPECT_EQ(one[0].status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(sc_core::sc_time::from_value(ended.back().split.total()),
              one[0].begin_resp - one[0].begin_req);
    return one[0].begin_resp - one[0].begin_req;
}

void at_bench::warm(unsigned first, unsigned last)
{
    for (unsigned page = first; page < last; page++)
        time_of_read(page);
}

} // namespace tlm_test
