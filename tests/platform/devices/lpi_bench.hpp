// SPDX-License-Identifier: Apache-2.0
// A GIC with LPIs: two PEs, tables in memory, everything enabled but the LPIs themselves.
#ifndef TESTS_LPI_BENCH_HPP
#define TESTS_LPI_BENCH_HPP

#include "gic_bench.hpp"

constexpr std::uint32_t lpi = GIC_FIRST_LPI;
constexpr std::uint8_t lpi_enabled = 1;

class lpi_bench : public gic_bench {
  protected:
    lpi_bench() : gic_bench(2, 64, true) { enable_all(); }

    static constexpr std::uint64_t config_table = 0x8000'0000;
    static constexpr std::uint64_t id_bits_16 = 15; // GICR_PROPBASER.IDbits
    static constexpr std::uint64_t ptz = std::uint64_t{1} << 62;

    static std::uint64_t pending_table(unsigned pe) { return 0x9000'0000 + pe * 0x10000; }

    void enable_lpis(unsigned pe, std::uint64_t id_bits = id_bits_16, std::uint64_t flags = 0)
    {
        redist.write(rd(pe) + GICR_PROPBASER, config_table | id_bits, 8);
        redist.write(rd(pe) + GICR_PENDBASER, pending_table(pe) | flags, 8);
        redist.write(rd(pe) + GICR_CTLR, 1);
    }

    void disable_lpis(unsigned pe) { redist.write(rd(pe) + GICR_CTLR, 0); }

    // What software writes to the configuration table; nobody is told.
    void configure(std::uint32_t intid, unsigned priority, bool enabled = true)
    {
        memory.put8(config_table + intid - GIC_FIRST_LPI,
                    static_cast<std::uint8_t>(priority | (enabled ? lpi_enabled : 0)));
    }

    void set_lpi(std::uint32_t intid, unsigned pe = 0) { gic_lpi_set(core.get(), pe, intid); }
    std::uint64_t highest(unsigned pe = 0) { return get(pe, ICC_HPPIR1); }
    std::uint64_t acknowledge(unsigned pe = 0) { return get(pe, ICC_IAR1); }
    void end(std::uint64_t intid, unsigned pe = 0) { set(pe, ICC_EOIR1, intid); }
};

#endif
