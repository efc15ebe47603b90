// SPDX-License-Identifier: Apache-2.0
// virtio functions behind the SMMU, in either coding style: all of their accesses are translated,
// and faults are what the device makes of an access that failed. Each test runs in a process of its
// own.
#include <gtest/gtest.h>

#include "virtio_smmu_bench.hpp"

namespace test_virtio_smmu {
namespace {

using virtio_test::virtio_smmu_bench;

constexpr std::uint32_t F_TRANSLATION = 0x10; // IHI 0070 7.3.11
constexpr unsigned NEEDS_RESET = 0x40;
constexpr unsigned OK = 0, IOERR = 1;

class virtio_smmu : public ::testing::TestWithParam<bool> {
  protected:
    static constexpr std::uint64_t page = virtio_smmu_bench::page;
    static constexpr std::uint64_t data = virtio_smmu_bench::buffers + page;

    virtio_smmu() : b(GetParam()) {}

    void expect_fault(std::uint32_t sid, std::uint64_t addr)
    {
        ASSERT_NE(b.b.event_count(), 0u);
        const support::event record = b.b.event(0);
        EXPECT_EQ(record.type, F_TRANSLATION);
        EXPECT_EQ(record.sid, sid);
        EXPECT_EQ(record.input_addr, addr);
    }

    virtio_smmu_bench b;
};

INSTANTIATE_TEST_SUITE_P(of, virtio_smmu, ::testing::Bool(),
                         [](const auto &info) { return info.param ? "approximate" : "loose"; });

// A value for each place in the data.
constexpr std::uint64_t pattern_at(std::uint64_t offset)
{
    return offset * 0x0101010101010101 + 1;
}

TEST_P(virtio_smmu, RingsAndDataAreWhereTheSmmuSays)
{
    b.b.run([&] {
        tlm_test::stream s(b.b, virtio_smmu_bench::disk_sid);
        virtio_smmu_bench::map(s, 4);
        b.bring_up(s.sid());
        // Three pages that lie apart in memory.
        for (unsigned i = 0; i < 3 * page; i += 8)
            b.b.memory.store64(virtio_smmu_bench::physical(data + i), pattern_at(i));
        EXPECT_EQ(b.request(1, 5, 3 * page), OK);
        EXPECT_EQ(b.used_index(), 1u);
        for (unsigned i = 0; i < 3 * page; i += 8)
            b.b.memory.store64(virtio_smmu_bench::physical(data + i), 0);
        EXPECT_EQ(b.request(0, 5, 3 * page), OK);
        for (unsigned i = 0; i < 3 * page; i += 8)
            ASSERT_EQ(b.b.memory.load64(virtio_smmu_bench::physical(data + i)), pattern_at(i)) << i;
        EXPECT_EQ(b.used_index(), 2u);
        EXPECT_EQ(b.status(), 15u);
        EXPECT_EQ(b.b.event_count(), 0u);
    });
    EXPECT_EQ(b.image.read(5 * 512, 1), std::vector<char>{1});
}

TEST_P(virtio_smmu, DataThatFaultAreAnErrorOfTheRequest)
{
    b.b.run([&] {
        tlm_test::stream s(b.b, virtio_smmu_bench::disk_sid);
        virtio_smmu_bench::map(s, 2);
        b.bring_up(s.sid());
        EXPECT_EQ(b.request(1, 0, 2 * page), IOERR);
        expect_fault(s.sid(), data + page);
        EXPECT_EQ(b.request(1, 0, page), OK) << "the next one is none the worse";
        EXPECT_EQ(b.status(), 15u);
    });
}

TEST_P(virtio_smmu, RingsThatFaultAreABreakdown)
{
    b.b.run([&] {
        tlm_test::stream s(b.b, virtio_smmu_bench::disk_sid);
        s.publish();
        b.bring_up(s.sid());
        b.offer();
        EXPECT_EQ(b.status(), 15u | NEEDS_RESET);
        expect_fault(s.sid(), virtio_smmu_bench::ring + page + 2);
    });
}

// Writes are posted: the SMMU's event is all that tells of one that is lost.
TEST_P(virtio_smmu, AWriteThatFaultsIsLost)
{
    b.b.run([&] {
        tlm_test::stream s(b.b, virtio_smmu_bench::rng_sid);
        virtio_smmu_bench::map(s, 1);
        b.bring_up(s.sid());
        b.desc(0, data, 64, 2);
        b.offer();
        expect_fault(s.sid(), data);
        EXPECT_EQ(b.used_index(), 1u);
        EXPECT_EQ(b.status(), 15u);
        b.desc(0, virtio_smmu_bench::buffers, 64, 2);
        b.offer();
        EXPECT_NE(b.b.memory.load64(virtio_smmu_bench::physical(virtio_smmu_bench::buffers)), 0u);
    });
}

} // namespace
} // namespace test_virtio_smmu
