// SPDX-License-Identifier: Apache-2.0
// arm64 Images made by hand, for tests of the loader and of the whole program.
#ifndef TESTS_PLATFORM_IMAGE_FILE_HPP
#define TESTS_PLATFORM_IMAGE_FILE_HPP

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace test {

// A kernel of the instructions given, right behind a header of 64 bytes whose first instruction
// jumps there. Tests change fields before they take the bytes.
struct image_file {
    explicit image_file(const std::vector<std::uint32_t> &instructions) : code(instructions) {}

    std::vector<std::uint8_t> bytes() const
    {
        std::vector<std::uint8_t> file(64 + code.size() * 4);
        put(file, 0, 0x14000010, 4); // b .+64
        put(file, 8, text_offset, 8);
        put(file, 16, image_size, 8);
        put(file, 24, flags, 8);
        std::memcpy(file.data() + 56, magic.data(), 4);
        put(file, 60, pe_offset, 4);
        for (std::size_t i = 0; i < code.size(); i++)
            put(file, 64 + 4 * i, code[i], 4);
        return file;
    }

    // The headers of an EFI executable behind the code, with one section of the file.
    std::vector<std::uint8_t> efi_bytes(std::uint32_t section_offset,
                                        std::uint32_t section_size) const
    {
        image_file efi = *this;
        efi.pe_offset = static_cast<std::uint32_t>(64 + code.size() * 4);
        std::vector<std::uint8_t> file = efi.bytes();
        const std::size_t pe = file.size();
        file.resize(pe + 24 + optional_header + 40);
        std::memcpy(file.data() + pe, "PE\0", 4);
        put(file, pe + 6, 1, 2); // sections
        put(file, pe + 20, optional_header, 2);
        put(file, pe + 24 + optional_header + 16, section_size, 4);
        put(file, pe + 24 + optional_header + 20, section_offset, 4);
        return file;
    }

    std::uint64_t text_offset = 0;
    std::uint64_t image_size = 0x10000;
    std::uint64_t flags = 0xa; // 4 KiB pages, anywhere in memory
    std::string magic = "ARM\x64";
    std::uint32_t pe_offset = 0;
    std::vector<std::uint32_t> code;

  private:
    static constexpr std::uint32_t optional_header = 0xf0;

    static void put(std::vector<std::uint8_t> &file, std::size_t offset, std::uint64_t value,
                    unsigned size)
    {
        std::memcpy(file.data() + offset, &value, size);
    }
};

} // namespace test

#endif
