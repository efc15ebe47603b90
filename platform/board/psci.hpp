// SPDX-License-Identifier: Apache-2.0
// The firmware interface of the machine: PSCI 1.1, the version of the calling convention, and a
// vendor call that ends a run with a status.
#ifndef VP_PSCI_HPP
#define VP_PSCI_HPP

#include <cstdint>
#include <vector>

#include "vp/dt.hpp"

namespace vp {

// Function identifiers (Arm DEN0022, chapter 5).
namespace psci_fn {
constexpr std::uint32_t version = 0x84000000;
constexpr std::uint32_t cpu_suspend = 0x84000001;
constexpr std::uint32_t cpu_suspend_64 = 0xc4000001;
constexpr std::uint32_t cpu_off = 0x84000002;
constexpr std::uint32_t cpu_on = 0x84000003;
constexpr std::uint32_t cpu_on_64 = 0xc4000003;
constexpr std::uint32_t affinity_info = 0x84000004;
constexpr std::uint32_t affinity_info_64 = 0xc4000004;
constexpr std::uint32_t migrate_info_type = 0x84000006;
constexpr std::uint32_t system_off = 0x84000008;
constexpr std::uint32_t system_reset = 0x84000009;
constexpr std::uint32_t features = 0x8400000a;
constexpr std::uint32_t system_suspend = 0x8400000e;
constexpr std::uint32_t system_suspend_64 = 0xc400000e;
// Arm Architecture Calls (Arm DEN0028 7).
constexpr std::uint32_t smccc_version = 0x80000000;
constexpr std::uint32_t smccc_arch_features = 0x80000001;
// Vendor Specific EL3 Monitor Service, SMC64 (Arm DEN0028: 0xc7000000 to 0xc700ffff). x1 is a
// status, 0 for success; the call ends the run and does not return.
constexpr std::uint32_t vp_exit = 0xc7000000;
// Another one: what is measured begins anew.
constexpr std::uint32_t vp_measure = 0xc7000001;
} // namespace psci_fn

// Return codes (Arm DEN0022 5.2.2).
namespace psci_code {
constexpr std::int32_t success = 0;
constexpr std::int32_t not_supported = -1;
constexpr std::int32_t invalid_parameters = -2;
constexpr std::int32_t denied = -3;
constexpr std::int32_t already_on = -4;
constexpr std::int32_t on_pending = -5;
constexpr std::int32_t invalid_address = -9;
} // namespace psci_code

// The effect of a call on the machine.
enum class psci_effect {
    answer,    // no more than that: x0 has the result
    start,     // PE `target` begins at `entry` with `context` in x0; the caller goes on
    standby,   // the caller waits for an interrupt, and goes on
    park,      // the caller is off now
    suspend,   // the caller is off until an interrupt; then it begins as of `start`
    power_off, // the run ends well
    reset,     // the run ends: the guest asked to start again
    exit,      // the run ends with the status in x1
    measure,   // what is measured begins anew; x0 has the result
};

struct psci_action {
    psci_effect effect;
    unsigned target = 0;     // of `start`
    std::uint64_t entry = 0; // of `start` and `suspend`, like `context`
    std::uint64_t context = 0;
};

// State of the PEs as PSCI sees it, and the calls.
class psci {
  public:
    // `mpidrs`: affinity of every PE; the first is on. `memory`: where an entry point can be.
    psci(const std::vector<std::uint64_t> &mpidrs, std::vector<dt_range> memory);

    // Handles the call of PE number `caller` in x[0] to x[7]. Unknown functions are answered with
    // NOT_SUPPORTED.
    psci_action call(unsigned caller, std::uint64_t x[8]);

    // PE number `pe` has begun, as a call asked for.
    void started(unsigned pe);

  private:
    enum class state { on, off, on_pending };
    struct pe {
        std::uint64_t mpidr;
        state now;
    };
    pe *find(std::uint64_t mpidr);
    psci_action cpu_on(std::uint64_t x[8], std::uint64_t mask);
    psci_action system_suspend(unsigned caller, std::uint64_t x[8], std::uint64_t mask);
    std::int32_t affinity_info(std::uint64_t target, std::uint64_t level);
    bool is_entry_point(std::uint64_t address) const;

    std::vector<pe> pes_;
    std::vector<dt_range> memory_;
};

} // namespace vp

#endif
