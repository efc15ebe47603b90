/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses to the file by POSIX calls at offsets, and in a mapping; holes by fallocate. */
#define _GNU_SOURCE /* fallocate, MADV_POPULATE_READ */
#include "disk/disk_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define ZERO_CHUNK 65536u

struct disk_file {
    int fd;
    bool read_only;
    uint64_t size;
    uint8_t *map; /* all of it, to be read; NULL where it is not mapped */
};

#define UNFINISHED_SUFFIX ".smmu-vp-new"

/* Gives the open file `unfinished` its size, then its name. Returns whether it has both. */
static bool finish(int fd, const char *unfinished, const char *path, uint64_t size)
{
    if (ftruncate(fd, (off_t)size) == 0 && rename(unfinished, path) == 0)
        return true;
    int reason = errno;
    unlink(unfinished);
    errno = reason;
    return false;
}

/* Makes the file, under another name until it has its size: whenever the host ends this, there is
 * no file or the whole one. The file of an earlier attempt is used; its lock tells of one that is
 * under way. A name that was given meanwhile, or is a link that leads nowhere, is left alone. */
static int make_as(const char *unfinished, const char *path, uint64_t size)
{
    struct stat info;
    int fd = open(unfinished, O_RDWR | O_CLOEXEC | O_CREAT | O_NOFOLLOW, 0666);

    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
        return fd;
    if (lstat(path, &info) == 0) {
        unlink(unfinished);
        close(fd);
        return open(path, O_RDWR | O_CLOEXEC);
    }
    if (finish(fd, unfinished, path, size))
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

/* Opens, and makes the file if it is to be and is not there. -1: errno tells why not. */
static int open_or_make(const char *path, uint64_t size, bool read_only)
{
    int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);

    if (fd >= 0 || errno != ENOENT || size == 0 || read_only)
        return fd;
    size_t length = strlen(path) + sizeof(UNFINISHED_SUFFIX);
    char *unfinished = malloc(length);
    if (!unfinished)
        return -1;
    snprintf(unfinished, length, "%s%s", path, UNFINISHED_SUFFIX);
    fd = make_as(unfinished, path, size);
    int reason = errno;
    free(unfinished);
    errno = reason;
    return fd;
}

/* Checks the open file, locks it and finds its size. Returns whether it will do. */
static bool take(struct disk_file *file, uint32_t block, uint64_t size, char *err, size_t err_size)
{
    struct stat info;

    if (file->fd < 0 || fstat(file->fd, &info) != 0)
        snprintf(err, err_size, "%s", strerror(errno));
    else if (!S_ISREG(info.st_mode))
        snprintf(err, err_size, "is no regular file");
    else if (flock(file->fd, (file->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0)
        snprintf(err, err_size, "%s",
                 errno == EWOULDBLOCK ? "is in use by another controller" : strerror(errno));
    else if (info.st_size <= 0 || info.st_size % block != 0)
        snprintf(err, err_size, "its size, %lld bytes, is no multiple of %u, or 0",
                 (long long)info.st_size, block);
    else if (size != 0 && (uint64_t)info.st_size != size)
        snprintf(err, err_size, "is there already, with %lld bytes instead of %llu",
                 (long long)info.st_size, (unsigned long long)size);
    else {
        file->size = (uint64_t)info.st_size;
        return true;
    }
    return false;
}

/* All of the file, to be read; NULL where the host has no room or no mappings. A hole on tmpfs
 * would take room when it is touched there. */
static uint8_t *map_to_read(const struct disk_file *file)
{
    struct statfs on;

    if (fstatfs(file->fd, &on) != 0 || on.f_type == TMPFS_MAGIC)
        return NULL;
    void *map = mmap(NULL, file->size, PROT_READ, MAP_SHARED, file->fd, 0);
    return map == MAP_FAILED ? NULL : map;
}

disk_file *disk_file_open(const char *path, uint32_t block, uint64_t size, bool read_only,
                          char *err, size_t err_size)
{
    disk_file *file;

    if (size > INT64_MAX || size % block != 0) {
        snprintf(err, err_size, "cannot be made with %llu bytes: no multiple of %u, or too many",
                 (unsigned long long)size, block);
        return NULL;
    }
    file = calloc(1, sizeof(*file));
    if (!file) {
        snprintf(err, err_size, "out of memory");
        return NULL;
    }
    file->read_only = read_only;
    file->fd = open_or_make(path, size, read_only);
    if (!take(file, block, size, err, err_size)) {
        disk_file_close(file);
        return NULL;
    }
    file->map = map_to_read(file);
    return file;
}

void disk_file_close(disk_file *file)
{
    if (file && file->map)
        munmap(file->map, file->size);
    if (file && file->fd >= 0)
        close(file->fd);
    free(file);
}

uint64_t disk_file_size(const disk_file *file)
{
    return file->size;
}

/* --- the medium --- */

static enum disk_status fault(void)
{
    return errno == ENOSPC || errno == EFBIG || errno == EDQUOT ? DISK_FULL : DISK_FAILED;
}

/* A file that has become shorter has lost data: that is a failure, not zeros. */
static enum disk_status copy(const disk_file *file, uint64_t offset, uint8_t *bytes, uint32_t size)
{
    while (size) {
        ssize_t n = pread(file->fd, bytes, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return DISK_FAILED;
        bytes += n;
        offset += (uint64_t)n;
        size -= (uint32_t)n;
    }
    return DISK_OK;
}

/* Whether all of a range is in the mapping. What the file does not have, or the host cannot read,
 * would end the process when it is touched; and behind the end of a file that has become shorter
 * are zeros up to the end of the page. */
static bool is_mapped(const disk_file *file, uint64_t offset, uint32_t size)
{
    const uint64_t into_page = offset % (uint64_t)sysconf(_SC_PAGESIZE);
    struct stat info;

    return file->map && fstat(file->fd, &info) == 0 && offset + size <= (uint64_t)info.st_size &&
           madvise(file->map + offset - into_page, into_page + size, MADV_POPULATE_READ) == 0;
}

/* Where that fails a copy finds out why, and may yet do. */
static enum disk_status file_read(void *user, uint64_t offset, void **data, uint32_t size)
{
    const disk_file *file = user;

    if (!is_mapped(file, offset, size))
        return copy(file, offset, *data, size);
    *data = file->map + offset;
    return DISK_OK;
}

static enum disk_status file_write(void *user, uint64_t offset, const void *data, uint32_t size)
{
    const disk_file *file = user;
    const uint8_t *bytes = data;

    while (size) {
        ssize_t n = pwrite(file->fd, bytes, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fault();
        bytes += n;
        offset += (uint64_t)n;
        size -= (uint32_t)n;
    }
    return DISK_OK;
}

static enum disk_status write_zeros(void *user, uint64_t offset, uint64_t size)
{
    static const uint8_t zeros[ZERO_CHUNK];
    enum disk_status status = DISK_OK;

    while (size && status == DISK_OK) {
        uint32_t chunk = size < ZERO_CHUNK ? (uint32_t)size : ZERO_CHUNK;
        status = file_write(user, offset, zeros, chunk);
        offset += chunk;
        size -= chunk;
    }
    return status;
}

/* Where the host's file system has no holes, zeros are written. */
static enum disk_status file_zero(void *user, uint64_t offset, uint64_t size, bool deallocate)
{
    const disk_file *file = user;

    if (deallocate && fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                                (off_t)size) == 0)
        return DISK_OK;
    return write_zeros(user, offset, size);
}

static enum disk_status file_flush(void *user)
{
    const disk_file *file = user;

    return fdatasync(file->fd) == 0 ? DISK_OK : fault();
}

struct disk_medium disk_file_medium(disk_file *file)
{
    return (struct disk_medium){.user = file,
                                .read = file_read,
                                .write = file_write,
                                .zero = file_zero,
                                .flush = file_flush};
}
