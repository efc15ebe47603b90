// SPDX-License-Identifier: Apache-2.0
// The firmware configuration device as a SystemC module: registers, a bus master, a process.
#ifndef VP_FW_CFG_DEVICE_HPP
#define VP_FW_CFG_DEVICE_HPP

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "fw_cfg/fw_cfg.h"
#include "vp/bus_master.hpp"
#include "vp/capabilities.hpp"
#include "vp/device.hpp"
#include "vp/register_socket.hpp"

namespace vp {

class fw_cfg_device : public sc_core::sc_module, public device, public firmware_files {
  public:
    struct options {
        std::uint16_t cpus = 1;
        std::string bootorder; // of QEMU's file of that name; empty: there is none
        bool approximate = false;
    };

    fw_cfg_device(const sc_core::sc_module_name &name, const options &opts);

    std::vector<target *> regs() override { return {&socket_}; }
    std::vector<initiator *> masters() override { return {&master_.socket}; }
    std::vector<counter> counters() const override { return {{"bytes", bytes_}}; }

    void offer_kernel(std::vector<std::uint8_t> image) override;
    void offer_initrd(std::vector<std::uint8_t> image) override;
    void offer_command_line(const std::string &text) override;
    void offer_file(const std::string &name, std::vector<std::uint8_t> data) override;

  private:
    using item = std::vector<std::uint8_t>;

    void add(std::uint16_t key, item data);
    void add_number(std::uint16_t key, std::uint32_t value, unsigned size);
    vp_status transport(tlm::tlm_command command, std::uint64_t addr, void *data,
                        std::uint32_t size);
    void serve();

    std::list<item> items_; // that the kernel points to
    sc_core::sc_event started_;
    bus_master master_;
    std::uint64_t bytes_ = 0; // moved by DMA
    std::unique_ptr<fw_cfg, void (*)(fw_cfg *)> core_;
    register_socket socket_;
};

// Factory for "qemu,fw-cfg-mmio".
std::unique_ptr<device> make_fw_cfg(const dt_node &node, const char *name);

} // namespace vp

#endif
