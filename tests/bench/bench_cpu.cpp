// SPDX-License-Identifier: Apache-2.0
// How many guest instructions per second the CPU executes, in an integer loop with the MMU on, and
// what TLB maintenance takes.
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

// Turns the MMU on with the values in x0 to x3.
constexpr std::uint32_t prologue[] = {
    0xd518a200, // msr mair_el1, x0
    0xd5182041, // msr tcr_el1, x1
    0xd5182002, // msr ttbr0_el1, x2
    0xd5033fdf, // isb
    0xd5181003, // msr sctlr_el1, x3
    0xd5033fdf, // isb
};
constexpr std::uint64_t loop_begin = code + sizeof prologue;

using program = std::vector<std::uint32_t>;

// Mixes 512 words at x4 over and over.
const program mix = {
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

// Invalidates what x5 names, and reads a page.
program invalidating(std::uint32_t tlbi_x5)
{
    return {
        0xf9400086, // 1: ldr x6, [x4]
        tlbi_x5,
        0x17fffffe, // b 1b
    };
}

// Initial x0 to x4 (DDI 0487 D8.2, D8.3): one Normal Write-Back attribute; a 39-bit space under
// TTBR0 with 4 KiB pages and cacheable walks, TTBR1 off; MMU and caches on.
constexpr std::uint64_t mair = 0xff;
constexpr std::uint64_t tcr = 25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23;
constexpr std::uint64_t sctlr = 0x30d0'0800 | 1 << 0 | 1 << 2 | 1 << 12;
constexpr std::uint64_t initial_x[] = {mair, tcr, table, sctlr};

// Level 1 block: accessed, Inner Shareable, written and executed at EL1 only.
constexpr std::uint64_t block = ram_base | 1 << 10 | 3 << 8 | 1;

// A page of the current ASID, 0, and the tables of levels 2 and 3 that lead to `data` from there.
constexpr std::uint64_t page = 0x8000'0000;
constexpr std::uint64_t tables[] = {ram_base + 0x3000, ram_base + 0x4000};
constexpr std::uint64_t page_descriptor = data | 1 << 11 | 1 << 10 | 3 << 8 | 3;

// A CPU and the RAM it has a host pointer to.
class machine {
  public:
    explicit machine(const program &loop) : loop_end_(loop_begin + 4 * loop.size())
    {
        std::memcpy(at(code), prologue, sizeof prologue);
        std::memcpy(at(loop_begin), loop.data(), 4 * loop.size());
        store(table + 8 * (ram_base >> 30), block);
        store(table + 8 * (page >> 30), tables[0] | 3);
        store(tables[0], tables[1] | 3);
        store(tables[1], page_descriptor);

        a64_ops ops{};
        ops.read = read;
        ops.write = write;
        ops.dmi = dmi;
        a64_config config{};
        config.reset_pc = code;
        config.cntfrq = 62'500'000;
        config.pa_bits = 40;
        config.reset_el = 1;
        config.translate_after = A64_TRANSLATE_AFTER;
        cpu_.reset(a64_create(&config, &ops, this, error_, sizeof error_));
        for (unsigned n = 0; cpu_ && n < std::size(initial_x); n++)
            a64_set_x(cpu_.get(), n, initial_x[n]);
    }

    a64_cpu *cpu() { return cpu_.get(); }
    const char *error() const { return error_; }

    // It has not left its loop, and the MMU is on.
    const char *wrong()
    {
        const std::uint64_t pc = a64_get_pc(cpu());
        const a64_stats &stats = *a64_get_stats(cpu());
        if (pc < loop_begin || pc >= loop_end_ || stats.exceptions != 0)
            return "the program left its loop";
        return stats.table_walks == 0 ? "the MMU is off" : nullptr;
    }

  private:
    struct destroy {
        void operator()(a64_cpu *cpu) const { a64_destroy(cpu); }
    };

    static bool holds(std::uint64_t pa, unsigned size)
    {
        return pa >= ram_base && pa - ram_base <= ram_size - size;
    }

    std::uint8_t *at(std::uint64_t pa) { return ram_.data() + (pa - ram_base); }
    void store(std::uint64_t pa, std::uint64_t value) { std::memcpy(at(pa), &value, sizeof value); }

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
    std::uint64_t loop_end_;
    char error_[128] = "";
    std::unique_ptr<a64_cpu, destroy> cpu_;
};

// Returns how many instructions were executed.
std::uint64_t run(benchmark::State &state, machine &m)
{
    std::uint64_t total = 0;
    for (auto _ : state) {
        std::uint64_t executed = 0;
        a64_run(m.cpu(), budget, &executed);
        total += executed;
    }
    if (const char *wrong = m.wrong())
        state.SkipWithError(wrong);
    return total;
}

void mips(benchmark::State &state)
{
    machine m(mix);
    if (!m.cpu()) {
        state.SkipWithError(m.error());
        return;
    }
    a64_set_x(m.cpu(), 4, data);
    state.counters["MIPS"] =
        benchmark::Counter(static_cast<double>(run(state, m)) / 1e6, benchmark::Counter::kIsRate);
}

// The TLBI and the two instructions with it, of which one misses the TLB.
void tlbi(benchmark::State &state, std::uint32_t tlbi_x5)
{
    machine m(invalidating(tlbi_x5));
    if (!m.cpu()) {
        state.SkipWithError(m.error());
        return;
    }
    a64_set_x(m.cpu(), 4, page);
    a64_set_x(m.cpu(), 5, page >> 12);
    const double times = static_cast<double>(run(state, m)) / 3;
    if (static_cast<double>(a64_get_stats(m.cpu())->tlb_misses) < times)
        state.SkipWithError("an invalidation leaves the page");
    state.counters["ns"] =
        benchmark::Counter(times / 1e9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

} // namespace

void add_cpu()
{
    benchmark::RegisterBenchmark("cpu.mips", mips);
    benchmark::RegisterBenchmark("cpu.tlbi.va", tlbi, 0xd5088725);   // tlbi vae1, x5
    benchmark::RegisterBenchmark("cpu.tlbi.asid", tlbi, 0xd5088745); // tlbi aside1, x5
    benchmark::RegisterBenchmark("cpu.tlbi.all", tlbi, 0xd508871f);  // tlbi vmalle1
}

} // namespace bench
