// SPDX-License-Identifier: Apache-2.0
// ELF executables made by hand, for tests of the loader and of the whole program.
#ifndef TESTS_PLATFORM_ELF_FILE_HPP
#define TESTS_PLATFORM_ELF_FILE_HPP

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace test {

// An AArch64 executable with one segment at 0x40000000 that is entered at its first instruction.
// Tests change fields before they take the bytes.
struct elf_file {
    explicit elf_file(const std::vector<std::uint32_t> &instructions) : code(instructions)
    {
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_EXEC;
        header.e_machine = EM_AARCH64;
        header.e_version = EV_CURRENT;
        header.e_entry = 0x40000000;
        header.e_phoff = sizeof(Elf64_Ehdr);
        header.e_ehsize = sizeof(Elf64_Ehdr);
        header.e_phentsize = sizeof(Elf64_Phdr);
        header.e_phnum = 1;
        Elf64_Phdr segment = {};
        segment.p_type = PT_LOAD;
        segment.p_offset = 0x1000;
        segment.p_vaddr = segment.p_paddr = 0x40000000;
        segment.p_filesz = segment.p_memsz = code.size() * 4;
        segments.push_back(segment);
    }

    std::vector<std::uint8_t> bytes() const
    {
        std::vector<std::uint8_t> file(0x1000 + code.size() * 4);
        std::memcpy(file.data(), &header, sizeof header);
        std::memcpy(file.data() + sizeof header, segments.data(),
                    segments.size() * sizeof(Elf64_Phdr));
        if (!code.empty())
            std::memcpy(file.data() + 0x1000, code.data(), code.size() * 4);
        return file;
    }

    Elf64_Ehdr header = {};
    std::vector<Elf64_Phdr> segments;
    std::vector<std::uint32_t> code;
};

} // namespace test

#endif
