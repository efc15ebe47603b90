// SPDX-License-Identifier: Apache-2.0
// Random accesses to configuration space, windows and rings: whatever a guest does, kernels
// survive, and what is read-only stays.
#include <random>

#include "pcie_bench.hpp"
#include "pcie_dma/pcie_dma.h"

namespace test_fuzz {
namespace {

constexpr unsigned seed = 4711;

class pcie_fuzz : public pcie_bench {
  protected:
    std::uint64_t any64() { return std::uint64_t{random()} << 32 | random(); }

    // Mostly a function that is there, mostly a register that does something.
    std::uint64_t config_offset()
    {
        static constexpr unsigned places[] = {0x008, 0x010, 0x018, 0x100, 0x000, 0x101};
        const unsigned place = random() % 8 ? places[random() % 6] : random() % 0x400;
        const unsigned reg = random() % 8 ? random() % 0x200 : random() % 0x1000;
        return std::uint64_t{place} << 12 | reg;
    }

    std::mt19937 random{seed};
};

TEST_F(pcie_fuzz, ConfigurationAndMemory)
{
    static constexpr unsigned sizes[] = {4, 4, 4, 2, 1, 8, 0, 3, 16};
    std::uint8_t data[32] = {};

    for (unsigned i = 0; i < 60000; i++) {
        const unsigned size = sizes[random() % 9];
        std::uint64_t value = 0;
        if (i % 64 == 0)
            open_port();
        if (random() % 2)
            pcie_ecam_frame.write(host.get(), config_offset(), size, any64());
        else if (pcie_ecam_frame.read(host.get(), config_offset(), size, &value) != VP_OK) {
            EXPECT_EQ(value, 0u);
        }
        const std::uint64_t addr =
            random() % 2 ? 0x10000000 + random() % 0x1100 : std::uint64_t{random()} << 16;
        if (random() % 2)
            pcie_host_read(host.get(), addr, data, random() % sizeof data);
        else
            pcie_host_write(host.get(), addr, data, random() % sizeof data);
        pcie_fn_set_intx((random() % 2 ? integrated : behind).fn.get(), random() % 2);
        pcie_fn_raise((random() % 2 ? integrated : behind).fn.get(), random() % 70);
        if (integrated.messages.size() > 1000)
            integrated.messages.clear();
        if (integrated.accesses.size() > 1000)
            integrated.accesses.clear();
    }
    EXPECT_EQ(integrated.get(VENDOR), 0x0123CAFEu);
    EXPECT_EQ(behind.get(VENDOR), 0x0123CAFEu);
    EXPECT_EQ(port.get(HEADER_TYPE, 1), 1u);
}

// Descriptors are random too; the bus sometimes aborts, and always writes to registers.
struct ring_bus {
    std::mt19937 &random;
    pcie_dma *core;
    unsigned left;

    pcie_access_end access(void *data, std::uint32_t bytes)
    {
        for (std::uint32_t i = 0; data && i < bytes; i++)
            static_cast<std::uint8_t *>(data)[i] =
                static_cast<std::uint8_t>(random() % 4 ? 0 : random() % 32);
        if (random() % 4 == 0)
            pcie_dma_frame.write(core, (1 + random() % 2) * PCIE_DMA_PAGE, 4, random() % 4 != 0);
        if (left == 0)
            pcie_dma_reset(core);
        else
            left--;
        return random() % 16 ? PCIE_ACCESS_DONE
                             : static_cast<pcie_access_end>(1 + random() % PCIE_ACCESS_STOPPED);
    }
};

TEST_F(pcie_fuzz, Rings)
{
    ring_bus bus = {random, nullptr, 0};
    const pcie_dma_config config = {2, PCIE_MAX_BURST, 1};
    pcie_dma_ops ops = {};
    char reason[80];
    ops.user = &bus;
    ops.read = [](void *user, std::uint64_t, void *data, std::uint32_t bytes,
                  const pcie_dma_way *) {
        return static_cast<ring_bus *>(user)->access(data, bytes);
    };
    ops.write = [](void *user, std::uint64_t, const void *, std::uint32_t bytes,
                   const pcie_dma_way *) {
        return static_cast<ring_bus *>(user)->access(nullptr, bytes);
    };
    const std::unique_ptr<pcie_dma, void (*)(pcie_dma *)> core(
        pcie_dma_create(&config, &ops, reason, sizeof reason), pcie_dma_destroy);
    bus.core = core.get();
    pcie_dma_add_port(core.get());

    for (unsigned i = 0; i < 5000; i++) {
        for (unsigned n = 0; n < 20; n++) {
            static constexpr unsigned sizes[] = {4, 4, 4, 8, 2, 0, 16};
            const std::uint64_t at =
                random() % 16 ? random() % 4 * PCIE_DMA_PAGE + random() % 0x40 : any64();
            std::uint64_t value = 0;
            if (random() % 4)
                pcie_dma_frame.write(core.get(), at, sizes[random() % 7], any64() >> random() % 64);
            else
                pcie_dma_frame.read(core.get(), at, sizes[random() % 7], &value);
        }
        bus.left = 20;
        pcie_dma_run(core.get(), random() % 2);
        pcie_dma_stop(core.get());
    }
    std::uint64_t id = 0;
    EXPECT_EQ(pcie_dma_frame.read(core.get(), 0, 4, &id), VP_OK);
    EXPECT_EQ(id, 0x314D4450u);
}

} // namespace
} // namespace test_fuzz
