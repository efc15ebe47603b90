// SPDX-License-Identifier: Apache-2.0
// The way to a TCU.
#ifndef SMMU_TLM_TCU_LINK_HPP
#define SMMU_TLM_TCU_LINK_HPP

#include "pipeline.hpp"
#include "slots.hpp"
#include "smmu/tlm/tcu.hpp"
#include "spend.hpp"
#include "walk_port.hpp"

namespace smmu {

// A request of a Root Complex while it is under way: measured, if anything is. What one whose
// process is killed would have been is nothing.
class root_record {
  public:
    // It arrives now. `by` may be NULL. `of` is what the request names: sid, ssid, ssv, addr.
    template <typename R>
    root_record(measurement *by, transaction_kind kind, unsigned port, const R &of) : by_(by)
    {
        if (!by_)
            return;
        record_.arrive(by_->clock());
        record_.done.kind = kind;
        record_.done.requests = 1;
        record_.tbu = static_cast<std::uint8_t>(port);
        record_.sid = of.sid;
        record_.ssid = of.ssid;
        record_.ssv = of.ssv;
        record_.address = of.addr;
    }
    root_record(const root_record &) = delete;
    root_record &operator=(const root_record &) = delete;

    latency_split *split() { return by_ ? &record_.split : nullptr; }

    // It has got a place in the TCU.
    void served()
    {
        if (by_)
            record_.split.passed(latency_part::tcu_slot_wait);
    }

    // It has been answered, now.
    void ended(bool failed)
    {
        if (!by_)
            return;
        record_.done.failed = failed;
        by_->ended(record_);
    }

  private:
    measurement *by_;
    transaction_record record_ = {};
};

// One more of them, for as long as the object lives.
class one_more {
  public:
    explicit one_more(unsigned &count) : count_(count) { count_++; }
    ~one_more() { count_--; }
    one_more(const one_more &) = delete;
    one_more &operator=(const one_more &) = delete;

  private:
    unsigned &count_;
};

// The way between a TBU and the TCU, which Root Complexes behind the TBU take too.
struct tcu_base::tbu_link final : ats_server {
    tcu_base &tcu;
    const unsigned number;        // of the TBU
    tbu_interface *tbu = nullptr; // until one attaches itself
    slots tokens;
    pipeline requests;

    tbu_link(tcu_base &owner, unsigned n)
        : tcu(owner), number(n), tokens(owner.timing_.limit(&timing::link_tokens))
    {
    }

    // A request and its answer; `service` is what the TCU does in between.
    template <typename F> void round_trip(call_context &call, F service)
    {
        const timing &times = tcu.timing_;
        const held_slot token(tokens);
        const sc_core::sc_time wait = turn(times, requests, times.link_cycle, *call.delay);
        if (call.split) {
            call.split->passed(latency_part::token_wait);
            call.split->ahead(latency_part::link_wait, wait);
            call.split->ahead(latency_part::link, times.link);
        }
        spend(times, wait + times.link, *call.delay);
        service();
        if (call.split) {
            call.split->passed(latency_part::record); // a turn at a queue that came to nothing
            call.split->ahead(latency_part::link, times.link);
        }
        spend(times, times.link, *call.delay);
    }

    // The same of a Root Complex, which may be ahead of time. `service` returns whether the request
    // has failed.
    template <typename R, typename F>
    void root_request(transaction_kind kind, R &request, sc_core::sc_time &delay, F service)
    {
        spend(tcu.timing_, sc_core::SC_ZERO_TIME, delay);
        root_record record(tcu.measures_transactions(), kind, number, request);
        call_context call = {&delay, false, record.split()};
        bool failed = false;
        round_trip(call, [&] {
            request.cookie = &call;
            failed = service(record);
            request.cookie = nullptr; // the context ends here
        });
        record.ended(failed);
    }

    // A request in progress counts as a transaction under way: what it is answered must not be
    // stale once a CMD_SYNC has completed.
    void translate(smmu_ats_request request, smmu_ats_completion &completion,
                   sc_core::sc_time &delay) override
    {
        const transit in_transit(tcu);
        root_request(transaction_kind::translation_request, request, delay,
                     [&](root_record &record) {
                         const held_slot slot(*tcu.slots_);
                         record.served();
                         smmu_ats_translate(tcu.smmu_.get(), &request, &completion);
                         return completion.status != SMMU_ATS_SUCCESS;
                     });
    }

    void request_page(smmu_page_request request, sc_core::sc_time &delay) override
    {
        const one_more under_way(tcu.page_requests_);
        root_request(transaction_kind::page_request, request, delay, [&](root_record &) {
            smmu_request_page(tcu.smmu_.get(), &request);
            return false;
        });
    }

    void hint_pages(smmu_page_hint hint, sc_core::sc_time &delay) override
    {
        root_request(transaction_kind::hint, hint, delay, [&](root_record &) {
            smmu_hint_pages(tcu.smmu_.get(), &hint);
            return false;
        });
    }
};

} // namespace smmu

#endif
