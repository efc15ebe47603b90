// SPDX-License-Identifier: Apache-2.0
// Types of pins, and what is on them as words.
#ifndef SMMU_PINS_PIN_STYLE_HPP
#define SMMU_PINS_PIN_STYLE_HPP

#include <cstdint>
#include <type_traits>

#include <systemc>

namespace smmu::pins {

// A signal that a bus has not.
struct absent_pin {
    // Takes what a pin takes.
    explicit absent_pin(const char * = nullptr) {}
    // There is nothing to bind.
    template <class Other> void bind(Other &) {}
};

// Pins of two states, in the types of the ports of SystemC models that Verilator makes: bool,
// std::uint32_t, std::uint64_t and, above 64 bits, sc_bv. Fast; X and Z cannot be seen.
struct two_state {
    // The type of a signal of N bits.
    template <unsigned N>
    using value = std::conditional_t<
        N <= 1, bool,
        std::conditional_t<
            N <= 32, std::uint32_t,
            std::conditional_t<N <= 64, std::uint64_t, sc_dt::sc_bv<static_cast<int>(N)>>>>;
};

// Pins of four states, as simulators of SystemVerilog offer them: sc_logic and sc_lv. Slower; a
// checker finds X and Z on them.
struct four_state {
    // The type of a signal of N bits.
    template <unsigned N>
    using value =
        std::conditional_t<N <= 1, sc_dt::sc_logic, sc_dt::sc_lv<N ? static_cast<int>(N) : 1>>;
};

// How many words of 64 bits a signal of `width` bits has.
constexpr unsigned words_of(unsigned width)
{
    return (width + 63) / 64;
}

// Word `i` of a signal of `width` bits counts in these bits: a type may have room for more.
constexpr std::uint64_t word_mask(unsigned width, unsigned i)
{
    return width >= 64 * (i + 1) ? ~std::uint64_t{0} : (std::uint64_t{1} << width % 64) - 1;
}

// Take the value of a pin: `bits`, and in `unknown` those that are X or Z, which are 0 in `bits`;
// as many words as it has, the lowest ones first. With types of their own for pins, users overload
// this one and store_pin().
inline void load_pin(bool pin, std::uint64_t *bits, std::uint64_t *unknown)
{
    *bits = pin;
    *unknown = 0;
}

// Likewise.
inline void load_pin(std::uint32_t pin, std::uint64_t *bits, std::uint64_t *unknown)
{
    *bits = pin;
    *unknown = 0;
}

// Likewise.
inline void load_pin(std::uint64_t pin, std::uint64_t *bits, std::uint64_t *unknown)
{
    *bits = pin;
    *unknown = 0;
}

// Likewise.
inline void load_pin(const sc_dt::sc_logic &pin, std::uint64_t *bits, std::uint64_t *unknown)
{
    *bits = pin.value() == sc_dt::Log_1;
    *unknown = !pin.is_01();
}

// Likewise; SystemC keeps words of 32 bits.
template <int N>
void load_pin(const sc_dt::sc_bv<N> &pin, std::uint64_t *bits, std::uint64_t *unknown)
{
    for (int i = 0; i < pin.size(); i += 2) {
        const std::uint64_t high = i + 1 < pin.size() ? pin.get_word(i + 1) : 0;
        bits[i / 2] = high << 32 | pin.get_word(i);
        unknown[i / 2] = 0;
    }
}

// Likewise.
template <int N>
void load_pin(const sc_dt::sc_lv<N> &pin, std::uint64_t *bits, std::uint64_t *unknown)
{
    for (int i = 0; i < pin.size(); i += 2) {
        const bool two = i + 1 < pin.size();
        unknown[i / 2] = std::uint64_t{two ? pin.get_cword(i + 1) : 0} << 32 | pin.get_cword(i);
        bits[i / 2] = std::uint64_t{two ? pin.get_word(i + 1) : 0} << 32 | pin.get_word(i);
        bits[i / 2] &= ~unknown[i / 2];
    }
}

// Make the value of a pin. What is unknown is X, on pins of four states, else 0.
inline void store_pin(const std::uint64_t *bits, const std::uint64_t *, bool &pin)
{
    pin = *bits & 1;
}

// Likewise.
inline void store_pin(const std::uint64_t *bits, const std::uint64_t *, std::uint32_t &pin)
{
    pin = static_cast<std::uint32_t>(*bits);
}

// Likewise.
inline void store_pin(const std::uint64_t *bits, const std::uint64_t *, std::uint64_t &pin)
{
    pin = *bits;
}

// Likewise.
inline void store_pin(const std::uint64_t *bits, const std::uint64_t *unknown, sc_dt::sc_logic &pin)
{
    pin = *unknown & 1 ? sc_dt::sc_logic('X') : sc_dt::sc_logic((*bits & 1) != 0);
}

// Likewise.
template <int N>
void store_pin(const std::uint64_t *bits, const std::uint64_t *, sc_dt::sc_bv<N> &pin)
{
    for (int i = 0; i < pin.size(); i++)
        pin.set_word(i, static_cast<sc_dt::sc_digit>(bits[i / 2] >> (i % 2 * 32)));
}

// Likewise.
template <int N>
void store_pin(const std::uint64_t *bits, const std::uint64_t *unknown, sc_dt::sc_lv<N> &pin)
{
    for (int i = 0; i < pin.size(); i++) {
        const std::uint64_t control = unknown[i / 2] >> (i % 2 * 32);
        const std::uint64_t data = bits[i / 2] >> (i % 2 * 32) | control;
        pin.set_word(i, static_cast<sc_dt::sc_digit>(data));
        pin.set_cword(i, static_cast<sc_dt::sc_digit>(control));
    }
}

// What a pin of one bit says.
enum class pin_level {
    low,     // 0
    high,    // 1
    unknown, // X or Z
};

// The level of a pin of one bit.
template <class T> pin_level level_of(const T &pin)
{
    std::uint64_t bit = 0;
    std::uint64_t unknown = 0;
    load_pin(pin, &bit, &unknown);
    if (unknown)
        return pin_level::unknown;
    return bit ? pin_level::high : pin_level::low;
}

// What a side does with a signal.
enum class pin_way {
    in,   // a port that reads
    out,  // a port that drives
    wire, // the signal itself
};

// The member for a signal of N bits: an input, an output, a channel; absent_pin if N is 0.
template <class STYLE, unsigned N, pin_way WAY>
using pin = std::conditional_t<
    N == 0, absent_pin,
    std::conditional_t<
        WAY == pin_way::in, sc_core::sc_in<typename STYLE::template value<N>>,
        std::conditional_t<WAY == pin_way::out, sc_core::sc_out<typename STYLE::template value<N>>,
                           sc_core::sc_signal<typename STYLE::template value<N>>>>>;

} // namespace smmu::pins

#endif
