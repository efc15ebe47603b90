// SPDX-License-Identifier: Apache-2.0
// MPAM labels on the bus (attributes::mpam; IHI 0070 17.2, 17.4), in either coding style.
#include <gtest/gtest.h>

#include "bench.hpp"
#include "both_timings.hpp"
#include "two_stage_stream.hpp"

namespace tlm_test::test_mpam {

namespace {

using list = std::vector<unsigned>;

constexpr std::uint32_t sid = 5;
constexpr std::uint64_t va = 0x0000'1234'5678'9000;
constexpr std::uint64_t ipa = 0x0000'0040'8040'0000;
constexpr std::uint64_t pa = bench::data + 0x3000;
constexpr std::uint64_t vms = bench::data + 0x10'0000;

smmu_config with_mpam()
{
    smmu_config cfg = smmu_config_default();
    cfg.arch = 2;
    cfg.mpam = true;
    return cfg;
}

// PARTID and PMG as one number.
unsigned label(const smmu::attributes &attributes)
{
    EXPECT_EQ(attributes.mpam.space, SMMU_SEC_NS);
    return attributes.mpam.partid | unsigned{attributes.mpam.pmg} << 16;
}

// GMPAM is PARTID 9 PMG 1, GBPMPAM 8 and 1, that of the STE 0x101 and 0, that of the CD 0x1fe
// and 1.
struct mpam : timing_test {
    bench b{"b", times(), 1, with_mpam()};
    stream s{b, sid};

    mpam()
    {
        s.map(va, pa);
        s.entry().partid = 0x101;
        s.entry().s1mpam = 1;
        s.context().partid = 0x1fe;
        s.context().pmg = 1;
        s.publish();
    }

    void bring_up()
    {
        b.bring_up();
        b.write32(reg::GMPAM, reg::MPAM_UPDATE | 0x1'0009);
        b.write32(reg::GBPMPAM, reg::MPAM_UPDATE | 0x1'0008);
        b.memory.log.clear();
    }

    void read(std::uint64_t address)
    {
        transfer t = read_of(address, 8);
        EXPECT_EQ(b.device().send(t.of_stream(sid)), tlm::TLM_OK_RESPONSE);
    }

    // Labels of the accesses so far, in order.
    std::vector<unsigned> labels()
    {
        std::vector<unsigned> all;
        for (const auto &access : b.memory.log)
            all.push_back(label(access.attributes));
        b.memory.log.clear();
        return all;
    }
};

TEST_P(mpam, is_on_walks_and_on_the_transaction)
{
    b.run([&] {
        bring_up();
        read(va);
        EXPECT_EQ(labels(), (list{0x1'0009, 0x101, 0x1'01fe, 0x1'01fe, 0x1'01fe, 0x1'01fe,
                                  0x1'01fe})); // STE, CD, four descriptors, data
        transfer hit = write_of(va + 64, {1, 2, 3, 4});
        EXPECT_EQ(b.device().send(hit.of_stream(sid)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(labels(), (list{0x1'01fe}));
    });
}

// 17.2: there is no pass-through.
TEST_P(mpam, of_the_client_is_ignored_and_left_alone)
{
    b.run([&] {
        bring_up();
        smmu::attributes given;
        given.sid = sid;
        given.mpam = {0x77, 0, SMMU_SEC_S};
        transfer t = read_of(va, 8);
        t.extend(given);
        EXPECT_EQ(b.device().send(t), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(label(b.memory.log.back().attributes), 0x1'01feu);
        EXPECT_EQ(t.attributes.mpam.partid, 0x77u);
        EXPECT_EQ(t.attributes.mpam.space, SMMU_SEC_S);
    });
}

TEST_P(mpam, of_bypass_is_that_of_gbpmpam)
{
    b.run([&] {
        b.write32(reg::GBPMPAM, reg::MPAM_UPDATE | 0x1'0008);
        read(pa);
        EXPECT_EQ(labels(), (list{0x1'0008}));
        b.write32(reg::GBPMPAM, reg::MPAM_UPDATE | 0x0'0007);
        read(pa);
        EXPECT_EQ(labels(), (list{0x7}));
    });
}

TEST_P(mpam, of_queues_is_that_of_gmpam)
{
    b.run([&] {
        bring_up();
        b.submit(support::cfgi_all());
        b.sync();
        transfer t = read_of(va + 0x1000, 8); // an event
        EXPECT_NE(b.device().send(t.of_stream(sid)), tlm::TLM_OK_RESPONSE);
        unsigned queues = 0;
        for (const auto &access : b.memory.log) {
            if (access.address >= bench::strtab)
                continue;
            EXPECT_EQ(label(access.attributes), 0x1'0009u);
            queues++;
        }
        EXPECT_EQ(queues, 3u); // two commands, one record
    });
}

TEST_P(mpam, changes_once_the_cd_is_invalidated)
{
    b.run([&] {
        bring_up();
        read(va);
        s.context().partid = 0x33;
        s.publish();
        b.memory.log.clear();
        read(va);
        EXPECT_EQ(labels(), (list{0x1'01fe})) << "forgotten invalidation";
        b.submit(support::cfgi_cd(sid));
        b.sync();
        b.memory.log.clear();
        read(va);
        EXPECT_EQ(labels(), (list{0x101, 0x1'0033})); // the CD, data
    });
}

INSTANTIATE_TEST_SUITE_P(modes, mpam, both_timings(), timing_name);

// What was granted by an old label does not outlive it.
TEST(mpam_of_dmi, windows_go_with_the_label)
{
    bench b("b", {}, 1, with_mpam());
    stream s(b, sid);
    s.map(va, pa);
    b.memory.grant_all();
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        tlm::tlm_dmi granted;
        ASSERT_TRUE(b.device().dmi(t.of_stream(sid), granted));
        b.submit(support::cfgi_vms_pidm(0));
        b.sync();
        EXPECT_TRUE(b.device().withdrawn.empty());
        b.submit(support::cfgi_cd(sid));
        b.sync();
        EXPECT_EQ(b.device().withdrawn.size(), 1u);
    });
}

struct mpam_of_a_virtual_machine : timing_test {};

TEST_P(mpam_of_a_virtual_machine, is_mapped_by_its_vms)
{
    bench b("b", times(), 1, with_mpam());
    two_stage_stream s(b, sid, 3, two_stage_stream::kind::nested);
    s.map_s1(va, ipa);
    s.map_s2(ipa, pa);
    s.entry().s1mpam = 1;
    s.entry().vmsptr = vms;
    s.context().partid = 2;
    s.publish();
    b.memory.store64(vms, 0x0000'0155'0000'0000); // PARTID 2 is 0x155
    b.run([&] {
        b.bring_up();
        transfer t = read_of(va, 8);
        EXPECT_EQ(b.device().send(t.of_stream(sid)), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(label(b.memory.log.back().attributes), 0x155u);
        EXPECT_EQ(b.smmu.stats().vms_fetches, 1u);
    });
}

INSTANTIATE_TEST_SUITE_P(modes, mpam_of_a_virtual_machine, both_timings(), timing_name);

} // namespace

} // namespace tlm_test::test_mpam
