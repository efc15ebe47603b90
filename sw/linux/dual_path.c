/* SPDX-License-Identifier: Apache-2.0 */
/* A program that moves memory by both ways of a DMA device that has a port beside its PCI Express
 * function. VFIO maps it for the function. The port, which no driver of the kernel knows, has what
 * the domain of its IOMMU group lets it have: physical addresses, or nothing. */
#include <stdbool.h>

#include "vfio_ring.h"

/* Whole pages of any size. */
#define FRONT_IOVA 0x123450000UL
#define BACK_IOVA  0x145670000UL

#define PIECES      16U
#define PIECE_BYTES 4096U /* all of it in one page */
#define DATA_BYTES  (PIECES * PIECE_BYTES)

#define PAGEMAP_PRESENT (1UL << 63)
#define PAGEMAP_FRAME   ((1UL << 55) - 1)

/* Memory as the function sees it, and as the port does. */
struct buffer {
    uint8_t *data;
    uint64_t iova;
    uint64_t physical[PIECES];
};

/* What VFIO has mapped stays where it is. */
static uint64_t physical_address(int pagemap, const uint8_t *data)
{
    uint64_t entry, page = (uint64_t)sysconf(_SC_PAGESIZE);
    off_t at = (off_t)((uintptr_t)data / page * sizeof entry);

    if (pread(pagemap, &entry, sizeof entry, at) != sizeof entry)
        die("pagemap: %s", strerror(errno));
    if (!(entry & PAGEMAP_PRESENT) || !(entry & PAGEMAP_FRAME))
        die("pagemap: entry 0x%lx has no frame", entry);
    return (entry & PAGEMAP_FRAME) * page + (uintptr_t)data % page;
}

static void make_buffer(struct buffer *buffer, const struct device *device, uint64_t iova)
{
    int pagemap = check(open("/proc/self/pagemap", O_RDONLY), "/proc/self/pagemap");

    buffer->data = map_memory(device, iova, DATA_BYTES);
    buffer->iova = iova;
    for (unsigned i = 0; i < PIECES; i++)
        buffer->physical[i] = physical_address(pagemap, buffer->data + i * PIECE_BYTES);
    close(pagemap);
}

/* Where a piece of the buffer is by the one way or the other. */
static uint64_t address(const struct buffer *buffer, unsigned piece, bool by_port)
{
    return by_port ? buffer->physical[piece] : buffer->iova + piece * PIECE_BYTES;
}

/* Copies a piece from front to back, each by its way; `control` has FROM_PORT, TO_PORT, or both. */
static struct descriptor copy(struct device *device, uint32_t control, const struct buffer *front,
                              const struct buffer *back, unsigned piece)
{
    return run(device, (struct descriptor){.control = COPY | control,
                                           .source = address(front, piece, control & FROM_PORT),
                                           .destination = address(back, piece, control & TO_PORT),
                                           .length = PIECE_BYTES});
}

/* All of the front arrives at the back; it is new data each time. */
static void move(struct device *device, uint32_t control, struct buffer *front, struct buffer *back,
                 const char *what)
{
    for (unsigned i = 0; i < DATA_BYTES; i++)
        front->data[i] = (uint8_t)(i * 7 + i / PIECE_BYTES + control / FROM_PORT);
    memset(back->data, 0, DATA_BYTES);
    for (unsigned piece = 0; piece < PIECES; piece++) {
        struct descriptor done = copy(device, control, front, back, piece);

        if (done.status != DONE)
            die("%s: status %u, fault at 0x%lx", what, done.status, done.fault_addr);
    }
    if (memcmp(front->data, back->data, DATA_BYTES) != 0)
        die("%s: the copy differs", what);
    say("%s: %u bytes", what, DATA_BYTES);
}

static void refused(struct device *device, uint32_t control, const struct buffer *front,
                    const struct buffer *back, enum status status, const char *what)
{
    struct descriptor done = copy(device, control, front, back, 0);

    if (done.status != status)
        die("%s: status %u instead of %u", what, done.status, status);
    say("%s is refused at 0x%016lx", what, done.fault_addr);
}

int main(int argc, char **argv)
{
    static struct device device;
    static struct buffer front, back;

    if (argc != 4)
        die("usage: dual_path GROUP DEVICE identity|DMA");
    open_function(&device, argv[1], argv[2]);
    make_buffer(&front, &device, FRONT_IOVA);
    make_buffer(&back, &device, BACK_IOVA);
    if (strcmp(argv[3], "identity") == 0) {
        move(&device, TO_PORT, &front, &back, "function to port");
        move(&device, FROM_PORT, &front, &back, "port to function");
        move(&device, FROM_PORT | TO_PORT, &front, &back, "port to port");
    } else {
        refused(&device, FROM_PORT, &front, &back, SOURCE_FAILED, "a read by the port");
        refused(&device, TO_PORT, &front, &back, DESTINATION_FAILED, "a write by the port");
        move(&device, 0, &front, &back, "function to function");
    }
    return 0;
}
