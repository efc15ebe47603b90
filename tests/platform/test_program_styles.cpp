// SPDX-License-Identifier: Apache-2.0
// Every guest program in either coding style: with all latencies zero both give the same results
// (smmu/tlm/timing.hpp), on the console and in what the SMMUs count.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <libfdt.h>

#include "program_bench.hpp"
#include "vp/dt_rows.hpp"

namespace test_program_styles {
namespace {

// What may differ, and why.
struct exception_row {
    const char *program;
    bool console;
    bool counters;
    const char *reason;
};

constexpr exception_row exceptions[] = {
    {"hostile", false, true, "devices access memory until the CPU has seen to them"},
    {"msi", false, true, "commands go on until the CPU stops their queue"},
    {"pri", false, true, "a function asks for pages again until the CPU has seen an overflow"},
    {"remap", true, true, "counts what the CPU does while a device works: it falls behind"},
    {"stage2", false, true, "channels walk at once, each as far as no other has filled a cache"},
    {"streams", false, true, "accesses are under way at once, and miss where one has filled a TLB"},
    {"syncs", true, false, "prints how long commands take"},
    {"tenants", true, true, "prints how long packets take; PCI Express cuts accesses"},
    {"traffic", false, true, "accesses are under way at once, and miss where one has filled a TLB"},
    {"unmap", true, true, "prints how long an invalidation takes; accesses are under way at once"},
};

exception_row exception_of(const std::string &program)
{
    const auto *row = std::find_if(std::begin(exceptions), std::end(exceptions),
                                   [&](const exception_row &e) { return e.program == program; });
    return row != std::end(exceptions) ? *row : exception_row{nullptr, false, false, nullptr};
}

struct listed {
    std::string name, dtb = "virt-pcie-ats.dtb", options;
};

void PrintTo(const listed &program, std::ostream *out)
{
    *out << program.name;
}

// A line for each: its name, then options of the program.
std::vector<listed> programs()
{
    std::ifstream list(SMMU_VP_PROGRAMS "programs.txt");
    std::vector<listed> all;
    for (std::string line; std::getline(list, line);) {
        std::istringstream words(line);
        listed one;
        words >> one.name;
        for (std::string word; words >> word;)
            if (word == "--dtb")
                words >> one.dtb;
            else
                one.options += " " + word;
        all.push_back(one);
    }
    return all;
}

// Latencies that machines of the guest programs have beside those of SMMUs.
const std::vector<std::string> latencies = {"vp,latency-ns",      "vp,bus-period-ps",
                                            "vp,bus-forward-ps",  "vp,bus-response-ps",
                                            "vp,link-latency-ps", "vp,atc-lookup-ps"};

// Every latency and limit of an SMMU.
std::vector<std::string> smmu_properties()
{
    return {
#define SMMU_LATENCY(name, help) vp::property_name("vp,", #name, "-ps"),
#define SMMU_LIMIT(name, ...)    vp::property_name("vp,", #name),
#include "smmu/tlm/timing.def"
#undef SMMU_LATENCY
#undef SMMU_LIMIT
    };
}

// A device tree of the build in which nothing takes time.
std::vector<std::uint8_t> timeless(const std::string &dtb, const char *timing)
{
    std::ifstream file(SMMU_VP_DTBS + dtb, std::ios::binary);
    std::vector<std::uint8_t> blob{std::istreambuf_iterator<char>(file), {}};
    blob.resize(blob.size() + 0x4000);
    EXPECT_EQ(fdt_open_into(blob.data(), blob.data(), static_cast<int>(blob.size())), 0) << dtb;
    EXPECT_EQ(fdt_setprop_string(blob.data(), 0, "vp,timing", timing), 0);
    for (int node = 0; node >= 0; node = fdt_next_node(blob.data(), node, nullptr)) {
        const bool smmu = fdt_node_check_compatible(blob.data(), node, "arm,smmu-v3") == 0;
        for (const std::string &property : smmu ? smmu_properties() : latencies)
            if (smmu || fdt_getprop(blob.data(), node, property.c_str(), nullptr) != nullptr) {
                EXPECT_EQ(fdt_setprop_u32(blob.data(), node, property.c_str(), 0), 0);
            }
    }
    return blob;
}

class coding_styles : public test::program, public testing::WithParamInterface<listed> {
  protected:
    struct results {
        std::string console;
        std::map<std::string, std::string> counters; // of SMMUs
    };

    results results_in(const char *timing)
    {
        const listed &program = GetParam();
        const auto ended = run("--dtb " + file(timing, timeless(program.dtb, timing)) +
                               " --elf " SMMU_VP_PROGRAMS + program.name +
                               ".elf --max-time 5 --stats" + program.options);
        const exception_row row = exception_of(program.name);
        EXPECT_TRUE(ended.status == 0 || row.console) << timing << ended.errors << ended.output;
        const std::size_t end = ended.output.find("run.guest-seconds ");
        std::istringstream statistics(ended.output.substr(std::min(end, ended.output.size())));
        results found = {ended.output.substr(0, end), {}};
        for (std::string name, value; statistics >> name >> value;)
            if (name.compare(0, 6, "iommu@") == 0)
                found.counters[name] = value;
        EXPECT_FALSE(found.counters.empty()) << ended.output;
        return found;
    }
};

TEST_P(coding_styles, give_the_same_results)
{
    const exception_row row = exception_of(GetParam().name);
    const results loose = results_in("loose"), approximate = results_in("approximate");
    if (!row.console) {
        EXPECT_EQ(loose.console, approximate.console);
    }
    if (!row.counters) {
        EXPECT_EQ(loose.counters, approximate.counters);
    }
}

INSTANTIATE_TEST_SUITE_P(programs, coding_styles, testing::ValuesIn(programs()),
                         [](const auto &info) { return info.param.name; });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(coding_styles);

} // namespace
} // namespace test_program_styles
