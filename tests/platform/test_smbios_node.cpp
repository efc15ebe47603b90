// SPDX-License-Identifier: Apache-2.0
// Tables of SMBIOS: what a reader that knows DMTF DSP0134 finds in them is what the tree says.
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "acpi_loader.hpp"
#include "edited_tree.hpp"
#include "models.hpp"
#include "plan.hpp"
#include "smbios_node.hpp"

namespace test_smbios_node {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

// A structure: its bytes, and its strings, the first of which has number 1.
struct entry {
    bytes data;
    std::vector<std::string> strings = {""};

    std::uint64_t at(std::size_t offset, unsigned size) const { return load(data, offset, size); }
    std::string text(std::size_t offset) const { return strings.at(at(offset, 1)); }
};

std::map<std::string, bytes> files_of(const vp::dt_tree &tree)
{
    std::map<std::string, bytes> files;
    for (const vp::named_file &file :
         vp::smbios_files_of(tree, vp::make_plan(tree, vp::device_models())))
        files[file.name] = file.data;
    return files;
}

std::vector<std::uint8_t> blob_of(const std::string &machine)
{
    std::ifstream in(SMMU_VP_DTBS + machine + ".dtb", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The structures, by type, up to the one that says it is the last.
std::multimap<unsigned, entry> entries_of(const bytes &table)
{
    std::multimap<unsigned, entry> list;
    std::size_t at = 0;
    unsigned type = 0;
    while (type != 127) {
        type = table.at(at);
        const std::size_t end = at + table.at(at + 1);
        entry each;
        each.data.assign(table.begin() + static_cast<std::ptrdiff_t>(at),
                         table.begin() + static_cast<std::ptrdiff_t>(end));
        for (at = end; table.at(at) != 0; at++) {
            each.strings.emplace_back();
            for (; table.at(at) != 0; at++)
                each.strings.back() += static_cast<char>(table[at]);
        }
        at += end == at ? 2 : 1; // without strings there are two zeros all the same
        list.emplace(type, each);
    }
    EXPECT_EQ(at, table.size()) << "nothing follows the last";
    return list;
}

std::multimap<unsigned, entry> entries_of(const std::string &machine)
{
    return entries_of(files_of(vp::dt_tree(blob_of(machine))).at("etc/smbios/smbios-tables"));
}

TEST(smbios, has_an_anchor_of_version_3)
{
    const auto files = files_of(vp::dt_tree(blob_of("virt")));
    const bytes &anchor = files.at("etc/smbios/smbios-anchor");
    ASSERT_EQ(anchor.size(), 24u);
    EXPECT_EQ(std::string(anchor.begin(), anchor.begin() + 5), "_SM3_");
    EXPECT_EQ(std::accumulate(anchor.begin(), anchor.end(), 0) & 0xff, 0);
    EXPECT_EQ(anchor[6], 24);
    EXPECT_EQ(load(anchor, 7, 2), 3u) << "3.0";
    EXPECT_EQ(anchor[10], 1) << "revision of the entry point";
    EXPECT_EQ(load(anchor, 12, 4), files.at("etc/smbios/smbios-tables").size());
}

TEST(smbios, has_each_structure_at_its_full_length)
{
    // Lengths of DSP0134 3.0; firmware brings type 0 itself.
    const std::map<unsigned, std::size_t> lengths = {{1, 0x1b},  {3, 0x16},  {4, 0x30},
                                                     {7, 0x13},  {16, 0x17}, {17, 0x28},
                                                     {19, 0x1f}, {32, 0x0b}, {127, 4}};
    std::map<unsigned, std::size_t> seen;
    std::map<std::uint64_t, unsigned> handles;
    for (const auto &[type, each] : entries_of("virt")) {
        seen[type] = each.data.size();
        EXPECT_EQ(++handles[each.at(2, 2)], 1u) << "a handle is of one structure";
    }
    EXPECT_EQ(seen, lengths);
}

TEST(smbios, names_the_machine_by_its_model)
{
    const entry system = entries_of("virt").find(1)->second;
    EXPECT_EQ(system.text(4), "smmu-vp");
    EXPECT_EQ(system.text(5), "smmu-vp virt");
    EXPECT_EQ(system.at(8, 8) | system.at(16, 8), 0u) << "no UUID";
}

TEST(smbios, has_the_cpus_with_their_caches)
{
    const auto entries = entries_of("virt-clusters");
    EXPECT_EQ(entries.count(4), 4u);
    std::map<std::uint64_t, entry> caches;
    for (auto [each, end] = entries.equal_range(7); each != end; ++each)
        caches[each->second.at(2, 2)] = each->second;
    const entry cpu = entries.find(4)->second;
    EXPECT_EQ(cpu.text(4), "/cpus/cpu@0");
    EXPECT_EQ(cpu.at(5, 1), 3u) << "a central processor";
    EXPECT_EQ(cpu.at(0x14, 2), 1000u) << "MHz";
    EXPECT_EQ(cpu.at(0x18, 1), 0x41u) << "there, enabled";
    EXPECT_EQ(cpu.at(0x23, 1), 1u);
    EXPECT_EQ(cpu.at(0x28, 2), 0x101u) << "Armv8";
    const entry l1 = caches.at(cpu.at(0x1a, 2)), l2 = caches.at(cpu.at(0x1c, 2));
    EXPECT_EQ(l1.at(9, 2), 32u) << "KiB";
    EXPECT_EQ(l1.at(5, 2) & 7, 0u) << "level 1";
    EXPECT_EQ(l1.at(0x11, 1), 4u) << "data";
    EXPECT_EQ(l2.at(9, 2), 2048u);
    EXPECT_EQ(l2.at(5, 2) & 7, 1u) << "level 2";
    EXPECT_EQ(l2.at(0x11, 1), 5u) << "unified";
    EXPECT_EQ(l2.at(0x12, 1), 8u) << "16 ways";
}

TEST(smbios, has_memory_where_the_tree_has_it)
{
    struct memory {
        std::uint64_t base, size;
        std::uint64_t told, told_extended; // of type 17
    };
    const memory rows[] = {
        {0x80000000, 0x40000000, 0x400, 0},               // 1 GiB
        {0x80000000, 0x1000000000, 0x7fff, 0x10000},      // 64 GiB
        {0x80000000, 0x00081000, 0x8000 | 0x204, 0},      // 516 KiB
        {0x80000000, 0x7ffefffff000, 0x8000 | 0x7ffe, 0}, // no number of megabytes, and many
    };
    for (const memory &row : rows) {
        test::edited_tree tree{blob_of("virt")};
        tree.remove("/memory@40000000").node("/memory@80000000");
        tree.strings("/memory@80000000", "device_type", {"memory"});
        const auto high = [](std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); };
        const auto low = [](std::uint64_t v) { return static_cast<std::uint32_t>(v); };
        tree.cells("/memory@80000000", "reg",
                   {high(row.base), low(row.base), high(row.size), low(row.size)});
        const vp::dt_tree machine = tree.tree();
        vp::machine_plan plan = {};
        plan.memory.push_back(
            {*machine.by_path("/memory@80000000"), {row.base, row.size}, 0, {}, true});
        std::map<std::string, bytes> files;
        for (const vp::named_file &file : vp::smbios_files_of(machine, plan))
            files[file.name] = file.data;
        const auto entries = entries_of(files.at("etc/smbios/smbios-tables"));
        const entry array = entries.find(16)->second, device = entries.find(17)->second;
        const entry mapped = entries.find(19)->second;
        EXPECT_EQ(array.at(0x0f, 8), row.size);
        EXPECT_EQ(device.at(4, 2), array.at(2, 2));
        EXPECT_EQ(device.at(0x0c, 2), row.told);
        EXPECT_EQ(device.at(0x1c, 4), row.told_extended);
        EXPECT_EQ(device.text(0x10), "/memory@80000000");
        EXPECT_EQ(mapped.at(0x0c, 2), array.at(2, 2));
        EXPECT_EQ(mapped.at(0x0f, 8), row.base);
        EXPECT_EQ(mapped.at(0x17, 8), row.base + row.size - 1);
    }
}

TEST(smbios, is_left_out_without_the_device_that_has_it)
{
    test::edited_tree tree{blob_of("virt")};
    tree.remove("/fw-cfg@9020000");
    EXPECT_THAT(files_of(tree.tree()), IsEmpty());
}

} // namespace
} // namespace test_smbios_node
