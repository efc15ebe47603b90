/* SPDX-License-Identifier: Apache-2.0 */
/* smmu_count DISK TCU TBU: counts with the counter groups TCU and TBU, names in
 * /sys/bus/event_source/devices, what reads of a disk make an SMMU do. Ends with status 1 at the
 * first thing that is wrong. */
#define _GNU_SOURCE /* for O_DIRECT */
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/perf_event.h>

enum { BLOCK = 4096, READS = 64 };

/* Events of IHI 0070 10.3. */
enum { CYCLES = 0, TRANSACTION = 1, TLB_MISS = 2, TABLE_ACCESS = 4, EVENTS = 5 };

static _Noreturn __attribute__((format(printf, 1, 2))) void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("smmu_count: ");
    vprintf(format, args);
    printf("\n");
    va_end(args);
    exit(1);
}

/* The type of the events of a group. */
static uint32_t type_of(const char *group)
{
    char path[256];
    unsigned type = 0;
    snprintf(path, sizeof path, "/sys/bus/event_source/devices/%s/type", group);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%u", &type) != 1)
        die("%s has no type", group);
    fclose(file);
    return type;
}

/* A counter of the whole system; -1 if the group does not have the event. */
static int open_counter(const char *group, uint64_t event)
{
    struct perf_event_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.size = sizeof attr;
    attr.type = type_of(group);
    attr.config = event;
    attr.disabled = 1;
    return (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
}

/* Reads of the disk itself, which no cache of the kernel answers. */
static void read_disk(const char *path)
{
    void *block = NULL;
    const int fd = open(path, O_RDONLY | O_DIRECT);
    if (fd < 0 || posix_memalign(&block, BLOCK, BLOCK) != 0)
        die("%s cannot be opened", path);
    for (unsigned i = 0; i < READS; i++)
        if (pread(fd, block, BLOCK, (off_t)i * BLOCK) != BLOCK)
            die("%s cannot be read", path);
    free(block);
    close(fd);
}

/* What reads of `disk` count in `group`. */
static void count(const char *group, const char *disk, uint64_t counts[EVENTS])
{
    int counters[EVENTS];
    for (unsigned i = 0; i < EVENTS; i++) {
        counters[i] = open_counter(group, i);
        if (counters[i] >= 0)
            ioctl(counters[i], PERF_EVENT_IOC_ENABLE, 0);
    }
    read_disk(disk);
    for (unsigned i = 0; i < EVENTS; i++) {
        counts[i] = 0;
        if (counters[i] < 0)
            continue;
        ioctl(counters[i], PERF_EVENT_IOC_DISABLE, 0);
        if (read(counters[i], &counts[i], sizeof counts[i]) != sizeof counts[i])
            die("a counter of %s cannot be read", group);
        close(counters[i]);
        printf("smmu_count: %s: event %u: %lu\n", group, i, (unsigned long)counts[i]);
    }
}

int main(int argc, char **argv)
{
    uint64_t tcu[EVENTS], tbu[EVENTS];
    if (argc != 4)
        die("wants a disk, a group of the TCU and one of a TBU");
    count(argv[2], argv[1], tcu);
    count(argv[3], argv[1], tbu);
    if (tcu[CYCLES] == 0 || tbu[CYCLES] == 0)
        die("no clock cycle was counted");
    if (tbu[TRANSACTION] < READS)
        die("%u reads were %lu transactions", READS, (unsigned long)tbu[TRANSACTION]);
    if (tbu[TLB_MISS] == 0 || tbu[TLB_MISS] > tbu[TRANSACTION])
        die("%lu of them missed", (unsigned long)tbu[TLB_MISS]);
    if (tcu[TRANSACTION] == 0 || tcu[TABLE_ACCESS] == 0)
        die("the TCU was not asked");
    if (tbu[TABLE_ACCESS] != 0)
        die("a TBU walked tables");
    printf("smmu_count: as it should be\n");
    return 0;
}
