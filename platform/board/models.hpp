// SPDX-License-Identifier: Apache-2.0
// The device models that a tree can ask for by `compatible`.
#ifndef VP_MODELS_HPP
#define VP_MODELS_HPP

#include <vector>

#include "vp/device.hpp"

namespace vp {

// CPUs, memory, the interrupt controller and SMMUs are not among them: the machine makes those.
const std::vector<device_model> &device_models();

} // namespace vp

#endif
