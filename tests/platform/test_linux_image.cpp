// SPDX-License-Identifier: Apache-2.0
// Kernel loader: where it puts a good Image and its RAM disk, and the reason it gives for a bad
// one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image_file.hpp"
#include "linux_image.hpp"

namespace test_linux_image {
namespace {

using test::image_file;
using testing::HasSubstr;

constexpr std::uint64_t mib = 1u << 20;
constexpr std::uint64_t base = 0x40000000;
const std::vector<vp::dt_range> ram = {{base, 64 * mib}};

std::string mistake(const std::vector<std::uint8_t> &file,
                    const std::vector<vp::dt_range> &banks = ram)
{
    try {
        vp::place_kernel(file, banks);
    } catch (const vp::image_error &error) {
        return error.what();
    }
    return "";
}

TEST(linux_image, goes_to_the_start_of_memory)
{
    const auto file = image_file({1, 2, 3}).bytes();
    const auto kernel = vp::place_kernel(file, ram);
    ASSERT_EQ(kernel.segments.size(), 1u);
    EXPECT_EQ(kernel.entry, base);
    EXPECT_EQ(kernel.segments[0].address, base);
    EXPECT_EQ(kernel.segments[0].size, 0x10000u) << "with what the file does not hold";
    EXPECT_EQ(kernel.segments[0].data, file);
}

TEST(linux_image, needs_memory_for_all_of_a_file_that_is_longer_than_it_says)
{
    image_file file({1, 2, 3});
    file.image_size = 4;
    EXPECT_EQ(vp::place_kernel(file.bytes(), ram).segments[0].size, 76u);
}

TEST(linux_image, starts_its_text_offset_behind_a_2_mib_boundary)
{
    image_file file({1});
    file.text_offset = 0x80000;
    EXPECT_EQ(vp::place_kernel(file.bytes(), ram).entry, base + 0x80000);
    EXPECT_EQ(vp::place_kernel(file.bytes(), {{base + 0x1000, 64 * mib}}).entry,
              base + 2 * mib + 0x80000);
}

TEST(linux_image, goes_to_the_first_bank_that_has_room)
{
    image_file file({1});
    file.image_size = 4 * mib;
    const std::uint64_t high = 0x880000000;
    EXPECT_EQ(vp::place_kernel(file.bytes(), {{base, 4 * mib}, {high, 8 * mib}}).entry, base);
    EXPECT_EQ(vp::place_kernel(file.bytes(), {{base, 4 * mib - 1}, {high, 8 * mib}}).entry, high);
    EXPECT_EQ(vp::place_kernel(file.bytes(), {{base + 1, 5 * mib}, {high, 8 * mib}}).entry, high);
}

TEST(linux_image, refuses_what_does_not_fit)
{
    image_file file({1});
    file.image_size = 64 * mib + 1;
    EXPECT_EQ(mistake(file.bytes()),
              "does not fit: needs 0x4000001 bytes of memory behind a 2 MiB boundary");
    file.image_size = UINT64_MAX;
    EXPECT_THAT(mistake(file.bytes()), HasSubstr("does not fit"));
    EXPECT_THAT(mistake(file.bytes(), {}), HasSubstr("does not fit"));
}

TEST(linux_image, refuses_what_is_no_image)
{
    const std::string none = "not an arm64 Image: has no \"ARM\\x64\" at offset 56";
    EXPECT_EQ(mistake({}), none);
    EXPECT_EQ(mistake({'#', '!', '/', 'b', 'i', 'n'}), none);
    EXPECT_EQ(mistake(std::vector<std::uint8_t>(4096)), none);
    image_file file({1});
    file.magic = "ARMe";
    EXPECT_EQ(mistake(file.bytes()), none);
}

TEST(linux_image, tells_what_is_often_taken_for_one)
{
    EXPECT_THAT(mistake({0x1f, 0x8b, 8, 0}), HasSubstr("compressed with gzip"));
    EXPECT_THAT(mistake({'M', 'Z', 0, 0, 'z', 'i', 'm', 'g'}), HasSubstr("compressed EFI image"));
    EXPECT_THAT(mistake({0x7f, 'E', 'L', 'F'}), HasSubstr("an ELF file"));
}

TEST(linux_image, refuses_a_header_that_is_cut_off)
{
    auto bytes = image_file({}).bytes();
    bytes.resize(63);
    EXPECT_EQ(mistake(bytes), "truncated: ends inside a header");
    bytes.resize(59);
    EXPECT_THAT(mistake(bytes), HasSubstr("not an arm64 Image"));
}

TEST(linux_image, refuses_kernels_it_cannot_start)
{
    image_file old({1});
    old.image_size = 0;
    EXPECT_THAT(mistake(old.bytes()), HasSubstr("no image size"));
    image_file big_endian({1});
    big_endian.flags = 1;
    EXPECT_EQ(mistake(big_endian.bytes()), "a big-endian kernel");
    image_file far({1});
    far.text_offset = 2 * mib;
    EXPECT_EQ(mistake(far.bytes()), "the text offset 0x200000 is beyond 2 MiB");
}

TEST(linux_image, that_is_an_efi_executable_must_hold_its_sections)
{
    const image_file file({1, 2});
    const auto whole = file.efi_bytes(64, 8);
    EXPECT_EQ(mistake(whole), "");
    const auto size = static_cast<std::uint32_t>(whole.size());
    EXPECT_EQ(mistake(file.efi_bytes(64, size - 64)), "");
    EXPECT_EQ(mistake(file.efi_bytes(64, size - 63)), "truncated: 0x178 bytes of at least 0x179");
    EXPECT_THAT(mistake(file.efi_bytes(0xffffffff, 0xffffffff)), HasSubstr("truncated"));
}

TEST(linux_image, that_is_an_efi_executable_must_hold_its_headers)
{
    auto bytes = image_file({1, 2}).efi_bytes(64, 8);
    bytes.pop_back();
    EXPECT_EQ(mistake(bytes), "truncated: ends inside a header");
    bytes.resize(80);
    EXPECT_EQ(mistake(bytes), "truncated: ends inside a header");
    image_file wrong({1, 2, 3, 4, 5, 6});
    wrong.pe_offset = 64;
    EXPECT_EQ(mistake(wrong.bytes()), "has no PE header at 0x40, where it says it is");
}

std::string disk_mistake(const std::vector<std::uint8_t> &file, vp::program kernel,
                         const std::vector<vp::dt_range> &banks)
{
    try {
        vp::place_initrd(file, kernel, banks);
    } catch (const vp::image_error &error) {
        return error.what();
    }
    return "";
}

TEST(initrd, goes_behind_the_kernel)
{
    image_file file({1});
    file.image_size = 2 * mib + 1;
    auto kernel = vp::place_kernel(file.bytes(), ram);
    const auto place = vp::place_initrd({7, 8, 9}, kernel, ram);
    EXPECT_EQ(place.base, base + 4 * mib);
    EXPECT_EQ(place.size, 3u);
    ASSERT_EQ(kernel.segments.size(), 2u);
    EXPECT_EQ(kernel.segments[1].address, place.base);
    EXPECT_EQ(kernel.segments[1].data, (std::vector<std::uint8_t>{7, 8, 9}));
}

TEST(initrd, goes_to_the_first_bank_that_has_room)
{
    const std::vector<vp::dt_range> banks = {
        {base - 64 * mib, 64 * mib}, {base, 4 * mib}, {base + 16 * mib, 64 * mib}};
    auto kernel = vp::place_kernel(image_file({1}).bytes(), {banks[1]});
    const std::vector<std::uint8_t> small(2 * mib);
    const std::vector<std::uint8_t> large(2 * mib + 1);
    EXPECT_EQ(vp::place_initrd(small, kernel, banks).base, base + 2 * mib);
    EXPECT_EQ(vp::place_initrd(large, kernel, banks).base, base + 16 * mib);
}

TEST(initrd, must_be_within_32_gib_of_the_kernel)
{
    const std::uint64_t last = base + 32 * 1024 * mib - 2 * mib;
    auto kernel = vp::place_kernel(image_file({1}).bytes(), {{base, 2 * mib}});
    EXPECT_EQ(vp::place_initrd(std::vector<std::uint8_t>(2 * mib), kernel,
                               {{base, 2 * mib}, {last, 64 * mib}})
                  .base,
              last);
    EXPECT_EQ(disk_mistake(std::vector<std::uint8_t>(2 * mib + 1), kernel,
                           {{base, 2 * mib}, {last, 64 * mib}}),
              "does not fit: needs 0x200001 bytes of memory behind the kernel");
}

TEST(initrd, must_hold_something)
{
    EXPECT_EQ(disk_mistake({}, vp::place_kernel(image_file({1}).bytes(), ram), ram), "is empty");
}

} // namespace
} // namespace test_linux_image
