// SPDX-License-Identifier: Apache-2.0
// The tables of SMBIOS that a machine amounts to.
#ifndef VP_SMBIOS_NODE_HPP
#define VP_SMBIOS_NODE_HPP

#include <vector>

#include "plan.hpp"
#include "program.hpp"
#include "vp/dt.hpp"

namespace vp {

// The files by which firmware gets the tables, an anchor of SMBIOS 3.0 (DMTF DSP0134) and what it
// leads to. There are none without the firmware configuration device.
std::vector<named_file> smbios_files_of(const dt_tree &tree, const machine_plan &plan);

} // namespace vp

#endif
