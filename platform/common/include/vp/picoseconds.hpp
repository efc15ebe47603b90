// SPDX-License-Identifier: Apache-2.0
// SystemC time as the number of picoseconds that kernels in C count in.
#ifndef VP_PICOSECONDS_HPP
#define VP_PICOSECONDS_HPP

#include <cmath>
#include <cstdint>

#include <systemc>

namespace vp {

// Exact for times of whole picoseconds up to 2^53 of them, two and a half hours.
inline std::uint64_t to_ps(const sc_core::sc_time &time)
{
    return static_cast<std::uint64_t>(std::llround(time / sc_core::sc_time(1, sc_core::SC_PS)));
}

inline sc_core::sc_time from_ps(std::uint64_t count)
{
    return {static_cast<double>(count), sc_core::SC_PS};
}

} // namespace vp

#endif
