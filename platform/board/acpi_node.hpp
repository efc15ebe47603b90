// SPDX-License-Identifier: Apache-2.0
// The ACPI tables that a device tree amounts to.
#ifndef VP_ACPI_NODE_HPP
#define VP_ACPI_NODE_HPP

#include <vector>

#include "plan.hpp"
#include "program.hpp"
#include "vp/dt.hpp"

namespace vp {

// The files by which firmware gets ACPI tables. There are none without what they need, a GIC, PSCI
// and the firmware configuration device, nor if the node of that has `vp,no-acpi`. Throws dt_error
// for what the tree says and ACPI cannot.
std::vector<named_file> acpi_files_of(const dt_tree &tree, const machine_plan &plan);

} // namespace vp

#endif
