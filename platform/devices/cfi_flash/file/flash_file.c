/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses to the file by POSIX calls at offsets. */
#define _GNU_SOURCE /* flock */
#include "cfi_flash/flash_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct flash_file {
    int fd;
    uint64_t size;
};

/* Checks the open file, locks it and finds its size. Returns whether it will do. */
static bool take(flash_file *file, bool writable, uint64_t room, char *err, size_t err_size)
{
    struct stat info;

    if (file->fd < 0 || fstat(file->fd, &info) != 0)
        snprintf(err, err_size, "%s", strerror(errno));
    else if (!S_ISREG(info.st_mode))
        snprintf(err, err_size, "is no regular file");
    else if (writable && flock(file->fd, LOCK_EX | LOCK_NB) != 0)
        snprintf(err, err_size, "%s",
                 errno == EWOULDBLOCK ? "is in use by another flash bank" : strerror(errno));
    else if (info.st_size == 0)
        snprintf(err, err_size, "is empty");
    else if ((uint64_t)info.st_size > room)
        snprintf(err, err_size, "has %lld bytes, more than the %llu of the flash bank",
                 (long long)info.st_size, (unsigned long long)room);
    else {
        file->size = (uint64_t)info.st_size;
        return true;
    }
    return false;
}

flash_file *flash_file_open(const char *path, bool writable, uint64_t room, char *err,
                            size_t err_size)
{
    flash_file *file = calloc(1, sizeof(*file));

    if (!file) {
        snprintf(err, err_size, "out of memory");
        return NULL;
    }
    /* Not blocking: a pipe is no regular file, which only an open one tells. */
    file->fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    if (take(file, writable, room, err, err_size))
        return file;
    flash_file_close(file);
    return NULL;
}

void flash_file_close(flash_file *file)
{
    if (file && file->fd >= 0)
        close(file->fd);
    free(file);
}

bool flash_file_load(const flash_file *file, uint8_t *bytes, char *err, size_t err_size)
{
    uint64_t done = 0;

    while (done < file->size) {
        ssize_t n = pread(file->fd, bytes + done, file->size - done, (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            snprintf(err, err_size, "%s", n < 0 ? strerror(errno) : "has become shorter");
            return false;
        }
        done += (uint64_t)n;
    }
    return true;
}

bool flash_file_store(flash_file *file, const uint8_t *bytes, uint64_t offset, uint64_t size)
{
    const uint64_t end = offset + size;
    uint64_t done = offset < file->size ? offset : file->size;

    while (done < end) {
        ssize_t n = pwrite(file->fd, bytes + done, end - done, (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (uint64_t)n;
        if (done > file->size)
            file->size = done;
    }
    return true;
}
