// SPDX-License-Identifier: Apache-2.0
// Signals of requests as smmu::attributes and back (IHI 0022 L A4, A8, A13; IHI 0070 16.7).
#include <gtest/gtest.h>

#include "buses.hpp"
#include "smmu/pins/axi_attributes.hpp"

namespace pins_test::test_axi_attributes {

namespace {

using namespace smmu::pins;

constexpr axi_shape full = axi_shape::of<full_bus>();
constexpr axi_shape plain = axi_shape::of<axi4<64, 4, 32>>();

axi_request request_with(unsigned cache, unsigned domain, bool write = false)
{
    axi_request request = {};
    request.write = write;
    request.cache = cache;
    request.domain = domain;
    return request;
}

axi_request out(const smmu::attributes &attributes, bool write, const axi_shape &shape = full)
{
    axi_request request = {};
    request.write = write;
    set_attributes(request, attributes, shape);
    return request;
}

// IHI 0070 16.7.5.1.1.
TEST(axi_memattr, of_amba_types_is_that_of_armv8)
{
    const struct {
        unsigned cache, domain;
        unsigned mair, sh;
    } rows[] = {
        {0x0, AXI_DOMAIN_SYSTEM, 0x00, 2}, // Device non-bufferable
        {0x1, AXI_DOMAIN_SYSTEM, 0x04, 2}, // Device bufferable
        {0x2, AXI_DOMAIN_SYSTEM, 0x44, 2}, // Non-cacheable
        {0x3, AXI_DOMAIN_SYSTEM, 0x44, 2},
        {0x3, AXI_DOMAIN_NON, 0x4f, 0}, // Non-cacheable in a domain
        {0x2, AXI_DOMAIN_INNER, 0x4f, 3},
        {0x6, AXI_DOMAIN_NON, 0xaa, 0},   // Write-Through, Read-Allocate
        {0xe, AXI_DOMAIN_OUTER, 0xbb, 2}, // both
        {0xb, AXI_DOMAIN_INNER, 0xdd, 3}, // Write-Back, Write-Allocate
        {0xf, AXI_DOMAIN_INNER, 0xff, 3}, // both
    };
    for (const auto &row : rows)
        for (const bool write : {false, true}) {
            const smmu_memattr got = memattr_of(request_with(row.cache, row.domain, write), full);
            EXPECT_EQ(got.mair, row.mair) << row.cache << " " << row.domain;
            EXPECT_EQ(got.sh, row.sh) << row.cache << " " << row.domain;
        }
}

TEST(axi_memattr, without_domains_is_non_shareable_where_it_is_cached)
{
    const smmu_memattr cached = memattr_of(request_with(0xf, AXI_DOMAIN_NON), plain);
    EXPECT_EQ(cached.mair, 0xff);
    EXPECT_EQ(cached.sh, SMMU_SH_NON);
    const smmu_memattr open = memattr_of(request_with(0x3, AXI_DOMAIN_NON), plain);
    EXPECT_EQ(open.mair, 0x44);
    EXPECT_EQ(open.sh, SMMU_SH_OUTER);
}

TEST(axi_memattr, that_is_reserved_is_the_strictest_device)
{
    for (const unsigned cache : {0x4u, 0x5u, 0x8u, 0x9u, 0xcu, 0xdu})
        EXPECT_EQ(memattr_of(request_with(cache, AXI_DOMAIN_INNER), full).mair, 0x00);
}

// IHI 0070 16.7.5.2; what AMBA cannot say is said as near as it can.
TEST(axi_memattr, of_armv8_is_that_of_amba)
{
    const struct {
        unsigned mair, sh;
        unsigned arcache, awcache, domain;
    } rows[] = {
        {0x00, 0, 0x0, 0x0, AXI_DOMAIN_SYSTEM}, {0x04, 3, 0x1, 0x1, AXI_DOMAIN_SYSTEM},
        {0x08, 0, 0x1, 0x1, AXI_DOMAIN_SYSTEM}, {0x0c, 2, 0x1, 0x1, AXI_DOMAIN_SYSTEM},
        {0x44, 0, 0x3, 0x3, AXI_DOMAIN_SYSTEM}, {0x4f, 3, 0x3, 0x3, AXI_DOMAIN_INNER},
        {0xff, 3, 0xf, 0xf, AXI_DOMAIN_INNER},  {0xff, 2, 0xf, 0xf, AXI_DOMAIN_OUTER},
        {0xff, 0, 0xf, 0xf, AXI_DOMAIN_NON},    {0xcc, 0, 0xb, 0x7, AXI_DOMAIN_NON},
        {0x88, 0, 0xa, 0x6, AXI_DOMAIN_NON},    {0xee, 0, 0x7, 0x7, AXI_DOMAIN_NON},
        {0x99, 0, 0xa, 0xa, AXI_DOMAIN_NON},    {0x77, 0, 0xf, 0xf, AXI_DOMAIN_NON}, // transient
        {0xf4, 3, 0xf, 0xf, AXI_DOMAIN_INNER}, // outer Write-Back
        {0xaf, 3, 0x6, 0x6, AXI_DOMAIN_INNER}, // outer Write-Through
    };
    for (const auto &row : rows)
        for (const bool write : {false, true}) {
            axi_request request = request_with(0, 0, write);
            set_memattr(request,
                        {static_cast<std::uint8_t>(row.mair), static_cast<std::uint8_t>(row.sh)});
            EXPECT_EQ(request.cache, write ? row.awcache : row.arcache) << std::hex << row.mair;
            EXPECT_EQ(request.domain, row.domain) << std::hex << row.mair;
        }
}

TEST(axi_memattr, has_a_word_for_every_attribute_byte)
{
    for (unsigned mair = 0; mair < 256; mair++)
        for (const bool write : {false, true}) {
            axi_request request = request_with(0x4, 0, write); // reserved
            set_memattr(request, {static_cast<std::uint8_t>(mair), SMMU_SH_INNER});
            EXPECT_NE(request.cache, 0x4u) << mair;
        }
}

TEST(axi_memattr, comes_back_as_it_left_but_for_bufferable)
{
    for (unsigned cache = 0; cache < 16; cache++)
        for (unsigned domain = 0; domain < 4; domain++)
            for (const bool write : {false, true}) {
                const bool reserved = !(cache & 2) && cache & 0xc;
                const bool system = domain == AXI_DOMAIN_SYSTEM;
                if (reserved || (cache < 2 && !system) || (cache & 0xc && system))
                    continue;
                const axi_request in = request_with(cache, domain, write);
                axi_request back = request_with(0, 0, write);
                set_memattr(back, memattr_of(in, full));
                EXPECT_EQ(back.cache, cache == 2 ? 3 : cache);
                EXPECT_EQ(back.domain, domain);
            }
}

// AxNSE and AxPROT[1]: Secure 00, Non-secure 01, Root 10, Realm 11.
TEST(axi_attributes, have_the_address_space_in_prot_and_nse)
{
    const std::pair<unsigned, smmu_pas> rows[] = {
        {0, SMMU_PAS_S}, {1, SMMU_PAS_NS}, {2, SMMU_PAS_ROOT}, {3, SMMU_PAS_REALM}};
    for (const auto &[bits, pas] : rows) {
        axi_request request = {};
        request.nse = bits >> 1;
        request.prot = (bits & 1) << 1;
        EXPECT_EQ(attributes_of(request, full).pas, pas);
        smmu::attributes attributes;
        attributes.pas = pas;
        const axi_request back = out(attributes, true);
        EXPECT_EQ(back.nse, request.nse);
        EXPECT_EQ(back.prot, request.prot);
    }
}

// AxPROT[0] is privileged, [2] instruction.
TEST(axi_attributes, have_privilege_and_instruction_in_prot)
{
    axi_request request = {};
    request.prot = 1;
    EXPECT_TRUE(attributes_of(request, full).priv);
    EXPECT_FALSE(attributes_of(request, full).instr);
    request.prot = 4;
    EXPECT_FALSE(attributes_of(request, full).priv);
    EXPECT_TRUE(attributes_of(request, full).instr);
    smmu::attributes attributes;
    attributes.priv = true;
    EXPECT_EQ(out(attributes, false).prot, 3u); // Non-secure
    attributes.instr = true;
    EXPECT_EQ(out(attributes, false).prot, 7u);
}

TEST(axi_attributes, have_no_stream_where_the_address_is_physical)
{
    axi_request request = {};
    request.mmusid = 5;
    request.mmusecsid = 1;
    request.mmussidv = true;
    EXPECT_EQ(attributes_of(request, full).sid, 0u);
    EXPECT_EQ(attributes_of(request, full).sec, SMMU_SEC_NS);
    EXPECT_FALSE(attributes_of(request, full).ssv);
    smmu::attributes attributes;
    attributes.sid = 5;
    EXPECT_FALSE(out(attributes, false, plain).mmuvalid);
    EXPECT_EQ(out(attributes, false, plain).mmusid, 0u);
}

TEST(axi_attributes, are_translated_by_the_signal_of_the_version)
{
    smmu::attributes attributes;
    attributes.translated = true;
    EXPECT_EQ(out(attributes, false).mmuflow, unsigned{AXI_FLOW_ATST});
    EXPECT_FALSE(out(attributes, false).mmuatst);
    constexpr axi_shape first = axi_shape::of<wide_bus>();
    EXPECT_TRUE(out(attributes, false, first).mmuatst);
    EXPECT_EQ(out(attributes, false, first).mmuflow, 0u);
    axi_request request = {};
    request.mmuvalid = true;
    for (const unsigned flow : {AXI_FLOW_STALL, AXI_FLOW_NO_STALL, AXI_FLOW_PRI}) {
        request.mmuflow = flow;
        EXPECT_FALSE(attributes_of(request, full).translated);
    }
    request.mmuflow = AXI_FLOW_ATST;
    EXPECT_TRUE(attributes_of(request, full).translated);
}

// Values of AxSNOOP of A7.2 and A7.3.
TEST(axi_attributes, have_the_operation_in_snoop)
{
    const struct {
        smmu_op op;
        bool write;
        std::uint8_t sh;
        unsigned snoop;
    } rows[] = {
        {SMMU_OP_READ_CLEAN_INVALIDATE, false, SMMU_SH_INNER, 4},
        {SMMU_OP_READ_DESTRUCTIVE, false, SMMU_SH_OUTER, 5},
        {SMMU_OP_WRITE_PREFETCH, true, SMMU_SH_INNER, 8},
        {SMMU_OP_PREFETCH, true, SMMU_SH_NON, 12},
        {SMMU_OP_CLEAN, false, SMMU_SH_NON, 8},
        {SMMU_OP_CLEAN_INVALIDATE, false, SMMU_SH_INNER, 9},
        {SMMU_OP_CLEAN_TO_PERSISTENCE, false, SMMU_SH_INNER, 10},
        {SMMU_OP_INVALIDATE, false, SMMU_SH_INNER, 13},
        {SMMU_OP_DESTRUCTIVE_HINT, true, SMMU_SH_INNER, 18},
        {SMMU_OP_ORDINARY, true, SMMU_SH_INNER, 0},
        {SMMU_OP_READ_DESTRUCTIVE, false, SMMU_SH_NON, 0}, // not there in this domain
        {SMMU_OP_WRITE_PREFETCH, true, SMMU_SH_NON, 0},
    };
    for (const auto &row : rows) {
        smmu::attributes attributes;
        attributes.op = row.op;
        attributes.memattr.sh = row.sh;
        const axi_request request = out(attributes, row.write);
        EXPECT_EQ(request.snoop, row.snoop) << row.op;
        EXPECT_EQ(attributes_of(request, full).op, row.snoop ? row.op : SMMU_OP_ORDINARY);
        EXPECT_EQ(out(attributes, row.write, plain).snoop, 0u);
    }
}

// IHI 0070 16.7.2.3.
TEST(axi_attributes, of_maintenance_are_never_of_the_system)
{
    smmu::attributes attributes;
    attributes.op = SMMU_OP_CLEAN;
    attributes.memattr = {SMMU_MAIR_DEVICE_nGnRE, SMMU_SH_NON};
    const axi_request request = out(attributes, false);
    EXPECT_EQ(request.domain, unsigned{AXI_DOMAIN_OUTER});
    EXPECT_EQ(request.cache, 3u); // a Device would be System
    EXPECT_EQ(request.snoop, 8u);
}

template <unsigned WIDTH> struct mpam_bus : full_bus {
    static constexpr unsigned mpam_width = WIDTH;
};

template <unsigned WIDTH> axi_request out_with(const smmu_mpam &mpam)
{
    smmu::attributes attributes;
    attributes.mpam = mpam;
    return out(attributes, true, axi_shape::of<mpam_bus<WIDTH>>());
}

template <unsigned WIDTH> smmu_mpam in_with(unsigned word)
{
    axi_request request = {};
    request.mpam = word;
    request.prot = 2; // Non-secure
    return attributes_of(request, axi_shape::of<mpam_bus<WIDTH>>()).mpam;
}

// MPAM_NS 0, PARTID [9:1], PMG 10; with MPAM_SP [1:0] what follows is one higher. IHI 0070 17.7:
// Secure 0b00, Non-secure 0b01, Root 0b10, Realm 0b11.
TEST(axi_mpam_signal, has_space_partid_and_pmg)
{
    EXPECT_EQ(out_with<11>({0x155, 1, SMMU_SEC_NS}).mpam, 0x6abu);
    EXPECT_EQ(out_with<11>({0x0aa, 0, SMMU_SEC_S}).mpam, 0x154u);
    EXPECT_EQ(out_with<12>({0x155, 1, SMMU_SEC_NS}).mpam, 0xd55u);
    EXPECT_EQ(out_with<12>({0x001, 0, SMMU_SEC_REALM}).mpam, 0x7u);
    EXPECT_EQ(out_with<14>({0xabc, 1, SMMU_SEC_NS}).mpam, 0x3579u);
    EXPECT_EQ(out_with<15>({0xabc, 1, SMMU_SEC_ROOT}).mpam, 0x6af2u);
    EXPECT_EQ(out_with<0>({0x155, 1, SMMU_SEC_NS}).mpam, 0u);
}

TEST(axi_mpam_signal, of_one_bit_of_space_takes_root_for_secure_and_realm_for_non_secure)
{
    EXPECT_EQ(out_with<11>({0, 0, SMMU_SEC_ROOT}).mpam, 0u);
    EXPECT_EQ(out_with<11>({0, 0, SMMU_SEC_REALM}).mpam, 1u);
}

TEST(axi_mpam_signal, comes_in_as_it_went_out)
{
    const smmu_mpam in = in_with<11>(0x6ab);
    EXPECT_EQ(in.partid, 0x155u);
    EXPECT_EQ(in.pmg, 1u);
    EXPECT_EQ(in.space, SMMU_SEC_NS);
    const smmu_mpam wide = in_with<15>(0x6af3);
    EXPECT_EQ(wide.partid, 0xabcu);
    EXPECT_EQ(wide.pmg, 1u);
    EXPECT_EQ(wide.space, SMMU_SEC_REALM);
    EXPECT_EQ(in_with<12>(2).space, SMMU_SEC_ROOT);
    EXPECT_EQ(in_with<14>(0).space, SMMU_SEC_S);
}

TEST(axi_mpam_signal, that_is_absent_is_the_default_label)
{
    const smmu_mpam in = in_with<0>(0x7ff);
    EXPECT_EQ(in.partid, 0u);
    EXPECT_EQ(in.pmg, 0u);
    EXPECT_EQ(in.space, SMMU_SEC_NS);
}

TEST(axi_mpam_signal, has_no_room_for_larger_labels)
{
    smmu::attributes attributes;
    attributes.mpam = {0x1ff, 1, SMMU_SEC_NS};
    EXPECT_EQ(unfit_for(attributes, axi_shape::of<mpam_bus<11>>()), nullptr);
    attributes.mpam.partid = 0x200;
    EXPECT_STREQ(unfit_for(attributes, axi_shape::of<mpam_bus<11>>()), "PARTID");
    EXPECT_EQ(unfit_for(attributes, axi_shape::of<mpam_bus<14>>()), nullptr);
    EXPECT_EQ(unfit_for(attributes, axi_shape::of<mpam_bus<0>>()), nullptr);
    attributes.mpam.partid = 0x1000;
    EXPECT_STREQ(unfit_for(attributes, axi_shape::of<mpam_bus<15>>()), "PARTID");
    attributes.mpam = {0, 2, SMMU_SEC_NS};
    EXPECT_STREQ(unfit_for(attributes, axi_shape::of<mpam_bus<11>>()), "PMG");
}

struct narrow : full_bus {
    static constexpr bool realms = false;
    static constexpr unsigned secsid_width = 1;
    static constexpr unsigned sid_width = 8;
    static constexpr unsigned ssid_width = 4;
};

TEST(axi_attributes, that_do_not_fit_are_named)
{
    constexpr axi_shape shape = axi_shape::of<narrow>();
    smmu::attributes attributes;
    attributes.sid = 0xff;
    attributes.ssv = true;
    attributes.ssid = 0xf;
    EXPECT_EQ(unfit_for(attributes, shape), nullptr);
    attributes.ssid = 0x10;
    EXPECT_STREQ(unfit_for(attributes, shape), "SubstreamID");
    attributes.sid = 0x100;
    EXPECT_STREQ(unfit_for(attributes, shape), "StreamID");
    attributes.sec = SMMU_SEC_REALM;
    EXPECT_STREQ(unfit_for(attributes, shape), "Security state");
    attributes.pas = SMMU_PAS_REALM;
    EXPECT_STREQ(unfit_for(attributes, shape), "physical address space");
    EXPECT_STREQ(unfit_for(attributes, plain), "physical address space");
    attributes.pas = SMMU_PAS_S;
    EXPECT_EQ(unfit_for(attributes, plain), nullptr); // has no streams to tell apart
}

} // namespace

} // namespace pins_test::test_axi_attributes
