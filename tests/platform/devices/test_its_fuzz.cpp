// SPDX-License-Identifier: Apache-2.0
// Random register accesses, commands and tables: whatever a guest does, ITS and GIC survive, and
// commands come to an end.
#include <random>

#include "its_bench.hpp"

namespace test_its_fuzz {
namespace {

class its_fuzz : public its_bench {
  protected:
    std::uint64_t any64() { return std::uint64_t{random()} << 32 | random(); }

    // Small numbers, so that what is mapped is also used.
    its_command any_command()
    {
        const std::uint64_t device = random() % 16 ? random() % 8 : random();
        const std::uint32_t event = random() % 16 ? random() % 8 : random();
        const auto collection = static_cast<std::uint16_t>(random() % 4);
        const std::uint64_t pe = random() % 3;

        switch (random() % 14) {
        case 0:
            return {any64(), any64(), any64(), any64()};
        case 1:
            return mapd(device, itt + random() % 8 * 0x100, random() % 5 + 1);
        case 2:
            return mapc(collection, pe);
        case 3:
            return movi(device, event, collection);
        case 4:
            return clear(device, event);
        case 5:
            return discard(device, event);
        case 6:
            return inv(device, event);
        case 7:
            return invall(collection);
        case 8:
            return movall(pe, random() % 3);
        case 9:
            return unmapd(device);
        case 10:
            return interrupt(device, event);
        default:
            return mapti(device, event, lpi + random() % 64, collection);
        }
    }

    // Announce the queue; a command that stalls it is replaced.
    void run_queue()
    {
        regs.write(GITS_CWRITER, tail, 8);
        its_run(translator.get(), 4);
        const std::uint64_t at = regs.read(GITS_CREADR, 8);
        if (at & 1) {
            memory.put64(queue + at - 1, 0x05); // SYNC with PE 0
            memory.put64(queue + at - 1 + 16, 0);
            regs.write(GITS_CWRITER, tail | 1, 8);
        }
    }

    void any_register()
    {
        static constexpr std::uint64_t offsets[] = {GITS_CTLR,   GITS_CBASER, GITS_CWRITER,
                                                    GITS_BASER0, GITS_BASER1, GITS_TRANSLATER};
        static constexpr unsigned sizes[] = {4, 8, 8, 2, 1, 16};
        const std::uint64_t at =
            random() % 4 ? offsets[random() % 6] : random() % (ITS_SIZE + 0x100);
        const unsigned size = sizes[random() % 6];
        std::uint64_t value = 0;

        requester.device_id = random() % 8;
        if (random() % 2) {
            its_frame.write(&requester, at, size, random() % 2 ? any64() : random() % 8);
            return;
        }
        const vp_status status = its_frame.read(&requester, at, size, &value);
        EXPECT_TRUE(status == VP_OK || value == 0) << "a refused read returns nothing";
    }

    void any_of_the_gic()
    {
        const unsigned pe = random() % 2;
        std::uint64_t value;

        switch (random() % 4) {
        case 0:
            redist.write(rd(pe) + GICR_CTLR, random() % 4 != 0);
            break;
        case 1:
            redist.write(rd(pe) + (random() % 2 ? GICR_PROPBASER : GICR_PENDBASER), any64(), 8);
            break;
        default:
            gic_cpuif_read(core.get(), pe, ICC_IAR1, &value);
            gic_cpuif_write(core.get(), pe, ICC_EOIR1, value);
        }
    }

    std::mt19937 random{4712};
};

TEST_F(its_fuzz, CommandsMessagesAndRegisters)
{
    for (unsigned round = 0; round < 300; round++) {
        regs.write(GITS_CTLR, 0);
        start(device_table | bit63 | random() % 0x300, collection_table | bit63 | random() % 0x300);
        if (random() % 4 == 0)
            memory.abort_at(device_table + random() % 64, itt + random() % 0x800);
        for (unsigned i = 0; i < 100; i++) {
            push(any_command());
            run_queue();
            message(random() % 8, random() % 8);
            configure(lpi + random() % 64, random() % 256, random() % 2);
            if (random() % 8 == 0)
                any_of_the_gic();
            if (random() % 16 == 0)
                any_register();
        }
        memory.abort_nowhere();
    }
    EXPECT_GT(stats().commands, 1000u);
    EXPECT_GT(stats().command_errors, 1000u);
    EXPECT_GT(stats().messages, 100u);
    EXPECT_GT(stats().messages_dropped, 1000u);
}

// Tables of random bits: addresses go anywhere, sizes and numbers are out of range.
TEST_F(its_fuzz, TablesOfGarbage)
{
    for (unsigned round = 0; round < 200; round++) {
        regs.write(GITS_CTLR, 0);
        start(device_table | bit63 | (any64() & (indirect | 0x3FF)),
              collection_table | bit63 | (any64() & (indirect | 0x3FF)));
        for (std::uint64_t i = 0; i < 64; i++) {
            memory.put64(device_table + 8 * i, any64());
            memory.put64(collection_table + 8 * i, any64() | (random() % 2 ? bit63 : 0));
            memory.put64(itt + 8 * i, any64());
        }
        for (unsigned i = 0; i < 50; i++) {
            message(random() % 64, random() % 64);
            push(any_command());
            run_queue();
        }
    }
    EXPECT_GT(stats().messages_dropped, 1000u);
}

// A mapping whose table is the command queue: each command may write the next one.
TEST_F(its_fuzz, QueueThatFeedsItselfComesBackToItsCaller)
{
    start();
    EXPECT_TRUE(perform(mapd(0, queue, 8)));
    for (unsigned i = 0; i < 1000; i++) {
        push(mapti(0, random() % 256, lpi + random() % 64, static_cast<std::uint16_t>(random())));
        regs.write(GITS_CWRITER, random() % queue_size | 1, 8);
        its_run(translator.get(), 16);
    }
    EXPECT_GT(stats().command_errors, 100u);
}

} // namespace
} // namespace test_its_fuzz
