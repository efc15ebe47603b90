// SPDX-License-Identifier: Apache-2.0
// Endpoints whose kernels work in one process: see pcie_worker.hpp.
#include "pcie_worker.hpp"

#include <utility>

namespace vp {

namespace {

pcie_worker *worker(void *user)
{
    return static_cast<pcie_worker *>(user);
}

vp_status status(pcie_access_end end)
{
    return end == PCIE_ACCESS_DONE ? VP_OK : VP_SLVERR;
}

} // namespace

pcie_worker::pcie_worker(const sc_core::sc_module_name &name, const char *process,
                         const pcie_fn_desc &desc, const translation_options &translations,
                         const request_options &requests)
    : pcie_function(name, desc, translations, requests), process_(process)
{
}

vp_bus pcie_worker::ring_bus()
{
    return {this,
            [](void *user, std::uint64_t addr, void *data, std::uint32_t size, unsigned,
               std::uint32_t) { return status(worker(user)->dma_read(addr, data, size, {})); },
            [](void *user, std::uint64_t addr, const void *data, std::uint32_t size, unsigned,
               std::uint32_t) { return status(worker(user)->dma_write(addr, data, size, {})); }};
}

vp_data_bus pcie_worker::data_bus()
{
    static const dma_way relaxed = {VP_NO_SSID, false, {}, true};
    return {this,
            [](void *user, std::uint64_t addr, const void *data, std::uint32_t size) {
                return status(worker(user)->dma_write(addr, data, size, relaxed));
            },
            [](void *user, std::uint64_t addr, void *data, std::uint32_t size) {
                return status(
                    worker(user)->begin_read(worker(user)->reads_, addr, data, size, relaxed));
            },
            [](void *user) {
                const read_group ended = std::exchange(worker(user)->reads_, {});
                return status(end_reads(ended));
            }};
}

void pcie_worker::kick()
{
    work_ = true;
    kicked_.notify(sc_core::SC_ZERO_TIME);
}

// A kick while the process is elsewhere, in an access that takes time, asks for another round.
void pcie_worker::run()
{
    for (;;) {
        while (work_) {
            work_ = false;
            work();
        }
        sc_core::wait(kicked_);
    }
}

void pcie_worker::start_of_simulation()
{
    pcie_function::start_of_simulation();
    sc_core::sc_spawn([this] { run(); }, process_);
}

} // namespace vp
