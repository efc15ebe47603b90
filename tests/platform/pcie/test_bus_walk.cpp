// SPDX-License-Identifier: Apache-2.0
// The bus as a kernel walks it: found, numbered, sized, assigned, then used.
#include <algorithm>
#include <set>

#include "pcie_bench.hpp"

namespace test_bus_walk {
namespace {

struct found_bar {
    unsigned bus;
    unsigned devfn;
    unsigned number;
    std::uint64_t base;
    std::uint64_t size;
};

class bus_walk : public pcie_bench {
  protected:
    // Functions 0 to 7 of each device, the others only where function 0 says that there are some.
    void scan(unsigned bus)
    {
        for (unsigned devfn = 0; devfn < 256; devfn++) {
            if (devfn % 8 && !(config(bus, devfn & ~7u, HEADER_TYPE, 1) & 0x80))
                continue;
            if (config(bus, devfn, VENDOR, 2) == 0xffff)
                continue;
            functions.emplace(bus, devfn);
            if (config(bus, devfn, HEADER_TYPE, 1) & 0x7f)
                scan_bridge(bus, devfn);
            else
                place_bars(bus, devfn);
        }
    }

    // Everything behind a port goes into its memory window, in whole MiB.
    void scan_bridge(unsigned bus, unsigned devfn)
    {
        const unsigned secondary = ++last_bus;
        next = (next + 0xfffff) & ~0xfffffull;
        const std::uint64_t base = next;
        configure(bus, devfn, SECONDARY, secondary, 1);
        configure(bus, devfn, SUBORDINATE, 0xff, 1);
        scan(secondary);
        configure(bus, devfn, SUBORDINATE, last_bus, 1);
        next = (next + 0xfffff) & ~0xfffffull;
        const std::uint64_t limit = next - 1;
        configure(bus, devfn, 0x20, (base >> 16 & 0xfff0) | (limit & 0xfff00000));
        configure(bus, devfn, COMMAND, MEMORY | MASTER, 2);
    }

    void place_bars(unsigned bus, unsigned devfn)
    {
        for (unsigned i = 0; i < 6; i++) {
            const unsigned at = BAR0 + 4 * i;
            configure(bus, devfn, at, 0xffffffff);
            const std::uint64_t low = config(bus, devfn, at);
            if (low == 0)
                continue;
            std::uint64_t mask = 0xffffffff00000000 | (low & ~0xfull);
            if (low & 4) {
                configure(bus, devfn, at + 4, 0xffffffff);
                mask = config(bus, devfn, at + 4) << 32 | (low & ~0xfull);
                configure(bus, devfn, at + 4, 0);
            }
            const std::uint64_t size = ~mask + 1;
            next = (next + size - 1) & ~(size - 1);
            configure(bus, devfn, at, next);
            bars.push_back({bus, devfn, i, next, size});
            next += size;
            i += (low & 4) != 0;
        }
        configure(bus, devfn, COMMAND, MEMORY | MASTER, 2);
    }

    std::set<std::pair<unsigned, unsigned>> functions;
    std::vector<found_bar> bars;
    unsigned last_bus = 0;
    std::uint64_t next = 0x10000000;
};

TEST_F(bus_walk, FindsEveryFunctionOnce)
{
    test_fn second(full_endpoint(PCIE_ENDPOINT));
    ASSERT_EQ(add(&port, 3, second), "");
    scan(0);
    EXPECT_EQ(functions, (std::set<std::pair<unsigned, unsigned>>{
                             {0, 0x08}, {0, 0x10}, {0, 0x18}, {2, 0x00}, {2, 0x03}}));
}

TEST_F(bus_walk, BarsAnswerWhereTheyWerePut)
{
    scan(0);
    ASSERT_EQ(bars.size(), 4u);
    for (const found_bar &bar : bars) {
        EXPECT_EQ(bar.size, bar.number == 0 ? 0x10000u : 0x1000u);
        test_fn &fn = bar.bus ? behind : integrated;
        fn.accesses.clear();
        memory(bar.base + bar.size - 4);
        ASSERT_EQ(fn.accesses.size(), 1u) << bar.bus;
        EXPECT_EQ(fn.accesses[0].bar, bar.number);
        EXPECT_EQ(fn.accesses[0].offset, bar.size - 4);
    }
}

TEST_F(bus_walk, CapabilitiesAreLinkedAndDoNotOverlap)
{
    const struct {
        test_fn &fn;
        std::vector<std::uint8_t> ids;
    } lists[] = {{integrated, {PM, MSI, EXPRESS, MSIX}}, {port, {PM, EXPRESS}}};

    for (const auto &list : lists) {
        std::vector<std::uint8_t> ids;
        unsigned before = 0x3f;
        for (unsigned at = list.fn.get(CAPABILITIES, 1); at; at = list.fn.get(at + 1, 1)) {
            ASSERT_GT(at, before) << "in ascending order, so there is an end";
            ASSERT_EQ(at % 4, 0u);
            before = at;
            ids.push_back(static_cast<std::uint8_t>(list.fn.get(at, 1)));
        }
        EXPECT_EQ(ids, list.ids);
    }
}

TEST_F(bus_walk, ExtendedCapabilitiesAreLinkedAndDoNotOverlap)
{
    const struct {
        test_fn &fn;
        std::vector<std::uint16_t> ids;
    } lists[] = {{integrated, {AER, ATS, PRI, PASID}}, {port, {AER, ACS}}};

    for (const auto &list : lists) {
        std::vector<std::uint16_t> ids;
        unsigned before = 0xff;
        for (unsigned at = 0x100; at; at = list.fn.get(at) >> 20) {
            ASSERT_GT(at, before);
            ASSERT_EQ(at % 4, 0u);
            before = at;
            ids.push_back(static_cast<std::uint16_t>(list.fn.get(at)));
        }
        EXPECT_EQ(ids, list.ids);
    }
}

} // namespace
} // namespace test_bus_walk
