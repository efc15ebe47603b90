// SPDX-License-Identifier: Apache-2.0
// An NVMe controller on a flat memory and a disk of bytes, with the queues of a small driver.
#ifndef TESTS_NVME_BENCH_HPP
#define TESTS_NVME_BENCH_HPP

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "../devices/frame_access.hpp"
#include "../devices/ways_bench.hpp"
#include "nvme/nvme.h"

// Registers, opcodes and status codes, typed again from NVM Express 1.4.
enum : std::uint64_t {
    CAP = 0x00,
    VS = 0x08,
    INTMS = 0x0C,
    INTMC = 0x10,
    CC = 0x14,
    CSTS = 0x1C,
    AQA = 0x24,
    ASQ = 0x28,
    ACQ = 0x30,
    DOORBELL = 0x1000,
};
enum : std::uint8_t {
    DELETE_SQ = 0x00,
    CREATE_SQ = 0x01,
    GET_LOG = 0x02,
    DELETE_CQ = 0x04,
    CREATE_CQ = 0x05,
    IDENTIFY = 0x06,
    ABORT = 0x08,
    SET_FEATURES = 0x09,
    GET_FEATURES = 0x0A,
    ASYNC_EVENT = 0x0C,
    FLUSH = 0x00,
    WRITE = 0x01,
    READ = 0x02,
    COMPARE = 0x05,
    WRITE_ZEROES = 0x08,
    DATASET = 0x09,
};
// Type and code; the bit that says not to retry is left out.
enum : std::uint16_t {
    OK = 0x000,
    BAD_OPCODE = 0x001,
    BAD_FIELD = 0x002,
    TRANSFER_ERROR = 0x004,
    ABORTED = 0x007,
    BAD_NAMESPACE = 0x00B,
    BAD_SEQUENCE = 0x00C,
    BAD_SGL_SEGMENT = 0x00D,
    BAD_SGL_NUMBER = 0x00E,
    BAD_SGL_LENGTH = 0x00F,
    BAD_SGL_TYPE = 0x011,
    BAD_PRP_OFFSET = 0x013,
    OUT_OF_RANGE = 0x080,
    NO_CAPACITY = 0x081,
    BAD_CQ = 0x100,
    BAD_QUEUE_ID = 0x101,
    BAD_QUEUE_SIZE = 0x102,
    TOO_MANY_EVENTS = 0x105,
    BAD_VECTOR = 0x108,
    BAD_LOG = 0x109,
    BAD_DELETION = 0x10C,
    NOT_SAVEABLE = 0x10D,
    NOT_OF_NAMESPACE = 0x10F,
    WRITE_FAULT = 0x280,
    READ_ERROR = 0x281,
    DIFFERENT = 0x285,
};

// Kinds of descriptors: type and subtype.
enum : std::uint8_t {
    DATA_BLOCK = 0x00,
    BIT_BUCKET = 0x10,
    SEGMENT = 0x20,
    LAST_SEGMENT = 0x30,
};

class nvme_bench : public ways_bench {
  protected:
#ifdef NVME_BENCH_SIDE_BY_SIDE
    static constexpr bool side_by_side = true; // accesses to data
#else
    static constexpr bool side_by_side = false;
#endif
    static constexpr std::uint64_t memory_size = 0x600000;
    static constexpr std::uint64_t asq = 0x1000;
    static constexpr std::uint64_t acq = 0x2000;
    static constexpr std::uint64_t iosq = 0x3000; // of queue 1
    static constexpr std::uint64_t iocq = 0x4000;
    static constexpr std::uint64_t list = 0x20000; // of PRPs, or a segment of an SGL
    static constexpr std::uint64_t buffer = 0x100000;
    static constexpr std::uint64_t page = 0x1000;
    static constexpr unsigned entries = 8; // of every queue
    static constexpr unsigned most = 8192; // blocks of a command
    static constexpr std::uint64_t blocks = most + 256;

    struct command {
        std::uint8_t opcode;
        std::uint32_t nsid = 0;
        std::uint64_t prp1 = 0;
        std::uint64_t prp2 = 0;
        std::uint32_t dw10 = 0;
        std::uint32_t dw11 = 0;
        std::uint32_t dw12 = 0;
        std::uint32_t dw13 = 0;
        std::uint8_t flags = 0;
    };

    struct completion {
        std::uint32_t result;
        std::uint16_t sq_head;
        std::uint16_t sq;
        std::uint16_t id;
        std::uint16_t status; // type and code
        bool more;            // in the log page of errors
        bool final;           // do not retry
    };

    struct queue {
        std::uint64_t sq;
        std::uint64_t cq;
        unsigned tail = 0;
        unsigned head = 0;
        bool phase = true;
    };

    explicit nvme_bench(unsigned mdts = NVME_MAX_DATA_SHIFT)
        : ways_bench(memory_size), data_shift(mdts), disk(blocks * 512),
          core(create(), nvme_destroy)
    {
        for (std::size_t i = 0; i < disk.size(); i++)
            disk[i] = static_cast<std::uint8_t>(i * 7 + i / 512 + i / 100003);
    }

    // Whether memory at `addr` is as the disk at `offset`.
    bool same(std::uint64_t addr, std::uint64_t offset, std::size_t size) const
    {
        return std::memcmp(&memory[addr], &disk[offset], size) == 0;
    }

    // How many blocks from `first` on are zeros.
    std::size_t zeros(std::uint64_t first) const
    {
        std::size_t i = first * 512;
        while (i < disk.size() && disk[i] == 0)
            i++;
        return i / 512 - first;
    }

    std::uint64_t read(std::uint64_t offset, unsigned size = 4) const
    {
        return frame_access(nvme_frame, core.get()).read(offset, size);
    }

    void write(std::uint64_t offset, std::uint64_t value, unsigned size = 4) const
    {
        frame_access(nvme_frame, core.get()).write(offset, value, size);
    }

    // 4 KiB pages unless `shift` says otherwise (log2, less 12).
    void enable(unsigned shift = 0)
    {
        queues[0] = {asq, acq};
        write(AQA, (entries - 1) << 16 | (entries - 1));
        write(ASQ, asq, 8);
        write(ACQ, acq, 8);
        write(CC, 4 << 20 | 6 << 16 | shift << 7 | 1);
    }

    // Queue pair 1, with interrupt vector 3.
    void create_io_queues()
    {
        queues[1] = {iosq, iocq};
        EXPECT_EQ(admin({CREATE_CQ, 0, iocq, 0, (entries - 1) << 16 | 1, 3 << 16 | 3}).status, OK);
        EXPECT_EQ(admin({CREATE_SQ, 0, iosq, 0, (entries - 1) << 16 | 1, 1 << 16 | 1}).status, OK);
    }

    // Puts a command into a queue and rings; returns its identifier.
    std::uint16_t submit(unsigned id, const command &c)
    {
        queue &q = queues[id];
        const std::uint64_t at = q.sq + 64 * std::uint64_t{q.tail};
        std::memset(&memory[at], 0, 64);
        put(at, c.opcode, 1);
        put(at + 1, c.flags, 1);
        put(at + 2, ++last_id, 2);
        put(at + 4, c.nsid, 4);
        put(at + 24, c.prp1, 8);
        put(at + 32, c.prp2, 8);
        const std::uint32_t dwords[] = {c.dw10, c.dw11, c.dw12, c.dw13};
        for (unsigned i = 0; i < 4; i++)
            put(at + 40 + 4 * i, dwords[i], 4);
        q.tail = (q.tail + 1) % entries;
        write(DOORBELL + 8 * id, q.tail);
        return last_id;
    }

    // Takes a completion, if there is one.
    bool take(unsigned id, completion &c)
    {
        queue &q = queues[id];
        const std::uint64_t at = q.cq + 16 * std::uint64_t{q.head};
        const std::uint64_t status = get(at + 14, 2);
        if ((status & 1) != q.phase)
            return false;
        c = {static_cast<std::uint32_t>(get(at, 4)),
             static_cast<std::uint16_t>(get(at + 8, 2)),
             static_cast<std::uint16_t>(get(at + 10, 2)),
             static_cast<std::uint16_t>(get(at + 12, 2)),
             static_cast<std::uint16_t>(status >> 1 & 0x7ff),
             (status >> 14 & 1) != 0,
             (status >> 15 & 1) != 0};
        q.head = (q.head + 1) % entries;
        q.phase ^= q.head == 0;
        write(DOORBELL + 8 * id + 4, q.head);
        return true;
    }

    completion run(unsigned id, const command &c)
    {
        completion done = {};
        submit(id, c);
        nvme_run(core.get());
        EXPECT_TRUE(take(id, done)) << "no completion";
        EXPECT_EQ(done.id, last_id);
        return done;
    }

    // A new life, with the admin queue alone.
    void restart(unsigned shift = 0)
    {
        write(CC, 0);
        std::memset(&memory[acq], 0, 0x1000);
        std::memset(&memory[iocq], 0, 0x1000);
        enable(shift);
    }

    completion admin(const command &c)
    {
        return run(0, c);
    }
    completion io(const command &c)
    {
        return run(1, c);
    }

    // A read or write of `count` blocks from `block` on.
    static command transfer(std::uint8_t opcode, std::uint64_t block, unsigned count,
                            std::uint64_t prp1, std::uint64_t prp2 = 0)
    {
        return {opcode,
                1,
                prp1,
                prp2,
                static_cast<std::uint32_t>(block),
                static_cast<std::uint32_t>(block >> 32),
                count - 1};
    }

    // A list at `list` of `count` pages from `addr` on; returns where it begins.
    std::uint64_t put_prps(std::uint64_t addr, unsigned count)
    {
        std::uint64_t at = list;
        for (unsigned i = 0; i < count; i++, at += 8) {
            if (at % page == page - 8 && i + 1 < count) {
                put(at, at + 8, 8);
                at += 8;
            }
            put(at, addr + i * page, 8);
        }
        return list;
    }

    // A descriptor of an SGL as the command has it; `kind` is type and subtype.
    static command with_sgl(command c, std::uint8_t kind, std::uint64_t addr, std::uint32_t length)
    {
        c.prp1 = addr;
        c.prp2 = std::uint64_t{kind} << 56 | length;
        c.flags = 0x40;
        return c;
    }

    // One in memory.
    void put_descriptor(std::uint64_t at, std::uint8_t kind, std::uint64_t addr,
                        std::uint32_t length)
    {
        put(at, addr, 8);
        put(at + 8, std::uint64_t{kind} << 56 | length, 8);
    }

    nvme *create()
    {
        nvme_config config = {blocks, 9, {}, data_shift};
        nvme_ops ops = {};
        char reason[80] = "";
        serial.copy(config.serial, NVME_SERIAL_LENGTH);
        ops.user = this;
        ops.bus = ring_bus();
        if (side_by_side)
            ops.data = data_bus();
        ops.kick = [](void *user) { self(user)->kicks++; };
        ops.raise = [](void *user, unsigned vector) { self(user)->raised.push_back(vector); };
        ops.pin = [](void *user, bool level) {
            EXPECT_NE(self(user)->pin, level) << "no change";
            self(user)->pin = level;
        };
        ops.medium = {this,
                      [](void *user, std::uint64_t offset, void **data, std::uint32_t size) {
                          std::uint8_t *const place = self(user)->disk_at(offset, size);
                          if (self(user)->in_place)
                              *data = place;
                          else
                              std::memcpy(*data, place, size);
                          return self(user)->disk_state;
                      },
                      [](void *user, std::uint64_t offset, const void *data, std::uint32_t size) {
                          if (self(user)->disk_state == DISK_OK)
                              std::memcpy(self(user)->disk_at(offset, size), data, size);
                          return self(user)->disk_state;
                      },
                      [](void *user, std::uint64_t offset, std::uint64_t size, bool deallocate) {
                          std::memset(self(user)->disk_at(offset, size), 0, size);
                          self(user)->deallocations += deallocate;
                          return self(user)->disk_state;
                      },
                      [](void *user) {
                          self(user)->disk_at(0, 512);
                          self(user)->flushes++;
                          return self(user)->disk_state == DISK_OK ? self(user)->flush_state
                                                                   : self(user)->disk_state;
                      }};
        nvme *made = nvme_create(&config, &ops, reason, sizeof reason);
        EXPECT_NE(made, nullptr) << reason;
        return made;
    }

    unsigned data_shift; // MDTS
    std::vector<std::uint8_t> disk;
    std::map<unsigned, queue> queues;
    std::vector<unsigned> raised;
    unsigned kicks = 0;
    unsigned flushes = 0;
    bool pin = false;
    bool in_place = true;                 // it shows data where they are
    disk_status disk_state = DISK_OK;     // how accesses to it end
    disk_status flush_state = DISK_OK;    // how flushes do if accesses go well
    std::function<void()> disk_meanwhile; // happens while one blocks
    unsigned deallocations = 0;
    std::uint16_t last_id = 0;
    std::string serial = "TEST1";
    std::unique_ptr<nvme, void (*)(nvme *)> core;

  private:
    std::uint8_t *disk_at(std::uint64_t offset, std::uint64_t size)
    {
        EXPECT_TRUE(size && size % 512 == 0 && offset % 512 == 0) << offset << " " << size;
        EXPECT_LE(offset + size, disk.size());
        if (disk_meanwhile)
            disk_meanwhile();
        return &disk[offset];
    }

    static nvme_bench *self(void *user)
    {
        return static_cast<nvme_bench *>(user);
    }
};

#endif
