// SPDX-License-Identifier: Apache-2.0
// An initiator that calls back at once: from nb_transport_bw() it sends what comes next.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>

#include "at_bench.hpp"

namespace tlm_test::test_tbu_hasty {

namespace {

// Begins the next request in the call that accepts the last one, and ends a response in the call
// that begins it, by a call of its own or by what it returns.
struct hasty_initiator : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<hasty_initiator> socket{"socket"};
    std::vector<at_transfer> transfers;
    payload_pool pool;
    std::size_t begun = 0;
    std::size_t ended = 0;
    bool requesting = false;
    bool calls = false; // END_RESP

    explicit hasty_initiator(const sc_core::sc_module_name &name) : sc_module(name)
    {
        socket.register_nb_transport_bw(this, &hasty_initiator::nb_transport_bw);
    }

    void begin_next()
    {
        while (!requesting && begun < transfers.size()) {
            at_transfer &transfer = transfers[begun++];
            tlm::tlm_generic_payload &payload = pool.take();
            fill(payload, transfer);
            requesting = true;
            tlm::tlm_phase phase = tlm::BEGIN_REQ;
            sc_core::sc_time delay;
            if (socket->nb_transport_fw(payload, phase, delay) == tlm::TLM_UPDATED) {
                ASSERT_EQ(phase, tlm::END_REQ);
                ASSERT_EQ(delay, sc_core::SC_ZERO_TIME);
                requesting = false;
            }
        }
    }

    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                       sc_core::sc_time &delay)
    {
        if (phase == tlm::END_REQ) {
            requesting = false;
            begin_next();
            return tlm::TLM_ACCEPTED;
        }
        EXPECT_EQ(phase, tlm::BEGIN_RESP);
        EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
        EXPECT_EQ(payload.get_response_status(), tlm::TLM_OK_RESPONSE);
        ended++;
        if (!calls) {
            begin_next();
            payload.release();
            return tlm::TLM_COMPLETED;
        }
        tlm::tlm_phase end = tlm::END_RESP;
        sc_core::sc_time now;
        socket->nb_transport_fw(payload, end, now);
        begin_next();
        payload.release();
        return tlm::TLM_ACCEPTED;
    }
};

class hasty : public testing::TestWithParam<std::tuple<at_target_kind, bool, unsigned>> {};

TEST_P(hasty, initiators_get_every_transfer_done)
{
    const auto &[kind, calls, limit] = GetParam();
    smmu::timing times = approximate_times();
    times.tbu_slots = times.tbu_reads = times.tbu_writes = times.tbu_write_beats = limit;
    times.link_tokens = times.tcu_slots = limit;
    bench b("bench", times, 1, smmu_config_default(), 1, 1);
    stream s(b, 1);
    hasty_initiator from("from");
    smmu::protocol_checker<> checker("checker");
    at_memory memory("memory", kind, b.memory);
    from.calls = calls;
    from.socket.bind(checker.target_socket);
    checker.initiator_socket.bind(b.smmu.dev());
    b.mem_checkers[0].initiator_socket.bind(memory.socket);
    for (unsigned page = 0; page < 5; page++)
        s.map(at_bench::va + page * 0x1000, bench::data + page * 0x1000);
    for (unsigned i = 0; i < 40; i++) {
        const unsigned offset = i % 4 == 3 ? 0xff0 : 0x40 * i; // some across the end of a page
        from.transfers.push_back(i % 2 ? at_bench::write(i / 10, offset, 32)
                                       : at_bench::read(i / 10, offset, 32));
        from.transfers.back().attributes.id = i % 3;
    }
    b.run([&] {
        b.bring_up();
        from.begin_next();
        sc_core::wait(nanoseconds(100'000));
        EXPECT_EQ(from.ended, 40u);
    });
    EXPECT_EQ(checker.complaints() + b.mem_checkers[0].complaints(), 0u);
    EXPECT_EQ(checker.in_flight() + b.mem_checkers[0].in_flight(), 0u);
    EXPECT_EQ(from.pool.in_use(), 0u);
}

INSTANTIATE_TEST_SUITE_P(of_a_tbu, hasty,
                         testing::Combine(testing::ValuesIn(at_target_kinds), testing::Bool(),
                                          testing::Values(0u, 1u)),
                         [](const auto &info) {
                             return std::string(std::get<0>(info.param).name) +
                                    (std::get<1>(info.param) ? "_calling" : "_completing") +
                                    (std::get<2>(info.param) ? "_limited" : "");
                         });

} // namespace

} // namespace tlm_test::test_tbu_hasty
