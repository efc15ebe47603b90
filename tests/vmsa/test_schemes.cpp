// SPDX-License-Identifier: Apache-2.0
// Permissions as DDI 0487 D8.4 and G5.6 tabulate them, and the dirty state (D8.5.2).
#include <gtest/gtest.h>

#include <string>

#include "vmsa_scheme.h"

namespace test_schemes {
namespace {

constexpr uint64_t bit(unsigned n)
{
    return uint64_t{1} << n;
}

constexpr uint64_t ap1 = bit(6), ap2 = bit(7), dbm = bit(51), pxn = bit(53), uxn = bit(54);

// Of the rights, such as "r-x".
std::string spell(unsigned rights)
{
    return std::string(rights & VMSA_READ ? "r" : "-") + (rights & VMSA_WRITE ? "w" : "-") +
           (rights & VMSA_EXECUTE ? "x" : "-");
}

std::string privileged(const vmsa_scheme &scheme, uint64_t leaf, uint8_t limits = 0)
{
    return spell(vmsa_rights(&scheme, leaf, limits, true));
}

std::string unprivileged(const vmsa_scheme &scheme, uint64_t leaf, uint8_t limits = 0)
{
    return spell(vmsa_rights(&scheme, leaf, limits, false));
}

vmsa_scheme two_levels()
{
    vmsa_scheme scheme{};
    scheme.hierarchical = scheme.el0 = true;
    return scheme;
}

vmsa_scheme one_level()
{
    vmsa_scheme scheme{};
    scheme.hierarchical = true;
    return scheme;
}

// Table D8-65. `priv` and `unpriv` with WXN == 0, the other two with WXN == 1.
struct two_level_row {
    unsigned uxn, pxn, ap;
    const char *priv, *unpriv, *priv_wxn, *unpriv_wxn;
};

constexpr two_level_row two_level_rows[] = {
    {0, 0, 0b00, "rwx", "--x", "rw-", "--x"}, {0, 0, 0b01, "rw-", "rwx", "rw-", "rw-"},
    {0, 0, 0b10, "r-x", "--x", "r-x", "--x"}, {0, 0, 0b11, "r-x", "r-x", "r-x", "r-x"},
    {0, 1, 0b00, "rw-", "--x", "rw-", "--x"}, {0, 1, 0b01, "rw-", "rwx", "rw-", "rw-"},
    {0, 1, 0b10, "r--", "--x", "r--", "--x"}, {0, 1, 0b11, "r--", "r-x", "r--", "r-x"},
    {1, 0, 0b00, "rwx", "---", "rw-", "---"}, {1, 0, 0b01, "rw-", "rw-", "rw-", "rw-"},
    {1, 0, 0b10, "r-x", "---", "r-x", "---"}, {1, 0, 0b11, "r-x", "r--", "r-x", "r--"},
    {1, 1, 0b00, "rw-", "---", "rw-", "---"}, {1, 1, 0b01, "rw-", "rw-", "rw-", "rw-"},
    {1, 1, 0b10, "r--", "---", "r--", "---"}, {1, 1, 0b11, "r--", "r--", "r--", "r--"},
};

uint64_t leaf_of(const two_level_row &row)
{
    return uint64_t{row.ap} << 6 | uint64_t{row.pxn} << 53 | uint64_t{row.uxn} << 54;
}

TEST(Scheme, TwoExceptionLevelsAsTableD8_65)
{
    vmsa_scheme scheme = two_levels();
    vmsa_scheme with_wxn = scheme;
    with_wxn.wxn = true;
    for (const two_level_row &row : two_level_rows) {
        const uint64_t leaf = leaf_of(row);
        SCOPED_TRACE(leaf);
        EXPECT_EQ(privileged(scheme, leaf), row.priv);
        EXPECT_EQ(unprivileged(scheme, leaf), row.unpriv);
        EXPECT_EQ(privileged(with_wxn, leaf), row.priv_wxn);
        EXPECT_EQ(unprivileged(with_wxn, leaf), row.unpriv_wxn);
    }
}

// Table D8-66: XN is bit 54; AP[1] is RES1 and bit 53 RES0, and neither counts.
TEST(Scheme, OneExceptionLevelAsTableD8_66)
{
    vmsa_scheme scheme = one_level();
    vmsa_scheme with_wxn = scheme;
    with_wxn.wxn = true;
    for (const uint64_t ignored : {uint64_t{0}, ap1, pxn, ap1 | pxn}) {
        EXPECT_EQ(privileged(scheme, ignored), "rwx");
        EXPECT_EQ(privileged(with_wxn, ignored), "rw-");
        EXPECT_EQ(privileged(scheme, ignored | ap2), "r-x");
        EXPECT_EQ(privileged(with_wxn, ignored | ap2), "r-x");
        EXPECT_EQ(privileged(scheme, ignored | uxn), "rw-");
        EXPECT_EQ(privileged(with_wxn, ignored | uxn), "rw-");
        EXPECT_EQ(privileged(scheme, ignored | uxn | ap2), "r--");
        EXPECT_EQ(unprivileged(scheme, ignored), "rwx") << "all accesses are privileged";
    }
}

// Table D8-64, and D8.4.1.2.4 for UXNTable and PXNTable: bits [62:59] of a table descriptor.
TEST(Scheme, TableDescriptorsLimitWhatLeavesGive)
{
    const vmsa_scheme scheme = two_levels();
    const auto limits = [&](unsigned bits) {
        return vmsa_limit(&scheme, 0, uint64_t{bits} << 59 | 3);
    };
    EXPECT_EQ(limits(0), 0u);
    EXPECT_EQ(privileged(scheme, ap1 | pxn, limits(0b0100)), "rw-") << "APTable[0]";
    EXPECT_EQ(unprivileged(scheme, ap1 | pxn, limits(0b0100)), "--x");
    EXPECT_EQ(privileged(scheme, ap1, limits(0b1000)), "r-x") << "APTable[1]";
    EXPECT_EQ(unprivileged(scheme, ap1, limits(0b1000)), "r-x");
    EXPECT_EQ(unprivileged(scheme, ap1, limits(0b0010)), "rw-") << "UXNTable";
    EXPECT_EQ(privileged(scheme, ap2, limits(0b0010)), "r-x");
    EXPECT_EQ(privileged(scheme, ap2, limits(0b0001)), "r--") << "PXNTable";
    EXPECT_EQ(unprivileged(scheme, ap2, limits(0b0001)), "--x");
    EXPECT_EQ(privileged(one_level(), 0, limits(0b0010)), "rw-") << "XNTable";
    EXPECT_EQ(privileged(one_level(), 0, limits(0b1000)), "r-x");
    EXPECT_EQ(privileged(one_level(), 0, limits(0b0101)), "rwx") << "RES0 with one level";
}

TEST(Scheme, LimitsAddUpOnTheWayToTheLeaf)
{
    const vmsa_scheme scheme = two_levels();
    uint8_t limits = vmsa_limit(&scheme, 0, bit(62));
    limits = vmsa_limit(&scheme, limits, bit(59));
    limits = vmsa_limit(&scheme, limits, ~(uint64_t{0xf} << 59));
    EXPECT_EQ(privileged(scheme, ap1, limits), "r--");
}

// TCR_ELx.HPDn, CD.HADn; stage 2 has no limits.
TEST(Scheme, WithoutHierarchicalPermissionsThereAreNoLimits)
{
    vmsa_scheme scheme = two_levels();
    scheme.hierarchical = false;
    EXPECT_EQ(vmsa_limit(&scheme, 0, ~uint64_t{0}), 0u);
}

// D8.4.1.2, PAN: what EL0 may read or write is not for EL1's data accesses. Fetches are no data.
TEST(Scheme, PanKeepsPrivilegedDataAccessesOut)
{
    vmsa_scheme scheme = two_levels();
    scheme.pan = true;
    EXPECT_EQ(privileged(scheme, 0), "rwx");
    EXPECT_EQ(privileged(scheme, ap1), "---");
    EXPECT_EQ(privileged(scheme, ap1 | ap2), "--x");
    EXPECT_EQ(unprivileged(scheme, ap1), "rwx");
    EXPECT_EQ(privileged(scheme, ap1, vmsa_limit(&scheme, 0, bit(61))), "rwx") << "not EL0's";
}

// D8.4.5.1: with EPAN what EL0 may execute is not for EL1's data accesses either. WXN, which would
// take execution away, does not count (J1.1, S1DirectBasePermissions).
TEST(Scheme, EnhancedPanCountsUnprivilegedExecution)
{
    vmsa_scheme scheme = two_levels();
    scheme.epan = true;
    EXPECT_EQ(privileged(scheme, 0), "rwx") << "without PAN it has no effect";
    scheme.pan = true;
    EXPECT_EQ(privileged(scheme, 0), "--x");
    EXPECT_EQ(privileged(scheme, uxn), "rwx");
    EXPECT_EQ(privileged(scheme, uxn | ap1), "---");
    EXPECT_EQ(privileged(scheme, 0, vmsa_limit(&scheme, 0, bit(60))), "rwx") << "UXNTable";
    EXPECT_EQ(unprivileged(scheme, 0), "--x");
    EXPECT_EQ(privileged(scheme, ap1, vmsa_limit(&scheme, 0, bit(61))), "--x") << "APTable[0]";
    scheme.wxn = true;
    EXPECT_EQ(privileged(scheme, ap1 | pxn), "---");
    scheme.hierarchical = scheme.el0 = false;
    scheme.wxn = false;
    EXPECT_EQ(privileged(scheme, 0), "rwx") << "one Exception level";
}

// G5.6: XN is for both, PXN for PL1 alone; who cannot read cannot execute, and pages that EL0 can
// write are executable unless UWXN says otherwise.
TEST(Scheme, Vmsa32)
{
    vmsa_scheme scheme = two_levels();
    scheme.vmsa32 = true;
    EXPECT_EQ(privileged(scheme, 0), "rwx");
    EXPECT_EQ(unprivileged(scheme, 0), "---");
    EXPECT_EQ(privileged(scheme, ap1), "rwx");
    EXPECT_EQ(unprivileged(scheme, ap1), "rwx");
    EXPECT_EQ(privileged(scheme, ap2), "r-x");
    EXPECT_EQ(unprivileged(scheme, ap2), "---");
    EXPECT_EQ(unprivileged(scheme, ap2 | ap1), "r-x");
    EXPECT_EQ(privileged(scheme, uxn), "rw-") << "XN";
    EXPECT_EQ(unprivileged(scheme, uxn | ap1), "rw-");
    EXPECT_EQ(privileged(scheme, pxn | ap1), "rw-");
    EXPECT_EQ(unprivileged(scheme, pxn | ap1), "rwx");

    vmsa_scheme with_uwxn = scheme;
    with_uwxn.uwxn = true;
    EXPECT_EQ(privileged(with_uwxn, ap1), "rw-");
    EXPECT_EQ(unprivileged(with_uwxn, ap1), "rwx");
    EXPECT_EQ(privileged(with_uwxn, 0), "rwx");
    EXPECT_EQ(privileged(with_uwxn, ap1 | ap2), "r-x");

    vmsa_scheme with_wxn = scheme;
    with_wxn.wxn = true;
    EXPECT_EQ(privileged(with_wxn, 0), "rw-");
    EXPECT_EQ(unprivileged(with_wxn, ap1), "rw-");
    EXPECT_EQ(unprivileged(with_wxn, ap1 | ap2), "r-x");
}

vmsa_scheme stage2(bool xnx)
{
    vmsa_scheme scheme{};
    scheme.stage2 = true;
    scheme.xnx = xnx;
    return scheme;
}

// Table D8-76; no access is told apart from another, and nothing limits it.
TEST(Scheme, Stage2DataAsTableD8_76)
{
    const char *const data[] = {"--", "r-", "-w", "rw"};
    for (const bool xnx : {false, true})
        for (unsigned s2ap = 0; s2ap < 4; s2ap++) {
            const uint64_t leaf = uint64_t{s2ap} << 6;
            EXPECT_EQ(privileged(stage2(xnx), leaf, 0xf), std::string(data[s2ap]) + "x");
            EXPECT_EQ(unprivileged(stage2(xnx), leaf, 0xf), std::string(data[s2ap]) + "x");
        }
}

// Table D8-77 without FEAT_XNX, in which bit 53 does not count; Table D8-78 with it.
TEST(Scheme, Stage2ExecutionAsTablesD8_77AndD8_78)
{
    const struct {
        unsigned xn; // bits [54:53]
        const char *both, *priv_xnx, *unpriv_xnx;
    } rows[] = {{0b00, "r-x", "r-x", "r-x"},
                {0b01, "r-x", "r--", "r-x"},
                {0b10, "r--", "r--", "r--"},
                {0b11, "r--", "r-x", "r--"}};
    for (const auto &row : rows) {
        const uint64_t leaf = uint64_t{row.xn} << 53 | bit(6);
        EXPECT_EQ(privileged(stage2(false), leaf), row.both) << row.xn;
        EXPECT_EQ(unprivileged(stage2(false), leaf), row.both) << row.xn;
        EXPECT_EQ(privileged(stage2(true), leaf), row.priv_xnx) << row.xn;
        EXPECT_EQ(unprivileged(stage2(true), leaf), row.unpriv_xnx) << row.xn;
    }
}

// Table G5-10: "if read access is permitted".
TEST(Scheme, Stage2OfVmsa32ExecutesNothingThatItCannotRead)
{
    vmsa_scheme scheme = stage2(true);
    scheme.vmsa32 = true;
    EXPECT_EQ(privileged(scheme, 0), "---");
    EXPECT_EQ(unprivileged(scheme, bit(7)), "-w-");
    EXPECT_EQ(privileged(scheme, bit(6)), "r-x");
}

// D8.5.2: hardware has the DBM bit to itself, and AP[2] is the only thing that stands in the way.
TEST(Scheme, AStage1LeafIsCleanWhereAP2AloneForbidsWriting)
{
    vmsa_scheme scheme = two_levels();
    scheme.hd = true;
    EXPECT_EQ(vmsa_clean(&scheme, dbm | ap2, 0, true), VMSA_WRITE);
    EXPECT_FALSE(vmsa_clean(&scheme, dbm, 0, true)) << "dirty";
    EXPECT_FALSE(vmsa_clean(&scheme, ap2, 0, true)) << "not managed";
    EXPECT_FALSE(vmsa_clean(&scheme, dbm | ap2, vmsa_limit(&scheme, 0, bit(62)), true))
        << "APTable[1]";
    EXPECT_FALSE(vmsa_clean(&scheme, dbm | ap2, 0, false)) << "AP[1]";
    EXPECT_EQ(vmsa_clean(&scheme, dbm | ap2 | ap1, 0, false), VMSA_WRITE);
    EXPECT_FALSE(vmsa_clean(&scheme, dbm | ap2 | ap1, vmsa_limit(&scheme, 0, bit(61)), false))
        << "APTable[0]";
    scheme.pan = true;
    EXPECT_FALSE(vmsa_clean(&scheme, dbm | ap2 | ap1, 0, true)) << "PAN";
    scheme = two_levels();
    EXPECT_FALSE(vmsa_clean(&scheme, dbm | ap2, 0, true)) << "HD is 0";
}

TEST(Scheme, AStage1LeafIsMadeDirtyByClearingAP2)
{
    const vmsa_scheme scheme = two_levels();
    EXPECT_EQ(vmsa_made_dirty(&scheme, ~uint64_t{0}), ~ap2);
    EXPECT_EQ(vmsa_made_dirty(&scheme, dbm | ap2 | uxn), dbm | uxn);
}

// D8.5.2, R_TTLCV: a clean page cannot be written, yet counts as writable for WXN; and for what EL0
// can write, which EL1 never executes (D8.4.1.2.3; IHI 0070 3.13.8).
TEST(Scheme, ACleanLeafCountsAsWritableWhereThatTakesExecutionAway)
{
    vmsa_scheme scheme = two_levels();
    scheme.hd = true;
    EXPECT_EQ(privileged(scheme, dbm | ap2), "r-x");
    EXPECT_EQ(privileged(scheme, dbm | ap2 | ap1), "r--");
    EXPECT_EQ(unprivileged(scheme, dbm | ap2 | ap1), "r-x");
    EXPECT_EQ(privileged(scheme, ap2 | ap1), "r-x") << "not managed";
    EXPECT_EQ(privileged(scheme, dbm | ap2 | ap1, vmsa_limit(&scheme, 0, bit(62))), "r-x")
        << "never writable";
    scheme.wxn = true;
    EXPECT_EQ(privileged(scheme, dbm | ap2), "r--");
    EXPECT_EQ(unprivileged(scheme, dbm | ap2 | ap1), "r--");
    EXPECT_EQ(privileged(scheme, ap2), "r-x") << "not managed";
    vmsa_scheme el2 = one_level();
    el2.hd = el2.wxn = true;
    EXPECT_EQ(privileged(el2, dbm | ap2), "r--");
}

// D8.5.2, stage 2: S2AP[1] has the other polarity.
TEST(Scheme, AStage2LeafIsCleanWithoutS2AP1AndMadeDirtyBySettingIt)
{
    vmsa_scheme scheme = stage2(true);
    EXPECT_FALSE(vmsa_clean(&scheme, dbm | bit(6), 0, true)) << "HD is 0";
    scheme.hd = true;
    EXPECT_EQ(vmsa_clean(&scheme, dbm | bit(6), 0, true), VMSA_WRITE | VMSA_UPDATE);
    EXPECT_EQ(vmsa_clean(&scheme, dbm, 0, false), VMSA_WRITE | VMSA_UPDATE);
    EXPECT_FALSE(vmsa_clean(&scheme, dbm | bit(7), 0, true)) << "dirty";
    EXPECT_FALSE(vmsa_clean(&scheme, bit(6), 0, true)) << "not managed";
    EXPECT_EQ(vmsa_made_dirty(&scheme, dbm | bit(6)), dbm | bit(6) | bit(7));
    EXPECT_EQ(privileged(scheme, dbm | bit(6)), "r-x");
}

TEST(Scheme, RightsOfBothAreThoseOfEach)
{
    for (unsigned controls = 0; controls < 1u << 11; ++controls) {
        vmsa_scheme scheme{};
        scheme.base[0] = 0x7654'3210'fedc'ba98;
        scheme.base[1] = 0x0123'4567'89ab'cdef;
        const auto on = [controls](unsigned n) { return (controls >> n & 1) != 0; };
        scheme.stage2 = on(0);
        scheme.vmsa32 = on(1);
        scheme.hd = on(2);
        scheme.hierarchical = on(3);
        scheme.el0 = on(4);
        scheme.wxn = on(5);
        scheme.uwxn = on(6);
        scheme.pan = on(7);
        scheme.xnx = on(8);
        scheme.epan = on(9);
        scheme.indirect = on(10);
        for (unsigned permissions = 0; permissions < 1u << 5; ++permissions) {
            const uint64_t leaf = uint64_t{permissions & 3} << 6 |
                                  uint64_t{permissions >> 2} << 52 |
                                  uint64_t{permissions & 1} << 51;
            const auto limits = static_cast<uint8_t>(permissions & 15);
            uint8_t both[2] = {};
            if (scheme.stage2)
                vmsa_s2_rights(&scheme, leaf, both);
            else
                vmsa_s1_rights(&scheme, leaf, limits, both);
            EXPECT_EQ(both[0], vmsa_rights(&scheme, leaf, limits, false));
            EXPECT_EQ(both[1], vmsa_rights(&scheme, leaf, limits, true));
        }
    }
}

// What is worked out once gives what each descriptor gives, whatever limits it.
TEST(Schemes, TabulatedRightsAreThoseOfEachDescriptor)
{
    for (unsigned bits = 0; bits < 1u << 8; ++bits) {
        const auto on = [&](unsigned bit) { return (bits >> bit & 1) != 0; };
        vmsa_scheme scheme{};
        scheme.stage2 = on(0);
        scheme.vmsa32 = on(1);
        scheme.el0 = on(2);
        scheme.wxn = on(3);
        scheme.uwxn = on(4);
        scheme.pan = on(5);
        scheme.epan = on(6);
        scheme.xnx = on(7);
        vmsa_scheme tabulated = scheme;
        vmsa_tabulate(&tabulated);
        for (unsigned index = 0; index < 1u << 8; ++index) {
            const uint64_t leaf = uint64_t{index & 3} << 6 | uint64_t{index >> 2 & 3} << 53 |
                                  ~(UINT64_C(3) << 6 | UINT64_C(3) << 53);
            const auto limits = static_cast<uint8_t>(scheme.stage2 ? 0 : index >> 4);
            const unsigned rights = vmsa_tabulated(&tabulated, leaf, limits);
            for (const bool privileged : {false, true})
                EXPECT_EQ(vmsa_tabulated_for(rights, privileged),
                          vmsa_rights(&scheme, leaf, limits, privileged))
                    << bits << ' ' << index << ' ' << privileged;
        }
    }
}

} // namespace
} // namespace test_schemes
