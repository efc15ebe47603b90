// SPDX-License-Identifier: Apache-2.0
// What descriptors of the ring DMA engine do to memory.
#include <algorithm>
#include <numeric>
#include <set>

#include "dma_bench.hpp"

namespace test_dma_operation {
namespace {

class ring_operations : public ring_bench {
  protected:
    ring_operations() { std::iota(memory.begin() + 0x1000, memory.begin() + 0x2000, 1); }

    bool equal(std::uint64_t a, std::uint64_t b, std::size_t size) const
    {
        return std::memcmp(&memory[a], &memory[b], size) == 0;
    }
};

TEST_F(ring_operations, CopyMovesEveryByteAndNoMore)
{
    const outcome o = run({OP_COPY, 0x1003, 0x3005, 1001});
    EXPECT_EQ(o.status, ST_DONE);
    EXPECT_EQ(o.bytes, 1001u);
    EXPECT_EQ(o.fault, 0u);
    EXPECT_TRUE(equal(0x1003, 0x3005, 1001));
    EXPECT_EQ(memory[0x3004], 0);
    EXPECT_EQ(memory[0x3005 + 1001], 0);
    EXPECT_EQ(read(page(0) + RING_BYTES, 8), 1001u);
}

TEST_F(ring_operations, BurstsCrossNoBurstBoundary)
{
    run({OP_COPY, 0x1003, 0x3005, 1001});
    for (const access &a : accesses)
        EXPECT_LE(a.addr % 64 + a.size, 64u);
}

TEST_F(ring_operations, NothingOfNoLengthIsDone)
{
    for (const std::uint32_t op : {OP_NOTHING, OP_COPY, OP_FILL, OP_CRC, OP_CHECK_PATTERN}) {
        accesses.clear();
        EXPECT_EQ(run({op, 0, 0, 0}).status, ST_DONE);
        EXPECT_EQ(accesses.size(), 3u) << "the descriptor and its outcome";
        write(page(0) + RING_CTRL, 0);
    }
}

TEST_F(ring_operations, FillRepeatsThePattern)
{
    run({OP_FILL, 0, 0x3003, 100, 0x8877665544332211});
    for (unsigned i = 0; i < 100; i++)
        ASSERT_EQ(memory[0x3003 + i], 0x11 * (i % 8 + 1)) << i;
    EXPECT_EQ(memory[0x3003 + 100], 0);
}

TEST_F(ring_operations, CrcIsThatOfEthernet)
{
    const char *text = "123456789";
    std::memcpy(&memory[0x3000], text, 9);
    EXPECT_EQ(run({OP_CRC, 0x3000, 0, 9}).crc, 0xCBF43926u);
}

TEST_F(ring_operations, CrcGoesOnAcrossBursts)
{
    std::fill_n(memory.begin() + 0x3000, 200, std::uint8_t{0x61});
    EXPECT_EQ(run({OP_CRC, 0x3000, 0, 200}).crc, 0x599AF058u);
}

TEST_F(ring_operations, CompareFindsTheFirstDifference)
{
    std::memcpy(&memory[0x3000], &memory[0x1000], 300);
    EXPECT_EQ(run({OP_COMPARE, 0x1000, 0x3000, 300}).status, ST_DONE);
    write(page(0) + RING_CTRL, 0);

    memory[0x3000 + 201] ^= 1;
    memory[0x3000 + 202] ^= 1;
    const outcome o = run({OP_COMPARE, 0x1000, 0x3000, 300});
    EXPECT_EQ(o.status, ST_MISMATCH);
    EXPECT_EQ(o.bytes, 201u);
    EXPECT_EQ(o.fault, 0x1000u + 201);
}

// The sequence as docs/pcie-dma.md gives it.
std::uint64_t splitmix(std::uint64_t seed, std::uint64_t i)
{
    std::uint64_t z = seed + (i + 1) * 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

TEST_F(ring_operations, PatternIsTheSequenceOfItsSeed)
{
    EXPECT_EQ(splitmix(0, 0), 0xE220A8397B1DCDAFu) << "the reference sequence";
    run({OP_WRITE_PATTERN, 0, 0x3000, 256, 0});
    for (unsigned i = 0; i < 32; i++)
        ASSERT_EQ(get(0x3000 + 8 * i, 8), splitmix(0, i));
}

TEST_F(ring_operations, PatternChecksItself)
{
    run({OP_WRITE_PATTERN, 0, 0x3001, 501, 77});
    write(page(0) + RING_CTRL, 0);
    EXPECT_EQ(run({OP_CHECK_PATTERN, 0x3001, 0, 501, 77}).status, ST_DONE);
    write(page(0) + RING_CTRL, 0);
    memory[0x3001 + 500] ^= 0x80;
    const outcome o = run({OP_CHECK_PATTERN, 0x3001, 0, 501, 77});
    EXPECT_EQ(o.status, ST_MISMATCH);
    EXPECT_EQ(o.fault, 0x3001u + 500);
    write(page(0) + RING_CTRL, 0);
    EXPECT_EQ(run({OP_CHECK_PATTERN, 0x3001, 0, 400, 78}).status, ST_MISMATCH) << "another seed";
}

TEST_F(ring_operations, ScatterReadsAllOverItsWindow)
{
    const outcome o = run({OP_SCATTER, 0x2000, 0x1000, 64 * 100, 5});
    std::set<std::uint64_t> places;
    EXPECT_EQ(o.status, ST_DONE);
    EXPECT_EQ(o.bytes, 6400u);
    for (unsigned i = 0; i < 100; i++) {
        EXPECT_EQ(accesses[i + 1].addr, 0x2000 + splitmix(5, i) % 64 * 64);
        EXPECT_EQ(accesses[i + 1].size, 64u);
        places.insert(accesses[i + 1].addr);
    }
    EXPECT_GT(places.size(), 40u);
}

TEST_F(ring_operations, FailuresTellWhatAndWhere)
{
    const struct {
        descriptor d;
        std::uint32_t status;
    } cases[] = {
        {{OP_COPY, 0x4000, 0x3000, 256}, ST_SOURCE_FAILED},
        {{OP_COPY, 0x1000, 0x4000, 256}, ST_DEST_FAILED},
        {{OP_FILL, 0, 0x4000, 256}, ST_DEST_FAILED},
        {{OP_CRC, 0x4000, 0, 256}, ST_SOURCE_FAILED},
        {{OP_COMPARE, 0x4000, 0x4000, 256}, ST_SOURCE_FAILED},
        {{OP_WRITE_PATTERN, 0, 0x4000, 256}, ST_DEST_FAILED},
        {{OP_CHECK_PATTERN, 0x4000, 0, 256}, ST_SOURCE_FAILED},
    };

    for (const auto &c : cases) {
        abort_at = 0x4000;
        const outcome o = run(c.d);
        EXPECT_EQ(o.status, c.status) << c.d.control;
        EXPECT_EQ(o.fault, 0x4000u);
        EXPECT_EQ(o.bytes, 0u);
        write(page(0) + RING_CTRL, 0);
    }
}

TEST_F(ring_operations, FailureInTheMiddleCountsWhatWasDone)
{
    abort_at = 0x1000 + 130;
    const outcome o = run({OP_COPY, 0x1000, 0x3000, 256});
    EXPECT_EQ(o.status, ST_SOURCE_FAILED);
    EXPECT_EQ(o.bytes, 128u);
    EXPECT_EQ(o.fault, 0x1080u);
    EXPECT_TRUE(equal(0x1000, 0x3000, 128));
    EXPECT_EQ(memory[0x3080], 0);
}

TEST_F(ring_operations, TranslationsThatFailAreTold)
{
    const struct {
        pcie_access_end end;
        std::uint32_t status;
    } cases[] = {
        {PCIE_ACCESS_NO_ATS, ST_NO_ATS},   {PCIE_ACCESS_DENIED, ST_DENIED},
        {PCIE_ACCESS_NO_PAGE, ST_NO_PAGE}, {PCIE_ACCESS_NO_PRI, ST_NO_PRI},
        {PCIE_ACCESS_STOPPED, ST_STOPPED},
    };

    abort_at = 0x4000;
    for (const auto &c : cases) {
        abort_with = c.end;
        const outcome o = run({OP_COPY, 0x3fc0, 0x3000, 256});
        EXPECT_EQ(o.status, c.status);
        EXPECT_EQ(o.fault, 0x4000u);
        EXPECT_EQ(o.bytes, 64u);
        write(page(0) + RING_CTRL, 0);
    }
}

TEST_F(ring_operations, OnlyDataAreUntranslatedWhereADescriptorSaysSo)
{
    EXPECT_EQ(run({OP_COPY | UNTRANSLATED, 0x1000, 0x3000, 64}).status, ST_DONE);
    ASSERT_EQ(accesses.size(), 5u);
    for (std::size_t i = 0; i < accesses.size(); i++)
        EXPECT_EQ(accesses[i].untranslated, i == 1 || i == 2);
}

TEST_F(ring_operations, MalformedDescriptorsDoNothing)
{
    const descriptor malformed[] = {
        {8, 0x1000, 0x3000, 64},
        {0xff, 0x1000, 0x3000, 64},
        {OP_COPY | 0x2000, 0x1000, 0x3000, 64},
        {OP_COPY | WITH_PASID, 0x1000, 0x3000, 64, 0, 0x100000},
        {OP_SCATTER, 0x1000, 63, 64},
    };

    for (const descriptor &d : malformed) {
        accesses.clear();
        EXPECT_EQ(run(d).status, ST_MALFORMED);
        EXPECT_EQ(accesses.size(), 3u) << "the descriptor and its outcome";
        write(page(0) + RING_CTRL, 0);
    }
}

} // namespace
} // namespace test_dma_operation
