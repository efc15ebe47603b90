// SPDX-License-Identifier: Apache-2.0
// The ITS's command queue, each command with its errors, and messages.
#include "its_bench.hpp"

namespace test_its_commands {
namespace {

using its_queue = its_bench;

struct its_that_drops_errors : its_bench {
    its_that_drops_errors() : its_bench(true) {}
};

// --- The queue ---

TEST_F(its_queue, CommandsWaitForDeferredWork)
{
    start();
    push(mapc(0, 0));
    EXPECT_EQ(deferred, 0u);
    regs.write(GITS_CWRITER, tail, 8);
    EXPECT_EQ(deferred, 1u);
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 0u);
    EXPECT_FALSE(its_run(translator.get(), all));
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 32u);
    EXPECT_EQ(stats().commands, 1u);
}

TEST_F(its_queue, EnablingStartsWhatIsThere)
{
    start();
    regs.write(GITS_CTLR, 0);
    push(sync(0));
    regs.write(GITS_CWRITER, tail, 8);
    EXPECT_EQ(deferred, 0u);
    EXPECT_FALSE(its_run(translator.get(), all));
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 0u);
    regs.write(GITS_CTLR, 1);
    EXPECT_EQ(deferred, 1u);
    its_run(translator.get(), all);
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 32u);
}

TEST_F(its_queue, RunsAsManyCommandsAsAskedFor)
{
    start();
    for (unsigned i = 0; i < 5; i++)
        push(sync(0));
    regs.write(GITS_CWRITER, tail, 8);
    EXPECT_TRUE(its_run(translator.get(), 3));
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 96u);
    EXPECT_FALSE(its_run(translator.get(), 3));
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 160u);
}

// As those that have no GITS_CREADR.Stalled (IHI 0069 5.3).
TEST_F(its_that_drops_errors, GoesOnBehindACommandForADeviceThatIsNotMapped)
{
    start();
    map_one();
    push(interrupt(6, 1)); // no such device
    push(interrupt(5, 1));
    regs.write(GITS_CWRITER, tail, 8);
    EXPECT_FALSE(its_run(translator.get(), all));
    EXPECT_EQ(regs.read(GITS_CREADR, 8), tail) << "not stalled";
    EXPECT_EQ(stats().command_errors, 1u);
    EXPECT_EQ(stats().commands, 5u) << "those that map, and the second INT";
    EXPECT_EQ(acknowledge(0), lpi);
}

TEST_F(its_queue, WrapsAround)
{
    start();
    for (unsigned i = 0; i < queue_size / 32 + 10; i++)
        ASSERT_TRUE(perform(sync(0)));
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 320u);
}

TEST_F(its_queue, WithoutValidBaseNothingHappens)
{
    start();
    regs.write(GITS_CTLR, 0);
    regs.write(GITS_CBASER, queue, 8);
    regs.write(GITS_CTLR, 1);
    regs.write(GITS_CWRITER, 32, 8);
    EXPECT_EQ(deferred, 0u);
}

TEST_F(its_queue, OffsetBeyondTheQueueHoldsItUntilABetterOne)
{
    start();
    push(sync(0));
    regs.write(GITS_CWRITER, queue_size, 8);
    EXPECT_FALSE(its_run(translator.get(), all));
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 0u) << "neither processed nor stalled";
    regs.write(GITS_CWRITER, tail, 8);
    its_run(translator.get(), all);
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 32u);
}

TEST_F(its_queue, ErrorStallsUntilRetry)
{
    start();
    push({0x00, 0, 0, 0});
    push(sync(0));
    regs.write(GITS_CWRITER, tail, 8);
    its_run(translator.get(), all);
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 1u);
    EXPECT_EQ(stats().command_errors, 1u);
    regs.write(GITS_CWRITER, tail, 8);
    EXPECT_EQ(deferred, 1u) << "no Retry";
    memory.put64(queue, 0x05);
    regs.write(GITS_CWRITER, tail | 1, 8);
    EXPECT_EQ(deferred, 2u);
    its_run(translator.get(), all);
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 64u);
    EXPECT_EQ(stats().commands, 2u);
}

TEST_F(its_queue, CommandThatCannotBeReadStalls)
{
    start();
    memory.abort_at(queue, queue + 31);
    push(sync(0));
    regs.write(GITS_CWRITER, tail, 8);
    its_run(translator.get(), all);
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 1u);
    memory.abort_nowhere();
    regs.write(GITS_CWRITER, tail | 1, 8);
    its_run(translator.get(), all);
    EXPECT_EQ(regs.read(GITS_CREADR, 8), 32u);
}

TEST_F(its_queue, UnknownOpcodesAreErrors)
{
    start();
    for (std::uint64_t opcode : {0x00, 0x02, 0x06, 0x07, 0x10, 0x21, 0x2A, 0x2D, 0xFF})
        EXPECT_FALSE(perform({opcode, 0, 0, 0})) << opcode;
}

// --- Messages and INT ---

class its_mapped : public its_bench {
  protected:
    its_mapped()
    {
        start();
        map_one();
    }
};

TEST_F(its_mapped, MessageBecomesAnLpi)
{
    message(5, 1);
    EXPECT_EQ(acknowledge(), lpi);
    EXPECT_EQ(stats().messages, 1u);
}

TEST_F(its_mapped, MessagesThatLeadNowhereAreDropped)
{
    message(4, 1);          // device not mapped
    message(1 << 20, 1);    // no DeviceID
    message(5, 2);          // event not mapped
    message(5, 32);         // beyond its EventIDs
    message(5, 0xFFFFFFFF); // far beyond
    EXPECT_FALSE(irq());
    EXPECT_EQ(stats().messages_dropped, 5u);
    EXPECT_EQ(regs.read(GITS_CREADR, 8) & 1, 0u) << "not an error of the queue";
}

TEST_F(its_mapped, MessageWithoutCollectionIsDropped)
{
    EXPECT_TRUE(perform(unmapc(2)));
    message(5, 1);
    EXPECT_FALSE(irq());
}

TEST_F(its_mapped, MessageWhileDisabledIsDropped)
{
    regs.write(GITS_CTLR, 0);
    message(5, 1);
    EXPECT_FALSE(irq());
    EXPECT_EQ(stats().messages_dropped, 1u);
}

TEST_F(its_mapped, MessageWhoseTablesAbortIsDropped)
{
    for (std::uint64_t at : {device_table + 5 * 8, itt + 1 * 8, collection_table + 2 * 8}) {
        memory.abort_at(at, at);
        message(5, 1);
        EXPECT_FALSE(irq()) << std::hex << at;
    }
    memory.abort_nowhere();
    message(5, 1);
    EXPECT_TRUE(irq());
}

TEST_F(its_mapped, IntIsAMessageFromTheQueue)
{
    EXPECT_TRUE(perform(interrupt(5, 1)));
    EXPECT_EQ(acknowledge(), lpi);
}

TEST_F(its_mapped, CommandForAPeWithoutLpisIsIgnored)
{
    disable_lpis(0);
    EXPECT_TRUE(perform(interrupt(5, 1)));
    EXPECT_TRUE(perform(inv(5, 1)));
    enable_lpis(0);
    EXPECT_FALSE(irq());
}

TEST_F(its_mapped, ClearTakesThePendingState)
{
    message(5, 1);
    EXPECT_TRUE(perform(clear(5, 1)));
    EXPECT_FALSE(irq());
}

// Every command about an event fails alike where a link of its way is missing.
TEST_F(its_mapped, CommandsAboutEventsNeedTheirMapping)
{
    const auto fails = [this](std::uint64_t device, std::uint32_t event, const char *why) {
        EXPECT_FALSE(perform(interrupt(device, event))) << why;
        EXPECT_FALSE(perform(clear(device, event))) << why;
        EXPECT_FALSE(perform(inv(device, event))) << why;
        EXPECT_FALSE(perform(discard(device, event))) << why;
        EXPECT_FALSE(perform(movi(device, event, 3))) << why;
    };

    fails(8192, 1, "device beyond the table");
    fails(4, 1, "device not mapped");
    fails(5, 32, "event beyond those of the device");
    fails(5, 2, "event not mapped");
    EXPECT_TRUE(perform(unmapc(2)));
    fails(5, 1, "collection not mapped");
}

// --- Mapping ---

TEST_F(its_mapped, UnmappedDeviceIsSilent)
{
    EXPECT_TRUE(perform(unmapd(5)));
    message(5, 1);
    EXPECT_FALSE(irq());
}

TEST_F(its_mapped, MapdErrors)
{
    EXPECT_FALSE(perform(mapd(8192, itt, 5))) << "beyond the table";
    EXPECT_FALSE(perform(unmapd(8192)));
    EXPECT_FALSE(perform(mapd(6, itt, 17))) << "more EventID bits than there are";
    EXPECT_FALSE(perform(mapd(6, itt, 32)));
    EXPECT_TRUE(perform(mapd(8191, itt, 16)));
    memory.abort_at(device_table, device_table + 0xFFFF);
    EXPECT_FALSE(perform(mapd(6, itt, 5))) << "the table aborts";
}

TEST_F(its_mapped, MapcErrors)
{
    EXPECT_FALSE(perform(mapc(8192, 0))) << "beyond the table";
    EXPECT_FALSE(perform(unmapc(8192)));
    EXPECT_FALSE(perform(mapc(4, 2))) << "no such PE";
    EXPECT_FALSE(perform(mapc(4, 0x100000000))) << "nor one with a number of 32 bits and more";
    EXPECT_TRUE(perform(mapc(8191, 1)));
}

TEST_F(its_mapped, MapcMovesLaterInterruptsOnly)
{
    enable_lpis(1);
    message(5, 1);
    EXPECT_TRUE(perform(mapc(2, 1)));
    EXPECT_TRUE(irq(0)) << "what was pending stays";
    message(5, 1);
    EXPECT_TRUE(irq(1));
}

TEST_F(its_mapped, MapiTakesTheEventForTheIntid)
{
    EXPECT_TRUE(perform(mapd(6, itt + 0x10000, 16)));
    EXPECT_TRUE(perform(mapi(6, 9000, 2)));
    configure(9000, 0x80);
    message(6, 9000);
    EXPECT_EQ(acknowledge(), 9000u);
    EXPECT_FALSE(perform(mapi(6, 8191, 2))) << "no LPI";
}

TEST_F(its_mapped, MaptiErrors)
{
    EXPECT_FALSE(perform(mapti(4, 1, lpi, 2))) << "device not mapped";
    EXPECT_FALSE(perform(mapti(5, 32, lpi, 2))) << "event beyond those of the device";
    EXPECT_FALSE(perform(mapti(5, 1, lpi - 1, 2))) << "no LPI";
    EXPECT_FALSE(perform(mapti(5, 1, 1023, 2)));
    EXPECT_FALSE(perform(mapti(5, 1, 0x10000, 2))) << "beyond the INTIDs";
    EXPECT_FALSE(perform(mapti(5, 1, lpi, 8192))) << "collection beyond the table";
    memory.abort_at(itt, itt + 0xFF);
    EXPECT_FALSE(perform(mapti(5, 1, lpi, 2))) << "the table aborts";
}

TEST_F(its_mapped, MaptiDoesNotNeedTheCollectionYet)
{
    EXPECT_TRUE(perform(mapti(5, 3, lpi + 3, 7)));
    configure(lpi + 3, 0x80);
    message(5, 3);
    EXPECT_FALSE(irq());
    EXPECT_TRUE(perform(mapc(7, 0)));
    message(5, 3);
    EXPECT_TRUE(irq());
}

TEST_F(its_mapped, MaptiReplacesAMapping)
{
    EXPECT_TRUE(perform(mapti(5, 1, lpi + 8, 2)));
    configure(lpi + 8, 0x80);
    message(5, 1);
    EXPECT_EQ(acknowledge(), lpi + 8);
}

TEST_F(its_mapped, DiscardUnmapsAndClears)
{
    message(5, 1);
    EXPECT_TRUE(perform(discard(5, 1)));
    EXPECT_FALSE(irq());
    message(5, 1);
    EXPECT_FALSE(irq());
    EXPECT_FALSE(perform(interrupt(5, 1)));
}

// --- Moving ---

TEST_F(its_mapped, MoviTakesPendingStateAndFutureToAnotherPe)
{
    message(5, 1);
    EXPECT_TRUE(perform(movi(5, 1, 3)));
    EXPECT_FALSE(irq(0));
    EXPECT_EQ(acknowledge(1), lpi);
    end(lpi, 1);
    message(5, 1);
    EXPECT_FALSE(irq(0));
    EXPECT_TRUE(irq(1));
}

TEST_F(its_mapped, MoviNeedsItsTarget)
{
    EXPECT_FALSE(perform(movi(5, 1, 4))) << "not mapped";
    EXPECT_FALSE(perform(movi(5, 1, 8192))) << "beyond the table";
    message(5, 1);
    EXPECT_TRUE(irq(0)) << "nothing has moved";
}

TEST_F(its_mapped, MovallTakesPendingStateOnly)
{
    message(5, 1);
    EXPECT_TRUE(perform(movall(0, 1)));
    EXPECT_FALSE(irq(0));
    EXPECT_TRUE(irq(1));
    EXPECT_TRUE(perform(movall(1, 1)));
    EXPECT_TRUE(irq(1));
    message(5, 1);
    EXPECT_TRUE(irq(0)) << "the mapping is the same";
    EXPECT_FALSE(perform(movall(2, 0)));
    EXPECT_FALSE(perform(movall(0, 2)));
}

// --- Configuration ---

TEST_F(its_mapped, InvMakesAChangeOfConfigurationSeen)
{
    message(5, 1);
    configure(lpi, 0x80, false);
    EXPECT_TRUE(irq());
    EXPECT_TRUE(perform(inv(5, 1)));
    EXPECT_FALSE(irq());
}

TEST_F(its_mapped, InvallMakesAllChangesSeen)
{
    message(5, 1);
    configure(lpi, 0x80, false);
    EXPECT_TRUE(perform(invall(3)));
    EXPECT_TRUE(irq()) << "those of another PE";
    EXPECT_TRUE(perform(invall(2)));
    EXPECT_FALSE(irq());
    EXPECT_FALSE(perform(invall(4))) << "collection not mapped";
    EXPECT_FALSE(perform(invall(8192))) << "beyond the table";
}

TEST_F(its_mapped, SyncNeedsAPe)
{
    EXPECT_TRUE(perform(sync(1)));
    EXPECT_FALSE(perform(sync(2)));
}

} // namespace
} // namespace test_its_commands
