// SPDX-License-Identifier: Apache-2.0
// How long the SMMU takes: every latency of the component, with the way it is spent.
#ifndef SMMU_TLM_TIMING_HPP
#define SMMU_TLM_TIMING_HPP

#include <systemc>

namespace smmu {

// The two coding styles of TLM-2.0. With all latencies zero both give the same results.
enum class timing_mode {
    // Latencies are added to the delay of the transaction that causes them, and the call returns at
    // once; direct memory access is used and granted. The fastest, for software.
    loosely_timed,
    // Latencies pass: the calling process is suspended for them, so that transactions of several
    // processes overlap and an invalidation can come in the middle of a walk. No direct memory
    // access. For architects.
    approximately_timed,
};

// Latencies, all zero until set.
struct timing {
    timing_mode mode = timing_mode::loosely_timed; // how the latencies below are spent

    // From the arrival of a transaction at a TBU to the answer of its configuration and TLB lookup.
    // Every transaction pays it, whether it hits or misses.
    sc_core::sc_time lookup = sc_core::SC_ZERO_TIME;

    // From the decision to access memory to the access leaving the walk port: once for each table
    // fetch and queue access. The latency of the memory system comes on top.
    sc_core::sc_time walk_issue = sc_core::SC_ZERO_TIME;

    // A register access, from its arrival to its response.
    sc_core::sc_time register_access = sc_core::SC_ZERO_TIME;

    // How long an interrupt output stays high; zero is one delta cycle. Passes in either mode.
    sc_core::sc_time irq_pulse = sc_core::SC_ZERO_TIME;
};

} // namespace smmu

#endif
