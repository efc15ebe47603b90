// SPDX-License-Identifier: Apache-2.0
// vp-sweep-plan: from the file of a sweep to the files of its points. Used by scripts/sweep.sh:
//
//   vp-sweep-plan machine FILE MACHINES          prints the path of the machine's source
//   vp-sweep-plan points FILE BLOB PROGRAMS OUT  writes OUT/plan.csv, and of each point
//                                                OUT/points/NAME.dtb and NAME.args (options of
//                                                smmu-vp, one a line)
//
// Ends with status 2 and a message in one line if the file is wrong.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>

#include "input_file.hpp"
#include "message.hpp"
#include "sweep_file.hpp"
#include "sweep_plan.hpp"

namespace {

namespace fs = std::filesystem;

// A name without a directory is one of the tree; a relative path begins at the sweep's file.
std::string resolve(const vp::sweep_file &file, const std::string &key, const std::string &name,
                    const fs::path &tree, const std::string &suffix)
{
    fs::path path = name;
    if (name.find('/') == std::string::npos) {
        path = tree / name;
        if (path.extension() != suffix)
            path += suffix;
    } else if (path.is_relative()) {
        path = fs::path(file.path).parent_path() / path;
    }
    if (!fs::is_regular_file(path))
        throw vp::input_error(file.path + ": " + key + ": there is no file " + path.string());
    return fs::absolute(path).string();
}

void write(const fs::path &path, const void *bytes, std::size_t size)
{
    std::ofstream out(path, std::ios::binary);
    out.write(static_cast<const char *>(bytes), static_cast<std::streamsize>(size));
    out.close();
    if (!out)
        throw vp::input_error(path.string() + ": cannot be written: " + std::strerror(errno));
}

void write_lines(const fs::path &path, const std::vector<std::string> &lines)
{
    std::string text;
    for (const std::string &line : lines)
        text += line + "\n";
    write(path, text.data(), text.size());
}

int print_machine(const std::string &name, const std::string &machines)
{
    const vp::sweep_file file = vp::read_sweep_file(name);
    std::puts(resolve(file, "machine", file.machine, machines, ".dts").c_str());
    return 0;
}

int write_points(const std::string &name, const std::string &blob, const std::string &programs,
                 const fs::path &out)
{
    const vp::sweep_file file = vp::read_sweep_file(name);
    const auto machine = vp::read_file(blob, {vp::dt_tree::max_size, "the size of a device tree"});
    const vp::sweep_plan plan =
        vp::about(file.machine, [&] { return vp::make_sweep_plan(file, machine); });

    std::string header = "point";
    for (const std::string &column : plan.columns)
        header += "," + column;
    std::vector<std::string> rows = {header};
    fs::create_directories(out / "points");
    for (const vp::sweep_point &point : plan.points) {
        std::string row = point.name;
        for (const std::string &value : point.values)
            row += "," + value;
        rows.push_back(row);
        std::vector<std::string> args;
        if (!point.program.empty())
            args = {"--elf", resolve(file, "program", point.program, programs, ".elf")};
        args.insert(args.end(), point.options.begin(), point.options.end());
        write(out / "points" / (point.name + ".dtb"), point.dtb.data(), point.dtb.size());
        write_lines(out / "points" / (point.name + ".args"), args);
    }
    write_lines(out / "plan.csv", rows);
    return 0;
}

} // namespace

// The library of SystemC, which vp_common is linked with, wants one of this name.
extern "C" int sc_main(int argc, char *argv[])
{
    try {
        const std::string command = argc > 1 ? argv[1] : "";
        if (command == "machine" && argc == 4)
            return print_machine(argv[2], argv[3]);
        if (command == "points" && argc == 6)
            return write_points(argv[2], argv[3], argv[4], argv[5]);
        throw vp::input_error("usage: vp-sweep-plan machine FILE MACHINES | "
                              "points FILE BLOB PROGRAMS OUT");
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", vp::visible(error.what()).c_str());
        return 2;
    }
}

int main(int argc, char *argv[])
{
    return sc_main(argc, argv);
}
