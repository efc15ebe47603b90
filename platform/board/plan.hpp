// SPDX-License-Identifier: Apache-2.0
// The machine of a device tree, read and checked as a whole before anything is built.
#ifndef VP_PLAN_HPP
#define VP_PLAN_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bus/crossbar.h"
#include "dram/dram.h"
#include "vp/device.hpp"
#include "vp/dt.hpp"

namespace vp {

// One enabled /cpus/cpu@N.
struct cpu_plan {
    dt_node node;
    std::uint64_t mpidr;     // affinity fields
    std::uint64_t frequency; // instructions per second; `clock-frequency`, else 1 GHz
    std::uint8_t pa_bits;
    bool el2; // `vp,el2`: there is an EL2, where it starts
};

// One entry of `reg` of a memory node.
struct ram_plan {
    dt_node node;
    dt_range range;
    std::uint32_t latency_ns;        // `vp,latency-ns`, else 0
    std::optional<dram_config> dram; // `vp,dram`, else it is a RAM
    bool direct;                     // DMI is granted: there is no `vp,no-dmi`
};

// The SPI numbers (INTID less 32) of a node, in the order of its `interrupts`.
using spi_list = std::vector<unsigned>;

// The arm,gic-v3 node.
struct gic_plan {
    dt_node node;
    std::vector<dt_range> reg;
    unsigned spis;                       // how many it has: `vp,spis`, else 256
    std::optional<unsigned> maintenance; // PPI of the virtual CPU interfaces: `interrupts`
};

// An arm,smmu-v3 node.
struct smmu_plan {
    dt_node node;
    std::vector<dt_range> reg;
    spi_list spis;
};

// An arm,smmu-v3-pmcg node.
struct pmcg_plan {
    dt_node node;
    std::vector<dt_range> reg;
    std::size_t smmu; // `vp,smmu`: index into machine_plan::smmus
    spi_list spis;
};

// One specifier of `iommus`, or a bus master that goes straight to the interconnect.
struct stream_plan {
    static constexpr std::size_t no_smmu = SIZE_MAX;
    std::size_t smmu; // index into machine_plan::smmus, or no_smmu
    std::uint32_t sid;
};

// Any other node with a model.
struct device_plan {
    dt_node node;
    device_factory make;
    const device_bus *bus;     // nullptr: it is none
    std::vector<dt_range> reg; // with the windows of a bus
    spi_list spis;
    std::vector<stream_plan> streams;
};

enum class psci_conduit { none, hvc, smc };

// PPI numbers (INTID less 16) of the arm,armv8-timer node, in the order its binding gives them.
struct timer_plan {
    enum { secure_physical, physical, virtual_, hypervisor, count };
    std::array<std::optional<unsigned>, count> ppi;
    std::uint32_t frequency = 62500000; // `clock-frequency` in Hz; the default is QEMU virt's
};

struct machine_plan {
    std::vector<cpu_plan> cpus;   // in order of affinity; the first boots
    std::vector<ram_plan> memory; // in order of address
    std::optional<gic_plan> gic;
    std::vector<smmu_plan> smmus;
    std::vector<pmcg_plan> pmcgs;
    std::vector<device_plan> devices;
    psci_conduit psci = psci_conduit::none;
    std::uint64_t trng_seed = 0; // `vp,trng-seed` of the node of PSCI
    timer_plan timer;
    std::optional<unsigned> pmu_ppi; // of the arm,armv8-pmuv3 node, if there is one
    bool approximate = false;        // `vp,timing` of the root node: times pass, no DMI of clients
    crossbar_port bus = {};          // `vp,bus-` properties of the root node: of all ports
    std::uint32_t system_cache_ps = 0; // `vp,system-cache-ps` of the root node
};

// Reads `tree`; `models` says which device models there are. Throws dt_error for a node that has
// `reg` and a `compatible` no one serves, for ranges that overlap, for interrupts and iommus that
// lead nowhere, and for a machine without CPU or memory.
machine_plan make_plan(const dt_tree &tree, const std::vector<device_model> &models);

} // namespace vp

#endif
