// SPDX-License-Identifier: Apache-2.0
// Indirect permissions of both stages and overlays over those of stage 2, every combination there
// is: as tables of DDI 0487 D8.4 and IHI 0070 5.4 have them, and as the oracle combines these.
#include <gtest/gtest.h>

#include "oracle/rights.hpp"
#include "vmsa128.h"
#include "vmsa_scheme.h"

namespace test_indirect {
namespace {

static_assert(oracle::RIGHT_READ == VMSA_READ && oracle::RIGHT_WRITE == VMSA_WRITE &&
              oracle::RIGHT_EXECUTE == VMSA_EXECUTE);

// PIIndex[3:0] in bits 54, 53, 51 and 6 of a leaf (tables D8-52, D8-53).
constexpr uint64_t with_index(unsigned index)
{
    return uint64_t{index >> 3 & 1} << 54 | uint64_t{index >> 2 & 1} << 53 |
           uint64_t{index >> 1 & 1} << 51 | uint64_t{index & 1} << 6;
}

constexpr uint64_t bit7 = 0x80; // nDirty, or Dirty

// A structure of which some bits are set.
void set_bits(oracle::raw512 &raw, unsigned lsb, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; ++i) {
        const unsigned at = lsb + i;
        raw.bytes[at / 8] = static_cast<uint8_t>((raw.bytes[at / 8] & ~(1u << at % 8)) |
                                                 (value >> i & 1) << at % 8);
    }
}

// --- stage 1 ------------------------------------------------------------------------------------

constexpr unsigned legal[] = {0b000, 0b001, 0b010, 0b011, 0b101, 0b111};

vmsa_scheme stage1(unsigned index, unsigned unpriv, unsigned priv)
{
    vmsa_scheme scheme{};
    scheme.indirect = scheme.el0 = true;
    scheme.base[0] = uint64_t{unpriv} << 3 * index;
    scheme.base[1] = uint64_t{priv} << 3 * index;
    return scheme;
}

// IHI 0070 5.4, PIIU and PIIP: each with each other, for each index.
TEST(Stage1Indirect, RightsAreThoseOfTheIndex)
{
    const unsigned rights[] = {0, 1, 4, 5, 0, 3, 0, 7}; // R 1, W 2, X 4
    for (unsigned index = 0; index < 16; ++index)
        for (const unsigned unpriv : legal)
            for (const unsigned priv : legal) {
                const vmsa_scheme scheme = stage1(index, unpriv, priv);
                const uint64_t leaf = with_index(index);
                EXPECT_EQ(vmsa_rights(&scheme, leaf, 0xf, false), rights[unpriv]);
                EXPECT_EQ(vmsa_rights(&scheme, leaf, 0xf, true), rights[priv]);
                EXPECT_EQ(vmsa_rights(&scheme, with_index(index ^ 5), 0, true), 0u);
            }
}

// 3.26.1; WXN and EPAN are of no effect.
TEST(Stage1Indirect, RightsAreThoseOfTheOracle)
{
    for (unsigned index = 0; index < 16; ++index)
        for (const unsigned unpriv : legal)
            for (const unsigned priv : legal)
                for (unsigned controls = 0; controls < 32; ++controls) {
                    vmsa_scheme scheme = stage1(index, unpriv, priv);
                    oracle::raw512 cd;
                    set_bits(cd, 384 + 3 * index, 3, unpriv);
                    set_bits(cd, 448 + 3 * index, 3, priv);
                    scheme.pan = (controls & 1) != 0;
                    set_bits(cd, 40, 1, scheme.pan);
                    scheme.el0 = (controls & 2) != 0;
                    scheme.wxn = (controls & 4) != 0;
                    scheme.epan = (controls & 8) != 0;
                    for (const bool privileged : {false, true}) {
                        const uint64_t leaf = with_index(index);
                        const unsigned all = oracle::indirect_rights_stage1(
                            cd, oracle::indexes_of(leaf), privileged, scheme.el0);
                        EXPECT_EQ(vmsa_rights(&scheme, leaf, 0, privileged), all);
                        EXPECT_EQ(vmsa_rights(&scheme, leaf | bit7, 0, privileged),
                                  all & ~unsigned{VMSA_WRITE});
                        scheme.hd = (controls & 16) != 0;
                        EXPECT_EQ(vmsa_clean(&scheme, leaf, 0, privileged), 0u) << "dirty";
                        EXPECT_EQ(vmsa_clean(&scheme, leaf | bit7, 0, privileged),
                                  scheme.hd ? all & VMSA_WRITE : 0u);
                        EXPECT_EQ(vmsa_rights(&scheme, leaf | bit7, 0, privileged),
                                  all & ~unsigned{VMSA_WRITE})
                            << "whoever makes it dirty";
                    }
                }
}

// R_QXCRT: nDirty has the polarity of AP[2]. No other bit changes, DBM being PIIndex[1].
TEST(Stage1Indirect, ALeafIsMadeDirtyByClearingNDirty)
{
    const vmsa_scheme scheme = stage1(0, 5, 5);
    EXPECT_EQ(vmsa_made_dirty(&scheme, ~uint64_t{0}), ~bit7);
}

// --- stage 2 ------------------------------------------------------------------------------------

vmsa_scheme stage2(unsigned index, unsigned code)
{
    vmsa_scheme scheme{};
    scheme.stage2 = scheme.indirect = scheme.xnx = true;
    scheme.base[0] = uint64_t{code} << 4 * index;
    return scheme;
}

// Table D8-82, with tables D8-79 and D8-80 for what each permits: data reads and writes, updates of
// descriptors, privileged and unprivileged execution.
constexpr const char *table_d8_82[] = {
    "-----", "-----", "r-m--", "r-m--", "-w---", "-----", "r-m--", "r-m--",
    "r----", "r---u", "r--p-", "r--pu", "rwm--", "rwm-u", "rwmp-", "rwmpu",
};

unsigned spelled(const char *row, bool privileged)
{
    return (row[0] == 'r' ? VMSA_READ : 0) | (row[1] == 'w' ? VMSA_WRITE : 0) |
           (row[2] == 'm' ? VMSA_UPDATE : 0) | (row[privileged ? 3 : 4] != '-' ? VMSA_EXECUTE : 0);
}

TEST(Stage2Indirect, RightsAreThoseOfTableD8_82)
{
    for (unsigned index = 0; index < 16; ++index)
        for (unsigned code = 0; code < 16; ++code)
            for (const bool privileged : {false, true}) {
                const vmsa_scheme scheme = stage2(index, code);
                const uint64_t leaf = with_index(index);
                const unsigned all = spelled(table_d8_82[code], privileged);
                const unsigned kept = all & (VMSA_READ | VMSA_EXECUTE);
                EXPECT_EQ(vmsa_rights(&scheme, leaf | bit7, 0xf, privileged), all);
                EXPECT_EQ(vmsa_rights(&scheme, leaf, 0xf, privileged), kept);
                EXPECT_EQ(vmsa_clean(&scheme, leaf, 0, privileged), 0u) << "software's";
                vmsa_scheme managed = scheme;
                managed.hd = true;
                EXPECT_EQ(vmsa_clean(&managed, leaf, 0, privileged), all & ~kept);
                EXPECT_EQ(vmsa_clean(&managed, leaf | bit7, 0, privileged), 0u);
                EXPECT_EQ(vmsa_made_dirty(&managed, leaf), leaf | bit7);
                EXPECT_EQ(vmsa_s2_interpreted(uint64_t{code} << 4 * index, index, privileged), all);
            }
}

// Tables D8-58 and D8-59: each permission of each stage, dirty or clean, whoever manages that, of a
// descriptor of 128 bits.
TEST(LargeIndirect, RightsAreThoseOfTheOracle)
{
    for (unsigned index = 0; index < 16; ++index)
        for (unsigned code = 0; code < 16; ++code)
            for (unsigned variant = 0; variant < 16; ++variant) {
                const bool s2 = (variant & 1) != 0, dirty = (variant & 2) != 0;
                const bool hd = (variant & 4) != 0, privileged = (variant & 8) != 0;
                if (!s2 && (code > 7 || code == 4 || code == 6))
                    continue; // Reserved
                vmsa_scheme scheme = s2 ? stage2(index, code) : stage1(index, code, code);
                scheme.hd = hd;
                const vmsa128 d = {1 | (dirty == s2 ? bit7 : 0), uint64_t{index} << (115 - 64)};
                const uint64_t leaf = vmsa128_attributes(&d, s2);
                oracle::raw512 structure;
                oracle::registers regs;
                regs.idr3 = 1u << 19; // S2PI
                regs.s2pii = s2 ? uint64_t{code} << 4 * index : 0;
                set_bits(structure, 384 + 3 * index, 3, s2 ? 0 : code);
                set_bits(structure, 448 + 3 * index, 3, s2 ? 0 : code);
                const oracle::id_fields id(regs);
                const unsigned all =
                    s2 ? oracle::indirect_rights_stage2(id, {}, {index, 0}, privileged, false)
                       : oracle::indirect_rights_stage1(structure, {index, 0}, privileged, true);
                const unsigned data = VMSA_READ | VMSA_WRITE | VMSA_EXECUTE;
                const unsigned kept = dirty ? all : all & ~unsigned{VMSA_WRITE};
                EXPECT_EQ(vmsa_rights(&scheme, leaf, 0, privileged) & data, kept) << variant;
                EXPECT_EQ(vmsa_clean(&scheme, leaf, 0, privileged) & data, hd ? all & ~kept : 0u);
                EXPECT_EQ(vmsa_made_dirty(&scheme, d.low), (d.low & ~bit7) | (s2 ? bit7 : 0));
            }
}

// Tables D8-83 and D8-84, and R_XLNQX: each base permission under each overlay.
TEST(Stage2Indirect, RightsUnderAnOverlayAreThoseOfTheOracle)
{
    oracle::registers regs;
    regs.idr3 = 3u << 19; // S2PI, S2PO
    for (unsigned base = 0; base < 16; ++base)
        for (unsigned over = 0; over < 16; ++over)
            for (unsigned po = 0; po < 16; po += 5)
                for (const bool privileged : {false, true}) {
                    oracle::raw512 ste;
                    set_bits(ste, 188, 2, 3); // S2PIE, S2POE
                    set_bits(ste, 448 + 4 * po, 4, over);
                    regs.s2pii = uint64_t{base} << 4 * 9;
                    const oracle::id_fields id(regs);
                    const vmsa_scheme scheme = stage2(9, base);
                    const uint64_t leaf = with_index(9) | bit7 | uint64_t{po} << 59;
                    const unsigned both = vmsa_rights(&scheme, leaf, 0, privileged) &
                                          vmsa_s2_interpreted(uint64_t{over} << 4 * po,
                                                              vmsa_po_index(leaf), privileged);
                    const unsigned data = oracle::indirect_rights_stage2(
                        id, ste, oracle::indexes_of(leaf), privileged, false);
                    const unsigned structures = oracle::indirect_rights_stage2(
                        id, ste, oracle::indexes_of(leaf), privileged, true);
                    EXPECT_EQ(both & 7, data) << base << " under " << over;
                    EXPECT_EQ((both & VMSA_UPDATE) != 0, (structures & VMSA_WRITE) != 0)
                        << base << " under " << over;
                }
}

} // namespace
} // namespace test_indirect
