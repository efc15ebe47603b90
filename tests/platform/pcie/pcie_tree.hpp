// SPDX-License-Identifier: Apache-2.0
// A device tree with a PCI Express host, for tests of its node and of what is built from it.
#ifndef TESTS_PCIE_TREE_HPP
#define TESTS_PCIE_TREE_HPP

#include "edited_tree.hpp"

namespace test {

constexpr const char *pcie = "/pcie@4010000000";

inline std::string below_pcie(const std::string &path)
{
    return std::string(pcie) + "/" + path;
}

// A child of the host or of a port: function `devfn` (bits [7:3], [2:0]).
inline edited_tree &plug(edited_tree &tree, const std::string &path, const std::string &compatible,
                         std::uint32_t devfn)
{
    const std::string full = below_pcie(path);
    return tree.node(full)
        .strings(full, "compatible", {compatible})
        .cells(full, "reg", {devfn << 8, 0, 0, 0, 0});
}

inline edited_tree &plug_port(edited_tree &tree, const std::string &path, std::uint32_t devfn)
{
    const std::string full = below_pcie(path);
    return plug(tree, path, "vp,pcie-root-port", devfn)
        .cells(full, "#address-cells", {3})
        .cells(full, "#size-cells", {2});
}

// An empty host of 16 buses: I/O at 0x3eff0000, a 32-bit window at 0x10000000, a 64-bit window at
// 0x80_0000_0000. INTA of device d, modulo 2, is SPI 3 + d. Buses 0 and 1 go through /smmu@1000
// with their requester ID as StreamID and DeviceID 0x10000 higher, bus 2 through /smmu@2000 with
// StreamIDs from 0x40 on, the others straight to memory. Phandles: 1 GIC, 2 and 3 SMMUs, 4 ITS.
inline edited_tree pcie_machine()
{
    edited_tree tree;
    tree.cells("/", "#address-cells", {2}).cells("/", "#size-cells", {2});
    tree.node("/gic@8000000")
        .cells("/gic@8000000", "phandle", {1})
        .cells("/gic@8000000", "#address-cells", {2})
        .cells("/gic@8000000", "#interrupt-cells", {3});
    tree.node("/smmu@1000")
        .cells("/smmu@1000", "phandle", {2})
        .cells("/smmu@1000", "#iommu-cells", {1});
    tree.node("/smmu@2000")
        .cells("/smmu@2000", "phandle", {3})
        .cells("/smmu@2000", "#iommu-cells", {1});
    tree.node("/its@3000").cells("/its@3000", "phandle", {4}).cells("/its@3000", "#msi-cells", {1});
    tree.node(pcie)
        .strings(pcie, "compatible", {"pci-host-ecam-generic"})
        .strings(pcie, "device_type", {"pci"})
        .cells(pcie, "reg", {0x40, 0x10000000, 0, 0x1000000})
        .cells(pcie, "bus-range", {0, 15})
        .cells(pcie, "#address-cells", {3})
        .cells(pcie, "#size-cells", {2})
        .cells(pcie, "ranges", {0x01000000, 0,    0,          0,    0x3eff0000, 0,    0x10000,    //
                                0x02000000, 0,    0x10000000, 0,    0x10000000, 0,    0x2eff0000, //
                                0x03000000, 0x80, 0,          0x80, 0,          0x80, 0})
        .cells(pcie, "#interrupt-cells", {1})
        .cells(pcie, "interrupt-map-mask", {0x800, 0, 0, 7})
        .cells(pcie, "interrupt-map", {0x000, 0, 0, 1, 1, 0, 0, 0, 3, 4, //
                                       0x800, 0, 0, 1, 1, 0, 0, 0, 4, 4})
        .cells(pcie, "iommu-map", {0, 2, 0, 0x200, 0x200, 3, 0x40, 0x100})
        .cells(pcie, "msi-map", {0, 4, 0x10000, 0x10000});
    return tree;
}

} // namespace test

#endif
