// SPDX-License-Identifier: Apache-2.0
// The header of an arm64 Image, and the places the boot protocol allows.
#include "linux_image.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>

#include "vp/hex.hpp"

namespace vp {

namespace {

constexpr std::uint64_t alignment = 2u << 20;

// Kernel and RAM disk lie in 32 GiB that start on a 1 GiB boundary.
constexpr std::uint64_t window_alignment = std::uint64_t{1} << 30;
constexpr std::uint64_t window_size = std::uint64_t{32} << 30;

// Little-endian, at the start of the file.
struct image_header {
    std::uint32_t code[2];
    std::uint64_t text_offset; // of the image from a 2 MiB boundary
    std::uint64_t image_size;  // in memory; 0 before Linux 3.17
    std::uint64_t flags;
    std::uint64_t reserved[3];
    char magic[4];
    std::uint32_t pe_offset;
};
static_assert(offsetof(image_header, magic) == 56 && sizeof(image_header) == 64, "booting.rst");

enum : std::uint64_t { flag_big_endian = 1 };

bool starts_with(const std::vector<std::uint8_t> &file, std::size_t offset, const std::string &text)
{
    return file.size() >= offset + text.size() &&
           std::memcmp(file.data() + offset, text.data(), text.size()) == 0;
}

// Files often taken for an Image get a hint.
std::string what_else(const std::vector<std::uint8_t> &file)
{
    if (starts_with(file, 0, "\x1f\x8b"))
        return "compressed with gzip, not a raw arm64 Image: decompress it first";
    if (starts_with(file, 0, "MZ") && starts_with(file, 4, "zimg"))
        return "a compressed EFI image, not a raw arm64 Image: extract it first";
    if (starts_with(file, 0,
                    "\x7f"
                    "ELF"))
        return "an ELF file, not a raw arm64 Image";
    return "not an arm64 Image: has no \"ARM\\x64\" at offset 56";
}

// Headers of the Portable Executable format, which say how long the file must be. Packed: a file
// may have them at any place.
struct pe_header {
    char magic[4];
    std::uint8_t machine[2];
    std::uint8_t sections[2];
    std::uint8_t symbols[12];
    std::uint8_t optional_size[2];
    std::uint8_t characteristics[2];
};

struct pe_section {
    std::uint8_t name_and_memory[16];
    std::uint8_t file_size[4];
    std::uint8_t file_offset[4];
    std::uint8_t others[16];
};

template <std::size_t N> std::uint64_t little(const std::uint8_t (&bytes)[N])
{
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, N);
    return value;
}

template <typename T> T read_struct(const std::vector<std::uint8_t> &file, std::uint64_t offset)
{
    T value;
    if (offset > file.size() || file.size() - offset < sizeof value)
        throw image_error("truncated: ends inside a header");
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

// The Image's own header tells its size in memory only; kernels that are EFI executables tell that
// in the file too.
void check_complete(const std::vector<std::uint8_t> &file, std::uint64_t pe_offset)
{
    if (pe_offset == 0)
        return;
    const auto header = read_struct<pe_header>(file, pe_offset);
    if (std::memcmp(header.magic, "PE\0\0", sizeof header.magic) != 0)
        throw image_error("has no PE header at " + hex(pe_offset) + ", where it says it is");
    const std::uint64_t table = pe_offset + sizeof header + little(header.optional_size);
    for (unsigned i = 0; i < little(header.sections); i++) {
        const auto section = read_struct<pe_section>(file, table + i * sizeof(pe_section));
        const std::uint64_t end = little(section.file_offset) + little(section.file_size);
        if (end > file.size())
            throw image_error("truncated: " + hex(file.size()) + " bytes of at least " + hex(end));
    }
}

image_header read_header(const std::vector<std::uint8_t> &file)
{
    if (!starts_with(file, offsetof(image_header, magic), "ARM\x64"))
        throw image_error(what_else(file));
    const auto header = read_struct<image_header>(file, 0);
    if (header.image_size == 0)
        throw image_error("has no image size: kernels before Linux 3.17 are not supported");
    if ((header.flags & flag_big_endian) != 0)
        throw image_error("a big-endian kernel");
    if (header.text_offset >= alignment)
        throw image_error("the text offset " + hex(header.text_offset) + " is beyond 2 MiB");
    check_complete(file, header.pe_offset);
    return header;
}

std::uint64_t aligned_start(std::uint64_t address)
{
    return (address + (alignment - 1)) / alignment * alignment;
}

} // namespace

program place_kernel(std::vector<std::uint8_t> file, const std::vector<dt_range> &ram)
{
    const image_header header = read_header(file);
    const std::uint64_t size = std::max<std::uint64_t>(header.image_size, file.size());
    for (const dt_range &bank : ram) {
        const dt_range place = {aligned_start(bank.base) + header.text_offset, size};
        if (!fits(place, {bank}))
            continue;
        program kernel = {place.base, {}};
        kernel.segments.push_back({place.base, place.size, std::move(file)});
        return kernel;
    }
    throw image_error("does not fit: needs " + hex(size) +
                      " bytes of memory behind a 2 MiB boundary");
}

dt_range place_initrd(std::vector<std::uint8_t> file, program &kernel,
                      const std::vector<dt_range> &ram)
{
    if (file.empty())
        throw image_error("is empty");
    const dt_range image = kernel.segments.front().range();
    const dt_range window = {image.base / window_alignment * window_alignment, window_size};
    for (const dt_range &bank : ram) {
        const std::uint64_t start = std::max(bank.base, image.base + image.size);
        const dt_range place = {aligned_start(start), file.size()};
        if (!fits(place, {bank}) || !fits(place, {window}))
            continue;
        kernel.segments.push_back({place.base, place.size, std::move(file)});
        return place;
    }
    throw image_error("does not fit: needs " + hex(file.size()) +
                      " bytes of memory behind the kernel");
}

} // namespace vp
