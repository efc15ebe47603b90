// SPDX-License-Identifier: Apache-2.0
// Enhanced Command queues (IHI 0070 3.5.6): registers, enables, consumption, errors.
#include "core/ecmdq_test.hpp"

#include "core/core_test.hpp"

using namespace support;
using namespace support::reg;
using namespace ecmdq;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_ecmdq {
namespace {

constexpr uint32_t IDR6 = 0x190;

class Ecmdq : public CoreTest {
  protected:
    explicit Ecmdq(const smmu_config &cfg = config()) : CoreTest(cfg)
    {
        dut.bring_up();
        dut.irqs.clear();
        dut.mem.clear_log();
    }

    uint32_t active_errors() { return dut.read32(GERROR) ^ dut.read32(GERRORN); }

    queue a{dut, 0, 1}, b{dut, 1, 2};
};

// --- what there is -------------------------------------------------------------------------------

TEST_F(Ecmdq, AreToldByIdr1AndIdr6)
{
    EXPECT_EQ(dut.read32(IDR1) >> 31, 1u);
    EXPECT_EQ(dut.read32(IDR6), 1u << 24 | 2u << 16);
}

TEST(EcmdqConfig, HasUpTo256QueuesOn256Pages) // 6.3.45
{
    device_under_test dut(config(8, 8));
    EXPECT_EQ(dut.read32(IDR6), 8u << 24 | 8u << 16);
    dut.write32(CR0, CR0_EVENTQEN);
    queue last(dut, 255, 255);
    EXPECT_EQ(last.registers, 0x30000u + 0x1000000 - 0x100);
    last.enable();
    last.submit(cmd_sync());
    EXPECT_EQ(last.index(), 1u);
}

TEST(EcmdqConfig, NeedsCoherentAccessesAndMessages) // 6.3.2
{
    smmu_error error{};
    smmu_config cfg = config();
    cfg.cohacc = false;
    EXPECT_FALSE(smmu_config_check(&cfg, &error));
    EXPECT_STREQ(error.field, "ecmdq");
    cfg = config();
    cfg.msi = false;
    EXPECT_FALSE(smmu_config_check(&cfg, &error));
    EXPECT_STREQ(error.field, "ecmdq");
}

// 6.3.49 to 6.3.51

TEST_F(Ecmdq, PagesAreSaidToBeWhereTheyAre)
{
    for (unsigned n = 0; n < 2; ++n) {
        EXPECT_EQ(dut.read64(0x4000 + 32 * n), (0x30000u + 0x10000 * n) | 0b011u);
        EXPECT_EQ(dut.read32(0x4008 + 32 * n), 1u) << "EN is RES1";
        EXPECT_EQ(dut.read32(0x400c + 32 * n), 1u) << "ENACK is RES1";
        for (uint32_t offset = 0x10; offset < 32; offset += 4)
            EXPECT_EQ(dut.read32(0x4000 + 32 * n + offset), 0u);
    }
    EXPECT_EQ(dut.read64(0x4040), 0u) << "there is no third page";
    EXPECT_EQ(dut.read32(0x3ffc), 0u);
}

TEST_F(Ecmdq, ControlRegistersAreReadOnly)
{
    for (uint32_t offset : {0x4000u, 0x4004u, 0x4008u, 0x400cu}) {
        const uint32_t before = dut.read32(offset);
        dut.write32(offset, ~before);
        EXPECT_EQ(dut.read32(offset), before);
    }
}

TEST_F(Ecmdq, QueuesAreSpreadEvenlyOverTheirPage) // 6.2.5
{
    for (uint32_t base : {0x30000u, 0x34000u, 0x38000u, 0x4c000u})
        dut.write64(base, 4);
    dut.write32(0x30008, 1);
    dut.write32(0x34008, 2);
    dut.write32(0x40008 + 3 * 0x4000, 3);
    EXPECT_EQ(dut.read32(0x30008), 1u);
    EXPECT_EQ(dut.read32(0x34008), 2u);
    EXPECT_EQ(dut.read32(0x4c008), 3u);
    EXPECT_EQ(dut.read32(0x38008), 0u);
}

TEST_F(Ecmdq, OtherLocationsOfAPageAreRes0)
{
    for (uint32_t offset : {0x30010u, 0x30014u, 0x30100u, 0x33ffcu, 0x34010u, 0x4fffcu}) {
        dut.write32(offset, 0xffffffff);
        EXPECT_EQ(dut.read32(offset), 0u) << std::hex << offset;
    }
}

TEST_F(Ecmdq, TheFrameEndsWithTheLastPage)
{
    EXPECT_EQ(smmu_frame_size(smmu_get_config(dut.smmu())), 0x50000u);
    uint64_t value = 0;
    EXPECT_EQ(smmu_reg_read(dut.smmu(), 0x4fff8, 8, &value), SMMU_REG_OK);
    EXPECT_EQ(smmu_reg_read(dut.smmu(), 0x50000, 4, &value), SMMU_REG_BAD_ACCESS);
    EXPECT_EQ(smmu_reg_read(dut.smmu(), 0x34009, 4, &value), SMMU_REG_BAD_ACCESS);
    EXPECT_EQ(smmu_reg_read(dut.smmu(), 0x34008, 2, &value), SMMU_REG_BAD_ACCESS);
    EXPECT_EQ(smmu_reg_write(dut.smmu(), 0x34004, 8, 0), SMMU_REG_BAD_ACCESS);
}

TEST(EcmdqAbsent, HasNoPages)
{
    device_under_test dut;
    uint64_t value = 0;
    EXPECT_EQ(smmu_frame_size(smmu_get_config(dut.smmu())), 0x30000u);
    EXPECT_EQ(smmu_reg_read(dut.smmu(), 0x30000, 4, &value), SMMU_REG_BAD_ACCESS);
    EXPECT_EQ(dut.read32(IDR1) >> 31, 0u);
    for (uint32_t offset : {IDR6, 0x4000u, 0x4008u, 0x400cu})
        EXPECT_EQ(dut.read32(offset), 0u);
    dut.write32(GERRORN, GERROR_CMDQP);
    EXPECT_EQ(dut.read32(GERRORN), 0u);
}

TEST(EcmdqAbsent, HasNoSizes) // 6.3.45: IDR6 is RES0
{
    smmu_config cfg = config(3, 3);
    cfg.ecmdq = false;
    device_under_test dut(cfg);
    EXPECT_EQ(dut.read32(IDR6), 0u);
}

// --- 6.3.107 to 6.3.109: fields, and when software can change them
// ---------------------------------

TEST_F(Ecmdq, FieldsOfADisabledQueueAreThoseThatExist)
{
    dut.write64(a.base, ~uint64_t{0});
    EXPECT_EQ(dut.read64(a.base), uint64_t{1} << 62 | (ones(48) & ~ones(5)) | 0x1f)
        << "RA, ADDR up to the OAS, LOG2SIZE";
    dut.write32(a.cons, 0xffffffff);
    EXPECT_EQ(dut.read32(a.cons), 7u << 24 | ERR | 0xfffff) << "ENACK is the SMMU's";
    dut.write32(a.prod, 0x7fffffff);
    EXPECT_EQ(dut.read32(a.prod), ERRACK | 0xfffffu);
}

TEST_F(Ecmdq, AllResetToZero)
{
    a.enable();
    a.submit(raw_command(0));
    smmu_reset(dut.smmu());
    for (uint32_t offset : {a.base, a.base + 4, a.prod, a.cons})
        EXPECT_EQ(dut.read32(offset), 0u);
}

TEST_F(Ecmdq, IndexesHaveTheBitsOfTheirQueue)
{
    dut.write64(a.base, a.memory | 3);
    dut.write32(a.prod, 0xfffff);
    dut.write32(a.cons, 0xfffff);
    EXPECT_EQ(dut.read32(a.prod), 0xfu);
    EXPECT_EQ(dut.read32(a.cons), 0xfu);
}

TEST_F(Ecmdq, ProdAloneCanBeWrittenWhileEnabled)
{
    a.enable();
    ASSERT_TRUE(a.enabled());
    dut.write64(a.base, 0);
    EXPECT_EQ(dut.read64(a.base), a.memory | 4);
    dut.write32(a.cons, 5);
    EXPECT_EQ(a.index(), 0u);
    a.submit(cmd_sync());
    EXPECT_TRUE(a.idle());
}

TEST_F(Ecmdq, NothingCanBeWrittenInTransition)
{
    a.program();
    ASSERT_EQ(smmu_reg_write(dut.smmu(), a.prod, 4, EN), SMMU_REG_OK); // and nothing runs
    EXPECT_FALSE(a.enabled());
    smmu_reg_write(dut.smmu(), a.prod, 4, 3);
    smmu_reg_write(dut.smmu(), a.cons, 4, 3);
    smmu_reg_write(dut.smmu(), a.base, 8, 0);
    EXPECT_EQ(dut.read32(a.prod), EN);
    EXPECT_EQ(dut.read32(a.cons), 0u);
    EXPECT_EQ(dut.read64(a.base), a.memory | 4);
    smmu_run(dut.smmu());
    EXPECT_TRUE(a.enabled());
    smmu_reg_write(dut.smmu(), a.prod, 4, 0);
    EXPECT_TRUE(a.enabled());
    smmu_reg_write(dut.smmu(), a.prod, 4, EN | 1);
    EXPECT_EQ(dut.read32(a.prod), 0u);
    smmu_run(dut.smmu());
    EXPECT_FALSE(a.enabled());
}

// 6.2: two 32-bit accesses, the lower first: CONS is read-only once EN is written.
TEST_F(Ecmdq, ProdAndConsCanBeWrittenAtOnce)
{
    a.program();
    dut.write64(a.prod, uint64_t{3} << 32 | 3);
    EXPECT_EQ(dut.read64(a.prod), uint64_t{3} << 32 | 3);
    dut.write64(a.prod, uint64_t{7} << 32 | EN | 3);
    EXPECT_EQ(a.index(), 3u);
    EXPECT_TRUE(a.enabled());
}

// 3.5.6.1, 6.3.11
TEST_F(Ecmdq, GuardTheAttributesOfQueues)
{
    dut.update_cr0(0);
    dut.write32(CR1, 0);
    EXPECT_EQ(dut.read32(CR1), 0u);
    b.program();
    smmu_reg_write(dut.smmu(), b.prod, 4, EN);
    dut.write32(CR1, 0xfff); // which lets the enable be acknowledged
    EXPECT_EQ(dut.read32(CR1), 0xfc0u);
    dut.write32(CR1, 0xfff);
    EXPECT_EQ(dut.read32(CR1), 0xfc0u);
    smmu_reg_write(dut.smmu(), b.prod, 4, 0);
    dut.write32(CR1, 0xfff);
    EXPECT_EQ(dut.read32(CR1), 0xfc0u) << "it is still acknowledged as enabled";
    dut.write32(CR1, 0xfff);
    EXPECT_EQ(dut.read32(CR1), 0xfffu);
}

TEST_F(Ecmdq, AreReadWithTheAttributesOfQueues)
{
    dut.update_cr0(0);
    dut.write32(CR1, 0x25); // Outer Shareable, Write-Back
    a.program();
    dut.write64(a.base, uint64_t{1} << 62 | a.memory | 4); // RA
    dut.write32(a.prod, EN);
    dut.mem.clear_log();
    a.submit(cmd_sync());
    ASSERT_EQ(dut.mem.log().size(), 1u);
    const smmu_mem_req &req = dut.mem.log()[0].req;
    EXPECT_EQ(req.fetch, SMMU_FETCH_CMDQ);
    EXPECT_EQ(req.addr, a.memory);
    EXPECT_EQ(req.pas, SMMU_PAS_NS);
    EXPECT_EQ(req.attr.mair, 0xeeu) << "Read-Allocate";
    EXPECT_EQ(req.attr.sh, 2u);
}

// --- consumption
// ------------------------------------------------------------------------------------

TEST_F(Ecmdq, ConsumesInOrderAndWraps)
{
    a.enable();
    for (unsigned i = 0; i < 40; ++i) {
        a.submit(i % 3 ? tlbi_nh_all() : cmd_sync());
        ASSERT_TRUE(a.idle()) << i;
    }
    EXPECT_EQ(a.index(), 40u % 32);
    EXPECT_EQ(dut.mem.log().size(), 40u);
    for (unsigned i = 0; i < 40; ++i)
        EXPECT_EQ(dut.mem.log()[i].req.addr, a.memory + 16 * (i % 16));
}

TEST_F(Ecmdq, CommandsHaveTheirEffects)
{
    stage1_stream stream(dut, 5);
    stream.low.map(0x4000, 0x9000);
    stream.publish();
    dut.invalidate_all();
    expect_forward(dut.translate(5, 0x4000), 0x9000);
    stream.low.map(0x4000, 0xa000);
    expect_forward(dut.translate(5, 0x4000), 0x9000);
    a.enable();
    a.submit(tlbi_nh_va(0x4000, 1));
    expect_forward(dut.translate(5, 0x4000), 0xa000);
}

TEST_F(Ecmdq, DisabledQueueIsNotRead)
{
    a.program();
    a.add(cmd_sync());
    dut.write32(a.prod, 1);
    EXPECT_THAT(dut.mem.log(), IsEmpty());
    dut.write32(a.prod, EN | 1);
    EXPECT_EQ(a.index(), 1u) << "enabling starts consumption";
    dut.write32(a.prod, 1);
    EXPECT_FALSE(a.enabled());
    dut.write32(a.prod, 2);
    EXPECT_EQ(a.index(), 1u);
}

TEST_F(Ecmdq, IsIndependentOfTheCommandQueueAndOfTranslation)
{
    dut.submit(raw_command(0));
    ASSERT_EQ(active_errors(), GERROR_CMDQ);
    a.enable();
    a.submit(cmd_sync());
    EXPECT_TRUE(a.idle()) << "GERROR.CMDQ_ERR does not matter";
    dut.write32(CR0, 0);
    a.submit(cmd_sync());
    EXPECT_TRUE(a.idle()) << "nor does CMDQEN, nor SMMUEN";
}

TEST_F(Ecmdq, SizeIsCappedAtIdr1)
{
    smmu_config cfg = config();
    cfg.cmdq_log2_max = 2;
    device_under_test other(cfg);
    queue q(other, 0, 0, 2);
    other.write64(q.base, q.memory | 10);
    EXPECT_EQ(other.read64(q.base) & 0x1f, 10u);
    other.write32(q.prod, EN | 4); // four entries: full
    EXPECT_EQ(other.read32(q.cons) & 0xfffff, 0u) << "entry 0 is no command";
    EXPECT_EQ(q.reason(), unsigned{CERROR_ILL});
    for (unsigned i = 0; i < 4; ++i)
        other.mem.store_image(q.memory + 16 * i, cmd_sync());
    other.write32(q.prod, EN | ERRACK | 4);
    EXPECT_EQ(other.read32(q.cons) & 0xfffff, 4u);
}

TEST_F(Ecmdq, BecomingNonFullWakesPes)
{
    a.program();
    for (unsigned i = 0; i < 16; ++i)
        a.add(cmd_sync());
    dut.sevs = 0;
    dut.write32(a.prod, a.to_ring());
    EXPECT_TRUE(a.idle());
    EXPECT_EQ(dut.sevs, 1u);
}

TEST_F(Ecmdq, SyncSignalsLikeThatOfTheCommandQueue)
{
    a.enable();
    a.submit(cmd_sync(SIG_IRQ));
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_CMD_SYNC));
    dut.sevs = 0;
    a.submit(cmd_sync(SIG_SEV));
    EXPECT_EQ(dut.sevs, 1u);
    a.submit(cmd_sync_msi(0x5000, 0x1234));
    EXPECT_EQ(dut.mem.load64(0x5000) & ones(32), 0x1234u);
}

TEST_F(Ecmdq, AbortedMessageIsThatOfACommandQueue) // 3.5.6.3
{
    a.enable();
    abort_rule rule;
    rule.first = 0x5000;
    rule.last = 0x5003;
    dut.mem.abort_on(rule);
    a.submit(cmd_sync_msi(0x5000, 1));
    EXPECT_TRUE(a.idle());
    EXPECT_EQ(active_errors(), GERROR_MSI_CMDQ_ABT);
    EXPECT_FALSE(a.in_error());
}

// Commands of two queues that are both full take turns, as do those of the Command queue.
TEST_F(Ecmdq, AreServedInTurn)
{
    a.enable();
    b.enable();
    dut.mem.clear_log();
    for (unsigned i = 0; i < 8; ++i) {
        a.add(tlbi_nh_all());
        b.add(tlbi_nh_all());
        dut.mem.store_image(dut.cmdq_base + 16 * (3 + i), tlbi_nh_all());
    }
    smmu_reg_write(dut.smmu(), CMDQ_PROD, 4, 11);
    smmu_reg_write(dut.smmu(), a.prod, 4, a.to_ring());
    smmu_reg_write(dut.smmu(), b.prod, 4, b.to_ring());
    smmu_run(dut.smmu());
    ASSERT_EQ(dut.mem.log().size(), 24u);
    for (unsigned i = 0; i < 24; i += 3) {
        EXPECT_EQ(dut.mem.log()[i].req.addr, dut.cmdq_base + 16 * (3 + i / 3));
        EXPECT_EQ(dut.mem.log()[i + 1].req.addr, a.memory + 16 * (i / 3));
        EXPECT_EQ(dut.mem.log()[i + 2].req.addr, b.memory + 16 * (i / 3));
    }
}

// --- 3.5.6.3: errors
// ----------------------------------------------------------------------------------

TEST_F(Ecmdq, ErrorStopsTheQueueAndIsTold)
{
    a.enable();
    a.add(cmd_sync());
    a.add(raw_command(0));
    a.add(cmd_sync());
    a.ring();
    EXPECT_EQ(a.index(), 1u) << "RD stays at the command";
    EXPECT_TRUE(a.in_error());
    EXPECT_EQ(dut.read32(a.cons), ENACK | 1u << 24 | ERR | 1u);
    EXPECT_EQ(active_errors(), GERROR_CMDQP);
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_GERROR));
    dut.mem.clear_log();
    a.ring();
    EXPECT_THAT(dut.mem.log(), IsEmpty());
}

TEST_F(Ecmdq, AcknowledgedErrorLetsItGoOn)
{
    a.enable();
    for (unsigned round = 0; round < 3; ++round) { // ERR toggles
        a.submit(raw_command(0));
        ASSERT_TRUE(a.in_error()) << round;
        EXPECT_EQ((dut.read32(a.cons) & ERR) != 0, round % 2 == 0);
        dut.mem.store_image(a.memory + 16 * round, cmd_sync());
        a.acknowledge();
        EXPECT_FALSE(a.in_error());
        EXPECT_TRUE(a.idle());
    }
}

TEST_F(Ecmdq, AcknowledgementWithoutRepairFailsAgain)
{
    a.enable();
    a.submit(raw_command(0));
    a.acknowledge();
    EXPECT_TRUE(a.in_error());
    EXPECT_EQ(a.index(), 0u);
}

TEST_F(Ecmdq, GerrorIsNoPartOfIt)
{
    a.enable();
    a.submit(raw_command(0));
    dut.acknowledge_gerror();
    EXPECT_EQ(active_errors(), 0u);
    EXPECT_TRUE(a.in_error()) << "GERRORN does not acknowledge it";
    EXPECT_FALSE(a.idle());
    dut.mem.store_image(a.memory, cmd_sync());
    dut.write32(GERRORN, 0); // CMDQP_ERR is active again, by software
    a.acknowledge();
    EXPECT_TRUE(a.idle()) << "nor does GERROR hold it";
}

TEST_F(Ecmdq, ErrorsOfOneDoNotStopOthers)
{
    a.enable();
    b.enable();
    a.submit(raw_command(0));
    b.submit(cmd_sync());
    EXPECT_TRUE(b.idle());
    dut.submit(cmd_sync());
    EXPECT_EQ(dut.read32(CMDQ_CONS), dut.read32(CMDQ_PROD));
    dut.irqs.clear();
    b.submit(raw_command(0));
    EXPECT_TRUE(b.in_error());
    EXPECT_THAT(dut.irqs, IsEmpty()) << "GERROR.CMDQP_ERR is active already";
}

TEST_F(Ecmdq, AbortedFetchIsAnError)
{
    a.enable();
    abort_rule rule;
    rule.first = a.memory;
    rule.last = a.memory + 15;
    dut.mem.abort_on(rule);
    a.submit(cmd_sync());
    EXPECT_EQ(a.reason(), unsigned{CERROR_ABT});
    EXPECT_TRUE(a.in_error());
    dut.mem.clear_aborts();
    a.acknowledge();
    EXPECT_TRUE(a.idle());
}

TEST_F(Ecmdq, InjectedAbortIsAnErrorToo)
{
    a.enable();
    smmu_inject(dut.smmu(), SMMU_INJECT_CMDQ_ABORT, 1);
    a.submit(cmd_sync());
    EXPECT_EQ(a.reason(), unsigned{CERROR_ABT});
}

// 3.5.6.2, 3.5.6.3: ENACK follows EN whatever ERR says; a mismatch holds the queue until it is
// mended.
TEST_F(Ecmdq, CanBeDisabledInErrorAndEnabledAgain)
{
    a.enable();
    a.submit(raw_command(0));
    dut.write32(a.prod, 1);
    EXPECT_FALSE(a.enabled());
    EXPECT_EQ(dut.read32(a.cons), 1u << 24 | ERR);
    dut.mem.store_image(a.memory, cmd_sync());
    dut.write32(a.prod, EN | 1);
    EXPECT_TRUE(a.enabled());
    EXPECT_EQ(a.index(), 0u) << "ERRACK differs from ERR";
    dut.write32(a.prod, 1);
    dut.write32(a.cons, 0);
    dut.write32(a.prod, EN | 1);
    EXPECT_EQ(a.index(), 1u);
}

// 3.9.1.4, 3.5.6.1: a CMD_SYNC is about the invalidations of its own queue.
TEST_F(Ecmdq, AtcInvalidationsKnowTheirQueue)
{
    std::vector<uint32_t> synced;
    smmu_config cfg = config();
    static std::vector<uint32_t> *seen;
    seen = &synced;
    device_under_test other(cfg, true, [](smmu_ops &ops) {
        ops.atc_sync = [](void *, uint32_t q) {
            seen->push_back(q);
            return true;
        };
    });
    other.bring_up();
    synced.clear();
    queue p(other, 0, 0), q(other, 1, 3);
    p.enable();
    q.enable();
    atc_inv fields;
    fields.sid = 1;
    other.submit(cmd_atc_inv(fields));
    p.submit(cmd_atc_inv(fields));
    q.submit(cmd_atc_inv(fields));
    q.submit(cmd_sync());
    other.submit(cmd_sync());
    p.submit(cmd_sync());
    ASSERT_EQ(other.atc_invs.size(), 3u);
    const uint32_t main = other.atc_invs[0].queue, of_p = other.atc_invs[1].queue,
                   of_q = other.atc_invs[2].queue;
    EXPECT_TRUE(main != of_p && main != of_q && of_p != of_q);
    EXPECT_THAT(synced, ElementsAre(of_q, main, of_p));
}

TEST_F(Ecmdq, TimedOutInvalidationIsAnErrorOfTheQueue)
{
    a.enable();
    dut.atc_times_out = true;
    a.submit(cmd_sync());
    EXPECT_EQ(a.reason(), unsigned{CERROR_ATC_INV_SYNC});
    EXPECT_TRUE(a.in_error());
    EXPECT_EQ(active_errors(), GERROR_CMDQP);
}

} // namespace
} // namespace test_ecmdq
