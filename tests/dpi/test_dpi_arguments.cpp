// SPDX-License-Identifier: Apache-2.0
// The C side of the DPI: whatever it is given, it says what is wrong and does nothing.
#include <gtest/gtest.h>

#include "dpi/dpi_bench.hpp"
#include "smmu/config.h"
#include "support/registers.hpp"

namespace test_dpi_arguments {

using support::dpi_bench;

const uint32_t *words_of(const smmu_dpi_txn &txn)
{
    return reinterpret_cast<const uint32_t *>(&txn);
}

// What is said about `parameters`, of which no SMMU can be made.
std::string refusal(const std::string &parameters)
{
    const int number = smmu_dpi_create(parameters.c_str());
    EXPECT_EQ(number, 0) << parameters;
    smmu_dpi_destroy(number);
    smmu_dpi_create(parameters.c_str());
    return smmu_dpi_error();
}

// What is said about `txn`.
std::string refusal(dpi_bench &bench, const smmu_dpi_txn &txn)
{
    smmu_dpi_result result;
    auto *const words = reinterpret_cast<uint32_t *>(&result);
    EXPECT_EQ(smmu_dpi_probe(bench.number, words_of(txn), words), 0);
    std::string why = smmu_dpi_error();
    EXPECT_EQ(smmu_dpi_translate(bench.number, words_of(txn), words), 0);
    EXPECT_EQ(smmu_dpi_error(), why);
    EXPECT_EQ(bench.count("translations"), 0);
    return why;
}

TEST(DpiParameters, NameEveryPreset)
{
    for (const char *name :
         {"small", "typical", "maximal", "embedded", "client", "server", "gem5"}) {
        const int number = smmu_dpi_create((std::string("preset=") + name).c_str());
        EXPECT_GT(number, 0) << name << ": " << smmu_dpi_error();
        EXPECT_EQ(smmu_dpi_destroy(number), 1);
    }
}

// IDR1.SIDSIZE is [5:0], SSIDSIZE [10:6] (6.3.2); IDR5.OAS is [2:0], 0b010: 40 bits (6.3.6).
TEST(DpiParameters, ChangeWhatThePresetHas)
{
    dpi_bench bench("preset=small,sid_bits=0x5,oas_bits=40,tlb=8x2,tlb_policy=plru");
    EXPECT_EQ(bench.read32(support::reg::IDR1) & 0x3f, 5);
    EXPECT_EQ(bench.read32(support::reg::IDR1) >> 6 & 0x1f, 0);
    EXPECT_EQ(bench.read32(support::reg::IDR5) & 7, 2);
}

TEST(DpiParameters, AreTypicalWithoutAny)
{
    dpi_bench bench("");
    EXPECT_EQ(bench.read32(support::reg::IDR1) & 0x3f, 16);
    EXPECT_EQ(smmu_dpi_destroy(smmu_dpi_create(nullptr)), 1);
}

TEST(DpiParameters, AreRefusedWithNameAndReason)
{
    EXPECT_EQ(refusal("sid_bits=33"), "sid_bits: must be 0 to 32");
    EXPECT_EQ(refusal("sid_bits=-1"), "sid_bits: \"-1\" is no number");
    EXPECT_EQ(refusal("sid_bits="), "sid_bits: \"\" is no number");
    EXPECT_EQ(refusal("sid_bits=0x"), "sid_bits: \"0x\" is no number");
    EXPECT_EQ(refusal("sid_bits=8 "), "sid_bits: \"8 \" is no number");
    EXPECT_EQ(refusal("sid_bits=99999999999999999999999"),
              "sid_bits: \"99999999999999999999999\" is no number");
    EXPECT_EQ(refusal("ats=2"), "ats: must be 0 to 1");
    EXPECT_EQ(refusal("colour=1"), "colour: is no parameter");
    EXPECT_EQ(refusal("preset=huge"), "preset: there is none called \"huge\"");
    EXPECT_EQ(refusal("sid_bits=8,preset=small"), "preset: has to come first");
    EXPECT_EQ(refusal("sid_bits"), "parameters: \"sid_bits\" is not NAME=VALUE");
    EXPECT_EQ(refusal("=8"), "parameters: \"=8\" is not NAME=VALUE");
    EXPECT_EQ(refusal("sid_bits=8,,ats=1"), "parameters: \"\" is not NAME=VALUE");
    EXPECT_EQ(refusal("sid_bits=8,"), "parameters: there is nothing behind the last comma");
    EXPECT_EQ(refusal("tlb=64"), "tlb: \"64\" is not SETSxWAYS");
    EXPECT_EQ(refusal("tlb=64x4x2"), "tlb: \"64x4x2\" is not SETSxWAYS");
    EXPECT_EQ(refusal("tlb=64x4294967297"), "tlb: \"64x4294967297\" is not SETSxWAYS");
    EXPECT_EQ(refusal("tlb=63x4"),
              "tlb: sets must be 0 or a power of two up to 1048576, ways 1 to 64, both together "
              "4194304");
    EXPECT_EQ(refusal("tlb_policy=best"), "tlb_policy: there is no policy \"best\"");
    EXPECT_EQ(refusal("pri=1,ats=0"), "pri: needs ats");
}

TEST(DpiParameters, AreQuotedInOneLineHoweverLong)
{
    EXPECT_EQ(refusal("sid\n_bits=1"), "sid?_bits: is no parameter");
    EXPECT_LT(refusal(std::string(100000, 'x') + "=1").size(), 256);
    EXPECT_LT(refusal("sid_bits=" + std::string(100000, '1')).size(), 256);
}

TEST(DpiNumbers, AreGivenOnce)
{
    const int first = smmu_dpi_create("");
    EXPECT_EQ(smmu_dpi_destroy(first), 1);
    const int second = smmu_dpi_create("");
    EXPECT_NE(second, first);
    EXPECT_EQ(smmu_dpi_run(first), 0);
    EXPECT_EQ(smmu_dpi_error(), "smmu: there is no SMMU " + std::to_string(first) + " any more");
    EXPECT_EQ(smmu_dpi_destroy(first), 0);
    EXPECT_EQ(smmu_dpi_destroy(second), 1);
}

TEST(DpiNumbers, ThatAreNoneAreRefusedByEveryCall)
{
    smmu_dpi_txn txn = dpi_bench::transaction(0);
    smmu_dpi_result result;
    smmu_dpi_ats_request request{};
    smmu_dpi_ats_completion completion;
    unsigned long long value = 1;
    for (const int number : {-1, 0, 1 << 20, INT32_MIN, INT32_MAX}) {
        EXPECT_EQ(smmu_dpi_destroy(number), 0);
        EXPECT_EQ(smmu_dpi_error(), "smmu: there is no SMMU " + std::to_string(number));
        EXPECT_EQ(smmu_dpi_reset(number), 0);
        EXPECT_EQ(smmu_dpi_run(number), 0);
        EXPECT_EQ(smmu_dpi_reg_read(number, 0, 4, &value), 0);
        EXPECT_EQ(value, 0);
        EXPECT_EQ(smmu_dpi_reg_write(number, 0, 4, 0), 0);
        EXPECT_EQ(smmu_dpi_count(number, "events", &value), 0);
        EXPECT_EQ(smmu_dpi_inject(number, 0, 1), 0);
        auto *const words = reinterpret_cast<uint32_t *>(&result);
        EXPECT_EQ(smmu_dpi_translate(number, words_of(txn), words), 0);
        EXPECT_EQ(smmu_dpi_probe(number, words_of(txn), words), 0);
        EXPECT_EQ(smmu_dpi_ats_translate(number, reinterpret_cast<const uint32_t *>(&request),
                                         reinterpret_cast<uint32_t *>(&completion)),
                  0);
    }
}

TEST(DpiRegisters, RefuseWhatIsNoAccess)
{
    dpi_bench bench;
    unsigned long long value = 1;
    for (const int bytes : {-4, 0, 1, 2, 3, 16}) {
        EXPECT_EQ(smmu_dpi_reg_read(bench.number, 0, bytes, &value), 0) << bytes;
        EXPECT_EQ(smmu_dpi_reg_write(bench.number, 0, bytes, 0), 0) << bytes;
    }
    EXPECT_EQ(smmu_dpi_reg_read(bench.number, 0x84, 8, &value), 0);
    EXPECT_STREQ(smmu_dpi_error(),
                 "offset: no register access of 8 bytes at 0x84: 4 or 8, aligned, "
                 "below 0x30000");
    EXPECT_EQ(smmu_dpi_reg_read(bench.number, 0x30000, 4, &value), 0);
    EXPECT_EQ(smmu_dpi_reg_write(bench.number, 0xfffffffc, 8, 0), 0);
}

// Two control pages of 64 KiB lie behind the rest (6.2.5).
TEST(DpiRegisters, EndWhereTheFrameOfThisSmmuEnds)
{
    dpi_bench bench("arch=2,ecmdq=1,ecmdq_log2_pages=1");
    unsigned long long value = 1;
    EXPECT_EQ(smmu_dpi_reg_read(bench.number, 0x4fffc, 4, &value), 1);
    EXPECT_EQ(smmu_dpi_reg_read(bench.number, 0x50000, 4, &value), 0);
    EXPECT_STREQ(smmu_dpi_error(),
                 "offset: no register access of 4 bytes at 0x50000: 4 or 8, aligned, "
                 "below 0x50000");
}

TEST(DpiTransactions, RefuseWhatIsNone)
{
    dpi_bench bench("tbus=2");
    smmu_dpi_txn txn = dpi_bench::transaction(0);
    txn.tbu = 2;
    EXPECT_EQ(refusal(bench, txn), "tbu: must be below tbus, which is 2, is 2");
    txn = dpi_bench::transaction(0);
    txn.sec = 3;
    EXPECT_EQ(refusal(bench, txn), "sec: must be 0 to 2, is 3");
    txn = dpi_bench::transaction(0);
    txn.op = 11;
    EXPECT_EQ(refusal(bench, txn), "op: must be 0 to 10, is 11");
    txn.op = SMMU_OP_ATOMIC;
    EXPECT_EQ(refusal(bench, txn), "write: must be 1 with op 10");
    txn.op = SMMU_OP_CLEAN;
    txn.write = 1;
    EXPECT_EQ(refusal(bench, txn), "write: must be 0 with op 5");
    txn = dpi_bench::transaction(0);
    txn.mair = 256;
    EXPECT_EQ(refusal(bench, txn), "mair: must be 0 to 255, is 256");
    txn = dpi_bench::transaction(0);
    txn.sh = 1;
    EXPECT_EQ(refusal(bench, txn), "sh: must be 0, 2 or 3, is 1");
}

TEST(DpiTransactions, ThatNobodyHasLetGoAreNotRetried)
{
    dpi_bench bench;
    smmu_dpi_txn txn = dpi_bench::transaction(0);
    smmu_dpi_result result;
    txn.retry = 1;
    EXPECT_EQ(
        smmu_dpi_translate(bench.number, words_of(txn), reinterpret_cast<uint32_t *>(&result)), 0);
    EXPECT_STREQ(smmu_dpi_error(), "retry: transaction 1 is not to be presented again");
}

TEST(DpiAts, RefusesWhatIsNoRequest)
{
    dpi_bench bench;
    smmu_dpi_ats_request request{};
    smmu_dpi_ats_completion completion;
    const auto ask = [&] {
        return smmu_dpi_ats_translate(bench.number, reinterpret_cast<const uint32_t *>(&request),
                                      reinterpret_cast<uint32_t *>(&completion));
    };
    EXPECT_EQ(ask(), 0);
    EXPECT_STREQ(smmu_dpi_error(), "stus: must be 1 to 255, is 0");
    request.stus = 256;
    EXPECT_EQ(ask(), 0);
    request.stus = 1;
    request.sec = 7;
    EXPECT_EQ(ask(), 0);
    EXPECT_STREQ(smmu_dpi_error(), "sec: must be 0 to 2, is 7");
    EXPECT_EQ(bench.count("ats_requests"), 0);
}

TEST(DpiPages, RefusesWhatIsNoRequest)
{
    dpi_bench bench;
    smmu_dpi_page_request request{};
    request.prgi = 512;
    EXPECT_EQ(smmu_dpi_request_page(bench.number, reinterpret_cast<const uint32_t *>(&request)), 0);
    EXPECT_STREQ(smmu_dpi_error(), "prgi: must be 0 to 511, is 512");
    request.prgi = 511;
    request.sec = 3;
    EXPECT_EQ(smmu_dpi_request_page(bench.number, reinterpret_cast<const uint32_t *>(&request)), 0);
    EXPECT_STREQ(smmu_dpi_error(), "sec: must be 0 to 2, is 3");
    EXPECT_EQ(bench.count("page_messages"), 0);
    EXPECT_EQ(smmu_dpi_request_page(0, reinterpret_cast<const uint32_t *>(&request)), 0);
}

TEST(DpiBroadcast, RefusesWhatIsNoInstruction)
{
    dpi_bench bench("btm=1");
    smmu_dpi_dvm tlbi{};
    const auto refused = [&](uint32_t &member, uint32_t value) {
        member = value;
        EXPECT_EQ(smmu_dpi_broadcast_tlbi(bench.number, reinterpret_cast<const uint32_t *>(&tlbi)),
                  0);
        member = 0;
        return std::string(smmu_dpi_error());
    };
    EXPECT_EQ(refused(tlbi.op, 7), "op: must be 0 to 6, is 7");
    EXPECT_EQ(refused(tlbi.world, 3), "world: must be 0 to 2, is 3");
    EXPECT_EQ(refused(tlbi.asid, 0x10000), "asid: must be 0 to 65535, is 65536");
    EXPECT_EQ(refused(tlbi.vmid, 0x10000), "vmid: must be 0 to 65535, is 65536");
    EXPECT_EQ(refused(tlbi.num, 32), "num: must be 0 to 31, is 32");
    EXPECT_EQ(refused(tlbi.ttl, 4), "ttl: must be 0 to 3, is 4");
    EXPECT_EQ(bench.count("broadcasts"), 0);
    EXPECT_EQ(smmu_dpi_broadcast_tlbi(0, reinterpret_cast<const uint32_t *>(&tlbi)), 0);
}

TEST(DpiCounters, ThatAreNoneAreRefused)
{
    dpi_bench bench;
    unsigned long long value = 1;
    EXPECT_EQ(smmu_dpi_count(bench.number, "colours", &value), 0);
    EXPECT_STREQ(smmu_dpi_error(), "name: there is no counter \"colours\"");
    EXPECT_EQ(value, 0);
    EXPECT_EQ(smmu_dpi_count(bench.number, nullptr, &value), 0);
    EXPECT_EQ(smmu_dpi_inject(bench.number, 12, 1), 0);
    EXPECT_STREQ(smmu_dpi_error(), "what: must be 0 to 11, is 12");
    EXPECT_EQ(smmu_dpi_inject(bench.number, -1, 1), 0);
    EXPECT_STREQ(smmu_dpi_event_name(-1), "?");
    EXPECT_STREQ(smmu_dpi_event_name(0x1000), "?");
}

// The host would be told of the next thing before it has heard of the first.
TEST(DpiHost, CannotCallOutOfWhatItIsTold)
{
    dpi_bench bench;
    int done = 1;
    bench.bring_up();
    bench.in_interrupt = [&] { done = smmu_dpi_run(bench.number); };
    bench.translate(dpi_bench::transaction(0x5000)); // F_TRANSLATION
    ASSERT_EQ(bench.interrupts.size(), 1);
    EXPECT_EQ(done, 0);
    EXPECT_EQ(smmu_dpi_error(), "smmu: SMMU " + std::to_string(bench.number) +
                                    " cannot be called out of what it tells its host");
}

TEST(DpiHost, CannotDestroyOutOfAnAccess)
{
    dpi_bench bench;
    int destroyed = 1;
    int read = 0;
    bench.bring_up();
    bench.table.map(0x5000, 0x80005000);
    bench.in_access = [&] {
        unsigned long long value;
        destroyed &= smmu_dpi_destroy(bench.number);
        read = smmu_dpi_reg_read(bench.number, 0, 4, &value);
    };
    EXPECT_EQ(bench.translate(dpi_bench::transaction(0x5000)).addr[0], 0x80005000);
    EXPECT_EQ(destroyed, 0);
    EXPECT_EQ(read, 1); // what else it may call it may
}

} // namespace test_dpi_arguments
