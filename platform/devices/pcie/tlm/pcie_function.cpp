// SPDX-License-Identifier: Apache-2.0
// Between the kernel of a function and its SystemC model.
#include "pcie_function.hpp"

#include <algorithm>
#include <stdexcept>

#include "pcie/pcie_host.h"

namespace vp {

namespace {

pcie_function *self(void *user)
{
    return static_cast<pcie_function *>(user);
}

} // namespace

pcie_fn *pcie_function::create(pcie_fn_desc desc, const pcie_link_config &link)
{
    pcie_fn_ops ops = {};
    char reason[80];

    ops.user = this;
    ops.bar_read = [](void *user, unsigned bar, std::uint64_t offset, unsigned size,
                      std::uint64_t *value) {
        return self(user)->bar_read(bar, offset, size, *value);
    };
    ops.bar_write = [](void *user, unsigned bar, std::uint64_t offset, unsigned size,
                       std::uint64_t value) {
        return self(user)->bar_write(bar, offset, size, value);
    };
    ops.reset = [](void *user) {
        self(user)->messages_.clear();
        if (self(user)->translations())
            self(user)->translations()->changed();
        self(user)->function_reset();
    };
    ops.config_written = [](void *user, std::uint16_t offset, unsigned size) {
        if (self(user)->translations())
            self(user)->translations()->changed();
        self(user)->config_written(offset, size);
    };
    ops.config_read = [](void *user, std::uint16_t offset, unsigned size, std::uint32_t *value) {
        self(user)->config_read(offset, size, *value);
    };
    ops.message = [](void *user, std::uint64_t addr, std::uint32_t data) {
        self(user)->queue_message({addr, data});
    };
    desc.link = {static_cast<std::uint8_t>(link.generation), static_cast<std::uint8_t>(link.width)};
    pcie_fn *fn = pcie_fn_create(&desc, &ops, reason, sizeof reason);
    if (fn == nullptr)
        throw std::invalid_argument(reason);
    return fn;
}

pcie_function::pcie_function(const sc_core::sc_module_name &name, const pcie_fn_desc &desc,
                             const translation_options &translations,
                             const request_options &requests)
    : sc_module(name), fn_(create(desc, requests.link)),
      translations_(desc.ats.present ? std::make_unique<translation_client>(fn_.get(), translations)
                                     : nullptr),
      tags_(static_cast<unsigned>(requests.link.tags)), burst_bytes_(requests.burst_bytes),
      requests_(requests.phases ? std::make_unique<pcie_requests>("requests", requests.outstanding)
                                : nullptr)
{
}

pcie_function::~pcie_function() = default;

void pcie_function::connect(pcie_upstream &upstream)
{
    upstream_ = &upstream;
    if (translations_)
        translations_->connect(upstream);
}

void pcie_function::start_of_simulation()
{
    sc_core::sc_spawn([this] { send_messages(); }, "messages");
    if (translations_)
        translations_->start();
}

// One that waits already stands for what is raised again, so that no more wait than there are
// vectors: unless software changes vectors of which messages wait. Then some are lost.
void pcie_function::queue_message(const message &raised)
{
    const auto equals = [&](const message &row) {
        return row.addr == raised.addr && row.data == raised.data;
    };
    if (messages_.size() == PCIE_MAX_MSIX_VECTORS ||
        std::any_of(messages_.begin(), messages_.end(), equals))
        return;
    messages_.push_back(raised);
    message_raised_.notify(sc_core::SC_ZERO_TIME);
}

// Whoever raises an interrupt may be a CPU in the middle of an access, which must not wait for the
// SMMU. Messages go out in the order they were raised, and never translated.
void pcie_function::send_messages()
{
    for (;;) {
        while (!messages_.empty()) {
            const message next = messages_.front();
            const std::uint8_t data[4] = {static_cast<std::uint8_t>(next.data),
                                          static_cast<std::uint8_t>(next.data >> 8),
                                          static_cast<std::uint8_t>(next.data >> 16),
                                          static_cast<std::uint8_t>(next.data >> 24)};
            messages_.pop_front();
            dma_write(next.addr, data, sizeof data, {VP_NO_SSID, true});
            pace_.step();
        }
        sc_core::wait(message_raised_);
    }
}

// --- PASIDs ---

pcie_function::pasid_use::pasid_use(pcie_function &function, std::uint32_t pasid)
    : function_(function), pasid_(pasid)
{
    if (pasid_ != VP_NO_SSID)
        function_.pasids_.insert(pasid_);
}

pcie_function::pasid_use::~pasid_use()
{
    if (pasid_ == VP_NO_SSID)
        return;
    function_.pasids_.erase(function_.pasids_.find(pasid_));
    function_.pasid_left_.notify(sc_core::SC_ZERO_TIME);
}

void pcie_function::reconsider()
{
    if (translations_)
        translations_->reconsider();
}

bool pcie_function::stop_pasid(std::uint32_t pasid)
{
    while (pasids_.count(pasid) != 0)
        sc_core::wait(pasid_left_);
    return translations_ && translations_->stop(pasid);
}

// --- requests ---

bool pcie_function::may_send(std::uint32_t pasid) const
{
    return pcie_fn_masters(fn_.get()) &&
           (pasid == VP_NO_SSID || pcie_fn_pasid_allowed(fn_.get(), pasid));
}

// A request that what is above does not let through is an Unsupported Request.
pcie_access_end pcie_function::request_blocking(const access &wanted, const manner &how)
{
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    vp_status status = VP_DECERR;

    if (upstream_ != nullptr && pcie_host_forwards(fn_.get(), how.translated))
        status = upstream_->request(wanted.command,
                                    {pcie_fn_requester_id(fn_.get()), how.pasid, how.translated},
                                    wanted.addr, wanted.data, wanted.size, delay);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    if (wanted.command == tlm::TLM_WRITE_COMMAND)
        return PCIE_ACCESS_DONE;
    pcie_fn_completed(fn_.get(), status);
    return status == VP_OK ? PCIE_ACCESS_DONE : PCIE_ACCESS_ABORTED;
}

// An access is one request here, unless bursts are smaller.
pcie_access_end pcie_function::send_blocking(access rest, const manner &how)
{
    pcie_access_end end = PCIE_ACCESS_DONE;

    if (burst_bytes_ == 0)
        return request_blocking(rest, how);
    while (rest.size != 0 && end == PCIE_ACCESS_DONE)
        end = request_blocking(rest.take(burst_bytes_), how);
    return end;
}

pcie_function::access pcie_function::access::take(unsigned most)
{
    access first = *this;

    first.size = std::min(size, most - static_cast<std::uint32_t>(addr % most));
    addr += first.size;
    data += first.size;
    size -= first.size;
    return first;
}

// As Device Control says, so that no request crosses a boundary of 4 KB (PCI Express Base
// Specification 6.0, 2.2.7).
unsigned pcie_function::largest_request(tlm::tlm_command command) const
{
    const unsigned most = command == tlm::TLM_WRITE_COMMAND ? pcie_fn_max_payload(fn_.get())
                                                            : pcie_fn_max_read_request(fn_.get());

    return burst_bytes_ != 0 ? std::min(most, burst_bytes_) : most;
}

unsigned pcie_function::tags() const
{
    const unsigned own = pcie_fn_tags(fn_.get());

    return tags_ != 0 ? std::min(tags_, own) : own;
}

// How the requests end is noted in the group. Those of a write are all the same to the function.
void pcie_function::send_phases(const access &wanted, const manner &how, read_group &group,
                                const hold &in_use)
{
    const auto state = group.state_;
    const bool read = wanted.command == tlm::TLM_READ_COMMAND;

    for (access rest = wanted; rest.size != 0;) {
        const access request = rest.take(largest_request(rest.command));
        const auto answered = [this, state, read, in_use](vp_status status) {
            if (read)
                pcie_fn_completed(fn_.get(), status);
            if (read && status != VP_OK)
                state->end = PCIE_ACCESS_ABORTED;
            state->under_way--;
            state->answered.notify(sc_core::SC_ZERO_TIME);
        };
        state->under_way++;
        if (upstream_ != nullptr && pcie_host_forwards(fn_.get(), how.translated))
            requests_->send({request.command,
                             request.addr,
                             request.data,
                             request.size,
                             {pcie_fn_requester_id(fn_.get()), how.pasid, how.translated},
                             how.relaxed && pcie_fn_relaxed_ordering(fn_.get())},
                            tags(), answered);
        else
            answered(VP_DECERR);
    }
}

// Writes are posted: how one that is sent ends is not known.
pcie_access_end pcie_function::send(const access &wanted, const manner &how, const hold &in_use)
{
    read_group own;
    read_group &group = how.group != nullptr ? *how.group : own;
    const bool write = wanted.command == tlm::TLM_WRITE_COMMAND;

    if (!requests_)
        return send_blocking(wanted, how);
    send_phases(wanted, how, group, in_use);
    if (how.group != nullptr || (write && how.relaxed))
        return PCIE_ACCESS_DONE;
    return end_reads(own);
}

// The translation is of a page at least.
pcie_access_end pcie_function::access_translated(access wanted, dma_way way, read_group *group)
{
    struct both {
        both(pcie_function &function, std::uint32_t pasid)
            : of_pasid(function, pasid), of_translation(*function.translations_)
        {
        }
        pasid_use of_pasid;
        translation_client::use of_translation;
    };
    const bool write = wanted.command == tlm::TLM_WRITE_COMMAND;

    for (std::uint32_t left = wanted.size; left != 0;) {
        const auto room = PCIE_ATS_PAGE - static_cast<std::uint32_t>(wanted.addr % PCIE_ATS_PAGE);
        access piece = wanted;
        piece.size = std::min(left, room);
        const pcie_access_end found =
            translations_->resolve(wanted.addr, way.pasid, write, way.demand, piece.addr);
        if (found != PCIE_ACCESS_DONE)
            return found;
        const std::uint32_t pasid = pcie_fn_translated_pasids(fn_.get()) ? way.pasid : VP_NO_SSID;
        const pcie_access_end end = send(piece, {pasid, true, way.relaxed, group},
                                         std::make_shared<both>(*this, way.pasid));
        if (end != PCIE_ACCESS_DONE)
            return end;
        wanted.addr += piece.size;
        wanted.data += piece.size;
        left -= piece.size;
        if (way.demand.pages > 1)
            way.demand.pages--;
    }
    return PCIE_ACCESS_DONE;
}

pcie_access_end pcie_function::access_memory(const access &wanted, const dma_way &way,
                                             read_group *group)
{
    if (!may_send(way.pasid))
        return PCIE_ACCESS_ABORTED;
    const auto in_use = std::make_shared<pasid_use>(*this, way.pasid);
    if (!translations_ || way.untranslated || !pcie_fn_ats_enabled(fn_.get()))
        return send(wanted, {way.pasid, false, way.relaxed, group}, in_use);
    return access_translated(wanted, way, group);
}

pcie_access_end pcie_function::dma_read(std::uint64_t addr, void *data, std::uint32_t size,
                                        const dma_way &way)
{
    return access_memory({tlm::TLM_READ_COMMAND, addr, static_cast<unsigned char *>(data), size},
                         way, nullptr);
}

pcie_access_end pcie_function::dma_write(std::uint64_t addr, const void *data, std::uint32_t size,
                                         const dma_way &way)
{
    // TLM has one pointer for both directions; a target does not change what it is written.
    auto *bytes = static_cast<unsigned char *>(const_cast<void *>(data));
    return access_memory({tlm::TLM_WRITE_COMMAND, addr, bytes, size}, way, nullptr);
}

pcie_access_end pcie_function::begin_read(read_group &group, std::uint64_t addr, void *data,
                                          std::uint32_t size, const dma_way &way)
{
    return access_memory({tlm::TLM_READ_COMMAND, addr, static_cast<unsigned char *>(data), size},
                         way, &group);
}

pcie_access_end pcie_function::end_reads(const read_group &group)
{
    while (group.state_->under_way != 0)
        sc_core::wait(group.state_->answered);
    return group.state_->end;
}

} // namespace vp
