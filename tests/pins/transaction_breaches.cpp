// SPDX-License-Identifier: Apache-2.0
// Transfers of AXI that do not fit each other (IHI 0022 L A2.3.2, A3.2, A3.3, A5, A6).
#include "axi_breach.hpp"

namespace pins_test {

using namespace smmu::pins;

namespace {

axi_request of_id(axi_request request, unsigned id)
{
    request.id = id;
    return request;
}

axi_request of_length(axi_request request, unsigned transfers)
{
    request.len = transfers - 1;
    return request;
}

axi_request exclusive(axi_request request)
{
    request.lock = true;
    return request;
}

axi_request unique(axi_request request)
{
    request.idunq = true;
    return request;
}

axi_request of_flow(axi_request request, unsigned flow)
{
    request.mmuflow = flow;
    return request;
}

axi_request physical(axi_request request)
{
    request.mmuvalid = false;
    return request;
}

axi_request atomic(unsigned atop)
{
    axi_request request = a_write();
    request.atop = atop;
    return request;
}

axi_request a_full_line()
{
    axi_request request = of_length(a_write(), 8);
    request.snoop = 1;
    request.domain = AXI_DOMAIN_NON;
    return request;
}

axi_beat unique_response(unsigned id)
{
    axi_beat beat;
    beat.set(axi_signal::BID, id);
    beat.set(axi_signal::BIDUNQ, 1);
    return beat;
}

// In this order, each answered behind both.
void at_once(hand_bus &b, const axi_request &first, const axi_request &second)
{
    b.request(first);
    b.request(second);
}

} // namespace

const std::vector<axi_breach> transaction_breaches = {
    {"write_last", "early",
     [](hand_bus &b) {
         b.request(of_length(a_write(), 3));
         b.data(0xff, false);
         b.data(0xff, true);
         b.answer_write(1);
     }},
    {"write_last", "late",
     [](hand_bus &b) {
         b.request(of_length(a_write(), 2));
         b.data(0xff, false);
         b.data(0xff, false);
         b.data(0xff, true);
         b.answer_write(1);
     }},
    {"write_last", "before_the_request",
     [](hand_bus &b) {
         b.data(0xff, true);
         b.request(of_length(a_write(), 2));
         b.answer_write(1);
     }},
    {"write_strobe", "narrow",
     [](hand_bus &b) {
         axi_request request = of_length(a_write(), 2);
         request.size = 1;
         b.request(request);
         b.data(0x03, false);
         b.data(0x1c, true);
         b.answer_write(1);
     }},
    {"write_strobe", "below_an_unaligned_address",
     [](hand_bus &b) {
         axi_request request = a_write();
         request.addr += 3;
         b.request(request);
         b.data(0xfc);
         b.answer_write(1);
     }},
    {"write_strobe", "above_a_transfer_from_an_unaligned_address",
     [](hand_bus &b) {
         axi_request request = a_write();
         request.addr += 3;
         request.size = 2;
         b.request(request);
         b.data(0x18);
         b.answer_write(1);
     }},
    {"write_strobe", "before_the_request",
     [](hand_bus &b) {
         axi_request request = a_write();
         request.size = 0;
         b.data(0x02);
         b.request(request);
         b.answer_write(1);
     }},
    {"write_strobe_missing", "atomic",
     [](hand_bus &b) {
         b.request(atomic(atomic_store_add));
         b.data(0xfe);
         b.answer_write(1);
     }},
    {"write_strobe_missing", "line",
     [](hand_bus &b) {
         b.request(a_full_line());
         for (unsigned i = 0; i < 8; i++)
             b.data(i == 3 ? 0x7f : 0xff, i == 7);
         b.answer_write(1);
     }},
    {"write_response_unexpected", "nothing_outstanding", [](hand_bus &b) { b.answer_write(1); }},
    {"write_response_unexpected", "another_id",
     [](hand_bus &b) {
         b.request(a_write());
         b.data();
         b.answer_write(2);
     }},
    {"write_response_unexpected", "a_second_one",
     [](hand_bus &b) {
         b.write(a_write());
         b.answer_write(1);
     }},
    {"write_response_early", "before_the_last_data",
     [](hand_bus &b) {
         b.request(of_length(a_write(), 2));
         b.data(0xff, false);
         b.answer_write(1);
     }},
    {"write_response_early", "with_the_last_data",
     [](hand_bus &b) {
         b.request(a_write());
         axi_beat answer;
         answer.set(axi_signal::BID, 1);
         b.put(axi_channel::B, answer);
         b.ready(axi_channel::B, true);
         b.data();
     }},
    {"write_response_early", "before_the_request",
     [](hand_bus &b) {
         b.data();
         b.put(a_write());
         b.cycle();
         b.answer_write(1);
     }},
    {"read_data_unexpected", "nothing_outstanding", [](hand_bus &b) { b.answer_read(1); }},
    {"read_data_unexpected", "another_id",
     [](hand_bus &b) {
         b.request(a_read());
         b.answer_read(3);
     }},
    {"read_data_unexpected", "with_the_request",
     [](hand_bus &b) {
         b.put(a_read());
         b.ready(axi_channel::AR, true);
         b.answer_read(1);
     }},
    {"read_last", "early",
     [](hand_bus &b) {
         b.request(of_length(a_read(), 3));
         b.answer_read(1, false);
         b.answer_read(1, true);
     }},
    {"read_last", "late",
     [](hand_bus &b) {
         b.request(of_length(a_read(), 2));
         b.answer_read(1, false);
         b.answer_read(1, false);
         b.answer_read(1, true);
     }},
    {"read_last", "of_the_second_in_its_place",
     [](hand_bus &b) {
         at_once(b, of_length(a_read(), 2), of_length(a_read(), 1));
         b.answer_read(1, true); // one transfer: the second one's
     }},
    {"response_exclusive", "write", [](hand_bus &b) { b.write(a_write(), AXI_EXOKAY); }},
    {"response_exclusive", "read", [](hand_bus &b) { b.read(a_read(), AXI_EXOKAY); }},
    {"exclusive_order", "before_the_data",
     [](hand_bus &b) { at_once(b, exclusive(a_read()), exclusive(a_write())); }},
    {"response_unpaired", "without_a_read",
     [](hand_bus &b) { b.write(exclusive(a_write()), AXI_EXOKAY); }},
    {"response_unpaired", "after_a_failed_read",
     [](hand_bus &b) {
         b.read(exclusive(a_read()), AXI_OKAY);
         b.write(exclusive(a_write()), AXI_EXOKAY);
     }},
    {"response_unpaired", "of_another_address",
     [](hand_bus &b) {
         axi_request write = exclusive(a_write());
         write.addr += 8;
         b.read(exclusive(a_read()), AXI_EXOKAY);
         b.write(write, AXI_EXOKAY);
     }},
    {"response_unpaired", "a_second_time",
     [](hand_bus &b) {
         b.read(exclusive(a_read()), AXI_EXOKAY);
         b.write(exclusive(a_write()), AXI_EXOKAY);
         b.write(exclusive(a_write()), AXI_EXOKAY);
     }},
    {"response_mixed", "exclusive",
     [](hand_bus &b) {
         b.request(exclusive(of_length(a_read(), 2)));
         b.answer_read(1, false, AXI_EXOKAY);
         b.answer_read(1, true, AXI_OKAY);
     }},
    {"response_mixed", "translation_fault",
     [](hand_bus &b) {
         b.request(of_flow(of_length(a_read(), 2), AXI_FLOW_PRI));
         b.answer_read(1, false, AXI_TRANSFAULT);
         b.answer_read(1, true, AXI_OKAY);
     }},
    {"response_flow", "of_a_read",
     [](hand_bus &b) { b.read(of_flow(a_read(), AXI_FLOW_NO_STALL), AXI_TRANSFAULT); }},
    {"response_flow", "of_a_physical_address",
     [](hand_bus &b) { b.write(physical(of_flow(a_write(), AXI_FLOW_PRI)), AXI_TRANSFAULT); }},
    {"response_reserved", "write", [](hand_bus &b) { b.write(a_write(), 6); }},
    {"response_reserved", "read", [](hand_bus &b) { b.read(a_read(), 7); }},
    {"response_unique", "write",
     [](hand_bus &b) {
         b.request(a_write());
         b.data();
         b.send(axi_channel::B, unique_response(1));
     }},
    {"response_unique", "read", [](hand_bus &b) { b.read(unique(a_read())); }},
    {"id_unique", "second_write", [](hand_bus &b) { at_once(b, a_write(), unique(a_write())); }},
    {"id_unique", "behind_a_unique_read",
     [](hand_bus &b) { at_once(b, unique(a_read()), a_read()); }},
    {"id_unique", "atomic_behind_a_write",
     [](hand_bus &b) { at_once(b, a_write(), atomic(atomic_store_add)); }},
    {"id_unique", "atomic_behind_a_read",
     [](hand_bus &b) { at_once(b, a_read(), atomic(atomic_swap)); }},
    {"id_unique", "read_behind_an_atomic",
     [](hand_bus &b) { at_once(b, atomic(atomic_swap), a_read()); }},
    {"id_unique", "stash_of_a_translation_behind_a_write",
     [](hand_bus &b) {
         axi_request stash = a_write();
         stash.snoop = 14;
         at_once(b, a_write(), stash);
     }},
    {"mixed_id", "physical_behind_virtual",
     [](hand_bus &b) { at_once(b, a_read(), physical(a_read())); }},
};

const std::vector<axi_breach> legal_traffic = {
    {nullptr, "data_before_the_request",
     [](hand_bus &b) {
         b.data(0xff, false);
         b.data(0xff, true);
         b.request(of_length(a_write(), 2));
         b.answer_write(1);
     }},
    {nullptr, "responses_in_any_order_across_ids",
     [](hand_bus &b) {
         at_once(b, of_id(a_write(), 1), of_id(a_write(), 2));
         b.data();
         b.data();
         b.answer_write(2);
         b.answer_write(1);
     }},
    {nullptr, "interleaved_read_data",
     [](hand_bus &b) {
         at_once(b, of_id(of_length(a_read(), 2), 1), of_id(of_length(a_read(), 2), 2));
         b.answer_read(2, false);
         b.answer_read(1, false);
         b.answer_read(1, true);
         b.answer_read(2, true);
     }},
    {nullptr, "valid_at_the_second_edge_behind_reset",
     [](hand_bus &b) {
         b.reset(true);
         b.cycle(2);
         b.reset(false);
         b.cycle();
         b.write(a_write());
     }},
    {nullptr, "reset_in_the_middle",
     [](hand_bus &b) {
         b.request(of_length(a_write(), 2));
         b.data(0xff, false);
         b.request(a_read());
         b.put(a_write());
         b.cycle();
         b.reset(true);
         b.cycle();
         b.drop(axi_channel::AW);
         b.cycle();
         b.reset(false);
         b.cycle();
         b.write(a_write());
         b.read(a_read());
     }},
    {nullptr, "narrow_and_unaligned",
     [](hand_bus &b) {
         axi_request request = of_length(a_write(), 3); // from 0x12343, by 4
         request.addr += 3;
         request.size = 2;
         b.request(request);
         b.data(0x08, false);
         b.data(0xf0, false);
         b.data(0x05, true);
         b.answer_write(1);
     }},
    {nullptr, "a_wrap_from_its_middle",
     [](hand_bus &b) {
         axi_request request = of_length(a_write(), 4); // 4 bytes each, of 0x12340 to 0x1234f
         request.addr += 8;
         request.size = 2;
         request.burst = AXI_BURST_WRAP;
         b.request(request);
         b.data(0x0f, false);
         b.data(0xf0, false);
         b.data(0x0f, false);
         b.data(0xf0, true);
         b.answer_write(1);
     }},
    {nullptr, "a_fixed_burst_in_one_place",
     [](hand_bus &b) {
         axi_request request = of_length(a_write(), 2);
         request.addr += 5;
         request.size = 1;
         request.burst = AXI_BURST_FIXED;
         b.request(request);
         b.data(0x20, false);
         b.data(0x20, true);
         b.answer_write(1);
     }},
    {nullptr, "a_burst_up_to_the_boundary",
     [](hand_bus &b) {
         axi_request request = of_length(a_read(), 256);
         request.addr = 0x1801;
         b.request(request);
         for (unsigned i = 0; i < 256; i++)
             b.answer_read(1, i == 255);
     }},
    {nullptr, "a_long_fixed_burst_at_the_boundary",
     [](hand_bus &b) {
         axi_request request = of_length(a_read(), 16);
         request.addr = 0x1ff8;
         request.burst = AXI_BURST_FIXED;
         b.read(request);
     }},
    {nullptr, "exclusive_pair",
     [](hand_bus &b) {
         b.read(exclusive(a_read()), AXI_EXOKAY);
         b.write(exclusive(a_write()), AXI_EXOKAY);
         b.write(exclusive(a_write()), AXI_OKAY);
     }},
    {nullptr, "errors_among_exclusive_responses",
     [](hand_bus &b) {
         b.request(exclusive(of_length(a_read(), 2)));
         b.answer_read(1, false, AXI_EXOKAY);
         b.answer_read(1, true, AXI_SLVERR);
     }},
    {nullptr, "atomic_that_returns_data",
     [](hand_bus &b) {
         b.request(atomic(atomic_swap));
         b.answer_read(1); // before its data
         b.data();
         b.answer_write(1);
         b.write(a_write());
     }},
    {nullptr, "atomic_compare_of_the_upper_half",
     [](hand_bus &b) {
         axi_request request = atomic(atomic_compare);
         request.addr += 4;
         request.burst = AXI_BURST_WRAP;
         b.request(request);
         b.data(0xff);
         b.answer_write(1);
         b.answer_read(1);
     }},
    {nullptr, "atomic_compare_of_two_transfers",
     [](hand_bus &b) {
         axi_request request = of_length(atomic(atomic_compare), 2);
         b.request(request);
         b.data(0xff, false);
         b.data(0xff, true);
         b.answer_read(1); // one transfer
         b.answer_write(1);
     }},
    {nullptr, "operations_on_lines",
     [](hand_bus &b) {
         axi_request clean = of_length(a_read(), 8); // 0x12340 begins a line
         clean.snoop = 9;
         clean.domain = AXI_DOMAIN_OUTER;
         clean.cache = 0xf;
         b.request(clean);
         b.answer_read(1, true);                 // one transfer
         axi_request part = of_length(clean, 2); // the last 16 bytes of a line
         part.addr += 0x30;
         part.snoop = 5;
         b.read(part);
         axi_request stash = clean;
         stash.write = true;
         stash.snoop = 12;
         b.request(stash);
         b.answer_write(1);
     }},
    {nullptr, "translation_fault_of_a_flow_that_may",
     [](hand_bus &b) {
         b.request(of_flow(of_length(a_read(), 2), AXI_FLOW_PRI));
         b.answer_read(1, false, AXI_TRANSFAULT);
         b.answer_read(1, true, AXI_TRANSFAULT);
     }},
    {nullptr, "physical_and_virtual_addresses_of_two_ids",
     [](hand_bus &b) {
         axi_request root = physical(of_id(a_read(), 2));
         root.prot = 0;
         root.nse = true;
         root.mmussid = 7; // means nothing
         at_once(b, a_read(), root);
         b.answer_read(2);
         b.answer_read(1);
     }},
    {nullptr, "unknown_where_nothing_is_valid",
     [](hand_bus &b) {
         axi_beat beat;
         *beat.unknown(axi_signal::WDATA) = ~std::uint64_t{0};
         beat.set(axi_signal::WLAST, 1);
         b.request(a_write());
         b.send(axi_channel::W, beat); // without strobes
         b.answer_write(1);
         b.request(a_read());
         axi_beat failed;
         failed.set(axi_signal::RID, 1);
         failed.set(axi_signal::RLAST, 1);
         failed.set(axi_signal::RRESP, AXI_SLVERR);
         *failed.unknown(axi_signal::RDATA) = ~std::uint64_t{0};
         b.send(axi_channel::R, failed);
     }},
    {nullptr, "slow_ready_within_the_limit",
     [](hand_bus &b) {
         b.checker().set_limits({4, 10});
         b.put(a_write());
         b.cycle(4);
         b.ready(axi_channel::AW, true);
         b.cycle(); // the fifth edge
         b.ready(axi_channel::AW, false);
         b.data();
         b.cycle(4);
         b.answer_write(1); // the eleventh
     }},
};

} // namespace pins_test
