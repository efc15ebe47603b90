// SPDX-License-Identifier: Apache-2.0
// The socket of the GDB server, with a test in the place of the debugger.
#include "gdb_connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

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

} // namespace
