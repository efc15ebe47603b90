// SPDX-License-Identifier: Apache-2.0
// Fixture of tests of ATS Translation Requests (IHI 0070 3.9.1).
#ifndef TESTS_CORE_ATS_TEST_HPP
#define TESTS_CORE_ATS_TEST_HPP

#include "core/core_test.hpp"

// A request to read and write, and one with NW set.
constexpr smmu_ats_request ats_request(uint32_t sid, uint64_t addr)
{
    smmu_ats_request r{};
    r.sid = sid;
    r.addr = addr;
    return r;
}

constexpr smmu_ats_request ats_read_only(uint32_t sid, uint64_t addr)
{
    smmu_ats_request r = ats_request(sid, addr);
    r.nw = true;
    return r;
}

// Stream 5 translates at stage 1 and has full ATS.
class AtsRequests : public StreamTest {
  protected:
    explicit AtsRequests(const smmu_config &cfg = smmu_config_default()) : StreamTest(cfg)
    {
        stream.stream().eats = 1;
        stream.low.map(va, pa);
        republish();
    }

    void expect_denied(const smmu_ats_completion &c, unsigned stu_log2 = 12)
    {
        EXPECT_EQ(c.status, SMMU_ATS_SUCCESS);
        EXPECT_FALSE(c.r || c.w || c.exe);
        EXPECT_EQ(c.span_log2, stu_log2);
        EXPECT_THAT(dut.pop_events(), testing::IsEmpty());
    }

    void expect_silent(const smmu_ats_completion &c, smmu_ats_status status)
    {
        EXPECT_EQ(c.status, status);
        EXPECT_FALSE(c.r || c.w || c.exe);
        EXPECT_EQ(c.span_log2, 0);
        EXPECT_THAT(dut.pop_events(), testing::IsEmpty());
    }

    // Unsupported Request, told by F_BAD_ATS_TREQ with `rights`.
    void expect_refused(const smmu_ats_request &r, unsigned rights)
    {
        const smmu_ats_completion c = dut.ats_translate(r);
        EXPECT_EQ(c.status, SMMU_ATS_UR);
        support::page_event e;
        e.type = support::F_BAD_ATS_TREQ;
        e.sid = r.sid;
        e.ssv = r.ssv;
        e.ssid = r.ssv ? r.ssid : 0;
        e.page = r.addr & ~uint64_t{0xfff};
        e.span = 1;
        e.rights = rights;
        EXPECT_THAT(dut.pop_raw_events(), testing::ElementsAre(e.encode()));
    }

    // Permissions of the page at `va`.
    smmu_ats_completion with_page(const support::leaf_attributes &attributes,
                                  const smmu_ats_request &r)
    {
        stream.low.map(va, pa, 3, attributes);
        dut.invalidate_all();
        return dut.ats_translate(r);
    }

    // `r` with a PASID, for the one CD there is.
    smmu_ats_request with_pasid(smmu_ats_request r)
    {
        stream.stream().s1cdmax = 1;
        stream.stream().s1dss = 0;
        dut.mem.store_image(stream.cd_address() + 64, stream.context().encode());
        republish();
        r.ssv = true;
        r.ssid = 1;
        return r;
    }

    static constexpr uint64_t va = 0x0000'1234'5678'9000;
    static constexpr uint64_t pa = 0x7000'0000;
};

#endif
