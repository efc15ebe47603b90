// SPDX-License-Identifier: Apache-2.0
// Runs transactions through a crossbar, with targets that accept and answer after given times.
#ifndef TESTS_PLATFORM_CROSSBAR_BENCH_HPP
#define TESTS_PLATFORM_CROSSBAR_BENCH_HPP

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <queue>
#include <vector>

#include "bus/crossbar.h"

namespace test {

// A transaction, and when it did what, in picoseconds.
struct crossing {
    crossbar_txn txn = {};
    std::uint64_t arrived = 0;
    std::uint64_t granted = 0;
    std::uint64_t delivered = 0;
    std::uint64_t responded = 0;
    std::uint64_t returned = 0;
};

class crossbar_bench {
  public:
    crossbar_bench(unsigned ups, unsigned downs) : x_(crossbar_create(ups, downs), crossbar_destroy)
    {
        targets.resize(downs);
    }

    crossbar *get() const { return x_.get(); }
    crossbar_port &up(unsigned port) { return *crossbar_up(x_.get(), port); }
    crossbar_port &down(unsigned port) { return *crossbar_down(x_.get(), port); }

    // How a target behaves: it accepts and answers that much later.
    struct target {
        std::uint64_t accept = 0; // after delivery
        std::uint64_t answer = 0; // after acceptance
    };
    std::vector<target> targets;
    std::uint64_t take = 0; // how long an initiator takes for a response

    // A transaction that will arrive at `when`; lives as long as the bench.
    crossing &add(unsigned from, unsigned to, bool write, std::uint32_t bytes, std::uint64_t when,
                  std::uint8_t qos = 0)
    {
        crossing &c = crossings.emplace_back();
        c.txn.up = from;
        c.txn.down = to;
        c.txn.bytes = bytes;
        c.txn.read = !write;
        c.txn.write = write;
        c.txn.qos = qos;
        c.txn.owner = &c;
        plan(when, event::arrive, c);
        return c;
    }
    crossing &read(unsigned from, unsigned to, std::uint32_t bytes, std::uint64_t when,
                   std::uint8_t qos = 0)
    {
        return add(from, to, false, bytes, when, qos);
    }
    crossing &write(unsigned from, unsigned to, std::uint32_t bytes, std::uint64_t when)
    {
        return add(from, to, true, bytes, when);
    }

    // Until nothing happens any more, or nothing before `end`.
    void run(std::uint64_t end = CROSSBAR_NEVER)
    {
        for (;;) {
            const std::uint64_t inside = crossbar_next(x_.get(), now);
            const std::uint64_t outside = events_.empty() ? CROSSBAR_NEVER : events_.top().when;
            const std::uint64_t next = std::min(inside, outside);
            if (next == CROSSBAR_NEVER || next >= end)
                return;
            waited += requesting_ * (next - now);
            now = next;
            while (!events_.empty() && events_.top().when == now) {
                const event e = events_.top();
                events_.pop();
                happen(e);
            }
            follow();
        }
    }

    std::deque<crossing> crossings; // in the order of add()
    std::uint64_t now = 0;
    std::uint64_t waited = 0; // the number of requests that wait for a grant, times the time

  private:
    struct event {
        enum kind { arrive, accept, answer, taken } what;
        std::uint64_t when;
        std::uint64_t turn; // of events at one time
        crossing *whose;

        bool operator<(const event &other) const // so that the queue begins with the first
        {
            return when != other.when ? when > other.when : turn > other.turn;
        }
    };

    void plan(std::uint64_t when, event::kind what, crossing &whose)
    {
        events_.push({what, when, turn_++, &whose});
    }

    void happen(const event &e)
    {
        crossing &c = *e.whose;
        switch (e.what) {
        case event::arrive:
            c.arrived = now;
            requesting_++;
            crossbar_arrive(x_.get(), &c.txn, now);
            break;
        case event::accept:
            crossbar_accept(x_.get(), &c.txn);
            plan(now + targets[c.txn.down].answer, event::answer, c);
            break;
        case event::answer:
            c.responded = now;
            crossbar_respond(x_.get(), &c.txn, now);
            break;
        case event::taken:
            crossbar_end(x_.get(), &c.txn, now);
            break;
        }
    }

    void follow()
    {
        crossbar_step step = CROSSBAR_GRANTED;
        while (crossbar_txn *txn = crossbar_advance(x_.get(), now, &step)) {
            crossing &c = *static_cast<crossing *>(txn->owner);
            if (step == CROSSBAR_GRANTED) {
                c.granted = now;
                requesting_--;
            } else if (step == CROSSBAR_DELIVERED) {
                c.delivered = now;
                plan(now + targets[txn->down].accept, event::accept, c);
            } else {
                c.returned = now;
                plan(now + take, event::taken, c);
            }
        }
    }

    std::unique_ptr<crossbar, void (*)(crossbar *)> x_;
    std::priority_queue<event> events_;
    std::uint64_t turn_ = 0;
    std::uint64_t requesting_ = 0; // that wait for a grant now
};

} // namespace test

#endif
