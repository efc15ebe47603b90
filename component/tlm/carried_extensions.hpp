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

// Whether there is one among the `count` extensions from `first` on.
bool any_of(tlm::tlm_extension_base *const *first, std::size_t count);

// The same, but how it is found out where there are few: mostly there is none, so that they are not
// looked at one by one.
[[gnu::always_inline]] inline bool any_of_few(tlm::tlm_extension_base *const *first,
                                              std::size_t count)
{
    std::uintptr_t bits = 0;
    const auto add = [&](unsigned i) { bits |= reinterpret_cast<std::uintptr_t>(first[i]); };
    switch (count) {
    default:
        return any_of(first, count);
    case 8:
        add(7);
        [[fallthrough]];
    case 7:
        add(6);
        [[fallthrough]];
    case 6:
        add(5);
        [[fallthrough]];
    case 5:
        add(4);
        [[fallthrough]];
    case 4:
        add(3);
        [[fallthrough]];
    case 3:
        add(2);
        [[fallthrough]];
    case 2:
        add(1);
        [[fallthrough]];
    case 1:
        add(0);
        [[fallthrough]];
    case 0:
        return bits != 0;
    }
}

// Whether there are extensions but for that of `id`, which has a place there.
[[gnu::always_inline]] inline bool has_others(const extension_array &extensions, std::size_t id)
{
    tlm::tlm_extension_base *const *const first = &extensions[0];
    return any_of_few(first + id + 1, extensions.size() - id - 1) || any_of_few(first, id);
}

} // namespace smmu

#endif
