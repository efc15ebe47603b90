// SPDX-License-Identifier: Apache-2.0
// A traffic generator on a target that answers after a time of its own, without SystemC.
#ifndef TESTS_TRAFFIC_BENCH_HPP
#define TESTS_TRAFFIC_BENCH_HPP

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "../devices/frame_access.hpp"
#include "traffic/traffic.h"

constexpr std::uint64_t ns = 1000; // picoseconds

class traffic_bench : public ::testing::Test {
  protected:
    struct issued {
        std::uint64_t time;
        traffic_access access;
    };

    traffic_bench() { config.window_bytes = 0x10000; }

    // Makes the generator of what the configuration is by now.
    traffic *core()
    {
        if (!core_) {
            config.sids = sids.data();
            config.sid_count = sids.size();
            config.pieces = pieces.data();
            config.piece_count = pieces.size();
            config.records = records.data();
            config.record_count = records.size();
            traffic_ops ops = {};
            ops.wires = {this, [](void *user, unsigned, bool level) {
                             static_cast<traffic_bench *>(user)->line = level;
                         }};
            core_.reset(traffic_create(&config, &ops));
        }
        return core_.get();
    }

    // Runs until the generator is idle, or until `end`; returns what was issued.
    std::vector<issued> run(std::uint64_t end = UINT64_MAX)
    {
        std::vector<issued> all;
        traffic_start(core());
        for (;;) {
            issued next = {now, {}};
            std::uint64_t when = UINT64_MAX;
            switch (traffic_next(core(), now, &next.access, &when)) {
            case TRAFFIC_ISSUE:
                all.push_back(next);
                answers_.emplace(now + latency(next.access), next.access);
                outstanding = std::max(outstanding, answers_.size());
                continue;
            case TRAFFIC_IDLE:
                return all;
            default:
                break;
            }
            const std::uint64_t answer = answers_.empty() ? UINT64_MAX : answers_.begin()->first;
            if (std::min(answer, when) > end)
                return all;
            now = std::min(answer, when);
            if (answer == now)
                answer_first();
        }
    }

    static std::vector<std::uint64_t> addresses(const std::vector<issued> &all)
    {
        std::vector<std::uint64_t> list;
        list.reserve(all.size());
        for (const issued &each : all)
            list.push_back(each.access.addr);
        return list;
    }

    static std::vector<std::uint64_t> times(const std::vector<issued> &all)
    {
        std::vector<std::uint64_t> list;
        list.reserve(all.size());
        for (const issued &each : all)
            list.push_back(each.time);
        return list;
    }

    std::uint64_t statistic(enum traffic_statistic which)
    {
        return traffic_statistic_of(core(), which);
    }

    traffic_config config = traffic_config_default();
    std::vector<std::uint32_t> sids = {0};
    std::vector<traffic_piece> pieces;
    std::vector<traffic_record> records;

    // The target.
    std::function<std::uint64_t(const traffic_access &)> latency = [](const traffic_access &) {
        return 100 * ns;
    };
    std::map<std::uint64_t, std::uint64_t> memory; // 8 bytes at an address; 0 where there are none
    std::uint64_t fails_at = UINT64_MAX;           // the address of an access that fails

    std::uint64_t now = 0;
    std::size_t outstanding = 0; // the most there were
    bool line = false;           // level of the interrupt

  private:
    void answer_first()
    {
        const traffic_access access = answers_.begin()->second;
        std::uint8_t data[TRAFFIC_MAX_ACCESS] = {};
        const auto found = memory.find(access.addr);
        for (unsigned i = 0; i < 8 && found != memory.end(); i++)
            data[i] = static_cast<std::uint8_t>(found->second >> (8 * i));
        answers_.erase(answers_.begin());
        traffic_complete(core(), access.slot, now, access.addr != fails_at,
                         access.write ? nullptr : data);
    }

    std::multimap<std::uint64_t, traffic_access> answers_; // that are to come, by their time
    std::unique_ptr<traffic, void (*)(traffic *)> core_{nullptr, traffic_destroy};
};

#endif
