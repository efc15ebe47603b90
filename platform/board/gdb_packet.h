/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of the GDB remote serial protocol: framing, checksums, escapes, hexadecimal. */
#ifndef VP_GDB_PACKET_H
#define VP_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { GDB_PACKET_MAX = 0x4000 }; /* bytes of a packet's contents, escapes removed */

/* Pieces that a byte can complete. */
enum gdb_input {
    GDB_NOTHING,   /* nothing yet, or nothing of interest */
    GDB_PACKET,    /* a sound packet: data[0] to data[size - 1] of the reader */
    GDB_DAMAGED,   /* a packet whose checksum is wrong, or that is too long: to be sent again */
    GDB_INTERRUPT, /* Ctrl-C, outside of packets */
};

/* The receiving end; all zero at the start. `data` is valid until the next byte is fed, and ends
 * with a zero byte that does not count. */
struct gdb_reader {
    uint8_t data[GDB_PACKET_MAX + 1];
    size_t size;
    int state;
    bool escaped;
    bool too_long;
    uint8_t sum;
    uint8_t expected;
};

enum gdb_input gdb_reader_feed(struct gdb_reader *reader, uint8_t byte);

/* Wraps `size` bytes as a packet into `out`, which has room for GDB_WRAPPED_SIZE(size) bytes.
 * Returns how many were written. */
#define GDB_WRAPPED_SIZE(size) (2 * (size) + 4)
size_t gdb_packet_wrap(const void *data, size_t size, uint8_t *out);

/* Two digits for each byte, without an end. Decoding returns false for what is no digit. */
void gdb_hex_encode(const void *data, size_t size, char *out);
bool gdb_hex_decode(const char *digits, size_t size, void *out);

/* Value of a hexadecimal digit, -1 if it is none. */
int gdb_hex_digit(uint8_t c);

#ifdef __cplusplus
}
#endif

#endif
