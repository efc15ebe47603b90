// SPDX-License-Identifier: Apache-2.0
// Turns results of Google Benchmark into lines that a script can read.
#include "bench.hpp"

#include <cstdio>

namespace bench {

namespace {

// Two benchmarks worth comparing: NAME is VALUE = numerator / denominator, or with `rest` what that
// lacks to 1. More is worse, but for dmi.copy_vs_memcpy, which divides the times of the other way
// to do the same by that of ours.
struct ratio {
    const char *name;
    const char *numerator;
    const char *denominator;
    bool rest = false;
};

constexpr ratio ratios[] = {
    {"tlm.smmu_vs_direct", "tlm.b_transport.smmu", "tlm.b_transport.direct"},
    {"dmi.copy_vs_memcpy", "dmi.memcpy", "dmi.copy"},
    {"tlm.measured_vs_not", "at.transactions_per_s.smmu", "at.transactions_per_s.measured"},
    {"tlm.traced_vs_not", "at.transactions_per_s.smmu", "at.transactions_per_s.traced"},
    {"tlm.nb_smmu_vs_direct", "at.transactions_per_s.direct", "at.transactions_per_s.smmu"},
    {"rtl.time_outside_rtl", "rtl.cycles_per_s", "rtl.alone.cycles_per_s", true},
    {"rtl.bridges.time_outside_rtl", "rtl.bridges.cycles_per_s", "rtl.alone.cycles_per_s", true},
    {"rtl.wires.time_outside_rtl", "rtl.wires.cycles_per_s", "rtl.alone.cycles_per_s", true},
};

// Google Benchmark makes no median of a run that is not repeated.
bool is_median(const benchmark::BenchmarkReporter::Run &run)
{
    return run.run_type == benchmark::BenchmarkReporter::Run::RT_Aggregate
               ? run.aggregate_name == "median"
               : run.repetitions == 1;
}

} // namespace

bool line_reporter::ReportContext(const Context &)
{
    return true;
}

void line_reporter::report_median(const Run &run)
{
    const std::string &name = run.run_name.function_name;
    double value = run.GetAdjustedCPUTime();
    const char *unit = benchmark::GetTimeUnitString(run.time_unit);
    if (!run.counters.empty()) {
        const auto &[counter_name, counter] = *run.counters.begin();
        value = counter.value;
        unit = counter_name.c_str();
    }
    values_[name] = value;
    std::printf("bench %s %.2f %s\n", name.c_str(), value, unit);
    std::fflush(stdout);
}

void line_reporter::ReportRuns(const std::vector<Run> &runs)
{
    for (const Run &run : runs) {
        if (run.error_occurred) {
            std::fprintf(stderr, "bench %s: %s\n", run.run_name.function_name.c_str(),
                         run.error_message.c_str());
            failed_ = true;
        } else if (is_median(run)) {
            report_median(run);
        }
    }
}

void line_reporter::Finalize()
{
    for (const ratio &r : ratios) {
        const auto numerator = values_.find(r.numerator);
        const auto denominator = values_.find(r.denominator);
        if (numerator == values_.end() || denominator == values_.end())
            continue;
        const double divided = numerator->second / denominator->second;
        std::printf("ratio %s %.2f\n", r.name, r.rest ? 1 - divided : divided);
    }
}

} // namespace bench
