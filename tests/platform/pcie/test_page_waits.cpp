// SPDX-License-Identifier: Apache-2.0
// Accesses of a function that wait for an index, as all are in use. Each test runs in a process of
// its own.
#include <gtest/gtest.h>

#include <vector>

#include "pcie_bench.hpp"
#include "translation_client.hpp"

namespace test_page_waits {
namespace {

constexpr std::uint64_t page = 0x1000;

// Translates what is there, and notes the pages that are asked for.
class root : public vp::pcie_upstream {
  public:
    bool present = false;
    std::vector<pcie_page_request> asked;

    vp_status request(tlm::tlm_command, const vp::pcie_requester &, std::uint64_t, void *,
                      std::uint32_t, sc_core::sc_time &) override
    {
        return VP_OK;
    }
    pcie_translation translate(std::uint16_t, const pcie_translation_request &wanted,
                               sc_core::sc_time &) override
    {
        pcie_translation answer = {};
        answer.status = PCIE_COMPLETED;
        answer.addr = wanted.addr;
        answer.span_log2 = 12;
        answer.r = present;
        return answer;
    }
    void request_page(std::uint16_t, const pcie_page_request &wanted,
                      sc_core::sc_time &delay) override
    {
        asked.push_back(wanted);
        delay += sc_core::sc_time(100, sc_core::SC_NS);
    }
};

// As many page requests may be outstanding as there are indices.
pcie_fn_desc with_many_requests()
{
    pcie_fn_desc desc = full_endpoint();
    desc.pri.capacity = PCIE_PRI_GROUPS;
    return desc;
}

struct page_waits : testing::Test {
    test_fn fn{with_many_requests()};
    root above;
    vp::translation_client client{fn.fn.get(), {}};
    unsigned done = 0;

    page_waits()
    {
        client.connect(above);
        fn.set(COMMAND, MASTER, 2);
        fn.set(fn.ext(ATS) + 6, 0x8000, 2);
        fn.set(fn.ext(PRI) + 12, PCIE_PRI_GROUPS);
        fn.set(fn.ext(PRI) + 4, 1, 2);
    }

    // Of `count` pages that are not there, from `first` on.
    void read(unsigned first, unsigned count)
    {
        for (unsigned i = first; i < first + count; i++)
            sc_core::sc_spawn([this, i] {
                std::uint64_t translated = 0;
                EXPECT_EQ(client.resolve(i * page, VP_NO_SSID, false, {}, translated),
                          PCIE_ACCESS_DONE);
                done++;
            });
        sc_core::sc_start(1, sc_core::SC_US);
    }

    void respond(std::size_t first, std::size_t end)
    {
        for (std::size_t i = first; i < end; i++)
            client.respond(above.asked.at(i).index, PCIE_PRG_SUCCESS);
        sc_core::sc_start(2, sc_core::SC_US);
    }
};

// All are answered at once. Whoever is told of that before an answer has been looked at waits on:
// those for whom the answers are wait since after the first that waits for an index, and before the
// second.
TEST_F(page_waits, EndWhenAnAnswerHasBeenLookedAt)
{
    constexpr unsigned all = PCIE_PRI_GROUPS;
    read(0, all + 1);
    read(all + 1, 1);
    ASSERT_EQ(above.asked.size(), all);
    above.present = true;
    respond(0, all);
    ASSERT_EQ(above.asked.size(), all + 2);
    respond(all, all + 2);
    EXPECT_EQ(done, all + 2);
}

} // namespace
} // namespace test_page_waits
