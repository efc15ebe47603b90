// SPDX-License-Identifier: Apache-2.0
// A log as a time line, for ui.perfetto.dev: the JSON trace event format.
#ifndef SMMU_REPLAY_TIMELINE_HPP
#define SMMU_REPLAY_TIMELINE_HPP

#include <ostream>
#include <vector>

#include "smmu/replay/log.hpp"

namespace smmu {

// Writes `rows` to `text`: a slice for what has a beginning, by `since` or by `begin`, and an
// instant for everything else, with all fields of the row. Each TBU is a process there, and so are
// software with what it does, and the SMMU with what it does by itself. A slice is in the first
// lane of its kind that is free all the time. Rows without a time are where the one before is.
void write_timeline(const std::vector<log_row> &rows, std::ostream &text);

} // namespace smmu

#endif
