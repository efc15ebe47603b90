// SPDX-License-Identifier: Apache-2.0
// The latency of a transaction in parts: see smmu/tlm/latency.hpp.
#include "smmu/tlm/latency.hpp"

namespace smmu {

namespace {

struct part_row {
    const char *name;
    const char *place;
};

constexpr const char *TBU = "tbu", *LINK = "link", *TCU = "tcu", *MEMORY = "memory",
                     *OTHER = "other";
constexpr part_row part_rows[] = {
#define SMMU_LATENCY_PART(name, where, help) {#name, where},
#include "smmu/tlm/latency_parts.def"
#undef SMMU_LATENCY_PART
};

} // namespace

const char *latency_part_name(latency_part part)
{
    return part_rows[static_cast<unsigned>(part)].name;
}

const char *latency_part_place(latency_part part)
{
    return part_rows[static_cast<unsigned>(part)].place;
}

ticks latency_split::time(latency_part part) const
{
    ticks sum = 0;
    each([&](const latency_stretch &one) { sum += one.part == part ? one.time : 0; });
    return sum;
}

unsigned latency_split::uses(latency_part part) const
{
    unsigned sum = 0;
    each([&](const latency_stretch &one) { sum += one.part == part; });
    return sum;
}

__attribute__((noinline, cold)) void latency_split::make_room()
{
    if (!is_long())
        earlier_.clear();
    for (unsigned i = 0; i < count_; i++)
        earlier_.push_back({times_[i], parts_[i]});
    many_ += count_;
    count_ = 0;
}

} // namespace smmu
