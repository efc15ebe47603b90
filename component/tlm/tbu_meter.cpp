// SPDX-License-Identifier: Apache-2.0
// What is measured of a TBU: see tbu_meter.hpp. Nothing here is to be inlined where it is called.
#include "tbu_meter.hpp"

namespace smmu {

void tbu_meter::measure(measurement &by, unsigned number)
{
    measurement_ = &by;
    number_ = number;
    levels_ = &by.level_of(number, static_cast<tbu_level>(0));
    clock_ = &by.clock();
}

__attribute__((noinline)) void tbu_meter::set(tbu_level which, std::uint64_t value)
{
    smmu_level_set(&at(which), now(), value);
}

__attribute__((noinline)) void tbu_meter::record_passed(transaction_record &one, latency_part part)
{
    one.split.passed(part);
}

__attribute__((noinline)) void tbu_meter::record_entry(transaction_record *one,
                                                       const sc_core::sc_time &wait,
                                                       const sc_core::sc_time &passing,
                                                       const sc_core::sc_time &look_up)
{
    if (one) {
        one->split.ahead(latency_part::entry_wait, wait, latency_part::entry, passing,
                         latency_part::utlb, look_up);
    }
    smmu_level_rise(&at(tbu_level::slots), now());
}

__attribute__((noinline)) void tbu_meter::record_slot_given()
{
    smmu_level_fall(&at(tbu_level::slots), now());
}

__attribute__((noinline)) void tbu_meter::record_departure(transaction_record *one, bool write,
                                                           unsigned bytes,
                                                           const sc_core::sc_time &issue,
                                                           const sc_core::sc_time &leaving)
{
    if (one) {
        one->sums[transaction_count::bytes_out] += bytes;
        one->split.ahead(latency_part::issue, issue, latency_part::exit_wait, leaving - issue);
    }
    smmu_level_rise(&at(write), now());
}

__attribute__((noinline)) void tbu_meter::record_response(transaction_record *one, bool write)
{
    if (one)
        one->split.passed(latency_part::data);
    smmu_level_fall(&at(write), now());
}

__attribute__((noinline)) void tbu_meter::record_end(transaction_record &one,
                                                     const client_payload &client,
                                                     unsigned initiator, bool failed)
{
    const attributes &from = client.from;
    transaction_sums &sums = one.sums;
    one.sid = from.sid;
    one.kind = transaction_kind::transaction;
    one.tbu = static_cast<std::uint8_t>(number_);
    one.write = client.payload.is_write();
    if (measurement_->has_listener()) {
        one.address = client.address();
        one.ssid = from.ssid;
        one.ssv = from.ssv;
        one.initiator = static_cast<std::uint16_t>(initiator);
    }
    sums[transaction_count::transactions] = 1;
    sums[transaction_count::writes] = one.write;
    sums[transaction_count::failed] = failed;
    sums[transaction_count::translated] = from.translated;
    sums[transaction_count::bytes_in] = client.length();
    sums[transaction_count::bytes_ended] = client.length() - sums[transaction_count::bytes_out];
    measurement_->ended(one);
}

} // namespace smmu
