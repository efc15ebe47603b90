// SPDX-License-Identifier: Apache-2.0
// How many guest instructions per second the CPU executes: an integer loop with the MMU on.
#include "bench.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "a64/cpu.h"

namespace bench {

namespace {

constexpr std::uint64_t ram_base = 0x4000'0000;
constexpr std::size_t ram_size = 0x1'0000;
constexpr std::uint64_t code = ram_base;
constexpr std::uint64_t table = ram_base + 0x1000;
constexpr std::uint64_t data = ram_base + 0x2000;
constexpr std::uint64_t budget = 1'000'000;

// Turns the MMU on with the values in x0 to x3, then mixes 512 words at x4 over and over.
constexpr std::uint32_t program[] = {
    0xd518a200, // msr mair_el1, x0
    0xd5182041, // msr tcr_el1, x1
    0xd5182002, // msr ttbr0_el1, x2
    0xd5033fdf, // isb
    0xd5181003, // msr sctlr_el1, x3
    0xd5033fdf, // isb
    0xf8667885, // 1: ldr x5, [x4, x6, lsl #3]
    0xca0500e7, // eor x7, x7, x5
    0x8b0600e7, // add x7, x7, x6
    0x93c734e7, // ror x7, x7, #13
    0xf8267887, // str x7, [x4, x6, lsl #3]
    0x910004c6, // add x6, x6, #1
    0x924020c6, // and x6, x6, #0x1ff
    0xb5ffff26, // cbnz x6, 1b
    0x17fffff8, // b 1b
};
constexpr std::uint64_t loop_begin = code + 6 * sizeof(program[0]);
constexpr std::uint64_t loop_end = code + sizeof(program);

// Initial x0 to x4 (DDI 0487 D8.2, D8.3): one Normal Write-Back attribute; a 39-bit space under
// TTBR0 with 4 KiB pages and cacheable walks, TTBR1 off; MMU and caches on.
constexpr std::uint64_t mair = 0xff;
constexpr std::uint64_t tcr = 25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23;
constexpr std::uint64_t sctlr = 0x30d0'0800 | 1 << 0 | 1 << 2 | 1 << 12;
constexpr std::uint64_t initial_x[] = {mair, tcr, table, sctlr, data};

// Level 1 block: accessed, Inner Shareable, written and executed at EL1 only.
constexpr std::uint64_t block = ram_base | 1 << 10 | 3 << 8 | 1;

// A CPU and the RAM it has a host pointer to.
class machine {
  public:
    machine()
    {
        std::memcpy(at(code), program, sizeof program);
        std::memcpy(at(table) + 8 * (ram_base >> 30), &block, sizeof block);

        a64_ops ops{};
        ops.read = read;
        ops.write = write;
        ops.dmi = dmi;
        a64_config config{};
        config.reset_pc = code;
        config.cntfrq = 62'500'000;
        config.pa_bits = 40;
        config.reset_el = 1;
        cpu_.reset(a64_create(&config, &ops, this, error_, sizeof error_));
        for (unsigned n = 0; cpu_ && n < std::size(initial_x); n++)
            a64_set_x(cpu_.get(), n, initial_x[n]);
    }

    a64_cpu *cpu() { return cpu_.get(); }
    const char *error() const { return error_; }

  private:
    struct destroy {
        void operator()(a64_cpu *cpu) const { a64_destroy(cpu); }
    };

    static bool holds(std::uint64_t pa, unsigned size)
    {
        return pa >= ram_base && pa - ram_base <= ram_size - size;
    }

    std::uint8_t *at(std::uint64_t pa) { return ram_.data() + (pa - ram_base); }

    static a64_bus_status read(void *user, std::uint64_t pa, void *out, unsigned size)
    {
        if (!holds(pa, size))
            return A64_BUS_ABORT;
        std::memcpy(out, static_cast<machine *>(user)->at(pa), size);
        return A64_BUS_OK;
    }

    static a64_bus_status write(void *user, std::uint64_t pa, const void *in, unsigned size)
    {
        if (!holds(pa, size))
            return A64_BUS_ABORT;
        std::memcpy(static_cast<machine *>(user)->at(pa), in, size);
        return A64_BUS_OK;
    }

    static bool dmi(void *user, std::uint64_t pa, a64_dmi *dmi)
    {
        if (!holds(pa, 1))
            return false;
        *dmi = {static_cast<machine *>(user)->at(ram_base), ram_base, ram_base + ram_size - 1,
                true};
        return true;
    }

    std::vector<std::uint8_t> ram_ = std::vector<std::uint8_t>(ram_size);
    char error_[128] = "";
    std::unique_ptr<a64_cpu, destroy> cpu_;
};

void mips(benchmark::State &state)
{
    machine m;
    if (!m.cpu()) {
        state.SkipWithError(m.error());
        return;
    }
    std::uint64_t total = 0;
    for (auto _ : state) {
        std::uint64_t executed = 0;
        a64_run(m.cpu(), budget, &executed);
        total += executed;
    }
    const std::uint64_t pc = a64_get_pc(m.cpu());
    const a64_stats &stats = *a64_get_stats(m.cpu());
    if (pc < loop_begin || pc >= loop_end || stats.exceptions != 0)
        state.SkipWithError("the program left its loop");
    else if (stats.table_walks == 0)
        state.SkipWithError("the MMU is off");
    state.counters["MIPS"] =
        benchmark::Counter(static_cast<double>(total) / 1e6, benchmark::Counter::kIsRate);
}

} // namespace

void add_cpu()
{
    benchmark::RegisterBenchmark("cpu.mips", mips);
}

} // namespace bench
