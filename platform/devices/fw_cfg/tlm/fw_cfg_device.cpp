// SPDX-License-Identifier: Apache-2.0
// Connects the kernel to sockets and simulated time, and gives it its items.
#include "fw_cfg_device.hpp"

#include <new>
#include <utility>

#include "smmu/tlm/attributes.hpp"
#include "vp/coding_style.hpp"

namespace vp {

namespace {

// What each access of DMA takes, so that none lasts for ever in no time.
sc_core::sc_time access_time()
{
    return {1, sc_core::SC_US};
}

fw_cfg_device *self(void *user)
{
    return static_cast<fw_cfg_device *>(user);
}

} // namespace

fw_cfg_device::fw_cfg_device(const sc_core::sc_module_name &name, const options &opts)
    : sc_module(name), master_("master", opts.approximate), core_(nullptr, fw_cfg_destroy),
      socket_("regs", fw_cfg_frame)
{
    fw_cfg_ops ops = {};

    ops.bus = {this,
               [](void *user, std::uint64_t addr, void *data, std::uint32_t size, unsigned,
                  std::uint32_t) {
                   return self(user)->transport(tlm::TLM_READ_COMMAND, addr, data, size);
               },
               [](void *user, std::uint64_t addr, const void *data, std::uint32_t size, unsigned,
                  std::uint32_t) {
                   return self(user)->transport(tlm::TLM_WRITE_COMMAND, addr,
                                                const_cast<void *>(data), size);
               }};
    ops.user = this;
    ops.start = [](void *user) { self(user)->started_.notify(sc_core::SC_ZERO_TIME); };
    core_.reset(fw_cfg_create(&ops));
    if (!core_)
        throw std::bad_alloc();
    socket_.set_device(core_.get());
    add(FW_CFG_UUID, item(16));
    add_number(FW_CFG_NOGRAPHIC, 1, 2);
    add_number(FW_CFG_NB_CPUS, opts.cpus, 2);
    add_number(FW_CFG_BOOT_MENU, 0, 2);
    if (!opts.bootorder.empty()) {
        item text(opts.bootorder.begin(), opts.bootorder.end());
        text.push_back(0);
        fw_cfg_device::offer_file("bootorder", std::move(text));
    }
    sc_core::sc_spawn([this] { serve(); }, "serve");
}

// What is asked for before the process first waits finds it running: run, then wait.
void fw_cfg_device::serve()
{
    for (;;) {
        fw_cfg_run(core_.get());
        sc_core::wait(started_);
    }
}

vp_status fw_cfg_device::transport(tlm::tlm_command command, std::uint64_t addr, void *data,
                                   std::uint32_t size)
{
    sc_core::sc_time delay = access_time();
    const vp_status status = master_.access(command, addr, data, size, smmu::attributes(), delay);

    bytes_ += status == VP_OK ? size : 0;
    sc_core::wait(delay);
    return status;
}

void fw_cfg_device::add(std::uint16_t key, item data)
{
    items_.push_back(std::move(data));
    fw_cfg_add(core_.get(), key, items_.back().data(),
               static_cast<std::uint32_t>(items_.back().size()));
}

void fw_cfg_device::add_number(std::uint16_t key, std::uint32_t value, unsigned size)
{
    item bytes;

    for (unsigned i = 0; i < size; i++)
        bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    add(key, std::move(bytes));
}

void fw_cfg_device::offer_kernel(std::vector<std::uint8_t> image)
{
    add_number(FW_CFG_KERNEL_SIZE, static_cast<std::uint32_t>(image.size()), 4);
    add(FW_CFG_KERNEL_DATA, std::move(image));
}

void fw_cfg_device::offer_initrd(std::vector<std::uint8_t> image)
{
    add_number(FW_CFG_INITRD_SIZE, static_cast<std::uint32_t>(image.size()), 4);
    add(FW_CFG_INITRD_DATA, std::move(image));
}

void fw_cfg_device::offer_command_line(const std::string &text)
{
    item bytes(text.begin(), text.end());

    bytes.push_back(0);
    add_number(FW_CFG_CMDLINE_SIZE, static_cast<std::uint32_t>(bytes.size()), 4);
    add(FW_CFG_CMDLINE_DATA, std::move(bytes));
}

void fw_cfg_device::offer_file(const std::string &name, std::vector<std::uint8_t> data)
{
    items_.push_back(std::move(data));
    fw_cfg_add_file(core_.get(), name.c_str(), items_.back().data(),
                    static_cast<std::uint32_t>(items_.back().size()));
}

namespace {

std::uint16_t count_cpus(dt_node root)
{
    std::uint16_t count = 0;

    while (root.path() != "/")
        root = root.parent();
    for (const dt_node &cpus : root.children())
        for (const dt_node &cpu : cpus.name() == "cpus" ? cpus.children() : std::vector<dt_node>())
            count += cpu.string("device_type", "") == "cpu" && cpu.enabled() ? 1 : 0;
    return count;
}

} // namespace

std::unique_ptr<device> make_fw_cfg(const dt_node &node, const char *name)
{
    fw_cfg_device::options opts;

    opts.cpus = count_cpus(node);
    opts.bootorder = node.string("vp,bootorder", "");
    opts.approximate = approximately_timed(node);
    node.has("vp,no-acpi"); // is for who makes the tables
    return std::make_unique<fw_cfg_device>(name, opts);
}

} // namespace vp
