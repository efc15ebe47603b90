// SPDX-License-Identifier: Apache-2.0
// Fixture of tests of MPAM (IHI 0070 5.6, 17): an SMMU with PARTIDs of 6 bits and PMGs of 4, and a
// stream of each kind. Every place that a label can come from has one of its own.
#ifndef TESTS_CORE_MPAM_TEST_HPP
#define TESTS_CORE_MPAM_TEST_HPP

#include <ostream>

#include "core/nested_test.hpp"

// PARTID and PMG. Non-secure, as all there are.
struct label {
    unsigned partid = 0;
    unsigned pmg = 0;

    label(unsigned a, unsigned b) : partid(a), pmg(b) {}
    explicit label(const smmu_mpam &mpam) : partid(mpam.partid), pmg(mpam.pmg)
    {
        EXPECT_EQ(mpam.space, SMMU_SEC_NS);
    }
};

inline bool operator==(const label &a, const label &b)
{
    return a.partid == b.partid && a.pmg == b.pmg;
}

inline std::ostream &operator<<(std::ostream &out, const label &l)
{
    return out << std::hex << "PARTID 0x" << l.partid << " PMG 0x" << l.pmg << std::dec;
}

inline const label of_gmpam{0x21, 1}, of_gbpmpam{0x22, 2};
inline const label of_bypass{0x10, 4}, of_alone{0x12, 6}; // by their STEs
inline const label of_single{0x11, 5}, of_single_cd{0x31, 0xb};
inline const label of_nested{0x13, 7}, of_nested_cd{0x2a, 0xc};

// Beside those of NestedTest, stream 4 is bypassed and stream 5 has stage 1. CDs have labels of
// their own, but nobody asks for them unless `s1mpam`. The CD of the nested stream has the virtual
// PARTID 3, which the VMS maps to 0x2a.
class MpamTest : public NestedTest {
  protected:
    static smmu_config with_mpam()
    {
        smmu_config cfg = smmu_config_default();
        cfg.arch = 2;
        cfg.mpam = true;
        cfg.partid_max = 0x34;
        cfg.pmg_max = 0xf;
        return cfg;
    }

    explicit MpamTest(const smmu_config &cfg = with_mpam())
        : NestedTest(cfg), single(dut, single_sid, 5)
    {
        put(through, of_bypass);
        put(entry, of_alone);
        put(single.stream(), of_single);
        put(stage1.stream(), of_nested);
        single.low.map(va, pa);
        single.context().partid = of_single_cd.partid;
        single.context().pmg = of_single_cd.pmg;
        stage1.context().partid = 3;
        stage1.context().pmg = of_nested_cd.pmg;
        stage1.stream().vmsptr = vms;
        map_partid(3, of_nested_cd.partid);
        dut.write32(0x138, 0x8001'0021); // GMPAM
        dut.write32(0x13c, 0x8002'0022); // GBPMPAM
        publish_all();
    }

    static void put(support::ste &entry, const label &l)
    {
        entry.partid = l.partid;
        entry.pmg = l.pmg;
    }

    // PARTID_MAP is 32 little-endian numbers of 16 bits.
    void map_partid(unsigned index, unsigned partid)
    {
        const uint8_t bytes[] = {static_cast<uint8_t>(partid), static_cast<uint8_t>(partid >> 8)};
        dut.mem.store(vms + 2 * index, bytes, sizeof(bytes));
    }

    void use_s1mpam()
    {
        single.stream().s1mpam = stage1.stream().s1mpam = 1;
        publish_all();
    }

    void publish_all()
    {
        dut.set_ste(bypassed, through);
        single.publish();
        publish();
    }

    // The label that a read goes on with.
    label of(uint32_t sid, uint64_t at = va,
             const support::client_access &how = support::read_access)
    {
        const smmu_result result = dut.translate(sid, at, how);
        EXPECT_EQ(result.outcome, SMMU_FORWARD) << smmu_event_name(result.event);
        return label(result.mpam);
    }

    // Those of the accesses of one class, in order.
    std::vector<label> labels(smmu_fetch kind)
    {
        std::vector<label> all;
        for (const support::mem_access &access : dut.mem.log())
            if (access.req.fetch == kind)
                all.emplace_back(access.req.mpam);
        return all;
    }

    static constexpr uint32_t bypassed = 4;
    static constexpr uint32_t single_sid = 5;
    static constexpr uint64_t vms = 0x3'0000'1000;

    support::ste through;
    support::stage1_stream single;
};

#endif
