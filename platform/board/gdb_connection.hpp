// SPDX-License-Identifier: Apache-2.0
// A debugger on the other end of a TCP connection.
#ifndef VP_GDB_CONNECTION_HPP
#define VP_GDB_CONNECTION_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bystander.hpp"
#include "gdb_packet.h"

namespace vp {

class gdb_connection {
  public:
    // Listens on 127.0.0.1; port 0: one that is free. Throws std::system_error if that cannot be.
    // Whoever waits for the debugger looks at `others`, each of whom may end that, as well.
    explicit gdb_connection(std::uint16_t port, std::vector<bystander *> others = {});
    ~gdb_connection();
    gdb_connection(const gdb_connection &) = delete;
    gdb_connection &operator=(const gdb_connection &) = delete;

    std::uint16_t port() const { return port_; }

    // Waits for a debugger. Later ones are not let in. There is none if a bystander wants so.
    void accept();
    void close();
    bool is_open() const { return peer_ >= 0; }

    // The next packet, acknowledged. Nothing: the debugger has gone, or is not waited for any more.
    std::optional<std::string> receive();

    // Sends a packet, without ever waiting for the debugger: what it does not read yet is kept. One
    // that leaves more than a megabyte unread is disconnected.
    void send(const std::string &packet);

    // Has a bystander ended the waiting? The debugger may still be there, to be told how the run
    // ends.
    bool given_up() const { return given_up_; }

    // Has the debugger been disconnected because it does not read?
    bool overran() const { return overran_; }

    // Without acknowledgements, in either direction.
    void stop_acknowledging() { acknowledge_ = false; }

    // Has the debugger asked for an interrupt, or gone, or has a bystander had enough? Does not
    // wait for it unless `patient`, and looks at a limited number of bytes then. Other bytes while
    // the target runs are ignored.
    bool wants_attention(bool patient);

  private:
    std::optional<std::uint8_t> next_byte();
    bool wait_for_input();
    bool has_input();
    void write(const std::uint8_t *data, std::size_t size);
    void flush();

    std::vector<bystander *> others_;
    int listener_ = -1;
    int peer_ = -1;
    std::uint16_t port_ = 0;
    std::string unsent_;
    bool overran_ = false;
    bool given_up_ = false;
    bool acknowledge_ = true;
    gdb_reader reader_ = {};
    std::uint8_t buffer_[4096] = {};
    std::size_t filled_ = 0;
    std::size_t taken_ = 0;
};

} // namespace vp

#endif
