/* SPDX-License-Identifier: Apache-2.0 */
/* Device register accesses, barriers and system registers: the few things C cannot say. */
#ifndef LIB_IO_H
#define LIB_IO_H

#include <stdint.h>

static inline uint32_t read32(uintptr_t address)
{
    return *(volatile uint32_t *)address;
}

static inline uint64_t read64(uintptr_t address)
{
    return *(volatile uint64_t *)address;
}

static inline void write8(uintptr_t address, uint8_t value)
{
    *(volatile uint8_t *)address = value;
}

static inline void write32(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

static inline void write64(uintptr_t address, uint64_t value)
{
    *(volatile uint64_t *)address = value;
}

/* What was stored before is visible to every observer, devices included, before what follows. */
static inline void dsb(void)
{
    __asm__ volatile("dsb sy" ::: "memory");
}

/* Stores before are seen before stores after, by devices too. */
static inline void dmb_store(void)
{
    __asm__ volatile("dmb oshst" ::: "memory");
}

/* What a device was seen to announce is read only after the announcement. */
static inline void dmb_load(void)
{
    __asm__ volatile("dmb oshld" ::: "memory");
}

static inline void isb(void)
{
    __asm__ volatile("isb" ::: "memory");
}

static inline void wfi(void)
{
    __asm__ volatile("dsb sy\n\twfi" ::: "memory");
}

#define STRINGIFY_(x) #x
#define STRINGIFY(x)  STRINGIFY_(x)

/* `name` is a register name, or S<op0>_<op1>_C<n>_C<m>_<op2>. */
#define read_sysreg(name)                                                                          \
    ({                                                                                             \
        uint64_t value_;                                                                           \
        __asm__ volatile("mrs %0, " STRINGIFY(name) : "=r"(value_)::"memory");                     \
        value_;                                                                                    \
    })
#define write_sysreg(name, value)                                                                  \
    __asm__ volatile("msr " STRINGIFY(name) ", %0" ::"r"((uint64_t)(value)) : "memory")

#endif
