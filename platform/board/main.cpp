// SPDX-License-Identifier: Apache-2.0
// smmu-vp: command line, files, exit status.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <systemc>

#include "acpi_node.hpp"
#include "console_input.hpp"
#include "cpu_nodes.hpp"
#include "ending_signal.hpp"
#include "flash_node.hpp"
#include "gdb_server.hpp"
#include "guest_dtb.hpp"
#include "machine.hpp"
#include "measured_run.hpp"
#include "message.hpp"
#include "models.hpp"
#include "net_node.hpp"
#include "options.hpp"
#include "plan.hpp"
#include "run.hpp"
#include "smbios_node.hpp"
#include "standard_files.hpp"
#include "trace.hpp"

namespace {

constexpr double quantum_ns = 10000;

std::vector<vp::dt_range> ram_ranges(const vp::machine_plan &plan)
{
    std::vector<vp::dt_range> ranges;
    for (const vp::ram_plan &row : plan.memory)
        ranges.push_back(row.range);
    return ranges;
}

vp::dt_tree read_tree(const vp::options &args)
{
    return vp::about(args.dtb, [&] {
        auto blob = vp::read_file(
            args.dtb, {vp::dt_tree::max_size, "which is all that Linux takes for a device tree"});
        if (args.memory)
            blob = vp::resize_memory(std::move(blob), *args.memory);
        if (args.cpus)
            blob = vp::multiply_cpus(std::move(blob), static_cast<unsigned>(*args.cpus));
        if (!args.boot.firmware.empty() || !args.boot.flash.empty())
            blob = vp::set_flash_files(std::move(blob), args.boot.firmware, args.boot.flash);
        if (args.net)
            blob = vp::set_net(std::move(blob), *args.net);
        return vp::dt_tree(std::move(blob));
    });
}

// What firmware is told of the machine beside the device tree.
std::vector<vp::named_file> firmware_files(const vp::dt_tree &tree, const vp::machine_plan &plan)
{
    std::vector<vp::named_file> list = vp::acpi_files_of(tree, plan);
    for (vp::named_file &file : vp::smbios_files_of(tree, plan))
        list.push_back(std::move(file));
    return list;
}

// The files of the command line and of the device tree.
std::vector<std::string> files_of(const vp::options &args, const vp::machine &system)
{
    std::vector<std::string> list = system.files();
    for (const std::string &path : {args.dtb, args.boot.elf, args.boot.kernel, args.boot.initrd})
        if (!path.empty())
            list.push_back(path);
    return list;
}

// Nothing if there shall be no input.
std::unique_ptr<vp::console_input> make_console(const vp::options &args, const vp::machine &system)
{
    if (!args.interactive)
        return nullptr;
    vp::character_device *uart = vp::console_input::find_uart(system);
    if (uart == nullptr)
        throw vp::input_error(args.dtb + ": has no PL011 for --interactive");
    return std::make_unique<vp::console_input>("console", *uart);
}

// Nothing if there shall be no debugger.
std::unique_ptr<vp::gdb_server> make_debugger(const vp::options &args, vp::machine &system,
                                              vp::console_input *console, vp::ending_signal &signal)
{
    if (!args.gdb)
        return nullptr;
    std::vector<vp::bystander *> others = {&signal};
    if (console != nullptr)
        others.push_back(console);
    try {
        return std::make_unique<vp::gdb_server>(
            "gdb", system, static_cast<std::uint16_t>(*args.gdb), std::move(others));
    } catch (const std::system_error &error) {
        throw vp::input_error(error.what());
    }
}

// Nothing if nothing shall be measured.
std::unique_ptr<vp::measured_run>
make_measurement(const vp::options &args, const vp::machine &system, const vp::machine_plan &plan)
{
    if (args.measure.directory.empty())
        return nullptr;
    std::vector<std::string> in_use = files_of(args, system);
    if (!args.trace_file.empty())
        in_use.push_back(args.trace_file);
    return std::make_unique<vp::measured_run>("measurement", system, plan, args.measure, in_use);
}

// Lost output counts more than the end of the run.
vp::run_end check_written(const vp::run_end &end, const std::string &trace_file,
                          vp::trace_log &trace)
{
    if (!trace.close())
        return {vp::exit_bad_input, trace_file + ": cannot be written to its end"};
    if (!vp::finish_standard_output())
        return {vp::exit_bad_input, "standard output: cannot be written to its end"};
    return end;
}

vp::run_end simulate(const vp::options &args)
{
    using clock = std::chrono::steady_clock;
    using seconds = std::chrono::duration<double>;

    const vp::dt_tree tree = read_tree(args);
    const vp::machine_plan plan =
        vp::about(args.dtb, [&] { return vp::make_plan(tree, vp::device_models()); });
    vp::boot_image image =
        vp::about(args.dtb, [&] { return vp::make_boot_image(args.boot, tree, ram_ranges(plan)); });
    if (!args.boot.firmware.empty())
        image.named = vp::about(args.dtb, [&] { return firmware_files(tree, plan); });
    vp::trace_log trace(args.trace);
    const auto system = vp::about(args.dtb, [&] {
        return std::make_unique<vp::machine>(
            "machine", plan, std::move(image),
            sc_core::sc_time(args.quantum_ns.value_or(quantum_ns), sc_core::SC_NS), trace);
    });
    vp::about(args.dtb, [&] { return tree.check_all_asked(); });

    vp::ending_signal signal("signal");
    const auto console = make_console(args, *system);
    const auto debugger = make_debugger(args, *system, console.get(), signal);
    const auto measurement = make_measurement(args, *system, plan);
    if (measurement)
        system->on_measure(
            [&measurement](const sc_core::sc_time &when) { measurement->begin_again(when); });
    std::optional<sc_core::sc_time> limit;
    if (args.max_time)
        limit = sc_core::sc_time(*args.max_time, sc_core::SC_SEC);
    if (!args.trace.empty())
        trace.open(args.trace_file, files_of(args, *system));
    if (debugger)
        vp::say("waiting for a debugger on 127.0.0.1:" + std::to_string(debugger->port()));
    const auto start = clock::now();
    vp::run_end end = vp::run(*system, limit);
    if (args.stats)
        vp::print_stats(*system, seconds(clock::now() - start).count());
    if (measurement)
        measurement->finish(args.dtb);
    end = check_written(end, args.trace_file, trace);
    end.signal = signal.number();
    if (debugger && end.signal != 0)
        debugger->finish_by_signal(end.signal);
    else if (debugger)
        debugger->finish(end.status);
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
        vp::say(end.message);
    if (end.signal != 0)
        vp::end_by_signal(end.signal);
    return end.status;
}

} // namespace

int sc_main(int argc, char *argv[])
{
    quiet_systemc();
    try {
        vp::claim_standard_files();
        if (const auto args = vp::parse_command_line(argc, argv))
            return finish(simulate(*args));
        vp::trace_log none({});
        return finish(check_written({vp::exit_success, ""}, "", none));
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
