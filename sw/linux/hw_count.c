/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what it does itself with the counters of the CPU: instructions and cycles of a loop whose
 * length is known, and overflows after a sample period. Ends with status 1 at the first thing that
 * is wrong. */
#define _GNU_SOURCE /* for F_SETSIG */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/perf_event.h>

enum { ROUNDS = 1000000, LOOP_INSNS = 3, PERIOD = 300000 };
enum { SLACK = 2000 }; /* instructions of user space around the loop */

/* Raw event numbers. */
enum { EXC_TAKEN = 0x09, SVC_CALLS = 100 };

static volatile sig_atomic_t overflows;

static _Noreturn __attribute__((format(printf, 1, 2))) void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("hw_count: ");
    vprintf(format, args);
    printf("\n");
    va_end(args);
    exit(1);
}

static void loop(unsigned long rounds)
{
    __asm__ volatile("1: add x1, x1, #1\n"
                     "   subs %0, %0, #1\n"
                     "   b.ne 1b\n"
                     : "+r"(rounds)
                     :
                     : "x1", "cc");
}

/* A counter of this process in user space, which begins when it is enabled. */
static int open_counter(uint32_t type, uint64_t event, uint64_t period)
{
    struct perf_event_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.size = sizeof attr;
    attr.type = type;
    attr.config = event;
    attr.sample_period = period;
    attr.wakeup_events = period != 0;
    attr.disabled = 1;
    attr.exclude_kernel = 1;
    attr.exclude_hv = 1;
    const int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
    if (fd < 0)
        die("event 0x%lx cannot be opened", (unsigned long)event);
    return fd;
}

static void enable(int fd)
{
    ioctl(fd, PERF_EVENT_IOC_RESET, 0);
    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
}

static uint64_t finish(int fd)
{
    uint64_t value;
    ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
    if (read(fd, &value, sizeof value) != sizeof value)
        die("a counter cannot be read");
    close(fd);
    return value;
}

static uint64_t count_loop(uint32_t type, uint64_t event)
{
    const int fd = open_counter(type, event, 0);
    enable(fd);
    loop(ROUNDS);
    return finish(fd);
}

static void check_loop(const char *name, uint64_t event)
{
    const uint64_t count = count_loop(PERF_TYPE_HARDWARE, event);
    const uint64_t least = (uint64_t)ROUNDS * LOOP_INSNS;
    printf("hw_count: %lu %s\n", (unsigned long)count, name);
    if (count < least || count > least + SLACK)
        die("%lu %s are not those of the loop", (unsigned long)count, name);
}

/* Every call is an exception taken from user space. */
static void check_exceptions(void)
{
    const int fd = open_counter(PERF_TYPE_RAW, EXC_TAKEN, 0);
    enable(fd);
    for (unsigned i = 0; i < SVC_CALLS; i++)
        syscall(SYS_getppid);
    const uint64_t count = finish(fd);
    printf("hw_count: %lu exceptions taken\n", (unsigned long)count);
    if (count < SVC_CALLS || count > 2 * SVC_CALLS)
        die("%u calls took %lu exceptions", SVC_CALLS, (unsigned long)count);
}

static void on_overflow(int signal)
{
    (void)signal;
    overflows++;
}

static void check_overflows(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_overflow;
    sigaction(SIGUSR1, &action, NULL);
    const int fd = open_counter(PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, PERIOD);
    fcntl(fd, F_SETFL, O_ASYNC);
    fcntl(fd, F_SETSIG, SIGUSR1);
    fcntl(fd, F_SETOWN, getpid());
    enable(fd);
    loop(ROUNDS);
    finish(fd);
    printf("hw_count: %d overflows\n", (int)overflows);
    if (overflows != ROUNDS * LOOP_INSNS / PERIOD)
        die("%d overflows instead of %d", (int)overflows, ROUNDS * LOOP_INSNS / PERIOD);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    check_loop("instructions", PERF_COUNT_HW_INSTRUCTIONS);
    check_loop("cycles", PERF_COUNT_HW_CPU_CYCLES);
    check_exceptions();
    check_overflows();
    return 0;
}
