// SPDX-License-Identifier: Apache-2.0
// What an SMMU lets be observed (smmu/observations.def): the host is told what statistics count.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "core/reentry_test.hpp"
#include "support/stage1_stream.hpp"

using namespace support;
using namespace support::reg;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_observations {
namespace {

class observed_dut : public device_under_test {
  public:
    explicit observed_dut(const smmu_config &cfg = smmu_config_default())
        : device_under_test(cfg, true, adapt)
    {
    }
    std::vector<smmu_observation> seen;

    std::vector<std::string> names() const
    {
        std::vector<std::string> list;
        for (const smmu_observation &each : seen)
            list.emplace_back(smmu_observation_name(static_cast<smmu_observation_id>(each.id)));
        return list;
    }

  private:
    static void adapt(smmu_ops &ops)
    {
        ops.observe = [](void *user, const smmu_observation *seen) {
            static_cast<observed_dut *>(static_cast<device_under_test *>(user))
                ->seen.push_back(*seen);
        };
    }
};

class Observations : public testing::Test {
  protected:
    explicit Observations(const smmu_config &cfg = smmu_config_default())
        : dut(cfg), stream(dut, sid)
    {
        dut.bring_up();
        stream.low.map(va, pa);
        stream.publish();
        dut.invalidate_all();
        dut.seen.clear();
    }

    static constexpr uint32_t sid = 5;
    static constexpr uint64_t va = 0x4000, pa = 0x1'0000'0000, hole = 0x777000;
    observed_dut dut;
    stage1_stream stream;
};

TEST_F(Observations, TransactionShowsItsWay)
{
    dut.translate(sid, va);
    EXPECT_THAT(dut.names(), ElementsAre("translate", "utlb_miss", "request", "config_miss",
                                         "ste_fetch", "config_miss", "cd_fetch", "tlb_miss",
                                         "walk_slot", "walk_miss", "ttd_fetch", "ttd_fetch",
                                         "ttd_fetch", "ttd_fetch", "tlb_fill", "forward"));
    for (const smmu_observation &each : dut.seen) {
        EXPECT_EQ(each.sid, sid);
        EXPECT_EQ(each.sec, SMMU_SEC_NS);
    }
    EXPECT_EQ(dut.seen.front().a, va);
    EXPECT_EQ(dut.seen.back().b, pa);
}

TEST_F(Observations, NoDescriptorIsToldOfThatIsOfNoUse)
{
    // 6.3.9.6: translation has ended meanwhile. Be it of a walk from the first table on, or of one
    // whose last table is cached.
    const auto last_told = [&](unsigned skip) {
        during(dut, SMMU_FETCH_TTD, skip, [&] { dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN); });
        dut.seen.clear();
        EXPECT_EQ(dut.translate(sid, va).addr, va);
        dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
        const auto fetch =
            std::find_if(dut.seen.rbegin(), dut.seen.rend(), [](const smmu_observation &each) {
                return each.id == SMMU_OBSERVE_ttd_fetch;
            });
        return fetch == dut.seen.rend() ? ~uint64_t{0} : fetch->b;
    };
    EXPECT_EQ(last_told(0), 0u);
    EXPECT_EQ(last_told(3), 0u);
    stream.low.map(va + 0x1000, pa);
    dut.translate(sid, va + 0x1000);
    EXPECT_EQ(last_told(0), 0u);
}

class ObservationsOfMpam : public Observations {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.arch = 2;
        cfg.mpam = true;
        return cfg;
    }
    ObservationsOfMpam() : Observations(config()) {}
};

// GMPAM has PARTID 1, the STE 2, the CD 3 with PMG 1 (17.4).
TEST_F(ObservationsOfMpam, ShowLabelsWhereTheyAreKnown)
{
    dut.write32(0x138, 0x8000'0001);
    stream.stream().partid = 2;
    stream.stream().s1mpam = 1;
    stream.context().partid = 3;
    stream.context().pmg = 1;
    stream.publish();
    dut.seen.clear();
    dut.translate(sid, va);
    std::vector<std::string> labels;
    for (const smmu_observation &each : dut.seen)
        labels.push_back(each.labelled ? std::to_string(each.mpam.partid) + "/" +
                                             std::to_string(each.mpam.pmg)
                                       : "");
    EXPECT_THAT(labels, ElementsAre("", "", "", "", "1/0", "", "2/0", "3/1", "", "", "3/1", "3/1",
                                    "3/1", "3/1", "", "3/1"));
}

TEST_F(Observations, HaveNoLabelsWithoutMpam)
{
    dut.translate(sid, va);
    EXPECT_GT(dut.seen.size(), 5u);
    for (const smmu_observation &each : dut.seen)
        EXPECT_FALSE(each.labelled);
}

TEST_F(Observations, CachesShowThatTheyHit)
{
    dut.translate(sid, va);
    dut.seen.clear();
    dut.translate(sid, va);
    EXPECT_THAT(dut.names(), ElementsAre("translate", "utlb_hit", "forward"));
    dut.seen.clear();
    dut.translate(sid, va, write_access);
    EXPECT_THAT(dut.names(), ElementsAre("translate", "utlb_miss", "request", "config_hit",
                                         "config_hit", "tlb_hit", "forward"));
}

TEST_F(Observations, FaultShowsTypeAndStream)
{
    dut.translate(sid, hole);
    ASSERT_GE(dut.seen.size(), 2u);
    const smmu_observation &abort = dut.seen.back();
    const smmu_observation &event = dut.seen[dut.seen.size() - 2];
    EXPECT_EQ(event.id, SMMU_OBSERVE_event);
    EXPECT_EQ(event.a, F_TRANSLATION);
    EXPECT_EQ(event.sid, sid);
    EXPECT_EQ(abort.id, SMMU_OBSERVE_abort);
    EXPECT_EQ(abort.a, hole);
    EXPECT_EQ(abort.b, F_TRANSLATION);
}

TEST_F(Observations, CommandIsShownWhenItIsConsumed)
{
    dut.submit(cmd_sync());
    EXPECT_THAT(dut.names(), ElementsAre("reg_write", "sync", "command"));
    EXPECT_EQ(dut.seen.back().a, 0x46u);
    EXPECT_EQ(dut.seen.front().a, uint64_t{CMDQ_PROD});
}

// CMD_TLBI_NH_VA of 2^8 pages of 4 KiB, and of an address (4.4.1.1).
TEST_F(Observations, InvalidationShowsTheBytesOfItsRange)
{
    dut.submit(image<2>{{0x12 | 8 << 20, va | 1 << 10 | 3 << 8}});
    EXPECT_THAT(dut.names(), ElementsAre("reg_write", "invalidate", "command"));
    EXPECT_EQ(dut.seen[1].a, 0x12u);
    EXPECT_EQ(dut.seen[1].b, 0x10'0000u);
    dut.seen.clear();
    dut.submit(image<2>{{0x12, va}});
    EXPECT_EQ(dut.seen[1].b, 0u);
}

TEST_F(Observations, ProbesAreNotObserved)
{
    const smmu_stats before = *smmu_get_stats(dut.smmu());
    for (const uint64_t addr : {va, hole})
        dut.probe(sid, addr);
    EXPECT_THAT(dut.seen, IsEmpty());
    EXPECT_EQ(std::memcmp(&before, smmu_get_stats(dut.smmu()), sizeof(before)), 0);
}

TEST_F(Observations, CountersCountWhatTheHostIsTold)
{
    const smmu_stats before = *smmu_get_stats(dut.smmu());
    for (unsigned i = 0; i < 300; ++i)
        dut.translate(sid, va + uint64_t{i % 7} * 0x1000, i % 3 == 0 ? write_access : read_access);
    dut.invalidate_all();
    dut.pop_events();
    smmu_page_request request{};
    request.sid = sid;
    request.last = request.r = true;
    smmu_request_page(dut.smmu(), &request);

    uint64_t told[SMMU_OBSERVE_COUNT] = {};
    for (const smmu_observation &each : dut.seen)
        ++told[each.id];
#define SMMU_OBSERVATION(name, counter, ...)                                                       \
    EXPECT_EQ(told[SMMU_OBSERVE_##name], smmu_get_stats(dut.smmu())->counter - before.counter)     \
        << #name;
#include "smmu/observations.def"
#undef SMMU_OBSERVATION
}

} // namespace
} // namespace test_observations
