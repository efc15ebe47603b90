// SPDX-License-Identifier: Apache-2.0
// smmu_probe() has no side effects, and instances share nothing (smmu/smmu.h).
#include "core/core_test.hpp"

#include <cstring>

using namespace support;
using namespace support::reg;

namespace test_probe {
namespace {

class Probe : public StreamTest {
  protected:
    Probe() { stream.low.map(va, 0x8000); }
    static constexpr uint64_t va = 0x4000;
};

TEST_F(Probe, GivesTheSameAnswer)
{
    leaf_attributes read_only;
    read_only.ap = AP_ALL_RO;
    stream.low.map(0x6000, 0x9000, 3, read_only);
    for (uint64_t at : {va, va + 0x123, uint64_t{0x6000}, uint64_t{0x777000}}) {
        for (const auto &how : {read_access, write_access, priv_instr}) {
            const smmu_result guess = dut.probe(sid, at, how);
            const smmu_result real = dut.translate(sid, at, how);
            EXPECT_EQ(guess.outcome, real.outcome);
            EXPECT_EQ(guess.event, real.event);
            EXPECT_EQ(guess.addr, real.addr);
            EXPECT_EQ(guess.perm, real.perm);
            EXPECT_EQ(guess.span_log2, real.span_log2);
            EXPECT_EQ(guess.attr.mair, real.attr.mair);
        }
    }
}

TEST_F(Probe, FillsNoCache)
{
    dut.probe(sid, va);
    stream.low.map(va, 0xa000);
    stream.context().a = 0;
    stream.publish();
    expect_forward(dut.translate(sid, va), 0xa000);
    EXPECT_EQ(dut.translate(sid, 0x777000).outcome, SMMU_RAZWI);
}

TEST_F(Probe, SeesStaleEntriesAsTranslateDoes)
{
    dut.translate(sid, va);
    stream.low.map(va, 0xa000);
    expect_forward(dut.probe(sid, va), 0x8000);
}

TEST_F(Probe, RecordsNoEvent)
{
    expect_abort(dut.probe(sid, 0x777000), F_TRANSLATION);
    expect_abort(dut.probe(9999, 0), C_BAD_STREAMID);
    EXPECT_TRUE(dut.pop_events().empty());
    EXPECT_TRUE(dut.irqs.empty());
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_EVTQ), 0u);
}

TEST_F(Probe, CountsNothing)
{
    dut.translate(sid, va);
    const smmu_stats before = stats();
    dut.probe(sid, va);
    dut.probe(sid, 0x777000);
    dut.probe(3, va);
    EXPECT_EQ(std::memcmp(&before, &stats(), sizeof(before)), 0);
}

TEST_F(Probe, DoesNotChangeWhatIsEvictedNext)
{
    smmu_config cfg = smmu_config_default();
    cfg.tlb = {1, 2};
    device_under_test other(cfg);
    stage1_stream s(other, 1);
    other.bring_up();
    s.publish();
    for (uint64_t at : {0x1000, 0x2000, 0x3000})
        s.low.map(at, 0x10000 + at);
    other.translate(1, 0x1000);
    other.translate(1, 0x2000);
    other.probe(1, 0x1000);
    other.translate(1, 0x3000); // evicts 0x1000, the least recently translated
    for (uint64_t at : {0x1000, 0x2000, 0x3000})
        s.low.map(at, 0x20000 + at);
    expect_forward(other.probe(1, 0x1000), 0x21000);
    expect_forward(other.probe(1, 0x2000), 0x12000);
}

TEST_F(Probe, ChangesNoOverflowFlag)
{
    device_under_test other;
    bring_up_options options;
    options.evtq_log2 = 0;
    other.bring_up(options);
    other.translate(1, 0);
    other.probe(1, 0);
    EXPECT_EQ(other.read32(EVENTQ_PROD), 1u);
}

// Instances

TEST(Instances, ShareNothing)
{
    device_under_test first, second;
    stage1_stream a(first, 5, 1), b(second, 5, 1);
    first.bring_up();
    second.bring_up();
    a.publish();
    b.publish();
    a.low.map(0x4000, 0x1000000);
    b.low.map(0x4000, 0x2000000);
    expect_forward(first.translate(5, 0x4000), 0x1000000);
    expect_forward(second.translate(5, 0x4000), 0x2000000);

    a.low.map(0x4000, 0x3000000);
    b.low.map(0x4000, 0x4000000);
    first.submit(tlbi_nsnh_all());
    expect_forward(first.translate(5, 0x4000), 0x3000000);
    expect_forward(second.translate(5, 0x4000), 0x2000000);

    second.submit(raw_command(0));
    EXPECT_EQ(first.read32(GERROR), 0u);
    EXPECT_EQ(second.read32(GERROR), GERROR_CMDQ);
    EXPECT_EQ(smmu_get_stats(first.smmu())->translations, 2u);
}

TEST(Instances, OptionalOpsMayBeAbsent)
{
    smmu_ops ops{};
    ops.read = [](void *, const smmu_mem_req *req, void *data) {
        std::memset(data, 0, req->size);
        return SMMU_MEM_OK;
    };
    ops.write = [](void *, const smmu_mem_req *, const void *) { return SMMU_MEM_OK; };
    smmu_config cfg = smmu_config_default();
    cfg.httu = SMMU_HTTU_NONE;
    smmu_t *smmu = smmu_create(&cfg, &ops, nullptr, nullptr);
    ASSERT_NE(smmu, nullptr);
    const struct {
        uint32_t offset;
        uint32_t value;
    } writes[] = {{CMDQ_BASE, 0x10000004},
                  {EVENTQ_BASE, 0x20000004},
                  {IRQ_CTRL, 5},
                  {CR0, 0xd},
                  {CMDQ_PROD, 1}};
    for (const auto &w : writes) {
        ASSERT_EQ(smmu_reg_write(smmu, w.offset, 4, w.value), SMMU_REG_OK);
        smmu_run(smmu);
    }
    uint64_t gerror = 0;
    smmu_reg_read(smmu, GERROR, 4, &gerror);
    EXPECT_EQ(gerror, GERROR_CMDQ) << "command 0 is illegal";
    smmu_txn txn{};
    smmu_result result{};
    smmu_translate(smmu, &txn, &result);
    EXPECT_EQ(result.event, C_BAD_STE);
    smmu_destroy(smmu);
}

TEST(Instances, EventNamesAreTheSpecifications)
{
    const struct {
        unsigned type;
        const char *name;
    } rows[] = {{C_BAD_STREAMID, "C_BAD_STREAMID"},
                {F_STE_FETCH, "F_STE_FETCH"},
                {C_BAD_STE, "C_BAD_STE"},
                {F_STREAM_DISABLED, "F_STREAM_DISABLED"},
                {C_BAD_SUBSTREAMID, "C_BAD_SUBSTREAMID"},
                {F_CD_FETCH, "F_CD_FETCH"},
                {C_BAD_CD, "C_BAD_CD"},
                {F_WALK_EABT, "F_WALK_EABT"},
                {F_TRANSLATION, "F_TRANSLATION"},
                {F_ADDR_SIZE, "F_ADDR_SIZE"},
                {F_ACCESS, "F_ACCESS"},
                {F_PERMISSION, "F_PERMISSION"},
                {0, "?"},
                {0xff, "?"}};
    for (const auto &row : rows)
        EXPECT_STREQ(smmu_event_name(static_cast<uint8_t>(row.type)), row.name);
}

} // namespace
} // namespace test_probe
