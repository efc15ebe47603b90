// SPDX-License-Identifier: Apache-2.0
// The interconnect of a machine: ports get what their nodes say.
#include "interconnect.hpp"

#include <algorithm>
#include <string>

#include "bus_node.hpp"

namespace vp {

namespace {

void set_ports(router &bus, const crossbar_port &all, const std::vector<bus_initiator> &masters,
               const std::vector<bus_frame> &frames)
{
    for (unsigned i = 0; i < masters.size(); i++) {
        bus.set_upstream(i, bus_port_of(masters[i].node, all));
        if (masters[i].walks)
            bus.cache_reads(i, cached_walks_of(masters[i].node));
    }
    for (unsigned i = 0; i < frames.size(); i++) {
        bus.set_downstream(i, bus_port_of(frames[i].node, all));
        if (frames[i].memory)
            bus.set_cached(i);
    }
}

// The name of the `index`-th port, whose node may have several: "from-iommu@9050000.1".
template <typename Port>
std::string name_of(const char *direction, const std::vector<Port> &ports, std::size_t index)
{
    const dt_node &node = ports[index].node;
    const auto same = [&](const Port &port) { return port.node == node; };
    const auto position = ports.begin() + static_cast<std::ptrdiff_t>(index);
    std::string name = direction + node.name();
    if (std::count_if(ports.begin(), ports.end(), same) > 1)
        name += "." + std::to_string(std::count_if(ports.begin(), position, same));
    return name;
}

void add(std::vector<device::counter> &list, const std::string &name, const crossbar_stats &stats)
{
    if (stats.transactions == 0)
        return;
    list.push_back({name + ".transactions", stats.transactions});
    list.push_back({name + ".bytes", stats.bytes});
    list.push_back({name + ".busy-ps", stats.busy});
    list.push_back({name + ".waiting-ps", stats.waiting});
}

} // namespace

std::unique_ptr<router> make_interconnect(const machine_plan &plan,
                                          const std::vector<bus_initiator> &masters,
                                          const std::vector<bus_frame> &frames)
{
    auto bus =
        std::make_unique<router>("interconnect", static_cast<unsigned>(masters.size()),
                                 static_cast<unsigned>(frames.size()), plan.bus, plan.approximate);
    bus->set_system_cache(plan.system_cache_ps);
    set_ports(*bus, plan.bus, masters, frames);
    for (std::size_t i = 0; i < masters.size(); i++)
        bus->up[i].bind(*masters[i].socket);
    for (std::size_t i = 0; i < frames.size(); i++) {
        bus->map(static_cast<unsigned>(i), frames[i].range.base, frames[i].range.size);
        bus->down[i].bind(*frames[i].socket);
    }
    return bus;
}

std::vector<device::counter> interconnect_counters(const router &bus,
                                                   const std::vector<bus_initiator> &masters,
                                                   const std::vector<bus_frame> &frames)
{
    std::vector<device::counter> list = {{"forwarded", bus.forwarded()}, {"misses", bus.misses()}};
    for (unsigned i = 0; i < masters.size(); i++)
        add(list, name_of("from-", masters, i), bus.upstream_stats(i));
    for (unsigned i = 0; i < frames.size(); i++)
        add(list, name_of("to-", frames, i), bus.downstream_stats(i));
    add(list, "to-system-cache", bus.system_cache_stats());
    return list;
}

} // namespace vp
