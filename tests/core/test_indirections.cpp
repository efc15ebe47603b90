// SPDX-License-Identifier: Apache-2.0
// Permission indirections of both stages, and overlays (IHI 0070 3.26, 5.2, 5.4, 6.3.17): where the
// fields are, what switches them on, what is ILLEGAL, what caches hold, and the dirty state.
// Structures are patched by the bit numbers of the sections.
#include "core/nested_test.hpp"

using namespace support;

namespace test_indirections {
namespace {

smmu_config with_indirections()
{
    smmu_config cfg = smmu_config_default();
    cfg.s1pi = cfg.s2pi = cfg.s2po = true;
    return cfg;
}

constexpr uint64_t bit(unsigned n)
{
    return uint64_t{1} << n;
}

// PIIndex 13: bits 54, 53 and 6.
constexpr uint64_t index_13 = bit(54) | bit(53) | bit(6), index_bits = index_13 | bit(51);
constexpr uint64_t bit7 = bit(7); // nDirty, or Dirty

class Indirections : public NestedTest {
  protected:
    explicit Indirections(const smmu_config &cfg = with_indirections()) : NestedTest(cfg) {}

    static void patch(memory &mem, uint64_t structure, unsigned lsb, unsigned width, uint64_t value)
    {
        const uint64_t at = structure + lsb / 64 * 8, mask = ones(width) << lsb % 64;
        mem.store64(at, (mem.load64(at) & ~mask) | (value << lsb % 64 & mask));
    }

    void patch_ste(uint32_t sid, unsigned lsb, unsigned width, uint64_t value)
    {
        patch(dut.mem, dut.ste_address(sid), lsb, width, value);
        dut.invalidate_all();
    }

    void patch_cd(unsigned lsb, unsigned width, uint64_t value)
    {
        patch(dut.mem, stage1.cd_address(), lsb, width, value);
        dut.invalidate_all();
    }

    // What a stream can do at an address, by trying it, unprivileged or privileged.
    std::string tried(uint32_t sid, uint64_t at, bool priv)
    {
        const client_access all[2][3] = {{read_access, write_access, instr_access},
                                         {priv_read, priv_write, priv_instr}};
        std::string out;
        for (unsigned i = 0; i < 3; ++i) {
            const smmu_result result = dut.translate(sid, at, all[priv ? 1 : 0][i]);
            const bool forwarded = result.outcome == SMMU_FORWARD;
            out += forwarded ? "rwx"[i] : '-';
            EXPECT_EQ(result.event, forwarded ? 0u : unsigned{F_PERMISSION});
        }
        dut.pop_events();
        return out;
    }

    static void with_bits(translation_table &table, uint64_t at, uint64_t set, uint64_t mask)
    {
        table.set_descriptor(at, 3, (table.descriptor(at, 3) & ~mask) | set);
    }
};

// --- stage 1 ------------------------------------------------------------------------------------

class Stage1Indirections : public Indirections {
  protected:
    explicit Stage1Indirections(const smmu_config &cfg = with_indirections()) : Indirections(cfg)
    {
        stage1.stream().config = STE_S1_TRANS;
        publish();
        stage1.low.map(va, pa);
        with_bits(stage1.low, va, index_13, index_bits | bit7);
        patch_ste(nested, 88, 1, 1);
        patch_cd(187, 1, 1);
        patch_cd(384 + 3 * 13, 3, 0b001); // PIIU13: read
        patch_cd(448 + 3 * 13, 3, 0b101); // PIIP13: read and write
    }

    std::string rights() { return tried(nested, va, false) + ' ' + tried(nested, va, true); }
};

TEST_F(Stage1Indirections, AreInTheCd)
{
    EXPECT_EQ(rights(), "r-- rw-");
    patch_cd(384 + 3 * 13, 3, 0b010);
    patch_cd(448 + 3 * 13, 3, 0b111);
    EXPECT_EQ(rights(), "--x rwx");
    with_bits(stage1.low, va, 0, index_bits); // index 0
    dut.invalidate_all();
    EXPECT_EQ(rights(), "--- ---");
}

// The table of 3.26.1. With Direct permissions bits 54, 53 and 6 are UXN, PXN and AP[1].
TEST_F(Stage1Indirections, NeedBothStructures)
{
    patch_ste(nested, 88, 1, 0);
    EXPECT_EQ(rights(), "rw- rw-");
    patch_cd(187, 1, 0);
    EXPECT_EQ(rights(), "rw- rw-");
    patch_ste(nested, 88, 1, 1);
    EXPECT_EQ(rights(), "rw- rw-");
    patch_cd(187, 1, 1);
    EXPECT_EQ(rights(), "r-- rw-");
}

TEST_F(Stage1Indirections, AreNoMatterOfWxnAndTables)
{
    patch_cd(384 + 3 * 13, 3, 0);
    patch_cd(448 + 3 * 13, 3, 0b111);
    patch_cd(36, 1, 1); // WXN
    EXPECT_EQ(rights(), "--- rwx");
    const uint64_t table = stage1.low.descriptor(va, 2);
    stage1.low.set_descriptor(va, 2, table | uint64_t{0xf} << 59); // APTable, UXNTable, PXNTable
    dut.invalidate_all();
    EXPECT_EQ(rights(), "--- rwx");
}

TEST_F(Stage1Indirections, PanCountsAnyUnprivilegedRight)
{
    patch_cd(384 + 3 * 13, 3, 0b010); // execution alone
    patch_cd(448 + 3 * 13, 3, 0b111);
    patch_cd(40, 1, 1);
    EXPECT_EQ(rights(), "--x --x");
    patch_cd(384 + 3 * 13, 3, 0);
    EXPECT_EQ(rights(), "--- rwx");
}

// 5.4.2.
TEST_F(Stage1Indirections, OfReservedCodesAreIllegal)
{
    for (const unsigned field : {384u, 448u})
        for (const unsigned code : {0b100u, 0b110u}) {
            patch_cd(field + 3 * 5, 3, code);
            expect_abort(dut.translate(nested, va), C_BAD_CD);
            patch_cd(field + 3 * 5, 3, 0);
        }
    EXPECT_EQ(rights(), "r-- rw-");
}

TEST_F(Stage1Indirections, ThatExecuteWhatOthersWriteAreIllegal)
{
    patch_cd(384 + 3 * 15, 3, 0b101);
    EXPECT_EQ(rights(), "r-- rw-");
    patch_cd(448 + 3 * 15, 3, 0b010);
    expect_abort(dut.translate(nested, va), C_BAD_CD);
    patch_cd(187, 1, 0);
    EXPECT_EQ(rights(), "rw- rw-") << "RES0 where they are off";
}

// 5.4, PIIU: RES0 in the EL2 regime, where all accesses are privileged.
TEST_F(Stage1Indirections, OfEl2HaveNoUnprivilegedOnes)
{
    patch_ste(nested, 94, 2, 2); // STRW
    patch_cd(384, 48, 0x9249'2492'4924);
    patch_cd(448, 48, 0);
    patch_cd(448 + 3 * 13, 3, 0b111);
    patch_cd(40, 1, 1); // PAN
    EXPECT_EQ(rights(), "rwx rwx");
}

// 3.13.3.2.
TEST_F(Stage1Indirections, HaveADirtyStateOfSoftware)
{
    with_bits(stage1.low, va, bit7, bit7);
    const uint64_t before = stage1.low.descriptor(va, 3);
    EXPECT_EQ(rights(), "r-- r--");
    EXPECT_EQ(stage1.low.descriptor(va, 3), before);
    with_bits(stage1.low, va, 0, bit7);
    dut.invalidate_all();
    EXPECT_EQ(rights(), "r-- rw-");
}

TEST_F(Stage1Indirections, HaveADirtyStateOfHardware)
{
    patch_cd(42, 2, 3); // HD, HA
    with_bits(stage1.low, va, bit7, bit7);
    const uint64_t before = stage1.low.descriptor(va, 3);
    EXPECT_EQ(tried(nested, va, false), "r--");
    EXPECT_EQ(stage1.low.descriptor(va, 3), before) << "unprivileged accesses may not write";
    expect_forward(dut.translate(nested, va, priv_write), pa);
    EXPECT_EQ(stage1.low.descriptor(va, 3), before & ~bit7);
    EXPECT_EQ(rights(), "r-- rw-");
}

// --- stage 2 ------------------------------------------------------------------------------------

// S2PII13 is 0b1001, S2PII1 all, of which the structures are. Plain pages have PIIndex 1.
class Stage2Indirections : public Indirections {
  protected:
    explicit Stage2Indirections(const smmu_config &cfg = with_indirections()) : Indirections(cfg)
    {
        dut.write64(reg::S2PII, uint64_t{0b1001} << 4 * 13 | 0xf0);
        stage1.low.map(va, ipa);
        for (stage2 *s : {&second, &third})
            with_bits(s->table, ipa, index_13 | bit7, index_bits);
        for (const uint32_t sid : {alone, nested})
            patch_ste(sid, 188, 1, 1);
    }

    std::string rights() { return tried(alone, ipa, false) + ' ' + tried(alone, ipa, true); }

    void write_s2pii13(unsigned code)
    {
        dut.write64(reg::S2PII, uint64_t{code} << 4 * 13 | 0xf0);
        dut.submit(tlbi_nsnh_all());
    }
};

TEST_F(Stage2Indirections, AreInARegister)
{
    EXPECT_EQ(dut.read64(0x30), uint64_t{0b1001} << 52 | 0xf0);
    EXPECT_EQ(rights(), "r-x r--");
    EXPECT_EQ(tried(nested, va, false), "r-x");
    EXPECT_EQ(tried(nested, va, true), "r--");
    patch_ste(alone, 188, 1, 0);
    EXPECT_EQ(rights(), "rw- rwx") << "XN[1:0] 0b11, S2AP 0b11";
}

// 6.3.17: S2PII<p> is [4p+3:4p], and PIIndex of a leaf 54, 53, 51 and 6 (DDI 0487 D8.3.1).
TEST_F(Stage2Indirections, HaveFourBitsEach)
{
    for (uint64_t p = 0; p < 16; ++p) {
        const uint64_t index =
            (p >> 3) << 54 | (p >> 2 & 1) << 53 | (p >> 1 & 1) << 51 | (p & 1) << 6;
        with_bits(second.table, ipa, index | bit7, index_bits);
        dut.write64(0x30, uint64_t{0b1001} << 4 * p);
        dut.submit(tlbi_nsnh_all());
        EXPECT_EQ(rights(), "r-x r--") << p;
        dut.write64(0x30, uint64_t{0b1110} << 4 * p);
        dut.submit(tlbi_nsnh_all());
        EXPECT_EQ(rights(), "rw- rwx") << p;
    }
}

// 6.3.17: what is cached of it is so in a TLB.
TEST_F(Stage2Indirections, ChangeWithTheRegisterWhenTlbsForget)
{
    EXPECT_EQ(rights(), "r-x r--");
    dut.write64(reg::S2PII, uint64_t{0b1110} << 52 | 0xf0);
    EXPECT_EQ(rights(), "r-x r--") << "cached";
    dut.submit(tlbi_nsnh_all());
    EXPECT_EQ(rights(), "rw- rwx");
}

TEST_F(Stage2Indirections, HaveTheirDirtyState)
{
    write_s2pii13(0b1100);
    with_bits(second.table, ipa, 0, bit7);
    const uint64_t before = second.table.descriptor(ipa, 3);
    EXPECT_EQ(rights(), "r-- r--");
    patch_ste(alone, 183, 2, 3); // S2HD, S2HA
    EXPECT_EQ(tried(alone, ipa, false), "rw-");
    EXPECT_EQ(second.table.descriptor(ipa, 3), before | bit7);
}

// Table D8-80: hardware updates stage 1 descriptors that clients cannot write.
TEST_F(Stage2Indirections, OfMroPermitUpdatesOfDescriptors)
{
    const uint64_t at = stage1.low.descriptor_address(va, 3);
    const uint64_t block = third.table.descriptor(at, 2);
    third.table.set_descriptor(at, 2, (block & ~index_bits) | index_13);
    patch_cd(43, 1, 1);                                     // HA
    with_bits(third.table, ipa, bit(6) | bit7, index_bits); // index 1, as structures have
    with_bits(stage1.low, va, 0, bit(10));
    write_s2pii13(0b1000); // RO
    expect_abort(dut.translate(nested, va), F_PERMISSION);
    dut.pop_events();
    write_s2pii13(0b0010); // MRO
    expect_forward(dut.translate(nested, va), pa);
    EXPECT_NE(stage1.low.descriptor(va, 3) & bit(10), 0u);
    expect_abort(dut.translate(alone, ipa, write_access), F_PERMISSION);
    write_s2pii13(0b0100); // WO: tables cannot be read
    expect_abort(dut.translate(nested, va), F_PERMISSION);
}

TEST_F(Stage2Indirections, OfMroAreNotMadeDirtyByClients)
{
    patch_ste(alone, 183, 2, 3);
    with_bits(second.table, ipa, 0, bit7);
    const uint64_t before = second.table.descriptor(ipa, 3);
    write_s2pii13(0b0010);
    EXPECT_EQ(rights(), "r-- r--");
    EXPECT_EQ(second.table.descriptor(ipa, 3), before);
}

TEST_F(Stage2Indirections, AreIllegalOfVmsa32)
{
    patch_ste(alone, 179, 1, 0);
    patch_ste(alone, 166, 2, 1);
    expect_abort(dut.translate(alone, ipa), C_BAD_STE);
}

TEST(Stage2IndirectionsRegister, IsRes0WithoutThem)
{
    device_under_test dut;
    dut.write64(0x30, ones(64));
    EXPECT_EQ(dut.read64(0x30), 0u);
}

// --- overlays -----------------------------------------------------------------------------------

// Stream 8 is one of VMID 6 too, with an overlay of its own. POIndex of the page is 10.
class Overlays : public Stage2Indirections {
  protected:
    explicit Overlays(const smmu_config &cfg = with_indirections()) : Stage2Indirections(cfg)
    {
        write_s2pii13(0b1111);
        for (stage2 *s : {&second, &third})
            with_bits(s->table, ipa, uint64_t{10} << 59, uint64_t{15} << 59);
        ste other = entry;
        dut.set_ste(sibling, other);
        patch_ste(sibling, 188, 1, 1);
        for (const uint32_t sid : {alone, sibling, nested}) {
            patch_ste(sid, 448, 4, 0b1111);
            patch_ste(sid, 189, 1, 1);
        }
        overlay(alone, 0b1001);
        overlay(sibling, 0b1110);
        overlay(nested, 0b1000);
    }

    void overlay(uint32_t sid, unsigned code) { patch_ste(sid, 448 + 4 * 10, 4, code); }

    static constexpr uint32_t sibling = 8;
};

TEST_F(Overlays, TakeRightsAway)
{
    EXPECT_EQ(rights(), "r-x r--");
    EXPECT_EQ(tried(sibling, ipa, false), "rw-");
    EXPECT_EQ(tried(sibling, ipa, true), "rwx");
    EXPECT_EQ(tried(nested, va, true), "r--");
    overlay(alone, 0b0000);
    EXPECT_EQ(rights(), "--- ---");
    patch_ste(alone, 189, 1, 0);
    EXPECT_EQ(rights(), "rwx rwx");
}

TEST_F(Overlays, GiveNone)
{
    write_s2pii13(0b0010);
    overlay(alone, 0b1111);
    EXPECT_EQ(rights(), "r-- r--");
}

// 5.2, S2POI: what translates an output address of stage 1, or an IPA of a client, is not cached.
TEST_F(Overlays, AreNotCachedWithTranslations)
{
    EXPECT_EQ(tried(sibling, ipa, true), "rwx"); // fills the TLB of the VMID
    dut.mem.clear_log();
    EXPECT_EQ(tried(alone, ipa, true), "r--");
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD), 0u);
    EXPECT_EQ(tried(sibling, ipa, true), "rwx");

    EXPECT_EQ(tried(nested, va, true), "r--");
    patch(dut.mem, dut.ste_address(nested), 448 + 4 * 10, 4, 0b1100);
    dut.submit(cfgi_ste(nested));
    dut.mem.clear_log();
    EXPECT_EQ(tried(nested, va, true), "rw-");
    EXPECT_EQ(dut.mem.count(SMMU_FETCH_TTD), 0u);
}

TEST_F(Overlays, KeepPagesClean)
{
    patch_ste(alone, 183, 2, 3); // S2HD, S2HA
    with_bits(second.table, ipa, 0, bit7);
    const uint64_t before = second.table.descriptor(ipa, 3);
    EXPECT_EQ(tried(alone, ipa, true), "r--");
    EXPECT_EQ(second.table.descriptor(ipa, 3), before);
    overlay(alone, 0b1100);
    EXPECT_EQ(tried(alone, ipa, true), "rw-");
    EXPECT_EQ(second.table.descriptor(ipa, 3), before | bit7);
}

TEST_F(Overlays, LimitAtsToo)
{
    for (const auto &[code, r, w] :
         {std::tuple{0b1000u, true, false}, {0b1100u, true, true}, {0b0000u, false, false}}) {
        patch_ste(nested, 92, 2, 1); // EATS
        overlay(nested, code);
        smmu_ats_request request{};
        request.sid = nested;
        request.addr = va;
        request.stus = 1;
        const smmu_ats_completion c = dut.ats_translate(request);
        EXPECT_EQ(c.r, r) << code;
        EXPECT_EQ(c.w, w) << code;
    }
}

// 3.13.7.1: stage 1 becomes dirty before the answer that grants writing, and not for one that does
// not: stage 2 refuses it, by an overlay or as MRO, though its page is not dirty either.
TEST_F(Overlays, KeepStage1CleanWhereAtsIsNotGrantedWriting)
{
    patch_ste(nested, 92, 2, 1);  // EATS
    patch_ste(nested, 183, 2, 3); // S2HD, S2HA
    patch_cd(42, 2, 3);           // HD, HA
    with_bits(stage1.low, va, bit(51) | bit7 | bit(6), bit(51) | bit7 | bit(6));
    const uint64_t clean = stage1.low.descriptor(va, 3);
    smmu_ats_request request{};
    request.sid = nested;
    request.addr = va;
    request.stus = 1;
    for (const auto &[base, over, w] : {std::tuple{0b1100u, 0b1000u, false},
                                        {0b0010u, 0b1100u, false},
                                        {0b1100u, 0b1100u, true}}) {
        with_bits(third.table, ipa, 0, bit7);
        write_s2pii13(base);
        overlay(nested, over);
        const smmu_ats_completion c = dut.ats_translate(request);
        EXPECT_TRUE(c.r);
        EXPECT_EQ(c.w, w);
        EXPECT_EQ(stage1.low.descriptor(va, 3), w ? clean & ~bit7 : clean) << base << ' ' << over;
    }
}

// 5.2.2.
TEST_F(Overlays, AreIllegalOfReservedCodesAndOverDirectPermissions)
{
    for (const unsigned code : {0b0001u, 0b0101u}) {
        patch_ste(alone, 448 + 4 * 15, 4, code);
        expect_abort(dut.translate(alone, ipa), C_BAD_STE);
    }
    patch_ste(alone, 448 + 4 * 15, 4, 0);
    EXPECT_EQ(rights(), "r-x r--");
    patch_ste(alone, 188, 1, 0);
    expect_abort(dut.translate(alone, ipa), C_BAD_STE);
    patch_ste(alone, 189, 1, 0);
    EXPECT_EQ(rights(), "rw- rwx");
}

class OverlaysWithPbha : public Overlays {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = with_indirections();
        cfg.pbha = true;
        return cfg;
    }
    OverlaysWithPbha() : Overlays(config()) {}
};

TEST_F(OverlaysWithPbha, AreIllegalTogether)
{
    EXPECT_EQ(rights(), "r-x r--");
    patch_ste(alone, 74, 1, 1); // S2HWU61
    expect_abort(dut.translate(alone, ipa), C_BAD_STE);
    patch_ste(alone, 189, 1, 0);
    EXPECT_EQ(rights(), "rwx rwx");
}

} // namespace
} // namespace test_indirections
