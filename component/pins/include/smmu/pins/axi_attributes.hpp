// SPDX-License-Identifier: Apache-2.0
// What the signals of an AXI request are as smmu::attributes, and the other way.
#ifndef SMMU_PINS_AXI_ATTRIBUTES_HPP
#define SMMU_PINS_AXI_ATTRIBUTES_HPP

#include "smmu/pins/axi_request.hpp"
#include "smmu/tlm/attributes.hpp"

namespace smmu::pins {

// The memory type and shareability of a request on a bus of `shape`, by axi_memory.def. A type that
// is reserved is Device-nGnRnE.
smmu_memattr memattr_of(const axi_request &request, const axi_shape &shape);

// Gives `request` the memory type, by axi_memory.def, and the domain. Outer attributes are those of
// AXI; transient is not.
void set_memattr(axi_request &request, const smmu_memattr &memattr);

// What `request` on a bus of `shape` carries beside address and data. StreamID and SubstreamID are
// 0 on a bus without untranslated transactions.
attributes attributes_of(const axi_request &request, const axi_shape &shape);

// Gives `request`, whose direction is set, what `attributes` say: prot, nse, cache, domain, qos,
// id, pbha, mpam, snoop, mmu fields; the rest is 0. An operation that the bus cannot say becomes
// one that reads or writes.
void set_attributes(axi_request &request, const attributes &attributes, const axi_shape &shape);

// AWATOP of an atomic operation (IHI 0022 L A6.4.6).
unsigned atop_of(const atomic_access &atomic);

// What the data of `request`, an atomic transaction that breaks no rule, ask for: `data` has the
// bytes of the burst in the order of addresses.
atomic_access operation_of(const axi_request &request, const unsigned char *data);

// Whether a request of that direction can say `op` on a bus of `shape` in `domain`.
bool has_operation(smmu_op op, bool write, unsigned domain, const axi_shape &shape);

// What of `attributes` a bus of `shape` has no room for, though the access would be another one
// without it; nullptr: nothing.
const char *unfit_for(const attributes &attributes, const axi_shape &shape);

} // namespace smmu::pins

#endif
