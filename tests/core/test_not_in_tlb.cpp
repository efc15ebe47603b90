// SPDX-License-Identifier: Apache-2.0
// STE and CD fields that TLBs may not hold: all that IHI 0070 5.2.1 and 5.4.1 do not list. Once the
// structure is invalidated a new value counts, though every translation is still cached.
#include "core/ats_test.hpp"
#include "core/nested_test.hpp"

using namespace support;

namespace test_not_in_tlb {
namespace {

smmu_config with_pbha()
{
    smmu_config cfg = smmu_config_default();
    cfg.pbha = true;
    return cfg;
}

// Streams 6 and 7 with PBHA bits in the descriptors of both stages; a page that is not mapped, and
// one that stream 6 can only read.
class NotInTlb : public NestedTest {
  protected:
    NotInTlb() : NestedTest(with_pbha())
    {
        stage1.high.map(high_va, ipa);
        for (auto *s : {&second.table, &third.table})
            set_bits(*s, ipa, 3);
        stage2_attributes readable;
        readable.s2ap = 1;
        second.table.map(read_only, pa, 3, readable);
        set_bits(stage1.low, va, 6);
        set_bits(stage1.high, high_va, 12);
        stage1.context().had0 = stage1.context().had1 = 1;
        stage1.stream().s1dss = 2;
        entry.eats = stage1.stream().eats = 0;
        publish();
    }

    static void set_bits(translation_table &table, uint64_t at, uint64_t bits)
    {
        table.set_descriptor(at, 3, table.descriptor(at, 3) | bits << 59);
    }

    static std::string outcome(const smmu_result &result)
    {
        static const char *const names[] = {"forward", "abort", "razwi", "stall"};
        const char *event = result.event != 0 ? smmu_event_name(result.event) : "";
        return std::string(names[result.outcome]) + " " + event;
    }

  public:
    // What a test looks at.
    std::string pbha(uint32_t sid, uint64_t at)
    {
        return std::to_string(dut.translate(sid, at).pbha);
    }
    std::string access(uint32_t sid, uint64_t at, const client_access &how = read_access)
    {
        const std::string text = outcome(dut.translate(sid, at, how));
        return text + (dut.pop_events().empty() ? "" : " recorded");
    }
    std::string stalling_access(uint32_t sid, uint64_t at)
    {
        std::string text = outcome(dut.translate(room, sid, at));
        dut.submit(cmd_stall_term(sid));
        dut.pop_events();
        return text;
    }
    std::string attributes(uint32_t sid, uint64_t at)
    {
        smmu_txn txn = device_under_test::transaction(sid, at, read_access);
        txn.attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_NON};
        smmu_result result;
        smmu_translate(dut.smmu(), &txn, &result);
        return std::to_string(result.attr.mair) + " " + std::to_string(result.attr.sh);
    }
    std::string rights(uint32_t sid, uint64_t at)
    {
        const smmu_result result = dut.translate(sid, at);
        return std::string(result.priv ? "privileged " : "user ") +
               (result.instr ? "instruction" : "data");
    }
    std::string operation(smmu_op op, bool write)
    {
        smmu_txn txn = device_under_test::transaction(alone, ipa, {write});
        txn.op = static_cast<uint8_t>(op);
        txn.attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_INNER};
        smmu_result result;
        smmu_translate(dut.smmu(), &txn, &result);
        return std::to_string(result.op);
    }
    std::string ats() { return std::to_string(dut.ats_translate(ats_request(nested, va)).status); }
    std::string cd_fetch()
    {
        dut.mem.clear_log();
        dut.translate(nested, va);
        for (const mem_access &a : dut.mem.log())
            if (a.req.fetch == SMMU_FETCH_CD)
                return std::to_string(a.req.attr.mair) + " " + std::to_string(a.req.attr.sh);
        return "none";
    }
    std::string faults_in_a_row()
    {
        for (unsigned i = 0; i < 2; ++i)
            dut.translate(alone, read_only, write_access);
        return std::to_string(dut.pop_events().size());
    }

    static constexpr uint64_t high_va = va | 0xffff'0000'0000'0000;
    static constexpr uint64_t missing = ipa + 0x1000;
    static constexpr uint64_t read_only = ipa + 0x2000;
    static constexpr client_access substream0{false, false, false, true, 0, false};
    using NestedTest::alone;
    using NestedTest::ipa;
    using NestedTest::nested;
    using NestedTest::va;
    smmu_stall room{};
};

using Look = std::string (*)(NotInTlb &t);

// What software changes.
struct edit {
    ste &alone, &nested;
    cd &context;
};

struct field {
    const char *name;
    void (*change)(edit e);
    Look look;
    const char *before, *after;
};

void PrintTo(const field &f, std::ostream *out)
{
    *out << f.name;
}

class NotInTlbField : public NotInTlb, public testing::WithParamInterface<field> {};

TEST_P(NotInTlbField, CountsWithoutTlbInvalidation)
{
    const field &f = GetParam();
    for (uint64_t at : {va, high_va})
        dut.translate(nested, at);
    dut.translate(alone, ipa);
    EXPECT_EQ(f.look(*this), f.before);
    EXPECT_EQ(f.look(*this), f.before) << "from the caches as well";
    f.change({entry, stage1.stream(), stage1.context()});
    dut.set_ste(alone, entry);
    stage1.publish();
    const uint64_t fetches = stats().ttd_fetches;
    dut.submit(cfgi_ste(alone));
    dut.submit(cfgi_ste(nested));
    const std::string after = f.look(*this);
    EXPECT_EQ(after, f.after);
    if (after.find("F_TRANSLATION") == std::string::npos) {
        dut.translate(alone, ipa);
        EXPECT_EQ(stats().ttd_fetches, fetches) << "translations were cached all the time";
    }
}

using T = NotInTlb;

const field fields[] = {
    // CD (5.4.1)
    {"Hwu0", [](edit e) { e.context.hwu0 = 15; }, [](T &t) { return t.pbha(T::nested, T::va); },
     "0", "6"},
    {"Hwu1", [](edit e) { e.context.hwu1 = 7; }, [](T &t) { return t.pbha(T::nested, T::high_va); },
     "0", "4"},
    {"A", [](edit e) { e.context.a = 0; }, [](T &t) { return t.access(T::nested, T::missing); },
     "abort F_TRANSLATION recorded", "razwi F_TRANSLATION recorded"},
    {"R", [](edit e) { e.context.r = 0; }, [](T &t) { return t.access(T::nested, T::missing); },
     "abort F_TRANSLATION recorded", "abort F_TRANSLATION"},
    {"S", [](edit e) { e.context.s = 1; },
     [](T &t) { return t.stalling_access(T::nested, T::missing); }, "abort F_TRANSLATION",
     "stall F_TRANSLATION"},
    {"CdV", [](edit e) { e.context.v = 0; }, [](T &t) { return t.access(T::nested, T::va); },
     "forward ", "abort C_BAD_CD recorded"},
    // STE (5.2.1)
    {"V", [](edit e) { e.alone.v = 0; }, [](T &t) { return t.access(T::alone, T::ipa); },
     "forward ", "abort C_BAD_STE recorded"},
    {"ConfigAbort", [](edit e) { e.alone.config = STE_ABORT; },
     [](T &t) { return t.access(T::alone, T::ipa); }, "forward ", "abort "},
    {"ConfigBypass", [](edit e) { e.alone.config = STE_BYPASS; },
     [](T &t) { return t.access(T::alone, T::missing); }, "abort F_TRANSLATION recorded",
     "forward "},
    {"ConfigWithoutStage1", [](edit e) { e.nested.config = STE_S2_TRANS; },
     [](T &t) { return t.access(T::nested, T::ipa); }, "abort F_TRANSLATION recorded", "forward "},
    {"S1CdMax", [](edit e) { e.nested.s1cdmax = 1; },
     [](T &t) { return t.access(T::nested, T::va, T::substream0); },
     "abort C_BAD_SUBSTREAMID recorded", "abort F_STREAM_DISABLED recorded"},
    {"S1Dss", [](edit e) { e.nested.s1cdmax = 1, e.nested.s1dss = 0; },
     [](T &t) { return t.access(T::nested, T::va); }, "forward ",
     "abort F_STREAM_DISABLED recorded"},
    {"S1Fmt", [](edit e) { e.nested.s1cdmax = 1, e.nested.s1fmt = 1; },
     [](T &t) { return t.access(T::nested, T::va); }, "forward ",
     "abort C_BAD_SUBSTREAMID recorded"},
    {"S1ContextPtr", [](edit e) { e.nested.s1contextptr += 1 << 20, e.context.v = 0; },
     [](T &t) { return t.access(T::nested, T::va); }, "forward ", "abort C_BAD_CD recorded"},
    {"S1Cir", [](edit e) { e.nested.s1cir = 1; }, [](T &t) { return t.cd_fetch(); }, "none",
     "78 3"},
    {"S1Cor", [](edit e) { e.nested.s1cor = 1; }, [](T &t) { return t.cd_fetch(); }, "none",
     "228 3"},
    {"S1Csh", [](edit e) { e.nested.s1cir = 1, e.nested.s1csh = 2; },
     [](T &t) { return t.cd_fetch(); }, "none", "78 2"},
    {"S1StallD", [](edit e) { e.nested.s1stalld = 1, e.context.s = 1; },
     [](T &t) { return t.access(T::nested, T::va); }, "forward ", "abort C_BAD_CD recorded"},
    {"S2Hwu", [](edit e) { e.alone.s2hwu = 14; }, [](T &t) { return t.pbha(T::alone, T::ipa); },
     "0", "2"},
    {"S2HwuOfNested", [](edit e) { e.nested.s2hwu = 1; },
     [](T &t) { return t.pbha(T::nested, T::va); }, "0", "1"},
    {"S2S", [](edit e) { e.alone.s2s = 1; },
     [](T &t) { return t.stalling_access(T::alone, T::missing); }, "abort F_TRANSLATION",
     "stall F_TRANSLATION"},
    {"S2R", [](edit e) { e.alone.s2r = 0; }, [](T &t) { return t.access(T::alone, T::missing); },
     "abort F_TRANSLATION recorded", "abort F_TRANSLATION"},
    {"Dre", [](edit e) { e.alone.dre = 1; },
     [](T &t) { return t.operation(SMMU_OP_READ_DESTRUCTIVE, false); }, "1", "2"},
    {"Dcp", [](edit e) { e.alone.dcp = 1; },
     [](T &t) { return t.operation(SMMU_OP_WRITE_PREFETCH, true); }, "0", "3"},
    {"Mev", [](edit e) { e.alone.mev = 1; }, [](T &t) { return t.faults_in_a_row(); }, "2", "1"},
    {"Eats", [](edit e) { e.nested.eats = 1; }, [](T &t) { return t.ats(); }, "1", "0"},
    {"MemAttr", [](edit e) { e.alone.mtcfg = 1, e.alone.memattr = 5; },
     [](T &t) { return t.attributes(T::alone, T::ipa); }, "255 3", "68 2"},
    {"ShCfg", [](edit e) { e.alone.shcfg = 2; },
     [](T &t) { return t.attributes(T::alone, T::ipa); }, "255 3", "255 2"},
    {"AllocCfg", [](edit e) { e.alone.alloccfg = 8; },
     [](T &t) { return t.attributes(T::alone, T::ipa); }, "255 3", "204 3"},
    {"PrivCfg", [](edit e) { e.alone.privcfg = 3; },
     [](T &t) { return t.rights(T::alone, T::ipa); }, "user data", "privileged data"},
    {"InstCfg", [](edit e) { e.alone.instcfg = 3; },
     [](T &t) { return t.rights(T::alone, T::ipa); }, "user data", "user instruction"},
};

INSTANTIATE_TEST_SUITE_P(All, NotInTlbField, testing::ValuesIn(fields),
                         [](const auto &info) { return info.param.name; });

// StreamWorld tags translations: those of another are not found (5.2.1).
TEST_F(StreamTest, ChangedStreamWorldDoesNotFindTranslationsOfTheOther)
{
    stream.low.map(0x4000, 0x70000000);
    expect_forward(dut.translate(sid, 0x4000), 0x70000000);
    stream.low.map(0x4000, 0x80000000);
    stream.stream().strw = 2;
    stream.publish();
    dut.submit(cfgi_ste(sid));
    expect_forward(dut.translate(sid, 0x4000), 0x80000000);
    stream.stream().strw = 0;
    stream.publish();
    dut.submit(cfgi_ste(sid));
    expect_forward(dut.translate(sid, 0x4000), 0x70000000);
}

} // namespace
} // namespace test_not_in_tlb
