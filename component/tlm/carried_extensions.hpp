// SPDX-License-Identifier: Apache-2.0
// Which extensions a payload carries.
#ifndef SMMU_TLM_CARRIED_EXTENSIONS_HPP
#define SMMU_TLM_CARRIED_EXTENSIONS_HPP

#include <cstddef>
#include <cstdint>

#include <tlm>

namespace smmu {

using extension_array = tlm::tlm_array<tlm::tlm_extension_base *>;

// The extensions of a payload by their IDs. get_extension() takes a call for each of them; a
// program has many types of extension (every simple socket that converts has one of its own), and
// most payloads carry one or none.
const extension_array &extensions_of(const tlm::tlm_generic_payload &payload);

// The language lets an explicit instantiation name a member that is private.
template <extension_array tlm::tlm_generic_payload::*ARRAY> struct extensions_opened {
    friend inline const extension_array &extensions_of(const tlm::tlm_generic_payload &payload)
    {
        return payload.*ARRAY;
    }
};
template struct extensions_opened<&tlm::tlm_generic_payload::m_extensions>;

// Whether there is one among the `count` extensions from `first` on. Mostly there is none, so they
// are looked at by fours.
inline bool any_of(tlm::tlm_extension_base *const *first, std::size_t count)
{
    const auto bits = [&first](unsigned i) { return reinterpret_cast<std::uintptr_t>(first[i]); };
    for (; count >= 4; first += 4, count -= 4)
        if (bits(0) | bits(1) | bits(2) | bits(3))
            return true;
    return count > 0 && (first[0] || (count > 1 && (first[1] || (count > 2 && first[2]))));
}

// Whether there are extensions but for that of `id`, which has a place there.
inline bool has_others(const extension_array &extensions, std::size_t id)
{
    tlm::tlm_extension_base *const *const first = &extensions[0];
    return any_of(first, id) || any_of(first + id + 1, extensions.size() - id - 1);
}

} // namespace smmu

#endif
