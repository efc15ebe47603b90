/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration space of 4096 bytes: what each bit keeps, clears or does, given by rows. */
#ifndef PCIE_CONFIG_H
#define PCIE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PCIE_CONFIG_SIZE  4096u
#define PCIE_CONFIG_HOOKS 32u

/* One register. Bits in neither `rw` nor `w1c` are read-only. */
struct pcie_config_row {
    uint16_t offset; /* from the start of the structure it belongs to */
    uint8_t width;   /* 1, 2 or 4 bytes */
    uint32_t reset;
    uint32_t rw;  /* take what is written */
    uint32_t w1c; /* cleared by writing 1 */
    /* Called once after each access of software that wrote any of it; `owner` is that of
     * pcie_config_init(). */
    void (*written)(void *owner);
    uint32_t sticky; /* left alone by every reset */
    uint32_t spared; /* ... by a function-level reset, beside what is sticky */
};

/* All above the function is reset, or the function alone. */
enum pcie_reset { PCIE_RESET_CONVENTIONAL, PCIE_RESET_FUNCTION_LEVEL, PCIE_RESETS };

struct pcie_config_hook {
    uint16_t offset;
    uint8_t width;
    void (*written)(void *owner);
};

struct pcie_config {
    uint8_t value[PCIE_CONFIG_SIZE];
    uint8_t reset[PCIE_CONFIG_SIZE];
    uint8_t rw[PCIE_CONFIG_SIZE];
    uint8_t w1c[PCIE_CONFIG_SIZE];
    uint8_t kept[PCIE_RESETS][PCIE_CONFIG_SIZE];
    struct pcie_config_hook hooks[PCIE_CONFIG_HOOKS];
    unsigned hook_count;
    uint16_t last_cap; /* where the next capability is linked from */
    uint16_t next_cap; /* where it goes */
    uint16_t last_ext; /* the same of extended capabilities; 0: there is none yet */
    uint16_t next_ext;
    void *owner;
};

/* Empty: everything reads as zero and ignores writes. */
void pcie_config_init(struct pcie_config *config, void *owner);

/* Add `count` rows of a structure that begins at `base`. */
void pcie_config_rows(struct pcie_config *config, unsigned base, const struct pcie_config_row *rows,
                      size_t count);

/* Append a capability of `size` bytes to the list that begins at 0x34; row offsets are relative to
 * it. Returns where it is. The caller keeps within the first 256 bytes. */
uint16_t pcie_config_add_cap(struct pcie_config *config, uint8_t id, uint16_t size,
                             const struct pcie_config_row *rows, size_t count);

/* The same of an extended capability; the list begins at 0x100. */
uint16_t pcie_config_add_ext(struct pcie_config *config, uint16_t id, uint8_t version,
                             uint16_t size, const struct pcie_config_row *rows, size_t count);

/* Set the reset value and the present one; for what is known when the function is built. */
void pcie_config_preset(struct pcie_config *config, unsigned offset, unsigned width,
                        uint32_t value);

/* The function's own view of 1, 2 or 4 bytes: no masks, no hooks. */
uint32_t pcie_config_get(const struct pcie_config *config, unsigned offset, unsigned width);
void pcie_config_put(struct pcie_config *config, unsigned offset, unsigned width, uint32_t value);

/* An access of software: 1, 2 or 4 bytes, aligned, within PCIE_CONFIG_SIZE. */
void pcie_config_write(struct pcie_config *config, unsigned offset, unsigned width, uint32_t value);

/* Reset values, but for what this reset leaves alone. No hooks are called. */
void pcie_config_reset(struct pcie_config *config, enum pcie_reset kind);

#ifdef __cplusplus
}
#endif

#endif
