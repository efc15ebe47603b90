/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of a descriptor, each a step that is repeated burst by burst. */
#include "pcie_dma_priv.h"
#include "vp/splitmix.h"

#define CONTROL_KNOWN  (CONTROL_OPCODE | CONTROL_IRQ | CONTROL_PASID | CONTROL_PLAIN)
#define CONTROL_PORT   (CONTROL_SOURCE_PORT | CONTROL_DEST_PORT)
#define SCATTER_ACCESS 64u

/* --- pure parts --- */

/* Continue a CRC-32 (polynomial 0x04c11db7, reflected) over `size` bytes. */
static uint32_t crc32(uint32_t crc, const uint8_t *data, uint32_t size)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };

    crc = ~crc;
    for (uint32_t i = 0; i < size; i++) {
        crc ^= data[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

/* The i-th number of a sequence given by its seed (splitmix64). */
static uint64_t random64(uint64_t seed, uint64_t i)
{
    return vp_splitmix_mix(seed + (i + 1) * VP_SPLITMIX_STEP);
}

static void generate(uint8_t *data, uint64_t seed, uint64_t first, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        data[i] = (uint8_t)(random64(seed, (first + i) / 8) >> 8 * ((first + i) % 8));
}

/* --- accesses --- */

/* The two places of a transfer: what says that one is reached by the port, and how it fails. */
struct side {
    uint32_t by_port;
    enum outcome failed;
};

static const struct side source = {CONTROL_SOURCE_PORT, SOURCE_FAILED};
static const struct side destination = {CONTROL_DEST_PORT, DEST_FAILED};

/* The outcome by the end of an access; `aborted` if it was aborted. */
static enum outcome settle(struct job *job, enum pcie_access_end end, uint64_t addr,
                           enum outcome aborted)
{
    static const enum outcome outcomes[] = {
        [PCIE_ACCESS_NO_ATS] = NO_ATS,   [PCIE_ACCESS_DENIED] = DENIED,
        [PCIE_ACCESS_NO_PAGE] = NO_PAGE, [PCIE_ACCESS_NO_PRI] = NO_PRI,
        [PCIE_ACCESS_STOPPED] = STOPPED,
    };

    if (job->d->ring[job->ring].life != job->life)
        return ABANDONED;
    if (end == PCIE_ACCESS_DONE)
        return DONE;
    job->fault_addr = addr;
    return end == PCIE_ACCESS_ABORTED ? aborted : outcomes[end];
}

/* How many pages to ask for if that of `addr` is missing: as far as the operation goes on in order,
 * and no more than software wants. */
static unsigned pages_at(const struct job *job, uint64_t addr)
{
    uint64_t pages = (addr % PCIE_ATS_PAGE + job->ahead + PCIE_ATS_PAGE - 1) / PCIE_ATS_PAGE;
    uint64_t group = job->d->ring[job->ring].group;

    if (group == 0)
        return 1;
    return (unsigned)(pages < group ? pages : group);
}

static struct pcie_dma_way way_to(const struct job *job, const struct side *side, uint64_t addr)
{
    struct pcie_dma_way way = job->way;

    if (job->control & side->by_port)
        return ring_port_way(job->ring);
    way.pages = pages_at(job, addr);
    return way;
}

static enum outcome read(struct job *job, uint64_t addr, void *data, uint32_t size,
                         const struct side *side)
{
    const struct pcie_dma_way way = way_to(job, side, addr);

    return settle(job, pcie_dma_load(job->d, addr, data, size, &way), addr, side->failed);
}

static enum outcome write(struct job *job, uint64_t addr, const void *data, uint32_t size)
{
    const struct pcie_dma_way way = way_to(job, &destination, addr);
    enum outcome outcome =
        settle(job, pcie_dma_store(job->d, addr, data, size, &way), addr, destination.failed);

    if (outcome == DONE)
        job->d->ring[job->ring].bytes += size;
    return outcome;
}

/* Counts the equal bytes; the first that differs is the fault. */
static enum outcome compare(struct job *job, const uint8_t *got, const uint8_t *expected,
                            uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        if (got[i] != expected[i]) {
            job->moved += i;
            job->fault_addr = job->src + job->moved;
            return MISMATCH;
        }
    }
    return DONE;
}

/* --- steps: `job->moved` bytes are done, `size` more are to do --- */

static enum outcome copy(struct job *job, uint32_t size)
{
    uint8_t data[PCIE_DMA_MAX_BURST];
    enum outcome outcome = read(job, job->src + job->moved, data, size, &source);

    return outcome == DONE ? write(job, job->dst + job->moved, data, size) : outcome;
}

static enum outcome fill(struct job *job, uint32_t size)
{
    uint8_t data[PCIE_DMA_MAX_BURST];

    for (uint32_t i = 0; i < size; i++)
        data[i] = (uint8_t)(job->pattern >> 8 * ((job->moved + i) % 8));
    return write(job, job->dst + job->moved, data, size);
}

static enum outcome checksum(struct job *job, uint32_t size)
{
    uint8_t data[PCIE_DMA_MAX_BURST];
    enum outcome outcome = read(job, job->src + job->moved, data, size, &source);

    if (outcome == DONE)
        job->crc = crc32(job->crc, data, size);
    return outcome;
}

static enum outcome compare_memory(struct job *job, uint32_t size)
{
    uint8_t a[PCIE_DMA_MAX_BURST];
    uint8_t b[PCIE_DMA_MAX_BURST];
    enum outcome outcome = read(job, job->src + job->moved, a, size, &source);

    if (outcome == DONE)
        outcome = read(job, job->dst + job->moved, b, size, &destination);
    return outcome == DONE ? compare(job, a, b, size) : outcome;
}

static enum outcome write_pattern(struct job *job, uint32_t size)
{
    uint8_t data[PCIE_DMA_MAX_BURST];

    generate(data, job->pattern, job->moved, size);
    return write(job, job->dst + job->moved, data, size);
}

static enum outcome check_pattern(struct job *job, uint32_t size)
{
    uint8_t data[PCIE_DMA_MAX_BURST];
    uint8_t expected[PCIE_DMA_MAX_BURST];
    enum outcome outcome = read(job, job->src + job->moved, data, size, &source);

    generate(expected, job->pattern, job->moved, size);
    return outcome == DONE ? compare(job, data, expected, size) : outcome;
}

/* `dst` is the size of the window. */
static enum outcome scatter_read(struct job *job, uint32_t size)
{
    uint8_t data[SCATTER_ACCESS];
    uint64_t place = random64(job->pattern, job->moved / SCATTER_ACCESS) %
                     (job->dst / SCATTER_ACCESS) * SCATTER_ACCESS;
    enum outcome outcome = read(job, job->src + place, data, size, &source);

    if (outcome == DONE)
        job->crc = crc32(job->crc, data, size);
    return outcome;
}

/* --- the table --- */

/* Steps cross a burst boundary at none of the addresses that are used. */
struct operation {
    bool src;
    bool dst;
    uint32_t limit; /* bytes of a step at most; 0: a burst */
    enum outcome (*step)(struct job *job, uint32_t size);
};

static const struct operation operations[] = {
    [0] = {false, false, 0, NULL}, /* nothing */
    [1] = {true, true, 0, copy},
    [2] = {false, true, 0, fill},
    [3] = {true, false, 0, checksum},
    [4] = {true, true, 0, compare_memory},
    [5] = {false, true, 0, write_pattern},
    [6] = {true, false, 0, check_pattern},
    [7] = {false, false, SCATTER_ACCESS, scatter_read},
};

static bool well_formed(const struct job *job)
{
    uint32_t opcode = job->control & CONTROL_OPCODE;
    uint32_t known = CONTROL_KNOWN | (job->d->port ? CONTROL_PORT : 0);

    if (opcode >= sizeof(operations) / sizeof(*operations) || job->control & ~known)
        return false;
    if (job->way.pasid != VP_NO_SSID && job->way.pasid & ~PASID_VALUE)
        return false;
    return operations[opcode].step != scatter_read || job->dst >= SCATTER_ACCESS;
}

static uint32_t room(uint64_t addr, uint32_t burst)
{
    return burst - (uint32_t)(addr % burst);
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t step_size(const struct job *job, const struct operation *operation)
{
    uint32_t burst = job->d->burst;
    uint32_t size =
        min_u32(job->length - (uint32_t)job->moved, operation->limit ? operation->limit : burst);

    if (operation->src)
        size = min_u32(size, room(job->src + job->moved, burst));
    if (operation->dst)
        size = min_u32(size, room(job->dst + job->moved, burst));
    return size;
}

enum outcome operation_run(struct job *job)
{
    enum outcome outcome = DONE;

    if (!well_formed(job))
        return MALFORMED;
    const struct operation *operation = &operations[job->control & CONTROL_OPCODE];
    while (operation->step && outcome == DONE && job->moved < job->length) {
        uint32_t size = step_size(job, operation);

        job->ahead = operation->limit ? size : job->length - (uint32_t)job->moved;
        outcome = operation->step(job, size);
        if (outcome == DONE)
            job->moved += size;
    }
    return outcome;
}
