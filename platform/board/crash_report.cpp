// SPDX-License-Identifier: Apache-2.0
// An exception and its registers as text.
#include "crash_report.hpp"

#include <cinttypes>
#include <cstdio>

namespace vp {

std::string describe_crash(const std::string &cpu, const a64_exception &exception)
{
    char text[200];

    std::snprintf(text, sizeof text,
                  "takes the same exception for ever, at its vector 0x%" PRIx64
                  ": ELR_EL%u 0x%" PRIx64 ", ESR_EL%u 0x%" PRIx64 ", FAR_EL%u 0x%" PRIx64,
                  exception.vector, exception.el, exception.elr, exception.el, exception.esr,
                  exception.el, exception.far);
    return cpu + " " + text;
}

} // namespace vp
