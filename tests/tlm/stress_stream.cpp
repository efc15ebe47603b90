// SPDX-License-Identifier: Apache-2.0
// A stream whose pages software moves: see stress_stream.hpp.
#include "stress_stream.hpp"

namespace tlm_test {

namespace {

constexpr std::uint64_t first_ipa = 0x0000'0040'0000'0000; // of data
constexpr unsigned prefetch_forwards = 0b10'0000;          // STE bits [127:116], of which [121:120]
constexpr std::uint64_t region = 0x20'0000;                // that one table describes
constexpr std::uint64_t ways_apart = 0x8'0000;             // a walk takes as long by either
constexpr std::uint64_t cd_ipa = 0x0000'0041'0000'0000;

} // namespace

std::ostream &operator<<(std::ostream &out, stages of)
{
    return out << (of == stages::first ? "stage1" : of == stages::second ? "stage2" : "nested");
}

stress_stream::stress_stream(bench &b, unsigned number, stages of, std::uint64_t cd_page,
                             support::random_source &random)
    : number_(number), of_(of), bench_(b), random_(random)
{
    using kind = two_stage_stream::kind;
    if (of == stages::first) {
        one_ = std::make_unique<stream>(b, sid(), number + 1);
        one_->context().s = 1;
        one_->entry().impdef = prefetch_forwards;
        one_->publish();
        return;
    }
    two_ = std::make_unique<two_stage_stream>(b, sid(), number + 1,
                                              of == stages::both ? kind::nested : kind::stage2);
    two_->entry().s2s = 1;
    two_->entry().impdef = prefetch_forwards;
    if (of == stages::both) {
        two_->context().s = 1;
        two_->entry().s1contextptr = cd_ipa;
        map_cd(cd_page);
    }
    two_->publish();
}

bool stress_stream::is_about_cd(const support::event &event) const
{
    return event.s2 && event.cls == support::CLASS_CD;
}

// Stage 1 leads to one of two IPAs, so that either stage can move a page.
std::uint64_t stress_stream::ipa_of(std::uint64_t va, unsigned way) const
{
    return of_ == stages::both ? first_ipa + way * ways_apart + (va & (region - 1)) : va;
}

stress_stream::commands stress_stream::after_stage1(std::uint64_t va) const
{
    const unsigned asid = one_ ? one_->asid() : two_->asid();
    const unsigned vmid = one_ ? 0 : two_->vmid();
    return {random_.coin() ? support::tlbi_nh_va(va, asid, random_.coin(), vmid)
                           : support::tlbi_nh_asid(asid, vmid)};
}

// DDI 0487 D8.17: what is of both stages goes with stage 1.
stress_stream::commands stress_stream::after_stage2(std::uint64_t ipa)
{
    if (random_.coin())
        return {support::tlbi_s12_vmall(two_->vmid())};
    return {support::tlbi_s2_ipa(ipa, two_->vmid(), random_.coin()),
            support::tlbi_nh_all(two_->vmid())};
}

void stress_stream::map(std::uint64_t va, std::uint64_t pa)
{
    if (one_) {
        one_->map(va, pa);
        return;
    }
    const std::uint64_t ipa = ipa_of(va, way_[va]);
    if (of_ == stages::both)
        two_->map_s1(va, ipa);
    two_->map_s2(ipa, pa);
    stage2_[ipa] = pa;
}

stress_stream::commands stress_stream::move(std::uint64_t va, std::uint64_t pa)
{
    if (one_) {
        one_->unmap(va);
        one_->map(va, pa);
        return after_stage1(va);
    }
    const std::uint64_t ipa = ipa_of(va, way_[va]);
    const std::uint64_t other = ipa_of(va, 1 - way_[va]);
    const auto there = stage2_.find(other);
    if (of_ == stages::both && random_.coin() && (there == stage2_.end() || there->second == pa)) {
        two_->map_s2(other, pa); // as it is, or for the first time
        stage2_[other] = pa;
        way_[va] = 1 - way_[va];
        two_->map_s1(va, other);
        return after_stage1(va);
    }
    two_->map_s2(ipa, pa);
    stage2_[ipa] = pa;
    return after_stage2(ipa);
}

stress_stream::commands stress_stream::unmap(std::uint64_t va)
{
    if (one_) {
        one_->unmap(va);
        return after_stage1(va);
    }
    if (of_ == stages::both && random_.coin()) {
        two_->unmap_s1(va);
        return after_stage1(va);
    }
    const std::uint64_t ipa = ipa_of(va, way_[va]);
    two_->unmap_s2(ipa);
    stage2_.erase(ipa);
    return after_stage2(ipa);
}

void stress_stream::map_cd(std::uint64_t pa)
{
    bench_.memory.store_image(pa, two_->context().encode());
    two_->map_s2(cd_ipa, pa);
}

stress_stream::commands stress_stream::move_cd(std::uint64_t pa)
{
    map_cd(pa);
    return after_stage2(cd_ipa);
}

// The CD is cached apart from what leads to it.
stress_stream::commands stress_stream::unmap_cd()
{
    two_->unmap_s2(cd_ipa);
    commands all = after_stage2(cd_ipa);
    all.push_back(random_.coin() ? support::cfgi_cd(sid()) : support::cfgi_ste(sid()));
    return all;
}

} // namespace tlm_test
