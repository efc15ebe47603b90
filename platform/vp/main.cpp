// SPDX-License-Identifier: Apache-2.0
// smmu-vp: command line, files, exit status.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>

#include <CLI/CLI.hpp>
#include <systemc>

#include "cpu_nodes.hpp"
#include "elf.hpp"
#include "gdb_server.hpp"
#include "guest_dtb.hpp"
#include "machine.hpp"
#include "models.hpp"
#include "plan.hpp"
#include "run.hpp"

namespace {

struct options {
    std::string dtb;
    std::string elf;
    std::optional<unsigned> cpus;
    std::optional<std::uint16_t> gdb; // port
    std::optional<double> max_time;   // seconds
    double quantum_ns = 10000;
    bool stats = false;
};

// A mistake in what the caller gave; what() is one line.
class input_error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

std::vector<std::uint8_t> read_file(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open() || std::filesystem::is_directory(path))
        throw input_error(path + ": cannot be read");
    return {std::istreambuf_iterator<char>(file), {}};
}

// Runs `read`, and puts the name of the file before what it has to say against the contents.
template <typename F> auto about(const std::string &path, F read)
{
    try {
        return read();
    } catch (const vp::dt_error &error) {
        throw input_error(path + ": " + error.what());
    } catch (const vp::elf_error &error) {
        throw input_error(path + ": " + error.what());
    }
}

std::vector<vp::dt_range> ram_ranges(const vp::machine_plan &plan)
{
    std::vector<vp::dt_range> ranges;
    for (const vp::ram_plan &row : plan.memory)
        ranges.push_back(row.range);
    return ranges;
}

// Where everything goes that is in memory at the start.
vp::boot_image make_boot_image(const options &args, const vp::dt_tree &tree,
                               const vp::machine_plan &plan)
{
    vp::boot_image image = {};
    const auto ram = ram_ranges(plan);
    image.program = about(args.elf, [&] {
        auto program = vp::parse_elf(read_file(args.elf));
        vp::check_fits(program, ram);
        return program;
    });
    std::vector<vp::dt_range> used;
    for (const vp::elf_segment &segment : image.program.segments)
        used.push_back({segment.address, segment.size});
    image.dtb = vp::guest_dtb(tree);
    const auto place = vp::place_dtb(image.dtb.size(), ram, used);
    if (!place)
        throw input_error(args.elf + ": leaves no room in memory for the device tree");
    image.dtb_address = *place;
    return image;
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
        throw input_error(error.what());
    }
}

vp::run_end simulate(const options &args)
{
    using clock = std::chrono::steady_clock;
    using seconds = std::chrono::duration<double>;

    const vp::dt_tree tree = about(args.dtb, [&] {
        auto blob = read_file(args.dtb);
        return vp::dt_tree(args.cpus ? vp::multiply_cpus(std::move(blob), *args.cpus)
                                     : std::move(blob));
    });
    const vp::machine_plan plan =
        about(args.dtb, [&] { return vp::make_plan(tree, vp::device_models()); });
    vp::boot_image image = make_boot_image(args, tree, plan);
    const auto system = about(args.dtb, [&] {
        return std::make_unique<vp::machine>("machine", plan, std::move(image),
                                             sc_core::sc_time(args.quantum_ns, sc_core::SC_NS));
    });

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
    app.add_option("--dtb", args.dtb, "device tree blob: the machine")->required();
    app.add_option("--elf", args.elf, "AArch64 executable to run")->required();
    app.add_option("--cpus", args.cpus, "make this many CPUs out of the one of the device tree")
        ->check(CLI::Range(1, 8));
    app.add_option("--gdb", args.gdb, "wait for GDB on this port of 127.0.0.1; 0: any free one");
    app.add_option("--max-time", args.max_time, "give up after this many seconds of guest time")
        ->check(CLI::Range(1e-9, 1e6));
    app.add_option("--quantum-ns", args.quantum_ns, "how far a CPU runs ahead, in nanoseconds")
        ->check(CLI::Range(1.0, 1e9));
    app.add_flag("--stats", args.stats, "print counters at the end");
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
    } catch (const input_error &error) {
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
