// SPDX-License-Identifier: Apache-2.0
// The node of a block device and its disk.
#include "virtio_blk_function.hpp"

#include <stdexcept>

#include "vp/dt_rows.hpp"

namespace vp {

virtio_blk_function::virtio_blk_function(const sc_core::sc_module_name &name,
                                         const blk_options &blk, const options &opts,
                                         pcie_kind kind)
    : virtio_function(name, {2, 0x018000, blk.queues, VIRTIO_BLK_DEVICE_BYTES}, opts, kind),
      path_(blk.file), disk_(blk.file, VIRTIO_BLK_SECTOR, blk.size, blk.read_only, blk.access_time)
{
    const virtio_ops world = ops();
    const disk_medium medium = disk_.medium();
    virtio_blk_config config = {disk_.size() / VIRTIO_BLK_SECTOR, blk.queues, blk.read_only, {}};

    blk.serial.copy(config.serial, VIRTIO_BLK_SERIAL_BYTES);
    attach(virtio_blk_create(&config, &medium, &world));
}

std::vector<device::counter> virtio_blk_function::counters() const
{
    const virtio_blk_counts counts = virtio_blk_counted(core());
    auto list = virtio_function::counters();

    for (const device::counter &row : {device::counter{"bytes-read", counts.read_bytes},
                                       {"bytes-written", counts.written_bytes},
                                       {"flushes", counts.flushes},
                                       {"failed-requests", counts.failures}})
        list.push_back(row);
    return list;
}

std::unique_ptr<pcie_function> make_virtio_blk_function(const dt_node &node, const char *name,
                                                        pcie_kind kind)
{
    virtio_blk_function::blk_options blk;

    blk.file = node.string("vp,backing-file");
    blk.read_only = node.has("vp,read-only");
    if (blk.read_only && node.has("vp,size"))
        node.fail("vp,size", "makes no sense for a disk that is only read");
    blk.size = blk.read_only ? 0 : node.u64("vp,size", 0);
    blk.queues = number_between(node, "vp,queues", 1, 1, VIRTIO_BLK_MAX_QUEUES);
    blk.serial = node.string("vp,serial", "");
    if (blk.serial.size() > VIRTIO_BLK_SERIAL_BYTES)
        node.fail("vp,serial", "must have no more than " + std::to_string(VIRTIO_BLK_SERIAL_BYTES) +
                                   " characters");
    blk.access_time = sc_core::sc_time(node.u32("vp,access-ns", 5000), sc_core::SC_NS);
    try {
        return std::make_unique<virtio_blk_function>(name, blk, read_virtio_options(node, kind),
                                                     kind);
    } catch (const std::invalid_argument &error) {
        node.fail("vp,backing-file", error.what());
    }
}

} // namespace vp
