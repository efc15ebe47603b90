// SPDX-License-Identifier: Apache-2.0
// A function with ATS switched on and two rings that work, for tests to watch and disturb.
#ifndef TESTS_ATS_FIXTURE_HPP
#define TESTS_ATS_FIXTURE_HPP

#include <cstdint>
#include <cstring>
#include <list>

#include <gtest/gtest.h>
#include <systemc>

#include "ats_bench.hpp"
#include "support/shared_bench.hpp"

namespace test {

enum : std::uint32_t { fill = 2, crc = 3, scatter = 7, with_pasid = 0x200, untranslated = 0x400 };
enum : std::uint64_t { done = 1, no_ats = 6, denied = 7, no_page = 8, no_pri = 9, stopped = 10 };

inline support::shared_bench<ats_bench> the_bench;

class function_with_ats : public ::testing::Test {
  protected:
    static constexpr std::uint64_t va = 0x7'0000'0000;
    static constexpr std::uint64_t pa = 0x40000;

    explicit function_with_ats(std::uint32_t devfn = ats_bench::punctual)
        : b(*the_bench), sid(devfn), config(std::uint64_t{devfn} << 12)
    {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
        b.ecam.write(config + 0x10, 0x10000000 + engine);
        b.ecam.write(config + 4, 6, 2);
        ats = capability(0x0F);
        pri = capability(0x13);
        for (unsigned ring = 0; ring < 2; ring++)
            open(ring);
        set_ats(true);
    }

    // Requests under way end: LeakSanitizer does not see the stacks of SystemC's processes.
    ~function_with_ats() override
    {
        for (unsigned ring = 0; ring < 2; ring++)
            b.low.write(page(ring), 0);
        sc_core::sc_start(1, sc_core::SC_MS);
    }

    std::uint64_t capability(unsigned id)
    {
        std::uint64_t at = 0x100;
        while (at && b.ecam.read(config + at, 2) != id)
            at = b.ecam.read(config + at) >> 20;
        return at;
    }

    void set_ats(bool enable) { b.ecam.write(config + ats + 6, enable ? 0x8000 : 0, 2); }

    void set_pri(std::uint32_t allocation)
    {
        b.ecam.write(config + pri + 12, allocation);
        b.ecam.write(config + pri + 4, 1, 2);
    }

    // Descriptors of a ring are on a page of its own, at the same address before and after.
    static std::uint64_t ring_base(unsigned ring) { return 0x1000 * (ring + 1); }
    static std::uint64_t page(unsigned ring) { return engine + 0x1000 * (ring + 1); }

    void open(unsigned ring)
    {
        b.smmu.pages[ring_base(ring)] = {ring_base(ring), true, true};
        b.low.write(page(ring), 0);
        b.low.write(page(ring) + 0x08, ring_base(ring), 8);
        b.low.write(page(ring) + 0x10, 6);
        b.low.write(page(ring), 1);
        tail[ring] = 0;
    }

    std::uint64_t get(std::uint64_t at, unsigned size) const
    {
        std::uint64_t value = 0;
        std::memcpy(&value, &b.ram.bytes[at], size);
        return value;
    }

    void put(std::uint64_t at, std::uint64_t value, unsigned size)
    {
        std::memcpy(&b.ram.bytes[at], &value, size);
    }

    // Work on `addr`: to fill it, or to read it.
    void start(std::uint32_t control, std::uint64_t addr, std::uint32_t length = 64,
               unsigned ring = 0)
    {
        start(control, addr, addr, length, ring);
    }

    void start(std::uint32_t control, std::uint64_t source, std::uint64_t destination,
               std::uint32_t length, unsigned ring)
    {
        const std::uint64_t at = ring_base(ring) + 64 * std::uint64_t{tail[ring]};
        put(at, control, 4);
        put(at + 8, source, 8);
        put(at + 16, destination, 8);
        put(at + 24, length, 4);
        put(at + 32, 0x1111111111111111, 8);
        put(at + 40, 0, 8);
        tail[ring] = (tail[ring] + 1) % 64;
        b.low.write(page(ring) + 0x18, tail[ring]);
    }

    // Of the last descriptor.
    std::uint64_t status(unsigned ring = 0) const
    {
        return get(ring_base(ring) + 64 * std::uint64_t{(tail[ring] + 63) % 64} + 40, 4);
    }

    // PASID of the data of the next descriptor.
    void set_pasid(std::uint32_t pasid, unsigned ring = 0)
    {
        put(ring_base(ring) + 64 * std::uint64_t{tail[ring]} + 4, pasid, 4);
    }

    // PASIDs, of translated requests too.
    void enable_pasids(bool of_translated = false)
    {
        b.ecam.write(config + capability(0x1B) + 6, of_translated ? 9 : 1, 2);
    }

    std::uint64_t run(std::uint32_t control, std::uint64_t addr, std::uint32_t length = 64)
    {
        start(control, addr, length);
        sc_core::sc_start(ns(5000));
        return status();
    }

    void map(std::uint64_t from, std::uint64_t to, bool w = true)
    {
        b.smmu.pages[from] = {to, true, w};
    }

    void invalidate(std::uint64_t addr) { invalidate(addr, sid); }
    void invalidate(std::uint64_t addr, std::uint32_t of, std::uint32_t queue = 0)
    {
        smmu_atc_inv inv = {};
        inv.addr = addr;
        inv.span_log2 = 12;
        inv.sid = of;
        inv.queue = queue;
        b.root().invalidate(inv);
    }

    // CMD_SYNC: how its wait for invalidations ends, and when.
    struct sync {
        bool over = false;
        bool completed = false;
        sc_core::sc_time at;
    };
    const sync *start_sync(std::uint32_t queue = 0)
    {
        sync *result = &syncs.emplace_back();
        sc_core::sc_spawn([this, result, queue] {
            result->completed = b.root().wait_invalidated(queue);
            result->over = true;
            result->at = sc_core::sc_time_stamp();
        });
        return result;
    }

    void respond(unsigned index, std::uint8_t code)
    {
        smmu_prg_response response = {};
        response.sid = sid;
        response.prgi = static_cast<std::uint16_t>(index);
        response.code = code;
        b.root().respond(response);
    }

    // Requests for `addr` so far.
    std::size_t asked_for(std::uint64_t addr) const
    {
        std::size_t count = 0;
        for (const smmu_ats_request &request : b.smmu.requests)
            count += request.addr == addr;
        return count;
    }

    smmu_ats_request last_for(std::uint64_t addr) const
    {
        smmu_ats_request last = {};
        for (const smmu_ats_request &request : b.smmu.requests)
            if (request.addr == addr)
                last = request;
        return last;
    }

    static constexpr std::uint64_t engine = 0x100000; // registers, in the low window
    ats_bench &b;
    const std::uint32_t sid;
    const std::uint64_t config;
    std::uint64_t ats = 0;
    std::uint64_t pri = 0;
    std::list<sync> syncs;
    unsigned tail[2] = {};
};

} // namespace test

#endif
