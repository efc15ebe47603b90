/* SPDX-License-Identifier: Apache-2.0 */
/* Registers as rows of a table, and the one routine that applies them to accesses of software. */
#ifndef VP_REGS_H
#define VP_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One register, or `count` of them that lie `stride` bytes apart. `dev` of the functions is that of
 * the access. All but name, offset and width may be left out.
 *
 * A register reads as what `get` says, else as a member of the structure `dev` points to, else as
 * `value`. A write goes to `set`, else to the bits `writable` and `w1c` of the member, else
 * nowhere. Where there are several, get_nth() and set_nth() are told which, from 0 on. */
struct vp_reg {
    const char *name; /* as its specification has it */
    uint32_t offset;
    uint8_t width; /* bytes: 1, 2, 4 or 8 */
    uint8_t sizes; /* of accesses, as in struct vp_regs; 0: those of the frame up to `width` */
    uint8_t member_size; /* VP_REG_MEMBER() sets both */
    uint32_t member;
    uint16_t count;  /* 0: one */
    uint16_t stride; /* of several; 0: `width` */

    uint64_t (*get)(const void *dev); /* without side effect */
    uint64_t (*get_nth)(const void *dev, unsigned index);
    uint64_t value;
    uint64_t hidden; /* bits that are kept and read as 0 */
    /* The side effect of a read; not called for a debugger. */
    void (*taken)(void *dev);

    /* Gets the whole register: bytes that the access left out are as `get` or the member has them,
     * `hidden` bits too. */
    void (*set)(void *dev, uint64_t value);
    void (*set_nth)(void *dev, unsigned index, uint64_t value);
    uint64_t writable; /* bits that take what is written */
    uint64_t w1c;      /* bits that writing 1 clears */
    /* Writes are ignored while it answers false. */
    bool (*guard)(const void *dev);
};

/* The member of a register that is one of a kind; it has 4 or 8 bytes. */
#define VP_REG_MEMBER(type, name)                                                                  \
    .member = offsetof(type, name), .member_size = sizeof(((type *)0)->name)

/* The registers of a frame. Sets of access sizes are the sum of the sizes: 4 | 8. Bytes without
 * a row are reserved, RAZ/WI for the sizes of the frame. */
struct vp_regs {
    const struct vp_reg *rows; /* by ascending offset, none inside another */
    size_t count;
    uint64_t size; /* bytes of the frame: VP_DECERR beyond */
    uint8_t sizes; /* VP_SLVERR for others, and for what is not aligned */
    uint8_t align; /* of all accesses, beside that to their size: a power of two; 0: none */
    bool extends;  /* a write narrower than its register is one of all of it, zero-extended */
    bool pairs;    /* 8 bytes that are no register of 8 are two accesses, the lower first */
};

/* Accesses, in the form and with the answers of struct vp_frame. */
enum vp_status vp_regs_read(const struct vp_regs *regs, void *dev, uint64_t offset, unsigned size,
                            uint64_t *value);
enum vp_status vp_regs_peek(const struct vp_regs *regs, const void *dev, uint64_t offset,
                            unsigned size, uint64_t *value);
enum vp_status vp_regs_write(const struct vp_regs *regs, void *dev, uint64_t offset, unsigned size,
                             uint64_t value);

/* The name of the register that has the byte at `offset`; NULL if that is reserved. */
const char *vp_regs_name(const struct vp_regs *regs, uint64_t offset);

#ifdef __cplusplus
}
#endif

#endif
