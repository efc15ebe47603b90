// SPDX-License-Identifier: Apache-2.0
// A stream whose pages software moves while devices access them, whatever stages it has.
#ifndef TESTS_TLM_STRESS_STREAM_HPP
#define TESTS_TLM_STRESS_STREAM_HPP

#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <vector>

#include "bench.hpp"
#include "support/random.hpp"
#include "two_stage_stream.hpp"

namespace tlm_test {

enum class stages { first, second, both };
constexpr unsigned kinds_of_stages = 3;

std::ostream &operator<<(std::ostream &out, stages of);

// Faults of any stage stall; walks are followed by prefetches, if the SMMU makes any. What changes
// tables returns the commands that software has to issue then, before a CMD_SYNC.
class stress_stream {
  public:
    using commands = std::vector<support::command>;

    // `number`: of the stream among those of `b`; it makes the StreamID, ASID and VMID. With both
    // stages the CD lies in a page of its own, at first at `cd_page`. Pages that are given to it
    // lie in the first 512 KB of either half of 2 MB, and are of 4 KB. All must outlive it.
    stress_stream(bench &b, unsigned number, stages of, std::uint64_t cd_page,
                  support::random_source &random);

    std::uint32_t sid() const { return number_ + 1; }
    bool has_cd_behind_stage2() const { return of_ == stages::both; }
    bool is_about_cd(const support::event &event) const;

    // Let page `va`, which leads nowhere, lead to `pa`.
    void map(std::uint64_t va, std::uint64_t pa);
    // Let it lead to `pa` instead, or nowhere.
    commands move(std::uint64_t va, std::uint64_t pa);
    commands unmap(std::uint64_t va);

    // The same for the page of the CD, at any `pa`; nowhere with unmap_cd(). With both stages only.
    commands move_cd(std::uint64_t pa);
    commands unmap_cd();
    void map_cd(std::uint64_t pa);

  private:
    std::uint64_t ipa_of(std::uint64_t va, unsigned way) const;
    commands after_stage1(std::uint64_t va) const;
    commands after_stage2(std::uint64_t ipa);

    const unsigned number_;
    const stages of_;
    bench &bench_;
    support::random_source &random_;
    std::unique_ptr<stream> one_;
    std::unique_ptr<two_stage_stream> two_;
    std::map<std::uint64_t, std::uint64_t> stage2_; // both stages: where IPAs lead
    std::map<std::uint64_t, unsigned> way_;         // ... and which of two a page has
};

} // namespace tlm_test

#endif
