// SPDX-License-Identifier: Apache-2.0
// Stage 1 permissions (DDI 0487 D8.4.1.2, Table D8-65; IHI 0070 5.4, WXN and PAN), row by row.
#include "core/core_test.hpp"

using namespace support;

namespace test_permissions {
namespace {

// Rights as a word: r, w, x or '-' in each place.
std::string rights(unsigned perm)
{
    return std::string{(perm & SMMU_PERM_R) ? 'r' : '-', (perm & SMMU_PERM_W) ? 'w' : '-',
                       (perm & SMMU_PERM_X) ? 'x' : '-'};
}

struct row {
    unsigned uxn, pxn, ap, wxn;
    const char *priv, *unpriv;
};

void PrintTo(const row &r, std::ostream *out)
{
    *out << "UXN " << r.uxn << " PXN " << r.pxn << " AP " << r.ap << " WXN " << r.wxn;
}

class Permissions : public StreamTest {
  protected:
    explicit Permissions(const smmu_config &cfg = smmu_config_default()) : StreamTest(cfg) {}

    static constexpr uint64_t va = 0x4000;

    void expect_rights(uint64_t at, const std::string &priv, const std::string &unpriv)
    {
        expect_rights_of(at, priv, priv_read, priv_write, priv_instr);
        expect_rights_of(at, unpriv, read_access, write_access, instr_access);
    }

  private:
    void expect_rights_of(uint64_t at, const std::string &expected, const client_access &read,
                          const client_access &write, const client_access &instr)
    {
        std::string observed;
        const client_access *const kinds[] = {&read, &write, &instr};
        for (unsigned i = 0; i < 3; ++i) {
            const smmu_result result = dut.translate(sid, at, *kinds[i]);
            const bool forwarded = result.outcome == SMMU_FORWARD;
            observed += forwarded ? "rwx"[i] : '-';
            EXPECT_EQ(result.event, forwarded ? 0u : unsigned{F_PERMISSION});
            if (forwarded) {
                EXPECT_EQ(rights(result.perm), expected);
            }
        }
        EXPECT_EQ(observed, expected);
    }
};

class DirectPermissions : public Permissions, public testing::WithParamInterface<row> {};

TEST_P(DirectPermissions, AsInTableD865)
{
    const row &r = GetParam();
    stream.context().wxn = r.wxn;
    republish();
    leaf_attributes attributes;
    attributes.ap = r.ap;
    attributes.uxn = r.uxn;
    attributes.pxn = r.pxn;
    stream.low.map(va, 0x9000, 3, attributes);
    expect_rights(va, r.priv, r.unpriv);
}

const row table_d8_65[] = {
    {0, 0, 0b00, 0, "rwx", "--x"}, {0, 0, 0b00, 1, "rw-", "--x"}, {0, 0, 0b01, 0, "rw-", "rwx"},
    {0, 0, 0b01, 1, "rw-", "rw-"}, {0, 0, 0b10, 0, "r-x", "--x"}, {0, 0, 0b10, 1, "r-x", "--x"},
    {0, 0, 0b11, 0, "r-x", "r-x"}, {0, 0, 0b11, 1, "r-x", "r-x"}, {0, 1, 0b00, 0, "rw-", "--x"},
    {0, 1, 0b00, 1, "rw-", "--x"}, {0, 1, 0b01, 0, "rw-", "rwx"}, {0, 1, 0b01, 1, "rw-", "rw-"},
    {0, 1, 0b10, 0, "r--", "--x"}, {0, 1, 0b10, 1, "r--", "--x"}, {0, 1, 0b11, 0, "r--", "r-x"},
    {0, 1, 0b11, 1, "r--", "r-x"}, {1, 0, 0b00, 0, "rwx", "---"}, {1, 0, 0b00, 1, "rw-", "---"},
    {1, 0, 0b01, 0, "rw-", "rw-"}, {1, 0, 0b01, 1, "rw-", "rw-"}, {1, 0, 0b10, 0, "r-x", "---"},
    {1, 0, 0b10, 1, "r-x", "---"}, {1, 0, 0b11, 0, "r-x", "r--"}, {1, 0, 0b11, 1, "r-x", "r--"},
    {1, 1, 0b00, 0, "rw-", "---"}, {1, 1, 0b01, 0, "rw-", "rw-"}, {1, 1, 0b10, 0, "r--", "---"},
    {1, 1, 0b11, 0, "r--", "r--"},
};

INSTANTIATE_TEST_SUITE_P(Rows, DirectPermissions, testing::ValuesIn(table_d8_65));

// Hierarchical permissions (DDI 0487 D8.4.1.2, Table D8-64)

struct hierarchy_row {
    table_attributes table;
    unsigned ap;
    const char *priv, *unpriv;
};

const hierarchy_row hierarchy[] = {
    {{0, 0, 0b01, 0}, AP_ALL_RW, "rwx", "--x"}, // APTable[0]: no unprivileged data access
    {{0, 0, 0b10, 0}, AP_ALL_RW, "r-x", "r-x"}, // APTable[1]: read-only
    {{0, 0, 0b11, 0}, AP_ALL_RW, "r-x", "--x"}, //
    {{1, 0, 0b00, 0}, AP_ALL_RO, "r--", "r-x"}, // PXNTable
    {{0, 1, 0b00, 0}, AP_ALL_RO, "r-x", "r--"}, // UXNTable
    {{0, 0, 0b01, 0}, AP_PRIV_RO, "r-x", "--x"},
};

TEST_F(Permissions, TableAttributesLimitLowerLevels)
{
    for (const auto &h : hierarchy) {
        for (unsigned level = 0; level <= 2; ++level) {
            leaf_attributes attributes;
            attributes.ap = h.ap;
            stream.low.map(va, 0x9000, 3, attributes);
            const uint64_t at = stream.low.descriptor_address(va, level);
            const uint64_t plain = dut.mem.load64(at);
            dut.mem.store64(at, table_descriptor(plain, h.table));
            dut.invalidate_all();
            expect_rights(va, h.priv, h.unpriv);
            dut.mem.store64(at, plain);
        }
    }
}

TEST_F(Permissions, TableAttributesAccumulate)
{
    stream.low.map(va, 0x9000);
    const table_attributes limits[] = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 0b10, 0}};
    for (unsigned level = 0; level <= 2; ++level) {
        const uint64_t at = stream.low.descriptor_address(va, level);
        dut.mem.store64(at, table_descriptor(dut.mem.load64(at), limits[level]));
    }
    expect_rights(va, "r--", "r--");
}

TEST_F(Permissions, TableAttributesOfOtherRegionsDoNotMatter)
{
    const uint64_t other = va + (uint64_t{1} << 30);
    stream.low.map(va, 0x9000);
    stream.low.map(other, 0xa000);
    const uint64_t at = stream.low.descriptor_address(va, 1);
    dut.mem.store64(at, table_descriptor(dut.mem.load64(at), {1, 1, 0b11, 0}));
    expect_rights(other, "rw-", "rwx");
}

TEST_F(Permissions, HadDisablesTableAttributes)
{
    if ((dut.read32(reg::IDR3) >> 2 & 1) == 0)
        GTEST_SKIP() << "no HAD";
    stream.low.map(va, 0x9000);
    const uint64_t at = stream.low.descriptor_address(va, 1);
    dut.mem.store64(at, table_descriptor(dut.mem.load64(at), {1, 1, 0b11, 0}));
    stream.context().had0 = 1;
    republish();
    expect_rights(va, "rw-", "rwx");
    stream.context().had0 = 0;
    stream.context().had1 = 1;
    republish();
    expect_rights(va, "r--", "---");
}

TEST_F(Permissions, Had1DisablesThoseOfTheUpperHalf)
{
    if ((dut.read32(reg::IDR3) >> 2 & 1) == 0)
        GTEST_SKIP() << "no HAD";
    const uint64_t high = 0xffff'0000'0000'4000;
    stream.high.map(high, 0x9000);
    const uint64_t at = stream.high.descriptor_address(high, 1);
    dut.mem.store64(at, table_descriptor(dut.mem.load64(at), {1, 1, 0b11, 0}));
    stream.context().had1 = 1;
    republish();
    expect_rights(high, "rw-", "rwx");
    stream.context().had1 = 0;
    stream.context().had0 = 1;
    republish();
    expect_rights(high, "r--", "---");
}

// PAN (IHI 0070 5.4, CD.PAN)

TEST_F(Permissions, PanForbidsPrivilegedDataOfUnprivilegedPages)
{
    stream.context().pan = 1;
    republish();
    leaf_attributes attributes;
    attributes.pxn = 0;
    attributes.ap = AP_ALL_RO;
    stream.low.map(va, 0x9000, 3, attributes);
    expect_rights(va, "--x", "r-x");
}

TEST_F(Permissions, PanLeavesPrivilegedPagesAlone)
{
    stream.context().pan = 1;
    republish();
    leaf_attributes attributes;
    attributes.ap = AP_PRIV_RW;
    stream.low.map(va, 0x9000, 3, attributes);
    expect_rights(va, "rwx", "--x");
}

TEST_F(Permissions, PanLooksAtThePermissionAfterApTable)
{
    stream.context().pan = 1;
    republish();
    stream.low.map(va, 0x9000);
    const uint64_t at = stream.low.descriptor_address(va, 2);
    dut.mem.store64(at, table_descriptor(dut.mem.load64(at), {0, 0, 0b01, 0}));
    expect_rights(va, "rwx", "--x");
}

// Enhanced PAN (IHI 0070 5.4, CD.EPAN).

class EnhancedPan : public Permissions {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.epan = true;
        return cfg;
    }
    EnhancedPan() : Permissions(config()) {}

    void map(unsigned uxn)
    {
        leaf_attributes attributes;
        attributes.ap = AP_PRIV_RW;
        attributes.uxn = uxn;
        stream.low.map(va, 0x9000, 3, attributes);
        dut.mem.store64(stream.cd_address() + 8, dut.mem.load64(stream.cd_address() + 8) | epan);
        dut.invalidate_all();
    }

    static constexpr uint64_t epan = uint64_t{1} << (123 - 64);
};

TEST_F(EnhancedPan, ForbidsPrivilegedDataOfPagesThatUnprivilegedOnesExecute)
{
    stream.context().pan = 1;
    stream.publish();
    map(0);
    expect_rights(va, "--x", "--x");
    map(1);
    expect_rights(va, "rwx", "---");
}

TEST_F(EnhancedPan, DoesNothingWithoutPan)
{
    map(0);
    expect_rights(va, "rwx", "--x");
}

TEST_F(Permissions, UwxnIsIgnoredInVmsav8_64)
{
    stream.context().uwxn = 1;
    republish();
    stream.low.map(va, 0x9000);
    expect_rights(va, "rw-", "rwx");
}

TEST_F(Permissions, WritesAreDataEvenIfMarkedInstruction)
{
    leaf_attributes attributes;
    attributes.uxn = 1;
    stream.low.map(va, 0x9000, 3, attributes);
    client_access how = write_access;
    how.instr = true;
    expect_forward(dut.translate(sid, va, how), 0x9000);
}

} // namespace
} // namespace test_permissions
