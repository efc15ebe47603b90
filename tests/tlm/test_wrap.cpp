// SPDX-License-Identifier: Apache-2.0
// Wrapping bursts (IHI 0022 L A3.1.4): a line whose transfer begins inside it.
#include <numeric>

#include <gtest/gtest.h>

#include "bench.hpp"
#include "both_timings.hpp"

namespace tlm_test::test_wrap {

namespace {

constexpr std::uint32_t sid = 5;
constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t pa = bench::data + 0x3000;

struct burst {
    unsigned beat;
    unsigned first;
    unsigned length;
    std::uint64_t address = va;
    unsigned streaming = 0; // the length
};

struct wrap : timing_test {
    bench b{"b", times()};
    stream s{b, sid};

    wrap() { s.map(va, pa); }

    static void mark(transfer &t, const burst &of)
    {
        smmu::attributes attributes;
        attributes.sid = sid;
        attributes.wrap_beat = static_cast<std::uint8_t>(of.beat);
        attributes.wrap_first = static_cast<std::uint16_t>(of.first);
        t.extend(attributes);
        t.payload.set_streaming_width(of.streaming ? of.streaming : of.length);
    }

    tlm::tlm_response_status read(const burst &of)
    {
        transfer t = read_of(of.address, of.length);
        mark(t, of);
        return b.device().send(t);
    }
};

// Memory of the bench knows nothing of it.
TEST_P(wrap, is_the_line_to_memory_with_its_beginning_beside)
{
    std::vector<unsigned char> line(64);
    std::iota(line.begin(), line.end(), std::uint8_t{1});
    b.run([&] {
        b.bring_up();
        transfer t = write_of(va + 0x40, line);
        mark(t, {8, 24, 64});
        b.memory.log.clear();
        EXPECT_EQ(b.device().send(t), tlm::TLM_OK_RESPONSE);
        const ram::access &access = b.memory.log.back();
        EXPECT_EQ(access.address, pa + 0x40);
        EXPECT_EQ(access.length, 64u);
        EXPECT_EQ(access.attributes.wrap_beat, 8u);
        EXPECT_EQ(access.attributes.wrap_first, 24u);
        EXPECT_EQ(b.memory.log.size(), 7u); // STE, CD, four descriptors: all in one
        EXPECT_EQ(b.smmu.stats().translations, 1u);
        EXPECT_TRUE(std::equal(line.begin(), line.end(), b.memory.host(pa + 0x40)));
        EXPECT_EQ(b.memory.load64(pa + 0x80), 0u);
        EXPECT_EQ(b.memory.load64(pa + 0x38), 0u);
    });
}

TEST_P(wrap, faults_at_the_address_of_its_first_beat)
{
    b.run([&] {
        b.bring_up();
        EXPECT_EQ(read({4, 20, 64, va + 0x1040}), tlm::TLM_GENERIC_ERROR_RESPONSE);
        ASSERT_EQ(b.event_count(), 1u);
        EXPECT_EQ(b.event(0).input_addr, va + 0x1040 + 20);
    });
}

TEST_P(wrap, has_2_4_8_or_16_beats_of_1_to_128_bytes)
{
    b.run([&] {
        b.bring_up();
        for (unsigned beat = 1; beat <= 128; beat *= 2)
            for (unsigned beats = 2; beats <= 16; beats *= 2)
                for (unsigned first = 0; first < beats; first++)
                    ASSERT_EQ(read({beat, first * beat, beats * beat}), tlm::TLM_OK_RESPONSE)
                        << beats << " of " << beat;
    });
}

TEST_P(wrap, that_axi_has_not_is_refused_before_translation)
{
    const burst rows[] = {
        {8, 0, 8},             // one beat
        {8, 0, 256},           // 32
        {8, 0, 24},            // three
        {8, 0, 4},             // less than one
        {8, 0, 20},            // two and a half
        {3, 0, 6},             // beats of no power of two
        {12, 0, 24},           // likewise
        {8, 4, 64},            // begins within a beat
        {8, 64, 64},           // behind the line
        {8, 0, 64, va + 0x20}, // a line that is not aligned to its length
        {8, 0, 64, va + 8},    // likewise
        {8, 0, 64, va, 8},     // streams
    };
    b.run([&] {
        b.bring_up();
        for (const burst &row : rows)
            EXPECT_EQ(read(row), tlm::TLM_BURST_ERROR_RESPONSE)
                << row.beat << ' ' << row.first << ' ' << row.length;
        EXPECT_EQ(b.smmu.stats().translations, 0u);
        EXPECT_EQ(b.event_count(), 0u);
    });
}

TEST_P(wrap, means_nothing_to_debuggers)
{
    b.memory.store64(pa + 0xff8, 77);
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va + 0xff8, 8);
        mark(t, {8, 32, 8}); // none
        EXPECT_EQ(b.device().debug(t), 8u);
        EXPECT_EQ(t.data[0], 77u);
    });
}

INSTANTIATE_TEST_SUITE_P(modes, wrap, both_timings(), timing_name);

} // namespace

} // namespace tlm_test::test_wrap
