// SPDX-License-Identifier: Apache-2.0
// Which extensions a payload carries.
#ifndef SMMU_TLM_CARRIED_EXTENSIONS_HPP
#define SMMU_TLM_CARRIED_EXTENSIONS_HPP

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

} // namespace smmu

#endif
