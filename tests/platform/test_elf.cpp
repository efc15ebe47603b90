// SPDX-License-Identifier: Apache-2.0
// ELF loader: what it takes from a good file, and the reason it gives for a bad one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elf.hpp"
#include "elf_file.hpp"

namespace test_elf {
namespace {

using test::elf_file;
using testing::HasSubstr;

std::string mistake(const std::vector<std::uint8_t> &file)
{
    try {
        vp::parse_elf(file);
    } catch (const vp::image_error &error) {
        return error.what();
    }
    return "";
}

TEST(elf, takes_segments_with_their_bytes_and_zeros)
{
    elf_file file({0x11223344, 0x55667788});
    file.segments[0].p_memsz = 0x100;
    const auto image = vp::parse_elf(file.bytes());
    ASSERT_EQ(image.segments.size(), 1u);
    EXPECT_EQ(image.segments[0].address, 0x40000000u);
    EXPECT_EQ(image.segments[0].size, 0x100u);
    EXPECT_EQ(image.segments[0].data.size(), 8u);
    EXPECT_EQ(image.segments[0].data[0], 0x44);
}

TEST(elf, starts_at_the_physical_address_of_the_entry)
{
    elf_file file({1, 2, 3});
    file.segments[0].p_vaddr = 0xffff000000080000;
    file.header.e_entry = 0xffff000000080004;
    EXPECT_EQ(vp::parse_elf(file.bytes()).entry, 0x40000004u);
}

TEST(elf, ignores_segments_that_are_not_loaded)
{
    elf_file file({1});
    file.segments.push_back(file.segments[0]);
    file.segments[1].p_type = PT_NOTE;
    file.header.e_phnum = 2;
    EXPECT_EQ(vp::parse_elf(file.bytes()).segments.size(), 1u);
}

TEST(elf, refuses_what_is_no_elf_file)
{
    EXPECT_EQ(mistake({}), "not an ELF file");
    EXPECT_EQ(mistake({'#', '!', '/', 'b', 'i', 'n'}), "not an ELF file");
}

TEST(elf, refuses_other_classes_byte_orders_machines_and_types)
{
    elf_file file({1});
    file.header.e_ident[EI_CLASS] = ELFCLASS32;
    EXPECT_EQ(mistake(file.bytes()), "not a 64-bit ELF file");
    file = elf_file({1});
    file.header.e_ident[EI_DATA] = ELFDATA2MSB;
    EXPECT_EQ(mistake(file.bytes()), "not little-endian");
    file = elf_file({1});
    file.header.e_machine = EM_X86_64;
    EXPECT_EQ(mistake(file.bytes()), "machine 62 is not AArch64 (183)");
    file = elf_file({1});
    file.header.e_type = ET_REL;
    EXPECT_EQ(mistake(file.bytes()), "not an executable (type 1)");
}

TEST(elf, refuses_every_truncation)
{
    const auto whole = elf_file({1, 2, 3, 4}).bytes();
    for (std::size_t size = 0; size < whole.size(); size++)
        EXPECT_NE(mistake({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}), "");
    EXPECT_EQ(mistake({whole.begin(), whole.end() - 1}),
              "truncated: ends inside the segment at 0x40000000");
}

TEST(elf, refuses_impossible_program_headers)
{
    elf_file file({1});
    file.header.e_phoff = UINT64_MAX - 8;
    EXPECT_EQ(mistake(file.bytes()), "truncated: ends inside the program headers");
    file = elf_file({1});
    file.header.e_phentsize = 32;
    EXPECT_EQ(mistake(file.bytes()), "program headers have the wrong size");
    file = elf_file({1});
    file.segments[0].p_memsz = 2;
    EXPECT_THAT(mistake(file.bytes()), HasSubstr("has an impossible size"));
    file = elf_file({1});
    file.segments[0].p_paddr = UINT64_MAX;
    EXPECT_THAT(mistake(file.bytes()), HasSubstr("has an impossible size"));
}

TEST(elf, refuses_a_file_with_nothing_to_load)
{
    elf_file file({1});
    file.header.e_phnum = 0;
    EXPECT_EQ(mistake(file.bytes()), "has no segment to load");
}

TEST(elf, refuses_an_entry_outside_of_its_segments)
{
    elf_file file({1});
    file.header.e_entry = 0x40000004;
    EXPECT_EQ(mistake(file.bytes()), "the entry point 0x40000004 is in no segment");
}

TEST(elf, refuses_segments_that_overlap)
{
    elf_file file({1, 2});
    file.segments.push_back(file.segments[0]);
    file.segments[1].p_paddr += 4;
    file.header.e_phnum = 2;
    EXPECT_EQ(mistake(file.bytes()), "the segments at 0x40000000 and 0x40000004 overlap");
}

TEST(elf, fits_only_inside_one_bank_of_memory)
{
    elf_file file({1, 2});
    const auto image = vp::parse_elf(file.bytes());
    EXPECT_NO_THROW(vp::check_fits(image, {{0, 0x1000}, {0x40000000, 8}}));
    EXPECT_THROW(vp::check_fits(image, {{0x40000000, 7}}), vp::image_error);
    EXPECT_THROW(vp::check_fits(image, {{0x40000001, 0x1000}}), vp::image_error);
    EXPECT_THROW(vp::check_fits(image, {{0x40000000, 4}, {0x40000004, 4}}), vp::image_error);
    EXPECT_THROW(vp::check_fits(image, {}), vp::image_error);
}

} // namespace
} // namespace test_elf
