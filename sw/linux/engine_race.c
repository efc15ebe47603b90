/* SPDX-License-Identifier: Apache-2.0 */
/* Processes race for the platform's DMA engines with pointers of their own. All have their data at
 * the same addresses, and in each word whose it is: a translation of another process, or one of a
 * page that is somebody else's by now, shows. A crowd uses all engines while a thread of each
 * process takes pages away, changes rights and forks; other processes are killed under their DMA.
 * Before that, what the driver and the engine refuse. Usage: engine_race ENGINE... Ends at the
 * first thing that is wrong. */
#include "sva_crowd.h"
#include "sva_engine.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE        4096U
#define PAGES       16U
#define BYTES       (PAGES * PAGE)
#define WORDS       (BYTES / sizeof(uint64_t))
#define CROWD       4U /* processes */
#define ROUNDS      24U
#define VICTIMS     12U
#define FIRST_PLACE 0x10000000000UL /* where each process has its data */

/* A process's data: pages of `shaken` come and go, the others are left alone but by forks. */
struct place {
    uint64_t own[WORDS];
    uint64_t copy[WORDS];
    uint64_t shaken[WORDS];
    uint64_t copy_of_shaken[WORDS];
    struct step steps[4];
    uint8_t rest[PAGE - 4 * sizeof(struct step)];
};

static struct place *const place = (struct place *)FIRST_PLACE;
static char **engines; /* their files' names */
static unsigned engine_count;
static uint64_t owner; /* of this process, in the upper half of each word */
static volatile bool over;

static int open_engine(unsigned which)
{
    return check(open(engines[which % engine_count], O_RDWR), engines[which % engine_count]);
}

static void make_place(void)
{
    if (mmap(place, sizeof *place, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != place)
        die("no memory at %p", (void *)place);
}

static void set_step(unsigned which, const void *source, void *destination, unsigned next)
{
    place->steps[which] = (struct step){
        .source = (uintptr_t)source,
        .destination = (uintptr_t)destination,
        .length = BYTES,
        .flags = next == which ? LAST : 0,
        .next = (uintptr_t)&place->steps[next],
    };
}

/* --- what is refused --- */

static void expect_end(struct dma_sva_run run, uint32_t error, const void *where, const char *what)
{
    if (run.error != error || run.fault_addr != (uintptr_t)where)
        die("%s: error %u at 0x%llx", what, run.error, run.fault_addr);
}

static void refused_steps(int engine)
{
    const uint8_t *second = (const uint8_t *)place->copy + PAGE;

    memset(place->own, 0x11, BYTES);
    set_step(0, place->own, place->copy, 0);
    check(mprotect((uint8_t *)place->copy + PAGE, PAGE, PROT_READ), "mprotect");
    const struct dma_sva_run run = run_steps(engine, place->steps);
    expect_end(run, DESTINATION_REFUSED, second, "a page that only can be read");
    if (run.bytes != PAGE || place->copy[PAGE / 8 - 1] != place->own[0] || *second != 0)
        die("0x%llx bytes were written before a page that only can be read", run.bytes);
    check(munmap((uint8_t *)place->own + 2 * PAGE, PAGE), "munmap");
    check(mprotect((uint8_t *)place->copy + PAGE, PAGE, PROT_READ | PROT_WRITE), "mprotect");
    expect_end(run_steps(engine, place->steps), SOURCE_REFUSED, (uint8_t *)place->own + 2 * PAGE,
               "a hole");
    const struct step *nowhere = (const struct step *)((uint8_t *)place->own + 2 * PAGE);
    expect_end(run_steps(engine, nowhere), LIST_REFUSED, nowhere, "a list in a hole");
}

/* A child has the file, but other memory. */
static void refused_child(int engine)
{
    struct dma_sva_run run = {.descriptors = (uintptr_t)place->steps};
    int status;

    fflush(NULL);
    const pid_t child = check(fork(), "fork");
    if (child == 0)
        _exit(ioctl(engine, DMA_SVA_RUN, &run) == -1 && errno == EPERM ? 0 : 1);
    check(waitpid(child, &status, 0), "waitpid");
    if (status != 0)
        die("a child may use the memory of its parent");
}

static void refusals(void)
{
    const int engine = open_engine(0);

    make_place();
    refused_steps(engine);
    refused_child(engine);
    check(munmap(place, sizeof *place), "munmap");
    close(engine);
    say("what is refused is told, with its address");
}

/* --- the crowd --- */

static void expect_own(const uint64_t *data, const char *what)
{
    for (size_t i = 0; i < WORDS; i++) {
        const uint64_t word = ((volatile const uint64_t *)data)[i];
        if (word != 0 && word >> 32 != owner >> 32)
            die("%s: word %zu is 0x%lx, and its owner 0x%lx", what, i, word, owner);
    }
}

static void look(void)
{
    expect_own(place->copy, "a copy, in a child");
}

/* One thing after another is done to one page after another. */
static void shake(unsigned turn)
{
    uint8_t *page = (uint8_t *)place->shaken + turn * 7 % PAGES * PAGE;

    shake_page(page, PAGE, turn, look);
}

static void *shake_until_over(void *turns)
{
    for (; !over; ++*(unsigned *)turns)
        shake(*(unsigned *)turns);
    return NULL;
}

/* Pages that are shaken may be refused; a copy of what is left alone is complete. */
static void one_round(int engine, unsigned round)
{
    for (size_t i = 0; i < WORDS; i++)
        place->own[i] = owner | round << 16 | i;
    set_step(0, place->own, place->copy, 1);
    set_step(1, place->copy, place->shaken, 2);
    set_step(2, place->shaken, place->copy_of_shaken, 2);
    const struct dma_sva_run run = run_steps(engine, place->steps);
    if (run.error != NO_ERROR && run.fault_addr - (uintptr_t)place->shaken >= BYTES)
        die("round %u: error %u at 0x%llx", round, run.error, run.fault_addr);
    if (memcmp(place->own, place->copy, BYTES) != 0)
        die("round %u: the copy is another", round);
    expect_own(place->copy_of_shaken, "what was shaken");
}

static void one_of_the_crowd(unsigned which)
{
    pthread_t shaker;
    unsigned turns = 0;
    int files[engine_count];

    owner = (UINT64_C(0xc0de0000) | which) << 32;
    make_place();
    for (unsigned i = 0; i < engine_count; i++)
        files[i] = open_engine(i);
    if (pthread_create(&shaker, NULL, shake_until_over, &turns) != 0)
        die("no thread");
    for (unsigned round = 1; round <= ROUNDS; round++)
        one_round(files[(which + round) % engine_count], round);
    over = true;
    pthread_join(shaker, NULL);
    say("process %u of the crowd: %u rounds, shaken %u times", which, ROUNDS, turns);
    exit(0);
}

/* --- the victims --- */

/* Says so once the engine has been through the list. */
static void *throw_away(void *begun)
{
    volatile const uint64_t *last = &place->copy[WORDS - 1];
    bool said = false;

    for (unsigned turn = 0;; turn++) {
        check(madvise((uint8_t *)place->shaken + turn % PAGES * PAGE, PAGE, MADV_DONTNEED),
              "MADV_DONTNEED");
        if (!said && *last != 0)
            said = check((int)write(*(int *)begun, "", 1), "pipe") == 1;
    }
    return NULL;
}

/* A list without end, of pages that are thrown away all the while. */
static void be_a_victim(unsigned which, int begun)
{
    pthread_t thrower;

    owner = (UINT64_C(0xdead0000) | which) << 32;
    make_place();
    for (size_t i = 0; i < WORDS; i++)
        place->own[i] = owner | i;
    set_step(0, place->own, place->shaken, 1);
    set_step(1, place->own, place->copy, 0);
    const int engine = open_engine(which);
    if (pthread_create(&thrower, NULL, throw_away, &begun) != 0)
        die("no thread");
    const struct dma_sva_run run = run_steps(engine, place->steps);
    die("victim %u: its list ends with error %u at 0x%llx", which, run.error, run.fault_addr);
}

/* What a victim had is for others, who find the engine at rest. */
static void expect_free(unsigned which)
{
    static uint64_t from = 0x1234, to;
    const int engine = open_engine(which);

    to = 0;
    if (engine_copies(engine, (uintptr_t)&from, (uintptr_t)&to, sizeof to).status != DONE ||
        to != from)
        die("the engine that victim %u had does not copy", which);
    close(engine);
}

int main(int argc, char **argv)
{
    pid_t crowd[CROWD];

    if (argc < 2)
        die("usage: engine_race ENGINE...");
    engines = argv + 1;
    engine_count = (unsigned)argc - 1;
    refusals();
    begin_crowd(crowd, CROWD, one_of_the_crowd);
    await_crowd(crowd, CROWD);
    for (unsigned i = 0; i < VICTIMS; i++) {
        kill_at_work(i, be_a_victim);
        expect_free(i);
    }
    say("%u processes were killed under their DMA", VICTIMS);
    return 0;
}
