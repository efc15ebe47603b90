// SPDX-License-Identifier: Apache-2.0
// Table of device models: a new device is a row here.
#include "models.hpp"

#include "dma_engine.hpp"
#include "pl011.hpp"

namespace vp {

const std::vector<device_model> &device_models()
{
    static const std::vector<device_model> table = {
        {"arm,pl011", make_pl011},
        {"vp,dma-engine", make_dma_engine},
    };
    return table;
}

} // namespace vp
