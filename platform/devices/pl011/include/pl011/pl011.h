/* SPDX-License-Identifier: Apache-2.0 */
/* A PL011 UART as a C library (Arm DDI 0183, revision r1p5: FIFOs of 32 bytes).
 *
 * Characters leave at once while the transmitter is enabled and clear to send, and wait in the
 * transmit FIFO otherwise. The modem inputs are those of a ready terminal: CTS, DSR and DCD are
 * asserted, RI is not. DMA and the integration test registers have no effect. */
#ifndef PL011_PL011_H
#define PL011_PL011_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vp/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PL011_FIFO_DEPTH 32u
#define PL011_SIZE       0x1000u /* bytes of the register frame */

typedef struct pl011 pl011;

/* The host. Every function gets `user`; all are optional. */
struct pl011_ops {
    /* A character leaves on UARTTXD, cut to the word length. */
    void (*tx)(void *user, uint8_t byte);
    /* Call pl011_receive_timeout() once `cycles` periods of UARTCLK from now; replaces any earlier
     * request. The cycles are 32 bit periods at the baud rate in force. */
    void (*start_timeout)(void *user, uint64_t cycles);
};

/* Build a UART in reset. `wires` has one line, 0: UARTINTR. Both tables are copied. Returns NULL if
 * memory runs out. The caller owns the result. */
pl011 *pl011_create(const struct pl011_ops *ops, void *user, const struct vp_wires *wires);
void pl011_destroy(pl011 *uart); /* NULL is fine */

/* The register frame; the device is the pl011. Accesses of 1, 2 or 4 bytes at the address of a
 * register; others end with VP_SLVERR, past the frame with VP_DECERR. Reserved: RAZ/WI. */
extern const struct vp_frame pl011_frame;

/* Errors that come with a received character, as in UARTDR. */
#define PL011_FRAMING_ERROR (1u << 8)
#define PL011_PARITY_ERROR  (1u << 9)
#define PL011_BREAK_ERROR   (1u << 10)

/* A character arrives on UARTRXD with `errors` (usually 0). Returns false if it was lost: receiver
 * off or in loopback, or FIFO full (an overrun). */
bool pl011_receive(pl011 *uart, uint8_t byte, unsigned errors);

/* Whether pl011_receive() would keep a character; lets a host hold input back. */
bool pl011_can_receive(const pl011 *uart);

/* 32 bit periods passed with no character received. */
void pl011_receive_timeout(pl011 *uart);

#ifdef __cplusplus
}
#endif

#endif
