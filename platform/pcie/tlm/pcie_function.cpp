// SPDX-License-Identifier: Apache-2.0
// Between the kernel of a function and its SystemC model.
#include "pcie_function.hpp"

#include <stdexcept>

#include "pcie/host.h"

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
        self(user)->function_reset();
    };
    ops.config_written = [](void *user, std::uint16_t offset, unsigned size) {
        self(user)->config_written(offset, size);
    };
    ops.message = [](void *user, std::uint64_t addr, std::uint32_t data) {
        self(user)->messages_.push_back({addr, data});
        self(user)->message_raised_.notify(sc_core::SC_ZERO_TIME);
    };
    pcie_fn *fn = pcie_fn_create(&desc, &ops, reason, sizeof reason);
    if (fn == nullptr)
        throw std::invalid_argument(reason);
    return fn;
}

pcie_function::pcie_function(const sc_core::sc_module_name &name, const pcie_fn_desc &desc)
    : sc_module(name), fn_(create(desc))
{
}

pcie_function::~pcie_function() = default;

void pcie_function::start_of_simulation()
{
    sc_core::sc_spawn([this] { send_messages(); }, "messages");
}

// Whoever raises an interrupt may be a CPU in the middle of an access, which must not wait for the
// SMMU. Messages go out in the order they were raised.
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
            dma_write(next.addr, data, sizeof data);
        }
        sc_core::wait(message_raised_);
    }
}

bool pcie_function::may_send(std::uint32_t pasid) const
{
    return pcie_fn_masters(fn_.get()) &&
           (pasid == VP_NO_SSID || pcie_fn_pasid_allowed(fn_.get(), pasid));
}

// A request that what is above does not let through is an Unsupported Request.
vp_status pcie_function::request(tlm::tlm_command command, std::uint64_t addr, void *data,
                                 std::uint32_t size, std::uint32_t pasid)
{
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;

    if (upstream_ == nullptr || !pcie_host_forwards(fn_.get()))
        return VP_DECERR;
    const vp_status status = upstream_->request(command, pcie_fn_requester_id(fn_.get()), pasid,
                                                addr, data, size, delay);
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    return status;
}

vp_status pcie_function::dma_read(std::uint64_t addr, void *data, std::uint32_t size,
                                  std::uint32_t pasid)
{
    if (!may_send(pasid))
        return VP_SLVERR;
    const vp_status status = request(tlm::TLM_READ_COMMAND, addr, data, size, pasid);
    pcie_fn_completed(fn_.get(), status);
    return status;
}

vp_status pcie_function::dma_write(std::uint64_t addr, const void *data, std::uint32_t size,
                                   std::uint32_t pasid)
{
    if (!may_send(pasid))
        return VP_SLVERR;
    // TLM has one pointer for both directions; a target does not change what it is written.
    request(tlm::TLM_WRITE_COMMAND, addr, const_cast<void *>(data), size, pasid);
    return VP_OK;
}

} // namespace vp
