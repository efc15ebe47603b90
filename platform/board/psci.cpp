// SPDX-License-Identifier: Apache-2.0
// PSCI calls: who is on, what is there, when it ends.
#include "psci.hpp"

#include <algorithm>
#include <utility>

namespace vp {

namespace {

constexpr std::uint64_t version_1_1 = 0x00010001;
constexpr std::uint64_t smccc_1_1 = 0x00010001;
constexpr std::uint64_t migration_not_required = 2; // MIGRATE_INFO_TYPE: no Trusted OS
enum affinity_state { affinity_on = 0, affinity_off = 1, affinity_on_pending = 2 };

// CPU_SUSPEND: a power_state of standby type has bit 16 clear; bits 31:26 and 23:17 are reserved
// (Arm DEN0022 5.4.2, original format).
constexpr std::uint64_t not_standby = 0xfcff0000;

constexpr std::uint32_t implemented[] = {
    psci_fn::version,
    psci_fn::cpu_suspend,
    psci_fn::cpu_suspend_64,
    psci_fn::cpu_off,
    psci_fn::cpu_on,
    psci_fn::cpu_on_64,
    psci_fn::affinity_info,
    psci_fn::affinity_info_64,
    psci_fn::features,
    psci_fn::system_off,
    psci_fn::migrate_info_type,
    psci_fn::system_reset,
    psci_fn::system_suspend,
    psci_fn::system_suspend_64,
    psci_fn::smccc_version,
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

// What SMCCC_ARCH_FEATURES knows: itself and the version. No workaround is needed.
std::int32_t has_arch_feature(std::uint64_t function)
{
    return function == psci_fn::smccc_version || function == psci_fn::smccc_arch_features
               ? psci_code::success
               : psci_code::not_supported;
}

// Negative codes are sign-extended, so that W0 and X0 both hold them.
psci_action answer(std::uint64_t x[8], std::int64_t code)
{
    x[0] = static_cast<std::uint64_t>(code);
    return {psci_effect::answer};
}

} // namespace

psci::psci(const std::vector<std::uint64_t> &mpidrs, std::vector<dt_range> memory)
    : memory_(std::move(memory))
{
    for (std::uint64_t mpidr : mpidrs)
        pes_.push_back({mpidr, pes_.empty() ? state::on : state::off});
}

psci::pe *psci::find(std::uint64_t mpidr)
{
    const auto it = std::find_if(pes_.begin(), pes_.end(),
                                 [&](const pe &candidate) { return candidate.mpidr == mpidr; });
    return it == pes_.end() ? nullptr : &*it;
}

bool psci::is_entry_point(std::uint64_t address) const
{
    return address % 4 == 0 &&
           std::any_of(memory_.begin(), memory_.end(), [&](const dt_range &bank) {
               return address >= bank.base && address - bank.base < bank.size;
           });
}

// The target is on its way until it says so itself, by started() (Arm DEN0022 5.1.4, 6.6).
psci_action psci::cpu_on(std::uint64_t x[8], std::uint64_t mask)
{
    const std::uint64_t entry = x[2] & mask;
    const std::uint64_t context = x[3] & mask;
    pe *found = find(x[1] & mask);
    if (found == nullptr)
        return answer(x, psci_code::invalid_parameters);
    if (found->now != state::off)
        return answer(x, found->now == state::on ? psci_code::already_on : psci_code::on_pending);
    if (!is_entry_point(entry))
        return answer(x, psci_code::invalid_address);
    found->now = state::on_pending;
    x[0] = psci_code::success;
    return {psci_effect::start, static_cast<unsigned>(found - pes_.data()), entry, context};
}

// The last PE that is on suspends the system (Arm DEN0022 5.1.18).
psci_action psci::system_suspend(unsigned caller, std::uint64_t x[8], std::uint64_t mask)
{
    const std::uint64_t entry = x[1] & mask;
    const bool alone = std::all_of(pes_.begin(), pes_.end(), [&](const pe &other) {
        return &other == &pes_.at(caller) || other.now == state::off;
    });
    if (!alone)
        return answer(x, psci_code::denied);
    if (!is_entry_point(entry))
        return answer(x, psci_code::invalid_address);
    return {psci_effect::suspend, caller, entry, x[2] & mask};
}

void psci::started(unsigned pe)
{
    pes_.at(pe).now = state::on;
}

// Levels above 0 may be refused since PSCI 1.0 (Arm DEN0022 5.1.5).
std::int32_t psci::affinity_info(std::uint64_t target, std::uint64_t level)
{
    const pe *found = find(target);
    if (found == nullptr || level != 0)
        return psci_code::invalid_parameters;
    switch (found->now) {
    case state::on:
        return affinity_on;
    case state::off:
        return affinity_off;
    case state::on_pending:
        break;
    }
    return affinity_on_pending;
}

psci_action psci::call(unsigned caller, std::uint64_t x[8])
{
    const auto function = static_cast<std::uint32_t>(x[0]);
    const std::uint64_t mask = is_smc64(function) ? UINT64_MAX : UINT32_MAX;
    const std::uint64_t arg1 = x[1] & mask;
    const std::uint64_t arg2 = x[2] & mask;

    switch (function) {
    case psci_fn::version:
        return answer(x, version_1_1);
    case psci_fn::features:
        return answer(x, has_feature(arg1));
    case psci_fn::migrate_info_type:
        return answer(x, migration_not_required);
    case psci_fn::cpu_on:
    case psci_fn::cpu_on_64:
        return cpu_on(x, mask);
    case psci_fn::affinity_info:
    case psci_fn::affinity_info_64:
        return answer(x, affinity_info(arg1, arg2));
    case psci_fn::cpu_suspend:
    case psci_fn::cpu_suspend_64:
        if ((arg1 & not_standby) != 0)
            return answer(x, psci_code::invalid_parameters);
        x[0] = psci_code::success;
        return {psci_effect::standby};
    case psci_fn::system_suspend:
    case psci_fn::system_suspend_64:
        return system_suspend(caller, x, mask);
    case psci_fn::smccc_version:
        return answer(x, smccc_1_1);
    case psci_fn::smccc_arch_features:
        return answer(x, has_arch_feature(arg1));
    case psci_fn::cpu_off:
        pes_.at(caller).now = state::off;
        return {psci_effect::park};
    case psci_fn::system_off:
        return {psci_effect::power_off};
    case psci_fn::system_reset:
        return {psci_effect::reset};
    case psci_fn::vp_exit:
        return {psci_effect::exit};
    case psci_fn::vp_measure:
        answer(x, psci_code::success);
        return {psci_effect::measure};
    default:
        return answer(x, psci_code::not_supported);
    }
}

} // namespace vp
