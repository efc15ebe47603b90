// SPDX-License-Identifier: Apache-2.0
// The DMA kernel behind BAR 0 and a port, a process per ring, and simulated time.
#include "pcie_dma_function.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include "pcie_dma_port.hpp"
#include "pcie_node.hpp"

namespace vp {

namespace {

enum : unsigned { registers_bar = 0, msix_bar = 2 };
constexpr std::uint64_t msix_bar_size = 0x1000;
constexpr std::uint32_t msix_pba = 0x800;

constexpr std::uint8_t pasid_width = 20;
constexpr std::uint8_t invalidations = 32; // it can hold
constexpr std::uint32_t page_requests = 32;

pcie_fn_desc description(const pcie_dma_function::options &opts, pcie_kind kind)
{
    pcie_fn_desc desc = {};

    desc.kind = kind;
    desc.vendor = 0x1234;
    desc.device = 0x5032;
    desc.subsystem_vendor = desc.vendor;
    desc.subsystem = desc.device;
    desc.class_code = 0x088000; // system peripheral
    desc.revision = 1;
    desc.bar[registers_bar] = {PCIE_DMA_FRAME_SIZE, true, false};
    desc.bar[msix_bar] = {msix_bar_size, true, false};
    desc.intx_pin = 1;
    desc.msix = {static_cast<std::uint16_t>(opts.rings), msix_bar, 0, msix_pba};
    desc.ats = {true, invalidations};
    desc.pri = {page_requests};
    desc.pasid = {pasid_width, false, false};
    return desc;
}

} // namespace

// Reads of the port are over when they have begun.
void pcie_dma_function::add_reads(pcie_dma_ops &ops)
{
    ops.begin_read = [](void *user, unsigned number, std::uint64_t addr, void *data,
                        std::uint32_t size, const pcie_dma_way *way) {
        auto *self = static_cast<pcie_dma_function *>(user);
        const auto end = way->path == PCIE_DMA_PORT
                             ? self->port_->read(way->ring, addr, data, size)
                             : self->begin_read(self->reads_[way->ring][number], addr, data, size,
                                                self->way_of(*way));
        sc_core::wait(self->options_.burst_time);
        self->read_bytes_ += size;
        return end;
    };
    ops.end_read = [](void *user, unsigned ring, unsigned number) {
        auto *self = static_cast<pcie_dma_function *>(user);
        return end_reads(std::exchange(self->reads_[ring][number], {}));
    };
}

pcie_dma *pcie_dma_function::create()
{
    const unsigned window = options_.requests.phases ? options_.requests.outstanding : 1;
    const pcie_dma_config config = {options_.rings, options_.burst_bytes, window};
    pcie_dma_ops ops = {};
    char reason[80];

    ops.user = this;
    ops.read = [](void *user, std::uint64_t addr, void *data, std::uint32_t size,
                  const pcie_dma_way *way) {
        auto *self = static_cast<pcie_dma_function *>(user);
        const auto end = way->path == PCIE_DMA_PORT
                             ? self->port_->read(way->ring, addr, data, size)
                             : self->dma_read(addr, data, size, self->way_of(*way));
        sc_core::wait(self->options_.burst_time);
        self->read_bytes_ += size;
        return end;
    };
    ops.write = [](void *user, std::uint64_t addr, const void *data, std::uint32_t size,
                   const pcie_dma_way *way) {
        auto *self = static_cast<pcie_dma_function *>(user);
        const auto end = way->path == PCIE_DMA_PORT
                             ? self->port_->write(way->ring, addr, data, size)
                             : self->dma_write(addr, data, size, self->way_of(*way));
        sc_core::wait(self->options_.burst_time);
        self->written_bytes_ += size;
        return end;
    };
    add_reads(ops);
    ops.start = [](void *user, unsigned ring) {
        static_cast<pcie_dma_function *>(user)->started_[ring]->notify(sc_core::SC_ZERO_TIME);
    };
    ops.reconsider = [](void *user) { static_cast<pcie_dma_function *>(user)->reconsider(); };
    ops.stop = [](void *user) {
        static_cast<pcie_dma_function *>(user)->stop_asked_.notify(sc_core::SC_ZERO_TIME);
    };
    ops.drain = [](void *user, std::uint32_t pasid) {
        return static_cast<pcie_dma_function *>(user)->stop_pasid(pasid);
    };
    ops.raise = [](void *user, unsigned vector) {
        static_cast<pcie_dma_function *>(user)->raise(vector);
    };
    ops.pin = [](void *user, pcie_dma_path path, bool level) {
        auto *self = static_cast<pcie_dma_function *>(user);
        if (path == PCIE_DMA_PORT)
            self->port_->set_irq(level);
        else
            self->set_intx(level);
    };
    if (options_.burst_time == sc_core::SC_ZERO_TIME)
        throw std::invalid_argument("burst_time: is zero");
    pcie_dma *core = pcie_dma_create(&config, &ops, reason, sizeof reason);
    if (core == nullptr)
        throw std::invalid_argument(reason);
    return core;
}

pcie_dma_function::pcie_dma_function(const sc_core::sc_module_name &name, const options &opts,
                                     pcie_kind kind)
    : pcie_function(name, description(opts, kind), opts.translations, opts.requests),
      options_(opts),
      reads_(opts.rings, std::vector<read_group>(std::size_t{2} * opts.requests.outstanding)),
      core_(create())
{
    for (unsigned ring = 0; ring < opts.rings; ring++)
        started_.push_back(std::make_unique<sc_core::sc_event>());
}

void pcie_dma_function::attach(pcie_dma_port &port)
{
    port_ = &port;
    pcie_dma_add_port(core_.get());
}

void pcie_dma_function::start_of_simulation()
{
    pcie_function::start_of_simulation();
    for (unsigned ring = 0; ring < options_.rings; ring++)
        sc_core::sc_spawn([this, ring] { serve(ring); }, ("ring_" + std::to_string(ring)).c_str());
    sc_core::sc_spawn([this] { serve_stops(); }, "stops");
}

// The way lives as long as the access.
pcie_dma_function::dma_way pcie_dma_function::way_of(const pcie_dma_way &way) const
{
    page_demand demand = {way.pages, [this, &way] { return pcie_dma_wants(core_.get(), &way); }};

    return {way.pasid, way.untranslated, std::move(demand), way.relaxed};
}

// Work that comes before the process first waits finds it running: run, then wait.
void pcie_dma_function::serve(unsigned ring)
{
    for (;;) {
        pcie_dma_run(core_.get(), ring);
        sc_core::wait(*started_[ring]);
    }
}

void pcie_dma_function::serve_stops()
{
    for (;;) {
        pcie_dma_stop(core_.get());
        sc_core::wait(stop_asked_);
    }
}

vp_status pcie_dma_function::bar_read(unsigned bar, std::uint64_t offset, unsigned size,
                                      std::uint64_t &value)
{
    return bar == registers_bar ? pcie_dma_frame.read(core_.get(), offset, size, &value)
                                : VP_DECERR;
}

vp_status pcie_dma_function::bar_write(unsigned bar, std::uint64_t offset, unsigned size,
                                       std::uint64_t value)
{
    return bar == registers_bar ? pcie_dma_frame.write(core_.get(), offset, size, value)
                                : VP_DECERR;
}

void pcie_dma_function::function_reset()
{
    pcie_dma_reset(core_.get());
}

std::vector<device::counter> pcie_dma_function::counters() const
{
    return {{"bytes-read", read_bytes_}, {"bytes-written", written_bytes_}};
}

std::unique_ptr<pcie_function> make_dma_function(const dt_node &node, const char *name,
                                                 pcie_kind kind)
{
    pcie_dma_function::options opts;
    const std::uint32_t rings = node.u32("vp,rings", opts.rings);
    const std::uint32_t burst_ns = node.u32("vp,burst-ns", 100);

    if (rings < 1 || rings > PCIE_DMA_MAX_RINGS)
        node.fail("vp,rings", "must be 1 to " + std::to_string(PCIE_DMA_MAX_RINGS));
    if (burst_ns == 0)
        node.fail("vp,burst-ns", "must not be 0");
    opts.translations = read_translations(node);
    opts.requests = read_requests(node, kind);
    opts.rings = rings;
    opts.burst_bytes = read_burst_bytes(node, opts.burst_bytes);
    opts.burst_time = sc_core::sc_time(burst_ns, sc_core::SC_NS);
    return std::make_unique<pcie_dma_function>(name, opts, kind);
}

} // namespace vp
