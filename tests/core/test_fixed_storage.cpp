// SPDX-License-Identifier: Apache-2.0
// Tables and queues whose place is fixed (IHI 0070 3.16, 6.3.2: TABLES_PRESET, QUEUES_PRESET, REL),
// used as a driver does that probes for them.
#include "core/core_test.hpp"

using namespace support;
using namespace support::reg;

namespace test_fixed_storage {
namespace {

constexpr uint64_t page0 = 0x2b400000;
constexpr uint64_t ra = uint64_t{1} << 62;

// Addresses that are no others of the tests; relative ones are small.
smmu_config tables(bool rel)
{
    smmu_config cfg = smmu_config_default();
    cfg.tables_preset = true;
    cfg.rel = rel;
    cfg.page0 = rel ? page0 : 0;
    cfg.strtab_base = rel ? 0x100000 : 0x44000000 | ra;
    cfg.strtab_base_cfg = 8; // linear, 256 STEs
    cfg.cr1 = 0xd40;         // Inner Shareable, Write-Back
    return cfg;
}

smmu_config with_queues(smmu_config cfg)
{
    cfg.queues_preset = true;
    cfg.cmdq_base = (cfg.rel ? 0x200000 : 0x50000000) | 5;
    cfg.eventq_base = (cfg.rel ? 0x210000 : 0x51000000 | ra) | 4;
    cfg.priq_base = (cfg.rel ? 0x220000 : 0x52000000) | 3;
    cfg.cr1 |= 0x35;
    return cfg;
}

smmu_config queues(bool rel)
{
    smmu_config cfg = smmu_config_default();
    cfg.rel = rel;
    cfg.page0 = rel ? page0 : 0;
    return with_queues(cfg);
}

smmu_config both(bool rel)
{
    return with_queues(tables(rel));
}

struct fixed_register {
    const char *name;
    uint32_t offset;
    unsigned bytes;
    uint64_t smmu_config::*value;
};

// --- registers ----------------------------------------------------------------------------------

TEST(FixedStorage, Idr1SaysWhatIsFixed)
{
    const struct {
        smmu_config cfg;
        uint32_t fields; // [30:28]: TABLES_PRESET, QUEUES_PRESET, REL
    } rows[] = {{smmu_config_default(), 0}, {tables(false), 0b100}, {queues(false), 0b010},
                {both(false), 0b110},       {tables(true), 0b101},  {queues(true), 0b011},
                {both(true), 0b111}};
    for (const auto &row : rows)
        EXPECT_EQ(device_under_test(row.cfg).read32(IDR1) >> 28 & 7, row.fields);
}

TEST(FixedStorage, NothingIsRelativeWhereNothingIsFixed) // 6.3.2: REL is RES0
{
    smmu_config cfg = smmu_config_default();
    cfg.rel = true;
    cfg.page0 = page0;
    device_under_test dut(cfg);
    EXPECT_EQ(dut.read32(IDR1) >> 28 & 7, 0u);
    dut.write64(STRTAB_BASE, 0x44000000);
    EXPECT_EQ(dut.read64(STRTAB_BASE), 0x44000000u);
}

class FixedRegisters : public testing::TestWithParam<bool> {
  protected:
    smmu_config cfg = both(GetParam());

    void expect_fixed(device_under_test &dut)
    {
        EXPECT_EQ(dut.read64(STRTAB_BASE), cfg.strtab_base);
        EXPECT_EQ(dut.read32(STRTAB_BASE + 4), cfg.strtab_base >> 32);
        EXPECT_EQ(dut.read32(STRTAB_BASE_CFG), 8u);
        EXPECT_EQ(dut.read64(CMDQ_BASE), cfg.cmdq_base);
        EXPECT_EQ(dut.read64(EVENTQ_BASE), cfg.eventq_base);
        EXPECT_EQ(dut.read64(PRIQ_BASE), cfg.priq_base);
        EXPECT_EQ(dut.read32(CR1), 0xd75u);
    }
};

TEST_P(FixedRegisters, ReadAsGivenAfterResetToo)
{
    device_under_test dut(cfg);
    expect_fixed(dut);
    smmu_reset(dut.smmu());
    expect_fixed(dut);
}

TEST_P(FixedRegisters, AreReadOnly) // 6.3.24 to 6.3.26, 6.3.29, 6.3.33; 6.3.11.1: ignored
{
    device_under_test dut(cfg);
    for (const uint64_t value : {~uint64_t{0}, uint64_t{0}}) {
        for (const uint32_t base : {STRTAB_BASE, CMDQ_BASE, EVENTQ_BASE, PRIQ_BASE}) {
            dut.write64(base, value);
            dut.write32(base, static_cast<uint32_t>(value));
            dut.write32(base + 4, static_cast<uint32_t>(value));
        }
        dut.write32(STRTAB_BASE_CFG, static_cast<uint32_t>(value));
        dut.write32(CR1, static_cast<uint32_t>(value));
        expect_fixed(dut);
    }
}

TEST_P(FixedRegisters, OfQueuesAreSoftwaresIfTheTableAloneIsFixed)
{
    device_under_test dut(tables(GetParam()));
    for (const uint32_t base : {CMDQ_BASE, EVENTQ_BASE, PRIQ_BASE}) {
        EXPECT_EQ(dut.read64(base), 0u);
        dut.write64(base, 0x61000003);
        EXPECT_EQ(dut.read64(base), 0x61000003u);
    }
    dut.write32(CR1, 0x2a);
    EXPECT_EQ(dut.read32(CR1), 0xd6au);
}

TEST_P(FixedRegisters, OfTheTableAreSoftwaresIfQueuesAloneAreFixed)
{
    device_under_test dut(queues(GetParam()));
    EXPECT_EQ(dut.read64(STRTAB_BASE), 0u);
    dut.write64(STRTAB_BASE, 0x61000040);
    EXPECT_EQ(dut.read64(STRTAB_BASE), 0x61000040u);
    dut.write32(STRTAB_BASE_CFG, 5);
    EXPECT_EQ(dut.read32(STRTAB_BASE_CFG), 5u);
    dut.write32(CR1, 0xa80);
    EXPECT_EQ(dut.read32(CR1), 0xab5u);
}

INSTANTIATE_TEST_SUITE_P(Absolute, FixedRegisters, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Relative, FixedRegisters, testing::Values(true));

// --- software -----------------------------------------------------------------------------------

// A driver that goes by 16.5: it probes for what is there, and brings up the rest. What it knows of
// its own is the address of page 0.
class FixedDriver : public testing::TestWithParam<bool> {
  protected:
    FixedDriver() : dut(both(GetParam()))
    {
        strtab = address(STRTAB_BASE);
        cmdq = address(CMDQ_BASE);
        eventq = address(EVENTQ_BASE);
        priq = address(PRIQ_BASE);
        ste aborts;
        aborts.config = STE_ABORT;
        for (uint32_t sid = 0; sid < 256; sid++)
            set_ste(sid, aborts);
        dut.write32(CR2, CR2_RECINVSID);
        dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN);
        dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN | CR0_PRIQEN | CR0_SMMUEN);
        dut.mem.clear_log();
    }

    uint64_t address(uint32_t base)
    {
        const uint64_t addr = dut.read64(base) & ones(56) & ~ones(5);
        return dut.read32(IDR1) >> 28 & 1 ? page0 + addr : addr;
    }
    void set_ste(uint32_t sid, const ste &entry)
    {
        dut.mem.store_image(strtab + uint64_t{sid} * 64, entry.encode());
    }
    // What the SMMU did of its own since the log was cleared.
    smmu_mem_req only_access()
    {
        EXPECT_EQ(dut.mem.log().size(), 1u);
        return dut.mem.log().empty() ? smmu_mem_req{} : dut.mem.log()[0].req;
    }

    device_under_test dut;
    uint64_t strtab, cmdq, eventq, priq;
};

TEST_P(FixedDriver, KnowsWhereTheyAre)
{
    EXPECT_EQ(strtab, GetParam() ? 0x2b500000u : 0x44000000u);
    EXPECT_EQ(cmdq, GetParam() ? 0x2b600000u : 0x50000000u);
    EXPECT_EQ(eventq, GetParam() ? 0x2b610000u : 0x51000000u);
    EXPECT_EQ(priq, GetParam() ? 0x2b620000u : 0x52000000u);
}

TEST_P(FixedDriver, StreamsAreConfiguredInTheTable)
{
    set_ste(255, ste{});
    expect_forward(dut.translate(255, 0x1234), 0x1234);
    const smmu_mem_req access = only_access();
    EXPECT_EQ(access.addr, strtab + 255 * 64);
    EXPECT_EQ(access.attr.sh, SMMU_SH_INNER);
    expect_abort(dut.translate(256, 0), C_BAD_STREAMID);
}

TEST_P(FixedDriver, CommandsAreReadFromTheQueue)
{
    dut.write32(CMDQ_PROD, 31); // of 32 entries, whatever is in front of it
    dut.write32(CR0, CR0_EVENTQEN);
    dut.write32(CMDQ_CONS, 31);
    dut.write32(GERRORN, dut.read32(GERROR));
    dut.update_cr0(CR0_CMDQEN | CR0_EVENTQEN);
    dut.mem.clear_log();
    dut.mem.store_image(cmdq + 31 * 16, cmd_sync());
    dut.write32(CMDQ_PROD, 32);
    EXPECT_EQ(only_access().addr, cmdq + 31 * 16);
    EXPECT_EQ(dut.read32(CMDQ_CONS), 32u) << "consumed, and wrapped";
}

TEST_P(FixedDriver, EventsAreInTheQueue)
{
    expect_abort(dut.translate(0x12345, 0), C_BAD_STREAMID);
    EXPECT_EQ(only_access().addr, eventq);
    EXPECT_EQ(event::decode(dut.mem.load_image<4>(eventq)).sid, 0x12345u);
    EXPECT_EQ(dut.read32(EVENTQ_PROD), 1u);
}

TEST_P(FixedDriver, PageRequestsAreInTheQueue)
{
    smmu_page_request request{};
    request.addr = 0x5000;
    request.r = request.last = true;
    smmu_request_page(dut.smmu(), &request);
    EXPECT_EQ(only_access().addr, priq);
    EXPECT_EQ(dut.read32(PRIQ_PROD), 1u);
}

INSTANTIATE_TEST_SUITE_P(Absolute, FixedDriver, testing::Values(false));
INSTANTIATE_TEST_SUITE_P(Relative, FixedDriver, testing::Values(true));

TEST(FixedStorage, ATableCanHaveTwoLevels)
{
    smmu_config cfg = tables(true);
    cfg.strtab_base_cfg = 1u << 16 | 8u << 6 | 16;
    device_under_test dut(cfg);
    dut.mem.store64(page0 + 0x100000 + 8 * 3, 0x70000000 | 9); // 256 STEs
    dut.mem.store_image(0x70000000 + 0x45 * 64, ste{}.encode());
    dut.update_cr0(CR0_SMMUEN);
    expect_forward(dut.translate(0x345, 0x1234), 0x1234);
}

TEST(FixedStorage, AttributesAreThoseGiven) // 6.3.11.1
{
    smmu_config cfg = both(false);
    cfg.cr1 = 0; // Non-cacheable
    device_under_test dut(cfg);
    dut.write32(CR1, 0xd75);
    dut.update_cr0(CR0_EVENTQEN | CR0_SMMUEN);
    dut.translate(1, 0);   // reads an STE,
    dut.translate(300, 0); // and this is recorded
    dut.write32(CR2, 0);
    ASSERT_GE(dut.mem.log().size(), 1u);
    for (const mem_access &access : dut.mem.log())
        EXPECT_EQ(access.req.attr.mair, 0x44) << access.req.addr;
}

// --- what cannot be -----------------------------------------------------------------------------

struct bad_storage {
    const char *name, *field;
    void (*spoil)(smmu_config &);
};

void PrintTo(const bad_storage &bad, std::ostream *out)
{
    *out << bad.name;
}

class BadStorage : public testing::TestWithParam<bad_storage> {};

TEST_P(BadStorage, IsRefusedByName)
{
    smmu_config cfg = both(true);
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr));
    GetParam().spoil(cfg);
    smmu_error error{"", ""};
    EXPECT_FALSE(smmu_config_check(&cfg, &error));
    EXPECT_STREQ(error.field, GetParam().field);
    EXPECT_STRNE(error.reason, "");
}

const bad_storage bad_storages[] = {
    {"EnhancedQueues", "queues_preset", [](smmu_config &c) { c.ecmdq = true; }},
    {"Page0", "page0", [](smmu_config &c) { c.page0 += 0x1000; }},
    {"ReservedBits", "strtab_base", [](smmu_config &c) { c.strtab_base |= uint64_t{1} << 56; }},
    {"ReservedBitsOfCommands", "cmdq_base",
     [](smmu_config &c) { c.cmdq_base |= uint64_t{1} << 61; }},
    {"ReservedBitsOfEvents", "eventq_base",
     [](smmu_config &c) { c.eventq_base |= uint64_t{1} << 56; }},
    {"ReservedBitsOfRequests", "priq_base",
     [](smmu_config &c) { c.priq_base |= uint64_t{1} << 58; }},
    {"LowBits", "strtab_base", [](smmu_config &c) { c.strtab_base |= 0x20; }},
    {"TableNotAligned", "strtab_base", [](smmu_config &c) { c.strtab_base += 0x2000; }},
    {"TableAlignedByPage0Alone", "strtab_base",
     [](smmu_config &c) { c.page0 = 0x10000, c.strtab_base = 0xf0000, c.strtab_base_cfg = 14; }},
    {"TableBeyondOas", "strtab_base",
     [](smmu_config &c) { c.strtab_base = (uint64_t{1} << 48) - 0x4000; }},
    {"Format", "strtab_base_cfg",
     [](smmu_config &c) { c.strtab_base_cfg = 2u << 16 | 6u << 6 | 8; }},
    {"Split", "strtab_base_cfg",
     [](smmu_config &c) { c.strtab_base_cfg = 1u << 16 | 7u << 6 | 8; }},
    {"SplitOfALinearTable", "strtab_base_cfg",
     [](smmu_config &c) { c.strtab_base_cfg = 6u << 6 | 8; }},
    {"BeyondTheFormat", "strtab_base_cfg", [](smmu_config &c) { c.strtab_base_cfg |= 1u << 18; }},
    {"NoTwoLevels", "strtab_base_cfg",
     [](smmu_config &c) {
         c.st_level2 = false, c.sid_bits = 6, c.strtab_base_cfg = 1u << 16 | 6u << 6 | 6;
     }},
    {"TableTooLarge", "strtab_base_cfg", [](smmu_config &c) { c.strtab_base_cfg = 17; }},
    {"LargestTable", "strtab_base_cfg", [](smmu_config &c) { c.strtab_base_cfg = 63; }},
    {"CommandQueueTooLarge", "cmdq_base", [](smmu_config &c) { c.cmdq_log2_max = 4; }},
    {"EventQueueTooLarge", "eventq_base", [](smmu_config &c) { c.evtq_log2_max = 3; }},
    {"PriQueueTooLarge", "priq_base", [](smmu_config &c) { c.priq_log2_max = 2; }},
    {"QueueNotAligned", "cmdq_base", [](smmu_config &c) { c.cmdq_base += 0x100; }},
    {"TableOverQueue", "eventq_base", [](smmu_config &c) { c.eventq_base = 0x103e00 | 4; }},
    {"QueueOverQueue", "priq_base", [](smmu_config &c) { c.priq_base = 0x210180 | 3; }},
    {"OverRegisters", "cmdq_base", [](smmu_config &c) { c.cmdq_base = 0x2fe00 | 5; }},
    {"Attributes", "cr1", [](smmu_config &c) { c.cr1 |= 1u << 12; }},
    {"AttributesOfQueues", "cr1", [](smmu_config &c) { c.queues_preset = false; }},
    {"AttributesOfTables", "cr1", [](smmu_config &c) { c.tables_preset = false; }},
};

INSTANTIATE_TEST_SUITE_P(Parameters, BadStorage, testing::ValuesIn(bad_storages),
                         [](const auto &info) { return info.param.name; });

TEST(FixedStorage, MayTouchEachOtherAndTheRegisters)
{
    smmu_config cfg = both(true);
    cfg.strtab_base = 0x30000; // behind the VATOS page; but aligned to 16 KiB
    cfg.cmdq_base = 0x34000 | 5;
    cfg.eventq_base = 0x34200 | 4;
    cfg.priq_base = 0x34400 | 3;
    EXPECT_TRUE(smmu_config_check(&cfg, nullptr));
}

TEST(FixedStorage, WithoutPriThereIsNoPriQueue)
{
    smmu_config cfg = both(false);
    cfg.pri = false;
    cfg.priq_base = cfg.cmdq_base; // of no matter
    device_under_test dut(cfg);
    EXPECT_EQ(dut.read64(PRIQ_BASE), 0u);
}

} // namespace
} // namespace test_fixed_storage
