/* SPDX-License-Identifier: Apache-2.0 */
/* A packet is $contents#cc: cc is the sum of the contents as sent, modulo 256; } escapes a byte. */
#include "gdb_packet.h"

enum { OUTSIDE, CONTENTS, CHECK_HIGH, CHECK_LOW };

enum { CTRL_C = 3, ESCAPE = '}', ESCAPE_FLIP = 0x20 };

int gdb_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void gdb_hex_encode(const void *data, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

bool gdb_hex_decode(const char *digits, size_t size, void *out)
{
    uint8_t *bytes = out;
    for (size_t i = 0; i < size; i++) {
        int high = gdb_hex_digit((uint8_t)digits[2 * i]);
        int low = high < 0 ? -1 : gdb_hex_digit((uint8_t)digits[2 * i + 1]);
        if (low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static void begin(struct gdb_reader *r)
{
    r->state = CONTENTS;
    r->size = 0;
    r->sum = 0;
    r->escaped = false;
    r->too_long = false;
}

static void take(struct gdb_reader *r, uint8_t byte)
{
    if (r->size == GDB_PACKET_MAX)
        r->too_long = true;
    else
        r->data[r->size++] = byte;
}

static void feed_contents(struct gdb_reader *r, uint8_t byte)
{
    if (byte == '#') {
        r->state = CHECK_HIGH;
        return;
    }
    r->sum = (uint8_t)(r->sum + byte);
    if (r->escaped)
        take(r, byte ^ ESCAPE_FLIP);
    else if (byte != ESCAPE)
        take(r, byte);
    r->escaped = byte == ESCAPE && !r->escaped;
}

static enum gdb_input finish(struct gdb_reader *r, int high, int low)
{
    r->state = OUTSIDE;
    r->data[r->size] = 0;
    bool sound = high >= 0 && low >= 0 && (high << 4 | low) == r->sum;
    return sound && !r->too_long && !r->escaped ? GDB_PACKET : GDB_DAMAGED;
}

enum gdb_input gdb_reader_feed(struct gdb_reader *r, uint8_t byte)
{
    if (byte == '$') { /* never inside a packet: the last one was cut off */
        begin(r);
        return GDB_NOTHING;
    }
    switch (r->state) {
    case CONTENTS:
        feed_contents(r, byte);
        return GDB_NOTHING;
    case CHECK_HIGH:
        r->expected = byte;
        r->state = CHECK_LOW;
        return GDB_NOTHING;
    case CHECK_LOW:
        return finish(r, gdb_hex_digit(r->expected), gdb_hex_digit(byte));
    default:
        return byte == CTRL_C ? GDB_INTERRUPT : GDB_NOTHING;
    }
}

static bool needs_escape(uint8_t byte)
{
    return byte == '$' || byte == '#' || byte == '}' || byte == '*';
}

size_t gdb_packet_wrap(const void *data, size_t size, uint8_t *out)
{
    const uint8_t *bytes = data;
    uint8_t *p = out, sum = 0;
    char check[2];
    *p++ = '$';
    for (size_t i = 0; i < size; i++) {
        bool escape = needs_escape(bytes[i]);
        if (escape)
            *p++ = ESCAPE;
        *p++ = (uint8_t)(escape ? bytes[i] ^ ESCAPE_FLIP : bytes[i]);
    }
    for (const uint8_t *sent = out + 1; sent < p; sent++)
        sum = (uint8_t)(sum + *sent);
    gdb_hex_encode(&sum, 1, check);
    *p++ = '#';
    *p++ = (uint8_t)check[0];
    *p++ = (uint8_t)check[1];
    return (size_t)(p - out);
}
