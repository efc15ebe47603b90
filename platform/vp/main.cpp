// SPDX-License-Identifier: Apache-2.0
// smmu-vp: command line, files, exit status.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>

#include <CLI/CLI.hpp>
#include <systemc>

#include "boot.hpp"
#include "console_input.hpp"
#include "cpu_nodes.hpp"
#include "gdb_server.hpp"
#include "guest_dtb.hpp"
#include "machine.hpp"
#include "models.hpp"
#include "plan.hpp"
#include "run.hpp"
#include "trace.hpp"

namespace {

struct options {
    std::string dtb;
    vp::boot_files boot;
    std::optional<std::uint64_t> memory; // bytes
    std::optional<unsigned> cpus;
    std::optional<std::uint16_t> gdb; // port
    std::optional<double> max_time;   // seconds
    double quantum_ns = 10000;
    bool stats = false;
    std::vector<std::string> trace; // kinds of events
    std::string trace_file;
    bool interactive = false;
};

std::vector<vp::dt_range> ram_ranges(const vp::machine_plan &plan)
{
    std::vector<vp::dt_range> ranges;
    for (const vp::ram_plan &row : plan.memory)
        ranges.push_back(row.range);
    return ranges;
}

vp::dt_tree read_tree(const options &args)
{
    return vp::about(args.dtb, [&] {
        auto blob = vp::read_file(args.dtb);
        if (args.memory)
            blob = vp::resize_memory(std::move(blob), *args.memory);
        if (args.cpus)
            blob = vp::multiply_cpus(std::move(blob), *args.cpus);
        return vp::dt_tree(std::move(blob));
    });
}

// Nothing if there shall be no debugger.
std::unique_ptr<vp::gdb_server> make_debugger(const options &args, vp::machine &system)
{
    if (!args.gdb)
        return nullptr;
    try {
        auto server = std::make_unique<vp::gdb_server>("gdb", system, *args.gdb);
        std::fprintf(stderr, "smmu-vp: waiting for a debugger on 127.0.0.1:%u\n", server->port());
        return server;
    } catch (const std::system_error &error) {
        throw vp::input_error(error.what());
    }
}

vp::run_end simulate(const options &args)
{
    using clock = std::chrono::steady_clock;
    using seconds = std::chrono::duration<double>;

    const vp::dt_tree tree = read_tree(args);
    const vp::machine_plan plan =
        vp::about(args.dtb, [&] { return vp::make_plan(tree, vp::device_models()); });
    vp::boot_image image =
        vp::about(args.dtb, [&] { return vp::make_boot_image(args.boot, tree, ram_ranges(plan)); });
    vp::trace_log trace =
        args.trace.empty() ? vp::trace_log() : vp::trace_log(args.trace, args.trace_file);
    const auto system = vp::about(args.dtb, [&] {
        return std::make_unique<vp::machine>("machine", plan, std::move(image),
                                             sc_core::sc_time(args.quantum_ns, sc_core::SC_NS),
                                             trace);
    });

    std::optional<vp::console_input> console;
    if (args.interactive) {
        vp::pl011 *uart = vp::console_input::find_uart(*system);
        if (uart == nullptr)
            throw vp::input_error(args.dtb + ": has no PL011 for --interactive");
        console.emplace("console", *uart);
    }

    std::optional<sc_core::sc_time> limit;
    if (args.max_time)
        limit = sc_core::sc_time(*args.max_time, sc_core::SC_SEC);
    const auto debugger = make_debugger(args, *system);
    const auto start = clock::now();
    vp::run_end end = vp::run(*system, limit);
    if (debugger)
        debugger->finish(end.status);
    if (args.stats)
        vp::print_stats(*system, seconds(clock::now() - start).count());
    if (!trace.close())
        return {vp::exit_bad_input, args.trace_file + ": cannot be written to its end"};
    return end;
}

// Reports become exceptions or single lines; the model has no other way to talk.
void quiet_systemc()
{
    using handler = sc_core::sc_report_handler;
    handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
    handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
    handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
}

void define_options(CLI::App &app, options &args)
{
    app.add_option("--dtb", args.dtb, "device tree blob: the machine")->required();
    CLI::Option_group *what = app.add_option_group("program", "what runs on it: one of");
    what->add_option("--elf", args.boot.elf, "AArch64 executable");
    CLI::Option *kernel = what->add_option("--kernel", args.boot.kernel, "arm64 Linux Image");
    what->require_option(1);
    app.add_option("--initrd", args.boot.initrd, "initial RAM disk of the kernel")->needs(kernel);
    app.add_option("--append", args.boot.append, "command line of the kernel")->needs(kernel);
    app.add_option("--mem", args.memory, "size of memory, such as 512M or 2G")
        ->transform(CLI::AsSizeValue(false))
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 48));
    app.add_option("--cpus", args.cpus, "make this many CPUs out of the one of the device tree")
        ->check(CLI::Range(1, 8));
    app.add_option("--gdb", args.gdb, "wait for GDB on this port of 127.0.0.1; 0: any free one");
    app.add_option("--max-time", args.max_time, "give up after this many seconds of guest time")
        ->check(CLI::Range(1e-9, 1e6));
    app.add_option("--quantum-ns", args.quantum_ns, "how far a CPU runs ahead, in nanoseconds")
        ->check(CLI::Range(1.0, 1e9));
    CLI::Option *trace =
        app.add_option("--trace", args.trace, "events to log: insn, exc, smmu, separated by commas")
            ->delimiter(',')
            ->check(CLI::IsMember(vp::trace_log::kinds()));
    trace->needs(app.add_option("--trace-file", args.trace_file, "where to")->needs(trace));
    app.add_flag("--interactive", args.interactive, "standard input goes to the UART");
    app.add_flag("--stats", args.stats, "print counters at the end");
}

int finish(const vp::run_end &end)
{
    if (!end.message.empty())
        std::fprintf(stderr, "smmu-vp: %s\n", end.message.c_str());
    return end.status;
}

} // namespace

int sc_main(int argc, char *argv[])
{
    options args;
    CLI::App app("Virtual platform with an Arm SMMUv3, built from a device tree");
    define_options(app, args);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success &help) {
        return app.exit(help);
    } catch (const CLI::ParseError &error) {
        return finish({vp::exit_bad_input, error.what()});
    }

    quiet_systemc();
    try {
        return finish(simulate(args));
    } catch (const vp::input_error &error) {
        return finish({vp::exit_bad_input, error.what()});
    } catch (const sc_core::sc_report &report) {
        return finish(
            {vp::exit_internal, std::string(report.get_msg_type()) + ": " + report.get_msg()});
    } catch (const std::exception &error) {
        return finish({vp::exit_internal, error.what()});
    }
}

int main(int argc, char *argv[])
{
    // The library prints it before sc_main() otherwise.
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
    return sc_core::sc_elab_and_sim(argc, argv);
}
