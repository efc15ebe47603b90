// SPDX-License-Identifier: Apache-2.0
// Registers of Performance Monitor Counter Groups (IHI 0070 10.5).
#include "core/pmcg_test.hpp"

namespace pmcg_test::test_pmcg_registers {
namespace {

constexpr uint64_t ones = ~uint64_t{0};

class PmcgRegisters : public PmcgTest {};

TEST_F(PmcgRegisters, CfgrSaysWhatTheGroupIs)
{
    // 10.5.2.13: NCTR [5:0], SIZE [13:8], RELOC_CTRS 20, MSI 21, CAPTURE 22, SID_FILTER_TYPE 23
    EXPECT_EQ(read32(add_tcu(), CFGR), 0x00703f07u);
    const unsigned small = add([](smmu_pmcg_config &cfg) {
        cfg.counters = 4;
        cfg.counter_bits = 32;
        cfg.capture = cfg.msi = cfg.reloc_ctrs = false;
        cfg.sid_filter_all = true;
    });
    EXPECT_EQ(read32(small, CFGR), 0x00801f03u);
    const unsigned large = add([](smmu_pmcg_config &cfg) {
        cfg.counters = 64;
        cfg.counter_bits = 48;
        cfg.msi = cfg.reloc_ctrs = false;
    });
    EXPECT_EQ(read32(large, CFGR), 0x00402f3fu);
    EXPECT_EQ(smmu_pmcg_count(dut.smmu()), 3u);
}

TEST_F(PmcgRegisters, IdentificationFollowsIidr)
{
    const unsigned g = add([](smmu_pmcg_config &cfg) { cfg.iidr = 0x12345678; });
    const struct {
        uint32_t offset, value;
    } words[] = {
        {IIDR, 0x12345678},  {AIDR, 0x01}, // 10.5.2.26: SMMUv3.1
        {0xfb0, 0},                        // 10.5.2.29
        {0xfbc, 0x47702a56},               // PMDEVARCH
        {0xfcc, 0x56},                     // PMDEVTYPE
        {0xfd0, 0x06},                     // PIDR4: DES_2, IIDR[11:8]
        {0xfd4, 0},                        // PIDR5
        {0xfe0, 0x23},                     // PIDR0: PART_0, IIDR[27:20]
        {0xfe4, 0x81},                     // PIDR1: DES_0, IIDR[3:0]; PART_1, IIDR[31:28]
        {0xfe8, 0x4f},                     // PIDR2: REVISION, IIDR[19:16]; JEDEC; DES_1, IIDR[6:4]
        {0xfec, 0x50},                     // PIDR3: REVAND, IIDR[15:12]
        {0xff0, 0x0d},                     // CIDR0 to CIDR3
        {0xff4, 0x90},       {0xff8, 0x05}, {0xffc, 0xb1},
    };
    for (const auto &word : words) {
        write32(g, word.offset, 0xffffffff);
        EXPECT_EQ(read32(g, word.offset), word.value) << std::hex << word.offset;
    }
}

TEST_F(PmcgRegisters, EventsAreThoseOfTheUnit)
{
    EXPECT_EQ(read64(add_tcu(), CEID0), 0xffu);
    EXPECT_EQ(read64(add_tbu(), CEID0), 0x8fu) << "10.3: a TBU has no walker, and no requests";
    EXPECT_EQ(read64(0, CEID1), 0u);
    write64(0, CEID0, 0);
    EXPECT_EQ(read64(0, CEID0), 0xffu);
}

class PmcgWithoutAts : public PmcgTest {
  protected:
    static smmu_config config()
    {
        smmu_config cfg = smmu_config_default();
        cfg.ats = cfg.pri = false;
        return cfg;
    }
    PmcgWithoutAts() : PmcgTest(config(), false) {}
};

TEST_F(PmcgWithoutAts, EventsOfAtsAndOfAClockThatIsNotThereAreAbsent)
{
    EXPECT_EQ(read64(add_tcu(), CEID0), 0x3eu);
    EXPECT_EQ(read64(add_tbu(), CEID0), 0x0eu);
}

TEST_F(PmcgRegisters, CountersAndTheirStatusAreInPage1)
{
    const unsigned g = add_tcu();
    const struct {
        uint32_t offset;
        uint64_t expected; // of ones written
    } rows[] = {{EVCNTR, ones}, {EVCNTR + 0x38, ones}, {OVSSET, 0xff}};
    for (const auto &row : rows) {
        write64(g, row.offset, ones);
        EXPECT_EQ(read64(g, PAGE1 + row.offset), 0u) << "RES0 in page 0";
        write64(g, PAGE1 + row.offset, ones);
        EXPECT_EQ(read64(g, PAGE1 + row.offset), row.expected) << row.offset;
        EXPECT_EQ(read64(g, row.offset), 0u) << row.offset;
    }
    write32(g, CAPR, 1);
    EXPECT_EQ(read64(g, PAGE1 + SVR), 0u);
    write32(g, PAGE1 + CAPR, 1);
    EXPECT_EQ(read64(g, PAGE1 + SVR), ones);
    EXPECT_EQ(read64(g, SVR), 0u);
    write64(g, OVSCLR, ones);
    EXPECT_EQ(read64(g, PAGE1 + OVSCLR), 0xffu);
    write64(g, PAGE1 + OVSCLR, ones);
    EXPECT_EQ(read64(g, PAGE1 + OVSCLR), 0u);
    for (const uint32_t offset : {EVTYPER, SMR, CNTENSET, CFGR, CEID0}) {
        write64(g, offset, ones);
        EXPECT_EQ(read64(g, PAGE1 + offset), 0u) << offset;
    }
}

TEST_F(PmcgRegisters, WithoutRelocationAllIsInPage0)
{
    const unsigned g = add([](smmu_pmcg_config &cfg) { cfg.reloc_ctrs = false; });
    write64(g, EVCNTR + 8, 0x123456789abcdef0);
    write32(g, CAPR, 1);
    write64(g, OVSSET, 2);
    EXPECT_EQ(read64(g, EVCNTR + 8), 0x123456789abcdef0u);
    EXPECT_EQ(read64(g, SVR + 8), 0x123456789abcdef0u);
    EXPECT_EQ(read64(g, OVSSET), 2u);
    uint64_t value = 0;
    EXPECT_EQ(smmu_pmcg_read(dut.smmu(), g, PAGE1, 4, &value), SMMU_REG_BAD_ACCESS);
    EXPECT_EQ(smmu_pmcg_write(dut.smmu(), g, PAGE1, 4, 1), SMMU_REG_BAD_ACCESS);
}

TEST_F(PmcgRegisters, CountersOf32BitsAreAWordApart)
{
    const unsigned g = add([](smmu_pmcg_config &cfg) { cfg.counter_bits = 32; });
    write64(g, PAGE1 + EVCNTR, 0x1111111122222222);
    write32(g, PAGE1 + EVCNTR + 0x1c, 0x33333333);
    write32(g, PAGE1 + EVCNTR + 0x20, 0x44444444);
    EXPECT_EQ(read32(g, PAGE1 + EVCNTR), 0x22222222u);
    EXPECT_EQ(read32(g, PAGE1 + EVCNTR + 4), 0x11111111u) << "counter 1";
    EXPECT_EQ(read64(g, PAGE1 + EVCNTR + 0x18), 0x3333333300000000u) << "counters 6 and 7";
    EXPECT_EQ(read32(g, PAGE1 + EVCNTR + 0x20), 0u) << "no counter";
    write32(g, PAGE1 + CAPR, 1);
    EXPECT_EQ(read32(g, PAGE1 + SVR + 0x1c), 0x33333333u);
}

TEST_F(PmcgRegisters, BitsAboveTheSizeOfCountersAreRes0)
{
    const struct {
        uint8_t bits;
        uint64_t mask;
    } rows[] = {{36, 0xfffffffff},
                {40, 0xffffffffff},
                {44, 0xfffffffffff},
                {48, 0xffffffffffff},
                {64, ones}};
    for (const auto &row : rows) {
        const unsigned g = add([&](smmu_pmcg_config &cfg) { cfg.counter_bits = row.bits; });
        write64(g, PAGE1 + EVCNTR + 8, ones);
        EXPECT_EQ(read64(g, PAGE1 + EVCNTR + 8), row.mask);
        write32(g, PAGE1 + EVCNTR + 12, 5);
        EXPECT_EQ(read64(g, PAGE1 + EVCNTR + 8), 0x5ffffffffu) << "halves are apart";
        EXPECT_EQ(read32(g, PAGE1 + EVCNTR + 12), 5u);
    }
}

TEST_F(PmcgRegisters, ThereAreNoneOfCountersThatThereAreNot)
{
    const unsigned g = add([](smmu_pmcg_config &cfg) { cfg.counters = 3; });
    for (const uint32_t offset : {PAGE1 + EVCNTR + 24u, EVTYPER + 12u, SMR + 12u}) {
        write32(g, offset, 0xffffffff);
        EXPECT_EQ(read32(g, offset), 0u) << offset;
    }
    for (const uint32_t offset : {+CNTENSET, +INTENSET, PAGE1 + OVSSET}) {
        write64(g, offset, ones);
        EXPECT_EQ(read64(g, offset), 7u) << offset;
    }
}

TEST_F(PmcgRegisters, EvtyperHasTheFieldsOfANonSecureGroup)
{
    // 10.5.2.2: OVFCAP 31, FILTER_SID_SPAN 29, EVENT [15:0]
    const unsigned g = add_tcu();
    write32(g, EVTYPER + 4, 0xffffffff);
    EXPECT_EQ(read32(g, EVTYPER + 4), 0xa000ffffu);
    const unsigned plain = add([](smmu_pmcg_config &cfg) { cfg.capture = false; });
    write32(plain, EVTYPER, 0xffffffff);
    EXPECT_EQ(read32(plain, EVTYPER), 0x2000ffffu) << "no capture, no OVFCAP";
}

TEST_F(PmcgRegisters, OneFilterForAllIsThatOfCounter0)
{
    const unsigned g = add([](smmu_pmcg_config &cfg) { cfg.sid_filter_all = true; });
    for (unsigned n = 0; n < 2; n++) {
        write32(g, EVTYPER + 4 * n, 0xffffffff);
        write32(g, SMR + 4 * n, 0x1234);
    }
    EXPECT_EQ(read32(g, EVTYPER), 0xa000ffffu);
    EXPECT_EQ(read32(g, EVTYPER + 4), 0x8000ffffu);
    EXPECT_EQ(read32(g, SMR), 0x1234u);
    EXPECT_EQ(read32(g, SMR + 4), 0u);
}

TEST_F(PmcgRegisters, SmrHasTheStreamIdBitsOfTheGroup)
{
    const unsigned all = add_tcu(); // 10.5.2.4; this SMMU has 16
    write32(all, SMR, 0xffffffff);
    EXPECT_EQ(read32(all, SMR), 0xffffu);
    EXPECT_EQ(smmu_pmcg_get_config(dut.smmu(), all)->sid_bits, 16);
    const unsigned few = add([](smmu_pmcg_config &cfg) { cfg.sid_bits = 4; });
    write32(few, SMR, 0x12345);
    EXPECT_EQ(read32(few, SMR), 5u);
}

TEST_F(PmcgRegisters, BitmapsAreSetAndClearedByOnes)
{
    const unsigned g = add([](smmu_pmcg_config &cfg) { cfg.counters = 40; });
    const struct {
        uint32_t set, clear;
    } pairs[] = {{CNTENSET, CNTENCLR}, {INTENSET, INTENCLR}, {PAGE1 + OVSSET, PAGE1 + OVSCLR}};
    for (const auto &pair : pairs) {
        write64(g, pair.set, 0x5500000055);
        write32(g, pair.set + 4, 0x80); // the upper half alone
        EXPECT_EQ(read64(g, pair.set), 0xd500000055u);
        EXPECT_EQ(read64(g, pair.clear), 0xd500000055u);
        write64(g, pair.clear, 0x100000005);
        write32(g, pair.clear, 0x10);
        EXPECT_EQ(read64(g, pair.set), 0xd400000040u);
        EXPECT_EQ(read32(g, pair.clear + 4), 0xd4u);
        write64(g, pair.set, 0);
        write64(g, pair.clear, 0);
        EXPECT_EQ(read64(g, pair.set), 0xd400000040u);
        write64(g, pair.set, ones);
        EXPECT_EQ(read64(g, pair.set), 0xffffffffffu);
    }
}

TEST_F(PmcgRegisters, ControlsHaveOneBit)
{
    const unsigned g = add_tcu();
    write32(g, CR, 0xffffffff);
    EXPECT_EQ(read32(g, CR), 1u);
    write32(g, IRQ_CTRL, 0xffffffff);
    EXPECT_EQ(read32(g, IRQ_CTRL), 1u);
    EXPECT_EQ(read32(g, IRQ_CTRLACK), 1u);
    write32(g, PAGE1 + CAPR, 0xffffffff);
    EXPECT_EQ(read32(g, PAGE1 + CAPR), 0u) << "10.5.2.11: reads as zero";
}

TEST_F(PmcgRegisters, MessagesAreConfiguredWhileTheyAreDisabled)
{
    const unsigned g = add_tcu();
    write64(g, IRQ_CFG0, ones);
    write32(g, IRQ_CFG1, 0xffffffff);
    write32(g, IRQ_CFG2, 0xffffffff);
    EXPECT_EQ(read64(g, IRQ_CFG0), 0xfffffffffffcu) << "48 bits of address";
    EXPECT_EQ(read32(g, IRQ_CFG1), 0xffffffffu);
    EXPECT_EQ(read32(g, IRQ_CFG2), 0x3fu);
    write32(g, IRQ_CTRL, 1);
    write64(g, IRQ_CFG0, 0);
    write32(g, IRQ_CFG0 + 4, 0);
    write32(g, IRQ_CFG1, 0);
    write32(g, IRQ_CFG2, 0);
    EXPECT_EQ(read64(g, IRQ_CFG0), 0xfffffffffffcu) << "Guarded by IRQEN";
    EXPECT_EQ(read32(g, IRQ_CFG1), 0xffffffffu);
    EXPECT_EQ(read32(g, IRQ_CFG2), 0x3fu);
    // 10.5.2.21: also while the Update to 0 is in progress
    ASSERT_EQ(smmu_pmcg_write(dut.smmu(), g, IRQ_CTRL, 4, 0), SMMU_REG_OK);
    EXPECT_EQ(read32(g, IRQ_CTRLACK), 1u);
    ASSERT_EQ(smmu_pmcg_write(dut.smmu(), g, IRQ_CFG1, 4, 0), SMMU_REG_OK);
    EXPECT_EQ(read32(g, IRQ_CFG1), 0xffffffffu);
    smmu_run(dut.smmu());
    EXPECT_EQ(read32(g, IRQ_CTRLACK), 0u);
    write32(g, IRQ_CFG1, 5);
    EXPECT_EQ(read32(g, IRQ_CFG1), 5u);
}

TEST_F(PmcgRegisters, AnEnableThatIsBeingUpdatedKeepsItsValue)
{
    const unsigned g = add_tcu();
    ASSERT_EQ(smmu_pmcg_write(dut.smmu(), g, IRQ_CTRL, 4, 1), SMMU_REG_OK);
    EXPECT_EQ(read32(g, IRQ_CTRL), 1u);
    EXPECT_EQ(read32(g, IRQ_CTRLACK), 0u);
    ASSERT_EQ(smmu_pmcg_write(dut.smmu(), g, IRQ_CTRL, 4, 0), SMMU_REG_OK);
    smmu_run(dut.smmu());
    EXPECT_EQ(read32(g, IRQ_CTRLACK), 1u);
}

TEST_F(PmcgRegisters, WithoutMessagesAndCaptureThereAreNoneOfTheirRegisters)
{
    const unsigned g = add([](smmu_pmcg_config &cfg) { cfg.msi = cfg.capture = false; });
    write64(g, PAGE1 + EVCNTR, 7);
    for (const uint32_t offset :
         {+IRQ_CFG0, IRQ_CFG0 + 4u, +IRQ_CFG1, +IRQ_CFG2, +IRQ_STATUS, PAGE1 + CAPR, PAGE1 + SVR}) {
        write32(g, offset, 0xffffffff);
        EXPECT_EQ(read32(g, offset), 0u) << offset;
    }
}

TEST_F(PmcgRegisters, OtherSecurityStatesAndMpamAreAbsent)
{
    const unsigned g = add_tcu();
    for (const uint32_t offset :
         {SCR, SCR_ALIAS, ROOTCR, GMPAM, MPAMIDR, S_MPAMIDR, offset{0xe80}, offset{0xfac}}) {
        write32(g, offset, 0xffffffff);
        EXPECT_EQ(read32(g, offset), 0u) << offset;
    }
}

TEST_F(PmcgRegisters, AccessesAreAlignedWordsOfPages)
{
    const unsigned g = add_tcu();
    const struct {
        unsigned group;
        uint32_t offset;
        unsigned size;
    } bad[] = {{g, CR, 1},    {g, CR, 2},     {g, CR, 16},    {g, CR + 2, 4},
               {g, CR, 8},    {g, 0x1000, 4}, {g, 0xfffc, 4}, {g, PAGE1 + 0x1000, 4},
               {g + 1, CR, 4}};
    for (const auto &row : bad) {
        uint64_t value = 0;
        EXPECT_EQ(smmu_pmcg_read(dut.smmu(), row.group, row.offset, row.size, &value),
                  SMMU_REG_BAD_ACCESS)
            << row.offset;
        EXPECT_EQ(smmu_pmcg_write(dut.smmu(), row.group, row.offset, row.size, 1),
                  SMMU_REG_BAD_ACCESS)
            << row.offset;
    }
    EXPECT_EQ(read32(g, CR), 0u);
    EXPECT_EQ(read64(g, CFGR), 0x00703f07u) << "two registers of 32 bits";
    write64(g, CFGR, uint64_t{1} << 32);
    EXPECT_EQ(read32(g, CR), 1u);
}

TEST_F(PmcgRegisters, GroupsAreIndependent)
{
    const unsigned a = add_tcu(), b = add_tcu();
    write32(a, EVTYPER, 5);
    write64(a, CNTENSET, 1);
    write64(a, PAGE1 + EVCNTR, 9);
    EXPECT_EQ(read32(b, EVTYPER), 0u);
    EXPECT_EQ(read64(b, CNTENSET), 0u);
    EXPECT_EQ(read64(b, PAGE1 + EVCNTR), 0u);
}

TEST_F(PmcgRegisters, ResetStopsCountersAndInterrupts)
{
    const unsigned g = add_tcu();
    write32(g, CR, 1);
    write32(g, IRQ_CTRL, 1);
    write64(g, CNTENSET, 1);
    smmu_reset(dut.smmu());
    EXPECT_EQ(read32(g, CR), 0u);
    EXPECT_EQ(read32(g, IRQ_CTRL), 0u);
    EXPECT_EQ(read32(g, IRQ_CTRLACK), 0u);
    EXPECT_EQ(read64(g, CNTENSET), 0u);
    EXPECT_EQ(read32(g, CFGR), 0x00703f07u);
}

TEST_F(PmcgRegisters, BadConfigurationsAreRefused)
{
    const struct {
        void (*change)(smmu_pmcg_config &);
        const char *field;
    } rows[] = {
        {[](smmu_pmcg_config &cfg) { cfg.counters = 0; }, "counters"},
        {[](smmu_pmcg_config &cfg) { cfg.counters = 65; }, "counters"},
        {[](smmu_pmcg_config &cfg) { cfg.counter_bits = 31; }, "counter_bits"},
        {[](smmu_pmcg_config &cfg) { cfg.counter_bits = 56; }, "counter_bits"},
        {[](smmu_pmcg_config &cfg) { cfg.tbus = 2; }, "tbus"},
        {[](smmu_pmcg_config &cfg) { cfg.tbus = 1, cfg.first_tbu = 1; }, "tbus"},
        {[](smmu_pmcg_config &cfg) { cfg.first_tbu = 1; }, "first_tbu"},
        {[](smmu_pmcg_config &cfg) { cfg.sid_bits = 33; }, "sid_bits"},
        {[](smmu_pmcg_config &cfg) { cfg.first_sid = 0x10000; }, "first_sid"},
    };
    for (const auto &row : rows) {
        smmu_pmcg_config cfg = smmu_pmcg_config_default();
        row.change(cfg);
        smmu_error error{};
        EXPECT_EQ(smmu_pmcg_add(dut.smmu(), &cfg, &error), -1);
        EXPECT_STREQ(error.field, row.field);
        EXPECT_EQ(smmu_pmcg_add(dut.smmu(), &cfg, nullptr), -1);
    }
    EXPECT_EQ(smmu_pmcg_count(dut.smmu()), 0u);
    EXPECT_EQ(smmu_pmcg_get_config(dut.smmu(), 0), nullptr);
}

} // namespace
} // namespace pmcg_test::test_pmcg_registers
