/* SPDX-License-Identifier: Apache-2.0 */
/* Processes and threads race with DMA into their own address spaces. All have their data at the
 * same addresses, so that a translation of another process, or one of a page that is somebody
 * else's by now, shows in the data: each word tells whose it is.
 *
 * On the first function one process after another is killed in the middle of its DMA. On the second
 * a crowd works at once, a ring for each thread, while one thread of each takes pages away, changes
 * rights and forks. Usage: sva_race VICTIMS' CROWD'S. Ends at the first thing that is wrong. */
#include "sva_crowd.h"
#include "sva_ring.h"

#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>

#define PAGE        4096U
#define CROWD       4U /* processes */
#define THREADS     3U /* of each, that have rings */
#define ROUNDS      12U
#define VICTIMS     24U
#define PAGES       16U
#define BYTES       (PAGES * PAGE)
#define WORDS       (BYTES / sizeof(uint64_t))
#define FIRST_PLACE 0x10000000000UL /* where each process has its data */

/* A thread's data: `steady` is left alone but by forks, `shaken` is not, `copy` is of what is
 * shaken. */
struct place {
    uint64_t steady[WORDS];
    uint64_t shaken[WORDS];
    uint64_t copy[WORDS];
    struct descriptor slots[1U << LOG2_RING];
    uint8_t rest[PAGE - sizeof(struct descriptor) * (1U << LOG2_RING)];
};

static struct place *const places = (struct place *)FIRST_PLACE;
static struct function victims_function, crowd_function;
static pthread_mutex_t *binding; /* shared: who holds it binds or unbinds one of the crowd */
static uint64_t owner;           /* of this process, in the upper half of each word */

static void make_places(unsigned count)
{
    const size_t size = count * sizeof(struct place);

    if (mmap(places, size, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != places)
        die("no memory at %p", (void *)places);
}

/* What the function writes for `thread` of this process in a round. */
static uint64_t tag_of(unsigned thread, unsigned round)
{
    return owner | (uint64_t)thread << 16 | round;
}

static void expect_own(const uint64_t *data, unsigned thread, const char *what)
{
    for (size_t i = 0; i < WORDS; i++) {
        const uint64_t word = ((volatile const uint64_t *)data)[i];
        if (word != 0 && (word & ~UINT64_C(0xffff)) != tag_of(thread, 0))
            die("%s: word %zu of thread %u is 0x%lx, and its owner 0x%lx", what, i, thread, word,
                owner);
    }
}

/* --- the crowd --- */

static volatile unsigned threads_left;

static void steady_round(struct ring *ring, struct place *place, unsigned thread, unsigned round)
{
    const uint64_t seed = tag_of(thread, round);
    struct descriptor done = run(ring, (struct descriptor){.control = WRITE_PATTERN,
                                                           .destination = (uintptr_t)place->steady,
                                                           .length = BYTES,
                                                           .pattern = seed});
    if (done.status != DONE)
        die("thread %u: write ends with status %u", thread, done.status);
    done = run(ring, (struct descriptor){.control = CHECK_PATTERN,
                                         .source = (uintptr_t)place->steady,
                                         .length = BYTES,
                                         .pattern = seed});
    if (done.status != DONE)
        die("thread %u: what was written is read with status %u", thread, done.status);
    for (size_t i = 0; i < WORDS; i++) {
        if (place->steady[i] != number(seed, i))
            die("thread %u: word %zu is 0x%lx", thread, i, place->steady[i]);
    }
}

/* Reads of pages without rights end with an error, which is right as well. */
static void shaken_round(struct ring *ring, struct place *place, unsigned thread, unsigned round)
{
    run(ring, (struct descriptor){.control = FILL,
                                  .destination = (uintptr_t)place->shaken,
                                  .length = BYTES,
                                  .pattern = tag_of(thread, round)});
    const struct descriptor done =
        run(ring, (struct descriptor){.control = COPY,
                                      .source = (uintptr_t)place->shaken,
                                      .destination = (uintptr_t)place->copy,
                                      .length = BYTES});
    if (done.status != DONE && done.status != SOURCE_FAILED)
        die("thread %u: copy ends with status %u", thread, done.status);
    expect_own(place->copy, thread, "copied");
}

static void *work(void *argument)
{
    const unsigned thread = (unsigned)(uintptr_t)argument;
    const unsigned number_of_ring = (unsigned)(owner >> 32 & 0xff) * THREADS + thread;
    struct place *place = &places[thread];
    struct ring ring;

    start_own_ring(&ring, &crowd_function, number_of_ring, place->slots);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        steady_round(&ring, place, thread, round);
        shaken_round(&ring, place, thread, round);
    }
    set32(&ring, RING_CTRL, 0);
    __atomic_sub_fetch(&threads_left, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void look(void)
{
    for (unsigned thread = 0; thread < THREADS; thread++)
        expect_own(places[thread].copy, thread, "copied, in a child");
}

/* One thing after another is done to a page of each thread in turn. */
static void shake(unsigned turn)
{
    struct place *place = &places[turn % THREADS];
    uint8_t *page = (uint8_t *)place->shaken + turn * 7 % PAGES * PAGE;

    shake_page(page, PAGE, turn, look);
}

static void make_lock(void)
{
    pthread_mutexattr_t shared;

    binding = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (binding == MAP_FAILED)
        die("no memory");
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(binding, &shared);
}

/* The driver unbinds who was bound last: this process once more. */
static void unbind_process(void)
{
    const int first = crowd_function.bound;

    pthread_mutex_lock(binding);
    bind_process(&crowd_function);
    close(first);
    close(crowd_function.bound);
    pthread_mutex_unlock(binding);
}

static void one_of_the_crowd(unsigned which)
{
    pthread_t threads[THREADS];

    owner = UINT64_C(0xc0) << 56 | (uint64_t)which << 32;
    make_places(THREADS);
    pthread_mutex_lock(binding);
    bind_process(&crowd_function);
    pthread_mutex_unlock(binding);
    threads_left = THREADS;
    for (uintptr_t i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, work, (void *)i) != 0)
            die("no thread");
    }
    unsigned turns = 0;
    for (; threads_left; turns++)
        shake(turns);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    unbind_process();
    say("process %u of the crowd, PASID %u: %u rounds of %u threads, shaken %u times", which,
        crowd_function.pasid, ROUNDS, THREADS, turns);
    exit(0);
}

/* --- the victims --- */

/* Keeps its ring busy until it is killed, and says so once all of its pages are there: Linux frees
 * the records of faults that are outstanding when the last process that a device has goes, and
 * handles them all the same. */
static void be_a_victim(unsigned which, int begun)
{
    struct ring ring;

    owner = UINT64_C(0xdead) << 48 | (uint64_t)which << 32;
    make_places(1);
    bind_process(&victims_function);
    start_own_ring(&ring, &victims_function, 0, places->slots);
    for (unsigned round = 1;; round++) {
        struct descriptor *slot =
            submit(&ring, (struct descriptor){.control = FILL,
                                              .destination = (uintptr_t)places->shaken,
                                              .length = BYTES,
                                              .pattern = tag_of(0, round & 0xffff)});
        submit(&ring, (struct descriptor){.control = COPY,
                                          .source = (uintptr_t)places->shaken,
                                          .destination = (uintptr_t)places->steady,
                                          .length = BYTES});
        if (outcome(&ring, slot).status != DONE)
            die("a victim's own memory is refused");
        for (size_t i = 0; i < WORDS; i += PAGE / sizeof(uint64_t)) {
            if (places->shaken[i] != tag_of(0, round & 0xffff))
                die("victim %u has 0x%lx at word %zu", which, places->shaken[i], i);
        }
        if (round == 3 && write(begun, "", 1) != 1)
            die("%s", strerror(errno));
    }
}

/* The ring of who has gone has nothing to work on: it halts, or is idle. */
static void expect_rest(unsigned which)
{
    const struct ring ring = {.registers = victims_function.registers};
    const time_t end = seconds_up() + PATIENCE_SECONDS;

    while (get32(&ring, RING_STATUS) & 1) {
        if (seconds_up() >= end)
            die("the ring of victim %u goes on", which);
        sched_yield();
    }
    set32(&ring, RING_CTRL, 0);
}

int main(int argc, char **argv)
{
    pid_t crowd[CROWD];

    if (argc != 3)
        die("usage: sva_race DEVICE DEVICE");
    map_function(&victims_function, argv[1]);
    map_function(&crowd_function, argv[2]);
    make_lock();
    begin_crowd(crowd, CROWD, one_of_the_crowd);
    for (unsigned i = 0; i < VICTIMS; i++) {
        kill_at_work(i, be_a_victim);
        expect_rest(i);
    }
    say("%u processes were killed while their memory was in use", VICTIMS);
    await_crowd(crowd, CROWD);
    say("nobody had another's data");
    return 0;
}
