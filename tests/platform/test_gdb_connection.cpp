// SPDX-License-Identifier: Apache-2.0
// The socket of the GDB server, with a test in the place of the debugger.
#include "gdb_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace test_gdb_connection {
namespace {

class connected : public testing::Test {
  protected:
    void SetUp() override
    {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        peer = socket(AF_INET, SOCK_STREAM, 0);
        ASSERT_EQ(connect(peer, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
        server.accept();
    }

    void TearDown() override { close(peer); }

    void send(const std::string &bytes) const
    {
        ASSERT_EQ(write(peer, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    }

    vp::gdb_connection server{0};
    int peer = -1;
};

TEST_F(connected, wants_no_attention_while_it_is_silent)
{
    EXPECT_FALSE(server.wants_attention(false));
}

TEST_F(connected, wants_attention_when_interrupted)
{
    send("\x03");
    EXPECT_TRUE(server.wants_attention(true));
}

TEST_F(connected, looks_at_so_much_of_a_flood_at_a_time)
{
    send(std::string(20000, '+') + "\x03");
    int looks = 1;
    while (!server.wants_attention(false))
        looks++;
    EXPECT_GE(looks, 4) << "the target runs in between";
    EXPECT_LE(looks, 1000) << "but not for ever";
}

TEST_F(connected, gets_over_a_packet_without_an_end)
{
    send("$" + std::string(100000, 'a'));
    for (int looks = 0; looks < 30; looks++)
        EXPECT_FALSE(server.wants_attention(false));
    send("#00\x03");
    EXPECT_TRUE(server.wants_attention(true));
}

TEST_F(connected, lets_nobody_else_in)
{
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int second = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_NE(connect(second, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    close(second);
}

TEST_F(connected, is_not_waited_for_while_it_does_not_read)
{
    const std::string reply(4000, 'x');
    for (int i = 0; i < 100; i++)
        server.send(reply);
    EXPECT_TRUE(server.is_open()) << "not yet";
    for (int i = 0; i < 10000; i++)
        server.send(reply);
    EXPECT_FALSE(server.is_open());
    EXPECT_TRUE(server.overran());
}

TEST_F(connected, gets_late_what_it_reads_late)
{
    constexpr int replies = 200;
    const std::string reply(4000, 'x');
    const int little = 4096;
    setsockopt(peer, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    for (int i = 0; i < replies; i++)
        server.send(reply);
    std::thread reader([&] {
        std::string bytes(replies * (reply.size() + 4), 0);
        EXPECT_EQ(recv(peer, bytes.data(), bytes.size(), MSG_WAITALL),
                  static_cast<ssize_t>(bytes.size()));
        send("$?#3f");
    });
    EXPECT_EQ(server.receive(), "?");
    reader.join();
    EXPECT_FALSE(server.overran());
}

// The test in the place of who sits at the terminal.
struct user : vp::bystander {
    user()
    {
        EXPECT_EQ(pipe(ends.data()), 0);
        EXPECT_EQ(write(ends[1], "x", 1), 1);
    }
    ~user() override
    {
        close(ends[0]);
        close(ends[1]);
    }
    int descriptor() const override { return ends[0]; }
    bool look() override
    {
        looks++;
        return looks == 3;
    }

    std::array<int, 2> ends{};
    int looks = 0;
};

TEST(gdb_bystander, ends_the_wait_for_a_debugger)
{
    user impatient;
    vp::gdb_connection server(0, {&impatient});
    server.accept();
    EXPECT_FALSE(server.is_open());
    EXPECT_TRUE(server.given_up());
    EXPECT_EQ(impatient.looks, 3);
    EXPECT_FALSE(server.receive());
}

TEST(gdb_bystander, ends_the_wait_for_what_a_debugger_says)
{
    user impatient;
    vp::gdb_connection server(0, {&impatient});
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int peer = socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(connect(peer, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    server.accept();
    ASSERT_TRUE(server.is_open());
    EXPECT_FALSE(server.receive());
    EXPECT_EQ(impatient.looks, 3);
    EXPECT_TRUE(server.given_up());
    EXPECT_TRUE(server.is_open()) << "it can be told how the run ends";
    EXPECT_TRUE(server.wants_attention(false));
    close(peer);
}

} // namespace
} // namespace test_gdb_connection
