// SPDX-License-Identifier: Apache-2.0
// Table of device models: a new device is a row here.
#include "models.hpp"

#include "cfi_flash_banks.hpp"
#include "dma_engine.hpp"
#include "ecam_host.hpp"
#include "fw_cfg_device.hpp"
#include "its.hpp"
#include "nvme_function.hpp"
#include "pcie_dma_function.hpp"
#include "pcie_dma_port.hpp"
#include "pl011.hpp"
#include "pl031.hpp"
#include "probe_window.hpp"
#ifdef VP_HAS_RTL
#include "rtl_dma_device.hpp"
#endif
#include "traffic_generator.hpp"
#include "virtio_blk_function.hpp"
#include "virtio_net_function.hpp"
#include "virtio_rng_function.hpp"

namespace vp {

namespace {

// PCI Express endpoints: children of a host's node.
std::unique_ptr<device> make_pcie(const dt_node &node, const char *name)
{
    static const std::vector<pcie_function_model> table = {
        {"vp,nvme", make_nvme_function},
        {"vp,pcie-dma", make_dma_function},
        {"vp,virtio-blk", make_virtio_blk_function},
        {"vp,virtio-net", make_virtio_net_function},
        {"vp,virtio-rng", make_virtio_rng_function},
    };
    return std::make_unique<ecam_host>(name, read_pcie_node(node), table);
}

#ifndef VP_HAS_RTL
std::unique_ptr<device> make_rtl_dma(const dt_node &node, const char * /*name*/)
{
    node.fail("compatible", "needs Verilator, which was not installed when this program was built");
}
#endif

} // namespace

const std::vector<device_model> &device_models()
{
    static const std::vector<device_model> table = {
        {"arm,gic-v3-its", make_its},
        {"arm,pl011", make_pl011},
        {"arm,pl031", make_pl031},
        {"cfi-flash", make_cfi_flash},
        {"qemu,fw-cfg-mmio", make_fw_cfg},
        {"vp,access-probe", make_access_probe},
        {"vp,dma-engine", make_dma_engine},
        {"vp,dma-port", make_dma_port}, // of a "vp,pcie-dma"
        {"vp,rtl-dma", make_rtl_dma},
        {"vp,traffic-generator", make_traffic_generator},
        {"pci-host-ecam-generic", make_pcie, &ecam_bus},
    };
    return table;
}

} // namespace vp
