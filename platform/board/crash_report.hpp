// SPDX-License-Identifier: Apache-2.0
// The report of a CPU that has crashed for good.
#ifndef VP_CRASH_REPORT_HPP
#define VP_CRASH_REPORT_HPP

#include <string>

#include "a64/cpu.h"

namespace vp {

// One line: `cpu` takes `exception` for ever.
std::string describe_crash(const std::string &cpu, const a64_exception &exception);

} // namespace vp

#endif
