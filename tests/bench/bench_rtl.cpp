// SPDX-License-Identifier: Apache-2.0
// What a cycle of RTL costs: the DMA engine copies, between bridges and behind an SMMU that
// translates, as it is in a machine; the same without the SMMU; with a signal of SystemC for every
// pin; and alone with a memory that answers at once.
#include "bench.hpp"

#include <cstring>
#include <memory>
#include <vector>

#include "Vrtl_dma_alone.h"
#include "platform/rtl/rtl_engines.hpp"

namespace bench {

namespace {

using namespace rtl_test;

constexpr unsigned beats = 8; // of a burst

// The engine alone: its pins are moved by a loop that does no more than they need.
class rtl_alone {
  public:
    rtl_alone()
    {
        model_.rst_n = 0;
        for (unsigned i = 0; i < 4; i++)
            cycle();
        model_.rst_n = 1;
        model_.s_BREADY = 1;
        model_.s_WSTRB = 0xf;
        model_.m_AWREADY = 1;
        model_.m_WREADY = 1;
    }

    bool copy()
    {
        std::memset(bytes_.data() + length, 0, length);
        for (const register_write &each : program)
            write(each);
        while (!model_.irq)
            cycle();
        write({0x08, 0});
        return is_copied(bytes_);
    }

    std::uint64_t cycles() const { return cycles_; }

  private:
    void write(register_write what)
    {
        model_.s_AWADDR = what.offset;
        model_.s_WDATA = what.value;
        model_.s_AWVALID = model_.s_WVALID = 1;
        cycle();
        model_.s_AWVALID = model_.s_WVALID = 0;
        cycle();
    }

    // One read at a time is answered, and one write: what pins say before the edge counts.
    void cycle()
    {
        model_.m_ARREADY = beat_ == beats;
        model_.eval();
        const bool asked = model_.m_ARVALID && model_.m_ARREADY;
        const std::uint64_t address = model_.m_ARADDR;
        const unsigned id = model_.m_ARID;
        take_write();
        model_.clk = 1;
        model_.eval();
        model_.m_RVALID = 0;
        if (asked) {
            beat_ = 0;
            read_ = address;
            model_.m_RID = id;
        }
        if (beat_ != beats) {
            std::uint64_t data;
            std::memcpy(&data, &bytes_[read_ + 8 * beat_], sizeof(data));
            model_.m_RDATA = data;
            model_.m_RVALID = 1;
            model_.m_RLAST = ++beat_ == beats;
        }
        model_.m_BVALID = responds_;
        model_.m_BID = write_id_;
        responds_ = false;
        model_.clk = 0;
        model_.eval();
        cycles_++;
    }

    void take_write()
    {
        if (model_.m_AWVALID) {
            write_ = model_.m_AWADDR;
            write_id_ = model_.m_AWID;
        }
        if (model_.m_WVALID) {
            const std::uint64_t data = model_.m_WDATA;
            std::memcpy(&bytes_[write_], &data, sizeof(data));
            write_ += sizeof(data);
            responds_ = model_.m_WLAST;
        }
    }

    std::vector<std::uint8_t> bytes_ = make_memory();
    Vrtl_dma_alone model_;
    unsigned beat_ = beats; // of the read that is answered
    std::uint64_t read_ = 0;
    std::uint64_t write_ = 0;
    unsigned write_id_ = 0;
    bool responds_ = false;
    std::uint64_t cycles_ = 0;
};

template <class Engine> void cycles(benchmark::State &state, Engine &engine)
{
    const std::uint64_t before = engine.cycles();
    bool right = true;
    for (auto _ : state)
        right &= engine.copy();
    if (!right)
        state.SkipWithError("what was copied is wrong");
    state.counters["1/s"] = benchmark::Counter(static_cast<double>(engine.cycles() - before),
                                               benchmark::Counter::kIsRate);
}

// Each burst has been translated, nearly all by a micro TLB.
void expect_translated(benchmark::State &state, const smmu_stats &stats)
{
    if (!stats.ttd_fetches || stats.utlb_hits < 10 * stats.ttd_fetches)
        state.SkipWithError("the SMMU has not translated");
}

} // namespace

void add_rtl()
{
    const auto smmu = std::make_shared<rtl_smmu>("rtl_smmu");
    const auto behind_smmu =
        std::make_shared<rtl_stepped>("rtl_behind_smmu", rtl_memory::answers_at_once, smmu.get());
    const auto stepped = std::make_shared<rtl_stepped>("rtl_stepped");
    const auto wired = std::make_shared<rtl_wired>("rtl_wired");
    const auto alone = std::make_shared<rtl_alone>();
    benchmark::RegisterBenchmark("rtl.cycles_per_s", [smmu, behind_smmu](benchmark::State &state) {
        smmu->enable();
        cycles(state, *behind_smmu);
        expect_translated(state, smmu->smmu.stats());
    });
    benchmark::RegisterBenchmark("rtl.bridges.cycles_per_s",
                                 [stepped](benchmark::State &state) { cycles(state, *stepped); });
    benchmark::RegisterBenchmark("rtl.wires.cycles_per_s",
                                 [wired](benchmark::State &state) { cycles(state, *wired); });
    benchmark::RegisterBenchmark("rtl.alone.cycles_per_s",
                                 [alone](benchmark::State &state) { cycles(state, *alone); });
}

} // namespace bench
