// SPDX-License-Identifier: Apache-2.0
// The CPUs of a machine, wired to each other and to what is around them.
#include "processors.hpp"

#include <algorithm>

#include "crash_report.hpp"
#include "gic/gic.h"
#include "message.hpp"

namespace vp {

std::vector<std::uint64_t> affinities(const machine_plan &plan)
{
    std::vector<std::uint64_t> list;
    for (const cpu_plan &cpu : plan.cpus)
        list.push_back(cpu.mpidr);
    return list;
}

namespace {

std::vector<dt_range> ram_ranges(const machine_plan &plan)
{
    std::vector<dt_range> list;
    for (const ram_plan &ram : plan.memory)
        list.push_back(ram.range);
    return list;
}

// A broadcast of a CPU, for an SMMU; nothing if it is about instruction caches.
std::optional<smmu_dvm> to_smmu(const a64_dvm &dvm)
{
    smmu_dvm to = {};
    switch (dvm.op) {
    case A64_DVM_ALL:
        to.op = SMMU_DVM_ALL;
        break;
    case A64_DVM_VMALLS12:
        to.op = SMMU_DVM_VMALLS12;
        break;
    case A64_DVM_VMALL:
        to.op = SMMU_DVM_VMALL;
        break;
    case A64_DVM_ASID:
        to.op = SMMU_DVM_ASID;
        break;
    case A64_DVM_VA:
        to.op = SMMU_DVM_VA;
        break;
    case A64_DVM_VAA:
        to.op = SMMU_DVM_VAA;
        break;
    case A64_DVM_IPA:
        to.op = SMMU_DVM_IPAS2;
        break;
    case A64_DVM_IC_ALL:
    case A64_DVM_IC_LINE:
        return std::nullopt;
    }
    to.sec = SMMU_SEC_NS;
    to.world = dvm.regime == A64_REGIME_EL2 ? SMMU_WORLD_EL2 : SMMU_WORLD_NS_EL1;
    to.leaf = dvm.leaf;
    to.asid = dvm.asid;
    to.vmid = dvm.vmid;
    to.addr = dvm.addr;
    return to;
}

} // namespace

processors::processors(const machine_plan &plan, std::vector<std::unique_ptr<cpu>> cpus,
                       surroundings around, std::uint64_t entry, std::uint64_t x0)
    : around_(std::move(around)), psci_(affinities(plan), ram_ranges(plan)), trng_(plan.trng_seed),
      wakeups_(plan.cpus.size()), cpus_(std::move(cpus))
{
    for (unsigned i = 0; i < cpus_.size(); i++) {
        names_.push_back(plan.cpus[i].node.name());
        connect_peers(i, plan.psci);
    }
    cpus_[0]->set_start(entry, x0);
    for (unsigned i = 1; i < cpus_.size(); i++)
        cpus_[i]->power_off();
}

// Calls of a CPU to the firmware and to the others.
void processors::connect_peers(unsigned index, psci_conduit conduit)
{
    cpu &pe = *cpus_[index];
    pe.share_time(time_);
    pe.set_broadcast([this, index](const a64_dvm &dvm) { broadcast(index, dvm); });
    pe.set_dsb([this] { complete_broadcasts(); });
    pe.set_send_event([this, &pe] { send_events(&pe); });
    pe.set_crash_output([name = names_[index]](const a64_exception &exception) {
        say(describe_crash(name, exception));
    });
    if (conduit == psci_conduit::none)
        return;
    const a64_conduit method = conduit == psci_conduit::hvc ? A64_HVC : A64_SMC;
    pe.set_conduit([this, index, method](a64_conduit called, std::uint64_t x[8]) {
        if (called == method)
            firmware_call(index, x);
        return called == method;
    });
}

// One Inner Shareable domain.
void processors::broadcast(unsigned from, const a64_dvm &dvm)
{
    for (unsigned i = 0; i < cpus_.size(); i++)
        if (i != from)
            cpus_[i]->snoop(dvm);
    if (const auto tlbi = to_smmu(dvm))
        for (smmu_device *smmu : around_.smmus)
            smmu->broadcast().tlbi(*tlbi);
}

void processors::complete_broadcasts()
{
    for (smmu_device *smmu : around_.smmus)
        smmu->broadcast().dsb();
}

void processors::send_events(const cpu *from)
{
    for (const auto &pe : cpus_)
        if (pe.get() != from)
            pe->send_event();
}

namespace {

// The input of a CPU that an output of the GIC drives.
a64_line line_of_cpu(unsigned gic_line)
{
    constexpr a64_line inputs[] = {A64_IRQ, A64_FIQ, A64_VIRQ, A64_VFIQ};
    return inputs[gic_line];
}

// Where the binding of the timers has the interrupt of one.
unsigned row_of_timer(a64_timer which)
{
    constexpr unsigned rows[] = {timer_plan::physical, timer_plan::virtual_,
                                 timer_plan::hypervisor};
    return rows[which];
}

} // namespace

// A CPU's own interface, lines, timers and performance monitors.
void processors::connect_pe(unsigned index, gic &to, const machine_plan &plan)
{
    cpu *pe = cpus_[index].get();
    to.connect_pe(index,
                  [this, index, pe, &to, ppi = plan.gic->maintenance](unsigned line, bool level) {
                      if (line == GIC_MAINTENANCE && ppi)
                          to.set_ppi(index, *ppi, level);
                      if (line < GIC_MAINTENANCE)
                          pe->set_line(line_of_cpu(line), level);
                      signal_wakeup(index, line, level);
                  });
    pe->connect_gic(to.cpuif(index));
    pe->set_timer_output([index, &to, ppis = plan.timer.ppi](a64_timer which, bool level) {
        if (const auto ppi = ppis[row_of_timer(which)])
            to.set_ppi(index, *ppi, level);
    });
    if (plan.pmu_ppi)
        pe->set_pmu_output(
            [index, &to, ppi = *plan.pmu_ppi](bool level) { to.set_ppi(index, ppi, level); });
    if (plan.psci != psci_conduit::none) // the firmware of EL3, which wakes it
        to.wake(index);
}

void processors::connect_gic(gic &to, const machine_plan &plan)
{
    for (unsigned i = 0; i < cpus_.size(); i++)
        connect_pe(i, to, plan);
}

// What wakes a suspended system: an interrupt for the CPU that suspended it, asleep or not.
void processors::signal_wakeup(unsigned index, unsigned line, bool level)
{
    if (line != GIC_IRQ && line != GIC_FIQ && line != GIC_WAKE_REQUEST)
        return;
    const unsigned bit = 1u << line;
    wakeups_[index] = level ? wakeups_[index] | bit : wakeups_[index] & ~bit;
    if (level && suspended_ && suspended_->target == index)
        resume();
}

void processors::suspend(const psci_action &action)
{
    suspended_ = action;
    cpus_[action.target]->power_off();
    if (wakeups_[action.target] != 0)
        resume();
}

void processors::resume()
{
    const psci_action action = *suspended_;
    cpu &pe = *cpus_[action.target];
    suspended_.reset();
    pe.power_on(action.entry, action.context, std::max(sc_core::sc_time_stamp(), pe.local_time()),
                {});
}

// Runs in the process of the CPU, whose slice ends with the call.
void processors::firmware_call(unsigned caller, std::uint64_t x[8])
{
    cpu &pe = *cpus_[caller];
    const std::uint64_t status = x[1];
    if (trng_.call(x))
        return;
    const psci_action action = psci_.call(caller, x);
    switch (action.effect) {
    case psci_effect::answer:
        return;
    case psci_effect::measure:
        around_.measure(pe.local_time());
        return;
    case psci_effect::start:
        cpus_[action.target]->power_on(action.entry, action.context, pe.local_time(),
                                       [this, target = action.target] { psci_.started(target); });
        return;
    case psci_effect::standby:
        pe.standby();
        return;
    case psci_effect::suspend:
        suspend(action);
        return;
    case psci_effect::park:
        break;
    case psci_effect::power_off:
        around_.end_run(guest_end::power_off, 0);
        break;
    case psci_effect::reset:
        around_.end_run(guest_end::reset, 0);
        break;
    case psci_effect::exit:
        around_.end_run(guest_end::exit, status);
        break;
    }
    pe.power_off();
}

std::uint64_t processors::instructions() const
{
    std::uint64_t sum = 0;
    for (const auto &pe : cpus_)
        sum += pe->stats().instructions;
    return sum;
}

sc_core::sc_time processors::guest_time() const
{
    sc_core::sc_time latest = sc_core::sc_time_stamp();
    for (const auto &pe : cpus_)
        latest = std::max(latest, pe->local_time());
    return latest;
}

std::vector<device::counter> processors::counters() const
{
    std::vector<device::counter> list;
    for (std::size_t i = 0; i < cpus_.size(); i++) {
        const a64_stats &stats = cpus_[i]->stats();
        const std::string name = names_[i] + ".";
        list.push_back({name + "instructions", stats.instructions});
        list.push_back({name + "exceptions", stats.exceptions});
        list.push_back({name + "blocks-decoded", stats.blocks_decoded});
        list.push_back({name + "tlb-misses", stats.tlb_misses});
        list.push_back({name + "table-walks", stats.table_walks});
        list.push_back({name + "bus-reads", stats.bus_reads});
        list.push_back({name + "bus-writes", stats.bus_writes});
    }
    return list;
}

} // namespace vp
