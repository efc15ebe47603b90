// SPDX-License-Identifier: Apache-2.0
// Translation hardening (DDI 0487 D8.2.7), every combination there is: as the tables have them, and
// as the oracle has them by names.
#include <gtest/gtest.h>

#include "oracle/hardening.hpp"
#include "oracle/rights.hpp"
#include "vmsa128.h"
#include "vmsa_scheme.h"

namespace test_hardening {
namespace {

constexpr unsigned mro = VMSA_MRO, top0 = VMSA_TOP_LEVEL0, top1 = VMSA_TOP_LEVEL1;

// What is looked at of memory whose permission has this name in Table D8-82.
unsigned marks_of(const std::string &name)
{
    const bool both = name == "MRO-TL01";
    return (oracle::is_mro(name) ? mro : 0u) | (both || name == "MRO-TL0" ? top0 : 0u) |
           (both || name == "MRO-TL1" ? top1 : 0u);
}

// Tables D8-81 and D8-82: codes 2, 3, 6 and 7.
TEST(Hardening, MroAndTopLevelAreOfFourPermissions)
{
    const unsigned marks[16] = {0, 0, VMSA_MRO,        VMSA_MRO | top1,
                                0, 0, VMSA_MRO | top0, VMSA_MRO | top0 | top1};
    for (unsigned base = 0; base < 16; ++base)
        EXPECT_EQ(vmsa_s2_for_tables(base, VMSA_NO_OVERLAY), marks[base]) << base;
}

// Tables D8-83 and D8-84, and R_XLNQX.
TEST(Hardening, UnderAnOverlayTheyAreThoseOfTheOracle)
{
    oracle::registers regs;
    regs.idr3 = 3u << 19; // S2PI, S2PO
    for (unsigned base = 0; base < 16; ++base)
        for (unsigned over = 0; over < 16; ++over) {
            oracle::raw512 ste;
            ste.bytes[188 / 8] = 3u << 188 % 8; // S2PIE, S2POE
            ste.bytes[448 / 8] = static_cast<uint8_t>(over);
            regs.s2pii = base;
            const oracle::id_fields id(regs);
            EXPECT_EQ(vmsa_s2_for_tables(base, over),
                      marks_of(oracle::stage2_permission_of(id, ste, {0, 0})))
                << base << ' ' << over;
        }
}

// Tables D8-14 and D8-15, as they are printed: {TL0, TL1}, {TopLevel0, TopLevel1}.
TEST(Hardening, TopLevelChecksAreThoseOfTheTables)
{
    static const char *const lower[] = {"----", "-F--", "FF--", "FF--"};
    static const char *const upper[] = {"----", "F-F-", "--F-", "F-F-"};
    static const char *const names[] = {"MRO", "MRO-TL1", "MRO-TL0", "MRO-TL01"};
    for (unsigned tl = 0; tl < 4; ++tl)
        for (unsigned top = 0; top < 4; ++top) {
            const unsigned checks = (tl & 2 ? top0 : 0) | (tl & 1 ? top1 : 0);
            const unsigned tables = (top & 2 ? top0 : 0) | (top & 1 ? top1 : 0);
            EXPECT_EQ(vmsa_top_level_ok(checks, tables, false), lower[tl][top] == '-');
            EXPECT_EQ(vmsa_top_level_ok(checks, tables | mro, true), upper[tl][top] == '-');
            for (const unsigned n : {0u, 1u})
                EXPECT_EQ(oracle::top_level_fault((tl & 2) != 0, (tl & 1) != 0, names[top], n),
                          (n == 0 ? lower : upper)[tl][top] == 'F');
        }
}

// PIIndex selects it, be the leaf dirty or not; Direct permissions have none.
TEST(Hardening, TheBasePermissionIsThatOfPiIndex)
{
    vmsa_scheme scheme{};
    scheme.stage2 = scheme.indirect = true;
    scheme.base[0] = 0xfedc'ba98'7654'3210;
    for (unsigned index = 0; index < 16; ++index) {
        const vmsa128 d = {1, uint64_t{index} << (115 - 64)};
        const uint64_t leaf = vmsa128_attributes(&d, true);
        EXPECT_EQ(vmsa_s2_base(&scheme, leaf), index);
        EXPECT_EQ(vmsa_s2_base(&scheme, leaf | 0x80), index);
        vmsa_scheme direct = scheme;
        direct.indirect = false;
        EXPECT_EQ(vmsa_s2_base(&direct, leaf), 0u);
    }
}

// Tables D8-50 to D8-53: bit 52, and 58; tables D8-56 to D8-59: bit 114.
TEST(Hardening, ProtectedAndAssuredOnlyHaveTheirBits)
{
    for (unsigned bit = 0; bit < 128; ++bit) {
        const vmsa128 d = {bit < 64 ? uint64_t{1} << bit : 0,
                           bit < 64 ? 0 : uint64_t{1} << (bit - 64)};
        EXPECT_EQ(vmsa_protected(vmsa128_attributes(&d, false)), bit == 114) << bit;
        EXPECT_EQ(vmsa_assured_only(vmsa128_attributes(&d, true)), bit == 114) << bit;
        EXPECT_EQ(bit < 64 && vmsa_protected(d.low), bit == 52) << bit;
        EXPECT_EQ(bit < 64 && vmsa_assured_only(d.low), bit == 58) << bit;
    }
}

} // namespace
} // namespace test_hardening
