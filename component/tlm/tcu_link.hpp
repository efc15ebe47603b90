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

// The way between a TBU and the TCU, which Root Complexes behind the TBU take too.
struct tcu_base::tbu_link final : ats_server {
    tcu_base &tcu;
    tbu_interface *tbu = nullptr; // until one attaches itself
    slots tokens;
    pipeline requests;

    explicit tbu_link(tcu_base &owner)
        : tcu(owner), tokens(owner.timing_.limit(&timing::link_tokens))
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

    // The same of a Root Complex, which may be ahead of time.
    template <typename F> void root_request(sc_core::sc_time &delay, F service)
    {
        spend(tcu.timing_, sc_core::SC_ZERO_TIME, delay);
        call_context call = {&delay, false};
        round_trip(call, [&] { service(call); });
    }

    // A request in progress counts as a transaction under way: what it is answered must not be
    // stale once a CMD_SYNC has completed.
    void translate(smmu_ats_request request, smmu_ats_completion &completion,
                   sc_core::sc_time &delay) override
    {
        const transit in_transit(tcu);
        root_request(delay, [&](call_context &call) {
            const held_slot slot(*tcu.slots_);
            request.cookie = &call;
            smmu_ats_translate(tcu.smmu_.get(), &request, &completion);
            request.cookie = nullptr; // the context ends here
        });
    }

    void request_page(smmu_page_request request, sc_core::sc_time &delay) override
    {
        root_request(delay, [&](call_context &call) {
            request.cookie = &call;
            smmu_request_page(tcu.smmu_.get(), &request);
            request.cookie = nullptr; // the context ends here
        });
    }

    void hint_pages(smmu_page_hint hint, sc_core::sc_time &delay) override
    {
        root_request(delay, [&](call_context &call) {
            hint.cookie = &call;
            smmu_hint_pages(tcu.smmu_.get(), &hint);
            hint.cookie = nullptr; // the context ends here
        });
    }
};

} // namespace smmu

#endif
