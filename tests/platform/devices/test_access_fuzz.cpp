// SPDX-License-Identifier: Apache-2.0
// Random accesses of every size and alignment: whatever a guest does, a kernel survives.
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "access_probe/access_probe.h"
#include "dma/dma.h"
#include "gic/gic.h"
#include "pl011/pl011.h"
#include "pl031/pl031.h"
#include "table_memory.hpp"

namespace test_access_fuzz {
namespace {

constexpr unsigned rounds = 30000;
constexpr unsigned seed = 4711;

class access_fuzz : public ::testing::Test {
  protected:
    std::uint64_t any64() { return std::uint64_t{random()} << 32 | random(); }

    // Mostly register-like, sometimes anything.
    std::uint64_t offset(std::uint64_t frame_size)
    {
        if (random() % 64 == 0)
            return any64();
        const std::uint64_t at = random() % (frame_size + 0x100);
        return random() % 8 ? at & ~std::uint64_t{3} : at;
    }

    unsigned size()
    {
        static constexpr unsigned sizes[] = {4, 4, 4, 8, 8, 1, 2, 0, 3, 16};
        return sizes[random() % 10];
    }

    void hit(const vp_frame &frame, void *dev, std::uint64_t frame_size)
    {
        const std::uint64_t at = offset(frame_size);
        const unsigned bytes = size();
        std::uint64_t value = 0;

        if (random() % 2) {
            const vp_status status = frame.read(dev, at, bytes, &value);
            EXPECT_TRUE(status == VP_OK || value == 0) << "a refused read returns nothing";
            EXPECT_TRUE(bytes >= 8 || value >> (8 * bytes) == 0) << "zero-extended";
        } else {
            frame.write(dev, at, bytes, any64());
        }
    }

    std::mt19937 random{seed};
};

TEST_F(access_fuzz, Gic)
{
    table_memory memory;
    const gic_config config = {3, 70, true, nullptr};
    const gic_ops ops = {memory.bus(), {}};
    char reason[80];
    std::unique_ptr<gic, void (*)(gic *)> core(gic_create(&config, &ops, reason, sizeof reason),
                                               gic_destroy);

    for (unsigned i = 0; i < rounds; i++) {
        std::uint64_t value;
        const unsigned pe = random() % 3;
        const std::uint32_t reg = 0xC000u | (random() % 4 ? 12u : 4u) << 7 | random() % 128;

        hit(gic_dist_frame, core.get(), random() % 2 ? 0x1000 : GIC_DIST_SIZE);
        hit(gic_redist_frame, core.get(), 3 * GIC_REDIST_SIZE);
        gic_set_spi(core.get(), random() % 70, random() % 2);
        gic_set_ppi(core.get(), pe, random() % GIC_PPIS, random() % 2);
        gic_lpi_set(core.get(), pe, any64() & 0x1FFFF);
        gic_cpuif_write(core.get(), pe, reg, any64());
        if (gic_cpuif_read(core.get(), pe, reg, &value)) {
            EXPECT_EQ(value >> 32, 0u);
        }
    }
}

TEST_F(access_fuzz, AccessProbe)
{
    std::unique_ptr<access_probe, void (*)(access_probe *)> core(access_probe_create(),
                                                                 access_probe_destroy);

    for (unsigned i = 0; i < rounds; i++) {
        access_probe_access access = {};
        access.offset = any64();
        access.space = access.pas = access.sh = access.pbha = static_cast<std::uint8_t>(random());
        access_probe_record(core.get(), &access);
        hit(access_probe_frame, core.get(), random() % 2 ? 0x30 : ACCESS_PROBE_SIZE);
    }
}

TEST_F(access_fuzz, Pl011)
{
    const pl011_ops ops = {};
    const vp_wires wires = {};
    std::unique_ptr<pl011, void (*)(pl011 *)> core(pl011_create(&ops, nullptr, &wires),
                                                   pl011_destroy);

    for (unsigned i = 0; i < rounds; i++) {
        hit(pl011_frame, core.get(), random() % 2 ? 0x50 : PL011_SIZE);
        pl011_receive(core.get(), static_cast<std::uint8_t>(random()), random());
        if (random() % 8 == 0)
            pl011_receive_timeout(core.get());
    }
}

TEST_F(access_fuzz, Pl031)
{
    const pl031_ops ops = {
        [](void *user) { return std::uint64_t{(*static_cast<std::mt19937 *>(user))()} << 3; }, {}};
    const vp_wires wires = {};
    std::unique_ptr<pl031, void (*)(pl031 *)> core(pl031_create(&ops, &random, &wires, random()),
                                                   pl031_destroy);

    for (unsigned i = 0; i < rounds; i++) {
        hit(pl031_frame, core.get(), random() % 2 ? 0x20 : PL031_SIZE);
        pl031_alarm(core.get());
    }
}

// Descriptors are random too; the bus sometimes aborts and always writes to CTRL.
struct fuzz_bus {
    std::mt19937 &random;
    dma *core;
    unsigned left;

    vp_status access(void *data, std::uint32_t bytes)
    {
        for (std::uint32_t i = 0; data && i < bytes; i++)
            static_cast<std::uint8_t *>(data)[i] =
                static_cast<std::uint8_t>(random() % 4 ? 0 : random());
        dma_frame.write(core, random() % 2 * DMA_PAGE_SIZE + 8, 4, random() % 8);
        if (left == 0)
            return VP_SLVERR;
        left--;
        return random() % 16 ? VP_OK : VP_DECERR;
    }
};

TEST_F(access_fuzz, Dma)
{
    fuzz_bus bus = {random, nullptr, 0};
    const dma_config config = {2, DMA_MAX_BURST};
    const dma_ops ops = {
        {&bus,
         [](void *user, std::uint64_t, void *data, std::uint32_t bytes, unsigned, std::uint32_t) {
             return static_cast<fuzz_bus *>(user)->access(data, bytes);
         },
         [](void *user, std::uint64_t, const void *, std::uint32_t bytes, unsigned, std::uint32_t) {
             return static_cast<fuzz_bus *>(user)->access(nullptr, bytes);
         }},
        {},
        nullptr,
        nullptr,
        nullptr};
    char reason[80];
    std::unique_ptr<dma, void (*)(dma *)> core(dma_create(&config, &ops, reason, sizeof reason),
                                               dma_destroy);

    bus.core = core.get();
    for (unsigned i = 0; i < rounds / 10; i++) {
        for (unsigned n = 0; n < 10; n++)
            hit(dma_frame, core.get(), random() % 2 ? 0x40 : 2 * DMA_PAGE_SIZE);
        bus.left = 20;
        dma_run_channel(core.get(), random() % 2);
    }
}

} // namespace
} // namespace test_access_fuzz
