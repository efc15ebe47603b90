// SPDX-License-Identifier: Apache-2.0
// How long bytes are on a link, worked out by hand from the rates and encodings of the PCI Express
// Base Specification 6.0: 4.2.2 (8b/10b), 4.2.3 (128b/130b), 4.2.4 (flits of 256 bytes).
#include <gtest/gtest.h>

#include <string>

#include "pcie/pcie_link.h"

namespace test_link {
namespace {

pcie_link_config config_of(std::uint64_t generation, std::uint64_t width)
{
    pcie_link_config config = {};
    config.generation = generation;
    config.width = width;
    return config;
}

std::uint64_t time_of(const pcie_link_config &config, std::uint32_t bytes)
{
    const pcie_tlps tlps = {0, bytes, 4096};
    return pcie_link_write_time(&config, &tlps);
}

TEST(pcie_link, TakesNoTimeUnlessItIsTold)
{
    const pcie_link_config none = {};
    const pcie_tlps tlps = {0, 4096, 128};

    EXPECT_FALSE(pcie_link_is_timed(&none));
    EXPECT_EQ(pcie_link_read_time(&none), 0u);
    EXPECT_EQ(pcie_link_write_time(&none, &tlps), 0u);
    EXPECT_EQ(pcie_link_completion_time(&none, &tlps), 0u);
}

TEST(pcie_link, EachRowMakesItTimed)
{
    for (auto row : {&pcie_link_config::generation, &pcie_link_config::latency,
                     &pcie_link_config::tags, &pcie_link_config::posted}) {
        pcie_link_config config = {};
        config.*row = 1;
        EXPECT_TRUE(pcie_link_is_timed(&config));
    }
}

// 2.5 and 5 GT/s with ten bits for eight: 250 and 500 MB/s of a lane.
TEST(pcie_link, TenBitsOfAByteUpTo5GT)
{
    EXPECT_EQ(time_of(config_of(1, 1), 256), 1'024'000u);
    EXPECT_EQ(time_of(config_of(2, 1), 256), 512'000u);
    EXPECT_EQ(time_of(config_of(2, 8), 256), 64'000u);
}

// 256 bytes are 2048 bits, 2080 with the headers of their blocks.
TEST(pcie_link, BlocksOf130BitsFrom8GT)
{
    EXPECT_EQ(time_of(config_of(3, 1), 256), 260'000u);
    EXPECT_EQ(time_of(config_of(4, 1), 256), 130'000u);
    EXPECT_EQ(time_of(config_of(5, 1), 256), 65'000u);
    EXPECT_EQ(time_of(config_of(5, 16), 256), 4'063u) << "4062.5";
}

// 242 bytes are a flit, whose 256 bytes take 32 ns on a lane.
TEST(pcie_link, FlitsAt64GT)
{
    EXPECT_EQ(time_of(config_of(6, 1), 242), 32'000u);
    EXPECT_EQ(time_of(config_of(6, 16), 242), 2'000u);
    EXPECT_EQ(time_of(config_of(6, 1), 256), 33'852u) << "33851.2";
}

TEST(pcie_link, EveryTlpOfAWriteHasItsOverhead)
{
    pcie_link_config config = config_of(1, 1);
    config.overhead = 20;
    const pcie_tlps whole = {0, 256, 256};
    const pcie_tlps halves = {0, 256, 128};
    const pcie_tlps ends = {0x7c, 8, 128};

    EXPECT_EQ(pcie_link_write_time(&config, &whole), (256 + 20) * 4000u);
    EXPECT_EQ(pcie_link_write_time(&config, &halves), (256 + 2 * 20) * 4000u);
    EXPECT_EQ(pcie_link_write_time(&config, &ends), (8 + 2 * 20) * 4000u) << "up to 0x80, from it";
}

TEST(pcie_link, AReadRequestIsOverheadAlone)
{
    pcie_link_config config = config_of(1, 1);
    config.overhead = 20;
    EXPECT_EQ(pcie_link_read_time(&config), 80'000u);
}

TEST(pcie_link, CompletionsAreSplitAtTheirBoundary)
{
    pcie_link_config config = config_of(1, 1);
    config.overhead = 20;
    const pcie_tlps read = {0x20, 256, 128};
    const pcie_tlps nothing = {0x20, 0, 128};

    EXPECT_EQ(pcie_link_completion_time(&config, &read), (256 + 3 * 20) * 4000u) << "60, 80, 20";
    EXPECT_EQ(pcie_link_completion_time(&config, &nothing), 80'000u) << "without data";
    config.completion = 64;
    EXPECT_EQ(pcie_link_completion_time(&config, &read), (256 + 5 * 20) * 4000u);
    config.completion = 512;
    EXPECT_EQ(pcie_link_completion_time(&config, &read), (256 + 3 * 20) * 4000u)
        << "no more than Max_Payload_Size";
}

TEST(pcie_link, WhatIsSentWaitsForWhatWasSentBefore)
{
    pcie_link link = {};

    EXPECT_EQ(pcie_link_send(&link, PCIE_LINK_UP, 100, 50), 150u);
    EXPECT_EQ(pcie_link_send(&link, PCIE_LINK_UP, 120, 50), 200u);
    EXPECT_EQ(pcie_link_send(&link, PCIE_LINK_DOWN, 120, 50), 170u) << "the other direction";
    EXPECT_EQ(pcie_link_send(&link, PCIE_LINK_UP, 300, 50), 350u) << "idle meanwhile";
}

TEST(pcie_link, NamesWhatMakesNoSense)
{
    const auto fault = [](const pcie_link_config &config) {
        const char *row = nullptr;
        const char *reason = pcie_link_fault(&config, &row);
        return reason ? std::string(row) + ": " + reason : "";
    };
    EXPECT_EQ(fault({}), "");
    EXPECT_EQ(fault(config_of(3, 4)), "");
    EXPECT_EQ(fault(config_of(3, 3)), "width: is not 1, 2, 4, 8 or 16");
    EXPECT_EQ(fault(config_of(3, 0)), "width: must be given with a generation");
    EXPECT_EQ(fault(config_of(0, 4)), "width: says nothing without a generation");
    pcie_link_config config = config_of(3, 4);
    config.completion = 32;
    EXPECT_EQ(fault(config), "completion: is not a power of two from 64");
    config.completion = 96;
    EXPECT_EQ(fault(config), "completion: is not a power of two from 64");
}

} // namespace
} // namespace test_link
