// SPDX-License-Identifier: Apache-2.0
// Random arrivals, and what queueing theory says of them.
#ifndef TESTS_SUPPORT_QUEUEING_HPP
#define TESTS_SUPPORT_QUEUEING_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/random.hpp"

namespace support {

// The time between two arrivals of a Poisson process.
inline uint64_t poisson_gap(random_source &random, double mean)
{
    const double uniform = (static_cast<double>(random.bits(53)) + 0.5) * 0x1p-53;
    return static_cast<uint64_t>(-std::log(uniform) * mean);
}

// The mean wait for one server that takes a constant time and is used to a share of `rho` by
// Poisson arrivals (M/D/1; Pollaczek and Khinchine).
inline double wait_of_md1(double service, double rho)
{
    return service * rho / (2 * (1 - rho));
}

struct estimate {
    double mean;
    double error; // standard error
};

// Of the mean of values that depend on their neighbours: by the means of 50 batches, which hardly
// depend on each other.
inline estimate estimate_of(const std::vector<double> &values)
{
    constexpr std::size_t batches = 50;
    const std::size_t size = values.size() / batches;
    std::vector<double> means(batches);
    double mean = 0;
    for (std::size_t i = 0; i < size * batches; i++)
        means[i / size] += values[i] / static_cast<double>(size);
    for (const double m : means)
        mean += m / batches;
    double squares = 0;
    for (const double m : means)
        squares += (m - mean) * (m - mean);
    return {mean, std::sqrt(squares / (batches - 1) / batches)};
}

// That many standard errors are the mean of an estimate away from the true one, 99 times out of
// 100: Student's t with 49 degrees of freedom.
constexpr double within_99_percent = 2.68;

} // namespace support

#endif
