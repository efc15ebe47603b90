// SPDX-License-Identifier: Apache-2.0
// The signals of AXI as a list, and what is on those of one channel.
#ifndef SMMU_PINS_AXI_BEAT_HPP
#define SMMU_PINS_AXI_BEAT_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <numeric>

#include "smmu/pins/axi_config.hpp"
#include "smmu/pins/pin_style.hpp"

namespace smmu::pins {

// The channels of AXI.
enum class axi_channel {
#define SMMU_AXI_CHANNEL(channel, transmitter) channel,
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
};

// How many channels there are.
constexpr std::size_t axi_channels = 5;

// Some of the channels: a bit for each, of its number.
using axi_channel_set = unsigned;

// A channel as a set.
constexpr axi_channel_set set_of(axi_channel channel)
{
    return 1u << static_cast<unsigned>(channel);
}

// In what is a set, and something besides: the bit that is no channel's.
constexpr axi_channel_set axi_no_channel = 1u << axi_channels;

// The signals but for VALID and READY.
enum class axi_signal {
#define SMMU_AXI_CHANNEL(channel, transmitter)
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise) name,
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
    count, // how many there are
};

// A row of axi_signals.def.
struct axi_signal_row {
    const char *name;    // in IHI 0022
    axi_channel channel; // the one it belongs to
    unsigned words;      // of 64 bits, on the largest bus
    unsigned slot;       // the first one in an axi_beat of the channel
};

// All rows: see row_of().
using axi_signal_rows = std::array<axi_signal_row, static_cast<std::size_t>(axi_signal::count)>;

// The rows with their places, one behind the other in each channel.
constexpr axi_signal_rows place_axi_signals()
{
    using C = axi_largest;
    axi_signal_rows rows = {{
#define SMMU_AXI_CHANNEL(channel, transmitter)
#define SMMU_AXI_SIGNAL(channel, name, width, otherwise)                                           \
    {#name, axi_channel::channel, words_of(width), 0},
#include "smmu/pins/axi_signals.def"
#undef SMMU_AXI_CHANNEL
#undef SMMU_AXI_SIGNAL
    }};
    unsigned next[axi_channels] = {};
    for (axi_signal_row &row : rows) {
        // What the largest bus has not, because it has a later version of it, has room too.
        row.words = row.words ? row.words : 1;
        unsigned &slot = next[static_cast<std::size_t>(row.channel)];
        row.slot = slot;
        slot += row.words;
    }
    return rows;
}

// The rows, in their order.
inline constexpr axi_signal_rows axi_rows = place_axi_signals();

// The row of `signal`.
constexpr const axi_signal_row &row_of(axi_signal signal)
{
    return axi_rows[static_cast<std::size_t>(signal)];
}

// The name of a channel, which those of its VALID and READY begin with.
const char *name_of(axi_channel channel);

// What is on the signals of one channel in one cycle.
class axi_beat {
  public:
    // The words of a signal of this channel, the lowest ones first.
    std::uint64_t *bits(axi_signal signal) { return &bits_[row_of(signal).slot]; }
    // Likewise.
    const std::uint64_t *bits(axi_signal signal) const { return &bits_[row_of(signal).slot]; }
    // The same of the bits that are X or Z, which are 0 in bits().
    std::uint64_t *unknown(axi_signal signal) { return &unknown_[row_of(signal).slot]; }
    // Likewise.
    const std::uint64_t *unknown(axi_signal signal) const { return &unknown_[row_of(signal).slot]; }

    // The value of a signal of up to 64 bits.
    std::uint64_t get(axi_signal signal) const { return *bits(signal); }
    // Give it a value.
    void set(axi_signal signal, std::uint64_t value) { *bits(signal) = value; }

    // Byte lane `lane` of WDATA or RDATA.
    unsigned char byte(axi_signal signal, unsigned lane) const
    {
        return static_cast<unsigned char>(bits(signal)[lane / 8] >> (lane % 8 * 8));
    }
    // Give it a value.
    void set_byte(axi_signal signal, unsigned lane, unsigned char value)
    {
        std::uint64_t &word = bits(signal)[lane / 8];
        const unsigned shift = lane % 8 * 8;
        word = (word & ~(std::uint64_t{0xff} << shift)) | std::uint64_t{value} << shift;
    }

    // `count` byte lanes from `lane` on.
    void get_bytes(axi_signal signal, unsigned lane, unsigned count, unsigned char *bytes) const
    {
        for (; can_copy_word(lane, count); lane += 8, count -= 8, bytes += 8)
            std::memcpy(bytes, &bits(signal)[lane / 8], 8);
        for (unsigned i = 0; i < count; i++)
            bytes[i] = byte(signal, lane + i);
    }
    // Give them values.
    void set_bytes(axi_signal signal, unsigned lane, unsigned count, const unsigned char *bytes)
    {
        for (; can_copy_word(lane, count); lane += 8, count -= 8, bytes += 8)
            std::memcpy(&bits(signal)[lane / 8], bytes, 8);
        for (unsigned i = 0; i < count; i++)
            set_byte(signal, lane + i, bytes[i]);
    }

    // Whether the words of a signal are byte lanes here: those of a host that has the lowest byte
    // first.
    static constexpr bool words_are_lanes = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    // The first `count` byte lanes, a multiple of 8 and not 0, where words_are_lanes.
    void get_words(axi_signal signal, unsigned count, unsigned char *bytes) const
    {
        std::memcpy(bytes, bits(signal), 8);
        for (unsigned i = 8; i < count; i += 8)
            std::memcpy(bytes + i, &bits(signal)[i / 8], 8);
    }
    // Give them values.
    void set_words(axi_signal signal, unsigned count, const unsigned char *bytes)
    {
        std::memcpy(bits(signal), bytes, 8);
        for (unsigned i = 8; i < count; i += 8)
            std::memcpy(&bits(signal)[i / 8], bytes + i, 8);
    }

    // Make all bits of a signal 0.
    void clear(axi_signal signal)
    {
        std::fill_n(bits(signal), row_of(signal).words, std::uint64_t{0});
    }

    // Whether some bit of any signal is X or Z.
    bool has_unknown() const
    {
        return std::accumulate(unknown_.begin(), unknown_.end(), std::uint64_t{0},
                               std::bit_or<>()) != 0;
    }
    // Whether some bit of the signal is X or Z.
    bool is_unknown(axi_signal signal) const;
    // Whether some bit of a byte lane of WDATA or RDATA is.
    bool is_unknown(axi_signal signal, unsigned lane) const;
    // Whether the signal is the same in `other`, X and Z included.
    bool same(axi_signal signal, const axi_beat &other) const;
    // Whether the signals of a channel from `first` to `last` have the same bits in `other`.
    bool same_bits(axi_signal first, axi_signal last, const axi_beat &other) const
    {
        const std::size_t words = row_of(last).slot + row_of(last).words - row_of(first).slot;
        return std::memcmp(bits(first), other.bits(first), words * sizeof(std::uint64_t)) == 0;
    }

  private:
    static bool can_copy_word(unsigned lane, unsigned count)
    {
        return words_are_lanes && lane % 8 == 0 && count >= 8;
    }

    // A request has most signals; data have 8 words and few others.
    static constexpr std::size_t slots = 32;
    std::array<std::uint64_t, slots> bits_ = {};
    std::array<std::uint64_t, slots> unknown_ = {};

    static constexpr bool has_room()
    {
        for (const axi_signal_row &row : axi_rows)
            if (row.slot + row.words > slots)
                return false;
        return true;
    }
};

// Pins of one side of an AXI bus, whatever its configuration and style.
class axi_pins {
  public:
    // VALID, or READY, of a channel.
    virtual pin_level valid(axi_channel channel) const = 0;
    virtual pin_level ready(axi_channel channel) const = 0; // likewise
    // The other signals of a channel; of what is not there, the assumed value.
    virtual axi_beat sample(axi_channel channel) const = 0;
    // The same without a copy where the pins are beats already; else `room` is filled.
    virtual const axi_beat &look(axi_channel channel, axi_beat &room) const
    {
        return room = sample(channel);
    }

    // Drive VALID, where this side transmits on the channel; nothing elsewhere.
    virtual void drive_valid(axi_channel channel, bool high) = 0;
    // Drive READY, where this side receives on the channel; nothing elsewhere.
    virtual void drive_ready(axi_channel channel, bool high) = 0;
    // Drive the other signals, where this side transmits on the channel; nothing elsewhere.
    virtual void drive(axi_channel channel, const axi_beat &beat) = 0;
    // A beat to be filled and then given to drive(): where the pins are beats already their own
    // one, which has what was driven last; else `room`, with zeros.
    virtual axi_beat &place(axi_channel, axi_beat &room) { return room = {}; }

  protected:
    ~axi_pins() = default;
};

} // namespace smmu::pins

#endif
