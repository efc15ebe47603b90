// SPDX-License-Identifier: Apache-2.0
// A stream of a virtual machine for the TLM tests: stage 2 alone, or behind stage 1.
#ifndef TESTS_TLM_TWO_STAGE_STREAM_HPP
#define TESTS_TLM_TWO_STAGE_STREAM_HPP

#include "bench.hpp"

namespace tlm_test {

class two_stage_stream {
  public:
    enum class kind { stage2, nested };

    // The tables of stage 1 are seen through stage 2 where they are in memory; all else has to be
    // mapped.
    two_stage_stream(bench &b, std::uint32_t sid, unsigned vmid, kind stages);

    unsigned asid() const { return cd_.asid; }
    unsigned vmid() const { return ste_.s2vmid; }
    support::cd &context() { return cd_; }
    support::ste &entry() { return ste_; }
    void publish(); // after a change to context() or entry()

    void map_s1(std::uint64_t va, std::uint64_t ipa, unsigned level = 3);
    void map_s2(std::uint64_t ipa, std::uint64_t pa, unsigned level = 3, unsigned s2ap = 0b11);
    void unmap_s1(std::uint64_t va);
    void unmap_s2(std::uint64_t ipa);

  private:
    bench &bench_;
    std::uint32_t sid_;
    support::translation_table s1_;
    support::translation_table s2_;
    support::cd cd_;
    support::ste ste_;
};

} // namespace tlm_test

#endif
