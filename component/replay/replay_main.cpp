// SPDX-License-Identifier: Apache-2.0
// smmu-replay: a log of an SMMU against the C library.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "smmu/dpi.h"
#include "smmu/replay/replay.hpp"
#include "smmu/replay/timeline.hpp"

extern "C" {
#include "dpi_parameters.h"
}

namespace {

enum exit_status { same = 0, different = 1, unusable = 2 };

struct options {
    std::string file;
    std::string parameters; // "preset=NAME,NAME=VALUE"
    std::string timeline;   // file; empty: none
};

constexpr const char *usage =
    "usage: smmu-replay FILE [--preset NAME] [-p NAME=VALUE]... [--perfetto OUT]\n"
    "Replays the log FILE into the C library and says what is different first. OUT becomes its "
    "time\n"
    "line, for ui.perfetto.dev.\n"
    "Exit status: 0 nothing, 1 something, 2 the arguments or the log cannot be used.\n";

int refuse(const std::string &why)
{
    std::cerr << "smmu-replay: " << why << "\n";
    return unusable;
}

// Throws std::invalid_argument.
options parse(int argc, char **argv)
{
    options given;
    std::string preset = "typical";
    std::string others;
    for (int i = 1; i < argc; i++) {
        const std::string word = argv[i];
        if (word != "--preset" && word != "-p" && word != "--perfetto") {
            if (!given.file.empty() || word.empty() || word.front() == '-')
                throw std::invalid_argument("there is no argument \"" + word + "\"");
            given.file = word;
            continue;
        }
        if (++i == argc)
            throw std::invalid_argument(word + " needs a value");
        if (word == "--preset")
            preset = argv[i];
        else if (word == "--perfetto")
            given.timeline = argv[i];
        else
            others += std::string(",") + argv[i];
    }
    if (given.file.empty())
        throw std::invalid_argument(std::string("a log is needed\n") + usage);
    given.parameters = "preset=" + preset + others;
    return given;
}

bool write_timeline(const std::vector<smmu::log_row> &rows, const std::string &name)
{
    std::ofstream file(name);
    smmu::write_timeline(rows, file);
    return file.flush().good();
}

int replay(const options &given)
{
    smmu_config cfg;
    smmu_error error = {};
    if (!dpi_read_parameters(given.parameters.c_str(), &cfg))
        return refuse(smmu_dpi_error());
    if (!smmu_config_check(&cfg, &error))
        return refuse(std::string(error.field) + ": " + error.reason);
    std::ifstream file(given.file);
    if (!file)
        return refuse(given.file + ": cannot be read");
    const std::size_t slash = given.file.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : given.file.substr(0, slash);
    smmu::replay_counts counts;
    try {
        const auto rows = smmu::read_log(file, folder);
        if (!given.timeline.empty() && !write_timeline(rows, given.timeline))
            return refuse(given.timeline + ": cannot be written");
        if (const auto difference = smmu::replay_log(cfg, rows, counts)) {
            std::cout << given.file << ": " << *difference << "\n";
            return different;
        }
    } catch (const smmu::log_error &wrong) {
        return refuse(given.file + ": " + wrong.what());
    }
    std::cout << given.file << ": no difference in " << counts.rows
              << " rows: " << counts.transactions << " answers, " << counts.writes
              << " words written, " << counts.interrupts << " interrupts and messages\n";
    return same;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 2 && std::string(argv[1]) == "--help") {
        std::fputs(usage, stdout);
        return same;
    }
    try {
        return replay(parse(argc, argv));
    } catch (const std::invalid_argument &wrong) {
        return refuse(wrong.what());
    }
}
