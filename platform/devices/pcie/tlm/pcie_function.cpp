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

pcie_fn *pcie_function::create(const pcie_fn_desc &desc)
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
    ops.message = [](void *user, std::uint64_t addr, std::uint32_t data) {
        self(user)->queue_message({addr, data});
    };
    pcie_fn *fn = pcie_fn_create(&desc, &ops, reason, sizeof reason);
    if (fn == nullptr)
        throw std::invalid_argument(reason);
    return fn;
}

pcie_function::pcie_function(const sc_core::sc_module_name &name, const pcie_fn_desc &desc,
                             const translation_options &translations)
    : sc_module(name), fn_(create(desc)),
      translations_(desc.ats.present ? std::make_unique<translation_client>(fn_.get(), translations)
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

// Writes are posted: how one that is sent ends is not known. A request that what is above does not
// let through is an Unsupported Request.
pcie_access_end pcie_function::send(const access &wanted, std::uint32_t pasid, bool translated)
{
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    vp_status status = VP_DECERR;

    if (upstream_ != nullptr && pcie_host_forwards(fn_.get()))
        status =
            upstream_->request(wanted.command, {pcie_fn_requester_id(fn_.get()), pasid, translated},
                               wanted.addr, wanted.data, wanted.size, delay);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    if (wanted.command == tlm::TLM_WRITE_COMMAND)
        return PCIE_ACCESS_DONE;
    pcie_fn_completed(fn_.get(), status);
    return status == VP_OK ? PCIE_ACCESS_DONE : PCIE_ACCESS_ABORTED;
}

// The translation is of a page at least. Translated requests have no PASID.
pcie_access_end pcie_function::access_translated(access wanted, dma_way way)
{
    const bool write = wanted.command == tlm::TLM_WRITE_COMMAND;

    for (std::uint32_t left = wanted.size; left != 0;) {
        const auto room = PCIE_ATS_PAGE - static_cast<std::uint32_t>(wanted.addr % PCIE_ATS_PAGE);
        access piece = wanted;
        piece.size = std::min(left, room);
        const pcie_access_end found =
            translations_->resolve(wanted.addr, way.pasid, write, way.demand, piece.addr);
        if (found != PCIE_ACCESS_DONE)
            return found;
        const translation_client::use in_use(*translations_);
        const pcie_access_end end = send(piece, VP_NO_SSID, true);
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

pcie_access_end pcie_function::access_memory(const access &wanted, const dma_way &way)
{
    if (!may_send(way.pasid))
        return PCIE_ACCESS_ABORTED;
    const pasid_use in_use(*this, way.pasid);
    if (!translations_ || way.untranslated || !pcie_fn_ats_enabled(fn_.get()))
        return send(wanted, way.pasid, false);
    return access_translated(wanted, way);
}

pcie_access_end pcie_function::dma_read(std::uint64_t addr, void *data, std::uint32_t size,
                                        const dma_way &way)
{
    return access_memory({tlm::TLM_READ_COMMAND, addr, static_cast<unsigned char *>(data), size},
                         way);
}

pcie_access_end pcie_function::dma_write(std::uint64_t addr, const void *data, std::uint32_t size,
                                         const dma_way &way)
{
    // TLM has one pointer for both directions; a target does not change what it is written.
    auto *bytes = static_cast<unsigned char *>(const_cast<void *>(data));
    return access_memory({tlm::TLM_WRITE_COMMAND, addr, bytes, size}, way);
}

} // namespace vp
