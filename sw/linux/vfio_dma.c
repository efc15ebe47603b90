/* SPDX-License-Identifier: Apache-2.0 */
/* A program that drives the PCI Express DMA function from user space with VFIO: it maps its memory
 * for the device, moves data both ways, and then takes a mapping away under the device. */
#include "vfio_ring.h"

/* Where the device sees what; between the windows of the PCI host. Whole pages of any size. */
#define SOURCE_IOVA      0x123450000UL
#define DESTINATION_IOVA 0x145670000UL

#define DATA_BYTES (1U << 20)
#define SEED       0x5eedU

static void expect_done(const struct descriptor *done, const char *what)
{
    if (done->status != DONE || done->bytes != DATA_BYTES)
        die("%s: status %u, 0x%lx bytes, fault at 0x%lx", what, done->status, done->bytes,
            done->fault_addr);
}

/* --- what it is for ----------------------------------------------------------------------------
 */

static void device_to_memory(struct device *device, const uint64_t *source)
{
    struct descriptor done = run(device, (struct descriptor){.control = WRITE_PATTERN,
                                                             .destination = SOURCE_IOVA,
                                                             .length = DATA_BYTES,
                                                             .pattern = SEED});

    expect_done(&done, "device to memory");
    for (uint64_t n = 0; n < DATA_BYTES / sizeof *source; n++) {
        if (source[n] != number(SEED, n))
            die("device to memory: word %lu is 0x%lx instead of 0x%lx", n, source[n],
                number(SEED, n));
    }
    say("device to memory: %u bytes", DATA_BYTES);
}

static void memory_to_device(struct device *device, const uint8_t *source)
{
    struct descriptor done = run(
        device, (struct descriptor){.control = CRC, .source = SOURCE_IOVA, .length = DATA_BYTES});
    uint32_t crc = crc32(source, DATA_BYTES);

    if (done.status != DONE || done.crc != crc)
        die("memory to device: status %u, CRC 0x%x instead of 0x%x", done.status, done.crc, crc);
    say("memory to device: %u bytes, CRC 0x%08x", DATA_BYTES, crc);
}

static void memory_to_memory(struct device *device, const uint8_t *source, uint8_t *destination)
{
    memset(destination, 0, DATA_BYTES);
    struct descriptor done = run(device, (struct descriptor){.control = COPY,
                                                             .source = SOURCE_IOVA,
                                                             .destination = DESTINATION_IOVA,
                                                             .length = DATA_BYTES});

    expect_done(&done, "memory to memory");
    if (memcmp(source, destination, DATA_BYTES) != 0)
        die("memory to memory: the copy differs");
    say("memory to memory: %u bytes", DATA_BYTES);
}

static void unmapped(struct device *device)
{
    unmap_memory(device, SOURCE_IOVA, DATA_BYTES);
    struct descriptor done = run(
        device, (struct descriptor){.control = CRC, .source = SOURCE_IOVA, .length = DATA_BYTES});

    if (done.status != SOURCE_FAILED || done.fault_addr != SOURCE_IOVA)
        die("unmapped: status %u, fault at 0x%lx", done.status, done.fault_addr);
    say("unmapped: the read at 0x%lx fails", done.fault_addr);
}

int main(int argc, char **argv)
{
    static struct device device;

    if (argc != 3)
        die("usage: vfio_dma GROUP DEVICE");
    open_function(&device, argv[1], argv[2]);
    uint8_t *source = map_memory(&device, SOURCE_IOVA, DATA_BYTES);
    uint8_t *destination = map_memory(&device, DESTINATION_IOVA, DATA_BYTES);

    device_to_memory(&device, (const uint64_t *)source);
    memory_to_device(&device, source);
    memory_to_memory(&device, source, destination);
    unmapped(&device);
    source = map_memory(&device, SOURCE_IOVA, DATA_BYTES);
    device_to_memory(&device, (const uint64_t *)source);
    memory_to_memory(&device, source, destination);
    return 0;
}
