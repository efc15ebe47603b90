// SPDX-License-Identifier: Apache-2.0
// MPAM of counter groups: labels of their messages (IHI 0070 17.5, 10.5.2.25, 10.5.2.27) and
// filters by PARTID and PMG (10.4.3, 10.5.2.2, 10.5.2.4).
#include "core/pmcg_test.hpp"
#include "support/stage1_stream.hpp"

using namespace support;

namespace pmcg_test::test_pmcg_mpam {
namespace {

constexpr uint32_t FILTER_PARTID = 1u << 16, FILTER_PMG = 1u << 17;

// Architected events (10.3).
enum architected : uint32_t {
    TRANSACTION = 1,
    TLB_MISS = 2,
    CONFIG_MISS = 3,
    TABLE_ACCESS = 4,
    CONFIG_ACCESS = 5,
    ATS_REQUEST = 6,
    TRANSLATED = 7,
};

// Streams 5 and 6 translate at stage 1; the label of stream 5 is that of its CD, PARTID 0x12 and
// PMG 3, its STE has 0x11 and 1, the other one's 0x20 and 3. GMPAM has 0x30 and 2.
class PmcgMpam : public PmcgTest {
  protected:
    static smmu_config config(uint16_t partid_max = 0x34)
    {
        smmu_config cfg = smmu_config_default();
        cfg.arch = 2;
        cfg.mpam = true;
        cfg.partid_max = partid_max;
        cfg.pmg_max = 0xf;
        return cfg;
    }

    explicit PmcgMpam(const smmu_config &cfg = config())
        : PmcgTest(cfg), stream(dut, 5, 5), other(dut, 6, 6)
    {
        tcu = add(filters);
        tbu = add([](smmu_pmcg_config &c) { filters(c), c.tbus = 1; });
        dut.bring_up();
        dut.write32(0x138, 0x8002'0030);
        for (stage1_stream *s : {&stream, &other})
            s->low.map(va, pa);
        stream.stream().s1mpam = 1;
        stream.stream().eats = 1;
        stream.stream().partid = 0x11;
        stream.stream().pmg = 1;
        stream.context().partid = 0x12;
        stream.context().pmg = 3;
        other.stream().partid = 0x20;
        other.stream().pmg = 3;
        stream.publish();
        other.publish();
    }

    static void filters(smmu_pmcg_config &cfg)
    {
        cfg.arch = 3;
        cfg.mpam = cfg.mpam_filter = true;
    }

    // Counter `n` of the group counts `event` of a label.
    void count_label(unsigned group, unsigned n, uint32_t event, uint32_t filter, unsigned partid,
                     unsigned pmg)
    {
        count(group, n, event, filter, pmg << 16 | partid);
        set_counter(group, n, 0);
    }

    // What counters 0 to n - 1 have counted.
    std::vector<uint64_t> counted(unsigned group, unsigned n)
    {
        std::vector<uint64_t> list;
        for (unsigned i = 0; i < n; ++i)
            list.push_back(counter(group, i));
        return list;
    }
    using counts = std::vector<uint64_t>;

    static constexpr uint64_t va = 0x4000, pa = 0x1'0000'0000, hole = 0x777000;
    stage1_stream stream, other;
    unsigned tcu, tbu;
};

// --- configuration and registers -----------------------------------------------------------------

TEST_F(PmcgMpam, CfgrAndMpamidrSayIt)
{
    EXPECT_EQ(read32(tcu, CFGR), 0x03703f07u) << "MPAM 24, FILTER_PARTID_PMG 25";
    EXPECT_EQ(read32(tcu, MPAMIDR), 0x000f'0034u);
    EXPECT_EQ(read32(tcu, AIDR), 3u);
    EXPECT_EQ(read32(tcu, S_MPAMIDR), 0u);
    const unsigned plain = add_tcu();
    EXPECT_EQ(read32(plain, CFGR), 0x00703f07u);
    EXPECT_EQ(read32(plain, MPAMIDR), 0u);
}

TEST_F(PmcgMpam, NeedsWhatItIsMadeOf)
{
    const auto refused = [this](auto change) {
        smmu_pmcg_config cfg = smmu_pmcg_config_default();
        filters(cfg);
        change(cfg);
        smmu_error error{};
        EXPECT_FALSE(smmu_pmcg_config_check(&cfg, &dut.config(), &error));
        return std::string(error.field ? error.field : "");
    };
    EXPECT_EQ(refused([](smmu_pmcg_config &c) { c.msi = false; }), "mpam");
    EXPECT_EQ(refused([](smmu_pmcg_config &c) { c.arch = 1; }), "mpam");
    EXPECT_EQ(refused([](smmu_pmcg_config &c) { c.arch = 2; }), "mpam_filter");
    EXPECT_EQ(refused([](smmu_pmcg_config &c) { c.mpam = false; }), "mpam_filter");
    EXPECT_EQ(refused([](smmu_pmcg_config &c) { c.arch = 5; }), "arch");
    smmu_config without = config();
    without.mpam = false;
    smmu_pmcg_config cfg = smmu_pmcg_config_default();
    filters(cfg);
    smmu_error error{};
    EXPECT_FALSE(smmu_pmcg_config_check(&cfg, &without, &error));
    EXPECT_STREQ(error.field, "mpam");
}

TEST_F(PmcgMpam, GmpamHasAnUpdate)
{
    write32(tcu, GMPAM, 0x0005'0012);
    EXPECT_EQ(read32(tcu, GMPAM), 0u) << "ignored without Update";
    uint64_t now = 0;
    ASSERT_EQ(smmu_pmcg_write(dut.smmu(), tcu, GMPAM, 4, 0xffff'ffff), SMMU_REG_OK);
    EXPECT_EQ(read32(tcu, GMPAM), 0x800f'003fu) << "PMG of 4 bits, PARTID of 6";
    ASSERT_EQ(smmu_pmcg_write(dut.smmu(), tcu, GMPAM, 4, 0x8000'0001), SMMU_REG_OK);
    smmu_run(dut.smmu());
    EXPECT_EQ(read32(tcu, GMPAM), 0x000f'003fu) << "ignored while an Update is under way";
    smmu_reset(dut.smmu());
    ASSERT_EQ(smmu_pmcg_read(dut.smmu(), tcu, GMPAM, 4, &now), SMMU_REG_OK);
    EXPECT_EQ(now, 0u);
}

TEST_F(PmcgMpam, RegistersAreRes0Without)
{
    const unsigned plain = add_tcu();
    write32(plain, GMPAM, 0xffff'ffff);
    EXPECT_EQ(read32(plain, GMPAM), 0u);
    write32(plain, EVTYPER, 0xffff'ffff);
    EXPECT_EQ(read32(plain, EVTYPER), 0xa000'ffffu);
    write32(tcu, EVTYPER, 0xffff'ffff);
    EXPECT_EQ(read32(tcu, EVTYPER), 0xa007'ffffu) << "FILTER_MPAM_SP has one bit without a ROOTCR";
}

// 10.5.2.4: SMR is a label or a StreamID, by EVTYPER.
TEST_F(PmcgMpam, SmrHasTwoForms)
{
    for (uint32_t filter : {FILTER_PARTID, FILTER_PMG}) {
        write32(tcu, EVTYPER + 4, filter);
        write32(tcu, SMR + 4, 0xffff'ffff);
        EXPECT_EQ(read32(tcu, SMR + 4), 0x00ff'ffffu);
    }
    write32(tcu, EVTYPER + 4, 0);
    EXPECT_EQ(read32(tcu, SMR + 4), 0xffffu) << "16 bits of StreamID";
    write32(tcu, SMR + 4, 0xffff'ffff);
    EXPECT_EQ(read32(tcu, SMR + 4), 0xffffu);
}

// --- messages (17.5) -----------------------------------------------------------------------------

class PmcgMpamMessages : public PmcgMpam {
  protected:
    using PmcgMpam::PmcgMpam;

    smmu_mpam message()
    {
        write64(tcu, IRQ_CFG0, 0x9'0000);
        write32(tcu, IRQ_CTRL, 1);
        count(tcu, 0, TRANSACTION);
        set_counter(tcu, 0, ~uint64_t{0});
        write64(tcu, INTENSET, 1);
        dut.mem.clear_log();
        dut.translate(5, va);
        smmu_run(dut.smmu());
        EXPECT_EQ(dut.mem.count(SMMU_FETCH_MSI), 1u);
        for (const mem_access &access : dut.mem.log())
            if (access.req.fetch == SMMU_FETCH_MSI)
                return access.req.mpam;
        return {};
    }
};

TEST_F(PmcgMpamMessages, HaveTheLabelOfTheirGmpam)
{
    write32(tcu, GMPAM, 0x8005'0034);
    const smmu_mpam mpam = message();
    EXPECT_EQ(mpam.partid, 0x34u);
    EXPECT_EQ(mpam.pmg, 5u);
    EXPECT_EQ(mpam.space, SMMU_SEC_NS);
}

TEST_F(PmcgMpamMessages, LabelThatIsTooLargeIsZero)
{
    write32(tcu, GMPAM, 0x8005'0035);
    const smmu_mpam mpam = message();
    EXPECT_EQ(mpam.partid, 0u);
    EXPECT_EQ(mpam.pmg, 5u);
}

// If the system has MPAM but the group has not, its messages have PARTID 0 and PMG 0 (10.5.2.13).
TEST_F(PmcgMpamMessages, HaveTheDefaultLabelWithoutMpam)
{
    tcu = add_tcu();
    const smmu_mpam mpam = message();
    EXPECT_EQ(mpam.partid, 0u);
    EXPECT_EQ(mpam.pmg, 0u);
}

class PmcgMpamOfAllBits : public PmcgMpamMessages {
  protected:
    static smmu_config all_bits()
    {
        smmu_config cfg = config(0xffff);
        cfg.pmg_max = 0xff;
        return cfg;
    }
    PmcgMpamOfAllBits() : PmcgMpamMessages(all_bits()) {}
};

TEST_F(PmcgMpamOfAllBits, MpamidrSaysTheLargest)
{
    EXPECT_EQ(read32(tcu, MPAMIDR), 0x00ff'ffffu);
}

// PO_PARTID [15:0], PO_PMG [23:16].
TEST_F(PmcgMpamOfAllBits, EachBitOfGmpamCounts)
{
    for (unsigned bit = 0; bit < 24; ++bit) {
        const uint32_t word = 1u << bit;
        write32(tcu, GMPAM, 0x8000'0000 | word);
        dut.invalidate_all(); // so that the TCU sees the transaction
        write64(tcu, PAGE1 + OVSCLR, 1);
        const smmu_mpam mpam = message();
        EXPECT_EQ(mpam.partid, word & 0xffff);
        EXPECT_EQ(mpam.pmg, word >> 16);
    }
}

// --- filters (10.4.3) ----------------------------------------------------------------------------

TEST_F(PmcgMpam, TransactionsAreCountedByTheirOutputLabel)
{
    for (unsigned group : {tcu, tbu}) {
        count_label(group, 0, TRANSACTION, FILTER_PARTID, 0x12, 0);
        count_label(group, 1, TRANSACTION, FILTER_PARTID, 0x20, 0);
        count_label(group, 2, TRANSACTION, FILTER_PMG, 0, 3);
        count_label(group, 3, TRANSACTION, FILTER_PARTID | FILTER_PMG, 0x12, 3);
        count_label(group, 4, TRANSACTION, FILTER_PARTID | FILTER_PMG, 0x12, 1);
        count_label(group, 5, TRANSACTION, FILTER_PARTID, 0x11, 0); // the STE's
    }
    dut.translate(5, va);
    dut.translate(6, va);
    dut.translate(6, va + 8);
    EXPECT_EQ(counted(tcu, 6), (counts{1, 1, 2, 1, 0, 0})) << "a micro TLB had the last one";
    EXPECT_EQ(counted(tbu, 6), (counts{1, 2, 3, 1, 0, 0}));
}

TEST_F(PmcgMpam, StreamIdsDoNotFilterThen)
{
    count_label(tbu, 0, TRANSACTION, FILTER_PARTID | SID_SPAN, 0x12, 0);
    dut.translate(5, va);
    EXPECT_EQ(counted(tbu, 1), (counts{1}));
}

TEST_F(PmcgMpam, TranslationEventsAreCountedByTheLabelOfTheAccess)
{
    count_label(tcu, 0, TLB_MISS, FILTER_PARTID, 0x12, 0);
    count_label(tcu, 1, TABLE_ACCESS, FILTER_PARTID, 0x12, 0);
    count_label(tcu, 2, CONFIG_ACCESS, FILTER_PARTID, 0x12, 0);
    count_label(tcu, 3, CONFIG_ACCESS, FILTER_PARTID, 0x11, 0);              // the CD
    count_label(tcu, 4, CONFIG_ACCESS, FILTER_PARTID | FILTER_PMG, 0x30, 2); // the STE
    count_label(tcu, 5, TLB_MISS, FILTER_PARTID, 0x11, 0);
    dut.translate(5, va);
    EXPECT_EQ(counted(tcu, 6), (counts{1, 4, 0, 1, 1, 0}));
}

TEST_F(PmcgMpam, MissesOfTheTbuAreCountedByTheOutputLabel)
{
    count_label(tbu, 0, TLB_MISS, FILTER_PARTID, 0x12, 0);
    count_label(tbu, 1, TLB_MISS, FILTER_PARTID, 0x13, 0);
    dut.translate(5, va);
    dut.translate(5, va);
    EXPECT_EQ(counted(tbu, 2), (counts{1, 0}));
}

// Event 3 of a TCU comes before there is a label: not filtered.
TEST_F(PmcgMpam, EventsWithoutALabelAreCountedUnfiltered)
{
    count_label(tcu, 0, CONFIG_MISS, FILTER_PARTID, 0x13, 0);
    count_label(tcu, 1, 0x90, FILTER_PARTID, 0x13, 0); // commands
    dut.translate(5, va);
    dut.submit(cfgi_all());
    EXPECT_EQ(counted(tcu, 2), (counts{1, 1}));
}

TEST_F(PmcgMpam, TerminatedTransactionsAreCountedByTheLabelThatTheyHadGot)
{
    count_label(tbu, 0, TRANSACTION, FILTER_PARTID, 0x12, 0);
    count_label(tbu, 1, TRANSACTION, FILTER_PARTID, 0, 0);
    dut.translate(5, hole);
    EXPECT_EQ(counted(tbu, 2), (counts{1, 0}));
    dut.translate(200, va); // its STE is not valid: the label is none yet, which counts as 0
    EXPECT_EQ(counted(tbu, 2), (counts{1, 1}));
}

TEST_F(PmcgMpam, StalledTransactionsAreCountedByTheirLabel)
{
    stream.context().s = 1;
    stream.publish();
    dut.invalidate_all();
    count_label(tbu, 0, TRANSACTION, FILTER_PARTID, 0x12, 0);
    count_label(tcu, 0, TRANSACTION, FILTER_PARTID, 0x12, 0);
    smmu_stall room{};
    ASSERT_EQ(dut.translate(room, 5, hole).outcome, SMMU_STALLED);
    EXPECT_EQ(counted(tbu, 1), (counts{1}));
    EXPECT_EQ(counted(tcu, 1), (counts{1}));
    dut.submit(cmd_stall_term(5));
}

TEST_F(PmcgMpam, AtsIsCountedByTheLabel)
{
    count_label(tcu, 0, ATS_REQUEST, FILTER_PARTID, 0x12, 0);
    count_label(tcu, 1, ATS_REQUEST, FILTER_PARTID, 0x11, 0);
    count_label(tcu, 2, TRANSACTION, FILTER_PARTID, 0x12, 0);
    count_label(tbu, 0, TRANSLATED, FILTER_PARTID, 0x22, 0);
    count_label(tbu, 1, TRANSLATED, FILTER_PARTID, 0x12, 0);
    dut.write32(0x13c, 0x8000'0022); // GBPMPAM: ATSCHK is 0
    smmu_ats_request request{};
    request.sid = 5;
    request.addr = va;
    EXPECT_TRUE(dut.ats_translate(request).r);
    dut.translate(5, pa, translated_read);
    EXPECT_EQ(counted(tcu, 3), (counts{1, 0, 1}));
    EXPECT_EQ(counted(tbu, 2), (counts{1, 0}));
}

// SID_FILTER_TYPE 1: the filter of counter 0 is that of all (10.5.2.13).
TEST_F(PmcgMpam, OneFilterServesAllCounters)
{
    const unsigned all = add([](smmu_pmcg_config &c) {
        filters(c);
        c.tbus = 1;
        c.sid_filter_all = true;
    });
    count_label(all, 0, TRANSACTION, FILTER_PARTID, 0x20, 0);
    count(all, 1, TLB_MISS);
    dut.translate(5, va);
    dut.translate(6, va);
    EXPECT_EQ(counted(all, 2), (counts{1, 1}));
}

// A value that no access can have counts nothing.
TEST_F(PmcgMpam, FilterBeyondTheLargestPartidCountsNothing)
{
    count_label(tbu, 0, TRANSACTION, FILTER_PARTID, 0x1012, 0);
    count_label(tbu, 1, TRANSACTION, FILTER_PMG, 0, 0x13);
    dut.translate(5, va);
    EXPECT_EQ(counted(tbu, 2), (counts{0, 0}));
}

// Retries are counted again, as without a filter (10.3); no transaction is counted twice.
TEST_F(PmcgMpam, EachTransactionIsCountedOnce)
{
    count_label(tbu, 0, TRANSACTION, FILTER_PARTID, 0x12, 0);
    count(tbu, 1, TRANSACTION);
    set_counter(tbu, 1, 0);
    for (unsigned i = 0; i < 5; ++i)
        dut.translate(5, va + 8 * i);
    EXPECT_EQ(counted(tbu, 2), (counts{5, 5}));
}

} // namespace
} // namespace pmcg_test::test_pmcg_mpam
