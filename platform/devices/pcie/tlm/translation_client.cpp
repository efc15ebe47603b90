// SPDX-License-Identifier: Apache-2.0
// How an address becomes a translated one, with pages asked for on the way, and how that ends.
#include "translation_client.hpp"

#include <stdexcept>
#include <utility>

#include "pcie/pcie_host.h"

namespace vp {

namespace {

constexpr std::uint64_t in_page = PCIE_ATS_PAGE - 1;

// Between the answer to a page request and the next try. Time has to pass: an SMMU whose queue is
// full answers at once.
const sc_core::sc_time retry_after(1, sc_core::SC_US);

bool grants(const pcie_translation &answer, bool write)
{
    return write ? answer.w : answer.r;
}

bool is_wanted(const page_demand &demand)
{
    return !demand.wanted || demand.wanted();
}

} // namespace

pcie_atc *translation_client::create(const pcie_atc_config &cache)
{
    char reason[80];
    pcie_atc *atc = pcie_atc_create(&cache, reason, sizeof reason);
    if (atc == nullptr)
        throw std::invalid_argument(reason);
    return atc;
}

translation_client::translation_client(pcie_fn *fn, const translation_options &options)
    : fn_(fn), atc_(create(options.cache)), invalidation_time_(options.invalidation),
      lookup_time_(options.lookup)
{
}

void translation_client::start()
{
    sc_core::sc_spawn([this] { carry_out_received(); }, "invalidations");
}

bool translation_client::may_send() const
{
    return upstream_ != nullptr && pcie_fn_masters(fn_) && pcie_host_forwards(fn_, false);
}

// --- translations ---

pcie_access_end translation_client::resolve(std::uint64_t addr, std::uint32_t pasid, bool write,
                                            const page_demand &demand, std::uint64_t &translated)
{
    const pcie_atc_tag tag = {pasid, false};

    if (lookup_time_ != sc_core::SC_ZERO_TIME)
        sc_core::wait(lookup_time_);
    while (may_send() && pcie_fn_ats_enabled(fn_)) {
        const std::uint64_t unit = addr >> pcie_fn_ats_unit(fn_) << pcie_fn_ats_unit(fn_);
        pcie_translation answer = {};
        if (!pcie_atc_lookup(atc_.get(), tag, addr, &answer) || !grants(answer, write)) {
            const std::uint64_t epoch = pcie_atc_epoch(atc_.get());
            answer = ask(unit, pasid, write);
            if (!pcie_atc_fill(atc_.get(), epoch, tag, unit, &answer))
                continue;
            pcie_fn_completed(fn_, answer.status == PCIE_UNSUPPORTED       ? VP_DECERR
                                   : answer.status == PCIE_COMPLETER_ABORT ? VP_SLVERR
                                                                           : VP_OK);
            if (answer.status != PCIE_COMPLETED)
                return PCIE_ACCESS_NO_ATS;
            // A unit that is larger than the SMMU's is a mistake of software.
            if (!pcie_translation_covers(&answer, unit, addr))
                return PCIE_ACCESS_DENIED;
        }
        if (grants(answer, write)) {
            translated = answer.addr | (addr & ((std::uint64_t{1} << answer.span_log2) - 1));
            return PCIE_ACCESS_DONE;
        }
        const pcie_access_end end = ask_for_pages(addr, pasid, write, demand);
        if (end != PCIE_ACCESS_DONE)
            return end;
        sc_core::wait(retry_after);
    }
    return PCIE_ACCESS_DENIED;
}

pcie_translation translation_client::ask(std::uint64_t addr, std::uint32_t pasid, bool write)
{
    sc_core::sc_time delay;

    if (!pcie_host_forwards(fn_, true)) {
        pcie_translation blocked = {};
        blocked.status = PCIE_COMPLETER_ABORT;
        return blocked;
    }
    requests_++;
    const pcie_translation answer =
        upstream_->translate(pcie_fn_requester_id(fn_), {addr, pasid, !write}, delay);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    return answer;
}

// --- pages ---

void translation_client::send_page_request(const pcie_page_request &request)
{
    sc_core::sc_time delay;

    upstream_->request_page(pcie_fn_requester_id(fn_), request, delay);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
}

// Waits until a group for so many requests, or fewer, may be sent.
pcie_access_end translation_client::begin_group(const page_demand &demand, unsigned &requests,
                                                std::uint16_t &index)
{
    while (is_wanted(demand)) {
        requests = demand.pages;
        switch (pcie_fn_page_begin(fn_, &requests, &index)) {
        case PCIE_PAGE_ASK:
            return PCIE_ACCESS_DONE;
        case PCIE_PAGE_OFF:
            return PCIE_ACCESS_DENIED;
        case PCIE_PAGE_FAILED:
            return PCIE_ACCESS_NO_PRI;
        case PCIE_PAGE_WAIT:
            sc_core::wait(answered_);
        }
    }
    return PCIE_ACCESS_STOPPED;
}

// Waits for the response. The group of an access that is given up keeps its index until then.
pcie_access_end translation_client::end_group(const page_demand &demand, std::uint16_t index)
{
    pcie_prg_code code = PCIE_PRG_FAILURE;

    while (!pcie_fn_page_end(fn_, index, &code)) {
        if (!is_wanted(demand)) {
            pcie_fn_page_abandon(fn_, index);
            return PCIE_ACCESS_STOPPED;
        }
        sc_core::wait(answered_);
    }
    answered_.notify(sc_core::SC_ZERO_TIME); // the index is free for who waits for one
    return code == PCIE_PRG_SUCCESS   ? PCIE_ACCESS_DONE
           : code == PCIE_PRG_INVALID ? PCIE_ACCESS_NO_PAGE
                                      : PCIE_ACCESS_NO_PRI;
}

// A group that has begun is sent to its last request, wanted or not.
pcie_access_end translation_client::ask_for_pages(std::uint64_t addr, std::uint32_t pasid,
                                                  bool write, const page_demand &demand)
{
    std::uint16_t index = 0;
    unsigned requests = 0;

    const pcie_access_end begun = begin_group(demand, requests, index);
    if (begun != PCIE_ACCESS_DONE)
        return begun;
    if (pasid != VP_NO_SSID)
        paged_.insert(pasid);
    for (unsigned i = 0; i < requests; i++) {
        const std::uint64_t page = (addr & ~in_page) + i * std::uint64_t{PCIE_ATS_PAGE};
        page_requests_++;
        send_page_request({page, pasid, index, i + 1 == requests, !write, write});
    }
    return end_group(demand, index);
}

bool translation_client::stop(std::uint32_t pasid)
{
    if (paged_.erase(pasid) == 0 || !may_send())
        return false;
    stop_markers_++;
    send_page_request({0, pasid, 0, true, false, false});
    return true;
}

void translation_client::respond(std::uint16_t index, unsigned code)
{
    pcie_fn_page_response(fn_, index, code);
    answered_.notify(sc_core::SC_ZERO_TIME);
}

// --- invalidations ---

bool translation_client::wait_for_room(const sc_core::sc_time &deadline)
{
    while (received_.size() + invalidations_.size() >= pcie_fn_ats_queue_depth(fn_)) {
        const sc_core::sc_time &now = sc_core::sc_time_stamp();
        if (now >= deadline)
            return false;
        sc_core::wait(deadline - now, invalidation_completed_);
    }
    return true;
}

void translation_client::invalidate(const pcie_invalidation &inv, std::function<void()> completed)
{
    if (invalidation_time_ == sc_core::SC_ZERO_TIME) {
        carry_out({{}, inv, std::move(completed)});
        return;
    }
    received_.push_back({sc_core::sc_time_stamp() + invalidation_time_, inv, std::move(completed)});
    invalidation_received_.notify(sc_core::SC_ZERO_TIME);
}

void translation_client::carry_out_received()
{
    for (;;) {
        while (!received_.empty()) {
            const sc_core::sc_time left = received_.front().due - sc_core::sc_time_stamp();
            if (left != sc_core::SC_ZERO_TIME)
                sc_core::wait(left);
            const received next = std::move(received_.front());
            received_.pop_front();
            carry_out(next);
        }
        sc_core::wait(invalidation_received_);
    }
}

void translation_client::carry_out(const received &invalidation)
{
    pcie_atc_invalidate(atc_.get(), &invalidation.what);
    invalidations_.push_back({next_use_, invalidation.completed});
    complete_invalidations();
}

void translation_client::complete_invalidations()
{
    while (!invalidations_.empty() &&
           (uses_.empty() || *uses_.begin() >= invalidations_.front().next_use)) {
        const auto completed = std::move(invalidations_.front().completed);
        invalidations_.pop_front();
        invalidation_completed_.notify(sc_core::SC_ZERO_TIME);
        completed();
    }
}

// Translations from before ATS was switched off are not used when it is on again; pages asked for
// before page requests were switched off take no Stop Marker.
void translation_client::changed()
{
    if (!pcie_fn_ats_enabled(fn_))
        pcie_atc_flush(atc_.get());
    if (!pcie_fn_pri_enabled(fn_))
        paged_.clear();
    reconsider();
}

std::vector<device::counter> translation_client::counters() const
{
    const pcie_atc_stats &stats = *pcie_atc_get_stats(atc_.get());

    return {{"atc-hits", stats.hits},
            {"atc-misses", stats.misses},
            {"atc-fills", stats.fills},
            {"atc-evictions", stats.evictions},
            {"atc-invalidations", stats.invalidations},
            {"translation-requests", requests_},
            {"page-requests", page_requests_},
            {"stop-markers", stop_markers_}};
}

} // namespace vp
