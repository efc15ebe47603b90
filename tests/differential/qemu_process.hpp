// SPDX-License-Identifier: Apache-2.0
// A child process that speaks the qtest protocol: one command a line, one reply a line.
#ifndef TESTS_DIFFERENTIAL_QEMU_PROCESS_HPP
#define TESTS_DIFFERENTIAL_QEMU_PROCESS_HPP

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace differential {

class qemu_process {
  public:
    // Starts `arguments`, program first. What the process then fails to do, or does not do within
    // a minute, throws std::runtime_error.
    explicit qemu_process(const std::vector<std::string> &arguments);
    ~qemu_process();
    qemu_process(const qemu_process &) = delete;
    qemu_process &operator=(const qemu_process &) = delete;

    // Accesses to physical memory, in order. Writes may be delayed until the next read.
    void write(unsigned bytes, uint64_t addr, uint64_t value); // 2, 4 or 8 bytes
    uint64_t read(unsigned bytes, uint64_t addr);
    void store(uint64_t addr, const void *data, size_t size);
    void fill(uint64_t addr, uint64_t size, uint8_t value);

    // Whether there is such a program on the PATH.
    static bool is_installed(const std::string &program);

  private:
    void post(const std::string &command);
    void flush();
    void send(const std::string &text);
    std::string reply(); // the words after "OK"

    pid_t pid_ = -1;
    int fd_ = -1;
    std::string outgoing_;
    unsigned outstanding_ = 0;
    std::string incoming_;
};

} // namespace differential

#endif
