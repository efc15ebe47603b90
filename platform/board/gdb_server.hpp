// SPDX-License-Identifier: Apache-2.0
// A machine under a debugger: CPUs are its threads, and all of them stop when one does.
#ifndef VP_GDB_SERVER_HPP
#define VP_GDB_SERVER_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <systemc>

#include "gdb_connection.hpp"
#include "gdb_protocol.hpp"
#include "machine.hpp"

namespace vp {

// While the debugger thinks, the process that noticed the stop waits for it, outside of simulated
// time: nothing else runs. Without a debugger, before --gdb or after it has gone, CPUs do not know
// of any of this.
class gdb_server : public sc_core::sc_module, public gdb_target, public run_control {
  public:
    // Listens; `system` waits for a debugger before its first instruction. Each of `others` may end
    // that and any other wait. Throws std::system_error if the port cannot be had.
    gdb_server(const sc_core::sc_module_name &name, machine &system, std::uint16_t port,
               std::vector<bystander *> others);

    std::uint16_t port() const { return connection_.port(); }

    // Tells the debugger that the run has ended with this exit status, or by a signal.
    void finish(int status);
    void finish_by_signal(int number);

    unsigned threads() const override;
    std::string thread_name(unsigned thread) const override;
    void read_register(unsigned thread, unsigned number, std::uint8_t *value) const override;
    bool write_register(unsigned thread, unsigned number, const std::uint8_t *value) override;
    std::size_t read_memory(unsigned thread, std::uint64_t va, std::uint8_t *data,
                            std::size_t size) const override;
    bool write_memory(unsigned thread, std::uint64_t va, const std::uint8_t *data,
                      std::size_t size) override;
    bool set_breakpoint(std::uint64_t va) override;
    void clear_breakpoint(std::uint64_t va) override;
    bool set_watchpoint(const gdb_watchpoint &watchpoint) override;
    void clear_watchpoint(const gdb_watchpoint &watchpoint) override;

    std::uint64_t before_slice(cpu &pe, std::uint64_t budget) override;
    void after_slice(cpu &pe, a64_stop stop, std::uint64_t executed) override;

  private:
    void watch();
    void stop(unsigned thread, gdb_signal signal, const std::optional<gdb_watchpoint> &hit = {});
    void converse();
    void let_go();
    void say_last(char kind, int value);
    unsigned index_of(const cpu &pe) const;
    cpu &pe(unsigned thread) const { return *system_.cpus().list()[thread]; }

    machine &system_;
    gdb_connection connection_;
    gdb_protocol protocol_;
    bool begun_ = false;
    bool killed_ = false;
    sc_core::sc_event resumed_;
};

} // namespace vp

#endif
