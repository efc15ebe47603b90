// SPDX-License-Identifier: Apache-2.0
// The program in a shell of its own, with its output in files.
#include "program_bench.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace test {

std::vector<std::uint32_t> firmware_call(std::uint32_t function, std::uint32_t argument)
{
    return {movz_high(0, function >> 16),
            movk(0, function & 0xffff),
            movz_high(1, argument >> 16),
            movk(1, argument & 0xffff),
            hvc,
            loop};
}

std::vector<std::uint32_t> echo_guest()
{
    std::vector<std::uint32_t> code = {movz_high(3, 0x0900), // x3 = the UART
                                       0xB9401864,           // ldr w4, [x3, #0x18]: UARTFR
                                       0x3727FFE4,           // tbnz w4, #4, .-4: nothing there
                                       0xB9400065,           // ldr w5, [x3]: UARTDR
                                       0xB9000065,           // str w5, [x3]
                                       0x7101C4BF,           // cmp w5, #'q'
                                       0x54FFFF61};          // b.ne .-20
    for (const std::uint32_t word : firmware_call(0x84000008))
        code.push_back(word);
    return code;
}

std::vector<std::uint32_t> talking_guest(const std::string &text)
{
    std::vector<std::uint32_t> code = {movz_high(3, 0x0900)}; // x3 = the UART
    for (const char c : text) {
        code.push_back(0x52800005 | static_cast<std::uint32_t>(c) << 5); // mov w5, #c
        code.push_back(0xB9000065);                                      // str w5, [x3]: UARTDR
    }
    for (const std::uint32_t word : firmware_call(0x84000008))
        code.push_back(word);
    return code;
}

edited_tree real_machine()
{
    auto tree = small_machine();
    tree.strings("/uart@9000000", "compatible", {"arm,pl011"});
    tree.strings("/dma@c000000", "compatible", {"vp,dma-engine"});
    return tree;
}

std::string program::read_file(const std::string &path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string program::file(const std::string &name, const std::vector<std::uint8_t> &bytes) const
{
    std::string path = directory + "/" + name;
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char *>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return path;
}

std::string program::guest(const std::vector<std::uint32_t> &code) const
{
    return file("elf", elf_file(code).bytes());
}

program::outcome program::shell(const std::string &command) const
{
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(directory + "/err"),
            read_file(directory + "/out")};
}

program::outcome program::run(const std::string &arguments, const std::string &input) const
{
    return run_redirected(arguments, ">" + directory + "/out 2>" + directory + "/err <" + input);
}

program::outcome program::run_piped(const std::string &producer, const std::string &arguments) const
{
    return shell(producer + " | " SMMU_VP_PROGRAM " " + arguments + " >" + directory + "/out 2>" +
                 directory + "/err");
}

program::outcome program::run_redirected(const std::string &arguments,
                                         const std::string &redirections) const
{
    return shell(SMMU_VP_PROGRAM " " + arguments + " " + redirections);
}

program::outcome program::run_machine(const edited_tree &tree) const
{
    return run("--dtb " + file("dtb", tree.blob()) + " --elf " + guest({loop}) +
               " --max-time 0.001");
}

program::outcome program::run_guest(const std::vector<std::uint32_t> &code,
                                    const std::string &more) const
{
    return run("--dtb " SMMU_VP_VIRT_DTB " --elf " + guest(code) + " --max-time 0.001 " + more);
}

program::outcome program::run_echo(const std::string &typed, const std::string &more) const
{
    return run("--dtb " SMMU_VP_VIRT_DTB " --elf " + guest(echo_guest()) + " --max-time 0.02 " +
                   more,
               file("in", {typed.begin(), typed.end()}));
}

std::string program::line(const outcome &result)
{
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    return result.errors.substr(0, result.errors.find('\n'));
}

void program::TearDown()
{
    std::filesystem::remove_all(directory);
}

} // namespace test
