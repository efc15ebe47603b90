// SPDX-License-Identifier: Apache-2.0
// The GDB remote serial protocol: what each packet asks for, and the answer. Knows no sockets and
// no simulation.
#ifndef VP_GDB_PROTOCOL_HPP
#define VP_GDB_PROTOCOL_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vp {

// Bytes whose accesses stop the target: reads, writes or both.
struct gdb_watchpoint {
    enum class access { write, read, any };
    access kind;
    std::uint64_t va;
    std::uint64_t size;

    bool operator==(const gdb_watchpoint &other) const
    {
        return kind == other.kind && va == other.va && size == other.size;
    }
};

// The target, while it stands still: threads counted from 0, each a CPU.
class gdb_target {
  public:
    virtual ~gdb_target() = default;

    virtual unsigned threads() const = 0;
    virtual std::string thread_name(unsigned thread) const = 0;

    // Registers by the numbers of gdb_registers.hpp, gdb_register_size() bytes. Writing returns
    // false if that cannot be.
    virtual void read_register(unsigned thread, unsigned number, std::uint8_t *value) const = 0;
    virtual bool write_register(unsigned thread, unsigned number, const std::uint8_t *value) = 0;

    // Memory at a virtual address of a thread, without side effects. Reading returns how many bytes
    // could be read from the start; writing returns false if not all could be written.
    virtual std::size_t read_memory(unsigned thread, std::uint64_t va, std::uint8_t *data,
                                    std::size_t size) const = 0;
    virtual bool write_memory(unsigned thread, std::uint64_t va, const std::uint8_t *data,
                              std::size_t size) = 0;

    // Breakpoints of all threads, on an aligned address. Each is set once at most.
    virtual bool set_breakpoint(std::uint64_t va) = 0;
    virtual void clear_breakpoint(std::uint64_t va) = 0;

    // Watchpoints of all threads, of one byte at least. Each is set once at most.
    virtual bool set_watchpoint(const gdb_watchpoint &watchpoint) = 0;
    virtual void clear_watchpoint(const gdb_watchpoint &watchpoint) = 0;
};

// A thread's part when the target goes on.
enum class gdb_action { stay, run, step };

// Signals, as the protocol numbers them.
enum class gdb_signal { interrupt = 2, trap = 5 };

class gdb_protocol {
  public:
    explicit gdb_protocol(gdb_target &target);

    // The effect of a packet.
    enum class then {
        wait,   // for the next packet
        resume, // the target goes on, each thread by actions(); there is no reply until it stops
        detach, // so it does, without a debugger
        kill,   // it ends
    };
    struct answer {
        then next;
        std::string reply; // not for resume; empty: not supported, or, for kill, none
    };
    answer handle(const std::string &packet);

    // The target has stopped because of `thread`: the reply that tells. `hit` is the watchpoint
    // that made it stop, if one did, with the address that the thread is about to access.
    std::string stopped(unsigned thread, gdb_signal signal,
                        const std::optional<gdb_watchpoint> &hit = {});

    const std::vector<gdb_action> &actions() const { return actions_; }

    // The debugger has asked to do without acknowledgements, from the packet after this one on.
    bool no_ack() const { return no_ack_; }

    // Takes away the breakpoints and watchpoints that are set.
    void clear_breakpoints();

  private:
    class arguments;
    struct breakpoint {
        char kind; // '0' software, '1' hardware: to the target they are the same
        std::uint64_t va;
    };
    std::string query(const std::string &packet);
    std::string thread_list() const;
    std::string read_xml(arguments args) const;
    std::string read_registers() const;
    std::string write_registers(arguments args);
    std::string read_register(arguments args) const;
    std::string write_register(arguments args);
    std::string read_memory(arguments args) const;
    std::string write_memory(arguments args, bool binary);
    std::string select_thread(arguments args);
    std::string change_point(arguments args, bool set);
    std::string change_breakpoint(char kind, std::uint64_t va, bool set);
    std::string change_watchpoint(const gdb_watchpoint &watchpoint, bool set);
    answer resume(const std::string &packet);
    answer resume_one(const std::string &packet);
    bool jump(unsigned thread, std::uint64_t va);
    bool is_set(std::uint64_t va) const;
    std::string stop_reply() const;

    gdb_target &target_;
    std::vector<gdb_action> actions_;
    std::vector<breakpoint> breakpoints_;
    std::vector<gdb_watchpoint> watchpoints_;
    unsigned selected_ = 0;            // by Hg
    std::optional<unsigned> controls_; // by Hc: the only one that c and s let go on
    unsigned stopped_ = 0;
    gdb_signal signal_ = gdb_signal::trap;
    std::optional<gdb_watchpoint> hit_;
    bool no_ack_ = false;
};

} // namespace vp

#endif
