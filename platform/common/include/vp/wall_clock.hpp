// SPDX-License-Identifier: Apache-2.0
// Simulated time that does not outrun the clock on the wall.
#ifndef VP_WALL_CLOCK_HPP
#define VP_WALL_CLOCK_HPP

#include <algorithm>
#include <chrono>

namespace vp {

// Only where a run listens to the world outside does it depend on the host's clock. A guest that
// idles waits on the host too; one that is busy is as slow as the host is, and the time lost is not
// made up for.
class wall_clock {
  public:
    using nanoseconds = std::chrono::nanoseconds;

    // How long to wait on the wall, now that `period` of simulated time has passed since the last
    // call: 0 or more.
    nanoseconds behind(nanoseconds period)
    {
        using namespace std::chrono;

        const auto now = steady_clock::now();
        due_ = std::max(due_ + period, now);
        return duration_cast<nanoseconds>(due_ - now);
    }

  private:
    std::chrono::steady_clock::time_point due_; // when it should be now
};

} // namespace vp

#endif
