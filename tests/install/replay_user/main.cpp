// SPDX-License-Identifier: Apache-2.0
// A user of the installed library of logs: out of reset an SMMU lets transactions through
// unchanged; a log that says otherwise differs.
#include <smmu/replay/replay.hpp>
#include <smmu/replay/timeline.hpp>

#include <sstream>

int main()
{
    const smmu_config cfg = smmu_config_default();
    smmu::replay_counts counts;
    std::istringstream log("what,addr,result,out\n"
                           "txn,0x1000,forward,0x1000\n"
                           "txn,0x1000,forward,0x2000\n");
    const std::vector<smmu::log_row> rows = smmu::read_log(log, ".");
    std::ostringstream line;
    smmu::write_timeline(rows, line);
    const auto difference = smmu::replay_log(cfg, rows, counts);
    return difference && difference->compare(0, 7, "line 3:") == 0 && !line.str().empty() ? 0 : 1;
}
