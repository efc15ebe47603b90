// SPDX-License-Identifier: Apache-2.0
// The Virtual Machine Structure (IHI 0070 5.6): where it is, how it is read, F_VMS_FETCH (7.3.20),
// and how its contents are cached and invalidated (5.6.2, 4.3.5).
#include "core/ecmdq_test.hpp"
#include "core/mpam_test.hpp"

using namespace support;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_vms {
namespace {

class Vms : public MpamTest {
  protected:
    explicit Vms(const smmu_config &cfg = with_mpam()) : MpamTest(cfg) { use_s1mpam(); }

    smmu_mem_req only_fetch()
    {
        smmu_mem_req found{};
        EXPECT_EQ(dut.mem.count(SMMU_FETCH_VMS), 1u);
        for (const mem_access &access : dut.mem.log())
            if (access.req.fetch == SMMU_FETCH_VMS)
                found = access.req;
        return found;
    }

    // Which label a read goes on with, whatever PARTID_MAP was before.
    unsigned partid() { return of(nested).partid; }

    void remap(unsigned partid) { map_partid(3, partid); }
};

// --- the fetch -----------------------------------------------------------------------------------

TEST_F(Vms, IsReadWhereVmsptrSays)
{
    of(nested);
    EXPECT_EQ(only_fetch().addr, vms);
    EXPECT_EQ(only_fetch().size, 64u) << "PARTID_MAP";
    EXPECT_EQ(only_fetch().sid, nested);
}

// VMSPtr is bits [375:332] of the STE, address bits [55:12].
TEST_F(Vms, VmsptrAsALiteralWord)
{
    dut.mem.store64(dut.ste_address(nested) + 40, 0x0000'8765'4321'0007);
    const uint8_t map[] = {0x2b, 0};
    dut.mem.store(0x8765'4321'0006, map, 2);
    dut.invalidate_all();
    dut.mem.clear_log();
    EXPECT_EQ(of(nested), (label{0x2b, 0xc}));
    EXPECT_EQ(only_fetch().addr, 0x8765'4321'0000u);
}

// Attributes and label are those of STE fetches (5.6, 13.8, 17.4).
TEST_F(Vms, IsAccessedAsTheStreamTable)
{
    of(nested);
    const smmu_mem_req fetch = only_fetch();
    for (const mem_access &access : dut.mem.log()) {
        if (access.req.fetch != SMMU_FETCH_STE)
            continue;
        EXPECT_EQ(fetch.attr.mair, access.req.attr.mair);
        EXPECT_EQ(fetch.attr.sh, access.req.attr.sh);
        EXPECT_EQ(fetch.pas, access.req.pas);
    }
    EXPECT_EQ(label(fetch.mpam), of_gmpam);
}

TEST_F(Vms, HasThirtyTwoPartids)
{
    for (unsigned index = 0; index < 32; ++index)
        map_partid(index, 0x10 + index);
    for (unsigned index : {0u, 1u, 4u, 30u, 31u}) {
        stage1.context().partid = index;
        publish_all();
        EXPECT_EQ(partid(), 0x10 + index);
    }
}

// CD.PARTID[15:5] are RES0 here (5.4).
TEST_F(Vms, UpperBitsOfTheVirtualPartidAreIgnored)
{
    stage1.context().partid = 0xffe3;
    publish_all();
    EXPECT_EQ(of(nested), of_nested_cd);
}

TEST_F(Vms, PartidThatIsTooLargeIsZero)
{
    remap(0x34);
    publish_all();
    EXPECT_EQ(partid(), 0x34u);
    remap(0x35);
    publish_all();
    EXPECT_EQ(of(nested), (label{0, 0xc}));
    remap(0xff2a);
    publish_all();
    EXPECT_EQ(partid(), 0u) << "no bit is ignored";
}

TEST_F(Vms, MappedPartidsAreLittleEndian)
{
    const uint8_t bytes[] = {0x00, 0x2a};
    dut.mem.store(vms + 6, bytes, 2);
    publish_all();
    EXPECT_EQ(partid(), 0u) << "0x2a00";
}

// An address beyond OAS is a C_BAD_STE where VMSPtr is enabled (5.2), not S2PS, but OAS.
TEST_F(Vms, PointerBeyondOasMakesTheSteIllegal)
{
    stage1.stream().vmsptr = uint64_t{1} << 48;
    publish_all();
    expect_abort(dut.translate(nested, va), C_BAD_STE);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_VMS), 0u);
    stage1.stream().s1mpam = 0;
    publish_all();
    EXPECT_EQ(of(nested), of_nested) << "else it is ignored";
    stage1.stream().s1mpam = 1;
    stage1.stream().vmsptr = ones(48) & ~ones(12);
    publish_all();
    EXPECT_EQ(of(nested), (label{0, 0xc}));
    EXPECT_EQ(only_fetch().addr, 0xffff'ffff'f000u);
}

TEST_F(Vms, PointerOfOneStageIsIgnored)
{
    single.stream().vmsptr = entry.vmsptr = uint64_t{1} << 55;
    entry.s1mpam = 1;
    publish_all();
    EXPECT_EQ(of(single_sid), of_single_cd);
    EXPECT_EQ(of(alone, ipa), of_alone);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_VMS), 0u);
}

// --- F_VMS_FETCH ---------------------------------------------------------------------------------

TEST_F(Vms, AbortIsRecorded)
{
    dut.mem.abort_on({vms, vms + 63, SMMU_FETCH_VMS});
    expect_abort(dut.translate(nested, va, {false, false, false, false}), F_VMS_FETCH);
    const auto records = dut.pop_raw_events();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_THAT(records[0].word, ElementsAre(0x0000'0007'0000'0025, 0, 0, 0x0000'0003'0000'1000));
}

TEST_F(Vms, RecordHasTheSubstream)
{
    stage1.stream().s1cdmax = 1;
    stage1.stream().s1dss = 2;
    publish_all();
    dut.mem.store_image(stage1.cd_address() + 64, stage1.context().encode());
    dut.mem.abort_on({vms, vms + 63, SMMU_FETCH_VMS});
    expect_abort(dut.translate(nested, va, {false, false, false, true, 1}), F_VMS_FETCH);
    const auto records = dut.pop_raw_events();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].word[0], 0x0000'0007'0000'1825u);
}

// It is not a Translation-related fault: CD.A, R and S have no part in it.
TEST_F(Vms, AbortTerminatesAndIsRecordedWhateverTheCdSays)
{
    stage1.context().a = stage1.context().r = 0;
    stage1.context().s = 1;
    publish_all();
    dut.mem.abort_on({vms, vms + 63, SMMU_FETCH_VMS});
    smmu_stall room{};
    EXPECT_EQ(dut.translate(room, nested, va).outcome, SMMU_ABORT);
    EXPECT_EQ(dut.pop_events().size(), 1u);
}

TEST_F(Vms, FailedFetchIsNotCached)
{
    dut.mem.abort_on({vms, vms + 63, SMMU_FETCH_VMS});
    expect_abort(dut.translate(nested, va), F_VMS_FETCH);
    dut.mem.clear_aborts();
    EXPECT_EQ(of(nested), of_nested_cd);
}

TEST_F(Vms, IllegalCdIsReportedFirst)
{
    stage1.context().v = 0;
    publish_all();
    dut.mem.abort_on({vms, vms + 63, SMMU_FETCH_VMS});
    expect_abort(dut.translate(nested, va), C_BAD_CD);
}

TEST_F(Vms, AtsRequestEndsWithCompleterAbort)
{
    stage1.stream().eats = 1;
    publish_all();
    dut.mem.abort_on({vms, vms + 63, SMMU_FETCH_VMS});
    smmu_ats_request request{};
    request.sid = nested;
    request.addr = va;
    EXPECT_EQ(dut.ats_translate(request).status, SMMU_ATS_CA);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(Vms, AddressOperationReportsIt) // 9.1.5
{
    dut.mem.abort_on({vms, vms + 63, SMMU_FETCH_VMS});
    dut.write64(0x108, nested);
    dut.write64(0x110, va | 3 << 10 | 1 << 8);
    dut.write32(0x100, 1);
    EXPECT_EQ(dut.read64(0x118), 0x251u);
}

TEST_F(Vms, InjectedAbortIsOne)
{
    smmu_inject(dut.smmu(), SMMU_INJECT_VMS_ABORT, 1);
    expect_abort(dut.translate(nested, va), F_VMS_FETCH);
    EXPECT_EQ(of(nested), of_nested_cd);
}

// 6.3.9.6: what began before SMMUEN was cleared leaves no trace.
TEST_F(Vms, OvertakenFetchBeginsAgain)
{
    dut.mem.before = [this](const smmu_mem_req &req) {
        if (req.fetch != SMMU_FETCH_VMS)
            return;
        dut.mem.before = nullptr;
        dut.mem.abort_on({vms, vms + 63, SMMU_FETCH_VMS});
        dut.update_cr0(0xc);
    };
    EXPECT_EQ(of(nested), of_gbpmpam);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(Vms, FetchIsCounted)
{
    of(nested);
    EXPECT_EQ(stats().vms_fetches, 1u);
}

// --- caching -------------------------------------------------------------------------------------

// The change of PARTID_MAP is seen once both the VMID's and the stream's have been invalidated,
// in the order of 4.3.5.1; either alone is not enough.

TEST_F(Vms, ChangeIsNotSeenWithoutInvalidation)
{
    EXPECT_EQ(partid(), 0x2au);
    remap(0x2b);
    EXPECT_EQ(partid(), 0x2au);
}

TEST_F(Vms, ChangeIsNotSeenAfterCfgiSteAlone)
{
    of(nested);
    remap(0x2b);
    dut.submit(cfgi_ste(nested));
    EXPECT_EQ(partid(), 0x2au);
}

TEST_F(Vms, ChangeIsNotSeenAfterCfgiVmsPidmAlone)
{
    of(nested);
    remap(0x2b);
    dut.submit(cfgi_vms_pidm(7));
    EXPECT_EQ(partid(), 0x2au);
}

TEST_F(Vms, ChangeIsSeenAfterBoth)
{
    of(nested);
    remap(0x2b);
    dut.submit(cfgi_vms_pidm(7));
    dut.submit(cfgi_ste(nested));
    EXPECT_EQ(partid(), 0x2bu);
}

TEST_F(Vms, ChangeIsSeenAfterARangeOfStreams)
{
    of(nested);
    remap(0x2b);
    dut.submit(cfgi_vms_pidm(7));
    dut.submit(cfgi_ste_range(4, 1));
    EXPECT_EQ(partid(), 0x2bu);
}

TEST_F(Vms, ChangeIsSeenAfterCfgiAll)
{
    of(nested);
    remap(0x2b);
    dut.submit(cfgi_all());
    EXPECT_EQ(partid(), 0x2bu);
}

TEST_F(Vms, TlbMaintenanceLeavesIt)
{
    of(nested);
    remap(0x2b);
    dut.submit(tlbi_nsnh_all());
    dut.submit(tlbi_s12_vmall(7));
    dut.submit(cfgi_ste(nested));
    EXPECT_EQ(partid(), 0x2au);
}

TEST_F(Vms, OtherVmidIsLeft)
{
    of(nested);
    remap(0x2b);
    for (unsigned vmid : {0u, 6u, 0x107u})
        dut.submit(cfgi_vms_pidm(vmid));
    dut.submit(cfgi_ste(nested));
    EXPECT_EQ(partid(), 0x2au);
}

// The VMS does not interact with CR0.VMW (5.6.2).
TEST_F(Vms, VmidWildcardsDoNotCount)
{
    dut.update_cr0(0xd | 1 << 6);
    of(nested);
    remap(0x2b);
    dut.submit(cfgi_vms_pidm(6));
    dut.submit(cfgi_ste(nested));
    EXPECT_EQ(partid(), 0x2au);
}

TEST_F(Vms, IsSharedByTheStreamsOfAVmid)
{
    of(nested);
    dut.set_ste(8, stage1.stream());
    dut.mem.clear_log();
    EXPECT_EQ(of(8), of_nested_cd);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_VMS), 0u);
}

// UNPREDICTABLE (5.6): the pointer that was used first, as long as the VMS is cached.
TEST_F(Vms, OtherPointerOfTheSameVmidFindsTheCachedOne)
{
    of(nested);
    ste other = stage1.stream();
    other.vmsptr = vms + 0x1000;
    dut.set_ste(8, other);
    EXPECT_EQ(of(8), of_nested_cd);
}

TEST_F(Vms, InvalidationDuringTheFetchLetsNothingBeCached)
{
    dut.mem.before = [this](const smmu_mem_req &req) {
        if (req.fetch != SMMU_FETCH_VMS)
            return;
        dut.mem.before = nullptr;
        dut.submit(cfgi_vms_pidm(7));
        dut.submit(cfgi_ste(nested));
    };
    of(nested);
    remap(0x2b);
    EXPECT_EQ(partid(), 0x2bu);
}

TEST_F(Vms, ResetForgetsIt)
{
    of(nested);
    remap(0x2b);
    const uint64_t base = dut.read64(reg::STRTAB_BASE);
    const uint32_t shape = dut.read32(reg::STRTAB_BASE_CFG);
    smmu_reset(dut.smmu());
    dut.write64(reg::STRTAB_BASE, base); // and no command that invalidates
    dut.write32(reg::STRTAB_BASE_CFG, shape);
    dut.update_cr0(reg::CR0_SMMUEN);
    EXPECT_EQ(partid(), 0x2bu);
}

// Notice to the host: nothing that it keeps by tag has part in what goes.
TEST_F(Vms, CommandTellsTheHost)
{
    dut.submit(image<2>{{0x0000'abcd'0000'0007, 0}});
    ASSERT_EQ(dut.invals.size(), 1u);
    EXPECT_EQ(dut.invals[0].kind, SMMU_INVAL_CFG_VMS);
    EXPECT_EQ(dut.invals[0].vmid, 0xabcdu);
    smmu_tag tag{};
    tag.vmid = 0xabcd;
    tag.s1 = tag.s2 = true;
    EXPECT_FALSE(smmu_inval_matches(&dut.invals[0], &tag));
}

TEST_F(Vms, CommandOfAnotherSecurityStateIsIllegal)
{
    dut.submit(cfgi_vms_pidm(7, true));
    EXPECT_EQ(dut.cmdq_error(), reg::CERROR_ILL);
}

// CR2.REC_CFG_ATS, Enhanced Command queues and prefetches, each of which came by itself.

class VmsAmongOthers : public Vms {
  protected:
    VmsAmongOthers() : Vms(cfg())
    {
        dut.update_cr0(0xc);
        dut.write32(reg::CR2, 0x8); // REC_CFG_ATS
        dut.update_cr0(0x1d);       // ATSCHK
        stage1.stream().eats = 1;
        publish_all();
    }

    static smmu_config cfg()
    {
        smmu_config c = with_mpam();
        c.atsrecerr = c.ecmdq = true;
        return c;
    }

    void abort_fetches() { dut.mem.abort_on({vms, vms + 63, SMMU_FETCH_VMS}); }
};

TEST_F(VmsAmongOthers, AbortOfAnAtsRequestIsRecorded) // 3.9.1.2
{
    abort_fetches();
    smmu_ats_request request{};
    request.sid = nested;
    request.addr = va;
    EXPECT_EQ(dut.ats_translate(request).status, SMMU_ATS_CA);
    const auto records = dut.pop_raw_events();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_THAT(records[0].word, ElementsAre(0x0000'0007'0000'0025, 0, 0, 0x0000'0003'0000'1000));
}

// 17.3: without PASIDTT the label is that of the STE, which needs no VMS.
TEST_F(VmsAmongOthers, TranslatedTransactionsDoNotReadIt)
{
    abort_fetches();
    expect_forward(dut.translate(nested, pa, translated_read), pa);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_VMS), 0u);
    EXPECT_THAT(dut.pop_raw_events(), IsEmpty());
}

TEST_F(VmsAmongOthers, PrefetchDoesNotTellOfTheAbort) // 4.2: no event is recorded
{
    abort_fetches();
    smmu_prefetch_request what{};
    what.sid = nested;
    what.addr = va;
    what.pages = 1;
    smmu_prefetch(dut.smmu(), &what);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_VMS), 1u);
    EXPECT_THAT(dut.pop_raw_events(), IsEmpty());
    dut.mem.clear_aborts();
    smmu_prefetch(dut.smmu(), &what);
    EXPECT_EQ(of(nested), of_nested_cd);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_VMS), 2u);
}

TEST_F(VmsAmongOthers, EnhancedQueuesInvalidateIt)
{
    ecmdq::queue queue(dut, 0, 0);
    of(nested);
    remap(0x2b);
    queue.enable();
    queue.submit(cfgi_vms_pidm(7));
    EXPECT_EQ(partid(), 0x2au);
    queue.submit(cfgi_ste(nested));
    EXPECT_EQ(partid(), 0x2bu);
    queue.submit(cfgi_vms_pidm(7, true));
    EXPECT_EQ(queue.reason(), unsigned{reg::CERROR_ILL});
}

// 3.5.6.1: GMPAM is of accesses to these queues too, and of their messages (6.3.42).
TEST_F(VmsAmongOthers, EnhancedQueuesHaveTheLabelOfGmpam)
{
    ecmdq::queue queue(dut, 0, 0);
    queue.enable();
    dut.mem.clear_log();
    queue.submit(cmd_sync_msi(0x5000, 1));
    EXPECT_THAT(labels(SMMU_FETCH_CMDQ), ElementsAre(of_gmpam));
    EXPECT_THAT(labels(SMMU_FETCH_MSI), ElementsAre(of_gmpam));
}

class VmsWithoutCache : public MpamTest {
  protected:
    VmsWithoutCache() : MpamTest(cfg()) {}

    static smmu_config cfg()
    {
        smmu_config c = with_mpam();
        c.config_cache = {0, 0};
        return c;
    }
};

TEST_F(VmsWithoutCache, IsReadForEachCd)
{
    use_s1mpam();
    EXPECT_EQ(of(nested), of_nested_cd);
    dut.submit(tlbi_nsnh_all());
    map_partid(3, 0x2b);
    EXPECT_EQ(of(nested), (label{0x2b, 0xc}));
}

} // namespace
} // namespace test_vms
