// SPDX-License-Identifier: Apache-2.0
// Packets of the GDB remote serial protocol, one function for each kind.
#include "gdb_protocol.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <optional>

#include "gdb_packet.h"
#include "gdb_registers.hpp"

namespace vp {

namespace {

const std::string ok = "OK";
const std::string error = "E01";
const std::string unsupported;

std::string to_hex(const void *data, std::size_t size)
{
    std::string text(2 * size, '0');
    gdb_hex_encode(data, size, text.data());
    return text;
}

std::string hex_number(unsigned value)
{
    char text[16];
    std::snprintf(text, sizeof text, "%x", value);
    return text;
}

bool starts_with(const std::string &text, const char *prefix)
{
    return text.rfind(prefix, 0) == 0;
}

} // namespace

// Takes a packet apart, from left to right.
class gdb_protocol::arguments {
  public:
    arguments(const std::string &packet, std::size_t from) : packet_(packet), at_(from) {}

    bool done() const { return at_ >= packet_.size(); }
    std::string rest() const { return packet_.substr(std::min(at_, packet_.size())); }

    // The next character, 0 at the end.
    char next() { return done() ? '\0' : packet_[at_++]; }

    bool accept(char c)
    {
        if (done() || packet_[at_] != c)
            return false;
        at_++;
        return true;
    }

    // A hexadecimal number of up to 64 bits.
    std::optional<std::uint64_t> number()
    {
        std::uint64_t value = 0;
        const std::size_t start = at_;
        for (; !done(); at_++) {
            const int digit = gdb_hex_digit(static_cast<std::uint8_t>(packet_[at_]));
            if (digit < 0)
                break;
            value = value << 4 | static_cast<unsigned>(digit);
        }
        if (at_ == start || at_ - start > 16)
            return std::nullopt;
        return value;
    }

    // A thread: its index, `any` for 0 or -1 (all), `none` for one that is not there.
    static constexpr unsigned any = ~0u, none = ~0u - 1;
    unsigned thread(unsigned threads)
    {
        const bool all = accept('-');
        const auto id = number();
        if (!id || *id > threads)
            return none;
        return all || *id == 0 ? any : static_cast<unsigned>(*id - 1);
    }

    // Bytes in hexadecimal, exactly so many.
    bool bytes(std::uint8_t *data, std::size_t size)
    {
        if (packet_.size() - at_ < 2 * size || !gdb_hex_decode(packet_.data() + at_, size, data))
            return false;
        at_ += 2 * size;
        return true;
    }

  private:
    const std::string &packet_;
    std::size_t at_;
};

gdb_protocol::gdb_protocol(gdb_target &target)
    : target_(target), actions_(target.threads(), gdb_action::stay)
{
}

std::string gdb_protocol::stop_reply() const
{
    static const char *const names[] = {"watch", "rwatch", "awatch"};
    char text[80];
    int used = std::snprintf(text, sizeof text, "T%02x", static_cast<unsigned>(signal_));
    if (hit_)
        used += std::snprintf(text + used, sizeof text - used, "%s:%" PRIx64 ";",
                              names[static_cast<unsigned>(hit_->kind)], hit_->va);
    std::snprintf(text + used, sizeof text - used, "thread:%x;", stopped_ + 1);
    return text;
}

std::string gdb_protocol::stopped(unsigned thread, gdb_signal signal,
                                  const std::optional<gdb_watchpoint> &hit)
{
    std::fill(actions_.begin(), actions_.end(), gdb_action::stay);
    selected_ = stopped_ = thread;
    signal_ = signal;
    hit_ = hit;
    return stop_reply();
}

gdb_protocol::answer gdb_protocol::handle(const std::string &packet)
{
    const auto reply = [](std::string text) { return answer{then::wait, std::move(text)}; };
    const arguments args(packet, 1);
    switch (packet.empty() ? '\0' : packet[0]) {
    case '?':
        return reply(stop_reply());
    case 'g':
        return reply(read_registers());
    case 'G':
        return reply(write_registers(args));
    case 'p':
        return reply(read_register(args));
    case 'P':
        return reply(write_register(args));
    case 'm':
        return reply(read_memory(args));
    case 'M':
        return reply(write_memory(args, false));
    case 'X':
        return reply(write_memory(args, true));
    case 'H':
        return reply(select_thread(args));
    case 'T':
        return reply(arguments(args).thread(target_.threads()) < target_.threads() ? ok : error);
    case 'Z':
        return reply(change_point(args, true));
    case 'z':
        return reply(change_point(args, false));
    case 'q':
    case 'Q':
        return reply(query(packet));
    case 'v':
        return resume(packet);
    case 'c':
    case 'C':
    case 's':
    case 'S':
        return resume_one(packet);
    case 'D':
        return {then::detach, ok};
    case 'k':
        return {then::kill, ""};
    default:
        return reply(unsupported);
    }
}

// ---- Queries ----

std::string gdb_protocol::query(const std::string &packet)
{
    constexpr const char *xml = "qXfer:features:read:target.xml:";
    constexpr const char *extra = "qThreadExtraInfo,";
    if (starts_with(packet, "qSupported"))
        return "PacketSize=" + hex_number(GDB_PACKET_MAX) +
               ";qXfer:features:read+;QStartNoAckMode+;vContSupported+";
    if (packet == "QStartNoAckMode") {
        no_ack_ = true;
        return ok;
    }
    if (starts_with(packet, xml))
        return read_xml({packet, std::char_traits<char>::length(xml)});
    if (packet == "qAttached") // to something that was there before
        return "1";
    if (packet == "qC")
        return "QC" + hex_number(stopped_ + 1);
    if (packet == "qfThreadInfo")
        return thread_list();
    if (packet == "qsThreadInfo")
        return "l";
    if (starts_with(packet, extra)) {
        const unsigned thread =
            arguments(packet, std::char_traits<char>::length(extra)).thread(target_.threads());
        if (thread >= target_.threads())
            return error;
        const std::string name = target_.thread_name(thread);
        return to_hex(name.data(), name.size());
    }
    return unsupported;
}

std::string gdb_protocol::thread_list() const
{
    std::string list = "m1";
    for (unsigned i = 1; i < target_.threads(); i++)
        list += "," + hex_number(i + 1);
    return list;
}

std::string gdb_protocol::read_xml(arguments args) const
{
    const auto offset = args.number();
    const bool comma = args.accept(',');
    const auto length = args.number();
    if (!offset || !comma || !length)
        return error;
    const std::string xml = gdb_target_xml();
    const std::size_t start = std::min<std::uint64_t>(*offset, xml.size());
    const std::size_t size = std::min<std::uint64_t>(*length, GDB_PACKET_MAX - 1);
    const std::string part = xml.substr(start, size);
    return (start + part.size() < xml.size() ? "m" : "l") + part;
}

// ---- Registers ----

std::string gdb_protocol::read_registers() const
{
    std::string text;
    for (unsigned n = 0; n < gdb_register_count; n++) {
        std::uint8_t value[gdb_register_max];
        target_.read_register(selected_, n, value);
        text += to_hex(value, gdb_register_size(n));
    }
    return text;
}

std::string gdb_protocol::write_registers(arguments args)
{
    bool good = true;
    for (unsigned n = 0; n < gdb_register_count && good; n++) {
        std::uint8_t value[gdb_register_max];
        good =
            args.bytes(value, gdb_register_size(n)) && target_.write_register(selected_, n, value);
    }
    return good ? ok : error;
}

std::string gdb_protocol::read_register(arguments args) const
{
    const auto number = args.number();
    if (!number || *number >= gdb_register_count)
        return error;
    std::uint8_t value[gdb_register_max];
    target_.read_register(selected_, static_cast<unsigned>(*number), value);
    return to_hex(value, gdb_register_size(static_cast<unsigned>(*number)));
}

std::string gdb_protocol::write_register(arguments args)
{
    const auto number = args.number();
    if (!number || *number >= gdb_register_count || !args.accept('='))
        return error;
    const auto n = static_cast<unsigned>(*number);
    std::uint8_t value[gdb_register_max];
    return args.bytes(value, gdb_register_size(n)) && target_.write_register(selected_, n, value)
               ? ok
               : error;
}

// ---- Memory ----

std::string gdb_protocol::read_memory(arguments args) const
{
    const auto va = args.number();
    const bool comma = args.accept(',');
    const auto size = args.number();
    if (!va || !comma || !size)
        return error;
    std::vector<std::uint8_t> data(std::min<std::uint64_t>(*size, GDB_PACKET_MAX / 2));
    const std::size_t moved = target_.read_memory(selected_, *va, data.data(), data.size());
    return moved == 0 && !data.empty() ? error : to_hex(data.data(), moved);
}

std::string gdb_protocol::write_memory(arguments args, bool binary)
{
    const auto va = args.number();
    const bool comma = args.accept(',');
    const auto size = args.number();
    if (!va || !comma || !size || !args.accept(':') || *size > GDB_PACKET_MAX)
        return error;
    std::vector<std::uint8_t> data(*size);
    if (binary) {
        const std::string bytes = args.rest();
        if (bytes.size() != *size)
            return error;
        std::copy(bytes.begin(), bytes.end(), data.begin());
    } else if (!args.bytes(data.data(), data.size()) || !args.done()) {
        return error;
    }
    return target_.write_memory(selected_, *va, data.data(), data.size()) ? ok : error;
}

// ---- Threads ----

// Hg picks the thread that registers and memory are of, Hc the one that c and s are about.
std::string gdb_protocol::select_thread(arguments args)
{
    const bool general = args.accept('g');
    if (!general && !args.accept('c'))
        return error;
    const unsigned thread = args.thread(target_.threads());
    if (thread == arguments::none)
        return error;
    if (general && thread != arguments::any)
        selected_ = thread;
    if (!general)
        controls_ = thread != arguments::any ? std::optional(thread) : std::nullopt;
    return ok;
}

// ---- Breakpoints and watchpoints ----

bool gdb_protocol::is_set(std::uint64_t va) const
{
    return std::any_of(breakpoints_.begin(), breakpoints_.end(),
                       [&](const breakpoint &b) { return b.va == va; });
}

// The kinds of Z and z: 0 and 1 are breakpoints, in software and hardware, 2 to 4 watchpoints.
std::string gdb_protocol::change_point(arguments args, bool set)
{
    const char kind = args.next();
    if (kind < '0' || kind > '4')
        return unsupported;
    bool good = args.accept(',');
    const auto va = args.number();
    good = args.accept(',') && good;
    const auto size = args.number();
    if (!good || !va || !size)
        return error;
    if (kind < '2')
        return change_breakpoint(kind, *va, set);
    const auto access = static_cast<gdb_watchpoint::access>(kind - '2');
    return change_watchpoint({access, *va, *size}, set);
}

std::string gdb_protocol::change_breakpoint(char kind, std::uint64_t va, bool set)
{
    if (va % 4 != 0)
        return error;
    const auto same = std::find_if(breakpoints_.begin(), breakpoints_.end(),
                                   [&](const auto &b) { return b.kind == kind && b.va == va; });
    if (set == (same != breakpoints_.end()))
        return ok;
    if (set) {
        if (!is_set(va) && !target_.set_breakpoint(va))
            return error;
        breakpoints_.push_back({kind, va});
        return ok;
    }
    breakpoints_.erase(same);
    if (!is_set(va))
        target_.clear_breakpoint(va);
    return ok;
}

std::string gdb_protocol::change_watchpoint(const gdb_watchpoint &watchpoint, bool set)
{
    if (watchpoint.size == 0)
        return error;
    const auto same = std::find(watchpoints_.begin(), watchpoints_.end(), watchpoint);
    if (set == (same != watchpoints_.end()))
        return ok;
    if (set) {
        if (!target_.set_watchpoint(watchpoint))
            return error;
        watchpoints_.push_back(watchpoint);
        return ok;
    }
    watchpoints_.erase(same);
    target_.clear_watchpoint(watchpoint);
    return ok;
}

void gdb_protocol::clear_breakpoints()
{
    for (const breakpoint &b : breakpoints_)
        target_.clear_breakpoint(b.va);
    breakpoints_.clear();
    for (const gdb_watchpoint &w : watchpoints_)
        target_.clear_watchpoint(w);
    watchpoints_.clear();
}

// ---- Going on ----

// vCont;ACTION[:THREAD]...: the first action that names a thread, or all, is that thread's.
gdb_protocol::answer gdb_protocol::resume(const std::string &packet)
{
    if (packet == "vCont?")
        return {then::wait, "vCont;c;C;s;S"};
    if (starts_with(packet, "vKill;"))
        return {then::kill, ok};
    if (!starts_with(packet, "vCont;"))
        return {then::wait, unsupported};

    constexpr unsigned head = 5; // "vCont"
    arguments args(packet, head);
    std::vector<gdb_action> actions(target_.threads(), gdb_action::stay);
    while (args.accept(';')) {
        const char verb = args.next();
        const bool runs = verb == 'c' || verb == 'C';
        const bool steps = verb == 's' || verb == 'S';
        const bool with_signal = verb == 'C' || verb == 'S'; // which no CPU could take
        if ((!runs && !steps) || (with_signal && !args.number()))
            return {then::wait, error};
        const auto action = runs ? gdb_action::run : gdb_action::step;
        const unsigned thread = args.accept(':') ? args.thread(target_.threads()) : arguments::any;
        if (thread == arguments::none)
            return {then::wait, error};
        for (unsigned i = 0; i < actions.size(); i++)
            if ((thread == arguments::any || thread == i) && actions[i] == gdb_action::stay)
                actions[i] = action;
    }
    if (!args.done())
        return {then::wait, error};
    actions_ = actions;
    return {then::resume, ""};
}

bool gdb_protocol::jump(unsigned thread, std::uint64_t va)
{
    std::uint8_t value[gdb_register_max] = {};
    for (std::size_t i = 0; i < gdb_register_size(gdb_register_pc); i++)
        value[i] = static_cast<std::uint8_t>(va >> (8 * i));
    return target_.write_register(thread, gdb_register_pc, value);
}

// c[ADDRESS], s[ADDRESS], and the same with a signal, which no CPU could take: CSIGNAL[;ADDRESS].
// The thread of Hc goes on alone; without one all do, and the one that has stopped is meant.
gdb_protocol::answer gdb_protocol::resume_one(const std::string &packet)
{
    const bool steps = packet[0] == 's' || packet[0] == 'S';
    const bool with_signal = packet[0] == 'C' || packet[0] == 'S';
    arguments args(packet, 1);
    if (with_signal && !args.number())
        return {then::wait, error};
    const unsigned thread = controls_.value_or(stopped_);
    if (with_signal ? args.accept(';') : !args.done()) {
        const auto va = args.number();
        if (!va || !jump(thread, *va))
            return {then::wait, error};
    }
    if (!args.done())
        return {then::wait, error};
    const auto others = controls_ ? gdb_action::stay : gdb_action::run;
    std::fill(actions_.begin(), actions_.end(), others);
    actions_[thread] = steps ? gdb_action::step : gdb_action::run;
    return {then::resume, ""};
}

} // namespace vp
