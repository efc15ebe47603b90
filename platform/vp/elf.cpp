// SPDX-License-Identifier: Apache-2.0
// ELF64 decoding with every offset checked.
#include "elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace vp {

namespace {

template <typename T>
T read_struct(const std::vector<std::uint8_t> &file, std::uint64_t offset, const char *what)
{
    T value;
    if (offset > file.size() || file.size() - offset < sizeof value)
        throw elf_error(std::string("truncated: ends inside ") + what);
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

Elf64_Ehdr read_header(const std::vector<std::uint8_t> &file)
{
    if (file.size() < SELFMAG || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0)
        throw elf_error("not an ELF file");
    const auto header = read_struct<Elf64_Ehdr>(file, 0, "the ELF header");
    if (header.e_ident[EI_CLASS] != ELFCLASS64)
        throw elf_error("not a 64-bit ELF file");
    if (header.e_ident[EI_DATA] != ELFDATA2LSB)
        throw elf_error("not little-endian");
    if (header.e_machine != EM_AARCH64)
        throw elf_error("machine " + std::to_string(header.e_machine) + " is not AArch64 (183)");
    if (header.e_type != ET_EXEC)
        throw elf_error("not an executable (type " + std::to_string(header.e_type) + ")");
    if (header.e_phentsize != sizeof(Elf64_Phdr))
        throw elf_error("program headers have the wrong size");
    return header;
}

std::string hex(std::uint64_t value)
{
    char text[20];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

elf_segment read_segment(const std::vector<std::uint8_t> &file, const Elf64_Phdr &header)
{
    if (header.p_offset > file.size() || header.p_filesz > file.size() - header.p_offset)
        throw elf_error("truncated: ends inside the segment at " + hex(header.p_paddr));
    if (header.p_filesz > header.p_memsz || header.p_paddr + (header.p_memsz - 1) < header.p_paddr)
        throw elf_error("the segment at " + hex(header.p_paddr) + " has an impossible size");
    const std::uint8_t *bytes = file.data() + header.p_offset;
    return {header.p_paddr, header.p_memsz, {bytes, bytes + header.p_filesz}};
}

void check_disjoint(const elf_segment &fresh, const std::vector<elf_segment> &others)
{
    for (const elf_segment &other : others)
        if (fresh.address <= other.address + (other.size - 1) &&
            other.address <= fresh.address + (fresh.size - 1))
            throw elf_error("the segments at " + hex(other.address) + " and " + hex(fresh.address) +
                            " overlap");
}

} // namespace

elf_image parse_elf(const std::vector<std::uint8_t> &file)
{
    const Elf64_Ehdr header = read_header(file);
    elf_image image = {0, {}};
    bool entered = false;

    for (unsigned i = 0; i < header.e_phnum; i++) {
        const auto program = read_struct<Elf64_Phdr>(
            file, header.e_phoff + std::uint64_t{i} * sizeof(Elf64_Phdr), "the program headers");
        if (program.p_type != PT_LOAD || program.p_memsz == 0)
            continue;
        elf_segment segment = read_segment(file, program);
        check_disjoint(segment, image.segments);
        // The MMU is off at the entry, so the program starts at its physical address.
        if (header.e_entry - program.p_vaddr < program.p_memsz) {
            image.entry = header.e_entry - program.p_vaddr + program.p_paddr;
            entered = true;
        }
        image.segments.push_back(std::move(segment));
    }
    if (image.segments.empty())
        throw elf_error("has no segment to load");
    if (!entered)
        throw elf_error("the entry point " + hex(header.e_entry) + " is in no segment");
    return image;
}

void check_fits(const elf_image &image, const std::vector<dt_range> &ram)
{
    for (const elf_segment &segment : image.segments) {
        const bool fits = std::any_of(ram.begin(), ram.end(), [&](const dt_range &bank) {
            return segment.address >= bank.base && segment.size <= bank.size &&
                   segment.address - bank.base <= bank.size - segment.size;
        });
        if (!fits)
            throw elf_error("the segment at " + hex(segment.address) + " (" + hex(segment.size) +
                            " bytes) is outside of memory");
    }
}

} // namespace vp
