// SPDX-License-Identifier: Apache-2.0
// Segments of TCP that wait for the driver and come as one (5.1.6.4, large receive offload).
#include "support/random.hpp"
#include "virtio_net_bench.hpp"

namespace test_virtio_net_join {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr std::uint64_t JOINED = GUEST_CSUM | GUEST_TSO4 | MRG_RXBUF;
enum : unsigned { IP = 14, TCP = 34, DATA = 54 };   // where headers and data of a segment begin
enum : std::uint8_t { FIN = 1, PSH = 8, ACK = 16 }; // RFC 793, 3.1

// --- segments ---

void put_be(frame &to, std::size_t at, std::uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        to.at(at + i) = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
}

std::uint32_t get_be(const frame &from, std::size_t at, unsigned size)
{
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value = value << 8 | from.at(at + i);
    return value;
}

// RFC 1071: the sum of words, `more` included.
std::uint16_t sum_of(const frame &of, std::size_t first, std::size_t end, std::uint32_t more = 0)
{
    std::uint32_t sum = more;
    for (std::size_t i = first; i < end; i++)
        sum += (i - first) % 2 == 0 ? of.at(i) << 8 : of.at(i);
    while (sum > 0xFFFF)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

// RFC 793, 3.1: addresses, protocol and the length of TCP.
std::uint32_t pseudo_header(const frame &of)
{
    return sum_of(of, 26, 34, 6 + static_cast<std::uint32_t>(of.size() - TCP));
}

// Data that follow from where they are in the stream.
frame segment(std::uint32_t seq, std::size_t size, std::uint8_t flags = ACK,
              std::uint16_t port = 5201)
{
    frame made(DATA + size);
    put_be(made, 12, 0x0800, 2);
    put_be(made, IP, 0x4500, 2);
    put_be(made, IP + 2, made.size() - IP, 2);
    put_be(made, IP + 4, seq, 2); // the identification is another in each
    put_be(made, IP + 8, 0x4006, 2);
    put_be(made, 26, 0x0A000202, 4);
    put_be(made, 30, 0x0A00020F, 4);
    put_be(made, 24, ~sum_of(made, IP, TCP), 2);
    put_be(made, TCP, port, 2);
    put_be(made, TCP + 2, 40000, 2);
    put_be(made, TCP + 4, seq, 4);
    put_be(made, TCP + 8, 77, 4);
    put_be(made, TCP + 12, 0x5000 | flags, 2);
    put_be(made, TCP + 14, 8192, 2);
    for (std::size_t i = 0; i < size; i++)
        made[DATA + i] = static_cast<std::uint8_t>((seq + i) * 7 + port);
    put_be(made, TCP + 16, ~sum_of(made, TCP, made.size(), pseudo_header(made)), 2);
    return made;
}

// --- the driver's side ---

struct arrival {
    frame header;
    frame bytes;
    std::uint8_t flags() const { return header[0]; }
    unsigned gso_type() const { return header[1]; }
    unsigned word(unsigned at) const { return header.at(at) | header.at(at + 1) << 8; }
};

// What a driver that needs segments of the network's size makes of an arrival (5.1.6.2).
std::vector<frame> divide(const arrival &what)
{
    std::vector<frame> list;
    if (what.gso_type() == 0)
        return {what.bytes};
    for (std::size_t at = DATA; at < what.bytes.size(); at += what.word(4)) {
        const std::size_t end = std::min(at + what.word(4), what.bytes.size());
        frame one(what.bytes.begin(), what.bytes.begin() + DATA);
        one.insert(one.end(), what.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                   what.bytes.begin() + static_cast<std::ptrdiff_t>(end));
        put_be(one, IP + 2, one.size() - IP, 2);
        put_be(one, TCP + 4, get_be(what.bytes, TCP + 4, 4) + (at - DATA), 4);
        list.push_back(one);
    }
    return list;
}

// A frame without what joining may change: identification, checksums, PSH.
frame essence(frame of)
{
    put_be(of, IP + 4, 0, 2);
    put_be(of, IP + 10, 0, 2);
    put_be(of, TCP + 16, 0, 2);
    of[47] = static_cast<std::uint8_t>(of[47] & ~PSH);
    return of;
}

class virtio_net_join : public virtio_net_bench {
  protected:
    static constexpr unsigned count = 256;  // of buffers
    static constexpr unsigned stride = 512; // from one to the next

    void start_driver(std::uint64_t features)
    {
        EXPECT_TRUE(negotiate(BASIC | features));
        set_up(RX, count);
        go();
        free.clear();
        for (unsigned i = 0; i < count; i++)
            free.push_back(static_cast<std::uint16_t>(count - 1 - i));
    }

    void give(std::uint32_t size)
    {
        desc(free.back(), at(free.back()), size, WRITE, 0, RX);
        offer(free.back(), RX);
        free.pop_back();
    }

    void give_all(std::uint32_t size = stride)
    {
        while (!free.empty())
            give(size);
        notify(RX);
        run();
    }

    // What has arrived since the last call.
    std::vector<arrival> arrivals()
    {
        std::vector<arrival> list;
        unsigned more = 0;
        for (const used_entry &entry : used(RX)) {
            frame part = in_memory(at(entry.id), entry.length);
            free.push_back(static_cast<std::uint16_t>(entry.id));
            if (more == 0) {
                list.push_back({{part.begin(), part.begin() + header_size}, {}});
                part.erase(part.begin(), part.begin() + header_size);
                more = list.back().word(10);
            }
            list.back().bytes.insert(list.back().bytes.end(), part.begin(), part.end());
            more--;
        }
        EXPECT_EQ(more, 0u) << "a frame lacks buffers";
        return list;
    }

    // How many frames two that come one after the other become.
    std::size_t frames_of(const frame &first, const frame &second)
    {
        write(DEVICE_STATUS, 0, 1);
        start_driver(JOINED);
        receive(first);
        receive(second);
        give_all();
        const auto list = arrivals();
        if (list.size() == 2) {
            EXPECT_EQ(list[0].bytes, first);
            EXPECT_EQ(list[1].bytes, second);
        }
        return list.size();
    }

    static std::uint64_t at(std::uint32_t index) { return buffer + stride * std::uint64_t{index}; }

    std::vector<std::uint16_t> free;
};

TEST_F(virtio_net_join, SegmentsThatWaitComeAsOne)
{
    start_driver(JOINED);
    receive(segment(1000, 100));
    receive(segment(1100, 100));
    receive(segment(1200, 40, ACK | PSH));
    give_all();
    const auto list = arrivals();
    ASSERT_THAT(list, SizeIs(1));
    const frame whole = segment(1000, 240, ACK | PSH);
    const frame &got = list[0].bytes;
    EXPECT_EQ(essence(got), essence(whole));
    EXPECT_EQ(list[0].flags(), 1u) << "VIRTIO_NET_HDR_F_NEEDS_CSUM";
    EXPECT_EQ(list[0].gso_type(), 1u) << "VIRTIO_NET_HDR_GSO_TCPV4";
    EXPECT_EQ(list[0].word(2), 54u) << "hdr_len";
    EXPECT_EQ(list[0].word(4), 100u) << "gso_size";
    EXPECT_EQ(list[0].word(6), 34u) << "csum_start";
    EXPECT_EQ(list[0].word(8), 16u) << "csum_offset";
    EXPECT_EQ(got[47], ACK | PSH);
    EXPECT_EQ(sum_of(got, IP, TCP), 0xFFFF) << "the header of IP has its checksum";
    EXPECT_EQ(get_be(got, TCP + 16, 2), pseudo_header(got));
    EXPECT_EQ(static_cast<std::uint16_t>(~sum_of(got, TCP, got.size())), get_be(whole, TCP + 16, 2))
        << "the driver can complete the checksum";
    EXPECT_EQ(counts().received, 1u);
    EXPECT_EQ(counts().received_bytes, got.size());
    EXPECT_EQ(virtio_net_waiting(core.get()), 0u);
}

TEST_F(virtio_net_join, ADriverThatDoesNotTakeThemGetsEachSegment)
{
    start_driver(GUEST_CSUM | MRG_RXBUF);
    receive(segment(1000, 100));
    receive(segment(1100, 100));
    give_all();
    const auto list = arrivals();
    ASSERT_THAT(list, SizeIs(2));
    EXPECT_EQ(list[1].bytes, segment(1100, 100));
    EXPECT_EQ(list[1].header, frame({2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}));
}

TEST_F(virtio_net_join, WhatHasBuffersDoesNotWaitForMore)
{
    start_driver(JOINED);
    give_all();
    receive(segment(1000, 100));
    receive(segment(1100, 100));
    EXPECT_THAT(arrivals(), SizeIs(2));
}

TEST_F(virtio_net_join, OnlyWhatFollowsIsJoined)
{
    EXPECT_EQ(frames_of(segment(1000, 100), segment(1100, 100)), 1u);
    EXPECT_EQ(frames_of(segment(0xFFFFFFF0, 100), segment(0x54, 100)), 1u) << "numbers wrap";
    EXPECT_EQ(frames_of(segment(1000, 100), segment(1101, 100)), 2u) << "a gap";
    EXPECT_EQ(frames_of(segment(1000, 100), segment(1000, 100)), 2u) << "the same again";
    EXPECT_EQ(frames_of(segment(1000, 100), segment(1100, 100, ACK, 80)), 2u) << "another flow";
    EXPECT_EQ(frames_of(segment(1000, 100), segment(1100, 101)), 2u) << "a larger one";
    EXPECT_EQ(frames_of(segment(1000, 100), segment(1100, 0)), 2u) << "no data";
    EXPECT_EQ(frames_of(segment(1000, 0), segment(1000, 100)), 2u) << "behind no data";
    EXPECT_EQ(frames_of(segment(1000, 100), segment(1100, 100, ACK | FIN)), 2u);
    EXPECT_EQ(frames_of(segment(1000, 100, ACK | FIN), segment(1100, 100)), 2u);
    EXPECT_EQ(frames_of(segment(1000, 100, 0), segment(1100, 100, 0)), 2u) << "no ACK";
}

TEST_F(virtio_net_join, NothingComesBehindASmallerSegment)
{
    start_driver(JOINED);
    receive(segment(1000, 100));
    receive(segment(1100, 50));
    receive(segment(1150, 50));
    give_all();
    const auto list = arrivals();
    ASSERT_THAT(list, SizeIs(2));
    EXPECT_EQ(list[1].bytes, segment(1150, 50));
}

// Bytes of the headers, and whether segments that differ there are joined: of Ethernet, IPv4 and
// TCP.
TEST_F(virtio_net_join, HeadersAreTheSameButForWhatEachSegmentHas)
{
    const frame first = segment(1000, 100);
    for (unsigned i = 0; i < DATA; i++) {
        SCOPED_TRACE("byte " + std::to_string(i));
        const bool of_each = i == 18 || i == 19 || i == 24 || i == 25 || i == 50 ||
                             i == 51; // identification, checksums
        frame second = segment(1100, 100);
        second[i] ^= 1;
        EXPECT_EQ(frames_of(first, second), of_each ? 1u : 2u);
    }
}

// What both have is not enough: options, fragments, another protocol, bytes behind the packet.
TEST_F(virtio_net_join, OnlyPlainSegmentsAreJoined)
{
    struct change {
        unsigned at;
        std::uint8_t value;
    };
    for (const change &row : {change{12, 0x86},
                              {14, 0x46},
                              {17, 139},
                              {20, 0x20},
                              {21, 1},
                              {23, 17},
                              {46, 0x60},
                              {46, 0x51},
                              {47, 0x14},
                              {47, 0x30},
                              {47, 0x50},
                              {47, 0x90}}) {
        SCOPED_TRACE("byte " + std::to_string(row.at));
        frame first = segment(1000, 100);
        frame second = segment(1100, 100);
        first[row.at] = second[row.at] = row.value;
        EXPECT_EQ(frames_of(first, second), 2u);
    }
    frame first = segment(1000, 100);
    first[20] = 0x40; // may not be divided
    frame second = segment(1100, 100);
    second[20] = 0x40;
    EXPECT_EQ(frames_of(first, second), 1u);
}

// RFC 791, 3.1: a packet has 65535 bytes at most.
TEST_F(virtio_net_join, AFrameHasTheSizeOfAPacketAtMost)
{
    start_driver(JOINED);
    for (unsigned i = 0; i < 5; i++)
        receive(segment(13099 * i, 13099));
    receive(segment(65495, 1));
    give_all();
    const auto list = arrivals();
    ASSERT_THAT(list, SizeIs(2));
    EXPECT_EQ(list[0].bytes.size(), 65535u + IP);
    EXPECT_EQ(get_be(list[0].bytes, IP + 2, 2), 65535u);
    EXPECT_EQ(list[1].bytes, segment(65495, 1));
}

TEST_F(virtio_net_join, JoinedFramesCountAsWhatWaits)
{
    start_driver(JOINED);
    receive(segment(1000, 100));
    receive(segment(1100, 100));
    EXPECT_EQ(virtio_net_waiting(core.get()), header_size + DATA + 200);
    for (unsigned i = 0; i < 1100; i++)
        receive(segment(1200 + 1000 * i, 1000));
    EXPECT_NE(counts().dropped, 0u);
    EXPECT_LE(virtio_net_waiting(core.get()), VIRTIO_NET_BACKLOG + 1066);
    write(DEVICE_STATUS, 0, 1);
    EXPECT_EQ(virtio_net_waiting(core.get()), 0u);
}

// A frame that has buffers, but not enough, takes more data while it waits.
TEST_F(virtio_net_join, AFrameGrowsWhileItWaitsForBuffers)
{
    start_driver(JOINED);
    give(80);
    notify(RX);
    run();
    receive(segment(1000, 100));
    EXPECT_THAT(arrivals(), SizeIs(0));
    receive(segment(1100, 100));
    give_all();
    const auto list = arrivals();
    ASSERT_THAT(list, SizeIs(1));
    EXPECT_EQ(essence(list[0].bytes), essence(segment(1000, 200)));
}

// --- random traffic and buffers ---

class virtio_net_random : public virtio_net_join {
  protected:
    frame any_segment()
    {
        flow = static_cast<std::uint16_t>(chance.one_in(8) ? 1 - flow : flow);
        const std::size_t size = chance.one_in(4) ? chance.below(200) : 100;
        frame made = segment(next_seq[flow], size, chance.one_in(4) ? ACK | PSH : ACK,
                             static_cast<std::uint16_t>(5201 + flow));
        next_seq[flow] += static_cast<std::uint32_t>(size);
        if (chance.one_in(16))
            made[chance.below(DATA)] ^= static_cast<std::uint8_t>(1 << chance.below(8));
        return made;
    }

    // The device does nothing about it yet.
    void arrive(const frame &what) const
    {
        virtio_net_receive(core.get(), what.data(), static_cast<std::uint32_t>(what.size()));
    }

    void give_some(bool hostile)
    {
        for (std::uint64_t left = chance.below(40); left > 0 && !free.empty(); left--) {
            give(static_cast<std::uint32_t>(chance.between(300, stride)));
            if (hostile && chance.one_in(100))
                put_desc(queues[RX].desc + 16 * chance.below(count),
                         chance.coin() ? chance.bits(64) : at(0),
                         static_cast<std::uint32_t>(chance.bits(chance.coin() ? 32 : 9)),
                         static_cast<std::uint16_t>(chance.below(4)),
                         static_cast<std::uint16_t>(chance.below(count + 4)));
        }
        notify(RX);
        run();
    }

    support::random_source chance{0};
    std::uint16_t flow = 0; // of the last segment
    std::uint32_t next_seq[2] = {};
};

TEST_F(virtio_net_random, WhatComesDividesIntoWhatWasSent)
{
    std::size_t frames = 0;
    std::size_t segments = 0;
    for (unsigned seed = 1; seed <= 50; seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        chance = support::random_source(seed);
        next_seq[1] = 0xFFFFF000;
        std::vector<frame> sent_to_it;
        std::vector<frame> got;
        write(DEVICE_STATUS, 0, 1);
        start_driver(JOINED);
        const auto collect = [&] {
            for (const arrival &each : arrivals()) {
                frames++;
                for (const frame &part : divide(each))
                    got.push_back(essence(part));
            }
        };
        for (unsigned step = 0; step < 60; step++) {
            for (std::uint64_t left = chance.below(20); left > 0; left--) {
                sent_to_it.push_back(any_segment());
                arrive(sent_to_it.back());
            }
            give_some(false);
            collect();
        }
        while (virtio_net_waiting(core.get()) != 0) {
            give_all();
            collect();
        }
        for (frame &each : sent_to_it)
            each = essence(each);
        segments += sent_to_it.size();
        ASSERT_EQ(got, sent_to_it);
        ASSERT_FALSE(broken());
    }
    EXPECT_LT(frames, segments / 2) << "some shall be joined";
}

TEST_F(virtio_net_random, HostileBuffersBreakNothingElse)
{
    unsigned breakdowns = 0;
    for (unsigned seed = 1; seed <= 100; seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        chance = support::random_source(seed);
        write(DEVICE_STATUS, 0, 1);
        start_driver(JOINED);
        for (unsigned step = 0; step < 40 && !broken(); step++) {
            for (std::uint64_t left = chance.below(20); left > 0; left--)
                arrive(any_segment());
            give_some(true);
            for (const used_entry &entry : used(RX))
                if (entry.id < count)
                    free.push_back(static_cast<std::uint16_t>(entry.id));
        }
        breakdowns += broken();
        write(DEVICE_STATUS, 0, 1);
        ASSERT_EQ(status(), 0u);
        ASSERT_EQ(virtio_net_waiting(core.get()), 0u);
    }
    EXPECT_GT(breakdowns, 20u);
    EXPECT_LT(breakdowns, 98u) << "not all of them shall be so bad";
}

} // namespace
} // namespace test_virtio_net_join
