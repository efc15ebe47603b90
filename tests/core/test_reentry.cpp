// SPDX-License-Identifier: Apache-2.0
// Calls made while a memory access of another call blocks (smmu/ops.h, read and write): what an
// invalidation overtakes must not be cached, and work in progress must not mix with new work.
#include "core/core_test.hpp"
#include "core/reentry_test.hpp"

using namespace support;
using namespace support::reg;

namespace test_reentry {
namespace {

class Reentry : public StreamTest {
  protected:
    explicit Reentry(const smmu_config &cfg = smmu_config_default()) : StreamTest(cfg)
    {
        stream.low.map(va, old_pa);
    }

    void during(smmu_fetch fetch, unsigned skip, const std::function<void()> &action)
    {
        ::during(dut, fetch, skip, action);
    }

    static constexpr uint64_t va = 0x4000;
    static constexpr uint64_t old_pa = 0x1'0000'0000;
    static constexpr uint64_t new_pa = 0x2'0000'0000;
};

struct scope {
    const char *name;
    command (*make)();
};

void PrintTo(const scope &s, std::ostream *out)
{
    *out << s.name;
}

class OvertakenWalk : public Reentry, public testing::WithParamInterface<scope> {};

TEST_P(OvertakenWalk, IsNotCached)
{
    // At the leaf fetch the old level 2 table is in use; software replaces the table above it.
    const uint64_t level2 = stream.low.descriptor_address(va, 2);
    const uint64_t fresh = dut.frames.allocate(4096, 4096);
    dut.mem.store64(fresh + 8 * (va >> 12 & 511), leaf_descriptor(new_pa, 3));
    during(SMMU_FETCH_TTD, 3, [&] {
        dut.mem.store64(level2, table_descriptor(fresh));
        dut.submit(GetParam().make());
        dut.submit(cmd_sync());
    });
    expect_forward(dut.translate(sid, va), old_pa);
    EXPECT_EQ(stats().tlb_fills, 0u);
    expect_forward(dut.translate(sid, va), new_pa);
}

const scope tlb_scopes[] = {
    {"NSNH_ALL", [] { return tlbi_nsnh_all(); }},   {"NH_ALL", [] { return tlbi_nh_all(); }},
    {"NH_ASID", [] { return tlbi_nh_asid(1); }},    {"NH_VA", [] { return tlbi_nh_va(0x4000, 1); }},
    {"NH_VAA", [] { return tlbi_nh_vaa(0x4000); }},
};

INSTANTIATE_TEST_SUITE_P(Scopes, OvertakenWalk, testing::ValuesIn(tlb_scopes),
                         [](const auto &info) { return info.param.name; });

TEST_F(Reentry, SteFetchedBeforeAnInvalidationIsNotCached)
{
    // While the CD is fetched, the STE changes and is invalidated.
    ste bypass;
    during(SMMU_FETCH_CD, 0, [&] {
        dut.set_ste(sid, bypass);
        dut.submit(cfgi_ste(sid));
        dut.submit(cmd_sync());
    });
    expect_forward(dut.translate(sid, va), old_pa);
    expect_forward(dut.translate(sid, va), va);
}

TEST_F(Reentry, CdFetchedBeforeAnInvalidationIsNotCached)
{
    during(SMMU_FETCH_TTD, 0, [&] {
        stream.context().a = 0;
        stream.publish();
        dut.submit(cfgi_cd(sid));
        dut.submit(cmd_sync());
    });
    expect_forward(dut.translate(sid, va), old_pa);
    EXPECT_EQ(dut.translate(sid, 0x777000).outcome, SMMU_RAZWI);
}

TEST_F(Reentry, CdInvalidatedWhileItIsFetchedIsNotCached)
{
    during(SMMU_FETCH_CD, 0, [&] { dut.submit(cfgi_cd(sid)); });
    dut.translate(sid, va);
    stream.context().a = 0;
    stream.publish();
    EXPECT_EQ(dut.translate(sid, 0x777000).outcome, SMMU_RAZWI);
}

TEST_F(Reentry, WalksNest)
{
    stage1_stream other(dut, 6, 2);
    other.low.map(va, new_pa);
    for (unsigned depth = 0; depth < 4; ++depth) {
        dut.invalidate_all();
        smmu_result inner{};
        during(SMMU_FETCH_TTD, depth, [&] { inner = dut.translate(6, va + 8); });
        expect_forward(dut.translate(sid, va + 4), old_pa + 4);
        expect_forward(inner, new_pa + 8);
    }
}

// The message of each CMD_SYNC gives the queue, which is full of them, another one.
TEST_F(Reentry, RunThatFeedsItselfEndsAndAsksForAnother)
{
    unsigned messages = 0;
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch == SMMU_FETCH_MSI && ++messages < 10000)
            dut.write32(CMDQ_PROD, (messages + 1) & 0x7f);
    };
    for (unsigned i = 0; i < 64; i++)
        dut.mem.store_image(device_under_test::cmdq_base + 16 * i, cmd_sync_msi(0x5000, 0));
    dut.write32(CMDQ_PROD, 1);
    EXPECT_EQ(messages, 1024u);
    dut.write32(GERRORN, 0); // nothing, but that the host does what it was asked for
    EXPECT_EQ(messages, 2048u);
    dut.mem.before = nullptr;
    dut.write32(CR0, 0);
    dut.write32(CR0, CR0_CMDQEN);
}

class TinyCaches : public Reentry {
  protected:
    TinyCaches() : Reentry(tiny()) {}
    static smmu_config tiny()
    {
        smmu_config cfg = smmu_config_default();
        cfg.config_cache = {1, 1};
        cfg.tlb = {1, 1};
        return cfg;
    }
};

TEST_F(TinyCaches, ContextInUseSurvivesItsEviction)
{
    stage1_stream other(dut, 6, 2, 39);
    other.context().a = 0;
    other.context().r = 0;
    other.publish();
    other.low.map(va, new_pa);
    dut.translate(sid, va);
    dut.submit(tlbi_nsnh_all());
    for (unsigned depth = 0; depth < 4; ++depth) {
        during(SMMU_FETCH_TTD, depth, [&] { expect_forward(dut.translate(6, va), new_pa); });
        expect_forward(dut.translate(sid, va), old_pa);
        dut.submit(tlbi_nsnh_all());
        dut.translate(sid, va + (uint64_t{1} << 40));
        dut.submit(tlbi_nsnh_all());
    }
    // A fault at the end of an interrupted walk is treated as the first context wants.
    dut.pop_events();
    stream.low.unmap(va);
    during(SMMU_FETCH_TTD, 3, [&] { dut.translate(6, va); });
    expect_abort(dut.translate(sid, va), F_TRANSLATION);
    EXPECT_EQ(dut.pop_events().size(), 1u);
}

TEST_F(Reentry, RunInsideRunReturnsAtOnce)
{
    unsigned fetches = 0;
    dut.mem.before = [&](const smmu_mem_req &req) {
        if (req.fetch != SMMU_FETCH_CMDQ)
            return;
        ++fetches;
        smmu_run(dut.smmu());
    };
    dut.submit(cmd_sync());
    dut.mem.before = nullptr;
    EXPECT_EQ(fetches, 1u);
    EXPECT_EQ(queue_index(dut.read32(CMDQ_CONS)), queue_index(dut.read32(CMDQ_PROD)));
}

TEST_F(Reentry, CommandsAddedDuringAFetchAreConsumed)
{
    during(SMMU_FETCH_CMDQ, 0, [&] { dut.submit(cmd_sync(SIG_IRQ)); });
    dut.submit(cfgi_all());
    EXPECT_EQ(queue_index(dut.read32(CMDQ_CONS)), queue_index(dut.read32(CMDQ_PROD)));
    EXPECT_EQ(dut.irqs, std::vector<smmu_irq>{SMMU_IRQ_CMD_SYNC});
}

TEST_F(Reentry, DisablingTheQueueDuringAFetchCompletesAfterTheCommand)
{
    bool acknowledged_early = false;
    during(SMMU_FETCH_CMDQ, 0, [&] {
        dut.write32(CR0, CR0_SMMUEN | CR0_EVENTQEN);
        acknowledged_early = (dut.read32(CR0ACK) & CR0_CMDQEN) == 0;
    });
    dut.submit(cmd_sync());
    EXPECT_FALSE(acknowledged_early) << "6.3.9.3: no read is outstanding once CR0ACK follows";
    EXPECT_EQ(dut.read32(CR0ACK), CR0_SMMUEN | CR0_EVENTQEN);
}

TEST_F(Reentry, UpdatesStartedDuringTheFetchOfAnIllegalCommandComplete)
{
    during(SMMU_FETCH_CMDQ, 0, [&] { dut.write32(IRQ_CTRL, IRQ_EVENTQ); });
    dut.submit(raw_command(0));
    EXPECT_EQ(dut.read32(IRQ_CTRLACK), IRQ_EVENTQ);
}

TEST_F(Reentry, NothingIsCachedOnceTheSmmuIsDisabled)
{
    // 6.3.9.6: with SMMUEN == 0 no cache entries are inserted.
    during(SMMU_FETCH_TTD, 3, [&] { dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN); });
    dut.translate(sid, va);
    stream.low.map(va, new_pa);
    dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
    expect_forward(dut.translate(sid, va), new_pa);
}

TEST_F(Reentry, ResetDuringAWalkLeavesNothingBehind)
{
    during(SMMU_FETCH_TTD, 3, [&] { smmu_reset(dut.smmu()); });
    dut.translate(sid, va);
    dut.bring_up();
    stream.low.map(va, new_pa);
    expect_forward(dut.translate(sid, va), new_pa);
}

TEST_F(Reentry, ResetDuringACommandFetchDropsTheCommand)
{
    dut.irqs.clear();
    during(SMMU_FETCH_CMDQ, 0, [&] { smmu_reset(dut.smmu()); });
    dut.submit(cmd_sync(SIG_IRQ));
    EXPECT_EQ(dut.read32(CMDQ_CONS), 0u);
    EXPECT_TRUE(dut.irqs.empty());
}

TEST_F(Reentry, ResetDuringACommandFetchCarriesNothingOut)
{
    dut.invals.clear();
    during(SMMU_FETCH_CMDQ, 0, [&] {
        smmu_reset(dut.smmu());
        dut.invals.clear();
    });
    dut.submit(tlbi_nsnh_all());
    EXPECT_THAT(dut.invals, testing::IsEmpty());
}

TEST_F(Reentry, ResetDuringAnEventWriteLeavesTheQueueEmpty)
{
    during(SMMU_FETCH_EVTQ, 0, [&] { smmu_reset(dut.smmu()); });
    dut.translate(sid, 0x777000);
    EXPECT_EQ(dut.read32(EVENTQ_PROD), 0u);
    EXPECT_TRUE(dut.irqs.empty());
}

TEST_F(Reentry, RegistersCanBeReadDuringAWalk)
{
    uint32_t seen = 0;
    during(SMMU_FETCH_TTD, 1, [&] { seen = dut.read32(CR0ACK); });
    expect_forward(dut.translate(sid, va), old_pa);
    EXPECT_EQ(seen, CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN);
}

} // namespace
} // namespace test_reentry
