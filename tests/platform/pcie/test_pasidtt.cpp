// SPDX-License-Identifier: Apache-2.0
// Translated requests with a PASID, from a function to the SMMU that goes by it (IHI 0070 3.9.1.3,
// IDR3.PASIDTT): the stream terminates what has none (STE.S1DSS).
#include <cstdint>

#include <gtest/gtest.h>
#include <systemc>

#include "smmu_host_bench.hpp"

namespace test_pasidtt {
namespace {

using test::smmu_host_bench;

constexpr std::uint32_t pasid = 3;
constexpr std::uint32_t sid = smmu_host_bench::sid;
constexpr std::uint64_t source = 0x7'1234'5000, destination = 0x7'1235'5000;
constexpr std::uint32_t done = 1;

class pasidtt : public testing::TestWithParam<bool> { // whether the SMMU has it
  protected:
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.pasidtt = GetParam();
        return cfg;
    }

    pasidtt()
    {
        s.map(smmu_host_bench::descriptors, smmu_host_bench::descriptors);
        s.map(source, smmu_host_bench::frames);
        s.map(destination, smmu_host_bench::frames + 0x1000);
        s.entry().eats = 1;
        s.entry().s1cdmax = 2;
        s.entry().s1dss = 0;
        s.publish();
        b.memory.store_image(s.entry().s1contextptr + 64 * pasid, s.context().encode());
    }

    // Copy a word by ring 0, with PASID Control as given.
    void copy(std::uint32_t control)
    {
        h.set_pasids(control);
        h.open_with_pasid(0, pasid);
        b.memory.store64(smmu_host_bench::frames, 0x1122'3344'5566'7788);
        b.memory.store64(smmu_host_bench::frames + 0x1000, 0);
        h.start_copy(0, source, destination, 8, false);
        sc_core::wait(20, sc_core::SC_US);
    }
    std::uint64_t copied() { return b.memory.load64(smmu_host_bench::frames + 0x1000); }

    smmu_host_bench h{{}, 1, config()};
    tlm_test::bench &b = h.b;
    tlm_test::stream s{b, sid};
};

TEST_P(pasidtt, LetsAStreamOfSubstreamsAloneUseItsTranslations)
{
    b.run([this] {
        h.bring_up();
        b.write32(support::reg::CR0, b.read32(support::reg::CR0) | support::reg::CR0_ATSCHK);
        copy(9); // Translated Requests with PASID Enable
        EXPECT_EQ(copied() != 0, GetParam());
        EXPECT_EQ(h.status(0) == done, GetParam());
        copy(1);
        EXPECT_EQ(copied(), 0u) << "without the PASID it is of no substream";
    });
}

INSTANTIATE_TEST_SUITE_P(smmu, pasidtt, testing::Bool());

} // namespace
} // namespace test_pasidtt
