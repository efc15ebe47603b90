// SPDX-License-Identifier: Apache-2.0
// An ITS in front of a GIC with LPIs, with its commands typed in from IHI 0069 5.3.
#ifndef TESTS_ITS_BENCH_HPP
#define TESTS_ITS_BENCH_HPP

#include <array>

#include "gic/its.h"
#include "lpi_bench.hpp"

enum : std::uint64_t {
    GITS_CTLR = 0x0,
    GITS_IIDR = 0x4,
    GITS_TYPER = 0x8,
    GITS_CBASER = 0x80,
    GITS_CWRITER = 0x88,
    GITS_CREADR = 0x90,
    GITS_BASER0 = 0x100,
    GITS_BASER1 = 0x108,
    GITS_TRANSLATER = 0x10040,
};

constexpr std::uint64_t bit63 = std::uint64_t{1} << 63;
constexpr std::uint64_t indirect = std::uint64_t{1} << 62;

using its_command = std::array<std::uint64_t, 4>;

constexpr its_command movi(std::uint64_t device, std::uint32_t event, std::uint16_t collection)
{
    return {0x01 | device << 32, event, collection, 0};
}
constexpr its_command interrupt(std::uint64_t device, std::uint32_t event)
{
    return {0x03 | device << 32, event, 0, 0};
}
constexpr its_command clear(std::uint64_t device, std::uint32_t event)
{
    return {0x04 | device << 32, event, 0, 0};
}
constexpr its_command sync(std::uint64_t pe)
{
    return {0x05, 0, pe << 16, 0};
}
constexpr its_command mapd(std::uint64_t device, std::uint64_t itt, unsigned event_bits)
{
    return {0x08 | device << 32, event_bits - 1, itt | bit63, 0};
}
constexpr its_command unmapd(std::uint64_t device)
{
    return {0x08 | device << 32, 0, 0, 0};
}
constexpr its_command mapc(std::uint16_t collection, std::uint64_t pe)
{
    return {0x09, 0, collection | pe << 16 | bit63, 0};
}
constexpr its_command unmapc(std::uint16_t collection)
{
    return {0x09, 0, collection, 0};
}
constexpr its_command mapti(std::uint64_t device, std::uint32_t event, std::uint64_t intid,
                            std::uint16_t collection)
{
    return {0x0A | device << 32, event | intid << 32, collection, 0};
}
constexpr its_command mapi(std::uint64_t device, std::uint32_t event, std::uint16_t collection)
{
    return {0x0B | device << 32, event, collection, 0};
}
constexpr its_command inv(std::uint64_t device, std::uint32_t event)
{
    return {0x0C | device << 32, event, 0, 0};
}
constexpr its_command invall(std::uint16_t collection)
{
    return {0x0D, 0, collection, 0};
}
constexpr its_command movall(std::uint64_t from, std::uint64_t to)
{
    return {0x0E, 0, from << 16, to << 16};
}
constexpr its_command discard(std::uint64_t device, std::uint32_t event)
{
    return {0x0F | device << 32, event, 0, 0};
}

class its_bench : public lpi_bench {
  protected:
    explicit its_bench(bool drop = false)
        : drop_errors(drop), translator(create(), its_destroy), requester{translator.get(), 0},
          regs(its_frame, &requester)
    {
        enable_lpis(0);
        enable_lpis(1);
    }

    static constexpr std::uint64_t device_table = 0xA000'0000;
    static constexpr std::uint64_t collection_table = 0xA100'0000;
    static constexpr std::uint64_t queue = 0xA200'0000;
    static constexpr std::uint64_t queue_size = 0x2000;
    static constexpr std::uint64_t itt = 0xA300'0000;
    static constexpr std::uint64_t page_64k = 2 << 8;
    static constexpr std::uint32_t all = UINT32_MAX;

    // Flat tables of one page of 64 KiB (8192 entries), a queue of two pages; enabled.
    void start(std::uint64_t devices = device_table | page_64k | bit63,
               std::uint64_t collections = collection_table | page_64k | bit63)
    {
        regs.write(GITS_BASER0, devices, 8);
        regs.write(GITS_BASER1, collections, 8);
        regs.write(GITS_CBASER, queue | (queue_size / 0x1000 - 1) | bit63, 8);
        regs.write(GITS_CWRITER, 0, 8);
        regs.write(GITS_CTLR, 1);
        tail = 0;
    }

    // Append a command; nothing happens yet.
    void push(const its_command &command)
    {
        for (unsigned i = 0; i < 4; i++)
            memory.put64(queue + tail + 8 * i, command[i]);
        tail = (tail + 32) % queue_size;
    }

    // Perform a command. Returns whether the ITS completed it; if not the queue is repaired.
    bool perform(const its_command &command)
    {
        push(command);
        regs.write(GITS_CWRITER, tail, 8);
        EXPECT_FALSE(its_run(translator.get(), all));
        if (regs.read(GITS_CREADR, 8) == tail)
            return true;
        EXPECT_EQ(regs.read(GITS_CREADR, 8), (tail + queue_size - 32) % queue_size | 1)
            << "stalled at the command";
        tail = (tail + queue_size - 32) % queue_size;
        push(sync(0));
        regs.write(GITS_CWRITER, tail | 1, 8); // Retry
        EXPECT_FALSE(its_run(translator.get(), all));
        EXPECT_EQ(regs.read(GITS_CREADR, 8), tail);
        return false;
    }

    // Device 5 with 32 EventIDs, collection 2 on PE 0, collection 3 on PE 1, event 1 mapped to
    // `lpi` in collection 2, whose priority is 0x80.
    void map_one()
    {
        EXPECT_TRUE(perform(mapd(5, itt, 5)));
        EXPECT_TRUE(perform(mapc(2, 0)));
        EXPECT_TRUE(perform(mapc(3, 1)));
        EXPECT_TRUE(perform(mapti(5, 1, lpi, 2)));
        configure(lpi, 0x80);
    }

    // A message of a device.
    void message(std::uint32_t device, std::uint32_t event)
    {
        its_requester from = {translator.get(), device};
        EXPECT_EQ(its_frame.write(&from, GITS_TRANSLATER, 4, event), VP_OK);
    }

    const its_stats &stats() const { return *its_get_stats(translator.get()); }

    bool drop_errors;
    std::uint64_t tail = 0;
    unsigned deferred = 0;
    std::unique_ptr<its, void (*)(its *)> translator;
    its_requester requester;
    frame_access regs;

  private:
    its *create()
    {
        const its_ops ops = {memory.bus(),
                             [](void *user) { static_cast<its_bench *>(user)->deferred++; }, this,
                             drop_errors};
        return its_create(&ops, core.get());
    }
};

#endif
