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

static const struct side sides[SIDES] = {
    [SOURCE] = {CONTROL_SOURCE_PORT, SOURCE_FAILED},
    [DESTINATION] = {CONTROL_DEST_PORT, DEST_FAILED},
};

/* The outcome by the end of an access; `aborted` if it was aborted. */
static enum outcome settle(const struct job *job, enum pcie_access_end end, enum outcome aborted)
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
    return end == PCIE_ACCESS_ABORTED ? aborted : outcomes[end];
}

/* How many pages to ask for if that of `addr` is missing: as far as the operation goes on in order,
 * and no more than software wants. */
static unsigned pages_at(const struct job *job, uint64_t addr, uint32_t ahead)
{
    uint64_t pages = (addr % PCIE_ATS_PAGE + ahead + PCIE_ATS_PAGE - 1) / PCIE_ATS_PAGE;
    uint64_t group = job->d->ring[job->ring].group;

    if (group == 0)
        return 1;
    return (unsigned)(pages < group ? pages : group);
}

static struct pcie_dma_way way_to(const struct job *job, const struct burst *burst, unsigned side)
{
    struct pcie_dma_way way = job->way;

    if (job->control & sides[side].by_port)
        way = ring_port_way(job->ring);
    else
        way.pages = pages_at(job, burst->addr[side], burst->ahead);
    way.relaxed = job->window > 1;
    return way;
}

/* Of a burst that fails here, burst->reads is the side that it fails at. */
static enum outcome begin_read(const struct job *job, struct burst *burst, unsigned side)
{
    const struct pcie_dma_way way = way_to(job, burst, side);
    const enum pcie_access_end end =
        pcie_dma_begin_load(job->d, SIDES * burst->number + side, burst->addr[side],
                            burst->data[side], burst->size, &way);
    const enum outcome outcome = settle(job, end, sides[side].failed);

    if (outcome == DONE)
        burst->reads++;
    return outcome;
}

static enum outcome write(struct job *job, const struct burst *burst, const uint8_t *data)
{
    const struct pcie_dma_way way = way_to(job, burst, DESTINATION);
    const uint64_t addr = burst->addr[DESTINATION];
    enum outcome outcome =
        settle(job, pcie_dma_store(job->d, addr, data, burst->size, &way), DEST_FAILED);

    if (outcome == DONE)
        job->d->ring[job->ring].bytes += burst->size;
    else
        job->fault_addr = addr;
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

/* --- what becomes of a burst: `job->moved` bytes are done, what it reads has been read --- */

static enum outcome copy(struct job *job, struct burst *burst)
{
    return write(job, burst, burst->data[SOURCE]);
}

static enum outcome fill(struct job *job, struct burst *burst)
{
    uint8_t *data = burst->data[DESTINATION];

    for (uint32_t i = 0; i < burst->size; i++)
        data[i] = (uint8_t)(job->pattern >> 8 * ((job->moved + i) % 8));
    return write(job, burst, data);
}

static enum outcome checksum(struct job *job, struct burst *burst)
{
    job->crc = crc32(job->crc, burst->data[SOURCE], burst->size);
    return DONE;
}

static enum outcome compare_memory(struct job *job, struct burst *burst)
{
    return compare(job, burst->data[SOURCE], burst->data[DESTINATION], burst->size);
}

static enum outcome write_pattern(struct job *job, struct burst *burst)
{
    generate(burst->data[DESTINATION], job->pattern, job->moved, burst->size);
    return write(job, burst, burst->data[DESTINATION]);
}

static enum outcome check_pattern(struct job *job, struct burst *burst)
{
    generate(burst->data[DESTINATION], job->pattern, job->moved, burst->size);
    return compare(job, burst->data[SOURCE], burst->data[DESTINATION], burst->size);
}

/* --- the table --- */

/* Bursts cross a burst boundary at none of the addresses that are used. */
struct operation {
    bool src;
    bool dst;
    unsigned reads; /* of the source, or of both sides */
    bool scattered; /* SCATTER_ACCESS bytes at a time, all over a window of `dst` bytes */
    enum outcome (*finish)(struct job *job, struct burst *burst);
};

static const struct operation operations[] = {
    [0] = {false, false, 0, false, NULL}, /* nothing */
    [1] = {true, true, 1, false, copy},           [2] = {false, true, 0, false, fill},
    [3] = {true, false, 1, false, checksum},      [4] = {true, true, 2, false, compare_memory},
    [5] = {false, true, 0, false, write_pattern}, [6] = {true, false, 1, false, check_pattern},
    [7] = {false, false, 1, true, checksum},
};

static bool well_formed(const struct job *job)
{
    uint32_t opcode = job->control & CONTROL_OPCODE;
    uint32_t known = CONTROL_KNOWN | (job->d->port ? CONTROL_PORT : 0);

    if (opcode >= sizeof(operations) / sizeof(*operations) || job->control & ~known)
        return false;
    if (job->way.pasid != VP_NO_SSID && job->way.pasid & ~PASID_VALUE)
        return false;
    return !operations[opcode].scattered || job->dst >= SCATTER_ACCESS;
}

static uint32_t room(uint64_t addr, uint32_t burst)
{
    return burst - (uint32_t)(addr % burst);
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t burst_size(const struct job *job, const struct operation *operation, uint32_t begun)
{
    uint32_t burst = job->d->burst;
    uint32_t size = min_u32(job->length - begun, operation->scattered ? SCATTER_ACCESS : burst);

    if (operation->src)
        size = min_u32(size, room(job->src + begun, burst));
    if (operation->dst)
        size = min_u32(size, room(job->dst + begun, burst));
    return size;
}

static uint64_t source_of(const struct job *job, const struct operation *operation, uint32_t begun)
{
    if (!operation->scattered)
        return job->src + begun;
    return job->src + random64(job->pattern, begun / SCATTER_ACCESS) % (job->dst / SCATTER_ACCESS) *
                          SCATTER_ACCESS;
}

static void begin(struct job *job, const struct operation *operation, struct burst *burst,
                  uint32_t begun)
{
    enum outcome outcome = DONE;

    burst->size = burst_size(job, operation, begun);
    burst->ahead = operation->scattered ? burst->size : job->length - begun;
    burst->addr[SOURCE] = source_of(job, operation, begun);
    burst->addr[DESTINATION] = job->dst + begun;
    burst->reads = 0;
    for (unsigned side = 0; side < operation->reads && outcome == DONE; side++)
        outcome = begin_read(job, burst, side);
    burst->begun = outcome;
}

/* Waits for all reads of the burst, whatever has failed. Returns the first failure. */
static enum outcome end_reads(struct job *job, const struct operation *operation,
                              const struct burst *burst)
{
    const struct pcie_dma_ops *ops = &job->d->ops;
    unsigned failed = burst->reads;
    enum outcome outcome = burst->begun;

    for (unsigned side = 0; job->window > 1 && side < operation->reads; side++) {
        const enum pcie_access_end end =
            ops->end_read(ops->user, job->ring, SIDES * burst->number + side);
        const enum outcome read = settle(job, end, sides[side].failed);
        if (read == ABANDONED || (read != DONE && side < failed)) {
            outcome = read;
            failed = side;
        }
    }
    if (outcome != DONE)
        job->fault_addr = burst->addr[failed];
    return outcome;
}

/* Whether source and destination share a byte, so that the order of bursts matters. */
static bool overlaps(const struct job *job)
{
    return job->dst - job->src < job->length || job->src - job->dst < job->length;
}

static unsigned window_of(const struct job *job, const struct operation *operation)
{
    return operation->src && operation->dst && overlaps(job) ? 1 : job->d->window;
}

/* The window is a circle; `index` is less than once around it beyond its end. */
static struct burst *burst_at(const struct job *job, unsigned index)
{
    struct burst *bursts = job->d->ring[job->ring].window;

    return &bursts[index < job->window ? index : index - job->window];
}

/* Waits for the reads of bursts behind one that failed. */
static void drop(struct job *job, const struct operation *operation, unsigned first, unsigned count)
{
    const uint64_t fault = job->fault_addr;

    for (; count != 0; count--, first++)
        end_reads(job, operation, burst_at(job, first));
    job->fault_addr = fault;
}

static enum outcome finish(struct job *job, const struct operation *operation, struct burst *burst)
{
    const enum outcome outcome = end_reads(job, operation, burst);

    return outcome == DONE ? operation->finish(job, burst) : outcome;
}

/* Bursts are begun as far ahead as the window allows, none after one that could not be, and
 * finished in order. */
static enum outcome move(struct job *job, const struct operation *operation)
{
    enum outcome outcome = DONE;
    bool begins = true;
    uint32_t begun = 0;
    unsigned first = 0;
    unsigned count = 0;

    while (outcome == DONE && job->moved < job->length) {
        while (begins && count < job->window && begun < job->length) {
            struct burst *next = burst_at(job, first + count);
            begin(job, operation, next, begun);
            begins = next->begun == DONE;
            begun += next->size;
            count++;
        }
        struct burst *oldest = burst_at(job, first);
        outcome = finish(job, operation, oldest);
        if (outcome == DONE)
            job->moved += oldest->size;
        first = first + 1 < job->window ? first + 1 : 0;
        count--;
    }
    drop(job, operation, first, count);
    return job->d->ring[job->ring].life == job->life ? outcome : ABANDONED;
}

enum outcome operation_run(struct job *job)
{
    if (!well_formed(job))
        return MALFORMED;
    const struct operation *operation = &operations[job->control & CONTROL_OPCODE];
    if (!operation->finish)
        return DONE;
    job->window = window_of(job, operation);
    return move(job, operation);
}
