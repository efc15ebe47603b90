// SPDX-License-Identifier: Apache-2.0
// Configuration space of a function: header, capabilities, registers with effects.
#include <map>

#include "pcie/pcie_config.h"
#include "pcie_bench.hpp"

namespace test_config_space {
namespace {

// --- the mechanism ---

void count_call(void *owner)
{
    ++*static_cast<unsigned *>(owner);
}

TEST(pcie_config, BitsAreWritableClearableOrReadOnly)
{
    static pcie_config config;
    const pcie_config_row row = {0x10, 4, 0x00ff00f0, 0x0000ff00, 0x00ff0000, nullptr, 0, 0};
    pcie_config_init(&config, nullptr);
    pcie_config_rows(&config, 0, &row, 1);

    pcie_config_write(&config, 0x10, 4, 0x120f34ff);
    EXPECT_EQ(pcie_config_get(&config, 0x10, 4), 0x00f034f0u);
    pcie_config_write(&config, 0x11, 1, 0x56);
    EXPECT_EQ(pcie_config_get(&config, 0x10, 4), 0x00f056f0u);
}

TEST(pcie_config, ResetSparesStickyBits)
{
    static pcie_config config;
    const pcie_config_row rows[] = {{0x10, 2, 7, 0xffff, 0, nullptr, 0, 0xf0},
                                    {0x12, 2, 7, 0xffff, 0, nullptr, 0xff00, 0xf0}};
    pcie_config_init(&config, nullptr);
    pcie_config_rows(&config, 0, rows, 2);
    pcie_config_write(&config, 0x10, 4, 0x12345678);

    pcie_config_reset(&config, PCIE_RESET_FUNCTION_LEVEL);
    EXPECT_EQ(pcie_config_get(&config, 0x10, 4), 0x12370077u);
    pcie_config_reset(&config, PCIE_RESET_CONVENTIONAL);
    EXPECT_EQ(pcie_config_get(&config, 0x10, 4), 0x12070007u);
}

TEST(pcie_config, HookRunsOncePerAccessThatTouchesItsRegister)
{
    static pcie_config config;
    unsigned calls = 0;
    const pcie_config_row row = {0x10, 2, 0, 0xffff, 0, count_call, 0, 0};
    pcie_config_init(&config, &calls);
    pcie_config_rows(&config, 0, &row, 1);

    pcie_config_write(&config, 0x10, 4, 0);
    EXPECT_EQ(calls, 1u);
    pcie_config_write(&config, 0x11, 1, 0);
    EXPECT_EQ(calls, 2u);
    pcie_config_write(&config, 0x0c, 4, 0);
    pcie_config_write(&config, 0x12, 2, 0);
    EXPECT_EQ(calls, 2u);
}

// --- descriptions ---

TEST(pcie_function, MistakesOfADescriptionAreNamed)
{
    const struct {
        void (*edit)(pcie_fn_desc &desc);
        const char *reason;
    } mistakes[] = {
        {[](pcie_fn_desc &d) { d.vendor = 0xffff; }, "vendor: stands for an absent function"},
        {[](pcie_fn_desc &d) { d.bar[0].size = 100; },
         "bar[0]: the size is not a power of two of at least 128"},
        {[](pcie_fn_desc &d) { d.bar[0].size = 64; },
         "bar[0]: the size is not a power of two of at least 128"},
        {[](pcie_fn_desc &d) { d.bar[1].size = 128; }, "bar[0]: has no room for its upper half"},
        {[](pcie_fn_desc &d) {
             d.bar[5] = {128, true, false};
         },
         "bar[5]: has no room for its upper half"},
        {[](pcie_fn_desc &d) { d.bar[2].size = 1ull << 32; }, "bar[2]: is too large for 32 bits"},
        {[](pcie_fn_desc &d) { d.kind = PCIE_ROOT_PORT; }, "bar[0]: root ports have none"},
        {[](pcie_fn_desc &d) { d.link.generation = 7; }, "link: there are six generations"},
        {[](pcie_fn_desc &d) { d.intx_pin = 5; }, "intx_pin: there are only four"},
        {[](pcie_fn_desc &d) { d.msi_vectors = 3; }, "msi_vectors: not a power of two up to 32"},
        {[](pcie_fn_desc &d) { d.msix.vectors = 2049; }, "msix: more than 2048 vectors"},
        {[](pcie_fn_desc &d) { d.msix.bar = 3; }, "msix: lies in a BAR that is not there"},
        {[](pcie_fn_desc &d) { d.msix.bar = 6; }, "msix: lies in a BAR that is not there"},
        {[](pcie_fn_desc &d) { d.msix.table = 0xc00; },
         "msix: table or pending bits are not aligned or beyond the BAR"},
        {[](pcie_fn_desc &d) { d.msix.pba = 0x804; },
         "msix: table or pending bits are not aligned or beyond the BAR"},
        {[](pcie_fn_desc &d) { d.msix.pba = 0x400; }, "msix: table and pending bits overlap"},
        {[](pcie_fn_desc &d) { d.ats.queue_depth = 33; }, "ats.queue_depth: not between 1 and 32"},
        {[](pcie_fn_desc &d) { d.pasid.width = 21; }, "pasid.width: more than 20 bits"},
    };

    for (const auto &m : mistakes) {
        pcie_fn_desc desc = full_endpoint();
        m.edit(desc);
        EXPECT_EQ(mistake(desc), m.reason);
    }
}

// --- header ---

class endpoint : public ::testing::Test {
  protected:
    test_fn fn{full_endpoint()};
};

class express_endpoint : public ::testing::Test {
  protected:
    test_fn fn{full_endpoint(PCIE_ENDPOINT)};
};

TEST_F(endpoint, SaysWhatItIs)
{
    EXPECT_EQ(fn.get(VENDOR), 0x0123CAFEu);
    EXPECT_EQ(fn.get(CLASS_REVISION), 0x01080203u);
    EXPECT_EQ(fn.get(0x2C), 0x4567BEEFu);
    EXPECT_EQ(fn.get(HEADER_TYPE, 1), 0u);
    EXPECT_EQ(fn.get(INTERRUPT_PIN, 1), 1u);
    EXPECT_EQ(fn.get(STATUS, 2), 0x0010u);
}

TEST_F(endpoint, IdentityIsReadOnly)
{
    fn.set(VENDOR, 0);
    fn.set(CLASS_REVISION, 0);
    EXPECT_EQ(fn.get(VENDOR), 0x0123CAFEu);
    EXPECT_EQ(fn.get(CLASS_REVISION), 0x01080203u);
}

TEST_F(endpoint, CommandHasNoIoSpace)
{
    fn.set(COMMAND, 0xffff, 2);
    EXPECT_EQ(fn.get(COMMAND, 2), 0x0546u);
}

TEST_F(endpoint, StatusBitsAreClearedByOne)
{
    pcie_fn_completed(fn.fn.get(), VP_DECERR);
    EXPECT_EQ(fn.get(STATUS, 2), 0x2010u);
    pcie_fn_completed(fn.fn.get(), VP_SLVERR);
    EXPECT_EQ(fn.get(STATUS, 2), 0x3010u);
    pcie_fn_completed(fn.fn.get(), VP_OK);
    fn.set(STATUS, 0x2000, 2);
    EXPECT_EQ(fn.get(STATUS, 2), 0x1010u);
}

TEST_F(endpoint, ConfigurationWritesAreTold)
{
    fn.set(COMMAND, 0, 2);
    fn.set(0x3C, 0x55, 1);
    EXPECT_EQ(fn.config_writes, (std::vector<std::uint16_t>{COMMAND, 0x3C}));
}

// --- BARs ---

TEST_F(endpoint, BarsTellSizeAndType)
{
    for (unsigned i = 0; i < 6; i++)
        fn.set(BAR0 + 4 * i, 0xffffffff);
    EXPECT_EQ(fn.get(BAR0), 0xffff0004u);
    EXPECT_EQ(fn.get(BAR0 + 4), 0xffffffffu);
    EXPECT_EQ(fn.get(BAR0 + 8), 0xfffff008u);
    EXPECT_EQ(fn.get(BAR0 + 12), 0u);
    EXPECT_EQ(fn.get(0x30), 0u) << "no expansion ROM";
}

TEST_F(endpoint, LargeBarHasItsSizeInTheUpperHalf)
{
    pcie_fn_desc desc = full_endpoint();
    desc.bar[0].size = 1ull << 36;
    test_fn large(desc);
    large.set(BAR0, 0xffffffff);
    large.set(BAR0 + 4, 0xffffffff);
    EXPECT_EQ(large.get(BAR0), 0x00000004u);
    EXPECT_EQ(large.get(BAR0 + 4), 0xfffffff0u);
}

TEST_F(endpoint, BarAnswersWhereSoftwarePutsIt)
{
    unsigned bar = 9;
    std::uint64_t offset = 0;
    fn.set(BAR0, 0x12340000);
    fn.set(BAR0 + 4, 0x80);
    EXPECT_FALSE(pcie_fn_decodes(fn.fn.get(), 0x8012340010, &bar, &offset)) << "decoding is off";

    fn.set(COMMAND, MEMORY, 2);
    ASSERT_TRUE(pcie_fn_decodes(fn.fn.get(), 0x801234ffff, &bar, &offset));
    EXPECT_EQ(bar, 0u);
    EXPECT_EQ(offset, 0xffffu);
    EXPECT_FALSE(pcie_fn_decodes(fn.fn.get(), 0x8012350000, &bar, &offset));
    EXPECT_FALSE(pcie_fn_decodes(fn.fn.get(), 0x801233ffff, &bar, &offset));

    fn.set(BAR0 + 4, 0x81);
    EXPECT_FALSE(pcie_fn_decodes(fn.fn.get(), 0x8012340000, &bar, &offset));
    EXPECT_TRUE(pcie_fn_decodes(fn.fn.get(), 0x8112340000, &bar, &offset));
}

TEST_F(endpoint, RefusedAccessIsAnUnsupportedRequest)
{
    std::uint64_t value = 0;
    const unsigned express = fn.cap(EXPRESS);
    const unsigned aer = fn.ext(AER);
    EXPECT_NE(pcie_fn_bar_read(fn.fn.get(), 0, 0x40, 4, &value), VP_OK);
    EXPECT_EQ(fn.get(express + 0xA, 2), 8u);
    EXPECT_EQ(fn.get(aer + 4), 1u << 20);

    fn.set(express + 0xA, 8, 2);
    fn.set(aer + 4, 1u << 20);
    EXPECT_EQ(fn.get(express + 0xA, 2), 0u);
    EXPECT_EQ(fn.get(aer + 4), 0u);
    fn.bar_read(0, 0x44);
    EXPECT_EQ(fn.get(express + 0xA, 2), 0u);
}

// --- capabilities ---

TEST_F(endpoint, HasTheCapabilitiesOfItsDescription)
{
    for (const std::uint8_t id : {PM, MSI, EXPRESS, MSIX})
        EXPECT_NE(fn.cap(id), 0u) << unsigned{id};
    for (const std::uint16_t id : {AER, ATS, PRI, PASID})
        EXPECT_NE(fn.ext(id), 0u) << id;
    EXPECT_EQ(fn.ext(ACS), 0u);
}

TEST_F(endpoint, LacksWhatItsDescriptionDoesNotHave)
{
    pcie_fn_desc desc = {};
    desc.kind = PCIE_INTEGRATED;
    desc.vendor = 1;
    test_fn bare(desc);
    for (const std::uint8_t id : {MSI, MSIX})
        EXPECT_EQ(bare.cap(id), 0u) << unsigned{id};
    for (const std::uint16_t id : {ATS, PRI, PASID})
        EXPECT_EQ(bare.ext(id), 0u) << id;
    EXPECT_NE(bare.cap(EXPRESS), 0u);
}

TEST_F(endpoint, ExpressTypeFollowsThePlace)
{
    const unsigned at = fn.cap(EXPRESS);
    test_fn behind(full_endpoint(PCIE_ENDPOINT));
    test_fn port(root_port());
    EXPECT_EQ(fn.get(at + 2, 2), 0x0092u);
    EXPECT_EQ(fn.get(at + 0x0C), 0u) << "no link";
    EXPECT_EQ(behind.get(at + 2, 2), 0x0002u);
    EXPECT_NE(behind.get(at + 0x0C), 0u);
    EXPECT_EQ(port.get(port.cap(EXPRESS) + 2, 2), 0x0042u);
}

TEST_F(endpoint, PowerStateIsD0OrD3hot)
{
    const unsigned at = fn.cap(PM) + 4;
    fn.set(COMMAND, MEMORY | MASTER, 2);
    fn.set(at, 1, 2);
    EXPECT_EQ(fn.get(at, 2) & 3, 0u);
    fn.set(at, 3, 2);
    EXPECT_EQ(fn.get(at, 2) & 3, 3u);
    fn.set(at, 2, 2);
    EXPECT_EQ(fn.get(at, 2) & 3, 3u);
}

TEST_F(endpoint, NeitherAnswersNorAsksInD3hot)
{
    unsigned bar = 0;
    std::uint64_t offset = 0;
    fn.set(COMMAND, MEMORY | MASTER, 2);
    EXPECT_TRUE(pcie_fn_decodes(fn.fn.get(), 0, &bar, &offset));
    EXPECT_TRUE(pcie_fn_masters(fn.fn.get()));

    fn.set(fn.cap(PM) + 4, 3, 2);
    EXPECT_FALSE(pcie_fn_decodes(fn.fn.get(), 0, &bar, &offset));
    EXPECT_FALSE(pcie_fn_masters(fn.fn.get()));

    fn.set(fn.cap(PM) + 4, 0, 2);
    EXPECT_TRUE(pcie_fn_masters(fn.fn.get())) << "no soft reset";
}

TEST_F(endpoint, MastersOnlyWhenEnabled)
{
    EXPECT_FALSE(pcie_fn_masters(fn.fn.get()));
    fn.set(COMMAND, MASTER, 2);
    EXPECT_TRUE(pcie_fn_masters(fn.fn.get()));
}

TEST_F(endpoint, FunctionLevelResetReadsAsZeroAndResets)
{
    const unsigned control = fn.cap(EXPRESS) + 8;
    fn.set(BAR0, 0x12340000);
    fn.set(COMMAND, MEMORY | MASTER, 2);
    fn.set(fn.ext(AER) + 8, 0x10);
    fn.set(control, fn.get(control, 2) | 0x8000, 2);

    EXPECT_EQ(fn.resets, 1u);
    EXPECT_EQ(fn.get(control, 2), 0x2810u);
    EXPECT_EQ(fn.get(COMMAND, 2), 0u);
    EXPECT_EQ(fn.get(BAR0), 4u);
    EXPECT_EQ(fn.get(fn.ext(AER) + 8), 0x10u) << "sticky";
}

// What PCI Express 5.0, 6.6.2 leaves out of a function-level reset, of what there is here. A reset
// of the bus spares only what is sticky.
TEST_F(express_endpoint, FunctionLevelResetSparesTheLink)
{
    const unsigned express = fn.cap(EXPRESS);
    fn.set(express + 0x08, 0x005f, 2); // Max_Payload_Size of 512 bytes, and all that is reset
    fn.set(express + 0x10, 0x00cb, 2); // ASPM, RCB, common clock, extended synch
    fn.set(express + 0x28, 0x0010, 2); // Completion Timeout Disable
    fn.set(express + 0x30, 1, 2);      // Target Link Speed, RWS
    fn.set(fn.ext(AER) + 0x0c, 0, 4);  // severity, RWS
    fn.set(fn.cap(EXPRESS) + 8, fn.get(express + 8, 2) | 0x8000, 2);
    EXPECT_EQ(fn.resets, 1u);
    EXPECT_EQ(fn.get(express + 0x08, 2), 0x2850u);
    EXPECT_EQ(fn.get(express + 0x10, 2), 0x00cbu);
    EXPECT_EQ(fn.get(express + 0x28, 2), 0u);
    EXPECT_EQ(fn.get(express + 0x30, 2), 1u);
    EXPECT_EQ(fn.get(fn.ext(AER) + 0x0c), 0u);

    pcie_fn_reset(fn.fn.get());
    EXPECT_EQ(fn.get(express + 0x08, 2), 0x2810u);
    EXPECT_EQ(fn.get(express + 0x10, 2), 0u);
    EXPECT_EQ(fn.get(express + 0x30, 2), 1u);
    EXPECT_EQ(fn.get(fn.ext(AER) + 0x0c), 0u);
}

// PCI Express Base Specification 6.0, 7.5.3.4: Device Control.
TEST_F(endpoint, DeviceControlLimitsItsRequests)
{
    const unsigned control = fn.cap(EXPRESS) + 8;
    const pcie_fn *const f = fn.fn.get();
    EXPECT_EQ(pcie_fn_max_payload(f), 128u);
    EXPECT_EQ(pcie_fn_max_read_request(f), 512u);
    EXPECT_EQ(pcie_fn_tags(f), 32u);
    EXPECT_TRUE(pcie_fn_relaxed_ordering(f));

    fn.set(control, 1 << 5 | 5 << 12 | 1 << 8, 2);
    EXPECT_EQ(pcie_fn_max_payload(f), 256u);
    EXPECT_EQ(pcie_fn_max_read_request(f), 4096u);
    EXPECT_EQ(pcie_fn_tags(f), 256u);
    EXPECT_FALSE(pcie_fn_relaxed_ordering(f));

    fn.set(control, 7 << 5 | 7 << 12, 2);
    EXPECT_EQ(pcie_fn_max_payload(f), 512u) << "what Device Capabilities says";
    EXPECT_EQ(pcie_fn_max_read_request(f), 4096u);
}

// 7.5.3.6 to 7.5.3.8, 7.5.3.18, 7.5.3.19: speeds are numbered, and a bit each in a vector.
TEST(link_registers, SayWhatTheDescriptionSays)
{
    for (pcie_fn_desc desc : {full_endpoint(PCIE_ENDPOINT), root_port()}) {
        test_fn usual(desc);
        const unsigned at = usual.cap(EXPRESS);
        EXPECT_EQ(usual.get(at + 0x0c) & 0x3ff, 0x43u) << "8 GT/s, four lanes";
        EXPECT_EQ(usual.get(at + 0x2c), 0x0eu);

        desc.link = {5, 16};
        test_fn fast(desc);
        EXPECT_EQ(fast.get(at + 0x0c) & 0x3ff, 0x105u);
        EXPECT_EQ(fast.get(at + 0x12, 2) & 0x3ff, 0x105u);
        EXPECT_EQ(fast.get(at + 0x2c), 0x3eu) << "2.5 to 32 GT/s";
        EXPECT_EQ(fast.get(at + 0x30, 2) & 15, 5u);
    }
}

TEST_F(endpoint, AtsHasStuAndEnable)
{
    const unsigned at = fn.ext(ATS);
    EXPECT_EQ(fn.get(at + 4, 2), 0x0020u) << "depth 32 is written as 0";
    fn.set(at + 6, 0xffff, 2);
    EXPECT_EQ(fn.get(at + 6, 2), 0x801fu);
}

TEST_F(endpoint, PriCountsAndStops)
{
    const unsigned at = fn.ext(PRI);
    EXPECT_EQ(fn.get(at + 8), 64u);
    EXPECT_EQ(fn.get(at + 6, 2), 0x100u) << "stopped";
    fn.set(at + 8, 1);
    EXPECT_EQ(fn.get(at + 8), 64u) << "the capacity is read-only";
    fn.set(at + 0xC, 32);
    EXPECT_EQ(fn.get(at + 0xC), 32u);

    fn.set(at + 4, 3, 2);
    EXPECT_EQ(fn.get(at + 4, 2), 1u) << "reset reads as zero";
    EXPECT_EQ(fn.get(at + 6, 2), 0u);
    fn.set(at + 4, 0, 2);
    EXPECT_EQ(fn.get(at + 6, 2), 0x100u);
}

TEST_F(endpoint, PasidsMustBeEnabledAndFit)
{
    const unsigned at = fn.ext(PASID);
    EXPECT_EQ(fn.get(at + 4, 2), 0x100au)
        << "16 bits, execute, not privileged, translated requests too";
    EXPECT_FALSE(pcie_fn_pasid_allowed(fn.fn.get(), 1));
    fn.set(at + 6, 0xffff, 2);
    EXPECT_EQ(fn.get(at + 6, 2), 0xbu);
    EXPECT_TRUE(pcie_fn_pasid_allowed(fn.fn.get(), 0xffff));
    EXPECT_FALSE(pcie_fn_pasid_allowed(fn.fn.get(), 0x10000));
}

TEST_F(endpoint, TranslatedRequestsHavePasidsWhereSoftwareSaysSo)
{
    const unsigned at = fn.ext(PASID);
    fn.set(at + 6, 1, 2);
    EXPECT_FALSE(pcie_fn_translated_pasids(fn.fn.get()));
    fn.set(at + 6, 9, 2);
    EXPECT_TRUE(pcie_fn_translated_pasids(fn.fn.get()));
}

TEST(root_port, IsABridgeWithoutIoWindow)
{
    test_fn port(root_port());
    EXPECT_EQ(port.get(HEADER_TYPE, 1), 1u);
    port.set(0x18, 0xffffffff);
    port.set(0x1C, 0xffffffff);
    port.set(0x20, 0xffffffff);
    port.set(0x24, 0xffffffff);
    EXPECT_EQ(port.get(0x18), 0x00ffffffu) << "no secondary latency timer";
    EXPECT_EQ(port.get(0x1C), 0u);
    EXPECT_EQ(port.get(0x20), 0xfff0fff0u);
    EXPECT_EQ(port.get(0x24), 0xfff1fff1u) << "64 bits";
}

TEST(root_port, OffersAccessControl)
{
    test_fn port(root_port());
    const unsigned at = port.ext(ACS);
    ASSERT_NE(at, 0u);
    EXPECT_EQ(port.get(at + 4, 2), 0x1fu);
    port.set(at + 6, 0xffff, 2);
    EXPECT_EQ(port.get(at + 6, 2), 0x1fu);
}

// --- capabilities of the vendor's own ---

pcie_fn_desc with_vendor_caps()
{
    pcie_fn_desc desc = full_endpoint();
    desc.msi_vectors = 0;
    desc.vendor_cap[0] = {8, {0, 0, 0x11, 0x22, 0x33}, {0, 0, 0, 0, 0x0F}};
    desc.vendor_cap[1] = {3, {0, 0, 0x44}, {}};
    return desc;
}

TEST(vendor_capabilities, AreInTheListInTheirOrder)
{
    const test_fn fn(with_vendor_caps());
    const unsigned first = fn.cap(VENDOR_SPECIFIC);
    const unsigned second = fn.get(first + 1, 1);

    EXPECT_EQ(pcie_fn_vendor_cap(fn.fn.get(), 0), first);
    EXPECT_EQ(pcie_fn_vendor_cap(fn.fn.get(), 1), second);
    EXPECT_EQ(pcie_fn_vendor_cap(fn.fn.get(), 2), 0);
    EXPECT_EQ(fn.get(first + 2, 2), 0x2211u);
    EXPECT_EQ(fn.get(second, 1), VENDOR_SPECIFIC);
    EXPECT_EQ(fn.get(second + 1, 2), 0x4400u);
}

TEST(vendor_capabilities, KeepWhatMayBeWrittenUntilAReset)
{
    test_fn fn(with_vendor_caps());
    const unsigned at = fn.cap(VENDOR_SPECIFIC);

    fn.set(at + 4, 0xFFFFFFFF);
    EXPECT_EQ(fn.get(at + 4), 0x3Fu);
    fn.set(at, 0);
    EXPECT_EQ(fn.get(at, 1), VENDOR_SPECIFIC);
    pcie_fn_reset(fn.fn.get());
    EXPECT_EQ(fn.get(at + 4), 0x33u);
}

TEST(vendor_capabilities, NameTheirMistakes)
{
    pcie_fn_desc desc = with_vendor_caps();
    EXPECT_EQ(mistake(desc), "");
    desc.vendor_cap[1].size = 2;
    EXPECT_EQ(mistake(desc), "vendor_cap: the size is not between 3 and 20");
    desc.vendor_cap[1].size = 21;
    EXPECT_EQ(mistake(desc), "vendor_cap: the size is not between 3 and 20");
}

// Software's reads go by the device, those of a debugger do not.
TEST_F(pcie_bench, AReadOfConfigurationSpaceMayBeAnsweredByTheDevice)
{
    std::uint64_t peeked = 0;
    integrated.answer_at = 0x48;

    EXPECT_EQ(config(0, 0x08, 0x48), 0xD0D0D0D0u);
    EXPECT_NE(config(0, 0x08, 0x44), 0xD0D0D0D0u);
    ASSERT_EQ(pcie_ecam_frame.peek(host.get(), ecam(0, 0x08, 0x48), 4, &peeked), VP_OK);
    EXPECT_NE(peeked, 0xD0D0D0D0u);
    EXPECT_EQ(integrated.answers, 1u);
}

} // namespace
} // namespace test_config_space
