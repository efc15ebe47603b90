// SPDX-License-Identifier: Apache-2.0
// Many transactions, and many pieces of one, that go on in no time: they take no more of the stack
// of the process in which they do than a few. Processes have stacks of the default size.
#include <gtest/gtest.h>

#include "at_bench.hpp"

namespace tlm_test::test_tbu_many {

namespace {

constexpr std::uint64_t unmapped = at_bench::va + 0x100'0000'0000;

tlm::tlm_response_status call(at_bench &t, tlm::tlm_command command, std::uint64_t address,
                              unsigned length)
{
    std::vector<unsigned char> data(length);
    tlm::tlm_generic_payload payload;
    smmu::attributes attributes;
    attributes.sid = 1;
    payload.set_extension(&attributes);
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(data.data());
    payload.set_data_length(length);
    payload.set_streaming_width(length);
    sc_core::sc_time delay;
    t.sender.socket->b_transport(payload, delay);
    payload.clear_extension(&attributes);
    return payload.get_response_status();
}

TEST(tbu_many, pages_of_what_transfers_nothing)
{
    at_bench t(approximate_times());
    t.s.context().a = 0; // IHI 0070 5.5: terminate, RAZ/WI
    t.s.publish();
    t.run([&] {
        sc_core::wait(sc_core::sc_spawn([&] {
                          EXPECT_EQ(call(t, tlm::TLM_IGNORE_COMMAND, unmapped, 16 << 20),
                                    tlm::TLM_OK_RESPONSE);
                      }).terminated_event());
    });
}

// All of a number of blocking calls that have waited for a slot.
void wait_for_a_slot(tlm::tlm_command command, std::uint64_t address,
                     tlm::tlm_response_status status)
{
    smmu::timing times = approximate_times();
    times.tbu_slots = 1;
    at_bench t(times);
    constexpr unsigned many = 2000;
    unsigned ended = 0;
    t.run([&] {
        t.warm(0, 1);
        for (unsigned i = 0; i < many; i++)
            sc_core::sc_spawn([&, i] {
                // The first one misses, and keeps the slot meanwhile.
                if (i == 0)
                    call(t, tlm::TLM_READ_COMMAND, unmapped, 8);
                else
                    EXPECT_EQ(call(t, command, address, 8), status);
                ended++;
            });
        sc_core::wait(nanoseconds(100000));
    });
    EXPECT_EQ(ended, many);
}

TEST(tbu_many, callers_that_are_terminated_when_they_enter)
{
    wait_for_a_slot(tlm::TLM_IGNORE_COMMAND, unmapped, tlm::TLM_GENERIC_ERROR_RESPONSE);
}

TEST(tbu_many, callers_that_leave_when_they_enter)
{
    wait_for_a_slot(tlm::TLM_READ_COMMAND, at_bench::va, tlm::TLM_OK_RESPONSE);
}

// They are let through at first, and are terminated when they are looked up again.
TEST(tbu_many, transactions_that_are_terminated_when_the_one_before_them_goes)
{
    constexpr unsigned many = 4000;
    at_bench t(approximate_times(), smmu_config_default(), many);
    t.s.context().s = 1;
    t.s.publish();
    t.run([&] {
        t.warm(0, 1);
        std::vector<at_transfer> transfers(many, at_bench::read(0));
        transfers[0].address = unmapped; // it stalls
        for (unsigned i = 1; i < many; i++)
            transfers[i].command = tlm::TLM_IGNORE_COMMAND;
        for (at_transfer &each : transfers)
            t.sender.send(each);
        sc_core::wait(nanoseconds(1000));
        ASSERT_EQ(t.b.event_count(), 1u);
        t.s.unmap(at_bench::va);
        t.b.submit(support::tlbi_nh_va(at_bench::va, t.s.asid()));
        t.b.submit(
            support::cmd_resume(1, t.b.event(0).stag, support::resume_action::terminate_abort));
        t.sender.wait_until_idle();
        for (const at_transfer &each : transfers)
            EXPECT_EQ(each.status, tlm::TLM_GENERIC_ERROR_RESPONSE);
    });
}

} // namespace

} // namespace tlm_test::test_tbu_many
