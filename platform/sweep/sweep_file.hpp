// SPDX-License-Identifier: Apache-2.0
// A sweep as its user wrote it: a machine, a program, and what varies. docs/sweep.md has the
// format.
#ifndef VP_SWEEP_FILE_HPP
#define VP_SWEEP_FILE_HPP

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace vp {

// What a property becomes: there without a value or not at all; a string; cells.
using sweep_property = std::variant<bool, std::string, std::vector<std::uint32_t>>;

// A property of a node, which is a label or a path.
struct sweep_setting {
    std::string key; // where the file has it, for messages
    std::string node;
    std::string property;
    sweep_property value;
};

struct sweep_value {
    std::string text; // what tables and plots call it
    sweep_property value;
};

struct sweep_parameter {
    std::string key; // where the file has it, for messages
    std::string name;
    std::string node;
    std::string property;
    std::vector<sweep_value> values; // at least one; their texts differ
};

struct sweep_workload {
    std::string name;
    std::string program;              // empty: that of the sweep
    std::vector<std::string> options; // after those of the sweep
    std::vector<sweep_setting> settings;
};

struct sweep_file {
    std::string path;
    std::string machine; // as the file has it, like `program`
    std::string program; // may be empty
    std::vector<std::string> options;
    std::vector<sweep_setting> settings; // of all points
    std::vector<sweep_parameter> parameters;
    std::vector<sweep_workload> workloads;
    std::vector<std::uint32_t> seeds; // empty: those of the machine
};

// Reads and checks the file. Throws input_error: "FILE: KEY: REASON", or with the line where it is
// no TOML.
sweep_file read_sweep_file(const std::string &path);

// The same of a text that `path` is the name of.
sweep_file parse_sweep_file(const std::string &text, const std::string &path);

} // namespace vp

#endif
