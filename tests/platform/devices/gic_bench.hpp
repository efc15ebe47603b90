// SPDX-License-Identifier: Apache-2.0
// A GIC with register access by name and recorded outputs, for the tests of its parts.
#ifndef TESTS_GIC_BENCH_HPP
#define TESTS_GIC_BENCH_HPP

#include <cstdint>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "frame_access.hpp"
#include "gic/gic.h"
#include "table_memory.hpp"

// ICC_*_EL1 by encoding: op0 3, op1 0, CRn, CRm, op2.
constexpr std::uint32_t icc(unsigned crn, unsigned crm, unsigned op2)
{
    return 3u << 14 | crn << 7 | crm << 3 | op2;
}

enum : std::uint32_t {
    ICC_PMR = icc(4, 6, 0),
    ICC_IAR0 = icc(12, 8, 0),
    ICC_EOIR0 = icc(12, 8, 1),
    ICC_HPPIR0 = icc(12, 8, 2),
    ICC_BPR0 = icc(12, 8, 3),
    ICC_AP0R0 = icc(12, 8, 4),
    ICC_AP0R1 = icc(12, 8, 5),
    ICC_AP1R0 = icc(12, 9, 0),
    ICC_DIR = icc(12, 11, 1),
    ICC_RPR = icc(12, 11, 3),
    ICC_SGI1R = icc(12, 11, 5),
    ICC_ASGI1R = icc(12, 11, 6),
    ICC_SGI0R = icc(12, 11, 7),
    ICC_IAR1 = icc(12, 12, 0),
    ICC_EOIR1 = icc(12, 12, 1),
    ICC_HPPIR1 = icc(12, 12, 2),
    ICC_BPR1 = icc(12, 12, 3),
    ICC_CTLR = icc(12, 12, 4),
    ICC_SRE = icc(12, 12, 5),
    ICC_IGRPEN0 = icc(12, 12, 6),
    ICC_IGRPEN1 = icc(12, 12, 7),
};

// Offsets of distributor registers; those up to ICFGR are at the same place in SGI_base.
enum : std::uint64_t {
    GICD_CTLR = 0x0,
    GICD_TYPER = 0x4,
    IGROUPR = 0x80,
    ISENABLER = 0x100,
    ICENABLER = 0x180,
    ISPENDR = 0x200,
    ICPENDR = 0x280,
    ISACTIVER = 0x300,
    ICACTIVER = 0x380,
    IPRIORITYR = 0x400,
    ITARGETSR = 0x800,
    ICFGR = 0xC00,
    IROUTER = 0x6000,
    PIDR2 = 0xFFE8,
    GICR_CTLR = 0x0,
    GICR_TYPER = 0x8,
    GICR_WAKER = 0x14,
    GICR_PROPBASER = 0x70,
    GICR_PENDBASER = 0x78,
    SGI_BASE = 0x10000,
};

constexpr std::uint64_t router_irm = std::uint64_t{1} << 31;
constexpr std::uint64_t spurious = 1023;

class gic_bench : public ::testing::Test {
  protected:
    explicit gic_bench(unsigned pes = 2, unsigned spis = 64, bool lpis = false,
                       const std::uint32_t *affinities = nullptr)
        : lines(pes * GIC_LINES), core(create(pes, spis, lpis, affinities), gic_destroy),
          dist(gic_dist_frame, core.get()), redist(gic_redist_frame, core.get())
    {
    }

    // Everything on: groups, PEs awake, no priority masked.
    void enable_all(unsigned pes = 2)
    {
        dist.write(GICD_CTLR, 3);
        for (unsigned pe = 0; pe < pes; pe++) {
            redist.write(rd(pe) + GICR_WAKER, 0);
            set(pe, ICC_PMR, 0xFF);
            set(pe, ICC_IGRPEN0, 1);
            set(pe, ICC_IGRPEN1, 1);
        }
    }

    // Make an SPI a group 1 (or 0) interrupt of this priority, enabled, for PE 0.
    void prepare_spi(unsigned spi, unsigned priority, bool group1 = true, bool edge = false)
    {
        const unsigned id = spi + 32;

        set_bit(IGROUPR, id, group1);
        dist.write(IPRIORITYR + id, priority, 1);
        const std::uint64_t config = dist.read(ICFGR + id / 16 * 4);
        const std::uint64_t bit = std::uint64_t{2} << 2 * (id % 16);
        dist.write(ICFGR + id / 16 * 4, edge ? config | bit : config & ~bit);
        dist.write(ISENABLER + id / 32 * 4, std::uint64_t{1} << id % 32);
    }

    void set_bit(std::uint64_t array, unsigned id, bool value)
    {
        const std::uint64_t at = array + id / 32 * 4;
        const std::uint64_t bit = std::uint64_t{1} << id % 32;
        const std::uint64_t old = dist.read(at);
        dist.write(at, value ? old | bit : old & ~bit);
    }

    bool dist_bit(std::uint64_t array, unsigned id)
    {
        return dist.read(array + id / 32 * 4) >> id % 32 & 1;
    }

    // Raise a level SPI with this priority and acknowledge it on PE 0.
    void take_spi(unsigned spi, unsigned priority)
    {
        prepare_spi(spi, priority);
        gic_set_spi(core.get(), spi, true);
        ASSERT_EQ(get(0, ICC_IAR1), spi + 32);
    }

    std::uint64_t get(unsigned pe, std::uint32_t reg)
    {
        std::uint64_t value = 0;
        EXPECT_TRUE(gic_cpuif_read(core.get(), pe, reg, &value));
        return value;
    }

    void set(unsigned pe, std::uint32_t reg, std::uint64_t value)
    {
        EXPECT_TRUE(gic_cpuif_write(core.get(), pe, reg, value));
    }

    bool irq(unsigned pe = 0) const { return lines[pe * GIC_LINES + GIC_IRQ]; }
    bool fiq(unsigned pe = 0) const { return lines[pe * GIC_LINES + GIC_FIQ]; }
    static std::uint64_t rd(unsigned pe) { return pe * std::uint64_t{GIC_REDIST_SIZE}; }
    static std::uint64_t sgi(unsigned pe) { return rd(pe) + SGI_BASE; }

    table_memory memory;
    std::vector<bool> lines;
    std::unique_ptr<gic, void (*)(gic *)> core;
    frame_access dist;
    frame_access redist;

  private:
    gic *create(unsigned pes, unsigned spis, bool lpis, const std::uint32_t *affinities)
    {
        const gic_config config = {pes, spis, lpis, affinities};
        const vp_wires wires = {this, [](void *user, unsigned line, bool level) {
                                    auto &recorded = static_cast<gic_bench *>(user)->lines;
                                    EXPECT_NE(recorded.at(line), level) << "no change";
                                    recorded.at(line) = level;
                                }};
        const gic_ops ops = {memory.bus(), wires};
        char reason[80];
        return gic_create(&config, &ops, reason, sizeof reason);
    }
};

#endif
