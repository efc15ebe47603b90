/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 1 translation moves every byte to the page it should: scattered pages, blocks, odd
 * alignments, and two streams that use the same addresses for different memory. */
#include <stdbool.h>
#include <stdint.h>

#include "pages.h"
#include "random.h"
#include "string.h"
#include "tap.h"
#include "testbed.h"

#define LOG2_QUEUE 6U

/* Source and destination lie in different level 0 entries and are mapped separately. */
#define SOURCE_IOVA      0x000123400000UL
#define DESTINATION_IOVA 0x456789a00000UL
#define BLOCK_IOVA       0x008040200000UL

#define COPY_BYTES  (1U << 20)
#define COPY_PAGES  (COPY_BYTES / PAGE_SIZE)
#define BLOCK_BYTES (1UL << PGTABLE_BLOCK_2M)
#define SMALL_PAGES 4U

/* Physical pages in the order in which consecutive IOVAs use them. */
struct scatter {
    uint64_t *pages[COPY_PAGES];
    unsigned count;
};

static void scatter_alloc(struct scatter *scatter, unsigned count, struct random *random)
{
    scatter->count = count;
    for (unsigned i = 0; i < count; i++)
        scatter->pages[i] = pages_alloc(PAGE_SIZE, PAGE_SIZE);
    for (unsigned i = count - 1; i > 0; i--) {
        unsigned j = random_below(random, i + 1);
        uint64_t *page = scatter->pages[i];
        scatter->pages[i] = scatter->pages[j];
        scatter->pages[j] = page;
    }
}

static void scatter_map(const struct scatter *scatter, struct endpoint *endpoint, uint64_t iova,
                        unsigned restrictions)
{
    for (unsigned i = 0; i < scatter->count; i++)
        pgtable_map(&endpoint->table, iova + i * PAGE_SIZE, (uintptr_t)scatter->pages[i],
                    PGTABLE_PAGE, restrictions);
}

static void scatter_fill(const struct scatter *scatter, uint64_t seed)
{
    struct random random = {seed};

    for (unsigned i = 0; i < scatter->count; i++) {
        for (unsigned w = 0; w < PAGE_SIZE / 8; w++) {
            uint64_t high = random_next(&random);
            scatter->pages[i][w] = high << 32 | random_next(&random);
        }
    }
}

/* The bytes as a device sees them: contiguous. */
static uint8_t *scatter_byte(const struct scatter *scatter, uint64_t offset)
{
    return (uint8_t *)scatter->pages[offset / PAGE_SIZE] + offset % PAGE_SIZE;
}

/* Words that differ between two scatters of the same length. */
static unsigned scatter_differences(const struct scatter *a, const struct scatter *b)
{
    unsigned different = 0;

    for (unsigned i = 0; i < a->count; i++) {
        for (unsigned w = 0; w < PAGE_SIZE / 8; w++)
            different += a->pages[i][w] != b->pages[i][w];
    }
    return different;
}

static void check_finished(const struct dma_result *result, uint64_t bytes, const char *what)
{
    tap_ok(result->finished && result->error == DMA_OK && result->bytes == bytes,
           "%s: done, %lu bytes", what, result->bytes);
    if (result->error != DMA_OK)
        tap_note("DMA error %u at 0x%lx", result->error, result->fault_addr);
}

static void test_scattered_megabyte(struct endpoint *endpoint)
{
    static struct scatter source, destination;
    struct random random = {1};
    struct dma_transfer transfer = {SOURCE_IOVA, DESTINATION_IOVA, COPY_BYTES};

    scatter_alloc(&source, COPY_PAGES, &random);
    scatter_alloc(&destination, COPY_PAGES, &random);
    scatter_map(&source, endpoint, SOURCE_IOVA, PGTABLE_READ_ONLY);
    scatter_map(&destination, endpoint, DESTINATION_IOVA, 0);
    scatter_fill(&source, 2);

    endpoint_start(endpoint, &transfer, 1);
    struct dma_result result = dma_sleep(&endpoint->channel);
    check_finished(&result, COPY_BYTES, "1 MiB between shuffled pages");
    tap_equal(endpoint->channel.irqs, 1, "one interrupt reported it");
    tap_equal(scatter_differences(&source, &destination), 0, "every byte arrived in its page");
}

static void test_block_mapping(struct endpoint *endpoint)
{
    static struct scatter destination;
    struct random random = {3};
    uint8_t *block = pages_alloc(BLOCK_BYTES, BLOCK_BYTES);
    uint64_t offset = BLOCK_BYTES - SMALL_PAGES * PAGE_SIZE;

    pgtable_map_range(&endpoint->table, BLOCK_IOVA, (uintptr_t)block, BLOCK_BYTES, 0);
    scatter_alloc(&destination, SMALL_PAGES, &random);
    scatter_map(&destination, endpoint, DESTINATION_IOVA + COPY_BYTES, 0);
    for (uint64_t i = 0; i < SMALL_PAGES * PAGE_SIZE; i++)
        block[offset + i] = (uint8_t)random_next(&random);

    struct dma_result result = endpoint_copy(endpoint, DESTINATION_IOVA + COPY_BYTES,
                                             BLOCK_IOVA + offset, SMALL_PAGES * PAGE_SIZE);
    check_finished(&result, SMALL_PAGES * PAGE_SIZE, "the end of a 2 MiB block");

    unsigned different = 0;
    for (unsigned i = 0; i < SMALL_PAGES; i++)
        different += memcmp(block + offset + i * PAGE_SIZE, destination.pages[i], PAGE_SIZE) != 0;
    tap_equal(different, 0, "the offset within the block reaches the output address");
}

/* Offsets and lengths that start, end and cross pages at every kind of alignment. */
static const struct piece {
    uint32_t source, destination, length;
} pieces[] = {
    {0x0001, 0x0003, 1},     {0x0ffe, 0x0011, 4},     {0x0123, 0x0ffd, 7},      {0x1008, 0x1100, 8},
    {0x0fff, 0x1201, 0x102}, {0x1807, 0x1400, 0x3ff}, {0x1001, 0x1ffb, 0x1005},
};
#define PIECES (sizeof(pieces) / sizeof(pieces[0]))

/* Apply the pieces with the CPU: what the destination must look like. */
static void copy_pieces(const struct scatter *to, const struct scatter *from)
{
    for (unsigned p = 0; p < PIECES; p++) {
        for (uint32_t i = 0; i < pieces[p].length; i++)
            *scatter_byte(to, pieces[p].destination + i) =
                *scatter_byte(from, pieces[p].source + i);
    }
}

static void test_odd_pieces(struct endpoint *endpoint)
{
    static struct scatter source, destination, expected;
    struct dma_transfer transfers[PIECES];
    struct random random = {4};
    uint64_t source_iova = SOURCE_IOVA + 2 * COPY_BYTES;
    uint64_t destination_iova = DESTINATION_IOVA + 2 * COPY_BYTES;
    uint64_t bytes = 0;

    scatter_alloc(&source, SMALL_PAGES, &random);
    scatter_alloc(&destination, SMALL_PAGES, &random);
    scatter_alloc(&expected, SMALL_PAGES, &random);
    scatter_map(&source, endpoint, source_iova, PGTABLE_READ_ONLY);
    scatter_map(&destination, endpoint, destination_iova, 0);
    scatter_fill(&source, 5);
    scatter_fill(&destination, 6);
    scatter_fill(&expected, 6);
    copy_pieces(&expected, &source);

    for (unsigned p = 0; p < PIECES; p++) {
        transfers[p] =
            (struct dma_transfer){source_iova + pieces[p].source,
                                  destination_iova + pieces[p].destination, pieces[p].length};
        bytes += pieces[p].length;
    }
    endpoint_start(endpoint, transfers, PIECES);
    struct dma_result result = dma_sleep(&endpoint->channel);
    check_finished(&result, bytes, "a chain of odd descriptors");
    tap_equal(scatter_differences(&destination, &expected), 0,
              "the pieces arrived and nothing around them changed");
}

static void test_two_streams(struct endpoint *endpoints)
{
    static struct scatter sources[2], destinations[2];
    struct dma_transfer transfer = {SOURCE_IOVA + 4 * COPY_BYTES, DESTINATION_IOVA + 4 * COPY_BYTES,
                                    COPY_BYTES / 4};
    struct random random = {7};

    for (unsigned i = 0; i < 2; i++) {
        scatter_alloc(&sources[i], COPY_PAGES / 4, &random);
        scatter_alloc(&destinations[i], COPY_PAGES / 4, &random);
        scatter_map(&sources[i], &endpoints[i], transfer.source, PGTABLE_READ_ONLY);
        scatter_map(&destinations[i], &endpoints[i], transfer.destination, 0);
        scatter_fill(&sources[i], 8 + i);
    }
    for (unsigned i = 0; i < 2; i++)
        endpoint_start(&endpoints[i], &transfer, 1);
    for (unsigned i = 0; i < 2; i++) {
        struct dma_result result = dma_sleep(&endpoints[i].channel);
        check_finished(&result, COPY_BYTES / 4, i ? "channel 1" : "channel 0");
    }
    for (unsigned i = 0; i < 2; i++)
        tap_equal(scatter_differences(&sources[i], &destinations[i]), 0,
                  "stream 0x%x used its own pages", endpoints[i].sid);
}

int main(void)
{
    static struct smmu smmu;
    static struct endpoint endpoints[2];
    struct smmu_event event;

    testbed_start(&smmu, LOG2_QUEUE);
    endpoint_open(&endpoints[0], &smmu, 0, 1);
    endpoint_open(&endpoints[1], &smmu, 1, 2);

    test_scattered_megabyte(&endpoints[0]);
    test_block_mapping(&endpoints[0]);
    test_odd_pieces(&endpoints[0]);
    test_two_streams(endpoints);

    bool quiet = true;
    while (smmu_event_pop(&smmu, &event)) {
        event_print(&event);
        quiet = false;
    }
    tap_ok(quiet, "the SMMU recorded no event");
    return 0;
}
