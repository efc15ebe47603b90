// SPDX-License-Identifier: Apache-2.0
// The GDB protocol, packet by packet, against a target that is only a few arrays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "a64/cpu.h"
#include "gdb_packet.h"
#include "gdb_protocol.hpp"
#include "gdb_registers.hpp"

namespace test_gdb_protocol {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using vp::gdb_action;
using vp::gdb_protocol;
using vp::gdb_signal;

// Registers hold their number and that of the thread; memory is at 0x1000 to 0x10ff.
struct fake_target : vp::gdb_target {
    unsigned threads() const override { return 3; }
    std::string thread_name(unsigned thread) const override { return "t" + std::to_string(thread); }
    void read_register(unsigned thread, unsigned number, std::uint8_t *value) const override
    {
        std::memset(value, 0, vp::gdb_register_size(number));
        value[0] = static_cast<std::uint8_t>(number);
        value[1] = static_cast<std::uint8_t>(thread);
    }
    bool write_register(unsigned thread, unsigned number, const std::uint8_t *value) override
    {
        written[{thread, number}].assign(value, value + vp::gdb_register_size(number));
        return (number != 33 || value[0] == 5) && (number != 32 || value[0] % 4 == 0);
    }
    std::size_t read_memory(unsigned, std::uint64_t va, std::uint8_t *data,
                            std::size_t size) const override
    {
        std::size_t moved = 0;
        for (; moved < size && va + moved >= 0x1000 && va + moved < 0x1100; moved++)
            data[moved] = memory[va + moved - 0x1000];
        return moved;
    }
    bool write_memory(unsigned thread, std::uint64_t va, const std::uint8_t *data,
                      std::size_t size) override
    {
        if (va < 0x1000 || va + size > 0x1100)
            return false;
        std::copy(data, data + size, memory + (va - 0x1000));
        writer = thread;
        return true;
    }
    bool set_breakpoint(std::uint64_t va) override
    {
        return va < 0x8000 && breakpoints.insert(va).second;
    }
    void clear_breakpoint(std::uint64_t va) override { EXPECT_EQ(breakpoints.erase(va), 1u); }

    bool set_watchpoint(const vp::gdb_watchpoint &row) override
    {
        watchpoints.push_back(row);
        return row.va < 0x8000;
    }
    void clear_watchpoint(const vp::gdb_watchpoint &row) override
    {
        const auto at = std::find(watchpoints.begin(), watchpoints.end(), row);
        ASSERT_NE(at, watchpoints.end());
        watchpoints.erase(at);
    }

    std::map<std::pair<unsigned, unsigned>, std::vector<std::uint8_t>> written;
    std::uint8_t memory[256] = {1, 2, 3, 4};
    std::set<std::uint64_t> breakpoints;
    std::vector<vp::gdb_watchpoint> watchpoints;
    unsigned writer = 99;
};

class gdb : public testing::Test {
  protected:
    // The reply to a packet after which the target does not go on.
    std::string ask(const std::string &packet)
    {
        const auto answer = protocol.handle(packet);
        EXPECT_EQ(answer.next, gdb_protocol::then::wait) << packet;
        return answer.reply;
    }
    fake_target target;
    gdb_protocol protocol{target};
};

TEST_F(gdb, does_not_support_what_it_does_not_know)
{
    for (const char *packet : {"", "!", "x", "qFoo", "vMustReplyEmpty", "vFoo;1", "bc", "bs"})
        EXPECT_EQ(ask(packet), "") << packet;
}

TEST_F(gdb, tells_what_it_supports)
{
    EXPECT_EQ(ask("qSupported:multiprocess+;swbreak+"),
              "PacketSize=4000;qXfer:features:read+;QStartNoAckMode+;vContSupported+");
    EXPECT_EQ(ask("vCont?"), "vCont;c;C;s;S");
    EXPECT_EQ(ask("qAttached"), "1");
}

TEST_F(gdb, can_do_without_acknowledgements)
{
    EXPECT_FALSE(protocol.no_ack());
    EXPECT_EQ(ask("QStartNoAckMode"), "OK");
    EXPECT_TRUE(protocol.no_ack());
}

TEST_F(gdb, describes_its_registers_in_pieces)
{
    const std::string whole = vp::gdb_target_xml();
    std::string xml;
    std::string part;
    do {
        char packet[80];
        std::snprintf(packet, sizeof packet, "qXfer:features:read:target.xml:%zx,400", xml.size());
        part = ask(packet);
        ASSERT_LE(part.size(), 0x401u);
        xml += part.substr(1);
    } while (part[0] == 'm');
    EXPECT_EQ(part[0], 'l');
    EXPECT_EQ(xml, whole);
    EXPECT_EQ(ask("qXfer:features:read:target.xml:ffffff,10"), "l");
    EXPECT_EQ(ask("qXfer:features:read:target.xml:0"), "E01");
    EXPECT_EQ(ask("qXfer:features:read:other.xml:0,10"), "");
}

TEST_F(gdb, describes_as_many_registers_as_it_sends)
{
    const std::string xml = vp::gdb_target_xml();
    unsigned count = 0;
    std::size_t bytes = 0;
    for (std::size_t at = xml.find("<reg "); at != std::string::npos;
         at = xml.find("<reg ", at + 1))
        bytes +=
            static_cast<std::size_t>(std::stoi(xml.substr(xml.find("bitsize=\"", at) + 9, 3))) / 8,
            count++;
    EXPECT_EQ(count, vp::gdb_register_count);
    EXPECT_EQ(ask("g").size(), 2 * bytes);
}

TEST_F(gdb, reads_registers_of_the_selected_thread)
{
    EXPECT_EQ(ask("p1e"), "1e00000000000000");
    EXPECT_EQ(ask("p21"), "21000000") << "PSTATE has 32 bits";
    EXPECT_EQ(ask("p22").size(), 32u) << "vectors have 128";
    EXPECT_EQ(ask("Hg3"), "OK");
    EXPECT_EQ(ask("p1e"), "1e02000000000000");
    EXPECT_THAT(ask("g"), StartsWith("00020000000000000102000000000000"));
    EXPECT_EQ(ask("p44"), "E01");
    EXPECT_EQ(ask("p"), "E01");
}

TEST_F(gdb, writes_registers_of_the_selected_thread)
{
    EXPECT_EQ(ask("Hg2"), "OK");
    EXPECT_EQ(ask("P3=8877665544332211"), "OK");
    EXPECT_THAT((target.written[{1, 3}]),
                ElementsAre(0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11));
    EXPECT_EQ(ask("P21=05000000"), "OK");
    EXPECT_EQ(ask("P21=06000000"), "E01") << "the target refuses";
    for (const char *packet : {"P3=88", "P3", "P44=00", "P3=887766554433221g"})
        EXPECT_EQ(ask(packet), "E01") << packet;
}

TEST_F(gdb, writes_all_registers_at_once)
{
    std::string values(2 * (33 * 8 + 4 + 32 * 16 + 8), '0');
    values.replace(std::size_t{2} * 33 * 8, 2, "05");
    EXPECT_EQ(ask("G" + values), "OK");
    EXPECT_EQ(target.written.size(), vp::gdb_register_count);
    EXPECT_EQ(ask("G" + values.substr(2)), "E01");
}

TEST_F(gdb, reads_memory)
{
    EXPECT_EQ(ask("m1000,4"), "01020304");
    EXPECT_EQ(ask("m10fe,4"), "0000") << "as far as there is some";
    EXPECT_EQ(ask("m1100,1"), "E01");
    EXPECT_EQ(ask("m1000,0"), "");
    EXPECT_EQ(ask("m1000,ffffffff").size(), 512u);
    for (const char *packet : {"m", "m1000", "m1000,", "m10000000000000000,1", "mx,1"})
        EXPECT_EQ(ask(packet), "E01") << packet;
}

TEST_F(gdb, writes_memory)
{
    EXPECT_EQ(ask("Hg3"), "OK");
    EXPECT_EQ(ask("M1002,2:a1b2"), "OK");
    EXPECT_EQ(target.writer, 2u);
    EXPECT_EQ(ask("X1004,3:xyz"), "OK");
    EXPECT_EQ(ask("m1000,8"), "0102a1b278797a00");
    EXPECT_EQ(ask("X1000,0:"), "OK");
    EXPECT_EQ(ask("M10ff,2:0000"), "E01");
    for (const char *packet : {"M1000,2:a1", "M1000,1:a1b2", "M1000,2", "M1000,1:g0", "X1000,2:x",
                               "X1000,1:xx", "M1000,ffffffffffffffff:00"})
        EXPECT_EQ(ask(packet), "E01") << packet;
}

TEST_F(gdb, lists_its_threads)
{
    EXPECT_EQ(ask("qfThreadInfo"), "m1,2,3");
    EXPECT_EQ(ask("qsThreadInfo"), "l");
    EXPECT_EQ(ask("qThreadExtraInfo,2"), "7431"); // "t1"
    EXPECT_EQ(ask("qThreadExtraInfo,4"), "E01");
    EXPECT_EQ(ask("T3"), "OK");
    EXPECT_EQ(ask("T4"), "E01");
    EXPECT_EQ(ask("Hg4"), "E01");
    EXPECT_EQ(ask("Hg0"), "OK");
    EXPECT_EQ(ask("Hc-1"), "OK");
    EXPECT_EQ(ask("Hx1"), "E01");
}

TEST_F(gdb, says_who_stopped_and_why)
{
    EXPECT_EQ(ask("?"), "T05thread:1;");
    EXPECT_EQ(protocol.stopped(2, gdb_signal::interrupt), "T02thread:3;");
    EXPECT_EQ(ask("?"), "T02thread:3;");
    EXPECT_EQ(ask("qC"), "QC3");
    EXPECT_EQ(ask("p0"), "0002000000000000") << "whoever stopped is selected";
}

TEST_F(gdb, goes_on_as_each_thread_is_told)
{
    const struct {
        const char *packet;
        std::vector<gdb_action> actions;
    } rows[] = {
        {"vCont;c", {gdb_action::run, gdb_action::run, gdb_action::run}},
        {"vCont;s:2;c", {gdb_action::run, gdb_action::step, gdb_action::run}},
        {"vCont;s:3", {gdb_action::stay, gdb_action::stay, gdb_action::step}},
        {"vCont;C05:1;S0b:2", {gdb_action::run, gdb_action::step, gdb_action::stay}},
        {"vCont;s:1;c:-1", {gdb_action::step, gdb_action::run, gdb_action::run}},
    };
    for (const auto &row : rows) {
        EXPECT_EQ(protocol.handle(row.packet).next, gdb_protocol::then::resume) << row.packet;
        EXPECT_EQ(protocol.actions(), row.actions) << row.packet;
        protocol.stopped(0, gdb_signal::trap);
        EXPECT_THAT(protocol.actions(), testing::Each(gdb_action::stay));
    }
}

// Without vCont: the thread of Hc alone, or all, of which the one that has stopped steps.
TEST_F(gdb, goes_on_with_c_and_s)
{
    const auto run = gdb_action::run, step = gdb_action::step, stay = gdb_action::stay;
    const struct {
        const char *control, *packet;
        std::vector<gdb_action> actions;
    } rows[] = {
        {"Hc0", "c", {run, run, run}},     {"Hc-1", "s", {run, step, run}},
        {"Hc3", "c", {stay, stay, run}},   {"Hc3", "s", {stay, stay, step}},
        {"Hc1", "C05", {run, stay, stay}}, {"Hc1", "S05", {step, stay, stay}},
    };
    protocol.stopped(1, gdb_signal::trap);
    for (const auto &row : rows) {
        EXPECT_EQ(ask(row.control), "OK");
        EXPECT_EQ(protocol.handle(row.packet).next, gdb_protocol::then::resume) << row.packet;
        EXPECT_EQ(protocol.actions(), row.actions) << row.control << row.packet;
        EXPECT_TRUE(target.written.empty()) << "no PC";
        protocol.stopped(1, gdb_signal::trap);
    }
}

TEST_F(gdb, goes_on_at_an_address)
{
    for (const char *packet : {"c40001234", "s40001234", "C05;40001234", "S05;40001234"}) {
        protocol.stopped(2, gdb_signal::trap);
        EXPECT_EQ(protocol.handle(packet).next, gdb_protocol::then::resume) << packet;
        EXPECT_THAT((target.written[{2, 32}]), ElementsAre(0x34, 0x12, 0, 0x40, 0, 0, 0, 0));
        target.written.clear();
    }
    for (const char *packet : {"cx", "C", "C05x", "S05;", "c40001234x"})
        EXPECT_EQ(ask(packet), "E01") << packet;
    EXPECT_EQ(ask("c40001236"), "E01") << "the target refuses";
}

TEST_F(gdb, does_not_go_on_as_told_wrongly)
{
    for (const char *packet :
         {"vCont;x", "vCont;c:4", "vCont;", "vCont;C", "vCont;c:1x", "vCont;cc"})
        EXPECT_EQ(ask(packet), "E01") << packet;
}

TEST_F(gdb, sets_breakpoints_of_both_kinds_once)
{
    EXPECT_EQ(ask("Z0,1000,4"), "OK");
    EXPECT_EQ(ask("Z0,1000,4"), "OK");
    EXPECT_EQ(ask("Z1,1000,4"), "OK");
    EXPECT_THAT(target.breakpoints, ElementsAre(0x1000));
    EXPECT_EQ(ask("z0,1000,4"), "OK");
    EXPECT_THAT(target.breakpoints, ElementsAre(0x1000)) << "the other kind is still there";
    EXPECT_EQ(ask("z1,1000,4"), "OK");
    EXPECT_TRUE(target.breakpoints.empty());
    EXPECT_EQ(ask("z1,1000,4"), "OK") << "one that is not set";
}

TEST_F(gdb, refuses_breakpoints_where_there_can_be_none)
{
    EXPECT_EQ(ask("Z0,1002,4"), "E01");
    EXPECT_EQ(ask("Z0,9000,4"), "E01") << "the target refuses";
    EXPECT_EQ(ask("Z0"), "E01");
    EXPECT_EQ(ask("Z5,1000,4"), "") << "there is no such kind";
}

TEST_F(gdb, sets_watchpoints_of_each_kind_once)
{
    using access = vp::gdb_watchpoint::access;
    EXPECT_EQ(ask("Z2,1000,4"), "OK");
    EXPECT_EQ(ask("Z2,1000,4"), "OK");
    EXPECT_EQ(ask("Z3,1000,4"), "OK");
    EXPECT_EQ(ask("Z4,1001,8"), "OK");
    EXPECT_THAT(target.watchpoints, ElementsAre(vp::gdb_watchpoint{access::write, 0x1000, 4},
                                                vp::gdb_watchpoint{access::read, 0x1000, 4},
                                                vp::gdb_watchpoint{access::any, 0x1001, 8}));
    EXPECT_EQ(ask("z3,1000,4"), "OK");
    EXPECT_EQ(ask("z3,1000,4"), "OK") << "one that is not set";
    EXPECT_EQ(target.watchpoints.size(), 2u);
    protocol.clear_breakpoints();
    EXPECT_TRUE(target.watchpoints.empty());
}

TEST_F(gdb, refuses_watchpoints_of_nothing)
{
    for (const char *packet : {"Z2", "Z2,1000", "Z2,1000,", "Z2,1000,0", "Z4,x,4"})
        EXPECT_EQ(ask(packet), "E01") << packet;
    EXPECT_EQ(ask("Z2,9000,4"), "E01") << "the target refuses";
}

TEST_F(gdb, says_which_watchpoint_was_hit)
{
    using access = vp::gdb_watchpoint::access;
    const auto hit = [&](access kind) {
        return protocol.stopped(1, gdb_signal::trap,
                                vp::gdb_watchpoint{kind, 0xffff000012345678, 8});
    };
    EXPECT_EQ(hit(access::write), "T05watch:ffff000012345678;thread:2;");
    EXPECT_EQ(hit(access::read), "T05rwatch:ffff000012345678;thread:2;");
    EXPECT_EQ(hit(access::any), "T05awatch:ffff000012345678;thread:2;");
    EXPECT_EQ(ask("?"), "T05awatch:ffff000012345678;thread:2;");
    EXPECT_EQ(protocol.stopped(0, gdb_signal::trap), "T05thread:1;") << "the next stop has none";
}

TEST_F(gdb, takes_its_breakpoints_away)
{
    ask("Z0,1000,4");
    ask("Z1,2000,4");
    protocol.clear_breakpoints();
    EXPECT_TRUE(target.breakpoints.empty());
}

TEST_F(gdb, detaches_and_kills)
{
    EXPECT_EQ(protocol.handle("D").next, gdb_protocol::then::detach);
    EXPECT_EQ(protocol.handle("D").reply, "OK");
    EXPECT_EQ(protocol.handle("k").next, gdb_protocol::then::kill);
    EXPECT_EQ(protocol.handle("vKill;1").next, gdb_protocol::then::kill);
    EXPECT_EQ(protocol.handle("vKill;1").reply, "OK");
}

// Any packet has an answer; none is taken for something it is not.
TEST_F(gdb, survives_every_packet_of_two_fields)
{
    const char *fields[] = {"", "0", "1", "-1", "ffffffffffffffff", "fffffffffffffffff", ":", "zz"};
    for (char kind : std::string("?gGpPmMXHTZzqQvDkcs"))
        for (const char *first : fields)
            for (const char *separator : {",", ";", ":", "="})
                for (const char *second : fields)
                    protocol.handle(kind + std::string(first) + separator + second);
    EXPECT_EQ(ask("m1000,1").size(), 2u);
}

// ---- Registers of a PE ----

struct gdb_registers : testing::Test {
    gdb_registers()
    {
        a64_ops ops = {};
        ops.read = [](void *, std::uint64_t, void *, unsigned) { return A64_BUS_ABORT; };
        ops.write = [](void *, std::uint64_t, const void *, unsigned) { return A64_BUS_ABORT; };
        const a64_config config = {0, 0x40000000, 0, 40, 1, 0};
        char err[80];
        pe.reset(a64_create(&config, &ops, nullptr, err, sizeof err));
    }
    bool write(unsigned number, std::uint64_t value)
    {
        std::uint8_t bytes[vp::gdb_register_max] = {};
        std::memcpy(bytes, &value, 8);
        return vp::gdb_write_register(*pe, number, bytes);
    }
    std::uint64_t read(unsigned number)
    {
        std::uint64_t value[2] = {};
        vp::gdb_read_register(*pe, number, reinterpret_cast<std::uint8_t *>(value));
        return value[0];
    }
    std::unique_ptr<a64_cpu, void (*)(a64_cpu *)> pe{nullptr, a64_destroy};
};

TEST_F(gdb_registers, are_all_read_as_they_were_written)
{
    for (unsigned n = 0; n < vp::gdb_register_count; n++) {
        const std::uint64_t value = n == 33   ? 0xa00003c5
                                    : n >= 66 ? 0x08000000
                                              : 0x1234567890 + 4 * n;
        EXPECT_TRUE(write(n, value)) << n;
        EXPECT_EQ(read(n), n == 67 ? 0 : value) << n; // FPCR has none of these bits
    }
    EXPECT_EQ(a64_get_x(pe.get(), 31), 0x1234567890u + 4 * 31);
    EXPECT_EQ(a64_get_pc(pe.get()), 0x1234567890u + 4 * 32);
    std::uint64_t v[2];
    a64_get_v(pe.get(), 31, v);
    EXPECT_EQ(v[0], 0x1234567890u + 4 * 65);
}

TEST_F(gdb_registers, refuse_what_they_cannot_hold)
{
    EXPECT_FALSE(write(32, 0x1002)) << "a misaligned PC";
    for (std::uint32_t pstate : {0x10u, 0x9u, 0xdu, 0x1u, 0x7u, 0x00200005u})
        EXPECT_FALSE(write(33, pstate)) << std::hex << pstate;
    for (std::uint32_t pstate : {0x0u, 0x4u, 0x5u, 0xf00003c0u})
        EXPECT_TRUE(write(33, pstate)) << std::hex << pstate;
    EXPECT_EQ(vp::gdb_register_size(68), 0u);
}

} // namespace
} // namespace test_gdb_protocol
