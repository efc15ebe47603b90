// SPDX-License-Identifier: Apache-2.0
// Runs the benchmarks inside a SystemC simulation: those of TLM components need a process.
#include "bench.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <systemc>

namespace {

constexpr std::size_t stack_bytes = 1 << 20;

// One SystemC process that runs every registered benchmark and keeps the verdict.
class runner : public sc_core::sc_module {
  public:
    SC_HAS_PROCESS(runner);
    explicit runner(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
    {
        SC_THREAD(run);
        set_stack_size(stack_bytes);
    }

    bool good() const { return reporter_.good(); }

  private:
    void run() { benchmark::RunSpecifiedBenchmarks(&reporter_); }

    bench::line_reporter reporter_;
};

// Takes the options of Google Benchmark; what is not given is as below.
bool parse_arguments(int argc, char **argv)
{
    std::string repetitions = "--benchmark_repetitions=7";
    std::string min_time = "--benchmark_min_time=0.1";
    std::vector<char *> args{argv[0], repetitions.data(), min_time.data()};
    args.insert(args.end(), argv + 1, argv + argc);
    int count = static_cast<int>(args.size());
    benchmark::Initialize(&count, args.data());
    return !benchmark::ReportUnrecognizedArguments(count, args.data());
}

} // namespace

int sc_main(int argc, char **argv)
{
    if (!parse_arguments(argc, argv))
        return 2;
    bench::add_core();
    bench::add_scale();
    bench::add_tlm();
    bench::add_at();
    bench::add_cpu();
#ifdef SMMU_BENCH_RTL
    bench::add_rtl();
#endif
    runner run("run");
    sc_core::sc_start();
    benchmark::ClearRegisteredBenchmarks();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
        std::fputs("smmu_bench: standard output cannot be written to its end\n", stderr);
        return EXIT_FAILURE;
    }
    return run.good() ? EXIT_SUCCESS : EXIT_FAILURE;
}
