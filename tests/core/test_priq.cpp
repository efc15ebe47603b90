// SPDX-License-Identifier: Apache-2.0
// The PRI queue and PRG Responses (IHI 0070 8, 6.3.33 to 6.3.36), page request hints (7.3.19).
#include "core/core_test.hpp"
#include "core/msi_test.hpp"

using namespace support;
using namespace support::reg;
using testing::ElementsAre;
using testing::IsEmpty;

namespace test_priq {
namespace {

constexpr uint32_t enabled = CR0_SMMUEN | CR0_CMDQEN | CR0_EVENTQEN | CR0_PRIQEN;

class PriQueue : public CoreTest {
  protected:
    explicit PriQueue(const smmu_config &cfg = smmu_config_default()) : CoreTest(cfg)
    {
        bring_up_options options;
        options.cr0 = CR0_PRIQEN;
        options.irq_ctrl |= IRQ_PRIQ;
        dut.bring_up(options);
        dut.irqs.clear();
        dut.mem.clear_log();
    }

    static smmu_page_request request(uint64_t addr, bool last = true)
    {
        smmu_page_request r{};
        r.addr = addr;
        r.sid = sid;
        r.prgi = 0x155;
        r.last = last;
        r.r = true;
        return r;
    }

    static smmu_page_request pasid_request(bool last = true)
    {
        smmu_page_request r = request(0x5000, last);
        r.ssv = true;
        r.ssid = 0x54321;
        return r;
    }

    static smmu_page_request stop_marker()
    {
        smmu_page_request r = pasid_request();
        r.r = false;
        return r;
    }

    void send(const smmu_page_request &r) { smmu_request_page(dut.smmu(), &r); }

    // The message that a request sends, as these registers have it.
    msi_write message(uint64_t addr, uint32_t data, uint32_t attr)
    {
        dut.pop_page_requests();
        dut.mem.clear_msis();
        dut.write32(IRQ_CTRL, 0);
        dut.write64(PRIQ_IRQ_CFG0, addr);
        dut.write32(PRIQ_IRQ_CFG1, data);
        dut.write32(PRIQ_IRQ_CFG2, attr);
        dut.write32(IRQ_CTRL, IRQ_PRIQ);
        send(request(0x1000));
        return dut.mem.msis().size() == 1 ? dut.mem.msis()[0] : msi_write{};
    }

    // Fill the queue of 8 entries.
    void fill()
    {
        for (unsigned i = 0; i < 8; i++)
            send(request(0x1000, false));
        dut.irqs.clear();
    }

    bool overflowed() { return ((dut.read32(PRIQ_PROD) ^ dut.read32(PRIQ_CONS)) >> 31) != 0; }

    // The only response there was.
    smmu_prg_response only_response()
    {
        EXPECT_EQ(dut.responses.size(), 1u);
        const smmu_prg_response r = dut.responses.empty() ? smmu_prg_response{} : dut.responses[0];
        dut.responses.clear();
        return r;
    }

    void expect_response(unsigned code, bool ssv)
    {
        const smmu_prg_response r = only_response();
        EXPECT_EQ(r.code, code);
        EXPECT_EQ(r.sid, sid);
        EXPECT_EQ(r.prgi, 0x155);
        EXPECT_EQ(r.ssv, ssv);
        EXPECT_EQ(r.ssid, ssv ? 0x54321u : 0u);
    }

    static constexpr uint32_t sid = 5;
};

TEST_F(PriQueue, RecordHoldsTheMessage)
{
    smmu_page_request r = pasid_request();
    r.addr = 0xfedc'ba98'7654'3210;
    r.w = true;
    r.exe = true;
    r.priv = true;
    send(r);
    image<2> want;
    want.set(0, 32, sid).set(32, 20, 0x54321).set(58, 1, 1).set(59, 1, 1).set(60, 1, 1);
    want.set(61, 1, 1).set(62, 1, 1).set(63, 1, 1).set(64, 9, 0x155);
    want.set(76, 52, 0xfedc'ba98'7654'3);
    EXPECT_THAT(dut.pop_page_requests(), ElementsAre(want));
    EXPECT_THAT(dut.responses, IsEmpty());
    EXPECT_EQ(stats().page_requests, 1u);
}

// 8.1: StreamID [31:0], SubstreamID [51:32], PRGIndex [72:64], address [127:76].
TEST_F(PriQueue, RecordHoldsEachBitOfTheMessage)
{
    const auto record = [this](const smmu_page_request &r) {
        send(r);
        const auto all = dut.pop_page_requests();
        return all.size() == 1 ? all[0] : image<2>{};
    };
    for (unsigned bit = 0; bit < 64; ++bit) {
        smmu_page_request r = pasid_request();
        r.addr = uint64_t{1} << bit;
        r.sid = static_cast<uint32_t>(r.addr);
        r.ssid = static_cast<uint32_t>(r.addr & ones(20));
        r.prgi = static_cast<uint16_t>(r.addr & ones(9));
        const image<2> have = record(r);
        EXPECT_EQ(have.get(0, 32), r.addr & ones(32)) << bit;
        EXPECT_EQ(have.get(32, 20), r.addr & ones(20)) << bit;
        EXPECT_EQ(have.get(64, 9), r.addr & ones(9)) << bit;
        EXPECT_EQ(have.get(76, 52), r.addr >> 12) << bit;
    }
}

TEST_F(PriQueue, WithoutPasidThereIsNoExecuteAndNoPrivilege)
{
    smmu_page_request r = request(0x3000, false);
    r.ssid = 7;
    r.exe = true;
    r.priv = true;
    send(r);
    image<2> want;
    want.set(0, 32, sid).set(60, 1, 1).set(64, 9, 0x155).set(76, 52, 3);
    EXPECT_THAT(dut.pop_page_requests(), ElementsAre(want));
}

TEST_F(PriQueue, StopMarkersAreQueued)
{
    send(stop_marker());
    EXPECT_EQ(dut.pop_page_requests().size(), 1u);
}

TEST_F(PriQueue, WrapsAround)
{
    for (unsigned i = 0; i < 20; i++) {
        send(request(uint64_t{i} << 12));
        const auto records = dut.pop_page_requests();
        ASSERT_EQ(records.size(), 1u);
        EXPECT_EQ(records[0].get(76, 52), i);
    }
    EXPECT_FALSE(overflowed());
}

TEST_F(PriQueue, RecordIsWrittenWithQueueAttributes)
{
    send(request(0x1000));
    const auto log = dut.mem.log();
    ASSERT_EQ(log.size(), 1u);
    EXPECT_EQ(log[0].req.fetch, SMMU_FETCH_PRIQ);
    EXPECT_EQ(log[0].req.addr, dut.priq_base);
    EXPECT_EQ(log[0].req.size, 16u);
}

// 6.3.36

TEST_F(PriQueue, InterruptSaysTheQueueIsNoLongerEmpty)
{
    send(request(0x1000, false));
    send(request(0x2000, true));
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_PRIQ));
    dut.pop_page_requests();
    send(request(0x3000));
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_PRIQ, SMMU_IRQ_PRIQ));
}

TEST_F(PriQueue, InterruptForTheLastOfAGroup)
{
    dut.write32(IRQ_CTRL, 0);
    dut.write32(PRIQ_IRQ_CFG2, PRIQ_IRQ_LO);
    dut.write32(IRQ_CTRL, IRQ_PRIQ);
    send(request(0x1000, false));
    EXPECT_THAT(dut.irqs, IsEmpty());
    send(request(0x2000, true));
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_PRIQ));
    fill();
    send(request(0x2000, false));
    EXPECT_THAT(dut.irqs, IsEmpty());
    send(request(0x2000, true)); // lost to overflow
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_PRIQ));
}

TEST_F(PriQueue, InterruptNeedsItsEnable)
{
    dut.write32(IRQ_CTRL, 0);
    send(request(0x1000));
    EXPECT_THAT(dut.irqs, IsEmpty());
}

TEST_F(PriQueue, InterruptMessage)
{
    dut.write32(IRQ_CTRL, 0);
    dut.write64(PRIQ_IRQ_CFG0, 0x3000'0040);
    dut.write32(PRIQ_IRQ_CFG1, 0xcafe);
    dut.write32(IRQ_CTRL, IRQ_PRIQ | IRQ_GERROR);
    send(request(0x1000));
    EXPECT_EQ(dut.mem.load32(0x3000'0040), 0xcafeu);

    dut.pop_page_requests();
    dut.mem.abort_on({0x3000'0040, 0x3000'0043, SMMU_FETCH_MSI});
    send(request(0x1000));
    EXPECT_EQ(dut.read32(GERROR), uint32_t{GERROR_MSI_PRIQ_ABT});
}

TEST_F(PriQueue, MessageHasTheMemoryTypeOfItsRegister)
{
    for (const message_type &t : message_types) {
        const msi_write msi = message(0x3000'0040, 1, t.sh << 4 | t.memattr);
        EXPECT_EQ(msi.addr, 0x3000'0040u);
        EXPECT_EQ(msi.attr.mair, t.mair) << t.memattr;
        EXPECT_EQ(msi.attr.sh, t.shareability) << t.memattr;
    }
}

TEST_F(PriQueue, MessageGoesToEachAddressWithEachBitOfData)
{
    for (const uint64_t addr : each_bit(2, 47))
        EXPECT_EQ(message(addr, 1, 0).addr, addr);
    for (const uint64_t data : each_bit(0, 31))
        EXPECT_EQ(message(0x3000'0040, static_cast<uint32_t>(data), 0).data, data);
}

TEST_F(PriQueue, ConfigurationOfTheMessageIsGuarded)
{
    dut.write64(PRIQ_IRQ_CFG0, 0x1000);
    dut.write32(PRIQ_IRQ_CFG1, 1);
    dut.write32(PRIQ_IRQ_CFG2, 1);
    EXPECT_EQ(dut.read64(PRIQ_IRQ_CFG0), 0u);
    EXPECT_EQ(dut.read32(PRIQ_IRQ_CFG1), 0u);
    EXPECT_EQ(dut.read32(PRIQ_IRQ_CFG2), 0u);
}

TEST_F(PriQueue, RegistersAreGuardedByPriqen)
{
    const uint64_t base = dut.read64(PRIQ_BASE);
    dut.update_cr0(CR0_CMDQEN | CR0_PRIQEN); // not by its effective value
    dut.write64(PRIQ_BASE, 0);
    dut.write32(PRIQ_PROD, 5);
    EXPECT_EQ(dut.read64(PRIQ_BASE), base);
    EXPECT_EQ(dut.read32(PRIQ_PROD), 0u);
    dut.update_cr0(CR0_CMDQEN);
    dut.write32(PRIQ_PROD, 5);
    EXPECT_EQ(dut.read32(PRIQ_PROD), 5u);
}

// 8.1

TEST_F(PriQueue, OverflowIsFlaggedAndAnswersTheLastOfAGroup)
{
    fill();
    send(request(0x2000, false));
    EXPECT_TRUE(overflowed());
    EXPECT_THAT(dut.responses, IsEmpty());
    send(request(0x2000, true));
    expect_response(SMMU_PRG_SUCCESS, false);
    EXPECT_EQ(stats().auto_responses, 1u);
    EXPECT_EQ(dut.pop_page_requests().size(), 8u);
}

TEST_F(PriQueue, NothingIsWrittenUntilTheOverflowIsAcknowledged)
{
    fill();
    send(request(0x2000));
    dut.pop_page_requests();
    dut.responses.clear();
    send(request(0x3000));
    expect_response(SMMU_PRG_SUCCESS, false);
    EXPECT_THAT(dut.pop_page_requests(), IsEmpty());
    dut.write32(PRIQ_CONS, queue_index(dut.read32(PRIQ_CONS)) | PRIQ_OVERFLOW);
    send(request(0x3000));
    EXPECT_THAT(dut.responses, IsEmpty());
    EXPECT_EQ(dut.pop_page_requests().size(), 1u);
}

TEST_F(PriQueue, StopMarkersLostToOverflowAreNotAnswered)
{
    fill();
    send(stop_marker());
    EXPECT_TRUE(overflowed());
    EXPECT_THAT(dut.responses, IsEmpty());
}

TEST_F(PriQueue, PparDecidesThePasidOfAnAutomaticResponse)
{
    fill();
    ste s;
    s.ppar = 1;
    dut.set_ste(sid, s);
    send(pasid_request());
    expect_response(SMMU_PRG_SUCCESS, true);
    s.ppar = 0;
    dut.set_ste(sid, s);
    dut.submit(cfgi_all());
    send(pasid_request());
    expect_response(SMMU_PRG_SUCCESS, false);
}

TEST_F(PriQueue, WithoutAValidSteTheAutomaticResponseIsFailure)
{
    fill();
    send(pasid_request()); // V == 0
    expect_response(SMMU_PRG_FAILURE, false);
    const uint64_t at = dut.ste_address(sid);
    dut.mem.abort_on({at, at + 63, SMMU_FETCH_STE});
    dut.submit(cfgi_all());
    send(pasid_request());
    expect_response(SMMU_PRG_FAILURE, false);
    EXPECT_THAT(dut.pop_events(), IsEmpty());
}

TEST_F(PriQueue, PparDoesNotConcernRequestsWithoutPasid)
{
    fill();
    dut.mem.clear_log();
    send(request(0x1000));
    expect_response(SMMU_PRG_SUCCESS, false);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_STE), 0u);
}

smmu_config with_pps()
{
    smmu_config cfg = smmu_config_default();
    cfg.pps = true;
    return cfg;
}

class PriQueuePps : public PriQueue {
  protected:
    PriQueuePps() : PriQueue(with_pps()) {}
};

TEST_F(PriQueuePps, AutomaticResponsesHaveThePasidOfTheRequest)
{
    fill();
    dut.mem.clear_log();
    send(pasid_request());
    expect_response(SMMU_PRG_SUCCESS, true);
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_STE), 0u);
    EXPECT_EQ(dut.read32(IDR3) >> 5 & 1, 1u);
}

// 8.2

TEST_F(PriQueue, AbortedWriteIsAnErrorAndARefusal)
{
    dut.mem.abort_on({dut.priq_base, dut.priq_base + 15, SMMU_FETCH_PRIQ});
    send(pasid_request());
    EXPECT_EQ(dut.read32(GERROR), uint32_t{GERROR_PRIQ_ABT});
    EXPECT_THAT(dut.irqs, ElementsAre(SMMU_IRQ_GERROR));
    EXPECT_EQ(dut.read32(PRIQ_PROD), 0u);
    expect_response(SMMU_PRG_FAILURE, false);
}

TEST_F(PriQueue, NothingIsWrittenWhileTheErrorIsActive)
{
    smmu_inject(dut.smmu(), SMMU_INJECT_PRIQ_ABORT, 1);
    send(request(0x1000));
    dut.responses.clear();
    send(request(0x2000, false)); // each is answered, not only the last of a group
    expect_response(SMMU_PRG_FAILURE, false);
    dut.acknowledge_gerror();
    send(request(0x3000));
    EXPECT_EQ(dut.pop_page_requests().size(), 1u);
}

TEST_F(PriQueue, RefusedWhileDisabled)
{
    dut.update_cr0(enabled & ~CR0_PRIQEN);
    send(pasid_request(false));
    expect_response(SMMU_PRG_FAILURE, false);
    dut.update_cr0(enabled & ~CR0_SMMUEN);
    send(request(0x1000));
    expect_response(SMMU_PRG_FAILURE, false);
    send(stop_marker());
    EXPECT_THAT(dut.responses, IsEmpty());
    EXPECT_EQ(dut.read32(PRIQ_PROD), 0u);
    EXPECT_FALSE(overflowed());
}

TEST_F(PriQueue, UnimplementedSecurityStateIsRefused)
{
    smmu_page_request r = request(0x1000);
    r.sec = SMMU_SEC_S;
    send(r);
    EXPECT_EQ(only_response().code, SMMU_PRG_FAILURE);
}

TEST_F(PriQueue, AtsConfigurationOfTheStreamDoesNotMatter)
{
    dut.update_cr0(enabled | CR0_ATSCHK);
    send(request(0x1000));
    EXPECT_EQ(dut.pop_page_requests().size(), 1u);
}

TEST(PriAbsent, RegistersAreRes0AndRequestsRefused)
{
    smmu_config cfg = smmu_config_default();
    cfg.pri = false;
    device_under_test dut(cfg);
    dut.write64(PRIQ_BASE, ~uint64_t{0});
    dut.write32(PRIQ_CONS, ~0u);
    dut.write32(CR0, CR0_PRIQEN);
    dut.write32(IRQ_CTRL, IRQ_PRIQ);
    EXPECT_EQ(dut.read64(PRIQ_BASE), 0u);
    EXPECT_EQ(dut.read32(PRIQ_CONS), 0u);
    EXPECT_EQ(dut.read32(CR0), 0u);
    EXPECT_EQ(dut.read32(IRQ_CTRL), 0u);
    const smmu_page_request r{};
    smmu_request_page(dut.smmu(), &r);
    ASSERT_EQ(dut.responses.size(), 1u);
    EXPECT_EQ(dut.responses[0].code, SMMU_PRG_FAILURE);
}

// 7.3.19

TEST_F(PriQueue, HintsAreRecorded)
{
    smmu_page_hint hint{};
    hint.addr = 0x1234'5678'9abc;
    hint.sid = sid;
    hint.ssv = true;
    hint.ssid = 9;
    hint.pages = 17;
    hint.user = SMMU_PERM_R;
    hint.priv = SMMU_PERM_W | SMMU_PERM_X;
    smmu_hint_pages(dut.smmu(), &hint);
    page_event want;
    want.type = E_PAGE_REQUEST;
    want.sid = sid;
    want.ssv = true;
    want.ssid = 9;
    want.page = 0x1234'5678'9000;
    want.span = 17;
    want.rights = 0b0110'1000;
    EXPECT_THAT(dut.pop_raw_events(), ElementsAre(want.encode()));
    dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN);
    smmu_hint_pages(dut.smmu(), &hint);
    EXPECT_THAT(dut.pop_raw_events(), IsEmpty());
}

} // namespace
} // namespace test_priq
