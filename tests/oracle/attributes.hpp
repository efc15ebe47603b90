// SPDX-License-Identifier: Apache-2.0
// Memory attributes of client transactions (IHI 0070 13), each property on its own.
#ifndef TESTS_ORACLE_ATTRIBUTES_HPP
#define TESTS_ORACLE_ATTRIBUTES_HPP

#include "oracle/structures.hpp"

namespace oracle {

// One cacheability domain of a Normal type; the order is that of strength (Figure 13.1).
enum class cacheability { nc, wt, wb };

struct domain {
    cacheability cache = cacheability::nc;
    bool ra = false, wa = false, tr = false;
};

struct attributes {
    bool device = true;
    unsigned device_type = 0; // 0 nGnRnE, 1 nGnRE, 2 nGRE, 3 GRE: stronger first
    domain outer, inner;      // if Normal
    unsigned sh = 2;          // as the SH field
};

// From and to a MAIR byte and an SH field.
attributes from_mair(uint8_t mair, unsigned sh);
uint8_t to_mair(const attributes &a);

// 13.1.4 with the fields of an STE or of SMMU_GBPA.
struct overrides {
    bool mtcfg = false;
    unsigned memattr = 0;
    unsigned alloccfg = 0;
    unsigned shcfg = 1;
};
overrides overrides_of_ste(const id_fields &id, const raw512 &ste);
overrides overrides_of_gbpa(const id_fields &id, uint32_t gbpa);
attributes replace_attrs(const overrides &o, attributes in);

// 13.4: what has no hints, because it is not cached, gives those that are not the stronger. (Taken
// away again by consistent().)
attributes default_hints(attributes a);

// 13.4.2: stage 1 attributes, with the hints of what was input to stage 1, even if not cached.
attributes stage1_attrs(const attributes &in, uint8_t mair, unsigned sh);

// 13.4.3: combined with MemAttr and SH of a stage 2 descriptor, or with STE.S2FWB what Table D8-101
// makes of them.
attributes combine_stage2(const attributes &in, unsigned memattr, unsigned sh, memattr_form form);

// A stage 2 MemAttr that is any Device type.
bool stage2_is_device(unsigned memattr, memattr_form form);

// 13.1.7
attributes consistent(attributes a);

} // namespace oracle

#endif
