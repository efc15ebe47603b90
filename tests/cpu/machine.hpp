// SPDX-License-Identifier: Apache-2.0
// A PE with flat memory around it, and everything a test wants to do to them.
#ifndef TESTS_CPU_MACHINE_HPP
#define TESTS_CPU_MACHINE_HPP

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "a64/cpu.h"

namespace cpu_test {

constexpr std::uint64_t ram_base = 0x40000000;
constexpr std::uint64_t ram_size = 0x800000;
constexpr std::uint64_t device_base = 0x09000000;

// Encodings of system registers that tests name often.
constexpr std::uint32_t SCTLR_EL1 = A64_SYSREG(3, 0, 1, 0, 0);
constexpr std::uint32_t CPACR_EL1 = A64_SYSREG(3, 0, 1, 0, 2);
constexpr std::uint32_t TTBR0_EL1 = A64_SYSREG(3, 0, 2, 0, 0);
constexpr std::uint32_t TTBR1_EL1 = A64_SYSREG(3, 0, 2, 0, 1);
constexpr std::uint32_t TCR_EL1 = A64_SYSREG(3, 0, 2, 0, 2);
constexpr std::uint32_t SPSR_EL1 = A64_SYSREG(3, 0, 4, 0, 0);
constexpr std::uint32_t ELR_EL1 = A64_SYSREG(3, 0, 4, 0, 1);
constexpr std::uint32_t SP_EL0 = A64_SYSREG(3, 0, 4, 1, 0);
constexpr std::uint32_t ESR_EL1 = A64_SYSREG(3, 0, 5, 2, 0);
constexpr std::uint32_t FAR_EL1 = A64_SYSREG(3, 0, 6, 0, 0);
constexpr std::uint32_t PAR_EL1 = A64_SYSREG(3, 0, 7, 4, 0);
constexpr std::uint32_t MAIR_EL1 = A64_SYSREG(3, 0, 10, 2, 0);
constexpr std::uint32_t VBAR_EL1 = A64_SYSREG(3, 0, 12, 0, 0);
constexpr std::uint32_t CNTKCTL_EL1 = A64_SYSREG(3, 0, 14, 1, 0);

// Those of EL2.
constexpr std::uint32_t SCTLR_EL2 = A64_SYSREG(3, 4, 1, 0, 0);
constexpr std::uint32_t HCR_EL2 = A64_SYSREG(3, 4, 1, 1, 0);
constexpr std::uint32_t MDCR_EL2 = A64_SYSREG(3, 4, 1, 1, 1);
constexpr std::uint32_t CPTR_EL2 = A64_SYSREG(3, 4, 1, 1, 2);
constexpr std::uint32_t TTBR0_EL2 = A64_SYSREG(3, 4, 2, 0, 0);
constexpr std::uint32_t TCR_EL2 = A64_SYSREG(3, 4, 2, 0, 2);
constexpr std::uint32_t VTTBR_EL2 = A64_SYSREG(3, 4, 2, 1, 0);
constexpr std::uint32_t VTCR_EL2 = A64_SYSREG(3, 4, 2, 1, 2);
constexpr std::uint32_t SPSR_EL2 = A64_SYSREG(3, 4, 4, 0, 0);
constexpr std::uint32_t ELR_EL2 = A64_SYSREG(3, 4, 4, 0, 1);
constexpr std::uint32_t SP_EL1 = A64_SYSREG(3, 4, 4, 1, 0);
constexpr std::uint32_t ESR_EL2 = A64_SYSREG(3, 4, 5, 2, 0);
constexpr std::uint32_t FAR_EL2 = A64_SYSREG(3, 4, 6, 0, 0);
constexpr std::uint32_t HPFAR_EL2 = A64_SYSREG(3, 4, 6, 0, 4);
constexpr std::uint32_t MAIR_EL2 = A64_SYSREG(3, 4, 10, 2, 0);
constexpr std::uint32_t VBAR_EL2 = A64_SYSREG(3, 4, 12, 0, 0);
constexpr std::uint32_t CNTVOFF_EL2 = A64_SYSREG(3, 4, 14, 0, 3);
constexpr std::uint32_t CNTHCTL_EL2 = A64_SYSREG(3, 4, 14, 1, 0);

// HCR_EL2, bit by bit.
namespace hcr {
constexpr std::uint64_t bit(unsigned n)
{
    return std::uint64_t{1} << n;
}
constexpr std::uint64_t vm = bit(0), ptw = bit(2), fmo = bit(3), imo = bit(4), amo = bit(5);
constexpr std::uint64_t vf = bit(6), vi = bit(7), vse = bit(8), fb = bit(9), dc = bit(12);
constexpr std::uint64_t twi = bit(13), twe = bit(14), tid1 = bit(16), tid2 = bit(17);
constexpr std::uint64_t tid3 = bit(18), tsc = bit(19), tidcp = bit(20), tacr = bit(21);
constexpr std::uint64_t tsw = bit(22), tpcp = bit(23), tpu = bit(24), ttlb = bit(25);
constexpr std::uint64_t tvm = bit(26), tge = bit(27), tdz = bit(28), hcd = bit(29);
constexpr std::uint64_t trvm = bit(30), rw = bit(31);
} // namespace hcr

// PSTATE values: EL2 and EL1 with a stack pointer of their own or with SP_EL0, EL0; DAIF clear.
constexpr std::uint32_t el2h = 9, el2t = 8, el1h = 5, el1t = 4, el0t = 0, all_masked = 0x3c0;

// How often code runs before it is translated, in machines that are not told: TRANSLATE_AFTER of
// the environment, never without it.
std::uint32_t translate_after_of_environment();

struct machine {
    struct bus_access {
        bool write;
        std::uint64_t pa;
        unsigned size;
        std::uint64_t value;
        std::uint64_t progress;
    };

    // `own_clock`: the CPU clock is `counter` too, else its cycles are the instructions.
    // `reset_el`: the highest exception level, where the PE starts.
    explicit machine(bool with_dmi = true, bool own_clock = false, unsigned reset_el = 1,
                     std::uint32_t translate_after = translate_after_of_environment());

    // Memory as the world sees it; addresses are physical.
    std::uint8_t *host(std::uint64_t pa) { return &ram[pa - ram_base]; }
    void poke32(std::uint64_t pa, std::uint32_t v) { std::memcpy(host(pa), &v, 4); }
    void poke64(std::uint64_t pa, std::uint64_t v) { std::memcpy(host(pa), &v, 8); }
    std::uint64_t peek64(std::uint64_t pa);
    // Loads a program, as a loader does: code decoded before is dropped.
    void code(std::uint64_t pa, const std::vector<std::uint32_t> &words);

    std::uint64_t x(unsigned n) const { return a64_get_x(cpu.get(), n); }
    void set_x(unsigned n, std::uint64_t v) { a64_set_x(cpu.get(), n, v); }
    std::uint64_t pc() const { return a64_get_pc(cpu.get()); }
    std::uint64_t sys(std::uint32_t reg) const;
    void set_sys(std::uint32_t reg, std::uint64_t v);
    unsigned el() const { return a64_get_pstate(cpu.get()) >> 2 & 3; }

    // Runs `n` instructions from `at`, or from where the PE is.
    a64_stop run(std::uint64_t n);
    a64_stop run_at(std::uint64_t at, std::uint64_t n);

    std::vector<std::uint8_t> ram = std::vector<std::uint8_t>(ram_size);
    std::vector<bus_access> log;                   // accesses that reached the bus
    std::map<std::uint64_t, std::uint64_t> device; // 64-bit values of device memory
    std::function<void(const bus_access &)> on_bus;
    std::uint64_t abort_at = 1; // 8-byte granule that aborts; odd: none
    bool dmi_writable = true;
    std::function<bool(a64_conduit, std::uint64_t *)> conduit;
    std::map<std::uint32_t, std::uint64_t> gic;
    std::vector<a64_dvm> broadcasts; // sent by the PE
    unsigned dsbs = 0;               // that had to wait for them
    unsigned events = 0;             // SEVs sent by the PE
    std::function<void()> on_peers;  // whenever it turns to other PEs by DSB or SEV
    bool can_peek = true;
    std::uint64_t counter = 0;
    bool timer_level[A64_TIMERS] = {};
    bool pmu_level = false;
    std::function<void(bool)> on_pmu;
    std::function<bool(const a64_exception &)> on_repeat; // nothing: repetitions are executed
    std::uint64_t executed = 0;                           // by the last run
    std::unique_ptr<a64_cpu, void (*)(a64_cpu *)> cpu;
};

// Builds translation tables in RAM from 0x40400000 up, written from DDI 0487 D8.3 on its own.
class tables {
  public:
    explicit tables(machine &m, unsigned granule_log2 = 12, std::uint64_t area = 0x40400000)
        : m_(m), granule_(granule_log2), next_(area)
    {
        root_ = allocate();
    }

    // Descriptor attribute bits.
    static constexpr std::uint64_t af = 1u << 10, ng = 1u << 11, ap_el0 = 1u << 6, ap_ro = 1u << 7;
    static constexpr std::uint64_t pxn = std::uint64_t{1} << 53, uxn = std::uint64_t{1} << 54;
    static constexpr std::uint64_t normal = 0, device = 1u << 2; // MAIR indexes 0 and 1
    static constexpr std::uint64_t mair = 0x00ff;                // 0: Normal WB, 1: Device-nGnRnE

    // Maps `va` at `level` (3: page) from a 48-bit space; returns the address of the descriptor.
    std::uint64_t map(std::uint64_t va, std::uint64_t pa, std::uint64_t attrs, unsigned level = 3);
    // The descriptor of `va` at `level`, tables above it created.
    std::uint64_t descriptor(std::uint64_t va, unsigned level);
    std::uint64_t root() const { return root_; }
    unsigned first_level() const { return granule_ == 16 ? 1 : 0; }

    // Turns the MMU on with these tables for both halves of a 48-bit space.
    void enable(std::uint64_t asid = 1, std::uint64_t sctlr = 0x30d00981);
    std::uint64_t tcr() const;

  private:
    std::uint64_t allocate();
    unsigned shift(unsigned level) const { return granule_ + (3 - level) * (granule_ - 3); }
    machine &m_;
    unsigned granule_;
    std::uint64_t next_;
    std::uint64_t root_;
};

} // namespace cpu_test

#endif
