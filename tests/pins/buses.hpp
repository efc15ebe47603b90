// SPDX-License-Identifier: Apache-2.0
// Configurations of buses for tests.
#ifndef TESTS_PINS_BUSES_HPP
#define TESTS_PINS_BUSES_HPP

#include "smmu/pins/axi_bundle.hpp"

namespace pins_test {

using smmu::pins::axi_beat;
using smmu::pins::axi_channel;
using smmu::pins::axi_side;
using smmu::pins::axi_signal;

// 64 bits of data, every signal of the table but AxMMUATST.
struct full_bus : smmu::pins::axi5_untranslated<64, 4, 64> {
    static constexpr bool realms = true;
    static constexpr unsigned mpam_width = 12;
    static constexpr unsigned secsid_width = 2;
    static constexpr unsigned request_user_width = 8;
    static constexpr unsigned data_user_width = 4;
    static constexpr unsigned response_user_width = 2;
};

// 128 bits of data, and untranslated transactions of version 1, which has AxMMUATST.
struct wide_bus : full_bus {
    static constexpr unsigned data_width = 128;
    static constexpr unsigned untranslated = 1;
};

} // namespace pins_test

#endif
