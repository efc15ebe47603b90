// SPDX-License-Identifier: Apache-2.0
// The program under a debugger: through a socket of the test's own, and by GDB itself where there
// is one.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elf_file.hpp"
#include "gdb_packet.h"

namespace test_gdb_program {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::uint64_t entry = 0x40000000;

// add x3, x3, #1; b -4
const std::vector<std::uint32_t> counting = {0x91000463, 0x17ffffff};
// wfi; b -4
const std::vector<std::uint32_t> sleeping = {0xd503207f, 0x17ffffff};
// movz x0, #0xc700, lsl #16; movz x1, #3; hvc #0: ends with a status
const std::vector<std::uint32_t> failing = {0xd2b8e000, 0xd2800061, 0xd4000002};

std::string hex(std::uint64_t value)
{
    std::array<char, 20> text;
    std::snprintf(text.data(), text.size(), "%llx", static_cast<unsigned long long>(value));
    return text.data();
}

class debugged : public testing::Test {
  protected:
    // Starts the program, which says on which port it waits.
    void start(const std::vector<std::uint32_t> &code, const std::string &more = "",
               const std::string &limit = "0.2", const std::string &input = "</dev/null")
    {
        const auto elf = test::elf_file(code).bytes();
        std::ofstream(directory + "/elf", std::ios::binary)
            .write(reinterpret_cast<const char *>(elf.data()),
                   static_cast<std::streamsize>(elf.size()));
        launch(" --elf " + directory + "/elf --gdb 0 --max-time " + limit + " " + more + " 2>&1 " +
               input);
    }

    // Starts the program; sets its process and its port.
    void launch(const std::string &arguments)
    {
        const std::string command =
            "echo $$; exec " SMMU_VP_PROGRAM " --dtb " SMMU_VP_VIRT_DTB + arguments;
        std::array<char, 256> line = {};
        output = popen(command.c_str(), "r");
        ASSERT_NE(output, nullptr);
        ASSERT_NE(std::fgets(line.data(), line.size(), output), nullptr);
        process = std::stoi(line.data());
        ASSERT_NE(std::fgets(line.data(), line.size(), output), nullptr);
        ASSERT_EQ(
            std::sscanf(line.data(), "smmu-vp: waiting for a debugger on 127.0.0.1:%hu", &port), 1)
            << line.data();
    }

    void attach()
    {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience = {20, 0};
        peer = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ASSERT_EQ(connect(peer, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    }

    void send(const std::string &bytes) const
    {
        ASSERT_EQ(write(peer, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    }

    void put(const std::string &packet) const
    {
        std::vector<std::uint8_t> out(GDB_WRAPPED_SIZE(packet.size()));
        const std::size_t size = gdb_packet_wrap(packet.data(), packet.size(), out.data());
        send({out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)});
    }

    // The next packet; "" if the other side is gone.
    std::string get()
    {
        for (std::uint8_t byte; read(peer, &byte, 1) == 1;)
            if (gdb_reader_feed(&reader, byte) == GDB_PACKET)
                return {reader.data, reader.data + reader.size};
        return "";
    }

    std::string ask(const std::string &packet)
    {
        put(packet);
        return get();
    }

    // The exit status, and what was printed to `rest`.
    int end()
    {
        std::array<char, 256> line;
        while (std::fgets(line.data(), line.size(), output) != nullptr)
            rest += line.data();
        const int status = pclose(output);
        output = nullptr;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::string trace() const { return directory + "/trace"; }
    std::string traced() const { return "--stats --trace insn --trace-file " + trace(); }

    // Ends the run by SIGTERM: the debugger is told, and the trace is complete. Its instructions.
    long terminate()
    {
        kill(process, SIGTERM);
        EXPECT_EQ(get(), "X0f");
        EXPECT_EQ(end(), -1) << "the signal";
        std::ifstream file(trace());
        const auto lines = std::count(std::istreambuf_iterator<char>(file), {}, '\n');
        EXPECT_THAT(rest, HasSubstr("\nrun.instructions " + std::to_string(lines) + "\n"));
        return lines;
    }

    void TearDown() override
    {
        if (peer >= 0)
            close(peer);
        if (output != nullptr)
            pclose(output);
        std::remove((directory + "/elf").c_str());
        std::remove((directory + "/script").c_str());
        std::remove((directory + "/keys").c_str());
        std::remove(trace().c_str());
        std::remove(directory.c_str());
    }

    std::string directory = [] {
        std::string pattern = testing::TempDir() + "smmu-vp-XXXXXX";
        return std::string(mkdtemp(pattern.data()));
    }();
    std::FILE *output = nullptr;
    pid_t process = 0;
    unsigned short port = 0;
    int peer = -1;
    gdb_reader reader = {};
    std::string rest;
};

TEST_F(debugged, waits_before_the_first_instruction)
{
    start(counting);
    attach();
    EXPECT_EQ(ask("?"), "T05thread:1;");
    EXPECT_EQ(ask("p20"), "0000004000000000") << "the PC";
    EXPECT_EQ(ask("p3"), "0000000000000000");
    EXPECT_EQ(ask("m" + hex(entry) + ",8"), "63040091ffffff17") << "the program is in memory";
    put("k");
    EXPECT_EQ(end(), 1);
    EXPECT_EQ(rest, "smmu-vp: the debugger ended the run\n");
}

TEST_F(debugged, steps_one_instruction)
{
    start(counting);
    attach();
    for (unsigned i = 1; i <= 3; i++) {
        EXPECT_EQ(ask("vCont;s:1"), "T05thread:1;");
        EXPECT_EQ(ask("p20"), i % 2 != 0 ? "0400004000000000" : "0000004000000000");
    }
    EXPECT_EQ(ask("p3"), "0200000000000000");
    put("k");
    end();
}

TEST_F(debugged, stops_at_breakpoints)
{
    start(counting);
    attach();
    EXPECT_EQ(ask("P3=ffff000000000000"), "OK");
    EXPECT_EQ(ask("Z0," + hex(entry + 4) + ",4"), "OK");
    EXPECT_EQ(ask("vCont;c"), "T05thread:1;");
    EXPECT_EQ(ask("p3"), "0000010000000000");
    EXPECT_EQ(ask("vCont;c"), "T05thread:1;") << "again, having gone nowhere";
    EXPECT_EQ(ask("p3"), "0000010000000000");
    put("k");
    end();
}

// str x3, [x0]; ldr x4, [x0]; add x3, x3, #1; b -12
const std::vector<std::uint32_t> storing = {0xf9000003, 0xf9400004, 0x91000463, 0x17fffffd};

TEST_F(debugged, stops_at_watchpoints_before_the_access)
{
    start(storing);
    attach();
    EXPECT_EQ(ask("P0=0010004000000000"), "OK"); // x0 = 0x40001000
    EXPECT_EQ(ask("P3=ff00000000000000"), "OK");
    EXPECT_EQ(ask("Z2,40001004,4"), "OK");
    EXPECT_EQ(ask("vCont;c"), "T05watch:40001004;thread:1;");
    EXPECT_EQ(ask("p20"), "0000004000000000");
    EXPECT_EQ(ask("m40001000,1"), "00");
    EXPECT_EQ(ask("z2,40001004,4"), "OK");
    EXPECT_EQ(ask("Z3,40001000,1"), "OK");
    EXPECT_EQ(ask("vCont;c"), "T05rwatch:40001000;thread:1;");
    EXPECT_EQ(ask("p20"), "0400004000000000");
    EXPECT_EQ(ask("m40001000,1"), "ff");
    EXPECT_EQ(ask("z3,40001000,1"), "OK");
    EXPECT_EQ(ask("Z4,40001000,8"), "OK");
    EXPECT_EQ(ask("c" + hex(entry + 8)), "T05awatch:40001000;thread:1;");
    EXPECT_EQ(ask("p3"), "0001000000000000") << "it has been round by the addition";
    put("k");
    end();
}

TEST_F(debugged, steps_at_an_address)
{
    start(counting);
    attach();
    EXPECT_EQ(ask("s" + hex(entry + 4)), "T05thread:1;");
    EXPECT_EQ(ask("p20"), "0000004000000000");
    EXPECT_EQ(ask("p3"), "0000000000000000");
    put("k");
    end();
}

TEST_F(debugged, forgets_watchpoints_after_detaching)
{
    start(storing, "", "0.001");
    attach();
    EXPECT_EQ(ask("P0=0010004000000000"), "OK");
    EXPECT_EQ(ask("Z4,40001000,8"), "OK");
    EXPECT_EQ(ask("D"), "OK");
    EXPECT_EQ(end(), 3);
    EXPECT_THAT(rest, HasSubstr("did not end within 1 ms"));
}

TEST_F(debugged, runs_code_that_the_debugger_wrote)
{
    start(counting);
    attach();
    EXPECT_EQ(ask("vCont;s:1"), "T05thread:1;");
    EXPECT_EQ(ask("vCont;s:1"), "T05thread:1;");
    EXPECT_EQ(ask("M" + hex(entry) + ",4:63080091"), "OK"); // add x3, x3, #2
    EXPECT_EQ(ask("vCont;s:1"), "T05thread:1;");
    EXPECT_EQ(ask("p3"), "0300000000000000");
    EXPECT_EQ(ask("ma000000,4"), "E01") << "where there is nothing";
    EXPECT_EQ(ask("m9000fe0,4"), "11000000") << "a register of the UART";
    EXPECT_EQ(ask("M9000000,4:41000000"), "E01") << "which is not written";
    put("k");
    end();
    EXPECT_EQ(rest, "smmu-vp: the debugger ended the run\n");
}

TEST_F(debugged, is_interrupted_while_it_runs)
{
    start(counting);
    attach();
    put("vCont;c");
    send("\x03");
    EXPECT_EQ(get(), "T02thread:1;");
    EXPECT_NE(ask("p3"), "0000000000000000");
    put("k");
    end();
}

TEST_F(debugged, is_interrupted_while_it_sleeps)
{
    start(sleeping);
    attach();
    put("vCont;c");
    send("\x03");
    EXPECT_EQ(get(), "T02thread:1;");
    EXPECT_EQ(ask("p20"), "0400004000000000");
    put("k");
    EXPECT_EQ(end(), 1);
}

TEST_F(debugged, goes_on_alone_after_detaching)
{
    start(counting, "", "0.001");
    attach();
    EXPECT_EQ(ask("Z0," + hex(entry + 4) + ",4"), "OK");
    EXPECT_EQ(ask("D"), "OK");
    EXPECT_EQ(end(), 3);
    EXPECT_THAT(rest, HasSubstr("did not end within 1 ms"));
}

TEST_F(debugged, goes_on_alone_if_the_debugger_disappears)
{
    start(counting, "", "0.001");
    attach();
    close(peer);
    peer = -1;
    EXPECT_EQ(end(), 3);
}

TEST_F(debugged, tells_how_the_run_ended)
{
    start(failing);
    attach();
    EXPECT_EQ(ask("vCont;c"), "W01");
    EXPECT_EQ(end(), 1);
    EXPECT_EQ(rest, "smmu-vp: the guest ended with status 3\n");
}

TEST_F(debugged, leaves_a_complete_trace_if_a_signal_ends_it_while_it_runs)
{
    start(counting, traced(), "1000");
    attach();
    put("vCont;c");
    for (struct stat file = {}; file.st_size == 0; (void)stat(trace().c_str(), &file))
        usleep(10000);
    EXPECT_GT(terminate(), 0);
}

TEST_F(debugged, leaves_a_complete_trace_if_a_signal_ends_it_while_it_stands_still)
{
    start(counting, traced(), "1000");
    attach();
    for (int i = 0; i < 3; i++)
        EXPECT_THAT(ask("s"), StartsWith("T05"));
    EXPECT_EQ(terminate(), 3);
}

TEST_F(debugged, executes_nothing_more_once_it_is_killed)
{
    start(counting, "--stats");
    attach();
    for (int i = 0; i < 3; i++)
        EXPECT_THAT(ask("s"), StartsWith("T05"));
    put("k");
    EXPECT_EQ(end(), 1);
    EXPECT_THAT(rest, HasSubstr("\nrun.instructions 3\n"));
}

TEST_F(debugged, has_a_thread_for_each_cpu)
{
    start(counting, "--cpus 3");
    attach();
    EXPECT_EQ(ask("qfThreadInfo"), "m1,2,3");
    EXPECT_EQ(ask("qThreadExtraInfo,1"), "6370754030");           // cpu@0
    EXPECT_EQ(ask("qThreadExtraInfo,3"), "63707540322c206f6666"); // cpu@2, off
    put("k");
    end();
}

TEST_F(debugged, asks_again_for_a_damaged_packet)
{
    start(counting);
    attach();
    send("$?#00");
    char sign = 0;
    ASSERT_EQ(read(peer, &sign, 1), 1);
    EXPECT_EQ(sign, '-');
    EXPECT_EQ(ask("?"), "T05thread:1;");
    put("k");
    end();
}

TEST_F(debugged, is_disconnected_if_it_never_reads)
{
    start(counting, "", "0.001");
    attach();
    put("Z0," + hex(entry) + ",4");
    std::string request = "$m" + hex(entry) + ",400#";
    unsigned sum = 0;
    for (const char c : request.substr(1, request.size() - 2))
        sum += static_cast<unsigned char>(c);
    request += hex(sum & 0xff);
    // More than 16 MB of replies; the program may be gone before it has read all of this.
    for (int i = 0; i < 8000; i++)
        (void)::send(peer, request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    EXPECT_EQ(end(), 3) << "it goes on alone, to the end of its time, past the breakpoint";
    EXPECT_THAT(rest, StartsWith("smmu-vp: the debugger does not read what it asks for: it is "
                                 "disconnected\nsmmu-vp: the guest did not end within 1 ms"));
}

TEST_F(debugged, ends_when_the_user_quits_before_there_is_a_debugger)
{
    std::ofstream(directory + "/keys") << "\x01x";
    start(counting, "--interactive", "0.2", "<" + directory + "/keys");
    EXPECT_EQ(end(), 0);
    EXPECT_EQ(rest, "");
}

TEST_F(debugged, ends_when_the_user_quits_while_it_stands_still)
{
    ASSERT_EQ(mkfifo((directory + "/keys").c_str(), 0600), 0);
    start(counting, "--interactive", "0.2", "<>" + directory + "/keys");
    attach();
    EXPECT_EQ(ask("?"), "T05thread:1;");
    std::ofstream(directory + "/keys") << "\x01x";
    EXPECT_EQ(end(), 0);
    EXPECT_EQ(rest, "");
}

TEST_F(debugged, needs_a_port_of_its_own)
{
    start(counting);
    const std::string number = std::to_string(port);
    const std::string command = "exec " SMMU_VP_PROGRAM " --dtb " SMMU_VP_VIRT_DTB " --elf " +
                                directory + "/elf --gdb " + number + " 2>&1 </dev/null";
    std::FILE *second = popen(command.c_str(), "r");
    std::array<char, 200> line = {};
    EXPECT_NE(std::fgets(line.data(), line.size(), second), nullptr);
    EXPECT_EQ(line.data(), "smmu-vp: --gdb: port " + number + ": Address already in use\n");
    EXPECT_EQ(WEXITSTATUS(pclose(second)), 2);
    attach();
    put("k");
    end();
}

// ---- The debugger this is for ----

class gdb_multiarch : public debugged {
  protected:
    void SetUp() override
    {
        if (std::system("command -v gdb-multiarch >/dev/null") != 0)
            GTEST_SKIP() << "gdb-multiarch is not installed";
        if (access(SMMU_VP_SMP_ELF, R_OK) != 0)
            GTEST_SKIP() << "the guest programs are not built";
    }

    // What GDB prints when it is attached and then told so.
    std::string run(const std::string &script)
    {
        std::ofstream(directory + "/script")
            << "set confirm off\nset pagination off\nset architecture "
               "aarch64\nfile " SMMU_VP_SMP_ELF "\ntarget remote 127.0.0.1:"
            << port << "\n"
            << script;
        const std::string command =
            "HOME=/nonexistent gdb-multiarch -nx -q -batch -x " + directory + "/script 2>&1";
        std::FILE *gdb = popen(command.c_str(), "r");
        std::string text;
        std::array<char, 256> part;
        while (std::fgets(part.data(), part.size(), gdb) != nullptr)
            text += part.data();
        pclose(gdb);
        return text;
    }

    void start_smp()
    {
        launch(" --elf " SMMU_VP_SMP_ELF " --cpus 4 --gdb 0 --max-time 1 2>&1 </dev/null");
    }
};

TEST_F(gdb_multiarch, breaks_steps_and_looks_around)
{
    start_smp();
    const std::string text = run("info threads\n"
                                 "p $x0 > 0x40000000\n"
                                 "p/x $cpsr\n"
                                 "p $v7.s.u[3]\n"
                                 "break test_start\n"
                                 "continue\n"
                                 "bt\n"
                                 "hbreak smp_acquire\n"
                                 "continue\n"
                                 "info threads\n"
                                 "x/1xw 0x9000fe0\n"
                                 "set var guarded = 1000\n"
                                 "delete\n"
                                 "continue\n");
    EXPECT_THAT(text, HasSubstr("Thread 1 (cpu@0)"));
    EXPECT_THAT(text, HasSubstr("Thread 4 (cpu@3, off)"));
    EXPECT_THAT(text, HasSubstr("$1 = 1\n$2 = 0x3c5\n$3 = 0\n"));
    EXPECT_THAT(text, testing::ContainsRegex("hit Breakpoint 1, .*test_start \\(\\)"));
    EXPECT_THAT(text, HasSubstr("#1  main ()"));
    EXPECT_THAT(text, HasSubstr("hit Breakpoint 2, smp_acquire"));
    EXPECT_THAT(text, HasSubstr("Thread 4 (cpu@3) ")) << "which is on by now";
    EXPECT_THAT(text, HasSubstr("0x9000fe0:\t0x00000011"));
    EXPECT_THAT(text, HasSubstr("exited with code 01"));
    EXPECT_EQ(end(), 1);
    EXPECT_THAT(rest, HasSubstr("not ok 12 - what it guards is counted right"))
        << "the debugger has seen to that";
}

TEST_F(gdb_multiarch, watches_variables)
{
    start_smp();
    const std::string text = run("break play\n"
                                 "continue\n"
                                 "delete\n"
                                 "watch ball\n"
                                 "continue\n"
                                 "delete\n"
                                 "rwatch ball\n"
                                 "continue\n"
                                 "delete\n"
                                 "awatch ball\n"
                                 "continue\n"
                                 "delete\n"
                                 "detach\n");
    EXPECT_THAT(text, testing::ContainsRegex("Hardware watchpoint 2: ball\n\nOld value = .*\nNew"));
    EXPECT_THAT(text, testing::ContainsRegex("hit Hardware read watchpoint 3: ball\n\nValue = "));
    EXPECT_THAT(text, testing::ContainsRegex("hit Hardware access .* watchpoint 4: ball"));
    EXPECT_EQ(end(), 0) << text;
}

TEST_F(gdb_multiarch, steps_one_cpu_while_the_others_stay)
{
    start_smp();
    const std::string text = run("break play if $_thread == 2\n"
                                 "continue\n"
                                 "set scheduler-locking on\n"
                                 "p $_thread\n"
                                 "stepi 20\n"
                                 "p $_thread\n"
                                 "p ball\n"
                                 "detach\n");
    EXPECT_THAT(text, HasSubstr("$1 = 2\n"));
    EXPECT_THAT(text, HasSubstr("$2 = 2\n"));
    EXPECT_EQ(end(), 0);
}

} // namespace
} // namespace test_gdb_program
