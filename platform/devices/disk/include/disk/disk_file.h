/* SPDX-License-Identifier: Apache-2.0 */
/* A regular file of the host as the medium of a controller. */
#ifndef DISK_FILE_H
#define DISK_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "disk/disk_medium.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct disk_file disk_file;

/* Opens the file at `path` for reading and writing and locks it against other users of this
 * library; or for reading alone, and others who read may share it: then all that would change it
 * fails. Its size has to be a multiple of `block` bytes and not 0. With `size` not 0 the file is
 * made, all holes, if there is none, and one that is there must have that size. It gets its name
 * when it has its size; until then it is `path` with ".smmu-vp-new" behind it. Returns NULL and one
 * line in `err` (at most `err_size` bytes) that does not name the file. The caller owns the result.
 */
disk_file *disk_file_open(const char *path, uint32_t block, uint64_t size, bool read_only,
                          char *err, size_t err_size);
void disk_file_close(disk_file *file); /* NULL is fine */

uint64_t disk_file_size(const disk_file *file); /* in bytes, as it was when opened */

/* The medium in the file, valid until it is closed. Errors of the host end an access with
 * DISK_FAILED, or DISK_FULL for lack of room, and leave the range in any state. */
struct disk_medium disk_file_medium(disk_file *file);

#ifdef __cplusplus
}
#endif

#endif
