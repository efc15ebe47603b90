/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual CPU interface: list registers that a hypervisor fills, and ICV_*_EL1 with which its
 * guest takes interrupts from them (IHI 0069 chapter 6). */
#include "gic_priv.h"

/* ICH_LR<n>_EL2 */
#define LR_INTID(lr)    ((uint32_t)(lr))
#define LR_PINTID(lr)   ((lr) >> 32 & 0x1fff) /* with HW */
#define LR_EOI          (UINT64_C(1) << 41)   /* without HW: maintenance interrupt at its end */
#define LR_PRIORITY(lr) ((lr) >> 48 & GIC_PRIORITY_MASK)
#define LR_GROUP(lr)    ((lr) >> 60 & 1)
#define LR_HW           (UINT64_C(1) << 61)
#define LR_PENDING      (UINT64_C(1) << 62)
#define LR_ACTIVE       (UINT64_C(1) << 63)
#define LR_STATE        (LR_PENDING | LR_ACTIVE)
#define LR_WRITABLE     UINT64_C(0xf0f81fffffffffff)

/* ICH_HCR_EL2 */
#define HCR_EN             (1u << 0)
#define HCR_UIE            (1u << 1)
#define HCR_LRENPIE        (1u << 2)
#define HCR_NPIE           (1u << 3)
#define HCR_VGRPEIE(group) (1u << (4 + 2 * (group)))
#define HCR_VGRPDIE(group) (1u << (5 + 2 * (group)))
#define HCR_EOICOUNT       (31u << 27)
#define HCR_EOICOUNT_ONE   (1u << 27)
#define HCR_WRITABLE       0xf8005cffu

/* ICH_MISR_EL2 */
#define MISR_EOI          (1u << 0)
#define MISR_U            (1u << 1)
#define MISR_LRENP        (1u << 2)
#define MISR_NP           (1u << 3)
#define MISR_VGRPE(group) (1u << (4 + 2 * (group)))
#define MISR_VGRPD(group) (1u << (5 + 2 * (group)))

/* ICH_VTR_EL2: 5 bits of priority, all of them preempting, 16 of INTIDs; no SEIs, no direct
 * injection (nV4), traps of ICV_DIR_EL1 (TDS). */
#define VTR (4u << 29 | 4u << 26 | 1u << 20 | 1u << 19 | (GIC_LIST_REGISTERS - 1))

#define FIRST_LPI 8192u

/* --- List registers --- */

/* The pending interrupt of the highest priority among enabled groups; the lowest list register of
 * equal ones. */
static struct gic_candidate highest_pending(const struct gic_vcpuif *v, unsigned *which)
{
    struct gic_candidate best = {.intid = GIC_SPURIOUS, .priority = GIC_IDLE_PRIORITY};

    for (unsigned n = 0; n < GIC_LIST_REGISTERS; n++) {
        uint64_t lr = v->lr[n];

        if ((lr & LR_STATE) != LR_PENDING || !(v->cpu.igrpen >> LR_GROUP(lr) & 1) ||
            (best.intid != GIC_SPURIOUS && LR_PRIORITY(lr) >= best.priority))
            continue;
        best = (struct gic_candidate){LR_INTID(lr), LR_PRIORITY(lr), LR_GROUP(lr)};
        *which = n;
    }
    return best;
}

/* The list register of an active interrupt; GIC_LIST_REGISTERS: none. */
static unsigned find_active(const struct gic_vcpuif *v, uint64_t intid)
{
    unsigned n = 0;

    while (n < GIC_LIST_REGISTERS && (!(v->lr[n] & LR_ACTIVE) || LR_INTID(v->lr[n]) != intid))
        n++;
    return n;
}

/* An interrupt at whose end EL2 wants to be told. */
static bool has_ended(uint64_t lr)
{
    return !(lr & (LR_STATE | LR_HW)) && (lr & LR_EOI);
}

static bool is_empty(uint64_t lr)
{
    return !(lr & LR_STATE) && ((lr & LR_HW) || !(lr & LR_EOI));
}

static uint32_t select_lrs(const struct gic_vcpuif *v, bool (*holds)(uint64_t lr))
{
    uint32_t set = 0;

    for (unsigned n = 0; n < GIC_LIST_REGISTERS; n++)
        set |= (uint32_t)holds(v->lr[n]) << n;
    return set;
}

/* --- Outputs --- */

static unsigned count_valid(const struct gic_vcpuif *v)
{
    unsigned valid = 0;

    for (unsigned n = 0; n < GIC_LIST_REGISTERS; n++)
        valid += (v->lr[n] & LR_STATE) != 0;
    return valid;
}

static bool any_pending(const struct gic_vcpuif *v)
{
    bool pending = false;

    for (unsigned n = 0; n < GIC_LIST_REGISTERS; n++)
        pending |= (v->lr[n] & LR_STATE) == LR_PENDING;
    return pending;
}

/* ICH_MISR_EL2: why there is a maintenance interrupt. */
static uint32_t maintenance(const struct gic_vcpuif *v)
{
    uint32_t misr = select_lrs(v, has_ended) ? MISR_EOI : 0;

    if (v->hcr & HCR_UIE && count_valid(v) <= 1)
        misr |= MISR_U;
    if (v->hcr & HCR_LRENPIE && v->hcr & HCR_EOICOUNT)
        misr |= MISR_LRENP;
    if (v->hcr & HCR_NPIE && !any_pending(v))
        misr |= MISR_NP;
    for (unsigned group = 0; group < 2; group++) {
        bool enabled = v->cpu.igrpen >> group & 1;

        misr |= enabled && v->hcr & HCR_VGRPEIE(group) ? MISR_VGRPE(group) : 0;
        misr |= !enabled && v->hcr & HCR_VGRPDIE(group) ? MISR_VGRPD(group) : 0;
    }
    return misr;
}

static void update(struct gic *g, unsigned pe)
{
    const struct gic_vcpuif *v = &g->pe[pe].virt;
    unsigned which;
    struct gic_candidate best = highest_pending(v, &which);
    bool enabled = v->hcr & HCR_EN, signal = enabled && gic_may_signal(&v->cpu, &best);

    gic_drive(g, pe, GIC_VIRQ, signal && best.group == 1);
    gic_drive(g, pe, GIC_VFIQ, signal && best.group == 0);
    gic_drive(g, pe, GIC_MAINTENANCE, enabled && maintenance(v));
}

/* --- What the guest does: ICV_*_EL1 --- */

/* An LPI is not active once it has been acknowledged. */
static uint64_t acknowledge(struct gic_vcpuif *v, unsigned group)
{
    unsigned which;
    struct gic_candidate best = highest_pending(v, &which);

    if (!(v->hcr & HCR_EN) || best.group != group || !gic_may_signal(&v->cpu, &best))
        return GIC_SPURIOUS;
    gic_raise_priority(&v->cpu, &best);
    v->lr[which] &= ~LR_STATE;
    if (best.intid < FIRST_LPI)
        v->lr[which] |= LR_ACTIVE;
    return best.intid;
}

/* Deactivation of what is in no list register is counted, for EL2 to make good. */
static void deactivate(struct gic *g, unsigned pe, uint64_t intid)
{
    struct gic_vcpuif *v = &g->pe[pe].virt;
    unsigned n = find_active(v, intid);

    if (n == GIC_LIST_REGISTERS) {
        if (intid < FIRST_LPI)
            v->hcr = (v->hcr & ~HCR_EOICOUNT) | ((v->hcr + HCR_EOICOUNT_ONE) & HCR_EOICOUNT);
        return;
    }
    v->lr[n] &= ~LR_ACTIVE;
    if (v->lr[n] & LR_HW) {
        gic_deactivate(g, pe, LR_PINTID(v->lr[n]));
        gic_update(g);
    }
}

static void end_of_interrupt(struct gic *g, unsigned pe, unsigned group, uint64_t intid)
{
    struct gic_vcpuif *v = &g->pe[pe].virt;

    if (gic_is_special(intid) || !gic_drop_priority(&v->cpu, group))
        return;
    if (!v->cpu.eoimode)
        deactivate(g, pe, intid);
}

#define INTID_MASK       0xffffffu
#define ICV_IAR(group)   GIC_ICC(12u, 8u + 4u * (group), 0u)
#define ICV_EOIR(group)  GIC_ICC(12u, 8u + 4u * (group), 1u)
#define ICV_HPPIR(group) GIC_ICC(12u, 8u + 4u * (group), 2u)
#define ICV_DIR          GIC_ICC(12u, 11u, 1u)

static bool icv_read(struct gic *g, unsigned pe, uint32_t reg, uint64_t *value)
{
    struct gic_vcpuif *v = &g->pe[pe].virt;
    unsigned which;
    struct gic_candidate best = highest_pending(v, &which);

    for (unsigned group = 0; group < 2; group++) {
        if (reg == ICV_IAR(group)) {
            *value = acknowledge(v, group);
            update(g, pe);
            return true;
        }
        if (reg == ICV_HPPIR(group)) {
            *value = best.group == group ? best.intid : GIC_SPURIOUS;
            return true;
        }
    }
    return gic_cpuif_get(&v->cpu, reg, value);
}

static bool icv_write(struct gic *g, unsigned pe, uint32_t reg, uint64_t value)
{
    struct gic_vcpuif *v = &g->pe[pe].virt;
    uint64_t intid = value & INTID_MASK;

    if (reg == ICV_EOIR(0u) || reg == ICV_EOIR(1u))
        end_of_interrupt(g, pe, reg == ICV_EOIR(1u), intid);
    else if (reg == ICV_DIR && v->cpu.eoimode)
        deactivate(g, pe, intid);
    else if (reg != ICV_DIR && !gic_cpuif_set(&v->cpu, reg, value))
        return false;
    update(g, pe);
    return true;
}

/* --- What EL2 does: ICH_*_EL2 --- */

/* ICH_VMCR_EL2 is another view of the registers of the guest's interface. VFIQEn is RES1, VAckCtl
 * RES0: the guest has system registers only. */
static uint64_t get_vmcr(const struct gic_vcpuif *v)
{
    return (uint64_t)v->cpu.pmr << 24 | (uint64_t)v->cpu.bpr[0] << 21 |
           (uint64_t)v->cpu.bpr[1] << 18 | (uint64_t)v->cpu.eoimode << 9 |
           (uint64_t)v->cpu.cbpr << 4 | 1u << 3 | v->cpu.igrpen;
}

static void set_vmcr(struct gic_vcpuif *v, uint64_t value)
{
    v->cpu.cbpr = false; /* it would hold the write to the binary point of group 1 */
    gic_cpuif_set(&v->cpu, GIC_ICC(4u, 6u, 0u), value >> 24 & 0xff);
    gic_cpuif_set(&v->cpu, GIC_ICC(12u, 8u, 3u), value >> 21 & 7);
    gic_cpuif_set(&v->cpu, GIC_ICC(12u, 12u, 3u), value >> 18 & 7);
    v->cpu.eoimode = value >> 9 & 1;
    v->cpu.cbpr = value >> 4 & 1;
    v->cpu.igrpen = value & 3;
}

/* ICH_LR<n>_EL2: the number is CRm[0] and op2. */
static uint64_t *list_register(struct gic_vcpuif *v, uint32_t reg)
{
    uint32_t n = reg - GIC_ICH(12u, 0u);

    return reg >= GIC_ICH(12u, 0u) && n < GIC_LIST_REGISTERS ? &v->lr[n] : NULL;
}

static bool ich_read(struct gic_vcpuif *v, uint32_t reg, uint64_t *value)
{
    const uint64_t *lr = list_register(v, reg);

    if (lr)
        *value = *lr;
    else if (reg == GIC_ICH(8u, 0u))
        *value = v->cpu.apr[0];
    else if (reg == GIC_ICH(9u, 0u))
        *value = v->cpu.apr[1];
    else if (reg == GIC_ICH(11u, 0u))
        *value = v->hcr;
    else if (reg == GIC_ICH(11u, 1u))
        *value = VTR;
    else if (reg == GIC_ICH(11u, 2u))
        *value = maintenance(v);
    else if (reg == GIC_ICH(11u, 3u))
        *value = select_lrs(v, has_ended);
    else if (reg == GIC_ICH(11u, 5u))
        *value = select_lrs(v, is_empty);
    else if (reg == GIC_ICH(11u, 7u))
        *value = get_vmcr(v);
    else
        return false;
    return true;
}

static bool ich_write(struct gic_vcpuif *v, uint32_t reg, uint64_t value)
{
    uint64_t *lr = list_register(v, reg);

    if (lr)
        *lr = value & LR_WRITABLE;
    else if (reg == GIC_ICH(8u, 0u))
        v->cpu.apr[0] = (uint32_t)value;
    else if (reg == GIC_ICH(9u, 0u))
        v->cpu.apr[1] = (uint32_t)value;
    else if (reg == GIC_ICH(11u, 0u))
        v->hcr = value & HCR_WRITABLE;
    else if (reg == GIC_ICH(11u, 7u))
        set_vmcr(v, value);
    else
        return false;
    return true;
}

bool gic_vcpuif_has(uint32_t reg)
{
    bool of_el2 = (reg & 7u << 11) == 4u << 11 && reg != GIC_ICH(9u, 5u); /* ICC_SRE_EL2 */

    return reg & GIC_VIRTUAL || of_el2;
}

bool gic_vcpuif_read(struct gic *g, unsigned pe, uint32_t reg, uint64_t *value)
{
    if (reg & GIC_VIRTUAL)
        return icv_read(g, pe, reg & ~GIC_VIRTUAL, value);
    return ich_read(&g->pe[pe].virt, reg, value);
}

bool gic_vcpuif_write(struct gic *g, unsigned pe, uint32_t reg, uint64_t value)
{
    if (reg & GIC_VIRTUAL)
        return icv_write(g, pe, reg & ~GIC_VIRTUAL, value);
    if (!ich_write(&g->pe[pe].virt, reg, value))
        return false;
    update(g, pe);
    return true;
}
