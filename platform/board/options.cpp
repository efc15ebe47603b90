// SPDX-License-Identifier: Apache-2.0
// All options, and the values of each.
#include "options.hpp"

#include <CLI/CLI.hpp>

#include "numbers.hpp"
#include "trace.hpp"

namespace vp {

namespace {

CLI::Option *add_file(CLI::App &app, const char *name, std::string &file, const char *help)
{
    return app.add_option(name, file, help)
        ->type_name("FILE")
        ->check([](const std::string &text) { return text.empty() ? "needs a name" : ""; }, "");
}

// `parse` makes a number of a text, or nothing; `what` says what there must be.
template <typename T, typename F>
void add_number(CLI::App &app, const char *name, std::optional<T> &value, const char *type,
                const char *help, const char *what, F parse)
{
    app.add_option_function<std::string>(
           name,
           [&value, name, what, parse](const std::string &text) {
               value = parse(text);
               if (!value)
                   throw CLI::ValidationError(name, "\"" + text + "\" is not " + what);
           },
           help)
        ->type_name(type);
}

CLI::Option *add_seconds(CLI::App &app, const char *name, std::optional<double> &value,
                         const char *help, double least, const char *what)
{
    add_number(app, name, value, "SECONDS", help, what,
               [least](const std::string &text) { return decimal_number(text, least, 1e6); });
    return app.get_option(name);
}

void define_files(CLI::App &app, options &args)
{
    add_file(app, "--dtb", args.dtb, "device tree blob: the machine")->required();
    CLI::Option_group *what = app.add_option_group("program", "what runs on it: one of");
    CLI::Option *elf = add_file(*what, "--elf", args.boot.elf, "AArch64 executable");
    CLI::Option *kernel = add_file(*what, "--kernel", args.boot.kernel, "arm64 Linux Image");
    CLI::Option *firmware = add_file(*what, "--firmware", args.boot.firmware,
                                     "image of the first flash bank; gets the kernel, if any");
    what->require_option(1, 2);
    elf->excludes(kernel, firmware);
    add_file(app, "--flash", args.boot.flash, "contents of the second flash bank");
    add_file(app, "--initrd", args.boot.initrd, "initial RAM disk of the kernel")->needs(kernel);
    app.add_option("--append", args.boot.append, "command line of the kernel")
        ->type_name("STRING")
        ->needs(kernel);
}

void define_numbers(CLI::App &app, options &args)
{
    add_number(app, "--mem", args.memory, "SIZE", "size of memory, such as 512M or 2G",
               "a size from 1 to 256T, such as 512M",
               [](const std::string &text) { return byte_count(text, 1, std::uint64_t{1} << 48); });
    add_number(app, "--cpus", args.cpus, "N",
               "make this many CPUs out of the one of the device tree", "a number from 1 to 8",
               [](const std::string &text) { return whole_number(text, 1, 8); });
    add_number(app, "--gdb", args.gdb, "PORT",
               "wait for GDB on this port of 127.0.0.1; 0: any free one", "a port from 0 to 65535",
               [](const std::string &text) { return whole_number(text, 0, UINT16_MAX); });
    add_seconds(app, "--max-time", args.max_time, "give up after this many seconds of guest time",
                1e-9, "a number of seconds from 1e-9 to 1e6");
    add_number(app, "--quantum-ns", args.quantum_ns, "N",
               "how far a CPU runs ahead, in nanoseconds; 10000 without it",
               "a number of nanoseconds from 1 to 1e9",
               [](const std::string &text) { return decimal_number(text, 1, 1e9); });
}

void define_measurement(CLI::App &app, options &args)
{
    CLI::Option *measure = add_file(app, "--measure", args.measure.directory,
                                    "directory for what is measured of SMMUs")
                               ->type_name("DIR");
    app.add_flag("--measure-trace", args.measure.trace, "write transactions to trace.json too")
        ->needs(measure);
    app.add_flag("--measure-waves", args.measure.waves, "write levels to levels.vcd too")
        ->needs(measure);
    add_seconds(app, "--measure-from", args.measure.from, "begin at this guest time", 0,
                "a number of seconds from 0 to 1e6")
        ->needs(measure);
}

void define_others(CLI::App &app, options &args)
{
    CLI::Option *trace =
        app.add_option("--trace", args.trace, "events to log: insn, exc, smmu, separated by commas")
            ->type_name("LIST")
            ->delimiter(',')
            ->check(CLI::IsMember(trace_log::kinds()));
    trace->needs(add_file(app, "--trace-file", args.trace_file, "where to")->needs(trace));
    app.add_option_function<std::string>(
           "--net", [&args](const std::string &text) { args.net = read_net(text); },
           "network of the guest: user, then hostfwd=tcp:[ADDRESS]:PORT-[ADDRESS]:PORT, or "
           "udp:..., for each port that leads to it, separated by commas")
        ->type_name("NETWORK");
    app.add_flag("--interactive", args.interactive, "standard input goes to the UART");
    app.add_flag("--stats", args.stats, "print counters at the end");
}

} // namespace

std::optional<options> parse_command_line(int argc, const char *const *argv)
{
    options args;
    CLI::App app("Virtual platform with an Arm SMMUv3, built from a device tree");
    define_files(app, args);
    define_numbers(app, args);
    define_measurement(app, args);
    define_others(app, args);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success &help) {
        app.exit(help);
        return std::nullopt;
    } catch (const CLI::ParseError &error) {
        throw input_error(error.what());
    }
    return args;
}

} // namespace vp
