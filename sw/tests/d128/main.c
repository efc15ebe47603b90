/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of 128-bit descriptors (VMSAv9-128) of stage 1 and of stage 2: addresses of 55 and 56
 * bits, levels that the base and a table descriptor skip, rights by PIIndex, hardware updates. */
#include <stdbool.h>
#include <stdint.h>

#include "io.h"
#include "pages.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

#define VMID 0x51
#define ASID 0x52

/* With bits above the 48, and of stage 2 above the 52, of VMSAv8-64. */
#define SOURCE_55      0x0055123456789000UL
#define DESTINATION_55 0x006abcdef0123000UL
#define SOURCE_56      0x00d5123456789000UL
#define DESTINATION_56 0x00eabcdef0123000UL
#define UNMAPPED_55    0x0071000000000000UL
#define LENGTH         4096U

/* A descriptor (DDI 0487 D8.3.2). */
struct descriptor {
    uint64_t low, high;
};
#define D_VALID    1UL
#define D_NDIRTY   (1UL << 7) /* stage 1 */
#define D_DIRTY    (1UL << 7) /* stage 2 */
#define D_INNER    (3UL << 8)
#define D_AF       (1UL << 10)
#define D_ADDRESS  0x00fffffffffff000UL
#define D_MEMATTR  (0xfUL << 2)          /* stage 2: Normal Write-Back */
#define D_SKL(n)   ((uint64_t)(n) << 45) /* of the upper half, and those below */
#define D_PI(n)    ((uint64_t)(n) << 51)
#define D_SOFTWARE (0x2a5UL << 27)

/* What PIIndex means: IHI 0070 5.4, PIIU and PIIP, and 6.3.17. */
#define PI_READ_WRITE 1U
#define PI_READ       2U
#define PII           (5UL << 3 * PI_READ_WRITE | 1UL << 3 * PI_READ)
#define S2PII         (0xcUL << 4 * PI_READ_WRITE | 0x8UL << 4 * PI_READ)

/* The base skips levels -2 and -1: the first table is indexed by all bits from 36 on. */
#define SKIPPED    2U
#define ROOT_BYTES (16UL << 20)
#define TABLE_1M   (1UL << 20)

struct scene {
    struct smmu smmu;
    struct endpoint endpoint;
    struct descriptor *root;
    bool stage2;
    uint8_t *source, *destination;
    uint64_t source_va, destination_va;
};

static struct descriptor *table_at(struct descriptor *descriptor, uint64_t bytes, unsigned skl)
{
    if (!(descriptor->low & D_VALID)) {
        descriptor->high = D_SKL(skl);
        descriptor->low = (uintptr_t)pages_alloc(bytes, bytes) | D_VALID;
    }
    return (struct descriptor *)(descriptor->low & D_ADDRESS);
}

/* The page descriptor of `va`: a table of a page at level 1, one of a megabyte for levels 2 and 3.
 */
static struct descriptor *leaf_of(struct scene *s, uint64_t va)
{
    struct descriptor *level1 = table_at(&s->root[va >> 36], PAGE_SIZE, 0);
    struct descriptor *level3 = table_at(&level1[va >> 28 & 0xff], TABLE_1M, 1);

    return &level3[va >> 12 & 0xffff];
}

static struct descriptor page(const struct scene *s, const void *to, unsigned pi)
{
    uint64_t stage = s->stage2 ? D_MEMATTR | D_DIRTY : 0;
    struct descriptor d = {(uintptr_t)to | D_VALID | D_INNER | D_AF | stage, D_PI(pi) | D_SOFTWARE};

    return d;
}

static void map(struct scene *s, uint64_t va, const void *to, unsigned pi)
{
    *leaf_of(s, va) = page(s, to, pi);
    dsb();
}

static void write_stage1(struct scene *s)
{
    volatile uint64_t *cd = s->endpoint.cd->word, *ste = s->endpoint.ste->word;

    ste[1] |= STE1_S1PIE;
    cd[0] = (cd[0] & ~(CD0_AA64 | CD0_T0SZ)) | hw_put(CD0_T0SZ, 64 - 55) | CD0_HA | CD0_HD;
    cd[1] = (uintptr_t)s->root | hw_put(CD1_SKL0, SKIPPED);
    cd[6] = cd[7] = PII;
    dsb();
    testbed_invalidate_all(&s->smmu);
}

static void write_stage2(struct scene *s)
{
    struct smmu_stage2 stage2 = {.vmid = VMID, .ps = s->smmu.features.oas, .updates = true};
    volatile uint64_t *ste = s->endpoint.ste->word;

    smmu_ste_write(s->endpoint.ste, NULL, &stage2);
    ste[2] = (ste[2] & ~(STE2_S2AA64 | STE2_S2T0SZ | STE2_S2SL0)) | hw_put(STE2_S2T0SZ, 64 - 56);
    ste[3] = (uintptr_t)s->root | hw_put(STE3_S2SKL, SKIPPED);
    dsb();
    testbed_invalidate_all(&s->smmu);
}

static void open(struct scene *s, bool stage2)
{
    s->stage2 = stage2;
    s->source_va = stage2 ? SOURCE_56 : SOURCE_55;
    s->destination_va = stage2 ? DESTINATION_56 : DESTINATION_55;
    s->root = pages_alloc(ROOT_BYTES, ROOT_BYTES);
    s->source = testbed_page(stage2 ? 0x72 : 0x71);
    s->destination = testbed_page(0);
    map(s, RING_IOVA, s->endpoint.ring, PI_READ_WRITE);
    map(s, s->source_va, s->source, PI_READ);
    map(s, s->destination_va, s->destination, PI_READ_WRITE);
}

static struct dma_result copy(struct scene *s, uint64_t destination, uint64_t source)
{
    return endpoint_copy(&s->endpoint, destination, source, LENGTH);
}

static void test_copy(struct scene *s, const char *stage)
{
    struct dma_result result = copy(s, s->destination_va, s->source_va);

    tap_equal(result.error, DMA_OK, "%s: the copy is done", stage);
    tap_ok(testbed_page_is(s->destination, s->source[0]), "%s: every byte", stage);
}

/* The lower half of a page that was never accessed and is clean changes, in two bits. */
static void test_updates(struct scene *s, const char *stage)
{
    struct descriptor *leaf = leaf_of(s, s->destination_va);
    struct descriptor untouched = page(s, s->destination, PI_READ_WRITE), after = untouched;

    untouched.low = (untouched.low & ~D_AF) ^ (s->stage2 ? D_DIRTY : D_NDIRTY);
    *leaf = untouched;
    testbed_invalidate_all(&s->smmu);
    tap_equal(copy(s, s->source_va, s->destination_va).error, DMA_WRITE_ABORT,
              "%s: PIIndex of a page that is read only", stage);
    testbed_drain_events(&s->smmu);
    tap_equal(leaf->low, untouched.low | D_AF, "%s: a read sets the Access flag", stage);
    tap_equal(copy(s, s->destination_va, s->source_va).error, DMA_OK, "%s: a clean page", stage);
    tap_equal(leaf->low, after.low, "%s: is dirty after a write", stage);
    tap_equal(leaf->high, after.high, "%s: the upper half stays", stage);
}

static void test_fault(struct scene *s, const char *stage, uint64_t address)
{
    struct smmu_event event;

    tap_equal(copy(s, s->destination_va, address).error, DMA_READ_ABORT, "%s: unmapped", stage);
    if (!testbed_take_event(&s->smmu, stage, &event))
        return;
    tap_equal(event.type, EVENT_F_TRANSLATION, "%s: F_TRANSLATION", stage);
    tap_equal(event.input_addr, address, "%s: all bits of the address", stage);
    tap_equal(event.ipa, s->stage2 ? address : 0, "%s: IPA", stage);
}

static void test_stage(struct scene *s, const char *stage)
{
    test_copy(s, stage);
    tap_equal(testbed_drain_events(&s->smmu), 0, "%s: no event", stage);
    test_updates(s, stage);
    test_fault(s, stage, s->stage2 ? UNMAPPED_55 | 1UL << 55 : UNMAPPED_55);
}

int main(void)
{
    static struct scene s;

    testbed_start(&s.smmu, LOG2_QUEUE);
    if (!(read32(s.smmu.base + SMMU_IDR5) & IDR5_D128) || !s.smmu.features.dirty)
        tap_bail_out("no 128-bit descriptors, or no hardware updates");
    smmu_set_enabled(&s.smmu, false);
    write64(s.smmu.base + SMMU_S2PII, S2PII);
    smmu_set_enabled(&s.smmu, true);
    endpoint_open(&s.endpoint, &s.smmu, 0, ASID);

    open(&s, false);
    write_stage1(&s);
    test_stage(&s, "stage 1");

    open(&s, true);
    write_stage2(&s);
    test_stage(&s, "stage 2");
    tap_equal(testbed_drain_events(&s.smmu), 0, "no event is left");
    return 0;
}
