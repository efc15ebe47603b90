// SPDX-License-Identifier: Apache-2.0
// The Command queue (IHI 0070 3.5, 4, 7.1): consumption, wrapping, errors and restart.
#include <cstring>

#include "core/core_test.hpp"

using namespace support;
using namespace support::reg;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

namespace test_cmdq {
namespace {

class CommandQueue : public CoreTest {
  protected:
    CommandQueue() { start(6); }

    void start(unsigned log2)
    {
        bring_up_options options;
        options.cmdq_log2 = log2;
        dut.update_cr0(0);
        dut.bring_up(options);
        dut.irqs.clear();
        dut.mem.clear_log();
    }

    uint32_t cons() { return queue_index(dut.read32(CMDQ_CONS)); }
    uint32_t prod() { return queue_index(dut.read32(CMDQ_PROD)); }
    bool cmdq_error_active()
    {
        return ((dut.read32(GERROR) ^ dut.read32(GERRORN)) & GERROR_CMDQ) != 0;
    }
    // Overwrite the command that CONS points to, for a 64-entry queue.
    void replace_current(const command &cmd)
    {
        dut.mem.store_image(dut.cmdq_base + 16 * uint64_t{cons() & 63}, cmd);
    }
    void expect_illegal(const command &cmd)
    {
        const uint32_t at = cons();
        dut.submit(cmd);
        EXPECT_TRUE(cmdq_error_active());
        EXPECT_EQ(dut.cmdq_error(), CERROR_ILL);
        EXPECT_EQ(cons(), at) << "RD stays at the erroneous command";
    }
    void expect_consumed(const command &cmd)
    {
        dut.submit(cmd);
        EXPECT_FALSE(cmdq_error_active()) << "opcode " << cmd.get(0, 8);
        EXPECT_EQ(cons(), prod());
    }
};

TEST_F(CommandQueue, ConsumesEveryImplementedCommand)
{
    for (const command &cmd :
         {cfgi_ste(1), cfgi_ste(1, false), cfgi_ste_range(0, 3), cfgi_all(), cfgi_cd(1),
          cfgi_cd(1, 0, false), cfgi_cd_all(1), tlbi_nh_all(), tlbi_nh_asid(1),
          tlbi_nh_va(0x1000, 1), tlbi_nh_vaa(0x1000), tlbi_nsnh_all(), cmd_sync(SIG_NONE),
          cmd_sync(SIG_IRQ), cmd_sync(SIG_SEV)})
        expect_consumed(cmd);
}

TEST_F(CommandQueue, PrefetchCommandsAreConsumed)
{
    expect_consumed(raw_command(CMD_PREFETCH_CONFIG).set(32, 32, 1));
    expect_consumed(raw_command(CMD_PREFETCH_ADDR).set(32, 32, 1));
}

TEST_F(CommandQueue, WrapsManyTimes)
{
    for (unsigned log2 : {0u, 1u, 3u}) {
        start(log2);
        for (unsigned i = 0; i < 21; ++i) {
            expect_consumed(cmd_sync());
            EXPECT_EQ(cons() >> (log2 + 1), 0u);
        }
    }
}

TEST_F(CommandQueue, FetchesEachEntryOnceInOrder)
{
    const uint64_t first = cons();
    dut.submit(cfgi_all());
    dut.submit(cmd_sync());
    std::vector<uint64_t> fetched;
    for (const auto &access : dut.mem.log()) {
        EXPECT_EQ(access.req.fetch, SMMU_FETCH_CMDQ);
        EXPECT_FALSE(access.write);
        for (uint64_t a = access.req.addr; a < access.req.addr + access.req.size; a += 16)
            fetched.push_back(a);
    }
    EXPECT_THAT(fetched, ElementsAre(dut.cmdq_base + 16 * first, dut.cmdq_base + 16 * (first + 1)));
}

TEST_F(CommandQueue, ConsumesABatchThroughOneDoorbell)
{
    const uint32_t first = cons();
    for (unsigned i = 0; i < 5; ++i)
        dut.mem.store_image(dut.cmdq_base + 16 * uint64_t{first + i}, tlbi_nh_all());
    dut.write32(CMDQ_PROD, first + 5);
    EXPECT_EQ(cons(), first + 5);
}

TEST_F(CommandQueue, ConsumesAFullQueue)
{
    start(3);
    dut.update_cr0(CR0_EVENTQEN | CR0_SMMUEN);
    dut.write32(CMDQ_CONS, 0);
    for (unsigned i = 0; i < 8; ++i)
        dut.mem.store_image(dut.cmdq_base + 16 * uint64_t{i}, cmd_sync());
    dut.write32(CMDQ_PROD, 8); // index 0, wrap set: full
    dut.update_cr0(CR0_EVENTQEN | CR0_SMMUEN | CR0_CMDQEN);
    EXPECT_EQ(cons(), 8u);
}

TEST_F(CommandQueue, BaseIsAlignedToTheQueueSize)
{
    dut.update_cr0(0);
    dut.write64(CMDQ_BASE, dut.cmdq_base | 0x60 | 4); // 256 bytes
    dut.write32(CMDQ_PROD, 0);
    dut.write32(CMDQ_CONS, 0);
    dut.update_cr0(CR0_CMDQEN);
    dut.mem.clear_log();
    dut.mem.store_image(dut.cmdq_base, cmd_sync());
    dut.write32(CMDQ_PROD, 1);
    ASSERT_THAT(dut.mem.log(), Not(IsEmpty()));
    EXPECT_EQ(dut.mem.log()[0].req.addr, dut.cmdq_base);
    EXPECT_EQ(cons(), 1u);
}

TEST_F(CommandQueue, SizeIsCappedAtIdr1)
{
    smmu_config cfg = smmu_config_default();
    cfg.cmdq_log2_max = 2;
    device_under_test other(cfg);
    other.write64(CMDQ_BASE, other.cmdq_base | 10);
    EXPECT_EQ(other.read64(CMDQ_BASE) & 0x1f, 10u) << "readback is as written";
    other.write32(CMDQ_PROD, 3);
    other.write32(CMDQ_CONS, 3);
    other.update_cr0(CR0_CMDQEN);
    other.mem.store_image(other.cmdq_base + 16 * 3, cmd_sync());
    other.write32(CMDQ_PROD, 4); // four entries: index 0, wrap set
    EXPECT_EQ(queue_index(other.read32(CMDQ_CONS)), 4u);
    EXPECT_EQ(other.read32(GERROR), 0u);
}

TEST_F(CommandQueue, BitsBeyondTheWrapBitOfProdHaveNoEffect)
{
    start(3);
    const uint32_t at = cons();
    dut.mem.store_image(dut.cmdq_base + 16 * uint64_t{at & 7}, cmd_sync());
    dut.write32(CMDQ_PROD, ((at + 1) & 15) | 0xffff0);
    EXPECT_EQ(cons(), (at + 1) & 15);
    EXPECT_EQ(dut.read32(GERROR), 0u);
}

TEST_F(CommandQueue, DisabledQueueIsNotRead)
{
    dut.update_cr0(CR0_EVENTQEN | CR0_SMMUEN);
    dut.mem.clear_log();
    const uint32_t at = cons();
    dut.submit(cmd_sync());
    EXPECT_THAT(dut.mem.log(), IsEmpty());
    EXPECT_EQ(cons(), at);
    dut.update_cr0(CR0_EVENTQEN | CR0_SMMUEN | CR0_CMDQEN);
    EXPECT_EQ(cons(), prod()) << "enabling starts consumption";
}

TEST_F(CommandQueue, WorksWhileTranslationIsDisabled)
{
    dut.update_cr0(CR0_CMDQEN);
    expect_consumed(cfgi_all());
    expect_consumed(cmd_sync());
}

// 4.7.3

TEST_F(CommandQueue, SyncSigIrqPulsesTheWire)
{
    dut.submit(cmd_sync(SIG_IRQ));
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_CMD_SYNC));
}

TEST_F(CommandQueue, SyncSigSevWakesPes)
{
    const unsigned before = dut.sevs;
    dut.submit(cmd_sync(SIG_SEV));
    EXPECT_EQ(dut.sevs, before + 1);
    dut.submit(cmd_sync(SIG_NONE));
    dut.submit(cmd_sync(SIG_IRQ));
    EXPECT_EQ(dut.sevs, before + 1);
}

TEST_F(CommandQueue, SyncSigSevIsSigNoneWithoutSev)
{
    smmu_config cfg = smmu_config_default();
    cfg.sev = false;
    device_under_test other(cfg);
    other.bring_up();
    other.submit(cmd_sync(SIG_SEV));
    EXPECT_EQ(other.sevs, 0u);
    EXPECT_EQ(other.cmdq_error(), CERROR_NONE);
}

TEST_F(CommandQueue, ConsumingFromAFullQueueWakesNobodyWithoutSev)
{
    smmu_config cfg = smmu_config_default();
    cfg.sev = false;
    device_under_test other(cfg);
    other.bring_up();
    other.update_cr0(0);
    other.write64(CMDQ_BASE, other.cmdq_base | 2);
    for (unsigned i = 0; i < 4; ++i)
        other.mem.store_image(other.cmdq_base + 16 * uint64_t{i}, cmd_sync());
    other.write32(CMDQ_CONS, 0);
    other.write32(CMDQ_PROD, 4);
    other.update_cr0(CR0_CMDQEN);
    EXPECT_EQ(queue_index(other.read32(CMDQ_CONS)), 4u);
    EXPECT_EQ(other.sevs, 0u);
}

TEST_F(CommandQueue, ConsumingFromAFullQueueWakesPes)
{
    // 4.1.2: once per transition from full to not full.
    start(2);
    dut.update_cr0(CR0_EVENTQEN);
    dut.write32(CMDQ_CONS, 0);
    for (unsigned i = 0; i < 4; ++i)
        dut.mem.store_image(dut.cmdq_base + 16 * uint64_t{i}, cmd_sync());
    dut.write32(CMDQ_PROD, 4);
    const unsigned before = dut.sevs;
    dut.update_cr0(CR0_EVENTQEN | CR0_CMDQEN);
    EXPECT_EQ(dut.sevs, before + 1);
}

TEST_F(CommandQueue, SyncSigNoneAndSigSevAreSilent)
{
    dut.submit(cmd_sync(SIG_NONE));
    dut.submit(cmd_sync(SIG_SEV));
    EXPECT_THAT(dut.irqs, IsEmpty());
}

TEST_F(CommandQueue, SyncDoesNotWriteMsisWithoutMsiSupport)
{
    smmu_config cfg = smmu_config_default();
    cfg.msi = false;
    device_under_test other(cfg);
    other.bring_up();
    other.submit(cmd_sync_msi(0x5000, 1));
    for (const auto &access : other.mem.log())
        EXPECT_FALSE(access.write);
    EXPECT_THAT(other.irqs, Contains(SMMU_IRQ_CMD_SYNC));
}

TEST_F(CommandQueue, SyncReservedSignalIsIllegal)
{
    expect_illegal(cmd_sync(SIG_RESERVED));
}

// 4.1.3, 7.1: CERROR_ILL

TEST_F(CommandQueue, ReservedOpcodesAreIllegal)
{
    for (unsigned op : {0x00u, 0x08u, 0x14u, 0x19u, 0x29u, 0x31u, 0x42u, 0x47u, 0x90u, 0xffu}) {
        expect_illegal(raw_command(op));
        replace_current(cmd_sync());
        dut.acknowledge_gerror();
    }
}

TEST_F(CommandQueue, CommandsOfAbsentFeaturesAreIllegal)
{
    const struct {
        void (*remove)(smmu_config &);
        std::vector<unsigned> opcodes;
    } rows[] = {
        {[](smmu_config &) {}, {CMD_TLBI_EL3_ALL, CMD_TLBI_EL3_VA}},
        {[](smmu_config &c) { c.hyp = false; },
         {CMD_TLBI_EL2_ALL, CMD_TLBI_EL2_ASID, CMD_TLBI_EL2_VA, CMD_TLBI_EL2_VAA}},
        {[](smmu_config &c) { c.s2p = c.hyp = c.vatos = false; },
         {CMD_TLBI_S12_VMALL, CMD_TLBI_S2_IPA}},
        {[](smmu_config &c) { c.s1p = c.hyp = c.cd2l = c.vatos = false; },
         {CMD_CFGI_CD, CMD_TLBI_NH_ALL, CMD_TLBI_NH_ASID, CMD_TLBI_NH_VA, CMD_TLBI_NH_VAA}},
        {[](smmu_config &c) { c.stall_model = SMMU_TERMINATE_ONLY; }, {CMD_RESUME, CMD_STALL_TERM}},
    };
    for (const auto &row : rows) {
        smmu_config cfg = smmu_config_default();
        row.remove(cfg);
        for (unsigned op : row.opcodes) {
            device_under_test other(cfg);
            other.bring_up();
            other.submit(raw_command(op));
            EXPECT_EQ(other.cmdq_error(), CERROR_ILL) << std::hex << op;
        }
    }
}

TEST_F(CommandQueue, CommandsOfStallsStage2AndEl2AreConsumed)
{
    for (const command &cmd :
         {tlbi_el2_all(), tlbi_el2_asid(1), tlbi_el2_va(0x1000, 1), tlbi_el2_vaa(0x1000),
          tlbi_s12_vmall(1), tlbi_s2_ipa(0x1000, 1), tlbi_s2_ipa(0x1000, 1, true),
          cmd_resume(1, 0, resume_action::retry), cmd_stall_term(1), cmd_sync_msi(0x5000, 1)})
        expect_consumed(cmd);
}

TEST_F(CommandQueue, SecureStreamsAreIllegalOnTheNonSecureQueue)
{
    for (const command &cmd :
         {cfgi_ste(1, true, true), cfgi_ste_range(1, 0, true), cfgi_cd(1, 0, true, true),
          cfgi_cd_all(1, true), cmd_resume(1, 0, resume_action::retry, true),
          cmd_stall_term(1, true)}) {
        expect_illegal(cmd);
        replace_current(cmd_sync());
        dut.acknowledge_gerror();
    }
}

TEST_F(CommandQueue, ErrorStopsConsumption)
{
    expect_illegal(raw_command(0));
    const uint32_t at = cons();
    dut.mem.clear_log();
    dut.submit(cmd_sync(SIG_IRQ));
    EXPECT_EQ(cons(), at);
    EXPECT_THAT(dut.mem.log(), IsEmpty());
    EXPECT_THAT(dut.irqs, Not(Contains(SMMU_IRQ_CMD_SYNC)));
}

TEST_F(CommandQueue, OlderCommandsHaveBeenConsumed)
{
    const uint32_t first = cons();
    dut.mem.store_image(dut.cmdq_base + 16 * uint64_t{first}, cmd_sync(SIG_IRQ));
    dut.mem.store_image(dut.cmdq_base + 16 * uint64_t{first + 1}, raw_command(0));
    dut.mem.store_image(dut.cmdq_base + 16 * uint64_t{first + 2}, cmd_sync(SIG_IRQ));
    dut.write32(CMDQ_PROD, first + 3);
    EXPECT_EQ(cons(), first + 1);
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_CMD_SYNC, SMMU_IRQ_GERROR));
}

TEST_F(CommandQueue, AcknowledgeRestartsWithTheRepairedCommand)
{
    expect_illegal(raw_command(0));
    replace_current(cmd_sync(SIG_IRQ));
    dut.irqs.clear();
    dut.acknowledge_gerror();
    EXPECT_EQ(cons(), prod());
    EXPECT_FALSE(cmdq_error_active());
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_CMD_SYNC));
}

TEST_F(CommandQueue, AcknowledgeWithoutRepairFailsAgain)
{
    expect_illegal(raw_command(0));
    dut.irqs.clear();
    dut.acknowledge_gerror();
    EXPECT_TRUE(cmdq_error_active());
    EXPECT_EQ(dut.cmdq_error(), CERROR_ILL);
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_GERROR));
}

TEST_F(CommandQueue, DisablingDoesNotAcknowledgeTheError)
{
    expect_illegal(raw_command(0));
    replace_current(cmd_sync());
    const uint32_t at = cons();
    dut.update_cr0(CR0_SMMUEN);
    dut.update_cr0(CR0_SMMUEN | CR0_CMDQEN);
    EXPECT_TRUE(cmdq_error_active());
    EXPECT_EQ(cons(), at);
}

TEST_F(CommandQueue, ProdMayMoveBackWhileInError)
{
    const uint32_t at = cons();
    expect_illegal(raw_command(0));
    dut.write32(CMDQ_PROD, at);
    dut.acknowledge_gerror();
    EXPECT_EQ(cons(), at);
    EXPECT_FALSE(cmdq_error_active());
}

TEST_F(CommandQueue, GerrorInterruptNeedsItsEnable)
{
    dut.write32(IRQ_CTRL, IRQ_EVENTQ);
    dut.submit(raw_command(0));
    EXPECT_THAT(dut.irqs, IsEmpty());
    EXPECT_TRUE(cmdq_error_active());
}

// 7.1: CERROR_ABT

TEST_F(CommandQueue, AbortedFetchIsCerrorAbt)
{
    const uint32_t at = cons();
    dut.mem.abort_on({dut.cmdq_base, dut.cmdq_base + 0xffff, SMMU_FETCH_CMDQ});
    dut.submit(cmd_sync());
    EXPECT_TRUE(cmdq_error_active());
    EXPECT_EQ(dut.cmdq_error(), CERROR_ABT);
    EXPECT_EQ(cons(), at);
    dut.mem.clear_aborts();
    dut.acknowledge_gerror();
    EXPECT_EQ(cons(), prod());
}

TEST_F(CommandQueue, StatisticsCountCommands)
{
    const smmu_stats before = stats();
    dut.submit(cfgi_all());
    dut.submit(tlbi_nh_all());
    dut.submit(cmd_sync());
    EXPECT_EQ(stats().commands - before.commands, 3u);
    EXPECT_EQ(stats().invalidations - before.invalidations, 2u);
    EXPECT_EQ(stats().syncs - before.syncs, 1u);
}

// A host without ops.defer has no way to be asked for another run.
TEST(CommandQueueOfASimpleHost, IsEmptyAfterOneRun)
{
    smmu_config cfg = smmu_config_default();
    cfg.httu = SMMU_HTTU_NONE; // and no compare-and-swap
    smmu_ops ops = {};
    ops.read = [](void *, const smmu_mem_req *req, void *data) {
        std::memset(data, 0, req->size);
        *static_cast<unsigned char *>(data) = 0x30; // CMD_TLBI_NSNH_ALL
        return SMMU_MEM_OK;
    };
    ops.write = [](void *, const smmu_mem_req *, const void *) { return SMMU_MEM_OK; };
    smmu_t *smmu = smmu_create(&cfg, &ops, nullptr, nullptr);
    ASSERT_NE(smmu, nullptr);
    smmu_reg_write(smmu, CMDQ_BASE, 8, device_under_test::cmdq_base | 12);
    smmu_reg_write(smmu, CR0, 4, CR0_CMDQEN);
    smmu_run(smmu);
    smmu_reg_write(smmu, CMDQ_PROD, 4, 3000);
    smmu_run(smmu);
    EXPECT_EQ(smmu_get_stats(smmu)->commands, 3000u);
    smmu_destroy(smmu);
}

} // namespace
} // namespace test_cmdq
