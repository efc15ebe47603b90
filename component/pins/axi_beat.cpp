// SPDX-License-Identifier: Apache-2.0
// The signals of AXI as a list: see smmu/pins/axi_beat.hpp.
#include "smmu/pins/axi_beat.hpp"

#include <algorithm>

namespace smmu::pins {

namespace {

constexpr const char *channel_names[axi_channels] = {
#define SMMU_AXI_CHANNEL(channel, transmitter) #channel,
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
};

} // namespace

const char *name_of(axi_channel channel)
{
    return channel_names[static_cast<std::size_t>(channel)];
}

bool axi_beat::is_unknown(axi_signal signal) const
{
    static_assert(has_room(), "a beat has room for every channel");
    for (unsigned i = 0; i < row_of(signal).words; i++)
        if (unknown(signal)[i])
            return true;
    return false;
}

bool axi_beat::is_unknown(axi_signal signal, unsigned lane) const
{
    return unknown(signal)[lane / 8] >> (lane % 8 * 8) & 0xff;
}

bool axi_beat::same(axi_signal signal, const axi_beat &other) const
{
    const std::size_t words = row_of(signal).words;
    return std::equal(bits(signal), bits(signal) + words, other.bits(signal)) &&
           std::equal(unknown(signal), unknown(signal) + words, other.unknown(signal));
}

} // namespace smmu::pins
