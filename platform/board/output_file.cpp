// SPDX-License-Identifier: Apache-2.0
// A file is told by device and inode: links and ways around give it other names.
#include "output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input_file.hpp"

namespace vp {

namespace {

struct standard_file {
    int descriptor;
    const char *name;
};

constexpr standard_file standard_files[] = {{STDIN_FILENO, "standard input"},
                                            {STDOUT_FILENO, "standard output"},
                                            {STDERR_FILENO, "standard error"}};

bool same(const struct stat &a, const struct stat &b)
{
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// The name of what the file `output` is beside; "" if it is nothing else.
std::string other_use(const struct stat &output, const std::vector<std::string> &in_use)
{
    struct stat info;
    for (const std::string &path : in_use)
        if (stat(path.c_str(), &info) == 0 && same(info, output))
            return path;
    for (const standard_file &each : standard_files)
        if (fstat(each.descriptor, &info) == 0 && same(info, output))
            return each.name;
    return "";
}

} // namespace

// Pipes and devices have nothing that could be lost.
std::FILE *open_output(const std::string &path, const std::string &what,
                       const std::vector<std::string> &in_use)
{
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    struct stat info;
    std::string complaint = ": cannot be written";
    if (fd >= 0 && fstat(fd, &info) == 0) {
        const bool regular = S_ISREG(info.st_mode);
        const std::string other = regular ? other_use(info, in_use) : "";
        if (!other.empty())
            complaint = ": the " + what + " would overwrite " + other;
        else if (!regular || ftruncate(fd, 0) == 0)
            if (std::FILE *file = fdopen(fd, "w"))
                return file;
    }
    if (fd >= 0)
        close(fd);
    throw input_error(path + complaint);
}

} // namespace vp
