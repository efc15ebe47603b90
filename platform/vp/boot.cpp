// SPDX-License-Identifier: Apache-2.0
// Reading what is to be in memory, and finding a place for each part.
#include "boot.hpp"

#include <filesystem>
#include <fstream>

#include "elf.hpp"
#include "guest_dtb.hpp"
#include "linux_image.hpp"
#include "reserved.hpp"

namespace vp {

// In pieces: what is named need not know its size.
std::vector<std::uint8_t> read_file(const std::string &path)
{
    constexpr std::size_t piece = 1u << 20;
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open() || std::filesystem::is_directory(path))
        throw input_error(path + ": cannot be read");
    std::vector<std::uint8_t> bytes;
    while (file) {
        const std::size_t had = bytes.size();
        bytes.resize(had + piece);
        file.read(reinterpret_cast<char *>(bytes.data() + had), piece);
        bytes.resize(had + static_cast<std::size_t>(file.gcount()));
    }
    if (!file.eof())
        throw input_error(path + ": cannot be read");
    return bytes;
}

namespace {

program load_elf(const std::string &path, const std::vector<dt_range> &ram)
{
    return about(path, [&] {
        program image = parse_elf(read_file(path));
        check_fits(image, ram);
        return image;
    });
}

} // namespace

boot_image make_boot_image(const boot_files &files, const dt_tree &tree,
                           const std::vector<dt_range> &ram)
{
    boot_image image = {};
    chosen given = {files.append, {}};
    const std::vector<dt_range> room = unreserved(tree, ram);
    if (files.kernel.empty())
        image.program = load_elf(files.elf, ram);
    else
        image.program =
            about(files.kernel, [&] { return place_kernel(read_file(files.kernel), room); });
    if (!files.initrd.empty())
        given.initrd = about(files.initrd, [&] {
            return place_initrd(read_file(files.initrd), image.program, room);
        });

    std::vector<dt_range> used;
    for (const segment &part : image.program.segments)
        used.push_back(part.range());
    image.dtb = guest_dtb(tree, given);
    const auto place = place_dtb(image.dtb.size(), room, used);
    if (!place)
        throw input_error((files.kernel.empty() ? files.elf : files.kernel) +
                          ": leaves no room in memory for the device tree");
    image.dtb_address = *place;
    return image;
}

} // namespace vp
