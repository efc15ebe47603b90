// SPDX-License-Identifier: Apache-2.0
// The CPUs of a machine: what they say to each other, to the SMMUs of their Inner Shareable domain
// and to the firmware that the simulator plays, and what the GIC says to them.
#ifndef VP_PROCESSORS_HPP
#define VP_PROCESSORS_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cpu.hpp"
#include "gic.hpp"
#include "plan.hpp"
#include "psci.hpp"
#include "smmu_node.hpp"
#include "trng.hpp"

namespace vp {

// How a run ended, as far as the guest is concerned.
enum class guest_end { running, power_off, reset, exit, killed };

class processors {
  public:
    // What a CPU asks of the machine around it.
    struct surroundings {
        std::function<void(guest_end end, std::uint64_t status)> end_run;
        std::function<void(const sc_core::sc_time &when)> measure;
        std::vector<smmu_device *> smmus; // hear broadcasts; outlive the processors
    };

    // `cpus`: as many as the plan has and in its order, none of them running. The first starts
    // at `entry` with `x0`, the others wait for firmware calls.
    processors(const machine_plan &plan, std::vector<std::unique_ptr<cpu>> cpus,
               surroundings around, std::uint64_t entry, std::uint64_t x0);
    processors(const processors &) = delete;
    processors &operator=(const processors &) = delete;

    // In the order of the tree; valid as long as this.
    const std::vector<std::unique_ptr<cpu>> &list() const { return cpus_; }

    // The name of the node of a CPU: "cpu@0".
    const std::string &name(std::size_t index) const { return names_[index]; }

    // Connects the CPU interface, lines, timers and performance monitors of every CPU. The plan
    // has a GIC, which outlives this.
    void connect_gic(gic &to, const machine_plan &plan);

    // The event register of every CPU but `from` is set.
    void send_events(const cpu *from);

    std::uint64_t instructions() const;  // of all CPUs
    sc_core::sc_time guest_time() const; // how far the fastest CPU is

    // "NODE.NAME" and value of every counter.
    std::vector<device::counter> counters() const;

  private:
    void connect_peers(unsigned index, psci_conduit conduit);
    void connect_pe(unsigned index, gic &to, const machine_plan &plan);
    void firmware_call(unsigned caller, std::uint64_t x[8]);
    void broadcast(unsigned from, const a64_dvm &dvm);
    void complete_broadcasts();
    void suspend(const psci_action &action);
    void resume();
    void signal_wakeup(unsigned index, unsigned line, bool level);

    surroundings around_;
    psci psci_;
    trng trng_;
    std::optional<psci_action> suspended_; // by SYSTEM_SUSPEND
    std::vector<unsigned> wakeups_;        // of each CPU: lines that are high and wake it
    system_time time_;
    std::vector<std::string> names_;
    std::vector<std::unique_ptr<cpu>> cpus_;
};

// The affinities of the CPUs of a plan, in its order.
std::vector<std::uint64_t> affinities(const machine_plan &plan);

} // namespace vp

#endif
