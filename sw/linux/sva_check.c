/* SPDX-License-Identifier: Apache-2.0 */
/* A DMA function or DMA engine that shares the address space of this process: what the process does
 * to its memory, and what is done to it, has to hold for the device too. Usage: sva_check DEVICE,
 * which is an address of PCI or the file of an engine. Ends at the first thing that is wrong. */
#include "sva_engine.h"
#include "sva_ring.h"

#include <sys/wait.h>

#define PAGE       4096U
#define PAGES      64U
#define BYTES      (PAGES * PAGE)
#define HUGE_BYTES (2U << 20)
#define SEED       0x5eedU

static struct function function;
static struct ring ring;
static int engine = -1; /* its file, if the device is one */

/* --- memory --- */

static void *memory(size_t size, int flags)
{
    void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

    if (data == MAP_FAILED)
        die("no memory");
    return data;
}

static void release(void *data, size_t size)
{
    check(munmap(data, size), "munmap");
}

/* Whether word i of `data` is number i of the sequence of `seed`. */
static void expect_pattern(const uint64_t *data, size_t size, uint64_t seed, const char *what)
{
    for (size_t i = 0; i < size / sizeof *data; i++) {
        if (data[i] != number(seed, i))
            die("%s: word %zu is 0x%lx instead of 0x%lx", what, i, data[i], number(seed, i));
    }
}

static void expect_zeros(const uint64_t *data, size_t size, const char *what)
{
    for (size_t i = 0; i < size / sizeof *data; i++) {
        if (data[i] != 0)
            die("%s: word %zu is 0x%lx", what, i, data[i]);
    }
}

static void set_pattern(uint64_t *data, size_t size, uint64_t seed)
{
    for (size_t i = 0; i < size / sizeof *data; i++)
        data[i] = number(seed, i);
}

static unsigned long kilobytes_of(const char *file, const char *field)
{
    unsigned long value = 0;
    char line[128];
    FILE *stream = fopen(file, "r");

    if (!stream)
        die("%s: %s", file, strerror(errno));
    while (fgets(line, sizeof line, stream)) {
        if (strncmp(line, field, strlen(field)) == 0)
            value = strtoul(line + strlen(field), NULL, 10);
    }
    fclose(stream);
    return value;
}

/* How many pages the kernel counts as FIELD in the mapping that begins at `data`. */
static unsigned long pages_of(const void *data, const char *field)
{
    char line[256], wanted[32];
    bool there = false;
    FILE *stream = fopen("/proc/self/smaps", "r");

    if (!stream)
        die("smaps: %s", strerror(errno));
    snprintf(wanted, sizeof wanted, "%lx-", (uintptr_t)data);
    while (fgets(line, sizeof line, stream)) {
        there = there || strncmp(line, wanted, strlen(wanted)) == 0;
        if (there && strncmp(line, field, strlen(field)) == 0) {
            fclose(stream);
            return strtoul(line + strlen(field), NULL, 10) * 1024 / PAGE;
        }
    }
    die("smaps: no %s of %p", field, data);
}

/* --- what the function does --- */

static struct descriptor carry_out(struct descriptor work)
{
    return engine >= 0 ? engine_runs(engine, work) : run(&ring, work);
}

static struct descriptor device_writes(void *data, uint32_t size, uint64_t seed)
{
    return carry_out((struct descriptor){
        .control = WRITE_PATTERN, .destination = (uintptr_t)data, .length = size, .pattern = seed});
}

static struct descriptor device_reads(const void *data, uint32_t size)
{
    return carry_out(
        (struct descriptor){.control = CRC, .source = (uintptr_t)data, .length = size});
}

static void expect_written(void *data, uint32_t size, uint64_t seed, const char *what)
{
    const struct descriptor done = device_writes(data, size, seed);

    if (done.status != DONE || done.bytes != size)
        die("%s: the write ends with status %u after 0x%lx bytes", what, done.status, done.bytes);
}

/* The function reads what this process reads. */
static void expect_same(const void *data, uint32_t size, const char *what)
{
    const struct descriptor done = device_reads(data, size);
    const uint32_t crc = crc32(data, size);

    if (done.status != DONE || done.crc != crc)
        die("%s: status %u, CRC 0x%x instead of 0x%x", what, done.status, done.crc, crc);
}

static void expect_refused(const void *data, uint32_t size, const void *where, const char *what)
{
    const struct descriptor done = device_reads(data, size);

    if (done.status != SOURCE_FAILED || done.fault_addr != (uintptr_t)where)
        die("%s: the read at %p ends with status %u at 0x%lx", what, data, done.status,
            done.fault_addr);
}

/* --- what the process does, and what is done to it --- */

static void untouched_memory(void)
{
    uint64_t *data = memory(BYTES, MAP_PRIVATE);

    expect_written(data, BYTES, SEED, "pages that nobody has touched");
    expect_pattern(data, BYTES, SEED, "pages that the function touched first");
    release(data, BYTES);
    data = memory(BYTES, MAP_PRIVATE);
    expect_same(data, BYTES, "pages that the function reads first");
    expect_written(data, BYTES, SEED, "pages of zeros that are shared until written");
    expect_pattern(data, BYTES, SEED, "pages that were zeros");
    release(data, BYTES);
}

static void memory_of_the_process(void)
{
    uint64_t *source = memory(BYTES, MAP_PRIVATE), *copy = memory(BYTES, MAP_PRIVATE);

    set_pattern(source, BYTES, SEED + 1);
    const struct descriptor done = carry_out((struct descriptor){.control = COPY,
                                                                 .source = (uintptr_t)source,
                                                                 .destination = (uintptr_t)copy,
                                                                 .length = BYTES});
    if (done.status != DONE)
        die("copy: status %u", done.status);
    expect_pattern(copy, BYTES, SEED + 1, "copy");
    release(source, BYTES);
    release(copy, BYTES);
}

/* Stack and static data, not whole pages. */
static void any_memory(void)
{
    static uint64_t fixed[1000];
    uint64_t local[1000];

    expect_written(fixed, sizeof fixed, SEED, "static data");
    expect_pattern(fixed, sizeof fixed, SEED, "static data");
    expect_written(local, sizeof local, SEED + 1, "the stack");
    expect_pattern(local, sizeof local, SEED + 1, "the stack");
    expect_pattern(fixed, sizeof fixed, SEED, "static data afterwards");
}

/* Runs `body` in a child, which has to be content. */
static void in_child(void (*body)(uint64_t *data), uint64_t *data, const int *go)
{
    char word;

    if (read(*go, &word, 1) != 1)
        _exit(2);
    body(data);
    _exit(0);
}

/* A child that waits at `*go` and then runs `body`. */
static pid_t fork_child(void (*body)(uint64_t *data), uint64_t *data, int *go)
{
    int ends[2];

    fflush(NULL);
    check(pipe(ends), "pipe");
    const pid_t child = check(fork(), "fork");
    if (child == 0)
        in_child(body, data, &ends[0]);
    close(ends[0]);
    *go = ends[1];
    return child;
}

static void expect_content(pid_t child, int go, const char *what)
{
    int status;

    if (write(go, "", 1) != 1)
        die("%s: %s", what, strerror(errno));
    close(go);
    check(waitpid(child, &status, 0), "waitpid");
    if (status != 0)
        die("%s: the child ends with status 0x%x", what, (unsigned)status);
}

static void child_has_the_old(uint64_t *data)
{
    expect_pattern(data, BYTES, SEED, "memory of the child");
}

static void child_has_the_new(uint64_t *data)
{
    expect_pattern(data, BYTES, SEED + 1, "memory that the child shares");
}

/* After a fork pages are shared until one of both writes; the function writes for the parent. */
static void copy_on_write(void)
{
    uint64_t *data = memory(BYTES, MAP_PRIVATE);
    int go;

    expect_written(data, BYTES, SEED, "before a fork");
    const pid_t child = fork_child(child_has_the_old, data, &go);
    expect_written(data, BYTES, SEED + 1, "after a fork");
    expect_pattern(data, BYTES, SEED + 1, "after a fork");
    expect_content(child, go, "copy on write");
    expect_same(data, BYTES, "after the child");
    release(data, BYTES);
}

static void shared_memory(void)
{
    uint64_t *data = memory(BYTES, MAP_SHARED);
    int go;

    const pid_t child = fork_child(child_has_the_new, data, &go);
    expect_written(data, BYTES, SEED + 1, "a shared mapping");
    expect_content(child, go, "a shared mapping");
    release(data, BYTES);
}

/* Writes are posted: one that is refused has no status, and no effect. */
static void protection(void)
{
    uint64_t *data = memory(BYTES, MAP_PRIVATE);

    expect_written(data, BYTES, SEED, "before mprotect");
    check(mprotect(data, BYTES, PROT_READ), "mprotect");
    device_writes(data, BYTES, SEED + 1);
    expect_pattern(data, BYTES, SEED, "memory that only can be read");
    expect_same(data, BYTES, "memory that only can be read");
    check(mprotect(data, BYTES, PROT_NONE), "mprotect");
    expect_refused(data, BYTES, data, "memory without rights");
    device_writes(data, BYTES, SEED + 1);
    check(mprotect(data, BYTES, PROT_READ | PROT_WRITE), "mprotect");
    expect_pattern(data, BYTES, SEED, "memory that was without rights");
    expect_written(data, BYTES, SEED + 1, "memory with all rights again");
    expect_pattern(data, BYTES, SEED + 1, "memory with all rights again");
    release(data, BYTES);
}

static void unmapping(void)
{
    uint8_t *data = memory(BYTES, MAP_PRIVATE);

    expect_written(data, BYTES, SEED, "before munmap");
    release(data + BYTES / 2, PAGE);
    expect_refused(data, BYTES, data + BYTES / 2, "a hole");
    expect_same(data, BYTES / 2, "what lies before a hole");
    expect_same(data + BYTES / 2 + PAGE, BYTES / 2 - PAGE, "what lies behind a hole");
    const void *again = mmap(data + BYTES / 2, PAGE, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (again != data + BYTES / 2)
        die("the hole cannot be mapped");
    expect_same(data, BYTES, "a page of zeros where the hole was");
    release(data, BYTES);
    expect_refused(data, PAGE, data, "all unmapped");
}

static void thrown_away(void)
{
    uint64_t *data = memory(BYTES, MAP_PRIVATE);

    expect_written(data, BYTES, SEED, "before MADV_DONTNEED");
    check(madvise(data, BYTES, MADV_DONTNEED), "MADV_DONTNEED");
    expect_same(data, BYTES, "after MADV_DONTNEED");
    expect_zeros(data, BYTES, "after MADV_DONTNEED");
    expect_written(data, BYTES, SEED + 1, "once more");
    expect_pattern(data, BYTES, SEED + 1, "once more");
    release(data, BYTES);
}

static void moved(void)
{
    uint64_t *data = memory(BYTES, MAP_PRIVATE), *room = memory(BYTES, MAP_PRIVATE);

    expect_written(data, BYTES, SEED, "before mremap");
    expect_written(room, BYTES, SEED + 1, "what mremap replaces");
    if (mremap(data, BYTES, BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, room) != room)
        die("mremap: %s", strerror(errno));
    expect_refused(data, PAGE, data, "where the memory was");
    expect_pattern(room, BYTES, SEED, "where the memory is");
    expect_same(room, BYTES, "where the memory is");
    release(room, BYTES);
}

/* A block of 2 MiB becomes pages while the function uses it. */
static void huge_pages(void)
{
    uint8_t *room = memory(2 * HUGE_BYTES, MAP_PRIVATE);
    uint8_t *data = (uint8_t *)(((uintptr_t)room + HUGE_BYTES - 1) & ~(uintptr_t)(HUGE_BYTES - 1));
    const unsigned long before = kilobytes_of("/proc/self/smaps_rollup", "AnonHugePages:");

    check(madvise(data, HUGE_BYTES, MADV_HUGEPAGE), "MADV_HUGEPAGE");
    expect_written(data, HUGE_BYTES, SEED, "a huge page");
    if (kilobytes_of("/proc/self/smaps_rollup", "AnonHugePages:") != before + HUGE_BYTES / 1024)
        die("what the function touched first is no huge page");
    expect_pattern((uint64_t *)data, HUGE_BYTES, SEED, "a huge page");
    check(mprotect(data + PAGE, PAGE, PROT_READ), "mprotect");
    expect_written(data, PAGE, SEED + 1, "before a page that only can be read");
    device_writes(data + PAGE, PAGE, SEED + 1);
    expect_written(data + 2 * PAGE, HUGE_BYTES - 2 * PAGE, SEED + 1, "behind it");
    expect_pattern((uint64_t *)data, PAGE, SEED + 1, "before a page that only can be read");
    for (unsigned i = PAGE / 8; i < 2 * PAGE / 8; i++) {
        if (((uint64_t *)data)[i] != number(SEED, i))
            die("a page of a huge page that only can be read: word %u is wrong", i);
    }
    expect_pattern((uint64_t *)(data + 2 * PAGE), HUGE_BYTES - 2 * PAGE, SEED + 1, "behind it");
    check(madvise(data + 2 * PAGE, PAGE, MADV_DONTNEED), "MADV_DONTNEED");
    expect_same(data, HUGE_BYTES, "a huge page that was split");
    expect_zeros((uint64_t *)(data + 2 * PAGE), PAGE, "the page that was thrown away");
    release(data + 3 * PAGE, PAGE);
    expect_refused(data, HUGE_BYTES, data + 3 * PAGE, "a hole in a huge page");
    release(room, 2 * HUGE_BYTES);
}

/* Pages go to disk, and come back when the function wants them. */
static void swapped_out(void)
{
    uint64_t *data = memory(BYTES, MAP_PRIVATE);

    expect_written(data, BYTES, SEED, "before MADV_PAGEOUT");
    check(madvise(data, BYTES, MADV_PAGEOUT), "MADV_PAGEOUT");
    const unsigned long on_disk = kilobytes_of("/proc/self/smaps_rollup", "Swap:");
    if (on_disk < BYTES / 1024 / 2) /* the kernel keeps a few that CPUs have at hand */
        die("%lu KiB are on disk", on_disk);
    const struct descriptor done = carry_out((struct descriptor){
        .control = CHECK_PATTERN, .source = (uintptr_t)data, .length = BYTES, .pattern = SEED});
    if (done.status != DONE)
        die("what was on disk: status %u at 0x%lx", done.status, done.fault_addr);
    expect_pattern(data, BYTES, SEED, "what was on disk");
    release(data, BYTES);
}

/* The kernel learns from the tables which pages the function has read, and which it has written. */
static void marked_pages(void)
{
    const unsigned read = 10, written = 5;
    cpu_set_t all, one;

    /* the kernel has lists of pages for each CPU, and looks at this one's */
    check(sched_getaffinity(0, sizeof all, &all), "affinity");
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    check(sched_setaffinity(0, sizeof one, &one), "affinity");
    /* with a page without rights on either side, so that nothing becomes part of the mapping */
    uint8_t *room = memory(BYTES + 2 * PAGE, MAP_PRIVATE), *data = room + PAGE;

    check(mprotect(room, PAGE, PROT_NONE), "mprotect");
    check(mprotect(data + BYTES, PAGE, PROT_NONE), "mprotect");
    set_pattern((uint64_t *)data, BYTES, SEED);
    check(madvise(data, BYTES, MADV_FREE), "MADV_FREE"); /* neither referenced nor dirty any more */
    check(madvise(data, BYTES, MADV_FREE), "MADV_FREE"); /* those that the CPU has put off */
    if (pages_of(data, "Referenced:") != 0 || pages_of(data, "LazyFree:") != PAGES)
        die("of %u pages that are free %lu are referenced and %lu clean", PAGES,
            pages_of(data, "Referenced:"), pages_of(data, "LazyFree:"));
    if (device_reads(data, read * PAGE).status != DONE)
        die("pages that may be freed cannot be read");
    expect_written(data + BYTES / 2, written * PAGE, SEED + 1, "pages that may be freed");
    if (pages_of(data, "Referenced:") != read + written)
        die("%lu pages are referenced", pages_of(data, "Referenced:"));
    if (pages_of(data, "LazyFree:") != PAGES - written)
        die("%lu pages are clean", pages_of(data, "LazyFree:"));
    release(room, BYTES + 2 * PAGE);
    check(sched_setaffinity(0, sizeof all, &all), "affinity");
}

static void foreign_pasids(void)
{
    const struct descriptor work = {.control = CRC | OWN_PASID,
                                    .pasid = function.pasid + 1,
                                    .source = (uintptr_t)&ring,
                                    .length = 64};
    const struct descriptor done = run(&ring, work);

    if (done.status != SOURCE_FAILED)
        die("a PASID that nobody has: status %u", done.status);
}

/* The ring of a process that is not bound any more cannot read its descriptors. */
static void unbound(void)
{
    static struct descriptor slots[1U << LOG2_RING] __attribute__((aligned(64)));

    close(function.bound);
    start_own_ring(&ring, &function, 1, slots);
    submit(&ring, (struct descriptor){.control = FILL, .destination = (uintptr_t)slots});
    const time_t end = seconds_up() + PATIENCE_SECONDS;
    while (!(get32(&ring, RING_STATUS) & RING_HALTED)) {
        if (seconds_up() >= end)
            die("a ring goes on without the process");
    }
}

static const struct {
    const char *name;
    void (*body)(void);
    bool of_rings; /* an engine has none */
} parts[] = {
    {"untouched memory", untouched_memory, false},
    {"memory of the process", memory_of_the_process, false},
    {"static data and the stack", any_memory, false},
    {"copy on write after fork", copy_on_write, false},
    {"shared memory", shared_memory, false},
    {"mprotect", protection, false},
    {"munmap", unmapping, false},
    {"MADV_DONTNEED", thrown_away, false},
    {"mremap", moved, false},
    {"huge pages and their split", huge_pages, false},
    {"pages on disk", swapped_out, false},
    {"pages read and written", marked_pages, false},
    {"a PASID that nobody has", foreign_pasids, true},
    {"no use after the process is unbound", unbound, true},
};

static void use_function(const char *name)
{
    map_function(&function, name);
    bind_process(&function);
    say("%s has PASID %u of this process", name, function.pasid);
    start_own_ring(&ring, &function, 0,
                   memory(PAGE, MAP_PRIVATE)); /* a page that is not there yet */
}

int main(int argc, char **argv)
{
    if (argc != 2)
        die("usage: sva_check DEVICE");
    if (argv[1][0] == '/')
        engine = check(open(argv[1], O_RDWR), argv[1]);
    else
        use_function(argv[1]);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (engine >= 0 && parts[i].of_rings)
            continue;
        parts[i].body();
        say("%s", parts[i].name);
    }
    say("all are right with %s", argv[1]);
    return 0;
}
