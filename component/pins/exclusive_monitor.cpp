// SPDX-License-Identifier: Apache-2.0
// Watches addresses of exclusive accesses: see smmu/pins/exclusive_monitor.hpp.
#include "smmu/pins/exclusive_monitor.hpp"

#include <algorithm>

namespace smmu::pins {

namespace {

template <class List, class Condition> void erase_if(List &list, const Condition &condition)
{
    list.erase(std::remove_if(list.begin(), list.end(), condition), list.end());
}

} // namespace

void exclusive_monitor::watch(const void *port, std::uint32_t id, std::uint64_t address,
                              unsigned length)
{
    forget(port, id);
    all_.push_back({port, id, address, length});
}

void exclusive_monitor::forget(const void *port, std::uint32_t id)
{
    erase_if(all_, [&](const watched &each) { return each.port == port && each.id == id; });
}

void exclusive_monitor::forget(const void *port)
{
    erase_if(all_, [&](const watched &each) { return each.port == port; });
}

bool exclusive_monitor::claim(const void *port, std::uint32_t id, std::uint64_t address,
                              unsigned length)
{
    const bool granted = std::any_of(all_.begin(), all_.end(), [&](const watched &each) {
        return each.port == port && each.id == id && each.address == address &&
               each.length == length;
    });
    if (granted)
        written(address, length);
    return granted;
}

void exclusive_monitor::written(std::uint64_t address, unsigned length)
{
    erase_if(all_, [&](const watched &each) {
        return each.address <= address + (length - 1) &&
               address <= each.address + (each.length - 1);
    });
}

} // namespace smmu::pins
