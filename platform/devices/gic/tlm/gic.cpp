// SPDX-License-Identifier: Apache-2.0
// Connects the GIC kernel to sockets, signals and the PEs' callbacks.
#include "gic.hpp"

#include <stdexcept>
#include <utility>

#include "table_access.hpp"
#include "vp/wire.hpp"

namespace vp {

namespace {

::gic *create(const gic_config &config, const gic_ops &ops)
{
    char reason[80];
    ::gic *core = gic_create(&config, &ops, reason, sizeof reason);

    if (!core)
        throw std::invalid_argument(reason);
    return core;
}

} // namespace

gic::gic(const sc_core::sc_module_name &name, const std::vector<std::uint32_t> &affinities,
         unsigned spis, bool lpis)
    : sc_module(name), pes_(affinities.size()),
      core_(create({static_cast<unsigned>(affinities.size()), spis, lpis, affinities.data()},
                   {{this, on_read, on_write}, {this, on_line}}),
            gic_destroy),
      dist_("dist", gic_dist_frame, core_.get()), redist_("redist", gic_redist_frame, core_.get()),
      spis_("spi", spis)
{
}

vp_status gic::on_read(void *user, std::uint64_t addr, void *data, std::uint32_t size, unsigned,
                       std::uint32_t)
{
    return table_access(static_cast<gic *>(user)->bus, tlm::TLM_READ_COMMAND, addr, data, size);
}

vp_status gic::on_write(void *user, std::uint64_t addr, const void *data, std::uint32_t size,
                        unsigned, std::uint32_t)
{
    // TLM has one pointer for both directions; a target does not change what it is written.
    return table_access(static_cast<gic *>(user)->bus, tlm::TLM_WRITE_COMMAND, addr,
                        const_cast<void *>(data), size);
}

void gic::on_line(void *user, unsigned line, bool level)
{
    const auto &set = static_cast<gic *>(user)->pes_[line / GIC_LINES];

    if (set)
        set(line % GIC_LINES, level);
}

void gic::connect_pe(unsigned pe, std::function<void(unsigned line, bool level)> set)
{
    pes_.at(pe) = std::move(set);
}

vp_gic_cpuif gic::cpuif(unsigned pe)
{
    return {core_.get(), pe, gic_cpuif_read, gic_cpuif_write};
}

void gic::set_ppi(unsigned pe, unsigned ppi, bool level)
{
    gic_set_ppi(core_.get(), pe, ppi, level);
}

// A vp::wire tells at once; for any other signal a method process notices changes.
void gic::end_of_elaboration()
{
    for (unsigned n = 0; n < spis_.size(); n++) {
        if (spis_[n].size() == 0)
            continue;
        if (auto *direct = dynamic_cast<wire *>(spis_[n].get_interface()))
            direct->listen([this, n](bool level) { gic_set_spi(core_.get(), n, level); });
        else
            watch(n);
    }
}

void gic::watch(unsigned n)
{
    sc_core::sc_spawn_options options;

    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&spis_[n]->value_changed_event());
    sc_core::sc_spawn([this, n] { gic_set_spi(core_.get(), n, spis_[n]->read()); },
                      sc_core::sc_gen_unique_name("on_spi"), &options);
}

void gic::start_of_simulation()
{
    for (unsigned n = 0; n < spis_.size(); n++)
        if (spis_[n].size() != 0)
            gic_set_spi(core_.get(), n, spis_[n]->read());
}

} // namespace vp
