// SPDX-License-Identifier: Apache-2.0
// Structures of SMBIOS, a function each, with their sections of DMTF DSP0134 3.0.
#include "smbios_node.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "a64/cpu.h"
#include "flash_node.hpp"

namespace vp {

namespace {

using bytes = std::vector<std::uint8_t>;

// The types of structures; a handle is a type and, in its low byte, a number.
enum type : std::uint8_t {
    type_system = 1,
    type_chassis = 3,
    type_processor = 4,
    type_cache = 7,
    type_memory_array = 16,
    type_memory_device = 17,
    type_mapped_address = 19,
    type_boot = 32,
    type_end = 127,
};

constexpr unsigned enum_other = 1; // in all of its enumerations

constexpr std::uint16_t handle(type kind, std::size_t number = 0)
{
    return static_cast<std::uint16_t>(kind << 8 | number);
}

void put(bytes &to, std::uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// A structure: fields, then the strings that fields name by numbers from 1 on (6.1).
class structure {
  public:
    structure(type kind, std::size_t number = 0)
    {
        put(fields_, kind, 1);
        put(fields_, 0, 1);
        put(fields_, handle(kind, number), 2);
    }

    structure &byte(std::uint64_t value) { return field(value, 1); }
    structure &word(std::uint64_t value) { return field(value, 2); }
    structure &dword(std::uint64_t value) { return field(value, 4); }
    structure &qword(std::uint64_t value) { return field(value, 8); }

    structure &string(const std::string &text)
    {
        strings_.insert(strings_.end(), text.begin(), text.end());
        strings_.push_back(0);
        return byte(++count_);
    }

    void append_to(bytes &table)
    {
        fields_[1] = static_cast<std::uint8_t>(fields_.size());
        if (count_ == 0)
            strings_.push_back(0);
        strings_.push_back(0);
        table.insert(table.end(), fields_.begin(), fields_.end());
        table.insert(table.end(), strings_.begin(), strings_.end());
    }

  private:
    structure &field(std::uint64_t value, unsigned size)
    {
        put(fields_, value, size);
        return *this;
    }

    bytes fields_, strings_;
    unsigned count_ = 0;
};

// Makes the table of a machine.
class table_maker {
  public:
    table_maker(const dt_tree &tree, const machine_plan &plan) : plan_(plan)
    {
        if (const auto root = tree.by_path("/"))
            product_ = root->string("model", product_.c_str());
    }

    bytes make();

  private:
    void system();
    void chassis();
    void cache(unsigned number);
    void processor(std::size_t number);
    void memory_array();
    void memory_device(std::size_t number);
    void mapped_address(std::size_t number);
    void boot();

    const machine_plan &plan_;
    const std::string maker_ = "smmu-vp";
    std::string product_ = "virtual platform";
    bytes table_;
};

// 7.2. The UUID is not set, and nobody has pressed a switch.
void table_maker::system()
{
    constexpr unsigned wake_up_unknown = 2;
    structure row(type_system);
    row.string(maker_).string(product_).byte(0).byte(0).qword(0).qword(0);
    row.byte(wake_up_unknown).byte(0).byte(0);
    row.append_to(table_);
}

// 7.4
void table_maker::chassis()
{
    constexpr unsigned safe = 3, no_security = 3;
    structure row(type_chassis);
    row.string(maker_).byte(enum_other).byte(0).byte(0).byte(0);
    row.byte(safe).byte(safe).byte(safe).byte(no_security);
    row.dword(0).byte(0).byte(0).byte(0).byte(0).byte(0); // no height, cords, elements or SKU
    row.append_to(table_);
}

// 7.8: what CPUs say of their caches (DDI 0487 D24.2.28), of which each has its own.
void table_maker::cache(unsigned number)
{
    constexpr const char *names[] = {"L1 data", "L1 instruction", "L2"};
    constexpr unsigned levels[] = {0, 0, 1}, types[] = {4, 3, 5};
    constexpr unsigned enabled_write_back = 0x180, unknown_sram = 2, no_correction = 3;
    const std::uint32_t id = a64_cache_id(number);
    const std::uint32_t ways = (id >> 3 & 0x3ff) + 1;
    const std::uint32_t kibibytes = ((id >> 13 & 0x7fff) + 1) * ways * (16u << (id & 7)) / 1024;
    const unsigned associativity = ways == 2 ? 4 : ways == 16 ? 8 : enum_other;
    structure row(type_cache, number);
    row.string(names[number]).word(enabled_write_back | levels[number]);
    row.word(kibibytes).word(kibibytes).word(unknown_sram).word(unknown_sram);
    row.byte(0).byte(no_correction).byte(types[number]).byte(associativity);
    row.append_to(table_);
}

// 7.5
void table_maker::processor(std::size_t number)
{
    constexpr unsigned central = 3, arm_v8 = 0x101, see_family_2 = 0xfe, enabled = 0x41;
    constexpr unsigned is_64_bit = 4;
    const auto megahertz = plan_.cpus[number].frequency / 1000000;
    structure row(type_processor, number);
    row.string(plan_.cpus[number].node.path()).byte(central).byte(see_family_2).string(maker_);
    row.qword(0).byte(0).byte(0).word(0); // ID and version are in MIDR_EL1; no voltage or bus clock
    row.word(megahertz).word(megahertz).byte(enabled).byte(enum_other);
    row.word(handle(type_cache, A64_CACHE_L1_DATA)).word(handle(type_cache, A64_CACHE_L2));
    row.word(0xffff).byte(0).byte(0).byte(0); // no third level; serial number, asset tag, part
    row.byte(1).byte(1).byte(1).word(is_64_bit).word(arm_v8).word(1).word(1).word(1);
    row.append_to(table_);
}

// 7.17
void table_maker::memory_array()
{
    constexpr unsigned on_board = 3, system_memory = 3, no_correction = 3, extended = 0x80000000;
    const auto size = std::accumulate(
        plan_.memory.begin(), plan_.memory.end(), std::uint64_t{0},
        [](std::uint64_t sum, const ram_plan &row) { return sum + row.range.size; });
    structure row(type_memory_array);
    row.byte(on_board).byte(system_memory).byte(no_correction).dword(extended);
    row.word(0xfffe).word(plan_.memory.size()).qword(size); // errors are not reported
    row.append_to(table_);
}

// 7.18. Memory of a size that is no number of megabytes is told in kilobytes.
void table_maker::memory_device(std::size_t number)
{
    constexpr unsigned ram = 7, unknown_detail = 4, extended = 0x7fff, in_kilobytes = 0x8000;
    const std::uint64_t size = plan_.memory[number].range.size;
    const std::uint64_t megabytes = size >> 20;
    const bool whole = (size & 0xfffff) == 0;
    structure row(type_memory_device, number);
    row.word(handle(type_memory_array)).word(0xfffe).word(0xffff).word(0xffff);
    row.word(!whole ? in_kilobytes | std::min<std::uint64_t>(size >> 10, 0x7ffe)
                    : std::min<std::uint64_t>(megabytes, extended));
    row.byte(enum_other).byte(0).string(plan_.memory[number].node.path()).byte(0);
    row.byte(ram).word(unknown_detail).word(0);
    row.string(maker_).byte(0).byte(0).byte(0).byte(0);
    row.dword(whole && megabytes >= extended ? megabytes : 0).word(0).word(0).word(0).word(0);
    row.append_to(table_);
}

// 7.20
void table_maker::mapped_address(std::size_t number)
{
    constexpr std::uint32_t extended = 0xffffffff;
    const dt_range &range = plan_.memory[number].range;
    structure row(type_mapped_address, number);
    row.dword(extended).dword(extended).word(handle(type_memory_array)).byte(1);
    row.qword(range.base).qword(range.base + range.size - 1);
    row.append_to(table_);
}

// 7.33
void table_maker::boot()
{
    structure row(type_boot);
    row.word(0).dword(0).byte(0); // reserved; no errors
    row.append_to(table_);
}

bytes table_maker::make()
{
    system();
    chassis();
    for (unsigned i = A64_CACHE_L1_DATA; i <= A64_CACHE_L2; i++)
        cache(i);
    for (std::size_t i = 0; i < plan_.cpus.size(); i++)
        processor(i);
    memory_array();
    for (std::size_t i = 0; i < plan_.memory.size(); i++)
        memory_device(i);
    for (std::size_t i = 0; i < plan_.memory.size(); i++)
        mapped_address(i);
    boot();
    structure(type_end).append_to(table_);
    return table_;
}

// The entry point of 64 bits (5.2.2). Firmware puts the address in and makes the checksum right
// again.
bytes anchor_of(const bytes &table)
{
    constexpr std::size_t checksum = 5;
    bytes anchor = {'_', 'S', 'M', '3', '_'};
    put(anchor, 0, 1);
    put(anchor, 24, 1);     // its length
    put(anchor, 0x0003, 2); // version 3.0
    put(anchor, 0x0100, 2); // of the document; revision of the entry point
    put(anchor, 0, 1);
    put(anchor, table.size(), 4);
    put(anchor, 0, 8);
    anchor[checksum] = static_cast<std::uint8_t>(-std::accumulate(anchor.begin(), anchor.end(), 0));
    return anchor;
}

} // namespace

std::vector<named_file> smbios_files_of(const dt_tree &tree, const machine_plan &plan)
{
    if (!find_compatible(tree, "qemu,fw-cfg-mmio"))
        return {};
    bytes table = table_maker(tree, plan).make();
    bytes anchor = anchor_of(table);
    return {{"etc/smbios/smbios-anchor", std::move(anchor)},
            {"etc/smbios/smbios-tables", std::move(table)}};
}

} // namespace vp
