// SPDX-License-Identifier: Apache-2.0
#include "acpi_maps.hpp"

#include <algorithm>

namespace vp {

id_ranges id_ranges_of(const pcie_map &map, const std::vector<unsigned> &numbers)
{
    id_ranges list;
    for (const pcie_rid_range &row : map.ranges)
        list.push_back({row.first, row.count, row.out, numbers[row.target]});
    return list;
}

id_ranges followed_by(const id_ranges &streams, const id_ranges &messages)
{
    id_ranges list;
    for (const id_range &stream : streams)
        for (const id_range &message : messages) {
            const std::uint32_t first = std::max(stream.first, message.first);
            const std::uint32_t end =
                std::min(stream.first + stream.count, message.first + message.count);
            if (first < end)
                list.push_back({first - stream.first + stream.out, end - first,
                                first - message.first + message.out, message.target,
                                stream.target});
        }
    return list;
}

id_ranges without(const id_ranges &ranges, const id_ranges &others)
{
    id_ranges left = ranges;
    for (const id_range &other : others) {
        const std::uint32_t other_end = other.first + other.count;
        id_ranges next;
        for (const id_range &row : left) {
            const std::uint32_t end = row.first + row.count;
            const std::uint32_t below = std::min(end, std::max(row.first, other.first));
            const std::uint32_t above = std::max(row.first, std::min(end, other_end));
            if (below > row.first)
                next.push_back({row.first, below - row.first, row.out, row.target});
            if (above < end && above >= below)
                next.push_back({above, end - above, row.out + (above - row.first), row.target});
        }
        left = next;
    }
    return left;
}

} // namespace vp
