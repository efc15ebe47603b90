// SPDX-License-Identifier: Apache-2.0
// The points of a sweep: every combination of workload, values of parameters and seed.
#ifndef VP_SWEEP_PLAN_HPP
#define VP_SWEEP_PLAN_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "sweep_file.hpp"

namespace vp {

struct sweep_point {
    std::string name;                 // its number among all, from 1 on, with leading zeros
    std::vector<std::string> values;  // one for each column
    std::vector<std::uint8_t> dtb;    // the machine
    std::string program;              // as the file has it, may be empty
    std::vector<std::string> options; // of smmu-vp
};

struct sweep_plan {
    std::vector<std::string>
        columns; // parameters in their order, then `workload`, `seed` if there are
    std::vector<sweep_point> points; // the last column varies fastest, but for `workload`: slowest
};

// More points than that are a mistake.
constexpr std::size_t most_sweep_points = 100000;

// Makes all points of `file`, each a copy of `machine` (a blob with symbols) with its edits. Throws
// input_error about the file, dt_error about the machine.
sweep_plan make_sweep_plan(const sweep_file &file, const std::vector<std::uint8_t> &machine);

} // namespace vp

#endif
