// SPDX-License-Identifier: Apache-2.0
// The network of libslirp as a guest sees it, frame by frame, and the host's end of its ports.
#include <arpa/inet.h>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "user_network.h"

namespace test_user_network {
namespace {

using frame = std::vector<std::uint8_t>;

constexpr std::uint32_t guest = 0x0A00020F;   // 10.0.2.15
constexpr std::uint32_t gateway = 0x0A000202; // 10.0.2.2
constexpr std::uint8_t mac[] = {2, 1, 2, 3, 4, 5};

class user_network_test : public ::testing::Test {
  protected:
    user_network_test() : network(nullptr, user_network_destroy)
    {
        const user_network_ops ops = {
            this,
            [](void *user, const void *bytes, std::uint32_t size) {
                const auto *first = static_cast<const std::uint8_t *>(bytes);
                static_cast<user_network_test *>(user)->got.emplace_back(first, first + size);
            },
            [](void *user) { return static_cast<user_network_test *>(user)->now; }};
        network.reset(user_network_create(1500, &ops));
    }

    static void put(frame &to, std::size_t at, std::uint64_t value, unsigned size)
    {
        if (to.size() < at + size)
            to.resize(at + size);
        for (unsigned i = 0; i < size; i++)
            to[at + i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
    }

    static std::uint64_t get(const frame &from, std::size_t at, unsigned size)
    {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < size; i++)
            value = value << 8 | from.at(at + i);
        return value;
    }

    static std::uint16_t checksum(const frame &of, std::size_t first, std::size_t end)
    {
        std::uint32_t sum = 0;
        for (std::size_t i = first; i < end; i++)
            sum += i % 2 == first % 2 ? of[i] << 8 : of[i];
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return static_cast<std::uint16_t>(~sum);
    }

    // UDP without a checksum, in IPv4, in Ethernet.
    static frame udp(std::uint32_t from, std::uint32_t to, unsigned from_port, unsigned to_port,
                     const frame &data)
    {
        frame made(42 + data.size());
        std::fill_n(made.begin(), 6, to == 0xFFFFFFFF ? 0xFF : 0x52);
        if (to != 0xFFFFFFFF)
            put(made, 0, 0x52550A000202, 6);
        std::copy(std::begin(mac), std::end(mac), made.begin() + 6);
        put(made, 12, 0x0800, 2);
        put(made, 14, 0x4500, 2);
        put(made, 16, 28 + data.size(), 2);
        put(made, 22, 0x4011, 2); // time to live, protocol
        put(made, 26, from, 4);
        put(made, 30, to, 4);
        put(made, 24, checksum(made, 14, 34), 2);
        put(made, 34, from_port, 2);
        put(made, 36, to_port, 2);
        put(made, 38, 8 + data.size(), 2);
        std::copy(data.begin(), data.end(), made.begin() + 42);
        return made;
    }

    void send(const frame &what)
    {
        user_network_transmit(network.get(), what.data(), static_cast<std::uint32_t>(what.size()));
    }

    // A DHCP message (RFC 2131) of type `type`; an acknowledgement makes the guest's address known.
    static frame dhcp(std::uint8_t type)
    {
        frame data(240);
        data[0] = 1; // BOOTREQUEST
        data[1] = 1;
        data[2] = 6;
        put(data, 4, 0x12345678, 4);
        std::copy(std::begin(mac), std::end(mac), data.begin() + 28);
        put(data, 236, 0x63825363, 4);
        for (const std::uint8_t byte : {std::uint8_t{53}, std::uint8_t{1}, type, std::uint8_t{50},
                                        std::uint8_t{4}, std::uint8_t{10}, std::uint8_t{0},
                                        std::uint8_t{2}, std::uint8_t{15}, std::uint8_t{255}})
            data.push_back(byte);
        return udp(0, 0xFFFFFFFF, 68, 67, data);
    }

    // The guest tells the network its hardware address.
    void announce()
    {
        send(dhcp(1));
        send(dhcp(3));
        got.clear();
    }

    // Looks after the network until a frame comes, 5 seconds of the host's time at most.
    void wait_for_frame()
    {
        for (unsigned i = 0; i < 50 && got.empty(); i++) {
            now += 1000000;
            user_network_poll(network.get(), 100000000);
        }
    }

    // A socket of UDP at 127.0.0.1, and its port.
    static int open_socket(std::uint16_t &port)
    {
        const int fd = socket(AF_INET, SOCK_DGRAM, 0);
        sockaddr_in address = {};
        socklen_t size = sizeof address;
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
        EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size), 0);
        port = ntohs(address.sin_port);
        return fd;
    }

    std::vector<frame> got;
    std::int64_t now = 0;
    std::unique_ptr<user_network, void (*)(user_network *)> network;
};

TEST_F(user_network_test, GivesTheGuestAnAddress)
{
    send(dhcp(1));
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(get(got[0], 34, 2), 67u);
    EXPECT_EQ(get(got[0], 42 + 16, 4), guest) << "yiaddr";
    EXPECT_EQ(get(got[0], 42 + 4, 4), 0x12345678u);
}

TEST_F(user_network_test, AnswersForTheGateway)
{
    frame what(42);
    std::fill_n(what.begin(), 6, 0xFF);
    std::copy(std::begin(mac), std::end(mac), what.begin() + 6);
    put(what, 12, 0x080600010800, 6); // ARP (RFC 826)
    put(what, 18, 0x06040001, 4);
    std::copy(std::begin(mac), std::end(mac), what.begin() + 22);
    put(what, 28, guest, 4);
    put(what, 38, gateway, 4);
    send(what);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(get(got[0], 20, 2), 2u) << "a reply";
    EXPECT_EQ(get(got[0], 28, 4), gateway);
}

// Nothing of the host is asked, so that runs are alike.
TEST_F(user_network_test, WaitsForNothingUntilThereIsASocket)
{
    EXPECT_FALSE(user_network_waits(network.get()).sockets);
    EXPECT_FALSE(user_network_waits(network.get()).timer);
    announce();
    EXPECT_FALSE(user_network_waits(network.get()).sockets);
    std::uint16_t port = 0;
    const int fd = open_socket(port);
    send(udp(guest, gateway, 1000, port, {1}));
    EXPECT_TRUE(user_network_waits(network.get()).sockets);
    close(fd);
}

TEST_F(user_network_test, TheGatewayIsTheHost)
{
    announce();
    std::uint16_t port = 0;
    const int fd = open_socket(port);
    send(udp(guest, gateway, 1000, port, {'a', 'b', 'c'}));
    std::uint8_t bytes[16];
    sockaddr_in from = {};
    socklen_t size = sizeof from;
    pollfd ready = {fd, POLLIN, 0};
    ASSERT_EQ(poll(&ready, 1, 5000), 1);
    ASSERT_EQ(recvfrom(fd, bytes, sizeof bytes, 0, reinterpret_cast<sockaddr *>(&from), &size), 3);
    EXPECT_EQ(std::memcmp(bytes, "abc", 3), 0);
    ASSERT_EQ(sendto(fd, "defg", 4, 0, reinterpret_cast<sockaddr *>(&from), size), 4);
    wait_for_frame();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(get(got[0], 36, 2), 1000u);
    EXPECT_EQ(std::memcmp(&got[0][42], "defg", 4), 0);
    close(fd);
}

TEST_F(user_network_test, APortOfTheHostLeadsToTheGuest)
{
    announce();
    const user_network_forward wanted = {true, INADDR_LOOPBACK, 0, guest, 53};
    const std::uint16_t port = user_network_open_port(network.get(), &wanted);
    ASSERT_NE(port, 0) << std::strerror(errno);
    std::uint16_t own = 0;
    const int fd = open_socket(own);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(sendto(fd, "query", 5, 0, reinterpret_cast<sockaddr *>(&to), sizeof to), 5);
    wait_for_frame();
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(get(got[0], 30, 4), guest);
    EXPECT_EQ(get(got[0], 36, 2), 53u);
    EXPECT_EQ(std::memcmp(&got[0][42], "query", 5), 0);
    close(fd);
}

TEST_F(user_network_test, APortThatIsInUseIsTold)
{
    std::uint16_t port = 0;
    const int fd = open_socket(port);
    const user_network_forward wanted = {true, INADDR_LOOPBACK, port, guest, 53};
    EXPECT_EQ(user_network_open_port(network.get(), &wanted), 0);
    EXPECT_EQ(errno, EADDRINUSE);
    close(fd);
}

TEST_F(user_network_test, EachPortHasItsOwnNumber)
{
    const user_network_forward wanted = {false, INADDR_LOOPBACK, 0, guest, 22};
    const std::uint16_t first = user_network_open_port(network.get(), &wanted);
    const std::uint16_t second = user_network_open_port(network.get(), &wanted);
    EXPECT_NE(first, 0);
    EXPECT_NE(second, 0);
    EXPECT_NE(first, second);
    const user_network_forward again = {false, INADDR_LOOPBACK, first, guest, 22};
    EXPECT_EQ(user_network_open_port(network.get(), &again), 0);
}

TEST_F(user_network_test, FramesThatMakeNoSenseAreIgnored)
{
    announce();
    for (std::size_t size = 0; size < 60; size++) {
        frame cut = udp(guest, gateway, 1000, 7, {1, 2, 3});
        cut.resize(std::min(size, cut.size()));
        cut.push_back(0xFF); // an odd end, and no frame is empty
        send(cut);
    }
    SUCCEED();
}

} // namespace
} // namespace test_user_network
