// SPDX-License-Identifier: Apache-2.0
// The GIC's virtual CPU interface: list registers, what the guest sees of them, maintenance (IHI
// 0069 chapter 6).
#include "gic_bench.hpp"

namespace test_gic_virtual {
namespace {

constexpr std::uint32_t ich(unsigned crm, unsigned op2)
{
    return 3u << 14 | 4u << 11 | 12u << 7 | crm << 3 | op2;
}

constexpr std::uint32_t ICH_AP0R0 = ich(8, 0), ICH_AP1R0 = ich(9, 0), ICH_HCR = ich(11, 0);
constexpr std::uint32_t ICH_VTR = ich(11, 1), ICH_MISR = ich(11, 2), ICH_EISR = ich(11, 3);
constexpr std::uint32_t ICH_ELRSR = ich(11, 5), ICH_VMCR = ich(11, 7), ICC_SRE_EL2 = ich(9, 5);

constexpr std::uint32_t icv(std::uint32_t icc)
{
    return icc | 1u << 16;
}

constexpr std::uint32_t ich_lr(unsigned n)
{
    return ich(12, 0) + n;
}

// List registers.
constexpr std::uint64_t pending = std::uint64_t{1} << 62, active = std::uint64_t{1} << 63;
constexpr std::uint64_t hw = std::uint64_t{1} << 61, group1 = std::uint64_t{1} << 60;
constexpr std::uint64_t tell_end = std::uint64_t{1} << 41;
constexpr std::uint64_t priority(std::uint64_t p)
{
    return p << 48;
}
constexpr std::uint64_t pintid(std::uint64_t id)
{
    return id << 32;
}

// ICH_VMCR_EL2: no priority masked, both groups enabled.
constexpr std::uint64_t vmcr_open = 0xf8u << 24 | 3u << 18 | 2u << 21 | 1u << 3 | 3;

class gic_virtual : public gic_bench {
  protected:
    gic_virtual()
    {
        set(0, ICH_VMCR, vmcr_open);
        set(0, ICH_HCR, 1);
    }
    bool virq() const { return lines[GIC_VIRQ]; }
    bool vfiq() const { return lines[GIC_VFIQ]; }
    bool maintenance() const { return lines[GIC_MAINTENANCE]; }
};

TEST_F(gic_virtual, ResetValues)
{
    EXPECT_EQ(get(1, ICH_VTR), 4u << 29 | 4u << 26 | 1u << 20 | 1u << 19 | 3)
        << "5 bits of priority, 16 of INTIDs, 4 list registers";
    EXPECT_EQ(get(1, ICH_HCR), 0u);
    EXPECT_EQ(get(1, ICH_VMCR), 3u << 18 | 2u << 21 | 1u << 3);
    EXPECT_EQ(get(1, ICH_ELRSR), 0xfu);
    EXPECT_EQ(get(1, ICC_SRE_EL2), 0xfu);
}

TEST_F(gic_virtual, RegistersThatDoNotExistAreRefused)
{
    std::uint64_t value;

    EXPECT_FALSE(gic_cpuif_read(core.get(), 0, ich_lr(4), &value));
    EXPECT_FALSE(gic_cpuif_read(core.get(), 0, ICH_AP1R0 + 1, &value)) << "5 bits of priority";
    EXPECT_FALSE(gic_cpuif_write(core.get(), 0, ICH_VTR, 0));
    EXPECT_FALSE(gic_cpuif_read(core.get(), 0, icv(ICC_EOIR1), &value));
    EXPECT_FALSE(gic_cpuif_write(core.get(), 0, icv(ICC_IAR1), 0));
}

TEST_F(gic_virtual, AGroupHasALineOfItsOwn)
{
    set(0, ich_lr(0), pending | group1 | priority(0x80) | 40);
    EXPECT_TRUE(virq());
    EXPECT_FALSE(vfiq());
    set(0, ich_lr(0), pending | priority(0x80) | 40);
    EXPECT_FALSE(virq());
    EXPECT_TRUE(vfiq());
    set(0, ICH_HCR, 0);
    EXPECT_FALSE(vfiq()) << "En";
    EXPECT_FALSE(irq()) << "nothing of that is physical";
}

TEST_F(gic_virtual, AnInterruptGoesFromPendingToActiveToNothing)
{
    set(0, ich_lr(2), pending | group1 | priority(0x80) | 40);
    EXPECT_EQ(get(0, icv(ICC_HPPIR1)), 40u);
    EXPECT_EQ(get(0, icv(ICC_IAR0)), spurious) << "of the other group";
    EXPECT_EQ(get(0, icv(ICC_IAR1)), 40u);
    EXPECT_FALSE(virq());
    EXPECT_EQ(get(0, ich_lr(2)), active | group1 | priority(0x80) | 40);
    EXPECT_EQ(get(0, icv(ICC_RPR)), 0x80u);
    EXPECT_EQ(get(0, ICH_AP1R0), 1u << 16);
    EXPECT_EQ(get(0, ICC_RPR), 0xffu) << "of the physical interface";
    EXPECT_EQ(get(0, icv(ICC_IAR1)), spurious);
    set(0, icv(ICC_EOIR1), 40);
    EXPECT_EQ(get(0, ich_lr(2)), group1 | priority(0x80) | 40);
    EXPECT_EQ(get(0, icv(ICC_RPR)), 0xffu);
    EXPECT_EQ(get(0, ICH_ELRSR), 0xfu);
}

TEST_F(gic_virtual, PendingAndActiveComesAgainAfterItsEnd)
{
    set(0, ich_lr(0), pending | group1 | priority(0x80) | 40);
    get(0, icv(ICC_IAR1));
    set(0, ich_lr(0), pending | active | group1 | priority(0x80) | 40);
    EXPECT_FALSE(virq());
    set(0, icv(ICC_EOIR1), 40);
    EXPECT_TRUE(virq());
}

TEST_F(gic_virtual, AnLpiIsNeverActive)
{
    set(0, ich_lr(0), pending | group1 | priority(0x80) | 8192);
    EXPECT_EQ(get(0, icv(ICC_IAR1)), 8192u);
    EXPECT_EQ(get(0, ich_lr(0)), group1 | priority(0x80) | 8192);
    set(0, icv(ICC_EOIR1), 8192);
    EXPECT_EQ(get(0, ICH_HCR), 1u) << "no EOIcount";
}

TEST_F(gic_virtual, PrioritiesDecide)
{
    set(0, ich_lr(0), pending | group1 | priority(0x80) | 40);
    set(0, ich_lr(1), pending | group1 | priority(0x40) | 41);
    set(0, ich_lr(3), pending | group1 | priority(0x40) | 43);
    EXPECT_EQ(get(0, icv(ICC_IAR1)), 41u) << "the higher priority, of the lower list register";
    EXPECT_FALSE(virq()) << "none preempts";
    set(0, ich_lr(2), pending | group1 | priority(0x20) | 42);
    EXPECT_TRUE(virq());
    set(0, icv(ICC_PMR), 0x20);
    EXPECT_FALSE(virq());
    EXPECT_EQ(get(0, ICH_VMCR) >> 24, 0x20u);
}

TEST_F(gic_virtual, VmcrIsAViewOfTheGuestsRegisters)
{
    set(0, icv(ICC_CTLR), 3);
    set(0, icv(ICC_BPR0), 5);
    set(0, icv(ICC_IGRPEN0), 0);
    EXPECT_EQ(get(0, ICH_VMCR),
              0xf8u << 24 | 5u << 21 | 3u << 18 | 1u << 9 | 1u << 4 | 1u << 3 | 2);
    set(0, ICH_VMCR, 0x50u << 24 | 3u << 21 | 6u << 18 | 1u);
    EXPECT_EQ(get(0, icv(ICC_PMR)), 0x50u);
    EXPECT_EQ(get(0, icv(ICC_BPR0)), 3u);
    EXPECT_EQ(get(0, icv(ICC_BPR1)), 6u);
    EXPECT_EQ(get(0, icv(ICC_CTLR)), 0x400u);
    EXPECT_EQ(get(0, icv(ICC_IGRPEN0)), 1u);
    EXPECT_EQ(get(0, icv(ICC_IGRPEN1)), 0u);
}

TEST_F(gic_virtual, EndAndDeactivationMayBeApart)
{
    set(0, icv(ICC_CTLR), 2); // EOImode
    set(0, ich_lr(0), pending | group1 | priority(0x80) | 40);
    get(0, icv(ICC_IAR1));
    set(0, icv(ICC_EOIR1), 40);
    EXPECT_EQ(get(0, icv(ICC_RPR)), 0xffu);
    EXPECT_EQ(get(0, ich_lr(0)) & active, active);
    set(0, icv(ICC_DIR), 40);
    EXPECT_EQ(get(0, ich_lr(0)) & active, 0u);
}

TEST_F(gic_virtual, TheEndOfAHardwareInterruptDeactivatesIt)
{
    enable_all();
    take_spi(5, 0x80);
    set(0, ICC_CTLR, 2); // EOImode: the priority drops, the interrupt stays active
    set(0, ICC_EOIR1, 37);
    ASSERT_TRUE(dist_bit(ISACTIVER, 37));
    set(0, ich_lr(0), pending | group1 | hw | priority(0x80) | pintid(37) | 50);
    EXPECT_EQ(get(0, icv(ICC_IAR1)), 50u);
    set(0, icv(ICC_EOIR1), 50);
    EXPECT_FALSE(dist_bit(ISACTIVER, 37));
    EXPECT_TRUE(irq()) << "its line is still high";
}

TEST_F(gic_virtual, EndsOfWhatIsInNoListRegisterAreCounted)
{
    set(0, ich_lr(0), pending | group1 | priority(0x80) | 40);
    get(0, icv(ICC_IAR1));
    set(0, ich_lr(0), 0); // EL2 needed it
    set(0, ICH_HCR, 1u << 2 | 1);
    set(0, icv(ICC_EOIR1), 40);
    EXPECT_EQ(get(0, ICH_HCR), 1u << 27 | 1u << 2 | 1);
    EXPECT_EQ(get(0, ICH_MISR), 1u << 2) << "LRENP";
    EXPECT_TRUE(maintenance());
}

struct maintenance_case {
    const char *name;
    std::uint64_t hcr, vmcr, lr0, lr1;
    std::uint64_t misr;
};

class gic_maintenance : public gic_virtual, public testing::WithParamInterface<maintenance_case> {};

TEST_P(gic_maintenance, IsAskedForByItsCause)
{
    const maintenance_case &p = GetParam();

    set(0, ICH_VMCR, p.vmcr);
    set(0, ich_lr(0), p.lr0);
    set(0, ich_lr(1), p.lr1);
    set(0, ICH_HCR, p.hcr | 1);
    EXPECT_EQ(get(0, ICH_MISR), p.misr);
    EXPECT_EQ(maintenance(), p.misr != 0);
    set(0, ICH_HCR, p.hcr);
    EXPECT_FALSE(maintenance()) << "En";
}

constexpr std::uint64_t one = pending | group1 | 40;
INSTANTIATE_TEST_SUITE_P(
    causes, gic_maintenance,
    testing::Values(maintenance_case{"none", 0, vmcr_open, one, one, 0},
                    maintenance_case{"EOI", 0, vmcr_open, tell_end | 40, 0, 1},
                    maintenance_case{"EOI_not_yet", 0, vmcr_open, active | tell_end | 40, 0, 0},
                    maintenance_case{"U", 1u << 1, vmcr_open, one, 0, 1u << 1},
                    maintenance_case{"U_two_left", 1u << 1, vmcr_open, one, one, 0},
                    maintenance_case{"NP", 1u << 3, vmcr_open, active | 40, 0, 1u << 3},
                    maintenance_case{"NP_one_pending", 1u << 3, vmcr_open, one, 0, 0},
                    maintenance_case{"VGrp0E", 1u << 4, vmcr_open, 0, 0, 1u << 4},
                    maintenance_case{"VGrp0D", 1u << 5, vmcr_open & ~1ull, 0, 0, 1u << 5},
                    maintenance_case{"VGrp1E", 1u << 6, vmcr_open, 0, 0, 1u << 6},
                    maintenance_case{"VGrp1D", 1u << 7, vmcr_open & ~2ull, 0, 0, 1u << 7}),
    [](const auto &info) { return info.param.name; });

TEST_F(gic_virtual, StatusOfListRegistersIsSummedUp)
{
    set(0, ich_lr(0), one);
    set(0, ich_lr(1), tell_end | 41);
    set(0, ich_lr(2), hw | 42);
    EXPECT_EQ(get(0, ICH_EISR), 1u << 1);
    EXPECT_EQ(get(0, ICH_ELRSR), 0xcu);
}

TEST_F(gic_virtual, ActivePrioritiesAreKeptForTheHypervisor)
{
    set(0, ICH_AP0R0, 0x10);
    EXPECT_EQ(get(0, icv(ICC_RPR)), 0x20u);
    EXPECT_EQ(get(0, icv(ICC_AP0R0)), 0x10u);
}

} // namespace
} // namespace test_gic_virtual
