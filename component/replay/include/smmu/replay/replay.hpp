// SPDX-License-Identifier: Apache-2.0
// A log against the C library: what the log says goes in, what comes out has to be what the log
// says.
#ifndef SMMU_REPLAY_REPLAY_HPP
#define SMMU_REPLAY_REPLAY_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "smmu/config.h"
#include "smmu/replay/log.hpp"

namespace smmu {

// What was compared.
struct replay_counts {
    std::size_t rows = 0;         // of the log
    std::size_t transactions = 0; // answers to them, and to ATS requests
    std::size_t writes = 0;       // words of 8 bytes that the SMMU has written
    std::size_t interrupts = 0;   // pulses, PRG Responses and Invalidate Requests
};

// Replays `rows` into an SMMU that is built from `cfg`, which is good. Returns the first
// difference, in one or more lines: the line of the log, the stream and the address, what the log
// says and what the model says, the fault, and the words of STE, CD and descriptors that it goes
// by. Nothing if there is none. docs/replay.md says what is compared.
std::optional<std::string> replay_log(const smmu_config &cfg, const std::vector<log_row> &rows,
                                      replay_counts &counts);

} // namespace smmu

#endif
