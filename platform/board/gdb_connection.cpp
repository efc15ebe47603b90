// SPDX-License-Identifier: Apache-2.0
// Sockets of the GDB server.
#include "gdb_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace vp {

namespace {

constexpr std::size_t unsent_limit = 1 << 20; // bytes; a reply has some thousands

[[noreturn]] void fail(const std::string &what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

// Waits for one of the events of poll() and returns those there are; 0: a bystander has had enough.
short wait_for(int descriptor, short events, const std::vector<bystander *> &others)
{
    for (;;) {
        std::vector<pollfd> each = {{descriptor, events, 0}};
        for (const bystander *other : others)
            each.push_back({other->descriptor(), POLLIN, 0});
        if (poll(each.data(), each.size(), -1) < 0)
            continue;
        for (std::size_t i = 0; i < others.size(); i++)
            if (each[i + 1].revents != 0 && others[i]->look())
                return 0;
        if (each[0].revents != 0)
            return each[0].revents;
    }
}

} // namespace

gdb_connection::gdb_connection(std::uint16_t port, std::vector<bystander *> others)
    : others_(std::move(others))
{
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener_ < 0)
        fail("--gdb");
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address = {};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 1) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
        const int reason = errno;
        ::close(listener_);
        errno = reason;
        fail("--gdb: port " + std::to_string(port));
    }
    port_ = ntohs(address.sin_port);
}

gdb_connection::~gdb_connection()
{
    close();
    if (listener_ >= 0)
        ::close(listener_);
}

void gdb_connection::accept()
{
    if (wait_for(listener_, POLLIN, others_) != 0) {
        do
            peer_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        while (peer_ < 0 && errno == EINTR);
        if (peer_ < 0)
            fail("--gdb");
        const int yes = 1;
        setsockopt(peer_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    } else {
        given_up_ = true;
    }
    ::close(listener_);
    listener_ = -1;
}

void gdb_connection::close()
{
    if (peer_ >= 0)
        ::close(peer_);
    peer_ = -1;
    unsent_.clear();
}

// Sends what the debugger has not read yet meanwhile. False: it has gone, or a bystander has had
// enough.
bool gdb_connection::wait_for_input()
{
    while (is_open() && !given_up_) {
        const auto wanted = static_cast<short>(unsent_.empty() ? POLLIN : POLLIN | POLLOUT);
        const short events = wait_for(peer_, wanted, others_);
        if (events == 0)
            given_up_ = true;
        else if ((events & ~POLLOUT) != 0)
            return true;
        else
            flush();
    }
    return false;
}

bool gdb_connection::has_input()
{
    flush();
    pollfd waiting = {peer_, POLLIN, 0};
    return poll(&waiting, 1, 0) > 0;
}

std::optional<std::uint8_t> gdb_connection::next_byte()
{
    if (taken_ == filled_ && wait_for_input()) {
        ssize_t got;
        do
            got = recv(peer_, buffer_, sizeof buffer_, 0);
        while (got < 0 && errno == EINTR);
        if (got <= 0)
            close();
        taken_ = 0;
        filled_ = got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    if (taken_ == filled_)
        return std::nullopt;
    return buffer_[taken_++];
}

std::optional<std::string> gdb_connection::receive()
{
    while (const auto byte = next_byte()) {
        switch (gdb_reader_feed(&reader_, *byte)) {
        case GDB_NOTHING:
        case GDB_INTERRUPT: // there is nothing to interrupt any more
            break;
        case GDB_PACKET:
            if (acknowledge_)
                write(reinterpret_cast<const std::uint8_t *>("+"), 1);
            return std::string(reader_.data, reader_.data + reader_.size);
        case GDB_DAMAGED:
            if (acknowledge_)
                write(reinterpret_cast<const std::uint8_t *>("-"), 1);
            break;
        }
    }
    return std::nullopt;
}

void gdb_connection::send(const std::string &packet)
{
    std::vector<std::uint8_t> wrapped(GDB_WRAPPED_SIZE(packet.size()));
    write(wrapped.data(), gdb_packet_wrap(packet.data(), packet.size(), wrapped.data()));
}

// A debugger that does not read is forgotten, and its requests with it.
void gdb_connection::write(const std::uint8_t *data, std::size_t size)
{
    if (!is_open())
        return;
    unsent_.append(data, data + size);
    flush();
    if (unsent_.size() > unsent_limit) {
        overran_ = true;
        taken_ = filled_ = 0;
        close();
    }
}

void gdb_connection::flush()
{
    std::size_t done = 0;
    ssize_t sent = 0;
    while (done < unsent_.size() && (sent >= 0 || errno == EINTR)) {
        sent = ::send(peer_, unsent_.data() + done, unsent_.size() - done,
                      MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0)
            done += static_cast<std::size_t>(sent);
    }
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        close();
    else
        unsent_.erase(0, done);
}

bool gdb_connection::wants_attention(bool patient)
{
    // A flood of bytes must not keep the target from running: so many for each look.
    for (std::size_t i = 0; patient || i < sizeof buffer_; i++) {
        if (!is_open() || given_up_)
            return true;
        if (taken_ == filled_ && !patient && !has_input())
            return !is_open();
        const auto byte = next_byte();
        if (!byte || gdb_reader_feed(&reader_, *byte) == GDB_INTERRUPT)
            return true;
    }
    return false;
}

} // namespace vp
