// SPDX-License-Identifier: Apache-2.0
// How long the C core takes for a translation: found in the micro TLB, in the TLB, or walked for.
#include "bench.hpp"
#include "guest_image.hpp"

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "smmu/smmu.h"

namespace bench {

namespace {

// Makes a configuration. None is on the stack while time is taken: how a stack lies changes what a
// walk takes, and is to be the same whatever a configuration is made of.
using configuration = smmu_config();

// An SMMU that translates the stream of a guest image, held in flat memory.
class machine {
  public:
    machine(configuration *configure, bool nested) : image_(make_guest_image(nested))
    {
        const smmu_config config = configure();
        smmu_ops ops{};
        ops.read = read;
        ops.write = write;
        ops.cas = compare_and_swap;
        smmu_error error{};
        smmu_.reset(smmu_create(&config, &ops, this, &error));
        if (!smmu_)
            throw std::invalid_argument(std::string(error.field) + " " + error.reason);
        for (const register_write &w : image_.bring_up) {
            smmu_reg_write(smmu_.get(), w.offset, w.size, w.value);
            smmu_run(smmu_.get());
        }
    }

    // Translates an access to a page of the image. Returns false if the answer is not the mapping.
    bool translate(unsigned page)
    {
        const std::uint64_t offset = page % guest_image::pages * guest_image::page_size;
        txn_.addr = guest_image::input + offset;
        smmu_translate(smmu_.get(), &txn_, &result_);
        return result_.outcome == SMMU_FORWARD && result_.addr == guest_image::output + offset;
    }

    const smmu_stats &stats() const { return *smmu_get_stats(smmu_.get()); }

  private:
    struct destroy {
        void operator()(smmu_t *smmu) const { smmu_destroy(smmu); }
    };

    static smmu_mem_status read(void *user, const smmu_mem_req *req, void *data)
    {
        const auto &bytes = static_cast<machine *>(user)->image_.bytes;
        if (req->addr < guest_image::base || req->addr - guest_image::base >= bytes.size())
            return SMMU_MEM_ABORT;
        std::memcpy(data, bytes.data() + (req->addr - guest_image::base), req->size);
        return SMMU_MEM_OK;
    }

    static smmu_mem_status write(void *, const smmu_mem_req *, const void *)
    {
        return SMMU_MEM_ABORT;
    }

    static smmu_mem_status compare_and_swap(void *, const smmu_mem_req *, const void *,
                                            const void *, void *)
    {
        return SMMU_MEM_ABORT;
    }

    static smmu_txn read_of_stream()
    {
        smmu_txn txn{};
        txn.sid = guest_image::sid;
        txn.attr = {SMMU_MAIR_NORMAL_WB_RAWA, SMMU_SH_INNER};
        return txn;
    }

    guest_image image_;
    std::unique_ptr<smmu_t, destroy> smmu_;
    smmu_txn txn_ = read_of_stream();
    smmu_result result_{};
};

// Every translation of the timed loop makes this many descriptor fetches.
void translate(benchmark::State &state, configuration *configure, unsigned fetches,
               bool nested = false)
{
    machine m(configure, nested);
    bool right = true;
    for (unsigned page = 0; page < guest_image::pages; page++)
        right &= m.translate(page);

    const smmu_stats before = m.stats();
    unsigned page = 0;
    for (auto _ : state)
        right &= m.translate(page++);
    if (!right)
        state.SkipWithError("a translation is wrong");
    else if (m.stats().ttd_fetches - before.ttd_fetches != fetches * std::uint64_t{page})
        state.SkipWithError("translations did not make the expected number of fetches");
}

smmu_config without_utlb()
{
    smmu_config config = smmu_config_default();
    config.utlb.sets = 0;
    return config;
}

// Nothing remembers translations.
smmu_config walking()
{
    smmu_config config = without_utlb();
    config.tlb.sets = 0;
    return config;
}

// Nor table descriptors.
smmu_config walking_uncached()
{
    smmu_config config = walking();
    config.walk_s1.sets = config.walk_s2.sets = 0;
    return config;
}

void translate_hit(benchmark::State &state)
{
    translate(state, smmu_config_default, 0);
}

void translate_tlb(benchmark::State &state)
{
    translate(state, without_utlb, 0);
}

void walk_s1_4level(benchmark::State &state)
{
    translate(state, walking_uncached, 4);
}

void walk_s1_cached(benchmark::State &state)
{
    translate(state, walking, 1);
}

void walk_nested(benchmark::State &state)
{
    translate(state, walking_uncached, 24, true);
}

void walk_nested_cached(benchmark::State &state)
{
    translate(state, walking, 3, true);
}

} // namespace

void add_core()
{
    benchmark::RegisterBenchmark("core.translate.hit", translate_hit);
    benchmark::RegisterBenchmark("core.translate.tlb", translate_tlb);
    benchmark::RegisterBenchmark("core.walk.s1_4level", walk_s1_4level);
    benchmark::RegisterBenchmark("core.walk.s1_cached", walk_s1_cached);
    benchmark::RegisterBenchmark("core.walk.nested", walk_nested);
    benchmark::RegisterBenchmark("core.walk.nested_cached", walk_nested_cached);
}

} // namespace bench
