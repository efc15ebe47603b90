// SPDX-License-Identifier: Apache-2.0
// Reads with the translation's own updates laid over memory.
#include "oracle/memory_view.hpp"

namespace oracle {

bool memory_view::read(fetch what, uint64_t addr, unsigned size, uint8_t *data, const label &with)
{
    accesses_.push_back({what, addr, with});
    if (!reader_(what, addr, size, data))
        return false;
    for (const update &u : updates_)
        for (unsigned i = 0; i < u.after.size(); ++i)
            if (u.addr + i >= addr && u.addr + i < addr + size)
                data[u.addr + i - addr] = u.after[i];
    return true;
}

bool memory_view::replace(uint64_t addr, const std::vector<uint8_t> &descriptor, const label &with)
{
    update u;
    u.addr = addr;
    u.before.resize(descriptor.size());
    if (!read(fetch::update, addr, static_cast<unsigned>(u.before.size()), u.before.data(), with))
        return false;
    u.after = descriptor;
    for (update &known : updates_) {
        if (known.addr == addr) {
            known.after = u.after;
            return true;
        }
    }
    updates_.push_back(u);
    return true;
}

void memory_view::make_optional(size_t first)
{
    for (size_t i = first; i < updates_.size(); ++i)
        updates_[i].optional = true;
}

} // namespace oracle
