/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware configuration device of QEMU's machines as a C library, memory-mapped as on Arm
 * (docs/specs/fw_cfg.rst of QEMU): items of bytes, chosen by a key and read through a register or
 * by DMA. */
#ifndef FW_CFG_FW_CFG_H
#define FW_CFG_FW_CFG_H

#include <stdbool.h>
#include <stdint.h>

#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FW_CFG_FRAME_SIZE 0x18u /* bytes of the register frame */
#define FW_CFG_MAX_ITEMS  32u   /* beside those the device has itself */
#define FW_CFG_MAX_NAME   55u   /* characters of the name of a file */
#define FW_CFG_CHUNK      4096u /* bytes that DMA moves at a time, at most */

/* Keys of items (QEMU's include/standard-headers/linux/qemu_fw_cfg.h). Numbers are little-endian.
 * The device has those of signature, features and the directory of files itself. */
enum fw_cfg_key {
    FW_CFG_SIGNATURE = 0x00,
    FW_CFG_ID = 0x01,
    FW_CFG_UUID = 0x02,
    FW_CFG_NOGRAPHIC = 0x04,
    FW_CFG_NB_CPUS = 0x05,
    FW_CFG_KERNEL_SIZE = 0x08,
    FW_CFG_INITRD_SIZE = 0x0b,
    FW_CFG_BOOT_MENU = 0x0e,
    FW_CFG_KERNEL_DATA = 0x11,
    FW_CFG_INITRD_DATA = 0x12,
    FW_CFG_CMDLINE_SIZE = 0x14,
    FW_CFG_CMDLINE_DATA = 0x15,
    FW_CFG_FILE_DIR = 0x19,
    FW_CFG_FILE_FIRST = 0x20, /* of the first file; each has the next */
};

typedef struct fw_cfg fw_cfg;

/* The host; copied. */
struct fw_cfg_ops {
    struct vp_bus bus; /* what DMA goes through; stream 0 */
    void *user;
    /* Call fw_cfg_run() soon, where `bus` may block. */
    void (*start)(void *user);
};

/* Returns NULL if memory runs out. The caller owns the result. */
fw_cfg *fw_cfg_create(const struct fw_cfg_ops *ops);
void fw_cfg_destroy(fw_cfg *dev); /* NULL is fine */

/* Add an item, or a file with a name of up to FW_CFG_MAX_NAME characters that gets the next key.
 * `data` stays the caller's and must outlive the device. Returns false if there is no room or the
 * key is taken. */
bool fw_cfg_add(fw_cfg *dev, uint16_t key, const void *data, uint32_t size);
bool fw_cfg_add_file(fw_cfg *dev, const char *name, const void *data, uint32_t size);

/* Do the DMA that was asked for. Not while a call is under way. */
void fw_cfg_run(fw_cfg *dev);

/* The register frame; the device is the fw_cfg. The data register, at 0, takes reads of 1, 2, 4
 * and 8 bytes, the selector, at 8, writes of 2, the address of DMA, at 16, accesses of 4 and 8.
 * Others of these sizes that are aligned are RAZ/WI; those that are not end with VP_SLVERR, past
 * the frame with VP_DECERR. */
extern const struct vp_frame fw_cfg_frame;

#ifdef __cplusplus
}
#endif

#endif
