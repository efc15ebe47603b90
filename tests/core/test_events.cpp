// SPDX-License-Identifier: Apache-2.0
// Every event type the SMMU can raise (IHI 0070 7.3), all 256 bits of its record.
#include "core/events_test.hpp"

using namespace support;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_events {
namespace {

// 7.3.3

TEST_F(Events, BadStreamidBeyondTheTable)
{
    expect_abort(dut.translate(256, va), C_BAD_STREAMID);
    event e = configuration_error(C_BAD_STREAMID);
    e.sid = 256;
    expect_record(e);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_STE), 0u);
}

TEST_F(Events, BadStreamidBeyondSidsize)
{
    dut.update_cr0(0);
    dut.write32(reg::STRTAB_BASE_CFG, 40);
    dut.update_cr0(reg::CR0_SMMUEN | reg::CR0_EVENTQEN | reg::CR0_CMDQEN);
    expect_abort(dut.translate(0x10000, va), C_BAD_STREAMID);
    event e = configuration_error(C_BAD_STREAMID);
    e.sid = 0x10000;
    expect_record(e);
}

TEST_F(Events, BadStreamidIsSilentWithoutRecinvsid)
{
    dut.update_cr0(0);
    dut.write32(reg::CR2, 0);
    dut.update_cr0(reg::CR0_SMMUEN | reg::CR0_EVENTQEN | reg::CR0_CMDQEN);
    EXPECT_EQ(dut.translate(256, va).outcome, SMMU_ABORT);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(Events, HighestStreamidOfTheTableIsInRange)
{
    ste bypass;
    dut.set_ste(255, bypass);
    expect_forward(dut.translate(255, 0x1234), 0x1234);
}

// 7.3.4

TEST_F(Events, SteFetchAborted)
{
    const uint64_t at = dut.ste_address(sid);
    dut.mem.abort_on({at, at + 63, SMMU_FETCH_STE});
    expect_abort(dut.translate(sid, va), F_STE_FETCH);
    expect_record(configuration_error(F_STE_FETCH, at));
}

// 7.3.5

TEST_F(Events, BadSte)
{
    stream.stream().v = 0;
    republish();
    expect_abort(dut.translate(sid, va), C_BAD_STE);
    expect_record(configuration_error(C_BAD_STE));
}

TEST_F(Events, AbortingStreamIsSilent)
{
    stream.stream().config = STE_ABORT;
    republish();
    expect_abort(dut.translate(sid, va), 0);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

// 7.3.9

TEST_F(Events, BadSubstreamidWithoutSubstreamSupport)
{
    client_access how;
    how.ssv = true;
    how.ssid = 7;
    expect_abort(dut.translate(sid, va, how), C_BAD_SUBSTREAMID);
    event e = configuration_error(C_BAD_SUBSTREAMID);
    e.ssid = 7;
    expect_record(e);
}

// 7.3.10

TEST_F(Events, CdFetchAborted)
{
    const uint64_t at = stream.cd_address();
    dut.mem.abort_on({at, at + 63, SMMU_FETCH_CD});
    expect_abort(dut.translate(sid, va), F_CD_FETCH);
    expect_record(configuration_error(F_CD_FETCH, at));
}

// 7.3.11

TEST_F(Events, BadCd)
{
    stream.context().v = 0;
    republish();
    expect_abort(dut.translate(sid, va), C_BAD_CD);
    expect_record(configuration_error(C_BAD_CD));
}

// 7.3.12

TEST_F(Events, WalkAborted)
{
    for (unsigned level = 0; level <= 3; ++level) {
        const uint64_t at = stream.low.descriptor_address(va, level);
        dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD});
        expect_abort(dut.translate(sid, va + 0x123), F_WALK_EABT);
        event e = stage1_fault(F_WALK_EABT, va + 0x123);
        e.cls = CLASS_TT;
        e.addr = at;
        expect_record(e);
        dut.mem.clear_aborts();
        dut.irqs.clear();
    }
}

TEST_F(Events, WalkAbortIgnoresCdAAndR)
{
    stream.context().a = 0;
    stream.context().r = 0;
    republish();
    const uint64_t at = stream.low.descriptor_address(va, 3);
    dut.mem.abort_on({at, at + 7, SMMU_FETCH_TTD});
    expect_abort(dut.translate(sid, va), F_WALK_EABT);
    event e = stage1_fault(F_WALK_EABT, va);
    e.cls = CLASS_TT;
    e.addr = at;
    expect_record(e);
}

// 7.3.13

TEST_F(Events, TranslationFault)
{
    expect_abort(dut.translate(sid, va + 0x1abc), F_TRANSLATION);
    expect_record(stage1_fault(F_TRANSLATION, va + 0x1abc));
}

TEST_F(Events, InputAddrKeepsAll64Bits)
{
    expect_abort(dut.translate(sid, 0x5a80'0000'dead'beef), F_TRANSLATION);
    expect_record(stage1_fault(F_TRANSLATION, 0x5a80'0000'dead'beef));
}

TEST_F(Events, InputAddrKeepsTheIgnoredTopByte)
{
    stream.context().tbi0 = 1;
    republish();
    expect_abort(dut.translate(sid, 0xc300'0000'0000'0008), F_TRANSLATION);
    expect_record(stage1_fault(F_TRANSLATION, 0xc300'0000'0000'0008));
}

TEST_F(Events, AttributesOfTheAccess)
{
    const struct {
        client_access how;
        bool rnw, ind, pnu;
    } rows[] = {
        {read_access, true, false, false},
        {write_access, false, false, false},
        {instr_access, true, true, false},
        {priv_read, true, false, true},
        {priv_write, false, false, true},
        {priv_instr, true, true, true},
        {{true, true, false, false, 0}, false, false, false}, // InD is 0 for writes
    };
    for (const auto &row : rows) {
        dut.translate(sid, 0x4000, row.how);
        event e = stage1_fault(F_TRANSLATION, 0x4000);
        e.rnw = row.rnw;
        e.ind = row.ind;
        e.pnu = row.pnu;
        expect_record(e);
        dut.irqs.clear();
    }
}

// 7.3.14

TEST_F(Events, AddressSizeFaultOfAPage)
{
    stream.context().ips = 1; // 36 bits
    republish();
    stream.low.map(va, uint64_t{1} << 36);
    expect_abort(dut.translate(sid, va), F_ADDR_SIZE);
    expect_record(stage1_fault(F_ADDR_SIZE, va));
}

TEST_F(Events, AddressSizeFaultOfATable)
{
    stream.context().ips = 1;
    republish();
    stream.low.set_descriptor(va, 1, table_descriptor(uint64_t{1} << 40));
    expect_abort(dut.translate(sid, va), F_ADDR_SIZE);
    expect_record(stage1_fault(F_ADDR_SIZE, va));
}

TEST_F(Events, AddressSizeFaultOfABypass)
{
    dut.set_ste(6, ste{});
    expect_abort(dut.translate(6, uint64_t{1} << 48, write_access), F_ADDR_SIZE);
    event e = stage1_fault(F_ADDR_SIZE, uint64_t{1} << 48);
    e.sid = 6;
    e.rnw = false;
    expect_record(e);
}

// 7.3.15

TEST_F(Events, AccessFault)
{
    leaf_attributes attributes;
    attributes.af = 0;
    stream.low.map(va, 0x70000000, 3, attributes);
    expect_abort(dut.translate(sid, va), F_ACCESS);
    expect_record(stage1_fault(F_ACCESS, va));
}

// 7.3.16

TEST_F(Events, PermissionFault)
{
    leaf_attributes attributes;
    attributes.ap = AP_ALL_RO;
    stream.low.map(va, 0x70000000, 3, attributes);
    expect_abort(dut.translate(sid, va + 8, write_access), F_PERMISSION);
    event e = stage1_fault(F_PERMISSION, va + 8);
    e.rnw = false;
    expect_record(e);
}

// 5.5: CD.A and CD.R

TEST_F(Events, SilentFaultWithoutCdR)
{
    stream.context().r = 0;
    republish();
    expect_abort(dut.translate(sid, 0x4000), F_TRANSLATION);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(Events, RazWiWithoutCdA)
{
    stream.context().a = 0;
    republish();
    EXPECT_EQ(dut.translate(sid, 0x4000).outcome, SMMU_RAZWI);
    expect_record(stage1_fault(F_TRANSLATION, 0x4000));
}

TEST_F(Events, SilentRazWiWithoutCdAAndR)
{
    stream.context().a = 0;
    stream.context().r = 0;
    republish();
    EXPECT_EQ(dut.translate(sid, 0x4000).outcome, SMMU_RAZWI);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

// 7.3.22: one event per transaction, the earliest

TEST_F(Events, AccessFaultComesBeforePermissionFault)
{
    leaf_attributes attributes;
    attributes.af = 0;
    attributes.ap = AP_PRIV_RO;
    stream.low.map(va, 0x70000000, 3, attributes);
    expect_abort(dut.translate(sid, va, write_access), F_ACCESS);
    EXPECT_EQ(dut.pop_events().size(), 1u);
}

TEST_F(Events, AddressSizeFaultComesBeforeAccessFault)
{
    stream.context().ips = 0;
    republish();
    leaf_attributes attributes;
    attributes.af = 0;
    stream.low.map(va, uint64_t{1} << 32, 3, attributes);
    expect_abort(dut.translate(sid, va), F_ADDR_SIZE);
}

} // namespace
} // namespace test_events
