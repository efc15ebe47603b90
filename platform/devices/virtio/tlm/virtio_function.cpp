// SPDX-License-Identifier: Apache-2.0
// The kernel of a virtio device behind BAR 0, its process, and the capabilities that say where in
// the BAR things are (Virtual I/O Device Version 1.2, 4.1.4).
#include "virtio_function.hpp"

#include <algorithm>
#include <new>

#include "pcie_node.hpp"
#include "vp/little_endian.h"
#include "vp/regpart.h"

namespace vp {

namespace {

// The structures of the transport, then those of MSI-X.
constexpr std::uint64_t bar_size = 0x8000;
constexpr std::uint32_t msix_table = VIRTIO_FRAME_SIZE;
constexpr std::uint32_t msix_pba = 0x6000;

constexpr std::uint16_t red_hat = 0x1af4; // 4.1.2
constexpr std::uint16_t first_device = 0x1040;
constexpr std::uint8_t revision = 1;
constexpr std::uint8_t invalidations = 32; // it can hold, with ATS

// --- capabilities (4.1.4) ---

enum structure : std::uint8_t {
    common_cfg = 1,
    notify_cfg = 2,
    isr_cfg = 3,
    device_cfg = 4,
    pci_cfg = 5,
};

// Offsets in a capability.
constexpr unsigned cap_bar = 4;
constexpr unsigned cap_offset = 8;
constexpr unsigned cap_length = 12;
constexpr unsigned cap_tail = 16; // the multiplier of notify_cfg, the data of pci_cfg
constexpr std::uint8_t cap_bytes = 16;
constexpr std::uint8_t long_cap_bytes = 20;

constexpr unsigned window_index = 0; // of pci_cfg, which is there always

pcie_vendor_cap capability(structure type, std::uint32_t offset, std::uint32_t length)
{
    pcie_vendor_cap cap = {};

    cap.size = type == notify_cfg || type == pci_cfg ? long_cap_bytes : cap_bytes;
    cap.bytes[2] = cap.size;
    cap.bytes[3] = type;
    vp_store_le(cap.bytes + cap_offset, offset, 4);
    vp_store_le(cap.bytes + cap_length, length, 4);
    if (type == notify_cfg)
        vp_store_le(cap.bytes + cap_tail, VIRTIO_NOTIFY_MULTIPLIER, 4);
    return cap;
}

// Software says by writing it where in the BARs the data of the capability are.
pcie_vendor_cap window_capability()
{
    pcie_vendor_cap cap = capability(pci_cfg, 0, 0);

    cap.rw[cap_bar] = UINT8_MAX;
    std::fill(cap.rw + cap_offset, cap.rw + long_cap_bytes, UINT8_MAX);
    return cap;
}

pcie_fn_desc description(unsigned type, std::uint32_t class_code, unsigned queues,
                         unsigned device_bytes, bool ats, pcie_kind kind)
{
    pcie_fn_desc desc = {};

    desc.kind = kind;
    desc.vendor = red_hat;
    desc.device = static_cast<std::uint16_t>(first_device + type);
    desc.subsystem_vendor = desc.vendor;
    desc.subsystem = desc.device;
    desc.class_code = class_code;
    desc.revision = revision;
    desc.bar[0] = {bar_size, true, false};
    desc.intx_pin = 1;
    desc.msix = {static_cast<std::uint16_t>(queues + 1), 0, msix_table, msix_pba};
    desc.ats = {ats, invalidations};
    desc.vendor_cap[window_index] = window_capability();
    desc.vendor_cap[1] = capability(common_cfg, VIRTIO_COMMON_OFFSET, VIRTIO_COMMON_BYTES);
    desc.vendor_cap[2] =
        capability(notify_cfg, VIRTIO_NOTIFY_OFFSET, VIRTIO_NOTIFY_MULTIPLIER * queues);
    desc.vendor_cap[3] = capability(isr_cfg, VIRTIO_ISR_OFFSET, 1);
    if (device_bytes != 0)
        desc.vendor_cap[4] = capability(device_cfg, VIRTIO_DEVICE_OFFSET, device_bytes);
    return desc;
}

virtio_function *self(void *user)
{
    return static_cast<virtio_function *>(user);
}

} // namespace

virtio_function::virtio_function(const sc_core::sc_module_name &name, const shape &what,
                                 const options &opts, pcie_kind kind)
    : pcie_worker(
          name, "queues",
          description(what.type, what.class_code, what.queues, what.device_bytes, opts.ats, kind),
          opts.translations, opts.requests)
{
}

virtio_ops virtio_function::ops()
{
    virtio_ops ops = {};

    ops.user = this;
    ops.bus = ring_bus();
    ops.data = data_bus();
    ops.step = [](void *user) { self(user)->step(); };
    ops.kick = [](void *user) { self(user)->kick(); };
    ops.messages = [](const void *user) {
        return pcie_fn_msix_enabled(self(const_cast<void *>(user))->bus_side());
    };
    ops.raise = [](void *user, unsigned vector) { self(user)->raise(vector); };
    ops.pin = [](void *user, bool level) { self(user)->set_intx(level); };
    return ops;
}

void virtio_function::attach(virtio *core)
{
    if (core == nullptr)
        throw std::bad_alloc();
    core_.reset(core);
}

void virtio_function::work()
{
    virtio_run(core_.get());
}

// --- what software accesses ---

vp_status virtio_function::bar_read(unsigned, std::uint64_t offset, unsigned size,
                                    std::uint64_t &value)
{
    return virtio_frame.read(core_.get(), offset, size, &value);
}

vp_status virtio_function::bar_write(unsigned, std::uint64_t offset, unsigned size,
                                     std::uint64_t value)
{
    return virtio_frame.write(core_.get(), offset, size, value);
}

void virtio_function::function_reset()
{
    virtio_reset(core_.get());
}

// What the capability for access by configuration space says (4.1.4.9).
struct virtio_function::window_access {
    std::uint16_t data; // where its data are
    std::uint32_t offset;
    unsigned length;
    bool good; // 1, 2 or 4 bytes of BAR 0, aligned
};

virtio_function::window_access virtio_function::window()
{
    const std::uint16_t at = pcie_fn_vendor_cap(bus_side(), window_index);
    const auto word = [&](unsigned offset, unsigned size) {
        return pcie_fn_config_peek(bus_side(), static_cast<std::uint16_t>(at + offset), size);
    };
    const std::uint32_t offset = word(cap_offset, 4);
    const std::uint32_t length = word(cap_length, 4);

    return {static_cast<std::uint16_t>(at + cap_tail), offset, length,
            length <= 4 && vp_access_aligned(offset, length) && word(cap_bar, 1) == 0 &&
                offset < bar_size};
}

void virtio_function::config_read(std::uint16_t offset, unsigned size, std::uint32_t &value)
{
    const window_access wanted = window();
    std::uint64_t found = 0;

    if (offset != wanted.data || !wanted.good)
        return;
    pcie_fn_bar_read(bus_side(), 0, wanted.offset, wanted.length, &found);
    value = static_cast<std::uint32_t>(found & vp_reg_mask(size));
}

void virtio_function::config_written(std::uint16_t offset, unsigned)
{
    const window_access wanted = window();

    if (offset == wanted.data && wanted.good)
        pcie_fn_bar_write(bus_side(), 0, wanted.offset, wanted.length,
                          pcie_fn_config_peek(bus_side(), wanted.data, 4) &
                              vp_reg_mask(wanted.length));
    virtio_messages_changed(core_.get());
}

std::vector<device::counter> virtio_function::counters() const
{
    return {{"breakdowns", virtio_breakdowns(core_.get())}};
}

virtio_function::options read_virtio_options(const dt_node &node, pcie_kind kind)
{
    virtio_function::options opts;

    opts.ats = node.has("vp,ats");
    opts.translations = read_translations(node);
    opts.requests = read_requests(node, kind);
    opts.requests.burst_bytes = read_burst_bytes(node, 0);
    return opts;
}

} // namespace vp
