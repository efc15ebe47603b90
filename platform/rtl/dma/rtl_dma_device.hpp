// SPDX-License-Identifier: Apache-2.0
// The DMA engine in RTL as a device of the machine: its model, between two bridges.
#ifndef VP_RTL_DMA_DEVICE_HPP
#define VP_RTL_DMA_DEVICE_HPP

#include <memory>

#include "vp/device.hpp"

namespace vp {

// Factory for "vp,rtl-dma"; docs/rtl.md lists the properties.
std::unique_ptr<device> make_rtl_dma(const dt_node &node, const char *name);

} // namespace vp

#endif
