/* SPDX-License-Identifier: Apache-2.0 */
/* The PCI Express DMA function as programs see it (docs/pcie-dma.md): registers, descriptors, what
 * it computes. Defines _GNU_SOURCE, so it comes before headers of the C library. */
#ifndef LINUX_DMA_FUNCTION_H
#define LINUX_DMA_FUNCTION_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Registers of the engine, and of ring 0; those of ring r are r * RING_STRIDE further. */
#define ENGINE_ID   0x0000U
#define ENGINE_CAPS 0x0004U
#define RING_CTRL   0x1000U
#define RING_BASE   0x1008U
#define RING_SIZE   0x1010U
#define RING_STATUS 0x1004U
#define RING_PASID  0x1014U
#define RING_TAIL   0x1018U
#define RING_STRIDE 0x1000U

#define ENGINE_ID_VALUE 0x314d4450U
#define RING_HALTED     2U          /* of RING_STATUS */
#define PASID_VALID     0x80000000U /* of RING_PASID */

enum operation { NOTHING, COPY, FILL, CRC, COMPARE, WRITE_PATTERN, CHECK_PATTERN };
enum status { PENDING, DONE, SOURCE_FAILED, DESTINATION_FAILED, DIFFERENT };

#define INTERRUPT 0x100U  /* beside the operation */
#define OWN_PASID 0x200U  /* the data have the descriptor's PASID, not the ring's */
#define FROM_PORT 0x800U  /* the source is reached by the port */
#define TO_PORT   0x1000U /* the destination is */

struct descriptor {
    uint32_t control, pasid;
    uint64_t source, destination;
    uint32_t length, unused;
    uint64_t pattern;
    uint32_t status, crc;
    uint64_t bytes, fault_addr;
};
_Static_assert(sizeof(struct descriptor) == 64, "as the function reads it");

static inline void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static inline void say(const char *format, ...)
{
    va_list args;

    printf("%s: ", program_invocation_short_name);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

static inline void die(const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\n");
    exit(1);
}

/* `result` of a system call, which must not have failed. */
static inline int check(int result, const char *what)
{
    if (result < 0)
        die("%s: %s", what, strerror(errno));
    return result;
}

/* --- what it computes
 * -----------------------------------------------------------------------------
 */

/* Number `n` of the sequence that WRITE_PATTERN writes for a seed: splitmix64. */
static inline uint64_t number(uint64_t seed, uint64_t n)
{
    uint64_t z = seed + (n + 1) * 0x9e3779b97f4a7c15U;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

/* CRC-32, reflected. */
static inline uint32_t crc32(const uint8_t *data, size_t size)
{
    uint32_t crc = ~0U;

    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xedb88320U & -(crc & 1));
    }
    return ~crc;
}

#endif
