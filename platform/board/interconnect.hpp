// SPDX-License-Identifier: Apache-2.0
// The interconnect of a machine: a router with the masters and frames of all nodes.
#ifndef VP_INTERCONNECT_HPP
#define VP_INTERCONNECT_HPP

#include <memory>
#include <vector>

#include "plan.hpp"
#include "router.hpp"
#include "vp/device.hpp"

namespace vp {

// A bus master, and the node it belongs to.
struct bus_initiator {
    device::initiator *socket;
    dt_node node;
    bool walks; // the walk port of an SMMU
};

// A register frame or a memory, and the node it belongs to.
struct bus_frame {
    device::target *socket;
    dt_range range;
    dt_node node;
    bool memory;
};

// A router that masters and frames are bound to, in their order. Throws dt_error for a property of
// their nodes.
std::unique_ptr<router> make_interconnect(const machine_plan &plan,
                                          const std::vector<bus_initiator> &masters,
                                          const std::vector<bus_frame> &frames);

// The counters of a router that make_interconnect() has made of these; of ports, those that took
// time with any transaction.
std::vector<device::counter> interconnect_counters(const router &bus,
                                                   const std::vector<bus_initiator> &masters,
                                                   const std::vector<bus_frame> &frames);

} // namespace vp

#endif
