// SPDX-License-Identifier: Apache-2.0
// Plan: what is read of a machine, and one test for each mistake that makes it none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edited_tree.hpp"
#include "plan.hpp"

namespace test_plan {
namespace {

using test::edited_tree;
using test::small_machine;
using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<vp::device> no_device(const vp::dt_node &, const char *)
{
    return nullptr;
}

// A bus with one window, after its `reg`, and with the interrupts and SMMUs of properties of its
// own.
const vp::device_bus test_bus = {
    [](const vp::dt_node &node) {
        const auto cells = node.cells("window");
        return std::vector<vp::dt_range>{{cells[0], cells[1]}};
    },
    [](const vp::dt_node &node) { return node.specifiers("pins", "#interrupt-cells"); }, "pins",
    [](const vp::dt_node &node) { return node.specifiers("streams", "#iommu-cells"); }, "streams"};

const std::vector<vp::device_model> models = {
    {"test,uart", no_device}, {"test,dma", no_device}, {"test,bus", no_device, &test_bus}};

vp::machine_plan plan(const edited_tree &tree)
{
    return vp::make_plan(tree.tree(), models);
}

std::string mistake(const edited_tree &tree)
{
    try {
        plan(tree);
    } catch (const vp::dt_error &error) {
        return error.what();
    }
    return "";
}

const vp::device_plan &device(const vp::machine_plan &plan, const char *name)
{
    for (const vp::device_plan &row : plan.devices)
        if (row.node.name() == name)
            return row;
    throw std::logic_error(std::string("no device ") + name);
}

TEST(plan, reads_a_whole_machine)
{
    const auto result = plan(small_machine());
    ASSERT_EQ(result.cpus.size(), 1u);
    EXPECT_EQ(result.cpus[0].pa_bits, 44);
    EXPECT_EQ(result.cpus[0].frequency, 1000000000u);
    ASSERT_EQ(result.memory.size(), 1u);
    EXPECT_EQ(result.memory[0].range.base, 0x40000000u);
    ASSERT_TRUE(result.gic);
    EXPECT_EQ(result.gic->spis, 256u);
    ASSERT_EQ(result.smmus.size(), 1u);
    ASSERT_EQ(result.devices.size(), 2u);
    EXPECT_THAT(device(result, "uart@9000000").spis, ElementsAre(1));
    const vp::device_plan &dma = device(result, "dma@c000000");
    EXPECT_THAT(dma.spis, ElementsAre(112));
    ASSERT_EQ(dma.streams.size(), 1u);
    EXPECT_EQ(dma.streams[0].smmu, 0u);
    EXPECT_EQ(dma.streams[0].sid, 0x10u);
}

TEST(plan, finds_a_controller_that_comes_after_its_users)
{
    auto tree = small_machine();
    tree.remove("/gic@8000000");
    tree.node("/gic@1000").strings("/gic@1000", "compatible", {"arm,gic-v3"});
    tree.cells("/gic@1000", "reg", {0x1000, 0x1000, 0x2000, 0x20000});
    tree.cells("/gic@1000", "#interrupt-cells", {3}).cells("/gic@1000", "phandle", {1});
    EXPECT_EQ(mistake(tree), "");
}

TEST(plan, looks_for_devices_below_buses)
{
    auto tree = small_machine();
    tree.node("/bus").strings("/bus", "compatible", {"simple-bus"}).bytes("/bus", "ranges", {});
    tree.cells("/bus", "#address-cells", {1}).cells("/bus", "#size-cells", {1});
    tree.node("/bus/uart@1000").strings("/bus/uart@1000", "compatible", {"test,uart"});
    tree.cells("/bus/uart@1000", "reg", {0x1000, 0x100});
    EXPECT_EQ(plan(tree).devices.size(), 3u);
    tree.strings("/bus", "status", {"disabled"});
    EXPECT_EQ(plan(tree).devices.size(), 2u);
}

TEST(plan, takes_the_first_compatible_that_has_a_model)
{
    auto tree = small_machine();
    tree.strings("/uart@9000000", "compatible", {"acme,uart", "test,uart", "test,dma"});
    EXPECT_EQ(mistake(tree), "");
}

TEST(plan, leaves_passive_nodes_alone)
{
    auto tree = small_machine();
    tree.node("/clock").strings("/clock", "compatible", {"fixed-clock"});
    tree.node("/keys").strings("/keys", "compatible", {"gpio-keys"});
    tree.node("/chosen").strings("/chosen", "compatible", {"acme,chosen"});
    tree.node("/reserved-memory").node("/reserved-memory/pool@41000000");
    tree.strings("/reserved-memory/pool@41000000", "compatible", {"shared-dma-pool"});
    tree.cells("/reserved-memory/pool@41000000", "reg", {0x41000000, 0x1000});
    EXPECT_EQ(mistake(tree), "");
    EXPECT_EQ(plan(tree).devices.size(), 2u);
}

TEST(plan, sorts_memory_by_address)
{
    auto tree = small_machine();
    tree.cells("/memory@40000000", "reg", {0x80000000, 0x1000, 0x40000000, 0x1000});
    tree.cells("/memory@40000000", "vp,latency-ns", {50});
    const auto result = plan(tree);
    ASSERT_EQ(result.memory.size(), 2u);
    EXPECT_EQ(result.memory[0].range.base, 0x40000000u);
    EXPECT_EQ(result.memory[1].latency_ns, 50u);
}

TEST(plan, reads_the_coding_style)
{
    auto tree = small_machine();
    EXPECT_FALSE(plan(tree).approximate);
    EXPECT_FALSE(plan(tree.strings("/", "vp,timing", {"loose"})).approximate);
    EXPECT_TRUE(plan(tree.strings("/", "vp,timing", {"approximate"})).approximate);
    for (const std::vector<std::string> &wrong :
         std::vector<std::vector<std::string>>{{"cycle"}, {"loose", "approximate"}})
        EXPECT_EQ(mistake(tree.strings("/", "vp,timing", wrong)),
                  "/: vp,timing: must be \"loose\" or \"approximate\"");
}

TEST(plan, reads_the_firmware_conduit)
{
    auto tree = small_machine();
    EXPECT_EQ(plan(tree).psci, vp::psci_conduit::none);
    tree.node("/psci").strings("/psci", "compatible", {"arm,psci-0.2"});
    EXPECT_EQ(mistake(tree), "/psci: method: is missing");
    tree.strings("/psci", "method", {"hvc"});
    EXPECT_EQ(plan(tree).psci, vp::psci_conduit::hvc);
    tree.strings("/psci", "method", {"smc"});
    EXPECT_EQ(plan(tree).psci, vp::psci_conduit::smc);
    tree.strings("/psci", "method", {"svc"});
    EXPECT_EQ(mistake(tree), "/psci: method: must be \"hvc\" or \"smc\"");
}

TEST(plan, wants_smc_of_firmware_beside_el2)
{
    auto tree = small_machine();
    EXPECT_FALSE(plan(tree).cpus[0].el2);
    tree.strings("/cpus/cpu@0", "vp,el2", {});
    EXPECT_TRUE(plan(tree).cpus[0].el2);
    tree.node("/psci").strings("/psci", "compatible", {"arm,psci-0.2"});
    tree.strings("/psci", "method", {"hvc"});
    EXPECT_EQ(mistake(tree), "/psci: method: must be \"smc\": with vp,el2 in /cpus/cpu@0, HVC is a "
                             "call of EL2");
    tree.strings("/psci", "method", {"smc"});
    EXPECT_EQ(plan(tree).psci, vp::psci_conduit::smc);
}

TEST(plan, wants_el2_on_all_cpus_or_on_none)
{
    auto tree = small_machine();
    tree.node("/cpus/cpu@1").strings("/cpus/cpu@1", "device_type", {"cpu"});
    tree.strings("/cpus/cpu@1", "compatible", {"arm,cortex-a57"}).cells("/cpus/cpu@1", "reg", {1});
    tree.strings("/cpus/cpu@1", "vp,el2", {});
    EXPECT_EQ(mistake(tree),
              "/cpus/cpu@1: vp,el2: must be on all CPUs or on none, /cpus/cpu@0 differs");
}

TEST(plan, reads_the_maintenance_interrupt)
{
    auto tree = small_machine();
    EXPECT_FALSE(plan(tree).gic->maintenance);
    tree.cells("/gic@8000000", "interrupts", {1, 9, 4});
    EXPECT_EQ(plan(tree).gic->maintenance, 9u);
    tree.cells("/gic@8000000", "interrupts", {0, 9, 4});
    EXPECT_EQ(mistake(tree), "/gic@8000000: interrupts: must be PPIs");
    tree.cells("/gic@8000000", "interrupts", {1, 9, 4, 1, 8, 4});
    EXPECT_EQ(mistake(tree), "/gic@8000000: interrupts: has more than the maintenance interrupt");
}

TEST(plan, reads_the_timer)
{
    auto tree = small_machine();
    tree.node("/timer").strings("/timer", "compatible", {"arm,armv8-timer"});
    tree.cells("/timer", "interrupts", {1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4});
    tree.cells("/timer", "clock-frequency", {1000});
    const auto result = plan(tree);
    EXPECT_EQ(result.timer.ppi[vp::timer_plan::physical], 14u);
    EXPECT_EQ(result.timer.ppi[vp::timer_plan::virtual_], 11u);
    EXPECT_EQ(result.timer.ppi[vp::timer_plan::hypervisor], 10u);
    EXPECT_EQ(result.timer.frequency, 1000u);
}

TEST(plan, reads_the_performance_monitors)
{
    auto tree = small_machine();
    EXPECT_EQ(plan(tree).pmu_ppi, std::nullopt);
    tree.node("/pmu").strings("/pmu", "compatible", {"arm,armv8-pmuv3"});
    tree.cells("/pmu", "interrupts", {1, 7, 4});
    EXPECT_EQ(plan(tree).pmu_ppi, 7u);
    tree.strings("/pmu", "compatible", {"arm,cortex-a57-pmu", "arm,armv8-pmuv3"});
    EXPECT_EQ(plan(tree).pmu_ppi, 7u);
}

TEST(plan, names_mistakes_of_the_performance_monitors)
{
    auto tree = small_machine();
    tree.node("/pmu").strings("/pmu", "compatible", {"arm,armv8-pmuv3"});
    EXPECT_EQ(mistake(tree), "/pmu: interrupts: must be one PPI, which all CPUs have");
    tree.cells("/pmu", "interrupts", {0, 7, 4});
    EXPECT_EQ(mistake(tree), "/pmu: interrupts: must be PPIs");
    tree.cells("/pmu", "interrupts", {1, 13, 4});
    tree.node("/timer").strings("/timer", "compatible", {"arm,armv8-timer"});
    tree.cells("/timer", "interrupts", {1, 13, 4});
    EXPECT_EQ(mistake(tree), "/pmu: interrupts: PPI 13 is wired to /timer");
}

TEST(plan, names_timer_mistakes)
{
    auto tree = small_machine();
    tree.node("/timer").strings("/timer", "compatible", {"arm,armv8-timer"});
    tree.cells("/timer", "interrupts", {0, 13, 4});
    EXPECT_EQ(mistake(tree), "/timer: interrupts: must be PPIs");
    tree.cells("/timer", "interrupts", {1, 16, 4});
    EXPECT_EQ(mistake(tree), "/timer: interrupts: number 16 is beyond the 16 PPIs of /gic@8000000");
    tree.cells("/timer", "interrupts", {1, 0, 4, 1, 1, 4, 1, 2, 4, 1, 3, 4, 1, 4, 4});
    EXPECT_EQ(mistake(tree), "/timer: interrupts: has more than the four of the binding");
    tree.cells("/timer", "interrupts", {}).cells("/timer", "clock-frequency", {0});
    EXPECT_EQ(mistake(tree), "/timer: clock-frequency: must not be 0");
}

edited_tree machine_with_bus()
{
    auto tree = small_machine();
    tree.node("/bus@10000000")
        .strings("/bus@10000000", "compatible", {"test,bus"})
        .cells("/bus@10000000", "reg", {0x10000000, 0x1000})
        .cells("/bus@10000000", "window", {0x20000000, 0x1000})
        .cells("/bus@10000000", "pins", {1, 0, 3, 4, 1, 0, 4, 4})
        .cells("/bus@10000000", "streams", {2, 0xffff});
    tree.node("/bus@10000000/card@1").strings("/bus@10000000/card@1", "compatible", {"acme,card"});
    return tree.cells("/bus@10000000/card@1", "reg", {1});
}

TEST(plan, asks_a_bus_for_what_it_has)
{
    const auto result = plan(machine_with_bus());
    const vp::device_plan &bus = device(result, "bus@10000000");
    ASSERT_EQ(bus.reg.size(), 2u);
    EXPECT_EQ(bus.reg[1].base, 0x20000000u);
    EXPECT_THAT(bus.spis, ElementsAre(3, 4));
    ASSERT_EQ(bus.streams.size(), 2u);
    EXPECT_EQ(bus.streams[0].sid, 0xffffu);
    EXPECT_EQ(bus.streams[1].smmu, vp::stream_plan::no_smmu);
}

TEST(plan, leaves_the_children_of_a_bus_to_its_model)
{
    EXPECT_EQ(plan(machine_with_bus()).devices.size(), 3u);
}

TEST(plan, names_the_property_that_a_bus_has_its_interrupts_and_streams_from)
{
    auto tree = machine_with_bus();
    tree.cells("/bus@10000000", "pins", {1, 0, 5, 4, 1, 0, 5, 4});
    EXPECT_EQ(mistake(tree), "/bus@10000000: pins: SPI 5 is wired to /bus@10000000");
    tree = machine_with_bus();
    tree.remove("/smmu@9050000");
    tree.remove("/dma@c000000", "iommus");
    tree.node("/other").cells("/other", "phandle", {2}).cells("/other", "#iommu-cells", {1});
    EXPECT_EQ(mistake(tree), "/bus@10000000: streams: /other is not an enabled arm,smmu-v3");
}

TEST(plan, names_overlaps_with_the_window_of_a_bus)
{
    auto tree = machine_with_bus();
    tree.cells("/bus@10000000", "window", {0x9000800, 0x1000});
    EXPECT_EQ(mistake(tree), "/bus@10000000: reg: 0x9000800 overlaps /uart@9000000 (0x9000000 to "
                             "0x9000fff)");
}

TEST(plan, names_a_device_without_model)
{
    auto tree = small_machine();
    tree.strings("/uart@9000000", "compatible", {"acme,uart", "acme,any"});
    EXPECT_EQ(mistake(tree), "/uart@9000000: compatible: no model for acme,uart");
    tree.strings("/uart@9000000", "status", {"disabled"});
    EXPECT_EQ(mistake(tree), "");
}

TEST(plan, names_a_device_without_reg)
{
    auto tree = small_machine();
    tree.remove("/uart@9000000", "reg");
    EXPECT_EQ(mistake(tree), "/uart@9000000: reg: is missing");
}

TEST(plan, names_both_nodes_of_an_overlap)
{
    auto tree = small_machine();
    tree.cells("/uart@9000000", "reg", {0x906f000, 0x1000});
    EXPECT_EQ(mistake(tree),
              "/uart@9000000: reg: 0x906f000 overlaps /smmu@9050000 (0x9050000 to 0x906ffff)");
    tree.cells("/uart@9000000", "reg", {0x9070000, 0x1000});
    EXPECT_EQ(mistake(tree), "");
}

TEST(plan, names_overlapping_memory)
{
    auto tree = small_machine();
    tree.node("/memory@48000000").strings("/memory@48000000", "device_type", {"memory"});
    tree.cells("/memory@48000000", "reg", {0x48000000, 0x1000});
    EXPECT_EQ(mistake(tree), "/memory@48000000: reg: 0x48000000 overlaps /memory@40000000 "
                             "(0x40000000 to 0x4fffffff)");
}

TEST(plan, names_an_overlap_inside_one_node)
{
    auto tree = small_machine();
    tree.cells("/gic@8000000", "reg", {0x8000000, 0x10000, 0x8000000, 0x20000});
    EXPECT_THAT(mistake(tree), HasSubstr("/gic@8000000: reg: 0x8000000 overlaps /gic@8000000"));
}

TEST(plan, names_a_machine_without_cpu)
{
    auto tree = small_machine();
    tree.strings("/cpus/cpu@0", "status", {"disabled"});
    EXPECT_EQ(mistake(tree), "/: no enabled node with device_type \"cpu\" in /cpus");
    tree.remove("/cpus");
    EXPECT_EQ(mistake(tree), "/: no enabled node with device_type \"cpu\" in /cpus");
}

TEST(plan, names_a_machine_without_memory)
{
    auto tree = small_machine();
    tree.remove("/memory@40000000");
    EXPECT_EQ(mistake(tree), "/: no enabled memory node");
}

TEST(plan, names_cpu_mistakes)
{
    auto tree = small_machine();
    tree.strings("/cpus/cpu@0", "compatible", {"acme,cpu"});
    EXPECT_EQ(mistake(tree), "/cpus/cpu@0: compatible: no CPU model for acme,cpu");
    tree.strings("/cpus/cpu@0", "compatible", {"arm,armv8"});
    tree.strings("/cpus/cpu@0", "enable-method", {"spin-table"});
    EXPECT_EQ(mistake(tree), "/cpus/cpu@0: enable-method: only psci is supported");
    tree.remove("/cpus/cpu@0", "enable-method");
    tree.cells("/cpus/cpu@0", "clock-frequency", {0});
    EXPECT_THAT(mistake(tree), HasSubstr("/cpus/cpu@0: clock-frequency: must be from"));
    tree.remove("/cpus/cpu@0", "clock-frequency").remove("/cpus/cpu@0", "reg");
    EXPECT_EQ(mistake(tree), "/cpus/cpu@0: reg: is missing");
}

void add_cpu(edited_tree &tree, const std::string &path, std::uint32_t reg)
{
    tree.node(path).strings(path, "device_type", {"cpu"});
    tree.strings(path, "compatible", {"arm,armv8"}).cells(path, "reg", {reg});
}

TEST(plan, orders_cpus_by_affinity)
{
    auto tree = small_machine();
    add_cpu(tree, "/cpus/cpu@100", 0x100);
    add_cpu(tree, "/cpus/cpu@1", 1);
    const auto result = plan(tree);
    ASSERT_EQ(result.cpus.size(), 3u);
    EXPECT_EQ(result.cpus[0].mpidr, 0u);
    EXPECT_EQ(result.cpus[1].mpidr, 1u);
    EXPECT_EQ(result.cpus[2].mpidr, 0x100u);
}

TEST(plan, leaves_cpus_that_are_disabled_out)
{
    auto tree = small_machine();
    add_cpu(tree, "/cpus/cpu@1", 1);
    tree.strings("/cpus/cpu@1", "status", {"disabled"});
    EXPECT_EQ(plan(tree).cpus.size(), 1u);
}

TEST(plan, names_mistakes_of_several_cpus)
{
    auto tree = small_machine();
    add_cpu(tree, "/cpus/cpu@1", 0);
    EXPECT_THAT(mistake(tree), HasSubstr(": reg: 0x0 is the affinity of /cpus/cpu@"));
    tree.cells("/cpus/cpu@1", "reg", {0x10000});
    EXPECT_EQ(mistake(tree), "/cpus/cpu@1: reg: 0x10000 has more than Aff0 and Aff1");
    tree.cells("/cpus/cpu@1", "reg", {0x110});
    EXPECT_EQ(mistake(tree), "/cpus/cpu@1: reg: 0x110 has an Aff0 above 15");
    tree.cells("/cpus/cpu@1", "reg", {1});
    for (std::uint32_t i = 2; i < 9; i++)
        add_cpu(tree, "/cpus/cpu@" + std::to_string(i), i);
    EXPECT_EQ(mistake(tree), "/cpus/cpu@8: is one CPU too many: there can be 8");
}

TEST(plan, names_interrupt_mistakes)
{
    const auto wrong = [](const std::vector<std::uint32_t> &cells) {
        auto tree = small_machine();
        return mistake(tree.cells("/uart@9000000", "interrupts", cells));
    };
    EXPECT_THAT(wrong({1, 5, 4}), HasSubstr("a PPI belongs to one CPU"));
    EXPECT_EQ(wrong({2, 5, 4}), "/uart@9000000: interrupts: type 2 is neither SPI nor PPI");
    EXPECT_EQ(wrong({0, 256, 4}),
              "/uart@9000000: interrupts: number 256 is beyond the 256 SPIs of /gic@8000000");
    EXPECT_THAT(wrong({0, 5, 8}), HasSubstr("trigger 8 is neither"));
    EXPECT_THAT(wrong({0, 5}), HasSubstr("ends in the middle"));
    EXPECT_THAT(wrong({0, 112, 4}), HasSubstr("interrupts: SPI 112 is wired to /"));
}

TEST(plan, names_an_interrupt_parent_that_is_no_gic)
{
    auto tree = small_machine();
    tree.cells("/smmu@9050000", "#interrupt-cells", {3});
    tree.cells("/uart@9000000", "interrupt-parent", {2});
    EXPECT_EQ(mistake(tree),
              "/uart@9000000: interrupts: /smmu@9050000 is not an enabled arm,gic-v3");
    tree.remove("/uart@9000000", "interrupt-parent");
    tree.strings("/gic@8000000", "status", {"disabled"});
    EXPECT_THAT(mistake(tree), HasSubstr("/gic@8000000 is not an enabled arm,gic-v3"));
}

TEST(plan, names_gic_mistakes)
{
    auto tree = small_machine();
    tree.cells("/gic@8000000", "vp,spis", {100});
    EXPECT_EQ(mistake(tree), "/gic@8000000: vp,spis: must be a multiple of 32 from 32 to 960");
    tree.remove("/gic@8000000", "vp,spis").cells("/gic@8000000", "#interrupt-cells", {4});
    EXPECT_EQ(mistake(tree), "/gic@8000000: #interrupt-cells: must be 3");
    tree.cells("/gic@8000000", "#interrupt-cells", {3});
    tree.node("/gic@1000").strings("/gic@1000", "compatible", {"arm,gic-v3"});
    tree.cells("/gic@1000", "reg", {0x1000, 0x100}).cells("/gic@1000", "#interrupt-cells", {3});
    EXPECT_THAT(mistake(tree), HasSubstr("a second interrupt controller beside"));
}

TEST(plan, names_stream_mistakes)
{
    const auto wrong = [](const std::vector<std::uint32_t> &cells) {
        auto tree = small_machine();
        tree.cells("/gic@8000000", "#iommu-cells", {1});
        return mistake(tree.cells("/dma@c000000", "iommus", cells));
    };
    EXPECT_EQ(wrong({7, 0x10}), "/dma@c000000: iommus: no node has phandle 7");
    EXPECT_EQ(wrong({1, 0x10}), "/dma@c000000: iommus: /gic@8000000 is not an enabled arm,smmu-v3");
    EXPECT_THAT(wrong({2}), HasSubstr("/dma@c000000: iommus: ends in the middle"));

    auto tree = small_machine();
    tree.cells("/smmu@9050000", "#iommu-cells", {2}).cells("/dma@c000000", "iommus", {2, 1, 1});
    EXPECT_EQ(mistake(tree), "/smmu@9050000: #iommu-cells: must be 1");
    tree.strings("/smmu@9050000", "status", {"disabled"});
    EXPECT_EQ(mistake(tree), "/dma@c000000: iommus: /smmu@9050000 is not an enabled arm,smmu-v3");
}

// A counter group at 0x9100000, of the SMMU.
edited_tree with_pmcg()
{
    edited_tree tree = small_machine();
    tree.node("/pmcg@9100000").strings("/pmcg@9100000", "compatible", {"arm,smmu-v3-pmcg"});
    tree.cells("/pmcg@9100000", "reg", {0x9100000, 0x1000, 0x9110000, 0x1000});
    tree.cells("/pmcg@9100000", "interrupt-parent", {1});
    tree.cells("/pmcg@9100000", "interrupts", {0, 30, 1});
    return tree.cells("/pmcg@9100000", "vp,smmu", {2});
}

TEST(plan, reads_counter_groups)
{
    const auto tree = with_pmcg().tree();
    const vp::machine_plan result =
        vp::make_plan(tree, {{"test,uart", nullptr}, {"test,dma", nullptr}});
    ASSERT_EQ(result.pmcgs.size(), 1u);
    EXPECT_EQ(result.pmcgs[0].smmu, 0u);
    EXPECT_EQ(result.pmcgs[0].spis, vp::spi_list{30});
    ASSERT_EQ(result.pmcgs[0].reg.size(), 2u);
    EXPECT_EQ(result.pmcgs[0].reg[1].base, 0x9110000u);
}

TEST(plan, names_mistakes_of_counter_groups)
{
    const std::string node = "/pmcg@9100000: ";
    const auto wrong = [](const char *property, const std::vector<std::uint32_t> &cells) {
        return mistake(with_pmcg().cells("/pmcg@9100000", property, cells));
    };
    EXPECT_EQ(wrong("vp,smmu", {}), node + "vp,smmu: must name one SMMU");
    EXPECT_EQ(wrong("vp,smmu", {2, 2}), node + "vp,smmu: must name one SMMU");
    EXPECT_EQ(wrong("vp,smmu", {1}), node + "vp,smmu: /gic@8000000 is not an enabled arm,smmu-v3");
    EXPECT_EQ(wrong("vp,smmu", {77}), node + "vp,smmu: no node has phandle 77");
    EXPECT_EQ(wrong("interrupts", {0, 1, 4}),
              "/uart@9000000: interrupts: SPI 1 is wired to /pmcg@9100000");
    EXPECT_THAT(wrong("reg", {0x9060000, 0x1000, 0x9110000, 0x1000}),
                HasSubstr("overlaps /smmu@9050000"));
}

TEST(plan, survives_every_single_byte_corrupted)
{
    const auto sound = small_machine().blob();
    for (std::size_t i = 0; i < sound.size(); i++) {
        auto blob = sound;
        blob[i] ^= 0xff;
        try {
            vp::make_plan(vp::dt_tree(blob), models);
        } catch (const vp::dt_error &error) {
            EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
        }
    }
}

TEST(plan, asks_for_the_properties_of_what_the_machine_makes)
{
    const auto tree = test::small_machine()
                          .cells("/", "vp,latency-ns", {1})
                          .cells("/", "vp,bus-width", {16})
                          .cells("/", "vp,system-cache-ps", {1})
                          .cells("/memory@40000000", "vp,latency-ns", {1})
                          .cells("/gic@8000000", "vp,spis", {256})
                          .bytes("/cpus/cpu@0", "vp,el2", {})
                          .tree();
    EXPECT_ANY_THROW(tree.check_all_asked());
    vp::make_plan(tree, models);
    EXPECT_NO_THROW(tree.check_all_asked());
}

} // namespace
} // namespace test_plan
