// SPDX-License-Identifier: Apache-2.0
// When the phases of three transactions count, in nanoseconds: computed by hand from the rows of
// the kit.
#ifndef TESTS_TLM_AT_TIMES_HPP
#define TESTS_TLM_AT_TIMES_HPP

#include <string>
#include <vector>

#include "at_initiators.hpp"

namespace tlm_test {

struct at_times {
    const char *kind;
    std::vector<unsigned> begin_req, end_req, begin_resp,
        end_resp; // of the three, as they are sent
};

// The row of `table` about `kind`. Throws if there is none.
inline const at_times &times_of(const std::vector<at_times> &table, const std::string &kind)
{
    for (const at_times &row : table)
        if (row.kind == kind)
            return row;
    throw std::out_of_range("no times of " + kind);
}

// Kinds of targets: an initiator sends the next request when the last one has been accepted, and
// takes every response at once.
inline const std::vector<at_times> target_times = {
    // TLM_COMPLETED accepts the request when its delay has passed.
    {"completes", {0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}},
    {"completes_later", {0, 20, 40}, {20, 40, 60}, {20, 40, 60}, {20, 40, 60}},
    // So does a response.
    {"returns_response", {0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}},
    {"returns_response_later", {0, 20, 40}, {20, 40, 60}, {20, 40, 60}, {20, 40, 60}},
    {"calls_response", {0, 20, 40}, {20, 40, 60}, {20, 40, 60}, {20, 40, 60}},
    // Accepted after 5, answered 20 later.
    {"calls", {0, 5, 10}, {5, 10, 15}, {25, 30, 35}, {25, 30, 35}},
    {"calls_at_once", {0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}},
    {"calls_ahead", {0, 5, 10}, {5, 10, 15}, {25, 30, 35}, {25, 30, 35}},
    {"returns_accept", {0, 5, 10}, {5, 10, 15}, {25, 30, 35}, {25, 30, 35}},
    {"returns_accept_at_once", {0, 0, 0}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}},
    // The third is accepted when the first has ended: 5 + 40.
    {"bounded", {0, 5, 10}, {5, 10, 45}, {45, 50, 85}, {45, 50, 85}},
    // The first and the third take 30 longer.
    {"out_of_order", {0, 5, 10}, {5, 10, 15}, {55, 30, 65}, {55, 30, 65}},
};

// Kinds of initiators: a target accepts a request 5 after it has begun and gives the response 10
// later, or when the last one has ended.
inline const std::vector<at_times> initiator_times = {
    {"completes", {0, 5, 10}, {5, 10, 15}, {15, 20, 25}, {15, 20, 25}},
    {"completes_later", {0, 5, 10}, {5, 10, 15}, {15, 22, 29}, {22, 29, 36}},
    {"updates", {0, 5, 10}, {5, 10, 15}, {15, 20, 25}, {15, 20, 25}},
    {"updates_later", {0, 5, 10}, {5, 10, 15}, {15, 22, 29}, {22, 29, 36}},
    {"calls", {0, 5, 10}, {5, 10, 15}, {15, 20, 25}, {15, 20, 25}},
    {"calls_later", {0, 5, 10}, {5, 10, 15}, {15, 22, 29}, {22, 29, 36}},
    {"calls_ahead", {0, 5, 10}, {5, 10, 15}, {15, 22, 29}, {22, 29, 36}},
    // Sent at 0, 8 and 16.
    {"sends_ahead", {3, 11, 19}, {8, 16, 24}, {18, 26, 34}, {18, 26, 34}},
    {"sends_ahead_calls_later", {3, 11, 19}, {8, 16, 24}, {18, 26, 34}, {25, 33, 41}},
};

} // namespace tlm_test

#endif
