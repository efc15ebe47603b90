// SPDX-License-Identifier: Apache-2.0
// Connects the DMA kernel to sockets and wires, a process per channel, and simulated time.
#include "dma_engine.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "smmu/tlm/attributes.hpp"
#include "vp/coding_style.hpp"

namespace vp {

dma *dma_engine::create()
{
    const dma_config config = {static_cast<unsigned>(options_.sids.size()), options_.burst_bytes};
    const bool side_by_side = options_.approximate && options_.outstanding > 1;
    const dma_ops ops = {{this, on_read, on_write},
                         {this, on_irq},
                         this,
                         on_start,
                         side_by_side ? on_move : nullptr};
    char reason[80];

    if (options_.burst_time == sc_core::SC_ZERO_TIME)
        throw std::invalid_argument("burst_time: is zero");
    if (options_.outstanding < 1 || options_.outstanding > max_outstanding)
        throw std::invalid_argument("outstanding: is not between 1 and " +
                                    std::to_string(max_outstanding));
    dma *core = dma_create(&config, &ops, reason, sizeof reason);
    if (!core)
        throw std::invalid_argument(reason);
    return core;
}

dma_engine::dma_engine(const sc_core::sc_module_name &name, const options &opts)
    : sc_module(name), options_(opts), irqs_("irq", opts.sids.size()), core_(create(), dma_destroy),
      socket_("regs", dma_frame, core_.get())
{
    for (std::size_t i = 0; i < (opts.own_masters ? opts.sids.size() : 1); i++)
        masters_.push_back(std::make_unique<bus_master>(("master_" + std::to_string(i)).c_str(),
                                                        opts.approximate));
    for (unsigned channel = 0; channel < opts.sids.size(); channel++) {
        started_.push_back(std::make_unique<sc_core::sc_event>());
        helpers_.push_back(std::make_unique<helpers>());
        sc_core::sc_spawn([this, channel] { serve(channel); },
                          ("channel_" + std::to_string(channel)).c_str());
        for (unsigned i = 1; opts.approximate && i < opts.outstanding; i++)
            sc_core::sc_spawn([this, channel] { help(channel); },
                              sc_core::sc_gen_unique_name("helper"));
    }
}

std::vector<device::initiator *> dma_engine::masters()
{
    std::vector<initiator *> all;

    all.reserve(masters_.size());
    for (auto &master : masters_)
        all.push_back(&master->socket);
    return all;
}

std::vector<wire_out *> dma_engine::irqs()
{
    std::vector<wire_out *> all;

    for (auto &irq : irqs_)
        all.push_back(&irq);
    return all;
}

std::vector<device::counter> dma_engine::counters() const
{
    return {{"bytes", bytes_}, {"bursts", bursts_}};
}

// A START that comes before the process first waits finds it running: run, then wait.
void dma_engine::serve(unsigned channel)
{
    for (;;) {
        dma_run_channel(core_.get(), channel);
        sc_core::wait(*started_[channel]);
    }
}

void dma_engine::help(unsigned channel)
{
    for (helpers &all = *helpers_[channel];;) {
        sc_core::wait(all.wanted);
        dma_move_bursts(core_.get(), channel);
        if (--all.busy == 0)
            all.done.notify(sc_core::SC_ZERO_TIME);
    }
}

void dma_engine::move(unsigned channel)
{
    helpers &all = *helpers_[channel];

    all.busy = options_.outstanding - 1;
    all.wanted.notify(sc_core::SC_ZERO_TIME);
    dma_move_bursts(core_.get(), channel);
    while (all.busy != 0)
        sc_core::wait(all.done);
}

vp_status dma_engine::transport(tlm::tlm_command command, std::uint64_t addr, void *data,
                                std::uint32_t size, unsigned stream, std::uint32_t ssid)
{
    smmu::attributes attributes;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;

    attributes.sid = options_.sids[stream];
    attributes.ssv = ssid != VP_NO_SSID;
    attributes.ssid = attributes.ssv ? ssid : 0;
    attributes.id = stream;
    const vp_status status = masters_[options_.own_masters ? stream : 0]->access(
        command, addr, data, size, attributes, delay);
    if (command == tlm::TLM_WRITE_COMMAND)
        delay += options_.burst_time;
    if (delay != sc_core::SC_ZERO_TIME)
        sc_core::wait(delay);
    return status;
}

vp_status dma_engine::on_read(void *user, std::uint64_t addr, void *data, std::uint32_t size,
                              unsigned stream, std::uint32_t ssid)
{
    return static_cast<dma_engine *>(user)->transport(tlm::TLM_READ_COMMAND, addr, data, size,
                                                      stream, ssid);
}

vp_status dma_engine::on_write(void *user, std::uint64_t addr, const void *data, std::uint32_t size,
                               unsigned stream, std::uint32_t ssid)
{
    auto *self = static_cast<dma_engine *>(user);
    // TLM has one pointer for both directions; a target does not change what it is written.
    const vp_status status =
        self->transport(tlm::TLM_WRITE_COMMAND, addr, const_cast<void *>(data), size, stream, ssid);

    if (status == VP_OK) {
        self->bytes_ += size;
        self->bursts_++;
    }
    return status;
}

void dma_engine::on_irq(void *user, unsigned line, bool level)
{
    auto &irq = static_cast<dma_engine *>(user)->irqs_[line];

    if (irq.size() != 0)
        irq->write(level);
}

void dma_engine::on_start(void *user, unsigned channel)
{
    static_cast<dma_engine *>(user)->started_[channel]->notify(sc_core::SC_ZERO_TIME);
}

void dma_engine::on_move(void *user, unsigned channel)
{
    static_cast<dma_engine *>(user)->move(channel);
}

namespace {

// One StreamID per channel from `iommus`; without that property channels have StreamID 0.
std::vector<std::uint32_t> stream_ids(const dt_node &node)
{
    const auto streams = node.specifiers("iommus", "#iommu-cells");
    const std::uint32_t channels =
        node.u32("vp,channels", streams.empty() ? 1 : static_cast<std::uint32_t>(streams.size()));
    std::vector<std::uint32_t> sids;

    if (channels < 1 || channels > DMA_MAX_CHANNELS)
        node.fail("vp,channels", "must be 1 to " + std::to_string(DMA_MAX_CHANNELS));
    if (!streams.empty() && streams.size() < channels)
        node.fail("iommus", "has fewer entries than there are channels");
    for (std::uint32_t c = 0; c < channels; c++) {
        if (!streams.empty() && streams[c].args.empty())
            node.fail("iommus", "has an entry without a StreamID");
        sids.push_back(streams.empty() ? 0 : streams[c].args[0]);
    }
    return sids;
}

// Channels whose `iommus` lead to different nodes cannot share a bus master.
bool lead_apart(const dt_node &node)
{
    const auto streams = node.specifiers("iommus", "#iommu-cells");

    return std::any_of(streams.begin(), streams.end(), [&](const dt_specifier &stream) {
        return !(stream.target == streams.front().target);
    });
}

} // namespace

std::unique_ptr<device> make_dma_engine(const dt_node &node, const char *name)
{
    dma_engine::options opts;
    const std::uint32_t burst = node.u32("vp,burst-bytes", opts.burst_bytes);
    const std::uint32_t burst_ns = node.u32("vp,burst-ns", 100);

    if (burst < DMA_MIN_BURST || burst > DMA_MAX_BURST || (burst & (burst - 1)) != 0)
        node.fail("vp,burst-bytes", "must be a power of two from " + std::to_string(DMA_MIN_BURST) +
                                        " to " + std::to_string(DMA_MAX_BURST));
    if (burst_ns == 0)
        node.fail("vp,burst-ns", "must not be 0");
    const std::uint32_t outstanding = node.u32("vp,outstanding", opts.outstanding);
    if (outstanding < 1 || outstanding > dma_engine::max_outstanding)
        node.fail("vp,outstanding", "must be 1 to " + std::to_string(dma_engine::max_outstanding));
    opts.approximate = approximately_timed(node);
    opts.outstanding = outstanding;
    opts.sids = stream_ids(node);
    opts.own_masters = lead_apart(node);
    opts.burst_bytes = burst;
    opts.burst_time = sc_core::sc_time(burst_ns, sc_core::SC_NS);
    return std::make_unique<dma_engine>(name, opts);
}

} // namespace vp
