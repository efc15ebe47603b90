// SPDX-License-Identifier: Apache-2.0
// Table of device models: a new device is a row here.
#include "models.hpp"

#include "dma_engine.hpp"
#include "its.hpp"
#include "pl011.hpp"
#include "pl031.hpp"

namespace vp {

const std::vector<device_model> &device_models()
{
    static const std::vector<device_model> table = {
        {"arm,gic-v3-its", make_its},
        {"arm,pl011", make_pl011},
        {"arm,pl031", make_pl031},
        {"vp,dma-engine", make_dma_engine},
    };
    return table;
}

} // namespace vp
