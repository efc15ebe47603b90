// SPDX-License-Identifier: Apache-2.0
// The network device: frames both ways, checksums, several pairs of queues.
#include "virtio_net_bench.hpp"

namespace test_virtio_net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class virtio_net : public virtio_net_bench {};

TEST_F(virtio_net, SaysWhatItIs)
{
    EXPECT_EQ(virtio_device_type(core.get()), 1u);
    EXPECT_EQ(read(NUM_QUEUES, 2), 3u);
    EXPECT_EQ(read(DEVICE, 4), 0x03020102u);
    EXPECT_EQ(read(DEVICE + 4, 2), 0x0504u);
    EXPECT_EQ(read(DEVICE + 6, 2), 1u) << "the link is up";
    EXPECT_EQ(read(DEVICE + 8, 2), 1u);
    EXPECT_EQ(read(DEVICE + 10, 2), 1500u);
    const std::uint64_t all =
        CSUM | GUEST_CSUM | MTU | MAC | GUEST_TSO4 | HOST_TSO4 | MRG_RXBUF | STATUS | CTRL_VQ;
    EXPECT_EQ(offered() & (all | MQ), all);
    create(4);
    EXPECT_EQ(read(NUM_QUEUES, 2), 9u);
    EXPECT_NE(offered() & MQ, 0u);
}

TEST_F(virtio_net, FeaturesNeedOthers)
{
    EXPECT_FALSE(negotiate(BASIC | HOST_TSO4));
    write(DEVICE_STATUS, 0, 1);
    EXPECT_TRUE(negotiate(BASIC | HOST_TSO4 | CSUM));
    write(DEVICE_STATUS, 0, 1);
    EXPECT_FALSE(negotiate(BASIC | GUEST_TSO4));
    write(DEVICE_STATUS, 0, 1);
    EXPECT_TRUE(negotiate(BASIC | GUEST_TSO4 | GUEST_CSUM));
    create(2);
    EXPECT_FALSE(negotiate(BASIC | MQ));
}

// --- from the driver ---

TEST_F(virtio_net, FramesGoOutAsTheyAre)
{
    begin();
    send(bytes(60));
    send(bytes(1514));
    EXPECT_THAT(sent, ElementsAre(bytes(60), bytes(1514)));
    EXPECT_THAT(used(TX), ElementsAre(used_entry{0, 0}, used_entry{0, 0}));
    EXPECT_EQ(counts().transmitted, 2u);
    EXPECT_EQ(counts().transmitted_bytes, 1574u);
}

// RFC 1071, 3: 00 01 f2 03 f4 f5 f6 f7 sum up to ddf2.
TEST_F(virtio_net, ChecksumsAreCompleted)
{
    begin(CSUM);
    frame what(22);
    const frame example = {0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7};
    std::copy(example.begin(), example.end(), what.begin() + 12);
    send(what, {1, 0, 0, 0, 0, 0, 12, 0, 8, 0}); // from byte 12 on, to byte 20
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0][20], 0x22);
    EXPECT_EQ(sent[0][21], 0x0D);
    // What is there already, the sum of a pseudo header, belongs to it; the last byte is half a
    // word.
    what.push_back(0x80);
    what[20] = 0x11;
    what[21] = 0x11;
    send(what, {1, 0, 0, 0, 0, 0, 12, 0, 8, 0});
    EXPECT_EQ(sent[1][20] << 8 | sent[1][21], 0xFFFF - (0xDDF2 + 0x1111 + 0x8000 - 0xFFFF));
}

TEST_F(virtio_net, AChecksumOfZeroIsAllOnes)
{
    begin(CSUM);
    frame what(16);
    what[12] = what[13] = 0xFF;
    send(what, {1, 0, 0, 0, 0, 0, 12, 0, 2, 0});
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0][14] << 8 | sent[0][15], 0xFFFF);
}

TEST_F(virtio_net, AChecksumOutsideOfTheFrameIsDropped)
{
    begin(CSUM);
    send(bytes(60), {1, 0, 0, 0, 0, 0, 58, 0, 1, 0});
    send(bytes(60), {1, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF});
    send(bytes(1), {1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_THAT(sent, IsEmpty());
    EXPECT_EQ(counts().dropped, 3u);
    EXPECT_EQ(used(TX).size(), 3u);
    EXPECT_FALSE(broken());
}

TEST_F(virtio_net, AChecksumThatNobodyAgreedOnIsDropped)
{
    begin();
    send(bytes(60), {1, 0, 0, 0, 0, 0, 12, 0, 8, 0});
    EXPECT_THAT(sent, IsEmpty());
    EXPECT_EQ(counts().dropped, 1u);
}

TEST_F(virtio_net, FramesAreOfAnySizeUpToTheLargestPacket)
{
    begin();
    send({});
    EXPECT_EQ(counts().dropped, 1u);
    send(bytes(65550));
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0], bytes(65550));
    send(bytes(65551));
    EXPECT_EQ(sent.size(), 1u);
    EXPECT_EQ(counts().dropped, 2u);
}

TEST_F(virtio_net, AFrameThatCannotBeReadIsDropped)
{
    begin();
    abort_at = buffer + 20;
    send(bytes(60));
    EXPECT_THAT(sent, IsEmpty());
    EXPECT_EQ(used(TX).size(), 1u);
    EXPECT_EQ(counts().dropped, 1u);
}

TEST_F(virtio_net, AFrameWithoutItsHeaderIsABreakdown)
{
    begin();
    desc(0, buffer, 11, 0, 0, TX);
    offer_and_run(0, TX);
    EXPECT_TRUE(broken());
}

// --- to the driver ---

TEST_F(virtio_net, FramesComeInBuffersWithAHeader)
{
    begin();
    give_buffers(2, 0x800);
    receive(bytes(60));
    EXPECT_THAT(used(RX), ElementsAre(used_entry{0, 72}));
    EXPECT_EQ(in_memory(buffer, 12), frame({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}));
    EXPECT_EQ(in_memory(buffer + 12, 60), bytes(60));
    EXPECT_EQ(counts().received, 1u);
    EXPECT_EQ(counts().received_bytes, 60u);
}

TEST_F(virtio_net, ADriverThatWantsToKnowIsToldThatChecksumsAreRight)
{
    begin(GUEST_CSUM);
    give_buffers(1, 0x800);
    receive(bytes(60));
    EXPECT_EQ(get(buffer, 1), 2u); // VIRTIO_NET_HDR_F_DATA_VALID
}

TEST_F(virtio_net, FramesWaitForBuffersInTheirOrder)
{
    begin();
    receive(bytes(60, 1));
    receive(bytes(70, 2));
    EXPECT_EQ(virtio_net_waiting(core.get()), 60u + 70 + 2 * header_size);
    give_buffers(2, 0x800);
    EXPECT_THAT(used(RX), ElementsAre(used_entry{0, 72}, used_entry{1, 82}));
    EXPECT_EQ(in_memory(buffer + 12, 60), bytes(60, 1));
    EXPECT_EQ(in_memory(buffer + 0x1000 + 12, 70), bytes(70, 2));
    EXPECT_EQ(virtio_net_waiting(core.get()), 0u);
}

TEST_F(virtio_net, MergeableBuffersShareAFrame)
{
    begin(MRG_RXBUF);
    give_buffers(4, 100);
    receive(bytes(250));
    EXPECT_THAT(used(RX), ElementsAre(used_entry{0, 100}, used_entry{1, 100}, used_entry{2, 62}));
    EXPECT_EQ(get(buffer + 10, 2), 3u); // num_buffers
    frame got = in_memory(buffer + 12, 88);
    for (const unsigned i : {1u, 2u}) {
        const frame more = in_memory(buffer + 0x1000 * i, i == 1 ? 100 : 62);
        got.insert(got.end(), more.begin(), more.end());
    }
    EXPECT_EQ(got, bytes(250));
    EXPECT_THAT(raised, ElementsAre(1u));
}

// None of the buffers is used before there are all.
TEST_F(virtio_net, AFrameWaitsForAsManyMergeableBuffersAsItTakes)
{
    begin(MRG_RXBUF);
    give_buffers(2, 100);
    receive(bytes(250));
    EXPECT_THAT(used(RX), IsEmpty());
    EXPECT_THAT(raised, IsEmpty());
    desc(2, buffer + 0x2000, 100, WRITE, 0, RX);
    offer_and_run(2, RX);
    EXPECT_THAT(used(RX), ElementsAre(used_entry{0, 100}, used_entry{1, 100}, used_entry{2, 62}));
    EXPECT_EQ(counts().dropped, 0u);
}

TEST_F(virtio_net, AFrameThatFitsIntoNoBufferIsDropped)
{
    begin();
    give_buffers(2, 100);
    receive(bytes(250));
    receive(bytes(60));
    EXPECT_THAT(used(RX), ElementsAre(used_entry{0, 72}));
    EXPECT_EQ(counts().dropped, 1u);
}

TEST_F(virtio_net, ABufferWithoutRoomForTheHeaderIsABreakdown)
{
    begin();
    give_buffers(1, 11);
    receive(bytes(60));
    EXPECT_TRUE(broken());
}

TEST_F(virtio_net, FramesAreDroppedWhileNobodyWorksOrTooManyWait)
{
    receive(bytes(60));
    EXPECT_EQ(counts().dropped, 1u);
    begin();
    for (unsigned i = 0; i < 20; i++)
        receive(bytes(65550));
    EXPECT_EQ(counts().dropped, 5u);
    EXPECT_LE(virtio_net_waiting(core.get()), VIRTIO_NET_BACKLOG + 65562);
    write(DEVICE_STATUS, 0, 1);
    EXPECT_EQ(virtio_net_waiting(core.get()), 0u);
}

TEST_F(virtio_net, AResetWhileAFrameIsOnItsWayForgetsAll)
{
    begin(MRG_RXBUF);
    give_buffers(4, 100);
    meanwhile = [&](std::uint64_t addr) {
        if (addr == buffer + 0x1000)
            write(DEVICE_STATUS, 0, 1);
    };
    virtio_net_receive(core.get(), bytes(60).data(), 60);
    virtio_net_receive(core.get(), bytes(250).data(), 250);
    run();
    EXPECT_EQ(status(), 0u);
    EXPECT_EQ(virtio_net_waiting(core.get()), 0u);
    EXPECT_THAT(used(RX), IsEmpty());
}

// --- several pairs (5.1.5.1.1, 5.1.6.5.5) ---

TEST_F(virtio_net, TheDriverSaysHowManyPairsItUses)
{
    create(4);
    begin(MQ | CTRL_VQ, {8});
    EXPECT_EQ(command({4, 0, 4, 0}, 8), 0);
    EXPECT_EQ(command({4, 0, 0, 0}, 8), 1);
    EXPECT_EQ(command({4, 0, 5, 0}, 8), 1);
    EXPECT_EQ(command({4, 1, 1, 0}, 8), 1) << "another command";
    EXPECT_EQ(command({0, 0, 1, 0}, 8), 1) << "another class";
    EXPECT_EQ(command({4, 0, 1}, 8), 1) << "half a number";
}

TEST_F(virtio_net, WithoutSeveralPairsCommandsComeBehindTheFirst)
{
    create(4);
    begin(CTRL_VQ, {CONTROL});
    EXPECT_EQ(command({4, 0, 1, 0}), 1) << "it has not accepted that there are several";
}

TEST_F(virtio_net, ACommandWithoutRoomForItsAnswerIsABreakdown)
{
    begin(CTRL_VQ, {CONTROL});
    desc(0, buffer, 4, 0, 0, CONTROL);
    offer_and_run(0, CONTROL);
    EXPECT_TRUE(broken());
}

TEST_F(virtio_net, AFlowComesBackByThePairThatItWentOutBy)
{
    create(2);
    begin(MQ | CTRL_VQ, {0, 1, 2, 3, 4});
    EXPECT_EQ(command({4, 0, 2, 0}, 4), 0);
    send(packet(0x0A00020F, 0x0A000202, 1000, 80), {}, 3);
    give_buffers(1, 0x800, 0);
    give_buffers(1, 0x800, 2);
    receive(packet(0x0A000202, 0x0A00020F, 80, 1000));
    EXPECT_EQ(used(2).size(), 1u);
    receive(packet(0x0A000202, 0x0A00020F, 80, 1001));
    EXPECT_EQ(used(0).size(), 1u) << "another flow";
}

TEST_F(virtio_net, FramesForPairsThatAreUsedNoMoreAreForgotten)
{
    create(2);
    begin(MQ | CTRL_VQ, {0, 1, 2, 3, 4});
    EXPECT_EQ(command({4, 0, 2, 0}, 4), 0);
    send(packet(1, 2, 3, 4), {}, 3);
    receive(packet(2, 1, 4, 3));
    EXPECT_NE(virtio_net_waiting(core.get()), 0u);
    EXPECT_EQ(command({4, 0, 1, 0}, 4), 0);
    EXPECT_EQ(virtio_net_waiting(core.get()), 0u);
}

} // namespace
} // namespace test_virtio_net
