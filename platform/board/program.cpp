// SPDX-License-Identifier: Apache-2.0
// Programs and the memory they need.
#include "program.hpp"

#include <algorithm>

#include "vp/hex.hpp"

namespace vp {

bool overlap(const dt_range &a, const dt_range &b)
{
    return a.base <= b.base + (b.size - 1) && b.base <= a.base + (a.size - 1);
}

bool fits(const dt_range &range, const std::vector<dt_range> &ram)
{
    return std::any_of(ram.begin(), ram.end(), [&](const dt_range &bank) {
        return range.base >= bank.base && range.size <= bank.size &&
               range.base - bank.base <= bank.size - range.size;
    });
}

void check_fits(const program &image, const std::vector<dt_range> &ram)
{
    for (const segment &part : image.segments)
        if (!fits(part.range(), ram))
            throw image_error("the segment at " + hex(part.address) + " (" + hex(part.size) +
                              " bytes) is outside of memory");
}

} // namespace vp
