// SPDX-License-Identifier: Apache-2.0
// The machine that the program builds, and what it has against device trees.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libfdt.h>

#include "program_bench.hpp"

namespace test_program_machine {
namespace {

using namespace test;
using testing::HasSubstr;

TEST_F(program, names_a_mistake_in_the_device_tree)
{
    auto tree = test::small_machine();
    const auto result = run_machine(tree.remove("/dma@c000000"));
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result),
              "smmu-vp: " + directory + "/dtb: /uart@9000000: compatible: no model for test,uart");
}

TEST_F(program, builds_a_machine_of_one_uart_and_one_dma_channel)
{
    EXPECT_THAT(line(run_machine(real_machine())), HasSubstr("did not end within"));
}

TEST_F(program, builds_a_machine_without_controllers)
{
    auto tree = real_machine();
    tree.remove("/gic@8000000").remove("/smmu@9050000").remove("/dma@c000000");
    tree.remove("/uart@9000000", "interrupts");
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("did not end within"));
}

TEST_F(program, builds_an_smmu_that_nobody_uses)
{
    auto tree = real_machine();
    tree.remove("/dma@c000000");
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("did not end within"));
}

TEST_F(program, builds_an_smmu_of_each_preset)
{
    for (const char *preset :
         {"small", "typical", "maximal", "embedded", "client", "server", "gem5"})
        EXPECT_THAT(line(run_machine(real_machine()
                                         .strings("/smmu@9050000", "vp,preset", {preset})
                                         .cells("/smmu@9050000", "reg", {0x9050000, 0x50000}))),
                    HasSubstr("did not end within"))
            << preset;
}

TEST_F(program, refuses_a_frame_that_is_too_small_for_the_smmu)
{
    EXPECT_THAT(
        line(run_machine(real_machine().cells("/smmu@9050000", "reg", {0x9050000, 0x10000}))),
        HasSubstr("/smmu@9050000: reg: must be at least 0x20000 bytes: pages 0 and 1"));
    EXPECT_THAT(line(run_machine(real_machine().cells("/smmu@9050000", "vp,ecmdq", {1}))),
                HasSubstr("/smmu@9050000: reg: must be at least 0x40000 bytes: Command queue"));
}

// The real machine with a second SMMU (phandle 3).
test::edited_tree machine_with_two_smmus()
{
    auto tree = real_machine();
    tree.node("/smmu@a000000").strings("/smmu@a000000", "compatible", {"arm,smmu-v3"});
    tree.cells("/smmu@a000000", "reg", {0xa000000, 0x20000}).cells("/smmu@a000000", "phandle", {3});
    tree.cells("/smmu@a000000", "#iommu-cells", {1});
    return tree;
}

TEST_F(program, builds_two_smmus)
{
    auto tree = machine_with_two_smmus();
    tree.cells("/dma@c000000", "iommus", {3, 1});
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("did not end within"));
}

TEST_F(program, refuses_an_smmu_that_no_channel_of_the_dma_engine_goes_through)
{
    auto tree = machine_with_two_smmus();
    tree.cells("/dma@c000000", "iommus", {2, 1, 3, 1, 2, 2})
        .cells("/dma@c000000", "reg", {0xc000000, 0x3000})
        .cells("/dma@c000000", "vp,channels", {2});
    EXPECT_THAT(line(run_machine(tree)),
                HasSubstr("/dma@c000000: iommus: the model has 2 bus masters, the tree lists 3"));
}

// Two SMMUs, and DMA functions 00:01.0 and 00:02.0 (phandles 4 and 5) behind the first one.
test::edited_tree machine_with_functions()
{
    auto tree = machine_with_two_smmus();
    tree.node("/pcie@20000000")
        .strings("/pcie@20000000", "compatible", {"pci-host-ecam-generic"})
        .strings("/pcie@20000000", "device_type", {"pci"})
        .cells("/pcie@20000000", "reg", {0x20000000, 0x100000})
        .cells("/pcie@20000000", "bus-range", {0, 0})
        .cells("/pcie@20000000", "#address-cells", {3})
        .cells("/pcie@20000000", "#size-cells", {2})
        .cells("/pcie@20000000", "ranges", {0x02000000, 0, 0x30000000, 0x30000000, 0, 0x1000000})
        .cells("/pcie@20000000", "iommu-map", {0, 2, 0, 0x100});
    for (const std::uint32_t device : {1, 2}) {
        const std::string path = "/pcie@20000000/dma@" + std::to_string(device) + ",0";
        tree.node(path)
            .strings(path, "compatible", {"vp,pcie-dma"})
            .cells(path, "reg", {device << 11, 0, 0, 0, 0})
            .cells(path, "phandle", {3 + device});
    }
    return tree;
}

constexpr const char *first_port = "/dma-port@d000000";
constexpr const char *second_port = "/dma-port@d020000";

// A port comes before all other nodes in the tree.
test::edited_tree &add_port(test::edited_tree &tree, const char *path, std::uint32_t base,
                            std::uint32_t function)
{
    return tree.node(path)
        .strings(path, "compatible", {"vp,dma-port"})
        .cells(path, "reg", {base, 0x20000})
        .cells(path, "vp,function", {function});
}

TEST_F(program, builds_devices_with_two_ways_to_memory)
{
    auto tree = machine_with_functions();
    add_port(tree, first_port, 0xd000000, 4)
        .cells(first_port, "iommus", {3, 0x20})
        .cells(first_port, "interrupts", {0, 120, 4});
    add_port(tree, second_port, 0xd020000, 5);
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("did not end within")) << "one without an SMMU";

    tree.cells(first_port, "iommus", {2, 0x20, 2, 0x21});
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("did not end within")) << "both by one SMMU";
}

TEST_F(program, names_mistakes_of_a_port)
{
    const auto wrong = [this](const test::edited_tree &tree) {
        const auto result = run_machine(tree);
        EXPECT_EQ(result.status, 2);
        return line(result);
    };
    const auto machine = [](std::uint32_t function) {
        auto tree = machine_with_functions();
        add_port(tree, first_port, 0xd000000, function);
        return tree;
    };
    EXPECT_THAT(wrong(machine(4).remove(first_port, "vp,function")),
                HasSubstr("/dma-port@d000000: vp,function: is missing"));
    EXPECT_THAT(wrong(machine(4).strings(first_port, "vp,function", {"dma"})),
                HasSubstr("/dma-port@d000000: vp,function: no node has phandle"));
    EXPECT_THAT(wrong(machine(2)), HasSubstr("/dma-port@d000000: vp,function: /smmu@9050000 is not "
                                             "an enabled vp,pcie-dma"));
    EXPECT_THAT(wrong(machine(4).strings("/pcie@20000000/dma@1,0", "status", {"disabled"})),
                HasSubstr("vp,function: /pcie@20000000/dma@1,0 is not an enabled vp,pcie-dma"));
    auto twice = machine(4);
    add_port(twice, second_port, 0xd020000, 4);
    EXPECT_THAT(wrong(twice),
                HasSubstr("/dma-port@d000000: vp,function: /pcie@20000000/dma@1,0 has "
                          "a port already: /dma-port@d020000"));
    EXPECT_THAT(wrong(machine(4).cells(first_port, "iommus", {2, 1, 3, 1})),
                HasSubstr("/dma-port@d000000: iommus: the streams of one bus master lead to two"));
}

TEST_F(program, names_what_a_model_has_against_its_node)
{
    const auto wrong = [this](const test::edited_tree &tree) {
        const auto result = run_machine(tree);
        EXPECT_EQ(result.status, 2);
        return line(result);
    };
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,tlb", {3, 1})),
                HasSubstr("/smmu@9050000: vp,tlb: sets must be"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,tlb", {4})),
                HasSubstr("/smmu@9050000: vp,tlb: must be <sets ways>"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,oas-bits", {300})),
                HasSubstr("/smmu@9050000: vp,oas-bits: 300 is not 32 to 56"));
    EXPECT_THAT(wrong(real_machine().strings("/smmu@9050000", "vp,tlb-policy", {"mru"})),
                HasSubstr("/smmu@9050000: vp,tlb-policy: must be \"lru\", \"plru\", \"fifo\", "
                          "\"random\" or \"rrip\""));
    EXPECT_THAT(wrong(real_machine()
                          .cells("/smmu@9050000", "vp,tlb", {4, 3})
                          .strings("/smmu@9050000", "vp,tlb-policy", {"plru"})),
                HasSubstr("/smmu@9050000: vp,tlb-policy: plru needs"));
    EXPECT_THAT(wrong(real_machine().strings("/smmu@9050000", "vp,preset", {"tiny"})),
                HasSubstr("/smmu@9050000: vp,preset: must be \"small\""));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,stall-model", {3})),
                HasSubstr("/smmu@9050000: vp,stall-model: 3 is not 0 to 2"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,btm", {2})),
                HasSubstr("/smmu@9050000: vp,btm: 2 is not 0 to 1"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,httu", {4})),
                HasSubstr("/smmu@9050000: vp,httu: 4 is not 0 to 3"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,ssid-bits", {21})),
                HasSubstr("/smmu@9050000: vp,ssid-bits: 21 is not 0 to 20"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "vp,sid-bits", {4})),
                HasSubstr("/dma@c000000: iommus: StreamID 16 is beyond"));
    EXPECT_THAT(wrong(real_machine().cells("/smmu@9050000", "reg", {0x9050000, 0x10000})),
                HasSubstr("/smmu@9050000: reg: must be at least 0x20000 bytes"));
    EXPECT_THAT(wrong(real_machine().strings("/smmu@9050000", "interrupt-names", {"combined"})),
                HasSubstr("/smmu@9050000: interrupt-names: the model has no interrupt"));
    EXPECT_THAT(wrong(real_machine().cells("/uart@9000000", "reg", {0x9000000, 16, 0x9001000, 16})),
                HasSubstr("/uart@9000000: reg: must have 1 entries, has 2"));
    EXPECT_THAT(wrong(real_machine().cells("/uart@9000000", "interrupts", {0, 1, 4, 0, 2, 4})),
                HasSubstr("/uart@9000000: interrupts: the model has 1 outputs"));
    EXPECT_THAT(wrong(real_machine().cells("/uart@9000000", "iommus", {2, 1})),
                HasSubstr("/uart@9000000: iommus: the model has no bus master"));
    EXPECT_THAT(wrong(real_machine().cells("/uart@9000000", "vp,tbu", {0})),
                HasSubstr("/uart@9000000: vp,tbu: the device goes through no SMMU"));
    EXPECT_THAT(wrong(real_machine().cells("/dma@c000000", "vp,tbu", {0, 1, 2})),
                HasSubstr("/dma@c000000: vp,tbu: must have one number, or one for each of 1 bus"));
}

TEST_F(program, names_a_property_that_no_model_knows)
{
    const auto result = run_machine(real_machine().cells("/smmu@9050000", "vp,oas-bit", {44}));
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result),
                HasSubstr("/smmu@9050000: vp,oas-bit: is not a property of this node"));
    EXPECT_THAT(line(run_machine(real_machine().cells("/cpus/cpu@0", "vp,burst-ns", {1}))),
                HasSubstr("/cpus/cpu@0: vp,burst-ns: is not"));
}

// The real machine with an ITS (phandle 9).
test::edited_tree machine_with_its(test::edited_tree tree, const std::string &parent)
{
    const std::string path = parent + "/its@8080000";
    tree.cells("/gic@8000000", "#address-cells", {1}).cells("/gic@8000000", "#size-cells", {1});
    tree.bytes("/gic@8000000", "ranges", {}).node(path);
    tree.strings(path, "compatible", {"arm,gic-v3-its"}).cells(path, "phandle", {9});
    tree.cells(path, "reg", {0x8080000, 0x20000}).cells(path, "#msi-cells", {1});
    return tree;
}

TEST_F(program, names_mistakes_of_an_its_and_its_users)
{
    const auto wrong = [this](const test::edited_tree &tree) { return line(run_machine(tree)); };
    const auto its_machine = [] { return machine_with_its(real_machine(), "/gic@8000000"); };
    const std::string its = "/gic@8000000/its@8080000";

    EXPECT_THAT(wrong(machine_with_its(real_machine(), "")),
                HasSubstr("/its@8080000: must be a child of the arm,gic-v3 node"));
    EXPECT_THAT(wrong(its_machine().cells(its, "#msi-cells", {2})),
                HasSubstr(its + ": #msi-cells: must be 1"));
    EXPECT_THAT(wrong(its_machine().cells(its, "reg", {0x8080000, 0x10000})),
                HasSubstr(its + ": reg: must be at least 0x20000 bytes"));
    EXPECT_THAT(wrong(its_machine().cells("/smmu@9050000", "msi-parent", {9, 1, 9, 2})),
                HasSubstr("/smmu@9050000: msi-parent: must be one DeviceID of one ITS"));
    EXPECT_THAT(wrong(its_machine()
                          .cells("/gic@8000000", "#msi-cells", {1})
                          .cells("/smmu@9050000", "msi-parent", {1, 1})),
                HasSubstr("msi-parent: /gic@8000000 is not an enabled arm,gic-v3-its"));
    EXPECT_THAT(wrong(its_machine()
                          .strings(its, "status", {"disabled"})
                          .cells("/smmu@9050000", "msi-parent", {9, 1})),
                HasSubstr("msi-parent: " + its + " is not an enabled arm,gic-v3-its"));
}

TEST_F(program, names_two_nodes_of_the_same_name)
{
    auto tree = real_machine();
    tree.node("/bus").bytes("/bus", "ranges", {}).node("/bus/uart@9000000");
    tree.cells("/bus", "#address-cells", {1}).cells("/bus", "#size-cells", {1});
    tree.strings("/bus/uart@9000000", "compatible", {"arm,pl011"});
    tree.cells("/bus/uart@9000000", "reg", {0x1000, 0x1000});
    EXPECT_THAT(line(run_machine(tree)), HasSubstr("has the same name as"));
}

TEST_F(program, names_affinities_the_interrupt_controller_cannot_have)
{
    auto tree = real_machine();
    tree.cells("/cpus/cpu@0", "reg", {0x110});
    const auto result = run_machine(tree);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("/cpus/cpu@0: reg: 0x110 has an Aff0 above 15"));
}

// A device tree of the build whose SMMU has these properties, and its root those.
using property_list = std::vector<std::pair<const char *, std::uint32_t>>;

std::vector<std::uint8_t> with(const std::string &dtb, const property_list &properties,
                               const char *timing = "loose", const property_list &of_root = {})
{
    std::ifstream file(std::string(SMMU_VP_DTBS) + dtb, std::ios::binary);
    std::vector<std::uint8_t> blob{std::istreambuf_iterator<char>(file), {}};
    blob.resize(blob.size() + 1024);
    EXPECT_EQ(fdt_open_into(blob.data(), blob.data(), static_cast<int>(blob.size())), 0);
    EXPECT_EQ(fdt_setprop_string(blob.data(), 0, "vp,timing", timing), 0);
    const int smmu = fdt_node_offset_by_compatible(blob.data(), -1, "arm,smmu-v3");
    for (const auto &[name, value] : properties)
        EXPECT_EQ(fdt_setprop_u32(blob.data(), smmu, name, value), 0);
    for (const auto &[name, value] : of_root)
        EXPECT_EQ(fdt_setprop_u32(blob.data(), 0, name, value), 0);
    return blob;
}

property_list queues(std::uint32_t commands, std::uint32_t events, std::uint32_t pages)
{
    return {
        {"vp,cmdq-log2-max", commands}, {"vp,evtq-log2-max", events}, {"vp,priq-log2-max", pages}};
}

class guest_program : public program {
  protected:
    void SetUp() override
    {
        program::SetUp();
        if (!std::filesystem::exists(SMMU_VP_PROGRAMS "copy.elf"))
            GTEST_SKIP() << "the guest programs are not built";
    }

    // Runs a guest program, which must pass. Returns the guest time that it takes, in seconds.
    double passes(const std::string &name, const std::vector<std::uint8_t> &tree)
    {
        const auto result = run("--dtb " + file("dtb", tree) + " --elf " SMMU_VP_PROGRAMS + name +
                                ".elf --max-time 10 --stats");
        EXPECT_EQ(result.status, 0) << result.output;
        statistics = result.output;
        return statistic("run.guest-seconds");
    }

    // What the last run says of itself; 0 if nothing.
    double statistic(const std::string &name) const
    {
        const std::size_t at = statistics.find(name + " ");
        return at == std::string::npos ? 0 : std::stod(statistics.substr(at + name.size()));
    }

    std::string statistics;
};

// What the driver of the guest programs wants is more.
TEST_F(guest_program, makes_do_with_small_queues)
{
    passes("copy", with("virt.dtb", queues(6, 5, 6)));
    passes("copy", with("virt.dtb", queues(2, 6, 6)));
    passes("copy", with("virt.dtb", queues(0, 0, 0)));
    passes("ats", with("virt-pcie-ats.dtb", queues(6, 6, 2)));
}

TEST_F(guest_program, takes_as_long_as_each_latency_makes_it)
{
    constexpr std::uint32_t ten_us = 10'000'000;
    const double without = passes("copy", with("virt.dtb", {}));
    for (const char *latency : {"vp,lookup-ps", "vp,walk-issue-ps", "vp,register-access-ps"})
        EXPECT_GT(passes("copy", with("virt.dtb", {{latency, ten_us}})), without + 10e-6)
            << latency;
    passes("copy", with("virt.dtb", {{"vp,irq-pulse-ps", 1000}}));
}

TEST_F(guest_program, contends_in_the_interconnect_of_an_approximately_timed_machine)
{
    const std::string memory = "interconnect.to-memory@40000000.";
    const property_list bus = {{"vp,bus-width", 16},         {"vp,bus-period-ps", 2000},
                               {"vp,bus-forward-ps", 5000},  {"vp,bus-acceptance", 1},
                               {"vp,bus-response-ps", 3000}, {"vp,bus-issuing", 1}};
    const double without = passes("copy", with("virt.dtb", {}, "approximate"));
    EXPECT_EQ(statistic(memory + "busy-ps"), 0);
    EXPECT_GT(passes("copy", with("virt.dtb", {}, "approximate", bus)), without);
    EXPECT_GT(statistic(memory + "busy-ps"), statistic(memory + "bytes") / 16 / 2 * 2000);
    EXPECT_GT(statistic(memory + "waiting-ps"), 0);
    passes("ats", with("virt-pcie-ats.dtb", {}, "approximate", bus));
}

// Slow links, few credits, several requests of each function outstanding.
TEST_F(guest_program, has_links_and_requests_outstanding_in_either_coding_style)
{
    const property_list links = {{"vp,link-generation", 1}, {"vp,link-width", 1},
                                 {"vp,link-overhead", 24},  {"vp,link-latency-ps", 300000},
                                 {"vp,link-posted", 2},     {"vp,link-non-posted", 1}};
    for (const char *timing : {"loose", "approximate"}) {
        const double without = passes("ats", with("virt-pcie-ats.dtb", {}, timing));
        for (const std::uint32_t outstanding : {1u, 8u}) {
            auto tree = with("virt-pcie-ats.dtb", {}, timing);
            const auto set = [&](const char *compatible, const property_list &properties) {
                for (int node = -1;
                     (node = fdt_node_offset_by_compatible(tree.data(), node, compatible)) >= 0;)
                    for (const auto &[name, value] : properties)
                        EXPECT_EQ(fdt_setprop_u32(tree.data(), node, name, value), 0);
            };
            set("pci-host-ecam-generic", links);
            set("vp,pcie-dma", {{"vp,outstanding", outstanding}, {"vp,atc-lookup-ps", 2000}});
            EXPECT_GT(passes("ats", tree), without) << timing << outstanding;
        }
    }
}

TEST_F(guest_program, has_a_dram_of_each_preset_in_either_coding_style)
{
    const property_list bus = {{"vp,bus-width", 16}, {"vp,bus-period-ps", 1000}};
    for (const char *timing : {"loose", "approximate"})
        for (const char *dram : {"ddr4-2400", "ddr5-6400", "lpddr5-6400"}) {
            auto tree = with("virt-pcie-ats.dtb", {}, timing, bus);
            const int memory = fdt_path_offset(tree.data(), "/memory@40000000");
            EXPECT_EQ(fdt_setprop_string(tree.data(), memory, "vp,dram", dram), 0);
            passes("ats", tree);
            EXPECT_EQ(statistic("memory@40000000.read-bursts") > 0,
                      std::string(timing) == "approximate");
        }
}

TEST_F(guest_program, makes_a_transaction_of_each_load_where_memory_has_no_direct_access)
{
    for (const char *dram : {"", "ddr5-6400"}) {
        auto tree = with("virt.dtb", {}, "approximate", {});
        const int memory = fdt_path_offset(tree.data(), "/memory@40000000");
        if (*dram != '\0') {
            EXPECT_EQ(fdt_setprop_string(tree.data(), memory, "vp,dram", dram), 0);
        }
        const char *reads = *dram ? "memory@40000000.read-bursts" : "memory@40000000.reads";
        passes("copy", tree);
        const double by_devices = statistic(reads);
        EXPECT_EQ(fdt_setprop_empty(tree.data(), memory, "vp,no-dmi"), 0);
        passes("copy", tree);
        EXPECT_GT(statistic(reads), 2 * by_devices) << dram;
    }
}

TEST_F(guest_program, finds_descriptors_in_the_system_cache)
{
    const property_list cache = {{"vp,latency-ns", 100}, {"vp,system-cache-ps", 1000}};
    const property_list half = {{"vp,system-cache-ppm", 500000}};
    passes("copy", with("virt.dtb", half, "approximate", cache));
    const double reads = statistic("interconnect.from-iommu@9050000.0.transactions");
    const double hits = statistic("interconnect.to-system-cache.transactions");
    EXPECT_NEAR(hits / reads, 0.5, 0.1);
}

TEST_F(guest_program, passes_in_either_coding_style)
{
    const property_list latencies = {{"vp,lookup-ps", 2000}, {"vp,walk-issue-ps", 5000}};
    passes("copy", with("virt.dtb", latencies, "approximate"));
    passes("ats", with("virt-pcie-ats.dtb", latencies, "approximate"));
}

// Its payload is on the way, with the DeviceID of interrupt messages, when the machine goes.
TEST_F(guest_program, may_end_while_the_smmu_waits_for_memory)
{
    auto tree = with("virt-traffic.dtb", {}, "approximate");
    const int memory = fdt_path_offset(tree.data(), "/memory@40000000");
    EXPECT_EQ(fdt_setprop_u32(tree.data(), memory, "vp,latency-ns", 1'000'000), 0);
    const auto result = run("--dtb " + file("dtb", tree) +
                            " --elf " SMMU_VP_PROGRAMS "traffic.elf --max-time 0.01");
    EXPECT_EQ(result.status, 3) << result.output;
}

TEST_F(guest_program, has_devices_that_share_a_tbu)
{
    for (const char *style : {"loose", "approximate"}) {
        auto tree = with("virt-pcie-ats.dtb", {{"vp,link-ps", 2000}}, style);
        for (const char *device : {"pci-host-ecam-generic", "vp,dma-engine"}) {
            const int node = fdt_node_offset_by_compatible(tree.data(), -1, device);
            ASSERT_EQ(fdt_setprop_u32(tree.data(), node, "vp,tbu", 5), 0) << device;
        }
        passes("ats", tree);
    }
}

// The CPU finds the pages of a group in the queue one after the other.
TEST_F(guest_program, waits_for_the_end_of_a_group_of_page_requests)
{
    const auto tree = with("virt-pcie-late.dtb", {{"vp,link-ps", 10'000'000}}, "approximate");
    const auto result =
        run("--dtb " + file("dtb", tree) + " --elf " SMMU_VP_PROGRAMS "pri.elf --max-time 0.02");
    EXPECT_EQ(result.status, 0) << result.errors << result.output;
}

TEST_F(guest_program, has_channels_that_stall_without_holding_up_others)
{
    passes("stall", with("virt.dtb", {}, "approximate"));
}

} // namespace
} // namespace test_program_machine
