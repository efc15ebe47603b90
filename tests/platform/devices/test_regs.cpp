// SPDX-License-Identifier: Apache-2.0
// Registers as rows: sizes, halves, masks, guards, side effects, and what no row has.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "dma/dma.h"
#include "gic/gic.h"
#include "gic/its.h"
#include "pl011/pl011.h"
#include "pl031/pl031.h"
#include "vp/regs.h"

namespace test_regs {
namespace {

struct device {
    std::uint64_t wide;
    std::uint32_t narrow;
    std::uint32_t status;
    std::uint32_t list[3];
    unsigned taken;
    bool locked;
};

std::uint64_t get_fifo(const void *dev)
{
    return 0x40 + static_cast<const device *>(dev)->taken;
}

void take(void *dev)
{
    static_cast<device *>(dev)->taken++;
}

std::uint64_t get_list(const void *dev, unsigned index)
{
    return static_cast<const device *>(dev)->list[index];
}

void set_list(void *dev, unsigned index, std::uint64_t value)
{
    static_cast<device *>(dev)->list[index] = static_cast<std::uint32_t>(value);
}

bool unlocked(const void *dev)
{
    return !static_cast<const device *>(dev)->locked;
}

vp_reg reg(const char *name, std::uint32_t offset, std::uint8_t width)
{
    vp_reg row = {};
    row.name = name;
    row.offset = offset;
    row.width = width;
    return row;
}

class Registers : public ::testing::Test {
  protected:
    Registers()
    {
        rows[0].value = 0x12345678;
        rows[1].member = offsetof(device, wide);
        rows[1].member_size = 8;
        rows[1].writable = 0xffff'ffff'ffff'ff00;
        rows[1].hidden = std::uint64_t{1} << 63;
        rows[2].member = offsetof(device, narrow);
        rows[2].member_size = 4;
        rows[2].writable = 0xffff;
        rows[2].guard = unlocked;
        rows[3].member = offsetof(device, status);
        rows[3].member_size = 4;
        rows[3].w1c = 0x6;
        rows[4].get = get_fifo;
        rows[4].taken = take;
        rows[5].sizes = 1 | 4;
        rows[5].count = 3;
        rows[5].stride = 8;
        rows[5].get_nth = get_list;
        rows[5].set_nth = set_list;
        regs.rows = rows;
        regs.count = 6;
        regs.size = 0x100;
        regs.sizes = 4 | 8;
    }

    std::uint64_t read(std::uint64_t offset, unsigned size = 4)
    {
        std::uint64_t value = 0;
        EXPECT_EQ(vp_regs_read(&regs, &dev, offset, size, &value), VP_OK);
        return value;
    }

    vp_status read_status(std::uint64_t offset, unsigned size)
    {
        std::uint64_t value = 1;
        const vp_status status = vp_regs_read(&regs, &dev, offset, size, &value);
        EXPECT_TRUE(status == VP_OK || value == 0) << "a refused read returns nothing";
        EXPECT_EQ(vp_regs_write(&regs, &dev, offset, size, 0), status);
        return status;
    }

    void write(std::uint64_t offset, std::uint64_t value, unsigned size = 4)
    {
        EXPECT_EQ(vp_regs_write(&regs, &dev, offset, size, value), VP_OK);
    }

    device dev = {};
    vp_reg rows[6] = {reg("ID", 0x00, 4),     reg("WIDE", 0x08, 8), reg("NARROW", 0x10, 4),
                      reg("STATUS", 0x14, 4), reg("FIFO", 0x18, 4), reg("LIST", 0x40, 4)};
    vp_regs regs = {};
};

TEST_F(Registers, OfNoRowAreRazWi)
{
    write(0x04, 0xffffffff);
    write(0x20, ~std::uint64_t{0}, 8);
    EXPECT_EQ(read(0x04), 0u);
    EXPECT_EQ(read(0x20, 8), 0u);
    EXPECT_EQ(read(0xf8, 8), 0u) << "behind the last row";
}

TEST_F(Registers, BeyondTheFrameAreNotThere)
{
    EXPECT_EQ(read_status(0x100, 4), VP_DECERR);
    EXPECT_EQ(read_status(~std::uint64_t{0}, 4), VP_DECERR);
}

TEST_F(Registers, RefuseSizesThatAreNotListedAndWhatIsNotAligned)
{
    for (const unsigned size : {0u, 1u, 2u, 3u, 16u})
        EXPECT_EQ(read_status(0x08, size), VP_SLVERR) << size;
    EXPECT_EQ(read_status(0x02, 4), VP_SLVERR);
    EXPECT_EQ(read_status(0x0c, 8), VP_SLVERR);
    EXPECT_EQ(read_status(0x10, 8), VP_SLVERR) << "wider than the register";
    EXPECT_EQ(read_status(0x41, 1), VP_OK) << "a size of the row's own";
    EXPECT_EQ(read_status(0x40, 8), VP_SLVERR);
    regs.align = 4;
    EXPECT_EQ(read_status(0x41, 1), VP_SLVERR);
}

TEST_F(Registers, Of64BitsAreReadAndWrittenByHalves)
{
    write(0x08, 0x8123456789abcdef, 8);
    EXPECT_EQ(dev.wide, 0x8123456789abcd00u) << "only the writable bits";
    EXPECT_EQ(read(0x08, 8), 0x0123456789abcd00u) << "hidden bits read as 0";
    EXPECT_EQ(read(0x08), 0x89abcd00u);
    EXPECT_EQ(read(0x0c), 0x01234567u);
    write(0x08, 0);
    EXPECT_EQ(dev.wide, 0x8123456700000000u) << "the other half stays";
    write(0x0c, 0x7654);
    EXPECT_EQ(dev.wide, 0x0000765400000000u);
}

TEST_F(Registers, AreWrittenOnlyWhileTheirGuardAllows)
{
    dev.locked = true;
    write(0x10, 5);
    EXPECT_EQ(dev.narrow, 0u);
    dev.locked = false;
    write(0x10, 0x10005);
    EXPECT_EQ(read(0x10), 5u);
}

TEST_F(Registers, ClearWhereOneIsWritten)
{
    dev.status = 0xf;
    write(0x14, 0xd);
    EXPECT_EQ(dev.status, 0xbu);
}

TEST_F(Registers, TakeWhatIsReadButNotWhatIsPeeked)
{
    std::uint64_t value = 0;

    EXPECT_EQ(vp_regs_peek(&regs, &dev, 0x18, 4, &value), VP_OK);
    EXPECT_EQ(value, 0x40u);
    EXPECT_EQ(read(0x18), 0x40u);
    EXPECT_EQ(read(0x18), 0x41u);
    EXPECT_EQ(dev.taken, 2u);
}

TEST_F(Registers, OfAListAreFoundByStride)
{
    write(0x48, 7);
    EXPECT_EQ(dev.list[1], 7u);
    EXPECT_EQ(read(0x48), 7u);
    EXPECT_EQ(read(0x4c), 0u) << "between two";
    write(0x58, 7);
    EXPECT_EQ(read(0x58), 0u) << "behind the last";
}

TEST_F(Registers, KeepTheBytesThatAWriteLeavesOut)
{
    dev.list[0] = 0x11223344;
    write(0x41, 0xff, 1);
    EXPECT_EQ(dev.list[0], 0x1122ff44u);
    regs.extends = true;
    write(0x40, 0xee, 1);
    EXPECT_EQ(dev.list[0], 0xeeu) << "of a device that takes a narrow write for a whole one";
}

TEST_F(Registers, InPairsTakeAnAccessOf64BitsAsTwo)
{
    regs.pairs = true;
    dev.status = 0x6;
    EXPECT_EQ(read(0x10, 8), std::uint64_t{0x6} << 32);
    write(0x10, std::uint64_t{0x2} << 32 | 9, 8);
    EXPECT_EQ(dev.narrow, 9u);
    EXPECT_EQ(dev.status, 4u);
    EXPECT_EQ(read(0x18, 8), 0x40u) << "the other is reserved";
    EXPECT_EQ(dev.taken, 1u);
    write(0x08, 0x100, 8);
    EXPECT_EQ(dev.wide, 0x100u);
}

TEST_F(Registers, HaveNames)
{
    EXPECT_STREQ(vp_regs_name(&regs, 0x0f), "WIDE");
    EXPECT_STREQ(vp_regs_name(&regs, 0x50), "LIST");
    EXPECT_EQ(vp_regs_name(&regs, 0x04), nullptr);
    EXPECT_EQ(vp_regs_name(&regs, 0x58), nullptr);
}

// Names of a frame, with where their first register is.
std::map<std::string, std::uint64_t> names_of(const vp_frame &frame, std::uint64_t size)
{
    std::map<std::string, std::uint64_t> names;
    for (std::uint64_t at = 0; at < size; at += 4)
        if (const char *name = frame.name(at))
            names.emplace(name, at);
    return names;
}

// A row that is out of order is not found, and its name is missing.
TEST(RegisterNames, AreAllFoundWhereTheSpecificationsHaveThem)
{
    const auto uart = names_of(pl011_frame, PL011_SIZE); // DDI 0183 table 3-1
    EXPECT_EQ(uart.size(), 22u);
    EXPECT_EQ(uart.at("UARTDR"), 0x000u);
    EXPECT_EQ(uart.at("UARTFR"), 0x018u);
    EXPECT_EQ(uart.at("UARTDMACR"), 0x048u);
    EXPECT_EQ(uart.at("UARTPCellID3"), 0xffcu);

    const auto clock = names_of(pl031_frame, PL031_SIZE); // DDI 0224 table 3-1
    EXPECT_EQ(clock.size(), 16u);
    EXPECT_EQ(clock.at("RTCICR"), 0x01cu);

    const auto dist = names_of(gic_dist_frame, GIC_DIST_SIZE); // IHI 0069 12.8
    EXPECT_EQ(dist.size(), 22u);
    EXPECT_EQ(dist.at("ICFGR"), 0xc00u);
    EXPECT_EQ(dist.at("GICD_IROUTER"), 0x6000u);
    EXPECT_EQ(dist.at("GICD_PIDR2"), 0xffe8u);

    const auto redist = names_of(gic_redist_frame, GIC_REDIST_SIZE); // IHI 0069 12.10
    EXPECT_EQ(redist.size(), 24u);
    EXPECT_EQ(redist.at("GICR_PENDBASER"), 0x0078u);
    EXPECT_EQ(redist.at("ISENABLER"), 0x10100u);

    const auto its = names_of(its_frame, ITS_SIZE); // IHI 0069 12.18
    EXPECT_EQ(its.size(), 16u);
    EXPECT_EQ(its.at("GITS_BASER"), 0x0100u);
    EXPECT_EQ(its.at("GITS_TRANSLATER"), 0x10040u);

    const auto engine = names_of(dma_frame, DMA_PAGE_SIZE);
    EXPECT_EQ(engine.size(), 10u);
    EXPECT_EQ(engine.at("SSID"), 0x34u);
}

} // namespace
} // namespace test_regs
