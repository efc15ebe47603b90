// SPDX-License-Identifier: Apache-2.0
// What the benchmarks share: how each file adds its own, and how a result becomes a line.
#ifndef BENCH_BENCH_HPP
#define BENCH_BENCH_HPP

#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace bench {

// Each registers the benchmarks of one file. Called during elaboration: modules may be built.
void add_core();
void add_scale();
void add_tlm();
void add_at();
void add_cpu();
void add_rtl(); // where Verilator is installed

// Prints the median of each benchmark's repetitions as "bench NAME VALUE UNIT": nanoseconds of CPU
// time, or the benchmark's own counter with the counter's name as unit. Then, for each known pair
// of which both ran, "ratio NAME VALUE".
class line_reporter : public benchmark::BenchmarkReporter {
  public:
    bool ReportContext(const Context &context) override;
    void ReportRuns(const std::vector<Run> &runs) override;
    void Finalize() override;

    // At least one benchmark ran, and none reported an error.
    bool good() const { return !failed_ && !values_.empty(); }

  private:
    void report_median(const Run &run);

    std::map<std::string, double> values_;
    bool failed_ = false;
};

} // namespace bench

#endif
