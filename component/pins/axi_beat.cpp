// SPDX-License-Identifier: Apache-2.0
// The signals of AXI as a list: see smmu/pins/axi_beat.hpp.
#include "smmu/pins/axi_beat.hpp"

#include <algorithm>
#include <cstring>

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

unsigned char axi_beat::byte(axi_signal signal, unsigned lane) const
{
    return static_cast<unsigned char>(bits(signal)[lane / 8] >> (lane % 8 * 8));
}

void axi_beat::set_byte(axi_signal signal, unsigned lane, unsigned char value)
{
    std::uint64_t &word = bits(signal)[lane / 8];
    const unsigned shift = lane % 8 * 8;
    word = (word & ~(std::uint64_t{0xff} << shift)) | std::uint64_t{value} << shift;
}

// Words of a host that has the lowest byte first are lanes.
void axi_beat::get_bytes(axi_signal signal, unsigned lane, unsigned count,
                         unsigned char *bytes) const
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    std::memcpy(bytes, reinterpret_cast<const unsigned char *>(bits(signal)) + lane, count);
#else
    for (unsigned i = 0; i < count; i++)
        bytes[i] = byte(signal, lane + i);
#endif
}

void axi_beat::set_bytes(axi_signal signal, unsigned lane, unsigned count,
                         const unsigned char *bytes)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    std::memcpy(reinterpret_cast<unsigned char *>(bits(signal)) + lane, bytes, count);
#else
    for (unsigned i = 0; i < count; i++)
        set_byte(signal, lane + i, bytes[i]);
#endif
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
