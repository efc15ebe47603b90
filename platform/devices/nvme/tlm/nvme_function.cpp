// SPDX-License-Identifier: Apache-2.0
// The NVMe kernel behind BAR 0, its process and its disk.
#include "nvme_function.hpp"

#include <cstdio>
#include <stdexcept>

#include "pcie_node.hpp"

namespace vp {

namespace {

// Registers and doorbells, then the structures of MSI-X.
constexpr std::uint64_t bar_size = 0x4000;
constexpr std::uint32_t msix_table = NVME_FRAME_SIZE;
constexpr std::uint32_t msix_pba = 0x3000;

constexpr std::uint8_t invalidations = 32; // it can hold, with ATS

pcie_fn_desc description(const nvme_function::options &opts, pcie_kind kind)
{
    pcie_fn_desc desc = {};

    desc.kind = kind;
    desc.vendor = 0x1234;
    desc.device = 0x5033;
    desc.subsystem_vendor = desc.vendor;
    desc.subsystem = desc.device;
    desc.class_code = 0x010802; // NVM Express I/O controller
    desc.revision = 1;
    desc.bar[0] = {bar_size, true, false};
    desc.intx_pin = 1;
    desc.msix = {NVME_VECTORS, 0, msix_table, msix_pba};
    desc.ats = {opts.ats, invalidations};
    return desc;
}

nvme_function *self(void *user)
{
    return static_cast<nvme_function *>(user);
}

} // namespace

nvme *nvme_function::create()
{
    nvme_config config = {
        disk_.size() >> options_.block_shift, options_.block_shift, {}, options_.data_shift};
    nvme_ops ops = {};
    char reason[80];

    options_.serial.copy(config.serial, NVME_SERIAL_LENGTH);
    ops.user = this;
    ops.bus = ring_bus();
    ops.data = data_bus();
    ops.step = [](void *user) { self(user)->step(); };
    ops.medium = disk_.medium();
    ops.kick = [](void *user) { self(user)->kick(); };
    ops.raise = [](void *user, unsigned vector) { self(user)->raise(vector); };
    ops.pin = [](void *user, bool level) { self(user)->set_intx(level); };
    nvme *core = nvme_create(&config, &ops, reason, sizeof reason);
    if (core == nullptr)
        throw std::invalid_argument(reason);
    return core;
}

nvme_function::nvme_function(const sc_core::sc_module_name &name, const options &opts,
                             pcie_kind kind)
    : pcie_worker(name, "commands", description(opts, kind), opts.translations, opts.requests),
      options_(opts), disk_(opts.file, 1u << opts.block_shift, opts.size, false, opts.access_time),
      core_(create())
{
}

void nvme_function::work()
{
    nvme_run(core_.get());
}

vp_status nvme_function::bar_read(unsigned, std::uint64_t offset, unsigned size,
                                  std::uint64_t &value)
{
    return offset < NVME_FRAME_SIZE ? nvme_frame.read(core_.get(), offset, size, &value)
                                    : VP_DECERR;
}

vp_status nvme_function::bar_write(unsigned, std::uint64_t offset, unsigned size,
                                   std::uint64_t value)
{
    return offset < NVME_FRAME_SIZE ? nvme_frame.write(core_.get(), offset, size, value)
                                    : VP_DECERR;
}

void nvme_function::function_reset()
{
    nvme_reset(core_.get());
}

std::vector<device::counter> nvme_function::counters() const
{
    return {{"bytes-read", disk_.read_bytes()},
            {"bytes-written", disk_.written_bytes()},
            {"flushes", disk_.flushes()},
            {"sgl-commands", nvme_sgl_commands(core_.get())}};
}

// --- device tree ---

std::string nvme_serial(const dt_node &node)
{
    std::uint32_t hash = 0x811c9dc5; // FNV-1a
    char serial[NVME_SERIAL_LENGTH + 1];

    for (const char c : node.path())
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x01000193;
    std::snprintf(serial, sizeof serial, "SMMUVP%08X", static_cast<unsigned>(hash));
    return serial;
}

std::unique_ptr<pcie_function> make_nvme_function(const dt_node &node, const char *name,
                                                  pcie_kind kind)
{
    nvme_function::options opts;
    const std::uint32_t block = node.u32("vp,lba-size", 512);

    if (block != 512 && block != 4096)
        node.fail("vp,lba-size", "must be 512 or 4096");
    opts.block_shift = block == 512 ? 9 : 12;
    opts.file = node.string("vp,backing-file");
    opts.size = node.u64("vp,size", 0);
    opts.serial = node.string("vp,serial", nvme_serial(node));
    opts.ats = node.has("vp,ats");
    opts.data_shift = node.u32("vp,mdts", opts.data_shift);
    if (opts.data_shift < 1 || opts.data_shift > NVME_MAX_DATA_SHIFT)
        node.fail("vp,mdts", "must be 1 to " + std::to_string(NVME_MAX_DATA_SHIFT));
    opts.translations = read_translations(node);
    opts.requests = read_requests(node, kind);
    opts.requests.burst_bytes = read_burst_bytes(node, 0);
    if (opts.serial.empty() || opts.serial.size() > NVME_SERIAL_LENGTH)
        node.fail("vp,serial",
                  "must have 1 to " + std::to_string(NVME_SERIAL_LENGTH) + " characters");
    opts.access_time = sc_core::sc_time(node.u32("vp,access-ns", 5000), sc_core::SC_NS);
    try {
        return std::make_unique<nvme_function>(name, opts, kind);
    } catch (const std::invalid_argument &error) {
        node.fail("vp,backing-file", error.what());
    }
}

} // namespace vp
