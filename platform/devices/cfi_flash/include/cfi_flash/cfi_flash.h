/* SPDX-License-Identifier: Apache-2.0 */
/* A bank of NOR flash as a C library: two chips of 16 bits side by side on a bus of 32, with the
 * command set of Intel and Sharp (primary command set 0x0001 of JEDEC's Common Flash Interface,
 * JESD68.01 and JEP137). What a chip does when it is told so it has done at once. */
#ifndef CFI_FLASH_CFI_FLASH_H
#define CFI_FLASH_CFI_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CFI_FLASH_BLOCK    0x40000u /* bytes that are erased together, of both chips */
#define CFI_FLASH_MIN_SIZE 0x80000u
#define CFI_FLASH_MAX_SIZE 0x40000000u
#define CFI_FLASH_ERASED   0xffu /* what an erased byte reads as */

typedef struct cfi_flash cfi_flash;

/* The host; copied. Every function gets `user`; all are optional. */
struct cfi_flash_ops {
    /* Bytes of the array have changed and are to be kept. False: they could not be, which the chip
     * reports as a failure of what it was told to do. */
    bool (*store)(void *user, uint64_t offset, uint32_t size);
    /* Reads give the array from now on, or something else. They do when the bank is made. */
    void (*reads_array)(void *user, bool array);
};

struct cfi_flash_config {
    uint8_t *bytes; /* the array: the caller's, of `size` bytes, and valid as long as the bank */
    uint64_t size;  /* a power of two from CFI_FLASH_MIN_SIZE to CFI_FLASH_MAX_SIZE */
    /* Programming voltage is off: programming and erasing fail with the status bit of that. */
    bool write_protected;
};

/* Power up a bank: it reads as its array, no block is locked. Returns NULL and one line in `err`
 * (at most `err_size` bytes) if that cannot be. The caller owns the result. */
cfi_flash *cfi_flash_create(const struct cfi_flash_config *config, const struct cfi_flash_ops *ops,
                            void *user, char *err, size_t err_size);
void cfi_flash_destroy(cfi_flash *bank); /* NULL is fine */

/* Do reads give the array? */
bool cfi_flash_reads_array(const cfi_flash *bank);

/* The frame; the device is the cfi_flash. Aligned accesses of any size. A write of a part of the
 * bus commands both chips, by its lowest byte, and what it programs is that part; one of 8 bytes is
 * two. Peeking gives the array. */
extern const struct vp_frame cfi_flash_frame;

#ifdef __cplusplus
}
#endif

#endif
