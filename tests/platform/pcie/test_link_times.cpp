// SPDX-License-Identifier: Apache-2.0
// How long the requests of a function behind a port take on their way through link, SMMU and
// memory, worked out by hand. Each test runs in a process of its own.
#include <cstdint>
#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>

#include "host_sockets.hpp"
#include "vp/picoseconds.hpp"

namespace test_link_times {
namespace {

using tlm_test::bench;

constexpr std::uint32_t sid = 8; // of bus 1, device 0
constexpr std::uint64_t descriptors = bench::data;
constexpr std::uint64_t source =
    descriptors + 0x800; // in the same page, so that its entry is known
constexpr std::uint64_t port_config = 0x10000, config = 0x100000, engine = 0x100000;

constexpr std::uint64_t lookup = 3'000, memory_time = 100'000, latency = 200'000;
constexpr std::uint64_t byte = 4'000, overhead = 20; // 2.5 GT/s, one lane
constexpr std::uint64_t burst = 1'000;

class link_times : public testing::TestWithParam<bool>, protected test::host_sockets {
  protected:
    static bool approximate() { return GetParam(); }

    static smmu::timing times()
    {
        smmu::timing t;
        t.mode = approximate() ? smmu::timing_mode::approximately_timed
                               : smmu::timing_mode::loosely_timed;
        t.lookup = vp::from_ps(lookup);
        return t;
    }

    static test::edited_tree machine()
    {
        const std::string port = test::below_pcie("port@2,0");
        const std::string dma = test::below_pcie("port@2,0/dma@0,0");
        auto tree = test::pcie_machine();
        tree.strings("/", "vp,timing", {approximate() ? "approximate" : "loose"});
        tree.cells(test::pcie, "iommu-map", {0x100, 2, sid, 1, 0x200, 3, 0x40, 0x100})
            .cells(test::pcie, "vp,link-generation", {1})
            .cells(test::pcie, "vp,link-width", {1})
            .cells(test::pcie, "vp,link-latency-ps", {77}); // the port has its own
        test::plug_port(tree, "port@2,0", 0x10)
            .cells(port, "vp,link-overhead", {overhead})
            .cells(port, "vp,link-latency-ps", {latency});
        test::plug(tree, "port@2,0/dma@0,0", "vp,pcie-dma", 0)
            .cells(dma, "vp,burst-ns", {burst / 1000});
        return tree;
    }

    explicit link_times(const test::edited_tree &tree = machine())
        : b("b", times(), 2, smmu_config_default(), 1), host(test::make_host("host", tree))
    {
        bind(*host, b);
        b.memory.latency = vp::from_ps(memory_time);
        b.memory.before = [this](std::uint64_t address) {
            if (address >= descriptors)
                seen.push_back(vp::to_ps(sc_core::sc_time_stamp()));
        };
        s.map(descriptors, descriptors);
        s.publish();
    }

    void bring_up()
    {
        b.bring_up();
        ecam.write(port_config + 0x18, 0x010100); // buses 1 to 1 behind it
        ecam.write(port_config + 0x20, 0x10101010);
        ecam.write(port_config + 4, 6, 2);
        ecam.write(config + 0x10, 0x10000000 + engine);
        ecam.write(config + 4, 6, 2);
        low.write(engine + 0x1008, descriptors, 8);
        low.write(engine + 0x1010, 2);
        low.write(engine + 0x1000, 1);
    }

    // Done when its status is in memory.
    void run(unsigned index, std::uint32_t operation, std::uint32_t length)
    {
        const std::uint64_t at = descriptors + 64 * std::uint64_t{index};
        b.memory.store64(at, operation);
        b.memory.store64(at + 8, source);
        b.memory.store64(at + 24, length);
        seen.clear();
        low.write(engine + 0x1018, index + 1);
        for (unsigned i = 0; i < 100; i++)
            sc_core::wait(1, sc_core::SC_US);
        EXPECT_EQ(static_cast<std::uint32_t>(b.memory.load64(at + 40)), 1u) << "done";
    }

    bench b;
    std::unique_ptr<vp::ecam_host> host;
    tlm_test::stream s{b, sid};
    std::vector<std::uint64_t> seen; // when memory was accessed
};

// From one access of memory to the next: memory, the completions, what the function takes, the next
// request, the SMMU.
TEST_P(link_times, OfReadsThroughTheSmmu)
{
    b.run([this] {
        bring_up();
        run(0, 0, 0);   // nothing: translations are known from here on
        run(1, 3, 256); // CRC
    });
    const std::uint64_t read = overhead * byte + latency + lookup;
    const std::uint64_t write = (20 + overhead) * byte + latency + lookup;
    const std::uint64_t descriptor = memory_time + (64 + overhead) * byte + latency;
    const std::uint64_t data = memory_time + (256 + 2 * overhead) * byte + latency;
    ASSERT_EQ(seen.size(), 4u) << "the descriptor, the data, the outcome, the status";
    EXPECT_EQ(seen[1] - seen[0], descriptor + burst + read);
    // Loosely timed, memory is reached at the beginning: the request behind it is its own.
    EXPECT_EQ(seen[2] - seen[1], data + burst + (approximate() ? write : read));
}

INSTANTIATE_TEST_SUITE_P(styles, link_times, testing::Values(false, true),
                         [](const auto &info) { return info.param ? "at" : "lt"; });

// Four reads may be outstanding, but the host's links have tags for one.
class link_times_of_one_tag : public link_times {
  protected:
    static test::edited_tree tagged()
    {
        auto tree = machine();
        tree.cells(test::pcie, "vp,link-tags", {1})
            .cells(test::below_pcie("port@2,0/dma@0,0"), "vp,outstanding", {4});
        return tree;
    }
    link_times_of_one_tag() : link_times(tagged()) {}
};

// Each request leaves when the completions of the one before have come.
TEST_P(link_times_of_one_tag, OfReadsOfOneDescriptor)
{
    b.run([this] {
        bring_up();
        run(0, 0, 0);
        run(1, 3, 512);
    });
    ASSERT_GE(seen.size(), 3u);
    EXPECT_EQ(seen[2] - seen[1], memory_time + (256 + 2 * overhead) * byte + latency +
                                     overhead * byte + latency + lookup);
}

INSTANTIATE_TEST_SUITE_P(styles, link_times_of_one_tag, testing::Values(true),
                         [](const auto &) { return "at"; });

} // namespace
} // namespace test_link_times
