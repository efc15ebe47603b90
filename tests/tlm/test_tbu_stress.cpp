// SPDX-License-Identifier: Apache-2.0
// Several TBUs under load, with streams of one stage and of two: transactions of both kinds,
// stalls, pages and CDs that move, physical addresses that the Device Permission Table lets through
// or not, invalidations, initiators that are killed and reset, and the SMMU itself reset.
// Everything ends, with the right data.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "at_bench.hpp"
#include "page_history.hpp"
#include "stress_dpt.hpp"
#include "stress_stream.hpp"
#include "support/random.hpp"

namespace tlm_test::test_tbu_stress {

namespace {

constexpr unsigned tbus = 3;
constexpr unsigned page_size = page_history::size;
constexpr unsigned read_pages = 8;  // first of a stream: each leads to one of two
constexpr unsigned write_pages = 8; // behind them
constexpr unsigned line = 64;
constexpr unsigned sent = 400;              // by nb_transport, for each TBU
constexpr unsigned blocking_loops = 120;    // of each client that blocks
constexpr unsigned steady = 2, victims = 2; // such clients of a TBU
constexpr std::uint64_t va = 0x0000'0012'3440'0000;
constexpr std::uint64_t fault_va = va + 0x10'0000; // mapped by who lets a stalled one go, or never

enum class limits { none, ones, random };

std::ostream &operator<<(std::ostream &out, limits of)
{
    return out << (of == limits::none ? "none" : of == limits::ones ? "ones" : "random");
}

constexpr sc_core::sc_time smmu::timing::*all_times[] = {
#define SMMU_LATENCY(name, help) &smmu::timing::name,
#define SMMU_LIMIT(name, most, help)
#include "smmu/tlm/timing.def"
#undef SMMU_LATENCY
#undef SMMU_LIMIT
};

smmu::timing times_of(limits which, support::random_source &random)
{
    smmu::timing times = approximate_times();
    times.tbu_beat_bytes = 16;
    for (sc_core::sc_time smmu::timing::*each : all_times)
        times.*each = nanoseconds(static_cast<double>(random.below(4)));
    for (unsigned smmu::timing::*each : every_limit)
        if (which != limits::none)
            times.*each = which == limits::ones ? 1 : static_cast<unsigned>(random.below(5));
    return times;
}

unsigned char pattern(std::uint64_t address)
{
    return static_cast<unsigned char>((address * 0x9e37'79b9'7f4a'7c15) >> 56);
}

constexpr unsigned of_faults = 3; // a choice, where a page has been mapped for what had stalled
// Numbers of pages: that of the CD of each TBU's stream, and those behind the DPT.
constexpr unsigned of_cds = 0x100, of_dpt = 0x200;

// Where page `page` of a TBU's stream leads, and where its writes go.
std::uint64_t read_page(unsigned tbu, unsigned page, unsigned choice)
{
    return bench::data + tbu * 0x10'0000 + choice * 0x4'0000 + page * page_size;
}
unsigned number_of(unsigned tbu, unsigned page)
{
    return tbu * read_pages + page;
}
std::uint64_t write_page(unsigned tbu, unsigned page)
{
    return bench::data + tbu * 0x10'0000 + 0x8'0000 + page * page_size;
}
std::uint64_t cd_page(unsigned tbu, unsigned choice)
{
    return bench::data + tbu * 0x10'0000 + 0xe'0000 + choice * page_size;
}

struct stress : testing::TestWithParam<std::tuple<limits, unsigned>> {
    struct port {
        std::unique_ptr<at_sender> sender;
        std::unique_ptr<smmu::protocol_checker<>> checker;
        std::unique_ptr<initiator> neighbour; // shares the TBU with the sender
        std::unique_ptr<smmu::protocol_checker<>> neighbours_checker;
        std::unique_ptr<at_memory> memory;
        std::unique_ptr<stress_stream> s;
        std::vector<at_transfer> transfers;
    };

    support::random_source random{std::get<1>(GetParam()) * 3 +
                                  static_cast<unsigned>(std::get<0>(GetParam()))};
    const smmu::timing times = times_of(std::get<0>(GetParam()), random);
    bench b{"bench", times, tbus, config(), tbus, tbus, std::vector<unsigned>(tbus, 2)};
    port ports[tbus];
    std::vector<sc_core::sc_process_handle> killable;
    unsigned clients_left = tbus * (steady + 1);
    unsigned killed = 0;
    unsigned commands = 0; // submitted, to tell when the queue is full
    std::uint32_t event_cons = 0;
    unsigned stalled = 0;
    unsigned stalled_by_cds = 0;
    sc_core::sc_time reset_begin = sc_core::sc_max_time(), reset_end = sc_core::sc_max_time();

    page_history history{b.memory}; // of all that are read
    stress_dpt dpt{b, history, of_dpt, tbus + 1, random};

    // With main TLBs and prefetches, or without.
    static smmu_config config()
    {
        const bool more = std::get<1>(GetParam()) % 4 >= 2;
        smmu_config cfg = smmu_config_default();
        cfg.utlb = {1, 4};
        cfg.tlb = {2, 4};
        cfg.tbu_tlb = {more ? 2u : 0u, 4};
        cfg.prefetch = more;
        cfg.vmsa32 = false;
        cfg.dpt = true;
        cfg.dpt_tlb = {1, 3};
        return cfg;
    }

    stress()
    {
        for (unsigned i = 0; i < tbus; i++) {
            port &p = ports[i];
            const std::string number = std::to_string(i);
            const auto &kind = at_initiator_kinds[random.below(at_initiator_kinds.size())];
            const auto &target = at_target_kinds[random.below(at_target_kinds.size())];
            p.sender = std::make_unique<at_sender>(("sender" + number).c_str(), kind,
                                                   random.between(2, 8));
            p.checker = std::make_unique<smmu::protocol_checker<>>(("checker" + number).c_str());
            p.memory = std::make_unique<at_memory>(("memory" + number).c_str(), target, b.memory);
            p.sender->socket.bind(p.checker->target_socket);
            p.checker->initiator_socket.bind(b.smmu.dev(i));
            p.neighbour = std::make_unique<initiator>(("neighbour" + number).c_str());
            p.neighbours_checker =
                std::make_unique<smmu::protocol_checker<>>(("neighbours_checker" + number).c_str());
            p.neighbour->socket.bind(p.neighbours_checker->target_socket);
            p.neighbours_checker->initiator_socket.bind(b.smmu.dev(i, 1));
            b.mem_checkers[i].initiator_socket.bind(p.memory->socket);
            const auto translated =
                static_cast<stages>((i + std::get<1>(GetParam())) % kinds_of_stages);
            p.s = std::make_unique<stress_stream>(b, i, translated, cd_page(i, 0), random);
            history.leads(of_cds + i, cd_page(i, 0));
            for (unsigned page = 0; page < read_pages; page++) {
                p.s->map(va + page * page_size, read_page(i, page, 0));
                history.leads(number_of(i, page), read_page(i, page, 0));
                for (const unsigned choice : {0u, 1u, of_faults})
                    for (unsigned byte = 0; byte < page_size; byte++) {
                        const std::uint64_t address = read_page(i, page, choice) + byte;
                        *b.memory.host(address) = pattern(address);
                    }
            }
            for (unsigned page = 0; page < write_pages; page++)
                p.s->map(va + (read_pages + page) * page_size, write_page(i, page));
        }
    }

    static std::uint32_t sid(unsigned tbu) { return tbu + 1; }

    // Every second one is measured: nobody notices, and the parts of each latency are all of it.
    void measure_some()
    {
        if (std::get<1>(GetParam()) % 2 == 0)
            return;
        smmu::measurement &measured = b.smmu.measure();
        measured.listen([this](const smmu::transaction_record &one) {
            expect_all_divided(one);
            measured_transactions++;
        });
    }
    std::uint64_t measured_transactions = 0;

    // --- initiators ------------------------------------------------------------------------------

    void plan(unsigned tbu)
    {
        port &p = ports[tbu];
        for (unsigned n = 0; n < sent; n++) {
            const unsigned length = static_cast<unsigned>(random.between(1, line));
            if (random.one_in(12)) {
                p.transfers.push_back(at_read(fault_va + random.below(4) * page_size, 8));
            } else if (random.coin()) {
                const std::uint64_t offset = random.below(read_pages * page_size - line);
                p.transfers.push_back(at_read(va + offset, length));
            } else {
                std::vector<unsigned char> bytes(length);
                for (unsigned char &each : bytes)
                    each = static_cast<unsigned char>(random.bits(8));
                p.transfers.push_back(at_write(own_line(n), bytes));
            }
            smmu::attributes &with = p.transfers.back().attributes;
            with.sid = sid(tbu);
            with.id = static_cast<std::uint32_t>(random.below(3));
            p.transfers.back().not_before = nanoseconds(static_cast<double>(1000 + 80 * n));
        }
    }

    // Written once; some across the end of a page.
    static std::uint64_t own_line(unsigned n)
    {
        return va + read_pages * page_size + 0x20 + n * line;
    }

    std::uint64_t client_line(unsigned client) const
    {
        return va + (read_pages + write_pages) * page_size - (client + 1) * line;
    }

    tlm::tlm_response_status block(unsigned tbu, unsigned client, transfer &t)
    {
        t.attributes.id = 8 + client;
        return send(tbu, client, t.of_stream(sid(tbu)).payload);
    }

    tlm::tlm_response_status send(unsigned tbu, unsigned client, tlm::tlm_generic_payload &payload)
    {
        sc_core::sc_time delay = nanoseconds(static_cast<double>(random.below(3)));
        if (client % 2)
            ports[tbu].neighbour->socket->b_transport(payload, delay);
        else
            ports[tbu].sender->socket->b_transport(payload, delay);
        sc_core::wait(delay);
        return payload.get_response_status();
    }

    // One that goes by physical addresses.
    void translated_client(unsigned tbu)
    {
        for (unsigned i = 0; i < blocking_loops; i++) {
            sc_core::wait(nanoseconds(static_cast<double>(random.below(300))));
            const unsigned page = static_cast<unsigned>(random.below(stress_dpt::pages));
            const std::uint64_t address = dpt.address(page) + 8 * random.below(page_size / 8);
            transfer t = random.coin() ? read_of(address, 8)
                                       : write_of(address, std::vector<unsigned char>(8));
            const sc_core::sc_time begin = now();
            const tlm::tlm_response_status status =
                send(tbu, i, t.extend(dpt.attributes()).payload);
            if (!touches_reset(begin, now()))
                dpt.check(page, status, begin, now());
        }
    }

    // One that reads what it may, or where it stalls, and what it has written itself.
    void client(unsigned tbu, unsigned number, unsigned loops)
    {
        for (unsigned i = 0; i < loops; i++) {
            sc_core::wait(nanoseconds(static_cast<double>(random.below(100))));
            const sc_core::sc_time begin = now();
            const bool faults = random.one_in(10);
            transfer r = read_of(faults ? fault_va + random.below(4) * page_size
                                        : va + random.below(read_pages * page_size - line),
                                 8);
            const tlm::tlm_response_status status = block(tbu, number, r);
            check_read(tbu, r.payload.get_address(), r.data, status, begin, now());
            std::vector<unsigned char> bytes(line, static_cast<unsigned char>(random.bits(8)));
            transfer w = write_of(client_line(number), bytes);
            const bool written = block(tbu, number, w) == tlm::TLM_OK_RESPONSE;
            transfer back = read_of(client_line(number), line);
            const bool read = block(tbu, number, back) == tlm::TLM_OK_RESPONSE;
            if (touches_reset(begin, now()))
                continue;
            EXPECT_TRUE(written && read);
            EXPECT_EQ(back.data, bytes);
        }
    }

    void start_clients()
    {
        for (unsigned tbu = 0; tbu < tbus; tbu++) {
            for (unsigned n = 0; n < steady; n++)
                sc_core::sc_spawn([this, tbu, n] {
                    client(tbu, n, blocking_loops);
                    clients_left--;
                });
            sc_core::sc_spawn([this, tbu] {
                translated_client(tbu);
                clients_left--;
            });
            for (unsigned n = 0; n < victims; n++)
                killable.push_back(victim(tbu, n));
        }
    }

    sc_core::sc_process_handle victim(unsigned tbu, unsigned n)
    {
        return sc_core::sc_spawn([this, tbu, n] { client(tbu, steady + n, 1000); });
    }

    // --- what is right ---------------------------------------------------------------------------

    bool touches_reset(const sc_core::sc_time &begin, const sc_core::sc_time &end) const
    {
        return end >= reset_begin && begin <= reset_end;
    }

    // Each byte is of a page that the address has led to meanwhile.
    void check_read(unsigned tbu, std::uint64_t address, const std::vector<unsigned char> &data,
                    tlm::tlm_response_status status, const sc_core::sc_time &begin,
                    const sc_core::sc_time &end) const
    {
        if (touches_reset(begin, end))
            return;
        const bool faults = address >= fault_va;
        if (faults && status == tlm::TLM_GENERIC_ERROR_RESPONSE)
            return;
        ASSERT_EQ(status, tlm::TLM_OK_RESPONSE) << std::hex << address;
        if (faults && std::count(data.begin(), data.end(), 0) == static_cast<long>(data.size()))
            return;
        for (std::size_t i = 0; i < data.size(); i++) {
            const std::uint64_t offset = address + i - (faults ? fault_va : va);
            const unsigned page = static_cast<unsigned>(offset / page_size);
            std::vector<std::uint64_t> pages = {read_page(tbu, page, of_faults)};
            if (!faults)
                pages = history.addresses(number_of(tbu, page), begin, end);
            const bool right = std::any_of(pages.begin(), pages.end(), [&](std::uint64_t each) {
                return data[i] == pattern(each + offset % page_size);
            });
            ASSERT_TRUE(right) << "byte " << i << " of " << std::hex << address << " at " << begin;
        }
    }

    void check_transfers(unsigned tbu)
    {
        for (unsigned n = 0; n < sent; n++) {
            const at_transfer &each = ports[tbu].transfers[n];
            EXPECT_EQ(each.responses, 1u);
            if (each.command == tlm::TLM_READ_COMMAND) {
                check_read(tbu, each.address, each.data, each.status, each.begin_req,
                           each.end_resp);
            } else if (!touches_reset(each.begin_req, each.end_resp)) {
                EXPECT_EQ(each.status, tlm::TLM_OK_RESPONSE);
                const unsigned char *there = b.memory.host(
                    write_page(tbu, 0) + (each.address - va - read_pages * page_size));
                EXPECT_TRUE(std::equal(each.data.begin(), each.data.end(), there)) << n;
            }
        }
    }

    // In the log, writes of one ID come in the order they were sent in.
    void check_order(unsigned tbu)
    {
        std::uint64_t last[3] = {};
        for (const storage::access &each : b.memory.log) {
            const std::uint64_t first = write_page(tbu, 0);
            if (!each.write || each.attributes.id > 2 || each.attributes.sid != sid(tbu) ||
                each.address < first || each.address >= first + write_pages * page_size)
                continue;
            EXPECT_GT(each.address, last[each.attributes.id]);
            last[each.attributes.id] = each.address;
        }
    }

    // --- software --------------------------------------------------------------------------------

    void submit(const support::command &command)
    {
        b.submit(command);
        commands++;
    }

    void submit(const stress_stream::commands &all)
    {
        for (const support::command &each : all)
            submit(each);
    }

    void sync()
    {
        submit(support::cmd_sync());
        const std::uint32_t all = commands & 0x7f;
        for (unsigned tries = 0; reg::queue_index(b.read32(reg::CMDQ_CONS)) != all; tries++) {
            ASSERT_LT(tries, 5000u) << "a CMD_SYNC does not complete";
            sc_core::wait(nanoseconds(20));
        }
    }

    // Lets each new stalled one go, or all of a stream.
    void serve_events()
    {
        const std::uint32_t prod = b.read32(reg::EVENTQ_PROD) & 0x7f;
        for (; event_cons != prod; event_cons = (event_cons + 1) & 0x7f) {
            const support::event event = b.event(event_cons & 0x3f);
            if (event.type == support::F_TRANSL_FORBIDDEN)
                continue;
            EXPECT_TRUE(event.stall);
            stalled++;
            const unsigned tbu = event.sid - 1;
            stress_stream &its = *ports[tbu].s;
            if (its.is_about_cd(event)) { // the CD has been mapped again: nothing may be lost
                stalled_by_cds++;
                submit(support::cmd_resume(event.sid, event.stag, support::resume_action::retry));
                sync();
                continue;
            }
            switch (random.below(5)) {
            case 0:
                if (its.has_cd_behind_stage2()) // there may be others that wait for the CD
                    submit(support::cmd_resume(event.sid, event.stag,
                                               support::resume_action::terminate_abort));
                else
                    submit(support::cmd_stall_term(event.sid));
                break;
            case 1:
                submit(support::cmd_resume(event.sid, event.stag,
                                           support::resume_action::terminate_abort));
                break;
            case 2:
                submit(support::cmd_resume(event.sid, event.stag,
                                           support::resume_action::terminate_razwi));
                break;
            default: {
                const std::uint64_t page = event.input_addr & ~std::uint64_t(page_size - 1);
                const unsigned number = static_cast<unsigned>((page - fault_va) / page_size);
                its.map(page, read_page(tbu, number, of_faults));
                submit(support::cmd_resume(event.sid, event.stag, support::resume_action::retry));
                sync();
                submit(its.unmap(page));
                break;
            }
            }
            sync();
        }
        b.write32(reg::EVENTQ_CONS, event_cons);
    }

    void remap()
    {
        const unsigned tbu = static_cast<unsigned>(random.below(tbus));
        const unsigned page = static_cast<unsigned>(random.below(read_pages));
        const std::uint64_t first = read_page(tbu, page, 0);
        const bool swapped = history.address(number_of(tbu, page)) != first;
        const std::uint64_t output = swapped ? first : read_page(tbu, page, 1);
        const stress_stream::commands invalidate =
            ports[tbu].s->move(va + page * page_size, output);
        history.leads(number_of(tbu, page), output);
        submit(invalidate);
        sync();
        history.is_invalidated(number_of(tbu, page));
    }

    // That of the stream which has it behind stage 2: to another page, or away for a while.
    void move_cd()
    {
        unsigned tbu = 0;
        while (!ports[tbu].s->has_cd_behind_stage2())
            tbu++;
        stress_stream &its = *ports[tbu].s;
        const std::uint64_t first = cd_page(tbu, 0);
        const std::uint64_t output =
            history.address(of_cds + tbu) == first ? cd_page(tbu, 1) : first;
        const bool away = random.coin();
        const stress_stream::commands invalidate = away ? its.unmap_cd() : its.move_cd(output);
        history.leads(of_cds + tbu, output);
        submit(invalidate);
        sync();
        history.is_invalidated(of_cds + tbu);
        if (!away)
            return;
        sc_core::wait(nanoseconds(static_cast<double>(random.between(100, 500))));
        its.map_cd(output);
    }

    void change_permissions()
    {
        const unsigned page = static_cast<unsigned>(random.below(stress_dpt::pages));
        submit(dpt.toggle(page));
        sync();
        dpt.is_invalidated(page);
    }

    void harm_one()
    {
        const unsigned which = static_cast<unsigned>(random.below(killable.size()));
        killed++;
        if (random.coin()) {
            killable[which].reset();
            return;
        }
        killable[which].kill();
        killable[which] = victim(which / victims, which % victims);
    }

    void reset_smmu()
    {
        reset_begin = now();
        b.smmu.reset();
        sc_core::wait(nanoseconds(300));
        b.write32(reg::CMDQ_PROD, commands & 0x7f);
        b.write32(reg::CMDQ_CONS, commands & 0x7f);
        event_cons = 0;
        b.bring_up();
        dpt.enable();
        submit(support::tlbi_nsnh_all());
        sync();
        reset_end = now() + nanoseconds(1000);
    }

    void software()
    {
        unsigned rounds = 0;
        while (clients_left != 0 || !all_sent()) {
            ASSERT_LT(++rounds, 4000u) << "transactions do not end";
            sc_core::wait(nanoseconds(static_cast<double>(random.between(20, 200))));
            serve_events();
            if (random.coin())
                remap();
            if (random.coin())
                move_cd();
            if (random.coin())
                change_permissions();
            if (random.coin())
                harm_one();
            if (random.one_in(4))
                submit(support::cfgi_all());
            if (rounds == 40)
                reset_smmu();
        }
        sc_core::wait(sc_core::SC_ZERO_TIME); // SystemC runs what is killed before it has begun
        for (sc_core::sc_process_handle &each : killable)
            each.kill();
        for (unsigned i = 0; i < 20; i++) { // what they have left behind
            sc_core::wait(nanoseconds(500));
            serve_events();
        }
    }

    bool all_sent() const
    {
        return std::all_of(std::begin(ports), std::end(ports),
                           [](const port &p) { return p.sender->ended.size() >= sent; });
    }

    // --- what must be back at the end ------------------------------------------------------------

    // How long misses on all pages take together, with nothing cached.
    sc_core::sc_time time_of_misses(unsigned tbu)
    {
        submit(support::cfgi_all());
        submit(support::tlbi_nsnh_all());
        sync();
        std::vector<at_transfer> reads(read_pages + 1);
        for (unsigned page = 0; page < read_pages; page++) {
            reads[page] = at_read(va + page * page_size, 8);
            reads[page].attributes.sid = sid(tbu);
            reads[page].attributes.id = page;
            ports[tbu].sender->send(reads[page]);
        }
        ports[tbu].sender->wait_until_idle();
        sc_core::sc_time last;
        for (unsigned page = 0; page < read_pages; page++)
            last = std::max(last, reads[page].end_resp);
        const sc_core::sc_time taken = last - reads[0].begin_req;
        // So that a target that swaps pairs is one further the next time.
        reads[read_pages] = at_read(va, 8);
        reads[read_pages].attributes.sid = sid(tbu);
        ports[tbu].sender->send(reads[read_pages]);
        ports[tbu].sender->wait_until_idle();
        return taken;
    }

    std::vector<sc_core::sc_time> times_of_misses()
    {
        std::vector<sc_core::sc_time> all;
        for (unsigned tbu = 0; tbu < tbus; tbu++)
            all.push_back(std::min(time_of_misses(tbu), time_of_misses(tbu)));
        for (port &each : ports)
            each.sender->ended.clear();
        return all;
    }
};

TEST_P(stress, everything_ends_with_the_right_data_and_leaves_nothing)
{
    b.run([this] {
        b.bring_up();
        dpt.enable();
        b.memory.latency = nanoseconds(40);
        measure_some();
        const std::vector<sc_core::sc_time> before = times_of_misses();
        for (unsigned i = 0; i < tbus; i++) {
            plan(i);
            for (at_transfer &each : ports[i].transfers)
                ports[i].sender->send(each);
        }
        start_clients();
        software();
        if (HasFatalFailure())
            return;
        EXPECT_GT(stalled, 20u);
        EXPECT_GT(stalled_by_cds, 0u);
        EXPECT_GT(killed, 5u);
        EXPECT_GT(dpt.passed, 50u);
        EXPECT_GT(dpt.refused, 50u);
        EXPECT_EQ(times_of_misses(), before);
        sc_core::wait(nanoseconds(1000)); // a prefetch may be under way
    });
    for (unsigned i = 0; i < tbus && !HasFatalFailure(); i++) {
        check_transfers(i);
        check_order(i);
        for (const smmu::protocol_checker<> *each :
             {ports[i].checker.get(), ports[i].neighbours_checker.get(), &b.mem_checkers[i]}) {
            EXPECT_EQ(each->complaints(), 0u) << each->name();
            EXPECT_EQ(each->in_flight(), 0u) << each->name();
        }
        EXPECT_EQ(ports[i].sender->pool.in_use(), 0u);
    }
    EXPECT_EQ(history.late_accesses(), 0u);
    EXPECT_EQ(b.walk_checker.complaints(), 0u);
    EXPECT_EQ(b.walk_checker.in_flight(), 0u);
}

INSTANTIATE_TEST_SUITE_P(of, stress,
                         testing::Combine(testing::Values(limits::none, limits::ones,
                                                          limits::random),
                                          testing::Range(1u, 5u)),
                         [](const auto &info) {
                             return testing::PrintToString(std::get<0>(info.param)) +
                                    "_limits_seed_" + std::to_string(std::get<1>(info.param));
                         });

} // namespace

} // namespace tlm_test::test_tbu_stress
