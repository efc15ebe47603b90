// SPDX-License-Identifier: Apache-2.0
// What the command line says of measuring.
#ifndef VP_MEASURE_OPTIONS_HPP
#define VP_MEASURE_OPTIONS_HPP

#include <optional>
#include <string>

namespace vp {

struct measure_options {
    std::string directory;      // where files go; "": nothing is measured
    bool trace = false;         // transactions on a time line
    bool waves = false;         // levels as waveforms
    std::optional<double> from; // seconds of guest time at which it begins
};

} // namespace vp

#endif
