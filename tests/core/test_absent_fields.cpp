// SPDX-License-Identifier: Apache-2.0
// Fields of STEs and CDs that belong to features an SMMU does not have (IHI 0070 5.2, 5.4). A field
// that is RES0 or IGNORED without its feature changes nothing there: not an answer, attribute,
// fetch, record, response or ATS completion of any kind of stream. One that is ILLEGAL makes the
// structure so. Either is shown to matter with the feature. Numbers are those the sections print.
#include <sstream>

#include "core/absent_features.hpp"
#include "core/core_test.hpp"
#include "support/stage2.hpp"

using namespace support;

namespace test_absent_fields {
namespace {

enum structure { STE, CD };

// A value for the bits [lsb + width - 1 : lsb] of a structure.
struct bits {
    structure where;
    unsigned lsb, width;
    uint64_t value;
};

using bit_list = std::vector<bits>;

constexpr uint64_t va = 0x123000, read_only = 0x124000, unused = 0x125000, clean = 0x126000;
constexpr uint64_t own = 0x127000;        // of privileged accesses
constexpr uint64_t limited = 0x4000'0000; // by its table, unless HAD0 says otherwise
constexpr uint64_t ipa = 0x9000, high = 0xffff'ffff'ffff'0000, pbha = uint64_t{0xf} << 59;
constexpr uint64_t limited_high = 0xffff'0000'4000'0000; // the same of HAD1
constexpr uint64_t is_protected = uint64_t{1} << 52, assured_only = uint64_t{1} << 58;

// Four streams: stage 1, stage 2, both, neither; each is asked everything.
class scene {
  public:
    scene(absent::removal remove, const bit_list &base, const bit_list &changed)
        : dut(config(remove)), s1(dut, 1, 1), nested(dut, 3, 3), second(dut, 2), third(dut, 3)
    {
        bring_up_options options;
        options.strtab.log2size = 6;
        options.evtq_log2 = 12;
        options.priq_log2 = 0;
        options.cr0 = (dut.config().ats ? unsigned{reg::CR0_ATSCHK} : 0) |
                      (dut.config().pri ? unsigned{reg::CR0_PRIQEN} : 0);
        dut.bring_up(options);
        dut.write64(reg::S2PII, 0x70); // S2PII1, of plain pages: MRO-TL01
        map_stage1(s1);
        map_stage1(nested);
        map_stage2(second, {});
        map_stage2(third, {0b0001}); // Device: S2PTW tells the difference
        publish();
        for (const bit_list *list : {&base, &changed})
            for (const bits &b : *list)
                patch(b);
        dut.mem.clear_log();
    }

    // Everything that can be seen of the streams.
    std::string observe()
    {
        for (uint32_t sid = 1; sid <= 4; sid++)
            for (uint64_t at : {va, read_only, unused, clean, own, limited, limited_high, ipa, high,
                                va | uint64_t{0xab} << 56})
                access(sid, at);
        for (uint32_t sid = 1; sid <= 4; sid++)
            ask_ats(sid);
        for (uint32_t sid = 1; sid <= 4; sid++)
            ask_page(sid);
        for (const mem_access &a : dut.mem.log())
            out << "fetch " << unsigned{a.req.fetch} << ' ' << a.req.addr << ' '
                << unsigned{a.req.attr.mair} << ' ' << unsigned{a.req.attr.sh} << ' '
                << a.req.mpam.partid << ' ' << unsigned{a.req.mpam.pmg} << '\n';
        for (const auto &record : dut.pop_raw_events())
            out << "event " << record.word[0] << ' ' << record.word[1] << ' ' << record.word[2]
                << ' ' << record.word[3] << '\n';
        return out.str();
    }

    unsigned event_of(uint32_t sid) { return dut.translate(sid, va).event; }

  private:
    static smmu_config config(absent::removal remove)
    {
        smmu_config cfg = absent::without(absent::nothing);
        cfg.oas_bits = 48;
        cfg.sid_bits = 6;
        cfg.pps = false;
        remove(cfg);
        return cfg;
    }

    // A page of each kind, with PBHA bits where the descriptor has them.
    void map_stage1(stage1_stream &s)
    {
        leaf_attributes ro, unseen, dbm, priv;
        ro.ap = AP_ALL_RO;
        priv.ap = AP_PRIV_RW;
        unseen.af = 0;
        dbm.ap = AP_ALL_RO;
        dbm.dbm = 1;
        s.low.map(va, ipa);
        s.low.map(read_only, ipa, 3, ro);
        s.low.map(unused, ipa, 3, unseen);
        s.low.map(clean, ipa, 3, dbm);
        s.low.map(own, ipa, 3, priv);
        s.low.descriptor_address(limited, 3, {1, 1, 0b10, 0}); // PXNTable, UXNTable, APTable
        s.low.map(limited, ipa);
        s.low.set_descriptor(va, 3, s.low.descriptor(va, 3) | pbha);
        for (int level = 0; level < 4; ++level)
            s.low.set_descriptor(va, level, s.low.descriptor(va, level) | is_protected);
        s.high.descriptor_address(limited_high, 3, {1, 1, 0b10, 0});
        s.high.map(limited_high, ipa);
        s.high.map(high, ipa);
        s.high.set_descriptor(high, 3, s.high.descriptor(high, 3) | pbha);
    }

    void map_stage2(stage2 &s, const stage2_attributes &structures)
    {
        stage2_attributes plain, ro, unseen, dbm;
        ro.s2ap = dbm.s2ap = 0b01;
        unseen.af = 0;
        dbm.dbm = 1;
        dbm.memattr = 0b0110; // S2FWB gives it another meaning
        s.map_structures(structures);
        s.table.map(va, 0xa000, 3, plain);
        s.table.map(ipa, 0xa000, 3, plain);
        s.table.map(read_only, 0x1'0000'a000, 3, ro); // beyond the smallest S2PS
        s.table.map(unused, 0xa000, 3, unseen);
        s.table.map(clean, 0xa000, 3, dbm);
        s.table.set_descriptor(va, 3, s.table.descriptor(va, 3) | pbha | assured_only);
        s.table.set_descriptor(ipa, 3, s.table.descriptor(ipa, 3) | assured_only);
        const uint64_t cds = device_under_test::frames_base;
        s.table.set_descriptor(cds, 2, s.table.descriptor(cds, 2) | assured_only);
    }

    void publish()
    {
        s1.publish();
        nested.stream().config = STE_NESTED;
        third.apply(nested.stream());
        nested.publish();
        ste two, four;
        two.config = STE_S2_TRANS;
        second.apply(two);
        dut.set_ste(2, two);
        dut.set_ste(4, four);
    }

    void patch(const bits &b)
    {
        if (b.where == CD) {
            patch_at(s1.cd_address(), b);
            patch_at(nested.cd_address(), b);
            return;
        }
        for (uint32_t sid = 1; sid <= 4; sid++)
            patch_at(dut.ste_address(sid), b);
    }

    void patch_at(uint64_t structure, const bits &b)
    {
        const uint64_t at = structure + b.lsb / 64 * 8;
        const uint64_t mask = ones(b.width) << b.lsb % 64;
        dut.mem.store64(at, (dut.mem.load64(at) & ~mask) | (b.value << b.lsb % 64 & mask));
    }

    void say(const char *what, uint32_t sid, const smmu_result &r)
    {
        out << what << ' ' << sid << ": " << r.outcome << ' ' << unsigned{r.op} << ' '
            << unsigned{r.event} << ' ' << unsigned{r.perm} << ' ' << r.addr << ' '
            << unsigned{r.attr.mair} << ' ' << unsigned{r.attr.sh} << ' ' << r.instr << r.priv
            << ' ' << unsigned{r.pbha} << ' ' << r.tag.vmid << ' ' << r.tag.asid << ' '
            << unsigned{r.tag.world} << ' ' << r.mpam.partid << ' ' << unsigned{r.mpam.pmg} << '\n';
    }

    void access(uint32_t sid, uint64_t at)
    {
        client_access with_ssid = read_access;
        with_ssid.ssv = true;
        with_ssid.ssid = 1;
        for (const client_access &how :
             {read_access, read_access, instr_access, priv_read, priv_instr, with_ssid,
              translated_read, write_access, priv_write})
            say("access", sid, dut.translate(sid, at, how));
        for (smmu_op op : {SMMU_OP_READ_DESTRUCTIVE, SMMU_OP_WRITE_PREFETCH, SMMU_OP_PREFETCH}) {
            smmu_txn txn = device_under_test::transaction(
                sid, at, op == SMMU_OP_WRITE_PREFETCH ? write_access : read_access);
            txn.op = static_cast<uint8_t>(op);
            smmu_result result{};
            smmu_translate(dut.smmu(), &txn, &result);
            say("op", sid, result);
        }
    }

    void ask_ats(uint32_t sid)
    {
        smmu_ats_request request{};
        request.sid = sid;
        request.addr = va;
        const smmu_ats_completion c = dut.ats_translate(request);
        out << "ats " << sid << ": " << c.status << ' ' << c.addr << ' ' << c.r << c.w << '\n';
    }

    // The second request finds the queue full and gets an automatic response.
    void ask_page(uint32_t sid)
    {
        smmu_page_request request{};
        request.sid = sid;
        request.ssv = request.last = request.r = true;
        request.ssid = 1;
        dut.responses.clear();
        smmu_request_page(dut.smmu(), &request);
        smmu_request_page(dut.smmu(), &request);
        for (const smmu_prg_response &r : dut.responses)
            out << "response " << sid << ": " << unsigned{r.code} << ' ' << r.ssv << r.ssid << '\n';
    }

    device_under_test dut;
    stage1_stream s1, nested;
    stage2 second, third;
    std::ostringstream out;
};

std::string seen(absent::removal remove, const bit_list &base, const bit_list &changed)
{
    return scene(remove, base, changed).observe();
}

// --- fields that do not matter without their feature ---------------------------------------------

struct inert_row {
    const char *name;
    absent::removal remove;
    bit_list base;    // what makes the field matter
    bit_list changed; // the field
};

void PrintTo(const inert_row &row, std::ostream *out)
{
    *out << row.name;
}

void pps_too(smmu_config &c)
{
    c.pps = true;
}

const inert_row inert_rows[] = {
    {"S1Fmt", absent::substreams, {{STE, 59, 5, 6}, {STE, 64, 2, 2}}, {{STE, 4, 2, 1}}},
    {"S1CDMax", absent::substreams, {}, {{STE, 59, 5, 4}}},
    {"S1CDMax_out_of_range", absent::substreams, {}, {{STE, 59, 5, 31}}},
    {"S1DSS", absent::substreams, {{STE, 59, 5, 4}}, {{STE, 64, 2, 1}}},
    {"S2HWU", absent::pbha, {}, {{STE, 72, 4, 15}}},
    {"DRE", absent::operations, {}, {{STE, 76, 1, 1}}},
    {"DCP", absent::operations, {}, {{STE, 81, 1, 1}}},
    {"PPAR_of_PRI", absent::pri, {}, {{STE, 82, 1, 1}}},
    {"PPAR_of_substreams", absent::substreams, {}, {{STE, 82, 1, 1}}},
    {"PPAR_with_PPS", pps_too, {}, {{STE, 82, 1, 1}}},
    {"MEV", absent::merging, {}, {{STE, 83, 1, 1}}},
    {"S2FWB", absent::forced_write_back, {}, {{STE, 89, 1, 1}}},
    {"S2FWB_of_VMSAv8_32",
     absent::forced_write_back,
     {{STE, 166, 2, 1}, {STE, 179, 1, 0}},
     {{STE, 89, 1, 1}}},
    {"S2FWB_of_stage_2", absent::stage2, {}, {{STE, 89, 1, 1}}},
    {"S1MPAM", absent::mpam, {{CD, 352, 24, 0x020003}}, {{STE, 90, 1, 1}}},
    {"S1MPAM_of_stage_1", absent::stage1, {}, {{STE, 90, 1, 1}}},
    {"PARTID", absent::mpam, {}, {{STE, 272, 16, 3}}},
    {"PARTID_of_PARTID_MAX", absent::partids, {}, {{STE, 272, 16, 3}}},
    {"PMG", absent::mpam, {}, {{STE, 320, 8, 2}}},
    {"PMG_of_PMG_MAX", absent::pmgs, {}, {{STE, 320, 8, 2}}},
    {"VMSPtr", absent::mpam, {{STE, 90, 1, 1}}, {{STE, 332, 44, 0x12345}}},
    {"VMSPtr_of_PARTID_MAX", absent::partids, {{STE, 90, 1, 1}}, {{STE, 332, 44, 0x12345}}},
    {"VMSPtr_of_stage_1", absent::stage1, {{STE, 90, 1, 1}}, {{STE, 332, 44, 0x12345}}},
    {"VMSPtr_of_stage_2", absent::stage2, {{STE, 90, 1, 1}}, {{STE, 332, 44, 0x12345}}},
    {"VMSPtr_out_of_range", absent::mpam, {{STE, 90, 1, 1}}, {{STE, 332, 44, ones(44)}}},
    {"S1STALLD", absent::stage1, {{CD, 44, 1, 1}}, {{STE, 91, 1, 1}}},
    {"EATS_full", absent::ats, {}, {{STE, 92, 2, 1}}},
    {"EATS_full_with_S2S", absent::ats, {{STE, 185, 1, 1}}, {{STE, 92, 2, 1}}},
    {"EATS_split", absent::ats, {}, {{STE, 92, 2, 2}}},
    {"STRW_of_Hyp", absent::hyp, {}, {{STE, 94, 2, 2}}},
    {"STRW_reserved", absent::hyp, {}, {{STE, 94, 2, 3}}},
    {"STRW_of_stage_1", absent::stage1, {}, {{STE, 94, 2, 2}}},
    {"STRW_of_stage_2", absent::stage2, {}, {{STE, 94, 2, 2}}},
    {"MemAttr", absent::type_overrides, {{STE, 100, 1, 1}}, {{STE, 96, 4, 5}}},
    {"MTCFG", absent::type_overrides, {}, {{STE, 100, 1, 1}}},
    {"ALLOCCFG", absent::type_overrides, {}, {{STE, 101, 4, 8}}},
    {"SHCFG", absent::type_overrides, {}, {{STE, 108, 2, 2}}},
    {"PRIVCFG", absent::permission_overrides, {}, {{STE, 112, 2, 3}}},
    {"INSTCFG", absent::permission_overrides, {}, {{STE, 114, 2, 3}}},
    {"S2VMID", absent::stage2, {}, {{STE, 128, 16, 0xffff}}},
    {"S2T0SZ", absent::stage2, {}, {{STE, 160, 6, 63}}},
    {"S2SL0", absent::stage2, {}, {{STE, 166, 2, 3}}},
    {"S2IR0", absent::stage2, {}, {{STE, 168, 2, 0}}},
    {"S2OR0", absent::stage2, {}, {{STE, 170, 2, 0}}},
    {"S2SH0", absent::stage2, {}, {{STE, 172, 2, 0}}},
    {"S2TG", absent::stage2, {}, {{STE, 174, 2, 3}}},
    {"S2PS", absent::stage2, {}, {{STE, 176, 3, 0}}},
    {"S2AA64", absent::stage2, {}, {{STE, 179, 1, 0}}},
    {"S2ENDI", absent::stage2, {}, {{STE, 180, 1, 1}}},
    {"S2AFFD", absent::stage2, {}, {{STE, 181, 1, 1}}},
    {"S2PTW", absent::stage2, {}, {{STE, 182, 1, 1}}},
    {"S2HD", absent::stage2, {{STE, 184, 1, 1}}, {{STE, 183, 1, 1}}},
    {"S2HA", absent::stage2, {}, {{STE, 184, 1, 1}}},
    {"S2S", absent::stage2, {{STE, 186, 1, 0}}, {{STE, 185, 1, 1}}},
    {"S2R", absent::stage2, {}, {{STE, 186, 1, 0}}},
    {"S2SL0_2", absent::ds, {{STE, 195, 1, 1}}, {{STE, 194, 1, 1}}},
    {"S2SL0_2_of_stage_2", absent::stage2, {{STE, 195, 1, 1}}, {{STE, 194, 1, 1}}},
    {"S2DS", absent::ds, {}, {{STE, 195, 1, 1}}},
    {"S2DS_of_stage_2", absent::stage2, {}, {{STE, 195, 1, 1}}},
    {"S2TTB", absent::stage2, {}, {{STE, 196, 48, 0xffff'ffff'ffff}}},
    {"S2HWU_of_later_versions", absent::later_versions, {}, {{STE, 72, 4, 15}}},
    {"DRE_of_later_versions", absent::later_versions, {}, {{STE, 76, 1, 1}}},
    {"DCP_of_later_versions", absent::later_versions, {}, {{STE, 81, 1, 1}}},
    {"S2TTB_of_later_versions", absent::later_versions, {}, {{STE, 240, 4, 15}}},
    {"TTB0_of_later_versions", absent::later_versions, {}, {{CD, 112, 4, 15}}},
    {"TTB1_of_later_versions", absent::later_versions, {}, {{CD, 176, 4, 15}}},
    {"HAD0", absent::later_versions, {}, {{CD, 65, 1, 1}}},
    {"HAD1", absent::later_versions, {}, {{CD, 129, 1, 1}}},
    {"PARTID_of_CD", absent::mpam, {{STE, 90, 1, 1}}, {{CD, 352, 16, 3}}},
    {"PMG_of_CD", absent::mpam, {{STE, 90, 1, 1}}, {{CD, 368, 8, 2}}},
    {"PMG_of_CD_of_PMG_MAX", absent::pmgs, {{STE, 90, 1, 1}}, {{CD, 368, 8, 2}}},
    {"HWU0", absent::pbha, {{CD, 65, 1, 1}}, {{CD, 124, 4, 15}}},
    {"HWU1", absent::pbha, {{CD, 129, 1, 1}}, {{CD, 188, 4, 15}}},
    {"AIE", absent::aie, {}, {{CD, 131, 1, 1}}},
    {"HAFT", absent::table_updates, {{CD, 43, 1, 1}}, {{CD, 67, 1, 1}}},
    {"S2HAFT", absent::table_updates, {{STE, 184, 1, 1}}, {{STE, 187, 1, 1}}},
    {"S1PIE", absent::s1_indirections, {{CD, 187, 1, 1}}, {{STE, 88, 1, 1}}},
    {"PIE", absent::s1_indirections, {{STE, 88, 1, 1}}, {{CD, 187, 1, 1}}},
    {"PIIU",
     absent::s1_indirections,
     {{STE, 88, 1, 1}, {CD, 187, 1, 1}},
     {{CD, 384, 48, 0xffff'ffff'ffff}}},
    {"PIIP",
     absent::s1_indirections,
     {{STE, 88, 1, 1}, {CD, 187, 1, 1}},
     {{CD, 448, 48, 0xffff'ffff'ffff}}},
    {"S2PIE", absent::s2_indirections, {}, {{STE, 188, 1, 1}}},
    {"S2PIE_of_stage_2", absent::stage2, {}, {{STE, 188, 1, 1}}},
    {"S2POE", absent::overlays, {}, {{STE, 189, 1, 1}}},
    {"S2POI", absent::overlays, {{STE, 188, 2, 3}}, {{STE, 448, 64, 0x5555'5555'5555'5555}}},
    {"AssuredOnly", absent::hardening, {}, {{STE, 329, 1, 1}}},
    {"AssuredOnly_of_stage_1", absent::stage1, {}, {{STE, 329, 1, 1}}},
    {"TL0", absent::hardening, {}, {{STE, 330, 1, 1}}},
    {"TL1", absent::hardening, {}, {{STE, 331, 1, 1}}},
    {"PnCH", absent::hardening, {{STE, 188, 1, 1}, {STE, 329, 2, 3}}, {{CD, 122, 1, 1}}},
    {"EPAN", absent::epan, {{CD, 40, 1, 1}}, {{CD, 123, 1, 1}}},
    {"DS", absent::ds, {}, {{CD, 186, 1, 1}}},
    {"E0PD0", absent::closed_halves, {}, {{CD, 66, 1, 1}}},
    {"E0PD1", absent::closed_halves, {}, {{CD, 130, 1, 1}}},
};

class AbsentFields : public testing::TestWithParam<inert_row> {};

TEST_P(AbsentFields, ChangeNothing)
{
    const auto &row = GetParam();
    EXPECT_EQ(seen(row.remove, row.base, row.changed), seen(row.remove, row.base, {}));
    EXPECT_NE(seen(absent::nothing, row.base, row.changed), seen(absent::nothing, row.base, {}))
        << "with the feature it matters";
}

INSTANTIATE_TEST_SUITE_P(Fields, AbsentFields, testing::ValuesIn(inert_rows),
                         [](const auto &info) { return info.param.name; });

// Fields of features and versions that this SMMU never has, and those software keeps for itself.

struct reserved_row {
    const char *name;
    structure where;
    unsigned lsb, width;
};

void PrintTo(const reserved_row &row, std::ostream *out)
{
    *out << row.name;
}

const reserved_row reserved_rows[] = {
    {"STE_58_56", STE, 56, 3},
    {"CONT", STE, 77, 4},
    {"SW_RESERVED", STE, 84, 4},
    {"STE_107_105", STE, 105, 3},
    {"NSCFG", STE, 110, 2},
    {"STE_127_116", STE, 116, 12},
    {"STE_159_144", STE, 144, 16},
    {"DPT_VMATCH", STE, 190, 2},
    {"S2NSW", STE, 192, 1},
    {"S2NSA", STE, 193, 1},
    {"STE_247_244", STE, 244, 4},
    {"STE_252_248", STE, 248, 5},
    {"S2SKL", STE, 253, 2},
    {"STE_255", STE, 255, 1},
    {"STE_271_256", STE, 256, 16},
    {"Secure_stage_2", STE, 288, 32},
    {"MPAM_NS", STE, 328, 1},
    {"VMSPtr_without_S1MPAM", STE, 332, 44},
    {"STE_383_376", STE, 376, 8},
    {"S_S2TTB", STE, 384, 64},
    {"NSCFG0", CD, 64, 1},
    {"CD_119_116", CD, 116, 4},
    {"CD_121_120", CD, 120, 2},
    {"NSCFG1", CD, 128, 1},
    {"CD_183_180", CD, 180, 4},
    {"CD_185_184", CD, 184, 2},
    {"AMAIR", CD, 256, 64},
    {"CD_351_320", CD, 320, 32},
    {"PARTID_PMG_without_S1MPAM", CD, 352, 24},
    {"CD_383_376", CD, 376, 8},
    {"CD_447_432", CD, 432, 16},
    {"CD_511_496", CD, 496, 16},
    {"UWXN_of_VMSAv8_64", CD, 37, 1},
};

class ReservedFields : public testing::TestWithParam<reserved_row> {};

TEST_P(ReservedFields, ChangeNothing)
{
    const auto &row = GetParam();
    EXPECT_EQ(seen(absent::nothing, {}, {{row.where, row.lsb, row.width, ones(row.width)}}),
              seen(absent::nothing, {}, {}));
}

INSTANTIATE_TEST_SUITE_P(Fields, ReservedFields, testing::ValuesIn(reserved_rows),
                         [](const auto &info) { return info.param.name; });

TEST(ReservedEncodings, EatsOfDptIsNoAts) // 5.2, EATS
{
    EXPECT_EQ(seen(absent::nothing, {}, {{STE, 92, 2, 3}}), seen(absent::nothing, {}, {}));
}

// --- fields that are ILLEGAL without their feature -----------------------------------------------

struct illegal_row {
    const char *name;
    absent::removal remove;
    uint32_t sid;
    unsigned event;
    bit_list base, changed;
};

void PrintTo(const illegal_row &row, std::ostream *out)
{
    *out << row.name;
}

constexpr unsigned bad_ste = 0x04, bad_cd = 0x0a;

const illegal_row illegal_rows[] = {
    {"Config_of_stage_1", absent::stage1, 1, bad_ste, {}, {}},
    {"Config_of_stage_2", absent::stage2, 2, bad_ste, {}, {}},
    {"Config_of_both_without_1", absent::stage1, 3, bad_ste, {}, {}},
    {"Config_of_both_without_2", absent::stage2, 3, bad_ste, {}, {}},
    {"S1Fmt", absent::two_level_cds, 1, bad_ste, {{STE, 59, 5, 6}}, {{STE, 4, 2, 1}}},
    {"S1CDMax", absent::wide_ids, 1, bad_ste, {}, {{STE, 59, 5, 5}}},
    {"S1STALLD_without_stalls", absent::stalls, 1, bad_ste, {}, {{STE, 91, 1, 1}}},
    {"S1STALLD_with_stalls_only", absent::termination, 1, bad_ste, {}, {{STE, 91, 1, 1}}},
    {"EATS", absent::split_stage_ats, 3, bad_ste, {}, {{STE, 92, 2, 2}}},
    {"S2VMID", absent::vmid16, 2, bad_ste, {}, {{STE, 128, 16, 0x100}}},
    {"S2VMID_of_stage_1", absent::vmid16, 1, bad_ste, {}, {{STE, 128, 16, 0x100}}},
    {"S2TG_16K", absent::granule_16k, 2, bad_ste, {}, {{STE, 166, 2, 1}, {STE, 174, 2, 2}}},
    {"S2TG_64K", absent::granule_64k, 2, bad_ste, {}, {{STE, 166, 2, 1}, {STE, 174, 2, 1}}},
    {"S2AA64", absent::vmsa32, 2, bad_ste, {{STE, 166, 2, 1}}, {{STE, 179, 1, 0}}},
    {"S2ENDI_big", absent::big_endian, 2, bad_ste, {}, {{STE, 180, 1, 1}}},
    {"S2ENDI_little", absent::little_endian, 2, bad_ste, {}, {{STE, 180, 1, 0}}},
    {"S2HA", absent::updates, 2, bad_ste, {}, {{STE, 184, 1, 1}}},
    {"S2HD", absent::updates, 2, bad_ste, {}, {{STE, 183, 1, 1}}},
    {"S2HD_of_dirty_updates", absent::dirty_updates, 2, bad_ste, {}, {{STE, 183, 2, 3}}},
    {"S2S", absent::stalls, 2, bad_ste, {}, {{STE, 185, 1, 1}}},
    {"S2S_clear", absent::termination, 2, bad_ste, {}, {{STE, 185, 1, 0}}},
    {"T0SZ_small_table", absent::small_tables, 1, bad_cd, {}, {{CD, 0, 6, 40}}},
    {"T1SZ_small_table", absent::small_tables, 1, bad_cd, {}, {{CD, 16, 6, 48}}},
    {"S2T0SZ_small_table", absent::small_tables, 2, bad_ste, {}, {{STE, 160, 8, 40 | 0 << 6}}},
    {"S2SL0_small_table", absent::small_tables, 2, bad_ste, {}, {{STE, 160, 8, 39 | 3 << 6}}},
    {"T0SZ", absent::vax52, 1, bad_cd, {}, {{CD, 0, 8, 12 | 1 << 6}}},
    {"T1SZ", absent::vax52, 1, bad_cd, {}, {{CD, 16, 8, 12 | 3 << 6}}},
    {"T0SZ_of_4K", absent::ds, 1, bad_cd, {{CD, 186, 1, 1}}, {{CD, 0, 6, 12}}},
    {"TG0_16K", absent::granule_16k, 1, bad_cd, {}, {{CD, 6, 2, 2}}},
    {"TG0_64K", absent::granule_64k, 1, bad_cd, {}, {{CD, 6, 2, 1}}},
    {"TG1_16K", absent::granule_16k, 1, bad_cd, {}, {{CD, 22, 2, 1}}},
    {"TG1_64K", absent::granule_64k, 1, bad_cd, {}, {{CD, 22, 2, 3}}},
    {"ENDI_big", absent::big_endian, 1, bad_cd, {}, {{CD, 15, 1, 1}}},
    {"ENDI_little", absent::little_endian, 1, bad_cd, {}, {{CD, 15, 1, 0}}},
    {"AA64", absent::vmsa32, 1, bad_cd, {}, {{CD, 41, 1, 0}}},
    {"HD", absent::updates, 1, bad_cd, {}, {{CD, 42, 1, 1}}},
    {"HD_of_dirty_updates", absent::dirty_updates, 1, bad_cd, {}, {{CD, 42, 2, 3}}},
    {"HA", absent::updates, 1, bad_cd, {}, {{CD, 43, 1, 1}}},
    {"S", absent::stalls, 1, bad_cd, {}, {{CD, 44, 1, 1}}},
    {"S_clear", absent::termination, 1, bad_cd, {}, {{CD, 44, 1, 0}}},
    {"A_clear", absent::razwi, 1, bad_cd, {}, {{CD, 46, 1, 0}}},
    {"ASID", absent::asid16, 1, bad_cd, {}, {{CD, 48, 16, 0x100}}},
};

class IllegalWithoutFeature : public testing::TestWithParam<illegal_row> {};

TEST_P(IllegalWithoutFeature, MakesTheStructureSo)
{
    const auto &row = GetParam();
    EXPECT_EQ(scene(row.remove, row.base, row.changed).event_of(row.sid), row.event);
    const unsigned with = scene(absent::nothing, row.base, row.changed).event_of(row.sid);
    EXPECT_NE(with, bad_ste);
    EXPECT_NE(with, bad_cd);
}

INSTANTIATE_TEST_SUITE_P(Fields, IllegalWithoutFeature, testing::ValuesIn(illegal_rows),
                         [](const auto &info) { return info.param.name; });

} // namespace
} // namespace test_absent_fields
