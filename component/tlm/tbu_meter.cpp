// SPDX-License-Identifier: Apache-2.0
// What is measured of a TBU: see tbu_meter.hpp. Nothing here is to be inlined where it is called.
#include "tbu_meter.hpp"

namespace smmu {

void tbu_meter::measure(measurement &by, unsigned number)
{
    measurement_ = &by;
    number_ = number;
    account_ = &by.account_of(number, transaction_kind::transaction);
    levels_ = &by.level_of(number, static_cast<tbu_level>(0));
    outstanding_[false] = &at(tbu_level::reads);
    outstanding_[true] = &at(tbu_level::writes);
    clock_ = &by.clock();
}

__attribute__((noinline)) void tbu_meter::set(tbu_level which, std::uint64_t value)
{
    smmu_level_set(&at(which), now(), value);
}

__attribute__((noinline)) void
tbu_meter::record_end(transaction_record &one, const client_payload &client, unsigned initiator)
{
    const attributes &from = client.from;
    one.sid = from.sid;
    one.tbu = static_cast<std::uint8_t>(number_);
    one.address = client.address();
    one.ssid = from.ssid;
    one.ssv = from.ssv;
    one.initiator = static_cast<std::uint16_t>(initiator);
    measurement_->ended(one);
}

} // namespace smmu
