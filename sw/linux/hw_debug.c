/* SPDX-License-Identifier: Apache-2.0 */
/* A debugger of its own child: steps it instruction by instruction, sets a hardware breakpoint and
 * a watchpoint, and sees each where it has to be. Ends with status 1 at the first thing that is
 * wrong.
 */
#define _GNU_SOURCE /* for TRAP_HWBKPT */
#include <elf.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <asm/ptrace.h>

enum { STEPS = 1000, LOOP_INSNS = 3, ROUNDS = 1 << 20 };

/* Control words of PTRACE_SETREGSET: enabled, at EL0; kind of access, bytes. */
enum { ENABLED = 1, EL0 = 2 << 1, LOAD = 1 << 3, STORE = 2 << 3, ALL_BYTES = 0xff << 5 };
enum { INSN_BYTES = 0xf << 5 };

/* What the child does: three instructions that go around, then a call, then a load and a store. */
void loop(unsigned long rounds);
__asm__(".globl loop\n"
        "loop: add x1, x1, #1\n"
        "      subs x0, x0, #1\n"
        "      b.ne loop\n"
        "      ret\n");

static volatile uint64_t watched[2];

static __attribute__((noinline)) void landmark(void)
{
    __asm__ volatile("nop");
}

static _Noreturn __attribute__((format(printf, 1, 2))) void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("hw_debug: ");
    vprintf(format, args);
    printf("\n");
    va_end(args);
    exit(1);
}

static _Noreturn void child(void)
{
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    loop(ROUNDS);
    landmark();
    watched[0] = 1;
    watched[1] = watched[0] + 1;
    _exit(watched[1] == 2 ? 42 : 1);
}

/* Waits until the child stops for `signal`. */
static void expect_stop(pid_t pid, int signal)
{
    int status;
    if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
        die("the child is gone, status 0x%x", status);
    if (WSTOPSIG(status) != signal)
        die("the child stopped for signal %d instead of %d", WSTOPSIG(status), signal);
}

static struct user_pt_regs registers(pid_t pid)
{
    struct user_pt_regs regs;
    struct iovec io = {&regs, sizeof regs};
    if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io) != 0)
        die("no registers");
    return regs;
}

static siginfo_t reason(pid_t pid)
{
    siginfo_t info;
    if (ptrace(PTRACE_GETSIGINFO, pid, NULL, &info) != 0)
        die("no siginfo");
    return info;
}

static void resume(pid_t pid, int how)
{
    if (ptrace(how, pid, NULL, NULL) != 0)
        die("request %d failed", how);
}

/* Slot 0 of the breakpoints or watchpoints. */
static void set_slot(pid_t pid, int set, uintptr_t address, uint32_t control)
{
    struct user_hwdebug_state state;
    struct iovec io = {&state, sizeof state};
    memset(&state, 0, sizeof state);
    if (ptrace(PTRACE_GETREGSET, pid, set, &io) != 0)
        die("no set 0x%x", set);
    printf("hw_debug: set 0x%x has %u slots\n", set, state.dbg_info & 0xff);
    state.dbg_regs[0].addr = address;
    state.dbg_regs[0].ctrl = control;
    io.iov_len = offsetof(struct user_hwdebug_state, dbg_regs[1]);
    if (ptrace(PTRACE_SETREGSET, pid, set, &io) != 0)
        die("slot 0 of set 0x%x cannot be 0x%x at 0x%lx", set, control, (unsigned long)address);
}

/* From somewhere in the loop every step leads to its next instruction. */
static void step_through_loop(pid_t pid)
{
    const uintptr_t start = (uintptr_t)loop;
    while (registers(pid).pc != start) {
        resume(pid, PTRACE_SINGLESTEP);
        expect_stop(pid, SIGTRAP);
    }
    const uint64_t rounds = registers(pid).regs[0];
    for (unsigned i = 1; i <= STEPS; i++) {
        resume(pid, PTRACE_SINGLESTEP);
        expect_stop(pid, SIGTRAP);
        const uintptr_t pc = registers(pid).pc;
        if (pc != start + 4 * (i % LOOP_INSNS))
            die("step %u leads to 0x%lx", i, (unsigned long)pc);
    }
    if (rounds - registers(pid).regs[0] != (STEPS + 1) / LOOP_INSNS)
        die("%u steps changed x0 by %lu", STEPS, (unsigned long)(rounds - registers(pid).regs[0]));
    printf("hw_debug: %u steps\n", STEPS);
}

static void run_to_breakpoint(pid_t pid)
{
    set_slot(pid, NT_ARM_HW_BREAK, (uintptr_t)landmark, ENABLED | EL0 | INSN_BYTES);
    resume(pid, PTRACE_CONT);
    expect_stop(pid, SIGTRAP);
    const siginfo_t info = reason(pid);
    if (registers(pid).pc != (uintptr_t)landmark || info.si_code != TRAP_HWBKPT)
        die("breakpoint at 0x%lx, code %d", (unsigned long)registers(pid).pc, info.si_code);
    set_slot(pid, NT_ARM_HW_BREAK, 0, 0);
    printf("hw_debug: breakpoint\n");
}

/* One store to the first word; the load of it is not watched. */
static void run_to_watchpoint(pid_t pid)
{
    set_slot(pid, NT_ARM_HW_WATCH, (uintptr_t)watched, ENABLED | EL0 | STORE | ALL_BYTES);
    resume(pid, PTRACE_CONT);
    expect_stop(pid, SIGTRAP);
    siginfo_t info = reason(pid);
    if (info.si_addr != (void *)watched || info.si_code != TRAP_HWBKPT)
        die("store watched at %p, code %d", info.si_addr, info.si_code);
    if (ptrace(PTRACE_PEEKDATA, pid, watched, NULL) != 0)
        die("the store was done before the watchpoint");
    set_slot(pid, NT_ARM_HW_WATCH, (uintptr_t)watched, ENABLED | EL0 | LOAD | ALL_BYTES);
    resume(pid, PTRACE_CONT);
    expect_stop(pid, SIGTRAP);
    info = reason(pid);
    if (info.si_addr != (void *)watched || ptrace(PTRACE_PEEKDATA, pid, watched, NULL) != 1)
        die("load watched at %p", info.si_addr);
    set_slot(pid, NT_ARM_HW_WATCH, 0, 0);
    printf("hw_debug: watchpoints\n");
}

int main(void)
{
    int status;
    setvbuf(stdout, NULL, _IOLBF, 0);
    const pid_t pid = fork();
    if (pid == 0)
        child();
    expect_stop(pid, SIGSTOP);
    step_through_loop(pid);
    run_to_breakpoint(pid);
    run_to_watchpoint(pid);
    resume(pid, PTRACE_CONT);
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 42)
        die("the child ended with status 0x%x", status);
    printf("hw_debug: the child ends as it would have alone\n");
    return 0;
}
