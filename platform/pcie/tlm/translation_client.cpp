// SPDX-License-Identifier: Apache-2.0
// How an address becomes a translated one, and how that ends.
#include "translation_client.hpp"

#include <stdexcept>
#include <utility>

#include "pcie/host.h"

namespace vp {

namespace {

// Between the answer to a page request and the next try. Time has to pass: an SMMU whose queue is
// full answers at once.
const sc_core::sc_time retry_after(1, sc_core::SC_US);

bool grants(const pcie_translation &answer, bool write)
{
    return write ? answer.w : answer.r;
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

translation_client::translation_client(pcie_fn *fn, const pcie_atc_config &cache)
    : fn_(fn), atc_(create(cache))
{
}

// --- translations ---

bool translation_client::may_ask() const
{
    return upstream_ != nullptr && pcie_fn_ats_enabled(fn_) && pcie_fn_masters(fn_) &&
           pcie_host_forwards(fn_);
}

pcie_access_end translation_client::resolve(std::uint64_t addr, std::uint32_t pasid, bool write,
                                            std::uint64_t &translated)
{
    const pcie_atc_tag tag = {pasid, false};

    while (may_ask()) {
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
        const pcie_access_end end = ask_for_page(addr, pasid, write);
        if (end != PCIE_ACCESS_DONE)
            return end;
        sc_core::wait(retry_after);
    }
    return PCIE_ACCESS_DENIED;
}

pcie_translation translation_client::ask(std::uint64_t addr, std::uint32_t pasid, bool write)
{
    sc_core::sc_time delay;

    requests_++;
    const pcie_translation answer =
        upstream_->translate(pcie_fn_requester_id(fn_), {addr, pasid, !write}, delay);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    return answer;
}

// --- pages ---

pcie_access_end translation_client::ask_for_page(std::uint64_t addr, std::uint32_t pasid,
                                                 bool write)
{
    constexpr std::uint64_t in_page = PCIE_ATS_PAGE - 1;
    std::uint16_t index = 0;
    pcie_prg_code code = PCIE_PRG_FAILURE;
    sc_core::sc_time delay;

    for (;;) {
        const pcie_page_permit permit = pcie_fn_page_begin(fn_, &index);
        if (permit == PCIE_PAGE_OFF)
            return PCIE_ACCESS_DENIED;
        if (permit == PCIE_PAGE_FAILED)
            return PCIE_ACCESS_NO_PRI;
        if (permit == PCIE_PAGE_ASK)
            break;
        sc_core::wait(answered_);
    }
    page_requests_++;
    upstream_->request_page(pcie_fn_requester_id(fn_),
                            {addr & ~in_page, pasid, index, true, true, write}, delay);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    while (!pcie_fn_page_end(fn_, index, &code))
        sc_core::wait(answered_);
    answered_.notify(sc_core::SC_ZERO_TIME); // the index is free for who waits for one
    return code == PCIE_PRG_SUCCESS   ? PCIE_ACCESS_DONE
           : code == PCIE_PRG_INVALID ? PCIE_ACCESS_NO_PAGE
                                      : PCIE_ACCESS_NO_PRI;
}

void translation_client::respond(std::uint16_t index, unsigned code)
{
    pcie_fn_page_response(fn_, index, code);
    answered_.notify(sc_core::SC_ZERO_TIME);
}

// --- invalidations ---

void translation_client::invalidate(const pcie_invalidation &inv, std::function<void()> completed)
{
    pcie_atc_invalidate(atc_.get(), &inv);
    invalidations_.push_back({next_use_, std::move(completed)});
    complete_invalidations();
}

void translation_client::complete_invalidations()
{
    while (!invalidations_.empty() &&
           (uses_.empty() || *uses_.begin() >= invalidations_.front().next_use)) {
        const auto completed = std::move(invalidations_.front().completed);
        invalidations_.pop_front();
        completed();
    }
}

// What was learnt before ATS was switched off is not used when it is on again.
void translation_client::changed()
{
    if (!pcie_fn_ats_enabled(fn_))
        pcie_atc_flush(atc_.get());
    answered_.notify(sc_core::SC_ZERO_TIME);
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
            {"page-requests", page_requests_}};
}

} // namespace vp
