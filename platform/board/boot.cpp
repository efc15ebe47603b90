// SPDX-License-Identifier: Apache-2.0
// Reading what is to be in memory, and finding a place for each part.
#include "boot.hpp"

#include <algorithm>

#include "elf.hpp"
#include "guest_dtb.hpp"
#include "linux_image.hpp"
#include "reserved.hpp"

namespace vp {

namespace {

constexpr std::uint64_t beside_program = 256u << 20; // symbols and debug information of an ELF file

// A file that is copied to one place in memory fits into the largest bank, if at all.
read_limit one_bank(const std::vector<dt_range> &ram)
{
    std::uint64_t largest = 0;
    for (const dt_range &bank : ram)
        largest = std::max(largest, bank.size);
    return {largest, "which is all the memory there is in one place"};
}

read_limit all_banks(const std::vector<dt_range> &ram)
{
    std::uint64_t sum = beside_program;
    for (const dt_range &bank : ram)
        sum += bank.size;
    return {sum, "which is all of memory and 256 MiB for symbols"};
}

program load_elf(const std::string &path, const std::vector<dt_range> &ram)
{
    return about(path, [&] {
        program image = parse_elf(read_file(path, all_banks(ram)));
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
        image.program = about(files.kernel, [&] {
            return place_kernel(read_file(files.kernel, one_bank(room)), room);
        });
    if (!files.initrd.empty())
        given.initrd = about(files.initrd, [&] {
            return place_initrd(read_file(files.initrd, one_bank(room)), image.program, room);
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
