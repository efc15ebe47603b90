// SPDX-License-Identifier: Apache-2.0
// --net: what may be written, and the node that it makes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "edited_tree.hpp"
#include "input_file.hpp"
#include "net_node.hpp"

namespace test_net_node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char *host = "/pcie@10000000";

// A host with a function at 00:01.0 and one at 00:02.1.
test::edited_tree machine()
{
    auto tree = test::small_machine();
    tree.node(host).strings(host, "compatible", {"pci-host-ecam-generic"});
    tree.node(std::string(host) + "/a").cells(std::string(host) + "/a", "reg", {0x800, 0, 0, 0, 0});
    tree.node(std::string(host) + "/b")
        .cells(std::string(host) + "/b", "reg", {0x1100, 0, 0, 0, 0});
    return tree;
}

std::string refusal(const std::string &text)
{
    try {
        vp::read_net(text);
    } catch (const vp::input_error &error) {
        return error.what();
    }
    return "";
}

TEST(net_option, IsUserWithPortsOfTheHost)
{
    EXPECT_THAT(vp::read_net("user").forwards, IsEmpty());
    EXPECT_THAT(
        vp::read_net("user,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=udp::0-10.0.2.16:53").forwards,
        ElementsAre("tcp:127.0.0.1:2222-:22", "udp::0-10.0.2.16:53"));
}

TEST(net_option, SaysWhatIsWrong)
{
    const std::string rule = ": it has to be tcp:[ADDRESS]:PORT-[ADDRESS]:PORT";
    EXPECT_EQ(refusal(""), "--net: \"\" does not begin with \"user\"");
    EXPECT_EQ(refusal("tap"), "--net: \"tap\" does not begin with \"user\"");
    EXPECT_EQ(refusal("user,"), "--net: \"\" is not hostfwd=...");
    EXPECT_EQ(refusal("user,mac=1"), "--net: \"mac=1\" is not hostfwd=...");
    EXPECT_EQ(refusal("user,hostfwd="),
              "--net: hostfwd=\"\" does not begin with tcp: or udp:" + rule);
    EXPECT_EQ(refusal("user,hostfwd=icmp::1-:1"),
              "--net: hostfwd=\"icmp::1-:1\" does not begin with tcp: or udp:" + rule);
    const auto complaint = [&rule](const std::string &forward, const char *what) {
        std::string text = "--net: hostfwd=\"";
        return text.append(forward).append("\" ").append(what).append(rule);
    };
    for (const std::string wrong :
         {"tcp:host:1-:1", "tcp:1.2.3:1-:1", "tcp:1.2.3.4.5.6.7.8.9.0:1-:1"})
        EXPECT_EQ(refusal("user,hostfwd=" + wrong),
                  complaint(wrong, "has no IPv4 address of the host"));
    for (const std::string wrong :
         {"tcp::-:1", "tcp::65536-:1", "tcp::x-:1", "tcp::1", "tcp::+1-:1"})
        EXPECT_EQ(refusal("user,hostfwd=" + wrong),
                  complaint(wrong, "has no port of the host, 0 to 65535"));
    EXPECT_EQ(refusal("user,hostfwd=tcp::1-1"),
              "--net: hostfwd=\"tcp::1-1\" has no IPv4 address of the guest" + rule);
    for (const std::string wrong : {"tcp::1-:", "tcp::1-:0", "tcp::1-:70000", "tcp::1-:1x"})
        EXPECT_EQ(refusal("user,hostfwd=" + wrong),
                  complaint(wrong, "has no port of the guest, 1 to 65535"));
}

TEST(net_node, IsTheFirstFreeDeviceOfTheHost)
{
    const vp::dt_tree tree(vp::set_net(machine().blob(), {{"tcp::1-:1", "udp::2-:2"}}));
    const auto node = tree.by_path(std::string(host) + "/net@3,0");
    ASSERT_TRUE(node);
    EXPECT_THAT(node->compatible(), ElementsAre("vp,virtio-net"));
    EXPECT_THAT(node->cells("reg"), ElementsAre(0x1800, 0, 0, 0, 0));
    EXPECT_THAT(node->strings("vp,hostfwd"), ElementsAre("tcp::1-:1", "udp::2-:2"));
}

TEST(net_node, HasNoPortsIfNoneAreAskedFor)
{
    const vp::dt_tree tree(vp::set_net(machine().blob(), {}));
    const auto node = tree.by_path(std::string(host) + "/net@3,0");
    ASSERT_TRUE(node);
    EXPECT_FALSE(node->has("vp,hostfwd"));
}

TEST(net_node, IsTheOneThatThereIs)
{
    auto source = machine();
    const std::string path = std::string(host) + "/b";
    source.strings(path, "compatible", {"vp,virtio-net"})
        .strings(path, "vp,hostfwd", {"tcp::3-:3"});
    const vp::dt_tree kept(vp::set_net(source.blob(), {}));
    EXPECT_THAT(kept.by_path(path)->strings("vp,hostfwd"), ElementsAre("tcp::3-:3"));
    const vp::dt_tree tree(vp::set_net(source.blob(), {{"tcp::1-:1"}}));
    EXPECT_THAT(tree.by_path(path)->strings("vp,hostfwd"), ElementsAre("tcp::1-:1"));
    EXPECT_FALSE(tree.by_path(std::string(host) + "/net@3,0"));
}

TEST(net_node, NeedsAHostWithRoom)
{
    const auto mistake = [](const test::edited_tree &tree) -> std::string {
        try {
            vp::set_net(tree.blob(), {});
        } catch (const vp::dt_error &error) {
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(mistake(test::small_machine()),
              "/: has no enabled pci-host-ecam-generic for a network");
    auto full = machine();
    for (unsigned i = 3; i < 32; i++) {
        const std::string path = std::string(host) + "/c" + std::to_string(i);
        full.node(path).cells(path, "reg", {i << 11, 0, 0, 0, 0});
    }
    EXPECT_EQ(mistake(full), std::string(host) + ": has no free device number for a network");
}

} // namespace
} // namespace test_net_node
