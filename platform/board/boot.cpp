// SPDX-License-Identifier: Apache-2.0
// Reading what is to be in memory, and finding a place for each part.
#include "boot.hpp"

#include <algorithm>

#include "elf.hpp"
#include "flash_node.hpp"
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

// Finds everything but firmware its place, in `room`.
boot_image load_program(const boot_files &files, const dt_tree &tree,
                        const std::vector<dt_range> &ram, const std::vector<dt_range> &room)
{
    boot_image image = {};
    chosen given = {files.append, {}};
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
    image.x0 = *place;
    return image;
}

// Sizes of items have 32 bits.
read_limit one_item(const std::vector<dt_range> &ram)
{
    read_limit limit = one_bank(ram);
    if (limit.bytes > UINT32_MAX)
        limit = {UINT32_MAX, "which is all that firmware can be offered"};
    return limit;
}

offered_files read_offered(const boot_files &files, const dt_tree &tree,
                           const std::vector<dt_range> &room)
{
    if (!find_compatible(tree, "qemu,fw-cfg-mmio"))
        tree.root().fail("", "has no enabled qemu,fw-cfg-mmio, by which firmware gets a kernel");
    offered_files offered;
    offered.kernel = read_file(files.kernel, one_item(room));
    if (offered.kernel.empty())
        throw input_error(files.kernel + ": is empty");
    if (!files.initrd.empty())
        offered.initrd = read_file(files.initrd, one_item(room));
    offered.command_line = files.append.value_or("");
    return offered;
}

// Firmware is in flash, and finds the device tree at the start of memory, as QEMU has it
// (docs/system/arm/virt.rst of QEMU, "Hardware configuration information for bare-metal
// programming").
boot_image enter_firmware(const boot_files &files, const dt_tree &tree,
                          const std::vector<dt_range> &ram, const std::vector<dt_range> &room)
{
    boot_image image = {};
    image.program.entry = flash_node(tree).reg().front().base;
    if (!files.kernel.empty())
        image.offered = read_offered(files, tree, room);
    image.dtb = guest_dtb(tree, {files.append, {}});
    image.dtb_address = ram.front().base;
    if (image.dtb.size() > ram.front().size)
        tree.root().fail("", "memory begins with " + std::to_string(ram.front().size) +
                                 " bytes, too few for the device tree, which firmware gets there");
    if (!fits({image.dtb_address, image.dtb.size()}, room))
        tree.root().fail("", "reserves the start of memory, where firmware gets the device tree");
    return image;
}

} // namespace

boot_image make_boot_image(const boot_files &files, const dt_tree &tree,
                           const std::vector<dt_range> &ram)
{
    const std::vector<dt_range> room = unreserved(tree, ram);
    return files.firmware.empty() ? load_program(files, tree, ram, room)
                                  : enter_firmware(files, tree, ram, room);
}

} // namespace vp
