// SPDX-License-Identifier: Apache-2.0
// The firmware interface of the machine: PSCI 1.1, and a vendor call that ends a run with a status.
#ifndef VP_PSCI_HPP
#define VP_PSCI_HPP

#include <cstdint>
#include <vector>

namespace vp {

// Function identifiers (Arm DEN0022, chapter 5).
namespace psci_fn {
constexpr std::uint32_t version = 0x84000000;
constexpr std::uint32_t cpu_off = 0x84000002;
constexpr std::uint32_t cpu_on = 0x84000003;
constexpr std::uint32_t cpu_on_64 = 0xC4000003;
constexpr std::uint32_t affinity_info = 0x84000004;
constexpr std::uint32_t affinity_info_64 = 0xC4000004;
constexpr std::uint32_t migrate_info_type = 0x84000006;
constexpr std::uint32_t system_off = 0x84000008;
constexpr std::uint32_t system_reset = 0x84000009;
constexpr std::uint32_t features = 0x8400000A;
// Vendor Specific EL3 Monitor Service, SMC64 (Arm DEN0028: 0xC7000000 to 0xC700FFFF). x1 is a
// status, 0 for success; the call ends the run and does not return.
constexpr std::uint32_t vp_exit = 0xC7000000;
} // namespace psci_fn

// Return codes (Arm DEN0022 5.2.2).
namespace psci_code {
constexpr std::int32_t success = 0;
constexpr std::int32_t not_supported = -1;
constexpr std::int32_t invalid_parameters = -2;
constexpr std::int32_t already_on = -4;
} // namespace psci_code

// What the machine has to do about a call. Except for `answer`, the caller does not go on.
enum class psci_effect {
    answer,    // x0 has the result
    park,      // the calling PE is off now
    power_off, // the run ends well
    reset,     // the run ends: the guest asked to start again
    exit,      // the run ends with the status in x1
};

// State of the PEs as PSCI sees it, and the calls.
class psci {
  public:
    // `mpidrs`: affinity of every PE. The first is on.
    explicit psci(const std::vector<std::uint64_t> &mpidrs);

    // Handles the call of PE number `caller` in x[0] to x[7]. Unknown functions are answered with
    // NOT_SUPPORTED.
    psci_effect call(unsigned caller, std::uint64_t x[8]);

  private:
    struct pe {
        std::uint64_t mpidr;
        bool on;
    };
    const pe *find(std::uint64_t mpidr) const;
    std::int32_t cpu_on(std::uint64_t target) const;
    std::int32_t affinity_info(std::uint64_t target, std::uint64_t level) const;

    std::vector<pe> pes_;
};

} // namespace vp

#endif
