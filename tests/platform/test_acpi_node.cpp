// SPDX-License-Identifier: Apache-2.0
// ACPI tables of the machines of platform/dts: what iasl reads in them is what the trees say.
// Layouts are those of ACPI 6.3 and of Arm DEN0049E.e.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "acpi_loader.hpp"
#include "acpi_maps.hpp"
#include "acpi_node.hpp"
#include "edited_tree.hpp"
#include "models.hpp"
#include "plan.hpp"

namespace test_acpi_node {
namespace {

using namespace test;
using testing::AllOf;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::uint8_t> blob_of(const std::string &machine)
{
    std::ifstream in(SMMU_VP_DTBS + machine + ".dtb", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<vp::named_file> files_of(const vp::dt_tree &tree)
{
    return vp::acpi_files_of(tree, vp::make_plan(tree, vp::device_models()));
}

acpi_memory memory_of(const vp::dt_tree &tree)
{
    std::map<std::string, bytes> files;
    for (const vp::named_file &file : files_of(tree))
        files[file.name] = file.data;
    return acpi_memory(files);
}

acpi_memory memory_of(const std::string &machine)
{
    return memory_of(vp::dt_tree(blob_of(machine)));
}

// The text that iasl makes of a table.
std::string text_of(const acpi_memory &memory, const std::string &signature)
{
    std::string source;
    EXPECT_EQ(complaints_of_iasl(memory.table(signature), source), "") << signature;
    return source;
}

class acpi_tables : public testing::Test {
  protected:
    void SetUp() override
    {
        if (!there_is_iasl())
            GTEST_SKIP() << "acpica-tools is not installed";
    }
};

class acpi_machines : public acpi_tables, public testing::WithParamInterface<std::string> {};

TEST_P(acpi_machines, have_tables_that_iasl_reads_without_complaint)
{
    const acpi_memory memory = memory_of(GetParam());
    std::vector<std::string> all = memory.signatures();
    EXPECT_THAT(all, ElementsAre("FACP", "APIC", "GTDT", "MCFG", "SPCR", "DBG2", "IORT", "PPTT"));
    all.insert(all.end(), {"DSDT", "XSDT"});
    for (const std::string &signature : all) {
        std::string source;
        EXPECT_EQ(complaints_of_iasl(memory.table(signature), source), "") << signature;
    }
}

// iasl shows that each byte of AML means what was meant: it makes the same again of its own text.
TEST_P(acpi_machines, have_a_namespace_that_iasl_compiles_to_the_same)
{
    const bytes dsdt = memory_of(GetParam()).table("DSDT");
    std::string source;
    std::string complaints;
    EXPECT_EQ(complaints_of_iasl(dsdt, source), "");
    const bytes again = compiled_by_iasl(source, complaints);
    EXPECT_EQ(complaints, "");
    ASSERT_EQ(again.size(), dsdt.size());
    EXPECT_TRUE(std::equal(dsdt.begin() + 36, dsdt.end(), again.begin() + 36)); // behind the header
}

// The names of all machines of platform/dts.
std::vector<std::string> machines()
{
    std::vector<std::string> names;
    for (const auto &each : std::filesystem::directory_iterator(SMMU_VP_DTBS))
        if (each.path().extension() == ".dtb")
            names.push_back(each.path().stem());
    std::sort(names.begin(), names.end());
    return names;
}

INSTANTIATE_TEST_SUITE_P(of_the_tree, acpi_machines, testing::ValuesIn(machines()),
                         [](const auto &info) {
                             std::string name = info.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

// --- what is in them ---

// A line of the text of iasl: "NAME : VALUE".
std::string field(const std::string &name, const std::string &value)
{
    return name + " : " + value;
}

TEST_F(acpi_tables, say_that_psci_is_called_by_hvc)
{
    const std::string text = text_of(memory_of("virt"), "FACP");
    EXPECT_THAT(text, AllOf(HasSubstr(field("PSCI Compliant", "1")),
                            HasSubstr(field("Must use HVC for PSCI", "1")),
                            HasSubstr(field("Hardware Reduced (V5)", "1"))));
}

TEST_F(acpi_tables, say_that_psci_is_called_by_smc_where_el2_is)
{
    const std::string text = text_of(memory_of("virt-el2"), "FACP");
    EXPECT_THAT(text, AllOf(HasSubstr(field("PSCI Compliant", "1")),
                            HasSubstr(field("Must use HVC for PSCI", "0"))));
}

TEST_F(acpi_tables, have_the_cpus_and_the_gic)
{
    const std::string text = text_of(memory_of("virt-clusters"), "APIC");
    for (const char *mpidr :
         {"0000000000000000", "0000000000000001", "0000000000000100", "0000000000000101"})
        EXPECT_THAT(text, HasSubstr(field("ARM MPIDR", mpidr)));
    EXPECT_THAT(text, AllOf(HasSubstr(field("Performance Interrupt", "00000017")),
                            HasSubstr(field("Base Address", "0000000008000000")),
                            HasSubstr(field("Base Address", "00000000080A0000")),
                            HasSubstr(field("Length", "00F60000")),
                            HasSubstr(field("Base Address", "0000000008080000"))));
}

TEST_F(acpi_tables, have_the_interrupts_of_the_timer)
{
    const std::string text = text_of(memory_of("virt"), "GTDT");
    EXPECT_THAT(text, AllOf(HasSubstr(field("Secure EL1 Interrupt", "0000001D")),
                            HasSubstr(field("Non-Secure EL1 Interrupt", "0000001E")),
                            HasSubstr(field("Virtual Timer Interrupt", "0000001B")),
                            HasSubstr(field("Non-Secure EL2 Interrupt", "0000001A")),
                            HasSubstr(field("Always On", "1"))));
}

TEST_F(acpi_tables, have_the_console)
{
    const acpi_memory memory = memory_of("virt");
    EXPECT_THAT(text_of(memory, "SPCR"), AllOf(HasSubstr(field("Address", "0000000009000000")),
                                               HasSubstr(field("Interrupt", "00000021"))));
    EXPECT_THAT(text_of(memory, "DBG2"),
                AllOf(HasSubstr(field("Port Type", "8000")),
                      HasSubstr(field("Port Subtype", "0003")), HasSubstr("\"\\_SB.CO00\"")));
}

TEST_F(acpi_tables, have_configuration_space)
{
    EXPECT_THAT(text_of(memory_of("virt"), "MCFG"),
                AllOf(HasSubstr(field("Base Address", "0000004010000000")),
                      HasSubstr(field("Start Bus Number", "00")),
                      HasSubstr(field("End Bus Number", "FF"))));
}

TEST_F(acpi_tables, have_devices_in_the_namespace)
{
    const std::string text = text_of(memory_of("virt"), "DSDT");
    EXPECT_THAT(text, ContainsRegex("Device \\(CP00\\)[^}]*\"ACPI0007\""));
    EXPECT_THAT(text, ContainsRegex("Device \\(CO00\\)[^}]*\"ARMH0011\""));
    EXPECT_THAT(text, ContainsRegex("Device \\(DM00\\)[^}]*\"SMVP0001\""));
    EXPECT_THAT(text, ContainsRegex("Device \\(PC00\\)[^}]*PNP0A08"));
    EXPECT_THAT(text, ContainsRegex("Memory32Fixed[^)]*0x0C000000[^)]*0x00002000"));
    EXPECT_THAT(text, ContainsRegex("Interrupt \\(ResourceConsumer, Level[^}]*0x00000090"));
    EXPECT_THAT(text, HasSubstr("33db4d5b-1ff7-401c-9657-7441c03dd766"));
}

// --- PPTT ---

enum { processor, cache };

// The structures of a PPTT of this type, by their offset.
std::map<std::size_t, bytes> structures_of(const bytes &pptt, unsigned type)
{
    std::map<std::size_t, bytes> list;
    for (std::size_t at = 36; at < pptt.size(); at += pptt[at + 1]) {
        const auto start = pptt.begin() + static_cast<std::ptrdiff_t>(at);
        if (pptt[at] == type)
            list[at] = {start, start + pptt[at + 1]};
    }
    return list;
}

TEST(pptt, has_cpus_in_clusters_in_a_package)
{
    const auto nodes = structures_of(memory_of("virt-clusters").table("PPTT"), processor);
    std::map<std::size_t, unsigned> children;
    std::vector<std::uint64_t> cpus;
    unsigned packages = 0;
    for (const auto &[at, node] : nodes) {
        const std::uint64_t flags = load(node, 4, 4), parent = load(node, 8, 4);
        packages += (flags & 1) != 0;
        EXPECT_EQ(parent == 0, (flags & 1) != 0) << "only the package is the root";
        children[parent]++;
        if (flags & 8) { // a leaf: its ID is that of the namespace and of the MADT
            EXPECT_TRUE(flags & 2);
            cpus.push_back(load(node, 12, 4));
            EXPECT_EQ(load(nodes.at(parent), 4, 4) & 9, 0u) << "in a cluster";
        }
    }
    EXPECT_EQ(packages, 1u);
    EXPECT_THAT(cpus, ElementsAre(0, 1, 2, 3));
    EXPECT_EQ(nodes.size(), 1u + 2 + 4);
    for (const auto &[parent, count] : children)
        EXPECT_EQ(count, parent == 0 ? 1u : 2u);
}

// The sizes are those of the Cortex-A57 that CCSIDR_EL1 tells of: 48 KiB with 3 ways and 32 KiB
// with 2, and 2 MiB with 16, with lines of 64 bytes.
TEST(pptt, has_the_caches_of_cpus_and_clusters)
{
    struct shape {
        std::uint64_t size, ways, attributes, line;
        bool operator<(const shape &o) const { return size < o.size; }
        bool operator==(const shape &o) const
        {
            return size == o.size && ways == o.ways && attributes == o.attributes && line == o.line;
        }
    };
    const bytes pptt = memory_of("virt-clusters").table("PPTT");
    const auto caches = structures_of(pptt, cache);
    std::map<std::size_t, unsigned> users;
    for (const auto &[at, node] : structures_of(pptt, processor))
        for (std::uint64_t i = 0; i < load(node, 16, 4); i++)
            users[load(node, 20 + 4 * i, 4)]++;
    std::vector<shape> all;
    for (const auto &[at, each] : caches) {
        all.push_back({load(each, 12, 4), each[20], each[21], load(each, 22, 2)});
        EXPECT_EQ(load(each, 4, 4), 0x7fu) << "all of it is valid";
        EXPECT_EQ(load(each, 16, 4) * each[20] * load(each, 22, 2), load(each, 12, 4));
        EXPECT_EQ(users[at], 1u) << "each is of one node";
        EXPECT_EQ(load(each, 8, 4), 0u) << "and of no chain, where it would be another level";
    }
    std::sort(all.begin(), all.end());
    const shape data = {0x8000, 2, 2, 64}, code = {0xc000, 3, 6, 64},
                second = {0x200000, 16, 10, 64};
    EXPECT_THAT(all, ElementsAre(data, data, data, data, code, code, code, code, second, second));
}

// --- IORT ---

// The nodes of an IORT, by type: their bytes.
std::vector<bytes> nodes_of(const bytes &iort, unsigned type)
{
    std::vector<bytes> list;
    std::size_t at = load(iort, 40, 4);
    for (std::uint64_t i = 0; i < load(iort, 36, 4); i++) {
        const auto start = iort.begin() + static_cast<std::ptrdiff_t>(at);
        const std::size_t size = load(iort, at + 1, 2);
        if (iort[at] == type)
            list.emplace_back(start, start + static_cast<std::ptrdiff_t>(size));
        at += size;
    }
    EXPECT_EQ(at, iort.size());
    return list;
}

enum { its_group, named_component, root_complex, smmu_v3 = 4, pmcg };

// An ID mapping: first ID, how many less one, first of the results, type of the node they are at,
// flags.
using mapping = std::vector<std::uint64_t>;

std::vector<mapping> mappings_of(const bytes &iort, const bytes &node)
{
    std::vector<mapping> list;
    std::size_t at = load(node, 12, 4);
    for (std::uint64_t i = 0; i < load(node, 8, 4); i++, at += 20)
        list.push_back({load(node, at, 4), load(node, at + 4, 4), load(node, at + 8, 4),
                        iort[load(node, at + 12, 4)], load(node, at + 16, 4)});
    return list;
}

TEST(iort, leads_requester_ids_through_the_smmu_to_the_its)
{
    const bytes iort = memory_of("virt").table("IORT");
    const auto roots = nodes_of(iort, root_complex);
    const auto smmus = nodes_of(iort, smmu_v3);
    ASSERT_EQ(roots.size(), 1u);
    ASSERT_EQ(smmus.size(), 1u);
    EXPECT_EQ(nodes_of(iort, its_group).size(), 1u);
    EXPECT_THAT(mappings_of(iort, roots[0]), ElementsAre(mapping{0, 0xffff, 0, smmu_v3, 0}));
    EXPECT_THAT(mappings_of(iort, smmus[0]),
                ElementsAre(mapping{0, 0xffff, 0, its_group, 0},
                            mapping{0, 0, 0x10000, its_group, 1})); // its own messages
}

TEST(iort, has_the_smmu_with_its_interrupts)
{
    const bytes smmu = nodes_of(memory_of("virt").table("IORT"), smmu_v3).at(0);
    EXPECT_EQ(smmu[3], 5) << "revision of the node";
    EXPECT_EQ(load(smmu, 16, 8), 0x09050000u);
    EXPECT_EQ(load(smmu, 24, 4), 0x15u)
        << "coherent; updates Access flag and dirty state; its messages have a DeviceID";
    EXPECT_EQ(load(smmu, 40, 4), 0u) << "the generic model";
    EXPECT_EQ(load(smmu, 44, 4), 32u + 74) << "event queue";
    EXPECT_EQ(load(smmu, 48, 4), 32u + 75) << "page requests";
    EXPECT_EQ(load(smmu, 52, 4), 32u + 77) << "errors";
    EXPECT_EQ(load(smmu, 56, 4), 32u + 76) << "CMD_SYNC";
    EXPECT_EQ(load(smmu, 64, 4), 1u) << "which mapping its messages have";
}

TEST(iort, has_a_way_for_each_stream_of_a_named_component)
{
    const bytes iort = memory_of("virt-two-smmus").table("IORT");
    const auto named = nodes_of(iort, named_component);
    ASSERT_EQ(named.size(), 1u);
    EXPECT_EQ(std::string(named[0].begin() + 29, named[0].begin() + 38), "\\_SB.DM00");
    EXPECT_THAT(mappings_of(iort, named[0]),
                ElementsAre(mapping{0, 0, 0x10, smmu_v3, 1}, mapping{0, 0, 0x11, smmu_v3, 1}));
    const std::size_t at = load(named[0], 12, 4);
    EXPECT_NE(load(named[0], at + 12, 4), load(named[0], at + 32, 4)) << "not the same SMMU";
}

TEST(iort, tells_the_requester_ids_of_two_smmus_apart)
{
    const bytes iort = memory_of("virt-two-smmus").table("IORT");
    const auto smmus = nodes_of(iort, smmu_v3);
    ASSERT_EQ(smmus.size(), 2u);
    EXPECT_THAT(mappings_of(iort, nodes_of(iort, root_complex).at(0)),
                ElementsAre(mapping{0, 7, 0, smmu_v3, 0}, mapping{8, 7, 8, smmu_v3, 0},
                            mapping{0x10, 0xffef, 0x10, smmu_v3, 0}));
    EXPECT_THAT(mappings_of(iort, smmus[0]), ElementsAre(mapping{0, 7, 0, its_group, 0},
                                                         mapping{0x10, 0xffef, 0x10, its_group, 0},
                                                         mapping{0, 0, 0x10000, its_group, 1}));
    EXPECT_THAT(mappings_of(iort, smmus[1]),
                ElementsAre(mapping{8, 7, 8, its_group, 0}, mapping{0, 0, 0x10001, its_group, 1}));
}

TEST(iort, says_whether_the_host_passes_translation_requests)
{
    const auto ats = [](const char *machine) {
        return load(nodes_of(memory_of(machine).table("IORT"), root_complex).at(0), 24, 4);
    };
    EXPECT_EQ(ats("virt-pcie"), 0u);
    EXPECT_EQ(ats("virt-pcie-ats"), 5u) << "and PASIDs of what is translated already";
}

TEST(iort, has_the_counter_groups_of_the_smmu)
{
    const bytes iort = memory_of("virt-linux").table("IORT");
    const auto groups = nodes_of(iort, pmcg);
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(load(groups[0], 16, 8), 0x090d0000u);
    EXPECT_EQ(load(groups[0], 24, 4), 32u + 88);
    EXPECT_EQ(iort[load(groups[0], 28, 4)], smmu_v3);
    EXPECT_EQ(load(groups[0], 32, 8), 0x090e0000u);
    EXPECT_THAT(mappings_of(iort, groups[1]), ElementsAre(mapping{0, 0, 0x10011, its_group, 1}));
}

TEST(iort, sends_requester_ids_without_an_smmu_to_the_its)
{
    const vp::id_ranges messages = {{0, 0x10000, 0x500, 3}};
    const vp::id_ranges streams = {{0x10, 0x10, 0, 0}, {0x100, 0xff00, 0, 0}};
    const vp::id_ranges left = vp::without(messages, streams);
    ASSERT_EQ(left.size(), 2u);
    EXPECT_EQ(left[0].first, 0u);
    EXPECT_EQ(left[0].count, 0x10u);
    EXPECT_EQ(left[0].out, 0x500u);
    EXPECT_EQ(left[1].first, 0x20u);
    EXPECT_EQ(left[1].count, 0xe0u);
    EXPECT_EQ(left[1].out, 0x520u);
    EXPECT_EQ(left[1].target, 3u);
}

TEST(iort, keeps_what_no_other_range_touches)
{
    const vp::id_ranges messages = {{0x100, 0x10, 0, 0}};
    EXPECT_EQ(vp::without(messages, {{0, 0x100, 0, 0}, {0x110, 1, 0, 0}}).size(), 1u);
    EXPECT_THAT(vp::without(messages, {{0, 0x1000, 0, 0}}), IsEmpty());
}

TEST(iort, follows_a_requester_id_through_both_maps)
{
    const vp::id_ranges list =
        vp::followed_by({{0x100, 0x100, 0x4000, 1}}, {{0x180, 0x200, 0x70000, 2}});
    ASSERT_EQ(list.size(), 1u);
    EXPECT_EQ(list[0].first, 0x4080u) << "StreamID";
    EXPECT_EQ(list[0].count, 0x80u);
    EXPECT_EQ(list[0].out, 0x70000u) << "DeviceID";
    EXPECT_EQ(list[0].target, 2u);
    EXPECT_EQ(list[0].smmu, 1u);
}

// --- when there are none ---

TEST(acpi, is_left_out_where_the_tree_says_so)
{
    test::edited_tree source{blob_of("virt")};
    EXPECT_EQ(files_of(source.tree()).size(), 3u);
    source.cells("/fw-cfg@9020000", "vp,no-acpi", {});
    EXPECT_THAT(files_of(source.tree()), IsEmpty());
}

TEST(acpi, is_left_out_without_psci)
{
    test::edited_tree source{blob_of("virt")};
    source.remove("/psci");
    EXPECT_THAT(files_of(source.tree()), IsEmpty());
}

TEST(acpi, cannot_say_the_mask_of_a_map)
{
    test::edited_tree source{blob_of("virt")};
    source.cells("/pcie@4010000000", "iommu-map-mask", {0xfff8});
    EXPECT_THROW(files_of(source.tree()), vp::dt_error);
}

// A second host, with the bus of the first one's memory at another place.
test::edited_tree with_second_host(std::uint32_t domain)
{
    constexpr const char *second = "/pcie@5010000000";
    test::edited_tree source{blob_of("virt")};
    source.node(second)
        .strings(second, "compatible", {"pci-host-ecam-generic"})
        .strings(second, "device_type", {"pci"})
        .cells(second, "reg", {0x50, 0x10000000, 0, 0x400000})
        .cells(second, "bus-range", {0, 3})
        .cells(second, "#address-cells", {3})
        .cells(second, "#size-cells", {2})
        .cells(second, "ranges", {0x02000000, 0, 0x30000000, 0, 0x3f000000, 0, 0xff0000})
        .cells(second, "linux,pci-domain", {domain});
    return source;
}

// PCI Firmware Specification 3.3, 4.1.2: segment groups have 16 bits, and a host each.
TEST(acpi, tells_segment_groups_of_hosts_apart)
{
    EXPECT_EQ(files_of(with_second_host(65535).tree()).size(), 3u);
    EXPECT_THROW(files_of(with_second_host(65536).tree()), vp::dt_error);
    EXPECT_THROW(files_of(with_second_host(0).tree()), vp::dt_error) << "that of the first";
}

} // namespace
} // namespace test_acpi_node
