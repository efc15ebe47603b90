// SPDX-License-Identifier: Apache-2.0
// Runs smmu-vp as its users do: guests of a few instructions, exit status, what is printed.
#ifndef TESTS_PLATFORM_PROGRAM_BENCH_HPP
#define TESTS_PLATFORM_PROGRAM_BENCH_HPP

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "edited_tree.hpp"
#include "elf_file.hpp"
#include "image_file.hpp"

namespace test {

// Instructions of guest programs.
constexpr std::uint32_t hvc = 0xD4000002;
constexpr std::uint32_t smc = 0xD4000003;
constexpr std::uint32_t wfi = 0xD503207F;
constexpr std::uint32_t loop = 0x14000000;

constexpr std::uint32_t movz_high(unsigned reg, std::uint32_t imm)
{
    return 0xD2A00000 | imm << 5 | reg;
}

constexpr std::uint32_t movk(unsigned reg, std::uint32_t imm)
{
    return 0xF2800000 | imm << 5 | reg;
}

// x0 = function, x1 = argument, call.
std::vector<std::uint32_t> firmware_call(std::uint32_t function, std::uint32_t argument = 0);

// Prints what it receives, and powers off after a 'q'.
std::vector<std::uint32_t> echo_guest();

// Prints `text`, then powers off.
std::vector<std::uint32_t> talking_guest(const std::string &text);

// A tree whose devices have models.
edited_tree real_machine();

// A directory of its own for each test.
class program : public testing::Test {
  protected:
    struct outcome {
        int status; // -1: a signal
        std::string errors;
        std::string output;
    };

    static std::string read_file(const std::string &path);

    // Makes a file of the directory, and returns its path.
    std::string file(const std::string &name, const std::vector<std::uint8_t> &bytes) const;
    std::string guest(const std::vector<std::uint32_t> &code) const;

    outcome run(const std::string &arguments, const std::string &input = "/dev/null") const;

    // With what a command prints as standard input.
    outcome run_piped(const std::string &producer, const std::string &arguments) const;

    // With standard input, output and error as the shell makes them of `redirections`.
    outcome run_redirected(const std::string &arguments, const std::string &redirections) const;

    outcome run_machine(const edited_tree &tree) const;
    outcome run_guest(const std::vector<std::uint32_t> &code, const std::string &more = "") const;
    outcome run_echo(const std::string &typed, const std::string &more = "--interactive") const;

    // A line for the shell, with standard error in directory + "/err" and output in "/out".
    outcome shell(const std::string &command) const;

    // The only line on standard error.
    static std::string line(const outcome &result);

    void TearDown() override;

    std::string directory = [] {
        std::string pattern = testing::TempDir() + "smmu-vp-XXXXXX";
        return std::string(mkdtemp(pattern.data()));
    }();
};

} // namespace test

#endif
