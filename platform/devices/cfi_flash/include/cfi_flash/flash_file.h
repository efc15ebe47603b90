/* SPDX-License-Identifier: Apache-2.0 */
/* A regular file of the host that has the contents of a bank of flash. It may be shorter than the
 * bank, whose rest is erased; it grows when that is programmed. */
#ifndef CFI_FLASH_FLASH_FILE_H
#define CFI_FLASH_FLASH_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct flash_file flash_file;

/* Opens the file at `path`, which must have 1 to `room` bytes; one that is `writable` is locked
 * against other users of this library. Returns NULL and one line in `err` (at most `err_size`
 * bytes) that does not name the file. The caller owns the result. */
flash_file *flash_file_open(const char *path, bool writable, uint64_t room, char *err,
                            size_t err_size);
void flash_file_close(flash_file *file); /* NULL is fine */

/* Reads all of it to `bytes`. Returns false, and a line in `err`, if the host cannot. */
bool flash_file_load(const flash_file *file, uint8_t *bytes, char *err, size_t err_size);

/* Writes `size` bytes of the bank `bytes` from `offset` on, and what is between the end of the file
 * and these. Once it returns they are the host's, whatever becomes of the program. Returns whether
 * it could. */
bool flash_file_store(flash_file *file, const uint8_t *bytes, uint64_t offset, uint64_t size);

#ifdef __cplusplus
}
#endif

#endif
