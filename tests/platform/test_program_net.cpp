// SPDX-License-Identifier: Apache-2.0
// The program with --net: ports of the host, and what a guest that waits comes to.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_bench.hpp"

namespace test_program_net {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

class program_net : public test::program {
  protected:
    // A guest that waits for an interrupt, for ever, in the default machine.
    outcome wait_with(const std::string &net) const
    {
        return run(std::string("--dtb ") + SMMU_VP_VIRT_DTB + " --elf " +
                   guest({test::wfi, 0x17FFFFFF}) + " --max-time 0.02 --net " + net);
    }
};

TEST_F(program_net, DoesNotKeepAGuestThatHangsAlive)
{
    const auto result = wait_with("user");
    EXPECT_EQ(result.status, 3);
    EXPECT_THAT(line(result), HasSubstr("no CPU is running"));
}

TEST_F(program_net, MayWakeAGuestByAPortOfTheHost)
{
    const auto result = wait_with("user,hostfwd=tcp::0-:22");
    EXPECT_EQ(result.status, 3);
    EXPECT_THAT(result.errors, MatchesRegex("smmu-vp: tcp::0-:22 is at port [0-9]+\n"
                                            "smmu-vp: the guest did not end within .*\n"));
}

TEST_F(program_net, SaysWhichPortIsInUse)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    ASSERT_EQ(listen(fd, 1), 0);
    ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size), 0);
    const std::string port = "tcp::" + std::to_string(ntohs(address.sin_port)) + "-:22";
    const auto result = wait_with("user,hostfwd=" + port);
    close(fd);
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(line(result), HasSubstr("vp,hostfwd: " + port + ": Address already in use"));
}

TEST_F(program_net, RefusesOtherNetworks)
{
    const auto result = wait_with("tap");
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(line(result), "smmu-vp: --net: \"tap\" does not begin with \"user\"");
}

} // namespace
} // namespace test_program_net
