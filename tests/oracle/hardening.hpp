// SPDX-License-Identifier: Apache-2.0
// Translation hardening (IHI 0070 3.27, DDI 0487 D8.2.7): which controls count, and the tables of
// TopLevel checks.
#ifndef TESTS_ORACLE_HARDENING_HPP
#define TESTS_ORACLE_HARDENING_HPP

#include <string>

#include "oracle/structures.hpp"

namespace oracle {

// Whether stage 2 leaves have AssuredOnly (STE.AssuredOnly), stage 1 descriptors Protected
// (CD.PnCH), and STE.TLn is 1.
bool s2_has_assured_only(const id_fields &id, const raw512 &ste);
bool s1_has_protected(const id_fields &id, const raw512 &cd);
bool tl_of(const id_fields &id, const raw512 &ste, unsigned n);

// Whether memory with a permission of stage 2, by its name in Table D8-82, is MRO.
bool is_mro(const std::string &permission);

// Whether the first table of TTBn must not lie in such memory.
bool top_level_fault(bool tl0, bool tl1, const std::string &permission, unsigned n);

} // namespace oracle

#endif
