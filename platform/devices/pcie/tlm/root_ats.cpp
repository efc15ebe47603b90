// SPDX-License-Identifier: Apache-2.0
// Messages of the SMMU's terms into those of PCI Express and back; invalidations and their time.
#include "root_ats.hpp"

#include <algorithm>
#include <utility>

#include "translation_client.hpp"

namespace vp {

root_ats::root_ats(const sc_core::sc_module_name &name, finder find,
                   const sc_core::sc_time &timeout)
    : sc_module(name), find_(std::move(find)), timeout_(timeout)
{
}

// --- up ---

pcie_translation root_ats::translate(std::uint32_t sid, const pcie_translation_request &wanted,
                                     sc_core::sc_time &delay)
{
    smmu_ats_request request = {};
    smmu_ats_completion completion = {};
    pcie_translation answer = {};

    answer.status = PCIE_UNSUPPORTED;
    if (server.size() == 0)
        return answer;
    request.addr = wanted.addr;
    request.sid = sid;
    request.ssv = wanted.pasid != VP_NO_SSID;
    request.ssid = request.ssv ? wanted.pasid : 0;
    request.stus = 1;
    request.nw = wanted.no_write;
    server->translate(request, completion, delay);
    answer.status = completion.status == SMMU_ATS_SUCCESS ? PCIE_COMPLETED
                    : completion.status == SMMU_ATS_UR    ? PCIE_UNSUPPORTED
                                                          : PCIE_COMPLETER_ABORT;
    answer.addr = completion.addr;
    answer.span_log2 = completion.span_log2;
    answer.r = completion.r;
    answer.w = completion.w;
    answer.x = completion.exe;
    return answer;
}

void root_ats::request_page(std::uint32_t sid, const pcie_page_request &wanted,
                            sc_core::sc_time &delay)
{
    smmu_page_request request = {};

    request.addr = wanted.addr;
    request.sid = sid;
    request.ssv = wanted.pasid != VP_NO_SSID;
    request.ssid = request.ssv ? wanted.pasid : 0;
    request.prgi = wanted.index;
    request.last = wanted.last;
    request.r = wanted.r;
    request.w = wanted.w;
    if (server.size() != 0)
        server->request_page(request, delay);
}

// --- down ---

// One that reaches no function is an Unsupported Request, which ends it without error (IHI 0070
// 3.9.1.5).
void root_ats::invalidate(const smmu_atc_inv &inv)
{
    const pcie_invalidation message = {inv.addr, inv.span_log2, inv.ssv ? inv.ssid : VP_NO_SSID,
                                       inv.global};

    for (translation_client *function : find_(inv.sid)) {
        if (!function->wait_for_room(sc_core::sc_time_stamp() + timeout_)) {
            missed_[inv.queue]++;
            continue;
        }
        const std::uint64_t number = next_++;
        pending_.push_back({number, inv.queue, sc_core::sc_time_stamp() + timeout_});
        function->invalidate(message, [this, number] { complete(number); });
    }
}

// A completion that comes too late is none: who waits is told of the time-out.
void root_ats::complete(std::uint64_t number)
{
    const auto row = std::find_if(pending_.begin(), pending_.end(),
                                  [&](const pending &sent) { return sent.number == number; });

    if (row == pending_.end())
        return;
    if (row->deadline < sc_core::sc_time_stamp())
        missed_[row->queue]++;
    pending_.erase(row);
    completed_.notify(sc_core::SC_ZERO_TIME);
}

bool root_ats::wait_invalidated(std::uint32_t queue)
{
    const std::uint64_t end = next_;
    const auto oldest = [&] {
        return std::find_if(pending_.begin(), pending_.end(), [&](const pending &sent) {
            return sent.queue == queue && sent.number < end;
        });
    };

    for (auto row = oldest(); row != pending_.end(); row = oldest()) {
        const sc_core::sc_time &now = sc_core::sc_time_stamp();
        if (row->deadline > now) {
            sc_core::wait(row->deadline - now, completed_);
            continue;
        }
        pending_.erase(row);
        missed_[queue]++;
    }
    const auto missed = missed_.extract(queue);
    timeouts_ += missed ? missed.mapped() : 0;
    return missed.empty();
}

void root_ats::respond(const smmu_prg_response &response)
{
    for (translation_client *function : find_(response.sid))
        function->respond(response.prgi, response.code);
}

} // namespace vp
