// SPDX-License-Identifier: Apache-2.0
// a64_run(): exact budgets, reasons to stop, waiting, configuration errors.
#include <gtest/gtest.h>

#include "encode.hpp"
#include "machine.hpp"

namespace cpu_test::test_run {
namespace {

// x0 counts instructions in a loop of blocks of several lengths.
void counting_loop(machine &m)
{
    std::vector<a64::word> words;
    for (int block = 1; block <= 5; block++) {
        for (int i = 0; i < block * 3; i++)
            words.push_back(a64::add_imm(0, 0, 1));
        words.push_back(a64::b(4));
    }
    words.push_back(a64::b(-4 * static_cast<int>(words.size())));
    m.code(ram_base, words);
}

// Runs `program` in two PEs, with budgets of all small sizes and instruction by instruction.
void expect_same_as_stepped(void (*program)(machine &))
{
    machine m;
    program(m);
    machine stepped;
    program(stepped);
    std::uint64_t total = 0;
    for (std::uint64_t budget = 0; budget < 120; budget++) {
        EXPECT_EQ(m.run(budget), A64_STOP_BUDGET);
        EXPECT_EQ(m.executed, budget);
        total += budget;
        for (std::uint64_t i = 0; i < budget; i++)
            stepped.run(1);
        ASSERT_EQ(m.pc(), stepped.pc()) << "after " << total;
        ASSERT_EQ(m.x(0), stepped.x(0)) << "after " << total;
    }
    EXPECT_EQ(a64_get_stats(m.cpu.get())->instructions, total);
}

TEST(Run, ExecutesExactlyTheBudget)
{
    expect_same_as_stepped(counting_loop);
}

// Counts in x0, and leaves the straight line every 2nd, 4th, 8th... time.
void branching_loop(machine &m)
{
    std::vector<a64::word> words = {a64::add_imm(1, 1, 1)};
    for (unsigned bit = 0; bit < 4; bit++) {
        words.push_back(a64::tbz(1, bit, 12));
        words.push_back(a64::add_imm(0, 0, 1));
        words.push_back(a64::add_imm(0, 0, 2));
    }
    words.push_back(a64::b(-4 * static_cast<int>(words.size())));
    m.code(ram_base, words);
}

TEST(Run, CountsWhatWasExecutedWhereABranchLeavesStraightCode)
{
    expect_same_as_stepped(branching_loop);
}

TEST(Run, LongStraightCodeIsCutIntoBlocks)
{
    machine m;
    m.code(ram_base, std::vector<a64::word>(3000, a64::add_imm(0, 0, 1)));
    m.run(3000);
    EXPECT_EQ(m.x(0), 3000u);
    EXPECT_EQ(m.pc(), ram_base + 12000);
}

TEST(Run, StopRequestEndsAfterTheInstructionThatCausedIt)
{
    machine m;
    m.set_x(1, device_base);
    m.code(ram_base, {a64::nop, a64::ldr(2, 1), a64::add_imm(0, 0, 1), a64::nop});
    m.on_bus = [&](const machine::bus_access &) { a64_request_stop(m.cpu.get()); };
    EXPECT_EQ(m.run(100), A64_STOP_YIELD);
    EXPECT_EQ(m.executed, 2u);
    EXPECT_EQ(m.pc(), ram_base + 8);
    EXPECT_EQ(m.x(0), 0u);
}

TEST(Run, StopRequestInTheLastInstructionDoesNotLeakIntoTheNextRun)
{
    machine m;
    m.set_x(1, device_base);
    m.code(ram_base, {a64::ldr(2, 1), a64::nop, a64::nop});
    m.on_bus = [&](const machine::bus_access &) { a64_request_stop(m.cpu.get()); };
    m.run(1);
    EXPECT_EQ(m.run(1), A64_STOP_BUDGET);
    EXPECT_EQ(m.executed, 1u);
}

TEST(Run, ProgressCountsInstructionsBeforeTheAccess)
{
    machine m;
    m.set_x(1, device_base);
    m.code(ram_base, {a64::nop, a64::b(4), a64::nop, a64::nop, a64::str(2, 1), a64::nop,
                      a64::str(2, 1), a64::b(0)});
    m.run(50);
    ASSERT_EQ(m.log.size(), 2u);
    EXPECT_EQ(m.log[0].progress, 4u);
    EXPECT_EQ(m.log[1].progress, 6u);
}

TEST(Run, WfiWaitsForALineEvenIfItIsMasked)
{
    machine m;
    m.code(ram_base, {a64::wfi, a64::add_imm(0, 0, 1), a64::b(0)});
    a64_set_pstate(m.cpu.get(), el1h | all_masked);
    EXPECT_EQ(m.run(10), A64_STOP_WFI);
    EXPECT_EQ(m.executed, 1u);
    EXPECT_EQ(m.run(10), A64_STOP_WFI);
    EXPECT_EQ(m.executed, 0u);
    a64_set_line(m.cpu.get(), A64_FIQ, true);
    EXPECT_EQ(m.run(10), A64_STOP_BUDGET);
    EXPECT_EQ(m.x(0), 1u);
}

TEST(Run, WfiDoesNotWaitIfALineIsUp)
{
    machine m;
    m.code(ram_base, {a64::wfi, a64::b(0)});
    a64_set_pstate(m.cpu.get(), el1h | all_masked);
    a64_set_line(m.cpu.get(), A64_IRQ, true);
    EXPECT_EQ(m.run(10), A64_STOP_BUDGET);
}

TEST(Run, WfeConsumesTheEventOrWaitsForIt)
{
    machine m;
    m.code(ram_base, {a64::sev, a64::wfe, a64::wfe, a64::add_imm(0, 0, 1), a64::b(0)});
    EXPECT_EQ(m.run(10), A64_STOP_WFE);
    EXPECT_EQ(m.executed, 3u);
    a64_send_event(m.cpu.get());
    EXPECT_EQ(m.run(10), A64_STOP_BUDGET);
    EXPECT_EQ(m.x(0), 1u);
}

// Nothing is mapped anywhere: every fetch aborts, yet the run ends.
TEST(Run, EndsEvenIfTheVectorCannotBeFetched)
{
    machine m;
    m.set_sys(VBAR_EL1, 0x1000);
    EXPECT_EQ(m.run_at(0x2000, 1000), A64_STOP_BUDGET);
    EXPECT_EQ(m.executed, 1000u);
    EXPECT_EQ(m.sys(ESR_EL1), 0x21u << 26 | 1u << 25 | 0x10u);
}

// A PE that has crashed for good: the vector cannot be fetched, or holds no instruction.
class Crash : public testing::TestWithParam<std::uint64_t> {
  protected:
    Crash()
    {
        for (machine *m : {&all, &some}) {
            m->set_sys(VBAR_EL1, GetParam());
            m->code(ram_base, {a64::udf});
        }
        some.on_repeat = [this](const a64_exception &exception) {
            told.push_back(exception);
            return alone;
        };
    }
    void run(std::uint64_t n)
    {
        EXPECT_EQ(some.run(n), all.run(n));
        EXPECT_EQ(some.executed, all.executed);
        EXPECT_EQ(some.pc(), all.pc());
        for (const std::uint32_t reg : {ELR_EL1, ESR_EL1, FAR_EL1, SPSR_EL1})
            EXPECT_EQ(some.sys(reg), all.sys(reg));
        EXPECT_EQ(std::memcmp(a64_get_stats(some.cpu.get()), a64_get_stats(all.cpu.get()),
                              sizeof(a64_stats)),
                  0);
    }
    machine all, some; // of which all is executed, and as little as can be
    std::vector<a64_exception> told;
    bool alone = true;
};

constexpr std::uint64_t zeros = ram_base + 0x40000, nowhere = 0;

TEST_P(Crash, IsLeftOutOfTheRest)
{
    run(1000000);
    run(7);
    run(1);
    ASSERT_EQ(told.size(), 3u) << "runs";
    EXPECT_LE(some.log.size(), 6u);
    EXPECT_EQ(told[0].vector, GetParam() + 0x200);
    EXPECT_EQ(told[0].elr, GetParam() + 0x200);
    EXPECT_EQ(told[0].el, 1u);
    EXPECT_EQ(told[0].esr, some.sys(ESR_EL1));
}

TEST_P(Crash, IsExecutedWhileTheBusTakesTime)
{
    alone = false;
    run(1000);
    EXPECT_GT(told.size(), 900u);
}

TEST_P(Crash, IsExecutedWhileExceptionsAreCounted)
{
    constexpr std::uint32_t pmcr = A64_SYSREG(3, 3, 9, 12, 0),
                            pmcntenset = A64_SYSREG(3, 3, 9, 12, 1);
    constexpr std::uint32_t pmevcntr0 = A64_SYSREG(3, 3, 14, 8, 0);
    constexpr std::uint32_t pmevtyper0 = A64_SYSREG(3, 3, 14, 12, 0);
    for (machine *m : {&all, &some}) {
        m->set_x(1, 0x09); // EXC_TAKEN
        m->set_x(2, 1);
        m->code(ram_base, {a64::msr(pmevtyper0, 1), a64::msr(pmcntenset, 2), a64::msr(pmcr, 2),
                           a64::isb, a64::udf});
    }
    run(1000);
    EXPECT_EQ(some.sys(pmevcntr0), 996u);
    EXPECT_EQ(all.sys(pmevcntr0), 996u);
}

TEST_P(Crash, EndsWithAnInterruptOfEl2)
{
    machine m(true, false, 2);
    m.on_repeat = [](const a64_exception &) { return true; };
    m.set_sys(VBAR_EL1, GetParam());
    m.set_sys(HCR_EL2, hcr::rw | hcr::imo);
    m.code(0x40018480, {a64::b(0)});
    a64_set_pstate(m.cpu.get(), el1h);
    m.code(ram_base, {a64::udf});
    m.run_at(ram_base, 1000);
    EXPECT_EQ(m.pc(), GetParam() + 0x200);
    a64_set_line(m.cpu.get(), A64_IRQ, true);
    m.run(1000);
    EXPECT_EQ(m.el(), 2u);
    EXPECT_EQ(m.pc(), 0x40018480u);
}

INSTANTIATE_TEST_SUITE_P(Vectors, Crash, testing::Values(zeros, nowhere),
                         [](const auto &i) { return i.param == zeros ? "Zeros" : "Nowhere"; });

TEST(Run, ThatCrashedGoesOnOnceItsVectorIsThere)
{
    machine m;
    m.on_repeat = [](const a64_exception &) { return true; };
    m.set_sys(VBAR_EL1, zeros);
    m.code(ram_base, {a64::udf});
    m.run_at(ram_base, 1000);
    m.code(zeros + 0x200, {a64::add_imm(3, 3, 1), a64::b(-4)});
    m.run(1000);
    EXPECT_EQ(m.x(3), 500u);
}

// The first half of a pair is read from a device each time, before the other aborts.
TEST(Run, ThatCrashesOnADeviceReachesItEachTime)
{
    machine m;
    m.on_repeat = [](const a64_exception &) { return true; };
    m.set_sys(VBAR_EL1, zeros);
    m.code(zeros + 0x200, {a64::ldp(2, 3, 1)});
    m.code(ram_base, {a64::udf});
    m.set_x(1, device_base + 0xfff8);
    m.run_at(ram_base, 1001);
    EXPECT_EQ(m.log.size(), 2000u);
}

// The first instruction of the handler does something each time.
TEST(Run, OfAHandlerThatFaultsIsNoCrash)
{
    machine m;
    unsigned told = 0;
    m.on_repeat = [&](const a64_exception &) { return ++told != 0; };
    m.set_sys(VBAR_EL1, zeros);
    m.code(zeros + 0x200, {a64::add_imm(3, 3, 1), a64::udf});
    m.code(ram_base, {a64::udf});
    m.run_at(ram_base, 1001);
    EXPECT_EQ(m.x(3), 500u);
    EXPECT_EQ(told, 0u);
}

TEST(Run, ResetRestoresTheInitialState)
{
    machine m;
    m.code(ram_base, {a64::add_imm(0, 0, 1), a64::svc(0)});
    m.run(5);
    a64_reset(m.cpu.get());
    EXPECT_EQ(m.pc(), ram_base);
    EXPECT_EQ(m.x(0), 0u);
    EXPECT_EQ(a64_get_pstate(m.cpu.get()), el1h | all_masked);
    EXPECT_EQ(m.sys(SCTLR_EL1), 0x30d00980u);
}

struct bad_config {
    const char *field;
    a64_config config;
};

class Create : public testing::TestWithParam<bad_config> {};

TEST_P(Create, NamesTheBadField)
{
    a64_ops ops = {};
    ops.read = [](void *, std::uint64_t, void *, unsigned) { return A64_BUS_ABORT; };
    ops.write = [](void *, std::uint64_t, const void *, unsigned) { return A64_BUS_ABORT; };
    char err[100] = "";
    EXPECT_EQ(a64_create(&GetParam().config, &ops, nullptr, err, sizeof err), nullptr);
    EXPECT_EQ(std::string(err).rfind(GetParam().field, 0), 0u) << err;
}

INSTANTIATE_TEST_SUITE_P(Configurations, Create,
                         testing::Values(bad_config{"pa_bits", {0, 0, 0, 39, 1, 0}},
                                         bad_config{"reset_el", {0, 0, 0, 40, 3, 0}},
                                         bad_config{"reset_pc", {0, 2, 0, 40, 1, 0}},
                                         bad_config{"mpidr", {1u << 31, 0, 0, 40, 1, 0}}));

} // namespace
} // namespace cpu_test::test_run
