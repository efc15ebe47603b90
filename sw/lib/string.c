/* SPDX-License-Identifier: Apache-2.0 */
/* Memory functions; whole words when both ends are aligned, so that they work with the MMU off. */
#include "string.h"

#include <stdint.h>

/* Words that may alias objects of any type. */
typedef uint64_t __attribute__((may_alias)) word;

static int word_aligned(uintptr_t addresses)
{
    return addresses % sizeof(word) == 0;
}

/* Lowest address first: right for areas that do not overlap, or move down. */
static void copy_up(uint8_t *d, const uint8_t *s, size_t size)
{
    if (word_aligned((uintptr_t)d | (uintptr_t)s)) {
        for (; size >= sizeof(word); size -= sizeof(word)) {
            *(word *)d = *(const word *)s;
            d += sizeof(word);
            s += sizeof(word);
        }
    }
    while (size--)
        *d++ = *s++;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    copy_up(to, from, size);
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    uint8_t *d = to;
    const uint8_t *s = from;

    if (d <= s || d >= s + size) {
        copy_up(d, s, size);
        return to;
    }
    while (size--)
        d[size] = s[size];
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    uint8_t *d = to;
    word pattern = 0x0101010101010101UL * (uint8_t)byte;

    if (word_aligned((uintptr_t)d)) {
        for (; size >= sizeof(word); size -= sizeof(word)) {
            *(word *)d = pattern;
            d += sizeof(word);
        }
    }
    while (size--)
        *d++ = (uint8_t)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const uint8_t *x = a, *y = b;

    for (; size; size--, x++, y++) {
        if (*x != *y)
            return *x < *y ? -1 : 1;
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}
