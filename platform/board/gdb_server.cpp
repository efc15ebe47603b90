// SPDX-License-Identifier: Apache-2.0
// Stopping the simulation for a debugger, and what it may look at meanwhile.
#include "gdb_server.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>

#include "gdb_registers.hpp"
#include "message.hpp"

namespace vp {

namespace {

constexpr std::uint64_t page_size = 4096; // translation is asked for page by page

// The largest piece that device registers take too, where memory took less than the whole.
unsigned register_piece(std::uint64_t address, std::uint64_t size)
{
    unsigned piece = 8;
    while (piece > size || address % piece != 0)
        piece /= 2;
    return piece;
}

std::uint64_t debug_transport(cpu &pe, tlm::tlm_command command, std::uint64_t pa,
                              std::uint8_t *data, std::uint64_t size)
{
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(pa);
    payload.set_data_ptr(data);
    payload.set_data_length(static_cast<unsigned>(size));
    payload.set_streaming_width(static_cast<unsigned>(size));
    return pe.bus->transport_dbg(payload);
}

// Returns how many bytes were moved; `size` is within a page.
std::uint64_t move_within_page(cpu &pe, tlm::tlm_command command, std::uint64_t va,
                               std::uint8_t *data, std::uint64_t size)
{
    std::uint64_t pa;
    if (!a64_debug_translate(pe.core(), va, &pa))
        return 0;
    std::uint64_t moved = debug_transport(pe, command, pa, data, size);
    while (moved < size) {
        const unsigned piece = register_piece(pa + moved, size - moved);
        if (debug_transport(pe, command, pa + moved, data + moved, piece) != piece)
            break;
        moved += piece;
    }
    return moved;
}

std::uint64_t move(cpu &pe, tlm::tlm_command command, std::uint64_t va, std::uint8_t *data,
                   std::uint64_t size)
{
    std::uint64_t done = 0;
    while (done < size) {
        const std::uint64_t in_page = page_size - (va + done) % page_size;
        const std::uint64_t part = std::min(in_page, size - done);
        const std::uint64_t moved = move_within_page(pe, command, va + done, data + done, part);
        done += moved;
        if (moved < part)
            break;
    }
    return done;
}

// The kinds of access in the order of gdb_watchpoint::access.
constexpr a64_watch watch_kinds[] = {A64_WATCH_STORE, A64_WATCH_LOAD, A64_WATCH_ACCESS};

a64_watchpoint to_core(const gdb_watchpoint &watchpoint)
{
    return {watchpoint.va, watchpoint.size, watch_kinds[static_cast<unsigned>(watchpoint.kind)]};
}

// The watchpoint that `pe` has stopped at, with the address that it is about to access.
gdb_watchpoint hit_of(const cpu &pe)
{
    std::uint64_t va;
    const a64_watchpoint row = a64_watchpoint_hit(pe.core(), &va);
    const auto kind = std::find(std::begin(watch_kinds), std::end(watch_kinds), row.kind);
    return {static_cast<gdb_watchpoint::access>(kind - std::begin(watch_kinds)), va, row.size};
}

} // namespace

gdb_server::gdb_server(const sc_core::sc_module_name &name, machine &system, std::uint16_t port,
                       std::vector<bystander *> others)
    : sc_module(name), system_(system), connection_(port, std::move(others)), protocol_(*this)
{
    for (const auto &each : system_.cpus().list())
        each->set_run_control(this);
    SC_HAS_PROCESS(gdb_server);
    SC_THREAD(watch);
}

// ---- What can be looked at ----

unsigned gdb_server::threads() const
{
    return static_cast<unsigned>(system_.cpus().list().size());
}

std::string gdb_server::thread_name(unsigned thread) const
{
    return system_.cpus().name(thread) + (pe(thread).is_off() ? ", off" : "");
}

void gdb_server::read_register(unsigned thread, unsigned number, std::uint8_t *value) const
{
    gdb_read_register(*pe(thread).core(), number, value);
}

bool gdb_server::write_register(unsigned thread, unsigned number, const std::uint8_t *value)
{
    a64_cpu *core = pe(thread).core();
    return !a64_in_instruction(core) && gdb_write_register(*core, number, value);
}

std::size_t gdb_server::read_memory(unsigned thread, std::uint64_t va, std::uint8_t *data,
                                    std::size_t size) const
{
    return move(pe(thread), tlm::TLM_READ_COMMAND, va, data, size);
}

bool gdb_server::write_memory(unsigned thread, std::uint64_t va, const std::uint8_t *data,
                              std::size_t size)
{
    std::vector<std::uint8_t> copy(data, data + size);
    const bool done = move(pe(thread), tlm::TLM_WRITE_COMMAND, va, copy.data(), size) == size;
    for (const auto &each : system_.cpus().list()) // wherever it went, in whole or in part
        each->code_invalidate(0, UINT64_MAX);
    return done;
}

bool gdb_server::set_breakpoint(std::uint64_t va)
{
    const auto &all = system_.cpus().list();
    return std::all_of(all.begin(), all.end(),
                       [&](const auto &each) { return a64_set_breakpoint(each->core(), va); });
}

void gdb_server::clear_breakpoint(std::uint64_t va)
{
    for (const auto &each : system_.cpus().list())
        a64_clear_breakpoint(each->core(), va);
}

bool gdb_server::set_watchpoint(const gdb_watchpoint &watchpoint)
{
    const a64_watchpoint row = to_core(watchpoint);
    const auto &all = system_.cpus().list();
    return std::all_of(all.begin(), all.end(),
                       [&](const auto &each) { return a64_set_watchpoint(each->core(), &row); });
}

void gdb_server::clear_watchpoint(const gdb_watchpoint &watchpoint)
{
    const a64_watchpoint row = to_core(watchpoint);
    for (const auto &each : system_.cpus().list())
        a64_clear_watchpoint(each->core(), &row);
}

// ---- Stopping and going on ----

unsigned gdb_server::index_of(const cpu &pe) const
{
    unsigned i = 0;
    while (system_.cpus().list()[i].get() != &pe)
        i++;
    return i;
}

std::uint64_t gdb_server::before_slice(cpu &pe, std::uint64_t budget)
{
    const unsigned thread = index_of(pe);
    if (!begun_) {
        begun_ = true;
        connection_.accept();
        converse();
    }
    while (killed_ || connection_.given_up() ||
           (connection_.is_open() && protocol_.actions()[thread] == gdb_action::stay)) {
        wait(resumed_);
        a64_clear_exclusive(pe.core());
    }
    const bool steps = connection_.is_open() && protocol_.actions()[thread] == gdb_action::step;
    return steps ? 1 : budget;
}

void gdb_server::after_slice(cpu &pe, a64_stop why, std::uint64_t executed)
{
    const unsigned thread = index_of(pe);
    const bool stepped = protocol_.actions()[thread] == gdb_action::step && executed > 0;
    if (!connection_.is_open())
        return;
    if (why == A64_STOP_WATCHPOINT)
        stop(thread, gdb_signal::trap, hit_of(pe));
    else if (why == A64_STOP_BREAKPOINT || stepped)
        stop(thread, gdb_signal::trap);
}

void gdb_server::stop(unsigned thread, gdb_signal signal, const std::optional<gdb_watchpoint> &hit)
{
    connection_.send(protocol_.stopped(thread, signal, hit));
    converse();
}

// Answers packets until the target is to go on.
void gdb_server::converse()
{
    while (const auto packet = connection_.receive()) {
        const gdb_protocol::answer answer = protocol_.handle(*packet);
        if (answer.next == gdb_protocol::then::kill) {
            killed_ = true;
            if (!answer.reply.empty())
                connection_.send(answer.reply);
            connection_.close();
            system_.end_run(guest_end::killed);
            return;
        }
        if (answer.next == gdb_protocol::then::resume && connection_.is_open()) {
            resumed_.notify(sc_core::SC_ZERO_TIME);
            return;
        }
        if (answer.next != gdb_protocol::then::resume)
            connection_.send(answer.reply);
        if (protocol_.no_ack())
            connection_.stop_acknowledging();
        if (answer.next == gdb_protocol::then::detach)
            break;
    }
    if (!connection_.given_up()) // else the run is over, and nothing goes on any more
        let_go();
}

// The machine goes on by itself.
void gdb_server::let_go()
{
    if (connection_.overran())
        say("the debugger does not read what it asks for: it is disconnected");
    protocol_.clear_breakpoints();
    connection_.close();
    for (const auto &each : system_.cpus().list())
        each->set_run_control(nullptr);
    resumed_.notify(sc_core::SC_ZERO_TIME);
}

// Looks for Ctrl-C once in a while. Where nothing can happen any more but that the debugger speaks,
// time does not go on for it.
void gdb_server::watch()
{
    const sc_core::sc_time interval(1, sc_core::SC_MS);
    while (!begun_)
        wait(sc_core::SC_ZERO_TIME);
    while (connection_.is_open() && !connection_.given_up()) {
        const bool idle = !sc_core::sc_pending_activity();
        if (!connection_.wants_attention(idle))
            wait(interval);
        else if (connection_.given_up())
            break;
        else if (connection_.is_open())
            stop(0, gdb_signal::interrupt);
        else
            let_go();
    }
    // The end that a bystander has seen may still be on its way: not for want of anything to do.
    while (connection_.given_up())
        wait(interval);
}

void gdb_server::finish(int status)
{
    say_last('W', status);
}

void gdb_server::finish_by_signal(int number)
{
    say_last('X', number);
}

void gdb_server::say_last(char kind, int value)
{
    char text[8];
    std::snprintf(text, sizeof text, "%c%02x", kind, static_cast<unsigned>(value) & 0xff);
    connection_.send(text);
    connection_.close();
}

} // namespace vp
