// SPDX-License-Identifier: Apache-2.0
// Numbers of the command line: decimal digits, nothing before or behind them, within limits.
#ifndef VP_NUMBERS_HPP
#define VP_NUMBERS_HPP

#include <cstdint>
#include <optional>
#include <string>

namespace vp {

// Each returns nothing for a text that is no number from `least` to `most`: what is neither a
// number, nor finite, or in another base, is none.
std::optional<std::uint64_t> whole_number(const std::string &text, std::uint64_t least,
                                          std::uint64_t most);
std::optional<double> decimal_number(const std::string &text, double least, double most);

// A whole number of bytes, or of K, M, G or T of them, in capitals or not: "512M".
std::optional<std::uint64_t> byte_count(const std::string &text, std::uint64_t least,
                                        std::uint64_t most);

} // namespace vp

#endif
