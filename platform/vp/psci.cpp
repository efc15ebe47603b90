// SPDX-License-Identifier: Apache-2.0
// PSCI calls: who is on, what is there, when it ends.
#include "psci.hpp"

#include <algorithm>

namespace vp {

namespace {

constexpr std::uint64_t version_1_1 = 0x00010001;
constexpr std::uint64_t migration_not_required = 2; // MIGRATE_INFO_TYPE: no Trusted OS
enum affinity_state { affinity_on = 0, affinity_off = 1 };

constexpr std::uint32_t implemented[] = {
    psci_fn::version,      psci_fn::cpu_off,           psci_fn::cpu_on,
    psci_fn::cpu_on_64,    psci_fn::affinity_info,     psci_fn::affinity_info_64,
    psci_fn::features,     psci_fn::migrate_info_type, psci_fn::system_off,
    psci_fn::system_reset,
};

// Bit 30 tells SMC64 from SMC32 calls, whose arguments are 32 bits wide (Arm DEN0028).
bool is_smc64(std::uint32_t function)
{
    return (function >> 30 & 1) != 0;
}

std::int32_t has_feature(std::uint64_t function)
{
    const bool known = std::find(std::begin(implemented), std::end(implemented), function) !=
                       std::end(implemented);
    return known ? psci_code::success : psci_code::not_supported;
}

} // namespace

psci::psci(const std::vector<std::uint64_t> &mpidrs)
{
    for (std::uint64_t mpidr : mpidrs)
        pes_.push_back({mpidr, pes_.empty()});
}

const psci::pe *psci::find(std::uint64_t mpidr) const
{
    const auto it = std::find_if(pes_.begin(), pes_.end(),
                                 [&](const pe &candidate) { return candidate.mpidr == mpidr; });
    return it == pes_.end() ? nullptr : &*it;
}

std::int32_t psci::cpu_on(std::uint64_t target) const
{
    const pe *found = find(target);
    if (found == nullptr)
        return psci_code::invalid_parameters;
    return found->on ? psci_code::already_on : psci_code::not_supported;
}

// Levels above 0 may be refused since PSCI 1.0 (Arm DEN0022 5.1.5).
std::int32_t psci::affinity_info(std::uint64_t target, std::uint64_t level) const
{
    const pe *found = find(target);
    if (found == nullptr || level != 0)
        return psci_code::invalid_parameters;
    return found->on ? affinity_on : affinity_off;
}

psci_effect psci::call(unsigned caller, std::uint64_t x[8])
{
    const auto function = static_cast<std::uint32_t>(x[0]);
    const std::uint64_t mask = is_smc64(function) ? UINT64_MAX : UINT32_MAX;
    const std::uint64_t arg1 = x[1] & mask;
    const std::uint64_t arg2 = x[2] & mask;
    // Negative codes are sign-extended, so that W0 and X0 both hold them.
    const auto answer = [&](std::int64_t code) {
        x[0] = static_cast<std::uint64_t>(code);
        return psci_effect::answer;
    };

    switch (function) {
    case psci_fn::version:
        return answer(version_1_1);
    case psci_fn::features:
        return answer(has_feature(arg1));
    case psci_fn::migrate_info_type:
        return answer(migration_not_required);
    case psci_fn::cpu_on:
    case psci_fn::cpu_on_64:
        return answer(cpu_on(arg1));
    case psci_fn::affinity_info:
    case psci_fn::affinity_info_64:
        return answer(affinity_info(arg1, arg2));
    case psci_fn::cpu_off:
        pes_.at(caller).on = false;
        return psci_effect::park;
    case psci_fn::system_off:
        return psci_effect::power_off;
    case psci_fn::system_reset:
        return psci_effect::reset;
    case psci_fn::vp_exit:
        return psci_effect::exit;
    default:
        return answer(psci_code::not_supported);
    }
}

} // namespace vp
