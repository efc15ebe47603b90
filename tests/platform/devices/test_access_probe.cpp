// SPDX-License-Identifier: Apache-2.0
// The access probe: what its registers show of the last access (docs/access-probe.md).
#include <memory>

#include <gtest/gtest.h>

#include "access_probe/access_probe.h"
#include "frame_access.hpp"

namespace test_access_probe {
namespace {

class probe : public ::testing::Test {
  protected:
    std::unique_ptr<access_probe, void (*)(access_probe *)> core{access_probe_create(),
                                                                 access_probe_destroy};
    frame_access regs{access_probe_frame, core.get()};

    void record(const access_probe_access &access) { access_probe_record(core.get(), &access); }
};

access_probe_access everything()
{
    access_probe_access access = {};
    access.offset = 0x1'2345'6780;
    access.length = 64;
    access.sid = 0xabcd1234;
    access.ssid = 0x54321;
    access.partid = 0xfedc;
    access.pmg = 0xa5;
    access.space = 3;
    access.pas = 2;
    access.mair = 0x4f;
    access.sh = 3;
    access.pbha = 9;
    access.write = access.priv = access.ssv = true;
    return access;
}

TEST_F(probe, HasSeenNothingAtFirst)
{
    EXPECT_EQ(regs.read(0x00), 0x31425250u);
    for (std::uint64_t offset = 4; offset < 0x28; offset += 4)
        EXPECT_EQ(regs.read(offset), 0u) << offset;
}

TEST_F(probe, ShowsTheLastAccess)
{
    record({});
    record(everything());
    EXPECT_EQ(regs.read(0x04), 2u);
    EXPECT_EQ(regs.read(0x08, 8), 0x1'2345'6780u);
    EXPECT_EQ(regs.read(0x0c), 1u);
    EXPECT_EQ(regs.read(0x10), 64u);
    EXPECT_EQ(regs.read(0x14), 0x2du); // write, privileged, SSV; Root
    EXPECT_EQ(regs.read(0x18), 0xabcd1234u);
    EXPECT_EQ(regs.read(0x1c), 0x54321u);
    EXPECT_EQ(regs.read(0x20), 0x03a5fedcu);
    EXPECT_EQ(regs.read(0x24), 0x934fu);
    record({});
    EXPECT_EQ(regs.read(0x20), 0u);
    EXPECT_EQ(regs.read(0x04), 3u);
}

TEST_F(probe, AWriteOfCountForgets)
{
    record(everything());
    regs.write(0x20, 0);
    EXPECT_EQ(regs.read(0x20), 0x03a5fedcu) << "read-only";
    regs.write(0x04, 7);
    EXPECT_EQ(regs.read(0x04), 0u);
    EXPECT_EQ(regs.read(0x20), 0u);
}

TEST_F(probe, OtherAccessesAreRefused)
{
    EXPECT_EQ(regs.read_status(0x04, 8), VP_SLVERR);
    EXPECT_EQ(regs.read_status(0x04, 2), VP_SLVERR);
    EXPECT_EQ(regs.read_status(0x1000, 4), VP_DECERR);
    EXPECT_EQ(regs.read(0x40), 0u) << "reserved";
}

} // namespace
} // namespace test_access_probe
