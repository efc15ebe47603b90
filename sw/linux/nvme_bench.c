/* SPDX-License-Identifier: Apache-2.0 */
/* Writes and reads a block device as fast as it goes, past the page cache, and checks every byte.
 * What is timed is between two lines of output, for the host to see when they come: the clocks of
 * the guest may be simulated. The second line has the guest's time, too.
 *
 * nvme_bench DEVICE: overwrites the first 128 MiB. */
#define _GNU_SOURCE /* O_DIRECT, MADV_HUGEPAGE */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MIB        (1UL << 20)
#define DATA_BYTES (128 * MIB)
#define DATA_WORDS (DATA_BYTES / sizeof(uint64_t))
#define HUGE_PAGE  (2 * MIB)
#define ROUNDS     3

static void fail(const char *what, int error)
{
    printf("nvme-bench: %s%s%s\n", what, error ? ": " : "", error ? strerror(error) : "");
    exit(1);
}

/* Huge pages, so that the time goes to the data and not to finding pages. */
static uint64_t *allocate(void)
{
    uint8_t *memory = mmap(NULL, DATA_BYTES + HUGE_PAGE, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        fail("no memory", errno);
    memory += -(uintptr_t)memory % HUGE_PAGE;
    madvise(memory, DATA_BYTES, MADV_HUGEPAGE); /* all works without, only slower */
    return (uint64_t *)memory;
}

/* --- contents: no two words of a device are the same, and none keeps its value for a round --- */

static uint64_t word(uint64_t index, uint64_t round)
{
    return (index + 1) * UINT64_C(0x9e3779b97f4a7c15) + round;
}

static void fill(uint64_t *data, uint64_t round)
{
    for (uint64_t i = 0; i < DATA_WORDS; i++)
        data[i] = word(i, round);
}

static void spoil(uint64_t *data, size_t bytes)
{
    for (size_t i = 0; i < bytes / sizeof(*data); i++)
        data[i] = ~data[i];
}

static void check(const uint64_t *data, uint64_t round)
{
    for (uint64_t i = 0; i < DATA_WORDS; i++)
        if (data[i] != word(i, round))
            fail("what is read is not what was written", 0);
}

/* --- transfers --- */

/* A way to move the beginning of the data. */
struct transfer {
    const char *name;
    bool write;
    size_t call; /* bytes of one system call */
    size_t bytes;
    unsigned passes;
};

static const struct transfer write_all = {"write", true, 16 * MIB, DATA_BYTES, 1};
static const struct transfer read_all = {"read", false, 16 * MIB, DATA_BYTES, 4};
static const struct transfer read_pages = {"read4k", false, 4096, 16 * MIB, 1};

static void move(int fd, const struct transfer *t, uint64_t *data)
{
    for (size_t at = 0; at < t->bytes; at += t->call) {
        uint8_t *bytes = (uint8_t *)data + at;
        ssize_t done =
            t->write ? pwrite(fd, bytes, t->call, (off_t)at) : pread(fd, bytes, t->call, (off_t)at);
        if (done != (ssize_t)t->call)
            fail(t->write ? "writing failed" : "reading failed", done < 0 ? errno : 0);
    }
}

static uint64_t nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static void time_transfers(int fd, const struct transfer *t, uint64_t *data)
{
    uint64_t begin = nanoseconds();

    printf("nvme-bench: %s begins\n", t->name);
    fflush(stdout);
    for (unsigned i = 0; i < t->passes; i++)
        move(fd, t, data);
    printf("nvme-bench: %s ends %lu MiB %lu ns\n", t->name, t->passes * (t->bytes / MIB),
           (unsigned long)(nanoseconds() - begin));
    fflush(stdout);
}

/* Reads over data that are as they must not stay. */
static void time_reads(int fd, const struct transfer *t, uint64_t *data, uint64_t round)
{
    spoil(data, t->bytes);
    time_transfers(fd, t, data);
    check(data, round);
}

int main(int argc, char **argv)
{
    int fd = argc == 2 ? open(argv[1], O_RDWR | O_DIRECT) : -1;
    uint64_t *data = allocate();

    if (fd < 0)
        fail("the device cannot be opened", argc == 2 ? errno : EINVAL);
    fill(data, ROUNDS);
    move(fd, &write_all, data); /* so that the host has made room for it */
    for (unsigned round = 0; round < ROUNDS; round++) {
        fill(data, round);
        time_transfers(fd, &write_all, data);
        time_reads(fd, &read_all, data, round);
        time_reads(fd, &read_pages, data, round);
    }
    return 0;
}
