// SPDX-License-Identifier: Apache-2.0
#include "trng.hpp"

#include <algorithm>
#include <iterator>

#include "vp/splitmix.h"

namespace vp {

namespace {

// Function identifiers (Arm DEN0098 2).
enum function : std::uint32_t {
    version = 0x84000050,
    features = 0x84000051,
    get_uuid = 0x84000052,
    rnd32 = 0x84000053,
    rnd64 = 0xc4000053,
};

constexpr std::uint32_t functions[] = {version, features, get_uuid, rnd32, rnd64};

constexpr std::uint64_t version_1_0 = 0x10000;
constexpr std::uint64_t success = 0;
constexpr std::uint64_t not_supported = UINT64_MAX; // -1
constexpr std::uint64_t invalid_parameters = UINT64_MAX - 1;
constexpr unsigned registers = 3; // that have the number, the lowest bits in the last

// Names this source: its bytes, as words of 32 bits.
constexpr std::uint32_t uuid[] = {0x6fd1c0c8, 0x594e4a1f, 0x9c0a2d52, 0x3b7e8b10};

} // namespace

bool trng::has(std::uint32_t function)
{
    return std::find(std::begin(functions), std::end(functions), function) != std::end(functions);
}

// `x[1]` bits, in registers of `width` bits; what is above them is 0 (Arm DEN0098 2.5).
void trng::random(std::uint64_t x[8], unsigned width)
{
    const std::uint64_t mask = UINT64_MAX >> (64 - width);
    const std::uint64_t bits = x[1] & mask;
    if (bits == 0 || bits > std::uint64_t{registers} * width) {
        x[0] = invalid_parameters;
        return;
    }
    std::uint64_t left = bits;
    for (unsigned i = registers; i > 0; i--) {
        const std::uint64_t some = std::min<std::uint64_t>(left, width);
        x[i] = some == 0 ? 0 : vp_splitmix_next(&state_) >> (64 - some);
        left -= some;
    }
    x[0] = success;
}

bool trng::call(std::uint64_t x[8])
{
    switch (static_cast<std::uint32_t>(x[0])) {
    case version:
        x[0] = version_1_0;
        return true;
    case features:
        x[0] = has(static_cast<std::uint32_t>(x[1])) ? success : not_supported;
        return true;
    case get_uuid:
        std::copy(std::begin(uuid), std::end(uuid), x);
        return true;
    case rnd32:
        random(x, 32);
        return true;
    case rnd64:
        random(x, 64);
        return true;
    default:
        return false;
    }
}

} // namespace vp
