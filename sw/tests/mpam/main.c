/* SPDX-License-Identifier: Apache-2.0 */
/* MPAM: PARTID and PMG of the DMA engine's traffic and of the SMMU's own accesses, as a probe sees
 * them at memory. What software forgets to invalidate keeps the old label. */
#include <stdint.h>

#include "io.h"
#include "pages.h"
#include "platform.h"
#include "tap.h"
#include "testbed.h"
#include "wait.h"

#define LOG2_QUEUE 6U

#define VMID 0x41
#define ASID 0x42

/* What virt-mpam.dts says of the SMMU. */
#define PARTID_MAX 0x34U
#define PMG_MAX    0xfU

#define PROBE_ID      (PLATFORM_PROBE_BASE + 0x00)
#define PROBE_COUNT   (PLATFORM_PROBE_BASE + 0x04)
#define PROBE_ADDRESS (PLATFORM_PROBE_BASE + 0x08)
#define PROBE_LENGTH  (PLATFORM_PROBE_BASE + 0x10)
#define PROBE_SID     (PLATFORM_PROBE_BASE + 0x18)
#define PROBE_MPAM    (PLATFORM_PROBE_BASE + 0x20)
#define ID_VALUE      0x31425250U
#define NON_SECURE    (1U << 24) /* MPAM: of that PARTID space */

/* Pages of the window: for data, and for the VMS. */
#define DATA (PLATFORM_PROBE_WINDOW)
#define VMS  (PLATFORM_PROBE_WINDOW + PAGE_SIZE)

#define SOURCE_VA 0x123456789000UL
#define PROBE_VA  0x00abcdef0000UL
#define MEMORY_VA 0x123456790000UL
#define LENGTH    64U

struct label {
    uint32_t partid, pmg;
};

static const struct label of_gmpam = {0x21, 1}, of_gbpmpam = {0x22, 2};
static const struct label of_ste = {0x11, 5}, of_cd = {0x31, 0xb};

struct scene {
    struct smmu smmu;
    struct endpoint endpoint;
    uint8_t *source, *memory;
};

static uint32_t word_of(struct label label)
{
    return label.pmg << 16 | label.partid;
}

/* GMPAM, GBPMPAM: a write that sets Update, and its end (IHI 0070 6.3.42). */
static void set_register(const struct smmu *smmu, uint32_t offset, struct label label)
{
    write32(smmu->base + offset, MPAM_UPDATE | word_of(label));
    if (!wait_until(!(read32(smmu->base + offset) & MPAM_UPDATE)))
        tap_bail_out("Update stays set");
}

/* The STE with its label, and with S1MPAM or without. */
static void label_stream(struct scene *s, struct label label, bool s1mpam)
{
    volatile uint64_t *word = s->endpoint.ste->word;

    word[1] = (word[1] & ~STE1_S1MPAM) | (s1mpam ? STE1_S1MPAM : 0);
    word[4] = (word[4] & ~STE4_PARTID) | hw_put(STE4_PARTID, label.partid);
    word[5] = hw_put(STE5_PMG, label.pmg) | (VMS & STE5_VMSPTR);
    dsb();
}

static void label_context(struct scene *s, struct label label)
{
    volatile uint64_t *word = s->endpoint.cd->word;

    word[5] = hw_put(CD5_PARTID, label.partid) | hw_put(CD5_PMG, label.pmg);
    dsb();
}

static void invalidate_stream(struct scene *s)
{
    smmu_command_sync(&s->smmu, smmu_cmd_cfgi_ste(s->endpoint.sid));
}

/* A copy to `destination` reaches the probe last with this label. */
static void expect(struct scene *s, uint64_t destination, struct label label, const char *what)
{
    write32(PROBE_COUNT, 0);
    struct dma_result result = endpoint_copy(&s->endpoint, destination, SOURCE_VA, LENGTH);

    tap_equal(result.error, DMA_OK, "%s: the copy succeeds", what);
    tap_ok(read32(PROBE_COUNT) != 0, "%s: the probe is reached", what);
    tap_equal(read32(PROBE_MPAM), NON_SECURE | word_of(label), "%s: PARTID and PMG", what);
}

/* --- the tests --- */

static void test_registers(const struct smmu *smmu)
{
    tap_ok(read32(smmu->base + SMMU_IDR3) & IDR3_MPAM, "IDR3.MPAM");
    tap_equal(read32(smmu->base + SMMU_MPAMIDR), PMG_MAX << 16 | PARTID_MAX, "MPAMIDR");
    write32(smmu->base + SMMU_GMPAM, 0x10001);
    tap_equal(read32(smmu->base + SMMU_GMPAM), 0, "GMPAM ignores a write without Update");
    set_register(smmu, SMMU_GMPAM, of_gmpam);
    set_register(smmu, SMMU_GBPMPAM, of_gbpmpam);
    tap_equal(read32(smmu->base + SMMU_GMPAM), word_of(of_gmpam), "GMPAM takes one with it");
}

static void open(struct scene *s)
{
    endpoint_open(&s->endpoint, &s->smmu, 0, ASID);
    s->source = testbed_page(0x5a);
    s->memory = testbed_page(0);
    pgtable_map(&s->endpoint.table, SOURCE_VA, (uintptr_t)s->source, PGTABLE_PAGE, 0);
    pgtable_map(&s->endpoint.table, MEMORY_VA, (uintptr_t)s->memory, PGTABLE_PAGE, 0);
    pgtable_map(&s->endpoint.table, PROBE_VA, DATA, PGTABLE_PAGE, 0);
}

static void test_stage1(struct scene *s)
{
    label_stream(s, of_ste, false);
    label_context(s, of_cd);
    testbed_invalidate_all(&s->smmu);
    expect(s, PROBE_VA, of_ste, "stage 1, by the STE");
    tap_equal(read32(PROBE_SID), s->endpoint.sid, "the StreamID is there too");

    label_stream(s, of_ste, true);
    expect(s, PROBE_VA, of_ste, "S1MPAM is forgotten to be invalidated");
    invalidate_stream(s);
    expect(s, PROBE_VA, of_cd, "stage 1, by the CD");

    struct label other = {0x1d, 3};
    label_context(s, other);
    expect(s, PROBE_VA, of_cd, "the CD is forgotten to be invalidated");
    smmu_command_sync(&s->smmu, smmu_cmd_cfgi_cd(s->endpoint.sid, 0));
    expect(s, PROBE_VA, other, "CMD_CFGI_CD");

    struct label large = {PARTID_MAX + 1, 3}, largest = {PARTID_MAX, PMG_MAX};
    label_context(s, largest);
    smmu_command_sync(&s->smmu, smmu_cmd_cfgi_cd(s->endpoint.sid, 0));
    expect(s, PROBE_VA, largest, "the largest label");
    label_context(s, large);
    smmu_command_sync(&s->smmu, smmu_cmd_cfgi_cd(s->endpoint.sid, 0));
    expect(s, PROBE_VA, (struct label){0, 3}, "a PARTID that is too large");
}

/* Entry 3 of PARTID_MAP: the upper half of the second word. */
static void map_partid(uint32_t partid)
{
    write32(VMS + 4, partid << 16);
    dsb();
}

/* The guest's PARTID is 3. Stage 2 maps memory to itself. */
static void test_nested(struct scene *s)
{
    struct pgtable stage2 = pgtable_create_stage2();
    struct smmu_contexts contexts = {.address = (uintptr_t)s->endpoint.cd};

    pgtable_map_range(&stage2, PLATFORM_RAM_BASE, PLATFORM_RAM_BASE, PLATFORM_RAM_SIZE, 0);
    pgtable_map(&stage2, DATA, DATA, PGTABLE_PAGE, 0);
    map_partid(0x2a);
    endpoint_virtualize(&s->endpoint, &s->smmu, &stage2, VMID, &contexts);
    label_stream(s, of_ste, true);
    label_context(s, (struct label){3, 0xc});
    testbed_invalidate_all(&s->smmu);

    expect(s, MEMORY_VA, of_gmpam, "the VMS is read");
    tap_equal(read64(PROBE_ADDRESS), VMS - PLATFORM_PROBE_WINDOW, "the VMS: its address");
    tap_equal(read32(PROBE_LENGTH), 64, "the VMS: PARTID_MAP");
    expect(s, PROBE_VA, (struct label){0x2a, 0xc}, "both stages, by the VMS");

    map_partid(0x2b);
    invalidate_stream(s);
    expect(s, PROBE_VA, (struct label){0x2a, 0xc}, "CMD_CFGI_VMS_PIDM is forgotten");
    smmu_command_sync(&s->smmu, smmu_cmd_cfgi_vms_pidm(VMID));
    expect(s, PROBE_VA, (struct label){0x2a, 0xc}, "CMD_CFGI_STE is forgotten");
    invalidate_stream(s);
    expect(s, PROBE_VA, (struct label){0x2b, 0xc}, "both are sent");

    label_stream(s, of_ste, false);
    invalidate_stream(s);
    expect(s, PROBE_VA, of_ste, "both stages, by the STE");
}

static void test_bypass(struct scene *s)
{
    struct label other = {7, 7};

    s->endpoint.ring_iova = (uintptr_t)s->endpoint.ring;
    smmu_set_bypass_abort(&s->smmu, false);
    smmu_set_enabled(&s->smmu, false);
    write32(PROBE_COUNT, 0);
    tap_equal(endpoint_copy(&s->endpoint, DATA, (uintptr_t)s->source, LENGTH).error, DMA_OK,
              "translation is off: the copy succeeds");
    tap_equal(read32(PROBE_MPAM), NON_SECURE | word_of(of_gbpmpam), "it has the label of GBPMPAM");
    set_register(&s->smmu, SMMU_GBPMPAM, other);
    endpoint_copy(&s->endpoint, DATA, (uintptr_t)s->source, LENGTH);
    tap_equal(read32(PROBE_MPAM), NON_SECURE | word_of(other), "and another one after its Update");
}

int main(void)
{
    static struct scene scene;

    if (read32(PROBE_ID) != ID_VALUE)
        tap_bail_out("no access probe at 0x%lx", PLATFORM_PROBE_BASE);
    testbed_start(&scene.smmu, LOG2_QUEUE);
    test_registers(&scene.smmu);
    open(&scene);
    test_stage1(&scene);
    test_nested(&scene);
    test_bypass(&scene);
    tap_equal(read32(scene.smmu.base + SMMU_GERROR), read32(scene.smmu.base + SMMU_GERRORN),
              "no global error");
    return 0;
}
