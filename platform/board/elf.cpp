// SPDX-License-Identifier: Apache-2.0
// ELF64 decoding with every offset checked.
#include "elf.hpp"

#include <elf.h>

#include <cstring>

#include "vp/hex.hpp"

namespace vp {

namespace {

template <typename T>
T read_struct(const std::vector<std::uint8_t> &file, std::uint64_t offset, const char *what)
{
    T value;
    if (offset > file.size() || file.size() - offset < sizeof value)
        throw image_error(std::string("truncated: ends inside ") + what);
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

Elf64_Ehdr read_elf_header(const std::vector<std::uint8_t> &file)
{
    if (file.size() < SELFMAG || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0)
        throw image_error("not an ELF file");
    const auto header = read_struct<Elf64_Ehdr>(file, 0, "the ELF header");
    if (header.e_ident[EI_CLASS] != ELFCLASS64)
        throw image_error("not a 64-bit ELF file");
    if (header.e_ident[EI_DATA] != ELFDATA2LSB)
        throw image_error("not little-endian");
    if (header.e_machine != EM_AARCH64)
        throw image_error("machine " + std::to_string(header.e_machine) + " is not AArch64 (183)");
    if (header.e_type != ET_EXEC)
        throw image_error("not an executable (type " + std::to_string(header.e_type) + ")");
    if (header.e_phentsize != sizeof(Elf64_Phdr))
        throw image_error("program headers have the wrong size");
    return header;
}

segment read_segment(const std::vector<std::uint8_t> &file, const Elf64_Phdr &header)
{
    if (header.p_offset > file.size() || header.p_filesz > file.size() - header.p_offset)
        throw image_error("truncated: ends inside the segment at " + hex(header.p_paddr));
    if (header.p_filesz > header.p_memsz || header.p_paddr + (header.p_memsz - 1) < header.p_paddr)
        throw image_error("the segment at " + hex(header.p_paddr) + " has an impossible size");
    const std::uint8_t *bytes = file.data() + header.p_offset;
    return {header.p_paddr, header.p_memsz, {bytes, bytes + header.p_filesz}};
}

void check_disjoint(const segment &fresh, const std::vector<segment> &others)
{
    for (const segment &other : others)
        if (overlap(fresh.range(), other.range()))
            throw image_error("the segments at " + hex(other.address) + " and " +
                              hex(fresh.address) + " overlap");
}

} // namespace

program parse_elf(const std::vector<std::uint8_t> &file)
{
    const Elf64_Ehdr header = read_elf_header(file);
    program image = {0, {}};
    bool entered = false;

    for (unsigned i = 0; i < header.e_phnum; i++) {
        const auto part = read_struct<Elf64_Phdr>(
            file, header.e_phoff + std::uint64_t{i} * sizeof(Elf64_Phdr), "the program headers");
        if (part.p_type != PT_LOAD || part.p_memsz == 0)
            continue;
        segment loaded = read_segment(file, part);
        check_disjoint(loaded, image.segments);
        // The MMU is off at the entry, so the program starts at its physical address.
        if (header.e_entry - part.p_vaddr < part.p_memsz) {
            image.entry = header.e_entry - part.p_vaddr + part.p_paddr;
            entered = true;
        }
        image.segments.push_back(std::move(loaded));
    }
    if (image.segments.empty())
        throw image_error("has no segment to load");
    if (!entered)
        throw image_error("the entry point " + hex(header.e_entry) + " is in no segment");
    return image;
}

} // namespace vp
