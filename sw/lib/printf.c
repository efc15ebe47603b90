/* SPDX-License-Identifier: Apache-2.0 */
/* A small printf: one formatter over a character sink, used for the UART and for buffers. */
#include "printf.h"

#include <stdbool.h>
#include <stdint.h>

#include "uart.h"

/* Where characters go: a buffer with room for `left` of them, or the UART if there is none. */
struct sink {
    char *buffer;
    size_t left;
};

/* One conversion as the format string spells it. */
struct spec {
    bool zero;
    bool left;
    unsigned width;
    unsigned longs;
};

static void put(struct sink *sink, char c)
{
    if (!sink->buffer) {
        uart_put(c);
    } else if (sink->left) {
        *sink->buffer++ = c;
        sink->left--;
    }
}

static void put_padded(struct sink *sink, const struct spec *spec, const char *prefix,
                       const char *text, unsigned length)
{
    unsigned prefix_length = 0;
    while (prefix[prefix_length])
        prefix_length++;
    unsigned total = prefix_length + length;
    unsigned padding = spec->width > total ? spec->width - total : 0;
    bool zero = spec->zero && !spec->left;

    for (unsigned i = 0; !zero && !spec->left && i < padding; i++)
        put(sink, ' ');
    for (unsigned i = 0; i < prefix_length; i++)
        put(sink, prefix[i]);
    for (unsigned i = 0; zero && i < padding; i++)
        put(sink, '0');
    for (unsigned i = 0; i < length; i++)
        put(sink, text[i]);
    for (unsigned i = 0; spec->left && i < padding; i++)
        put(sink, ' ');
}

static void put_number(struct sink *sink, const struct spec *spec, const char *prefix,
                       uint64_t value, unsigned base)
{
    char digits[20];
    unsigned first = sizeof(digits);

    do {
        digits[--first] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    put_padded(sink, spec, prefix, digits + first, sizeof(digits) - first);
}

static void put_string(struct sink *sink, const struct spec *spec, const char *text)
{
    struct spec plain = *spec;
    unsigned length = 0;

    plain.zero = false;
    while (text[length])
        length++;
    put_padded(sink, &plain, "", text, length);
}

static const char *parse_spec(const char *format, struct spec *spec)
{
    *spec = (struct spec){0};
    for (; *format == '0' || *format == '-'; format++) {
        if (*format == '0')
            spec->zero = true;
        else
            spec->left = true;
    }
    for (; *format >= '0' && *format <= '9'; format++)
        spec->width = spec->width * 10 + (unsigned)(*format - '0');
    for (; *format == 'l'; format++)
        spec->longs++;
    return format;
}

static void format_into(struct sink *sink, const char *format, va_list args)
{
    struct spec spec;

    for (; *format; format++) {
        if (*format != '%') {
            put(sink, *format);
            continue;
        }
        format = parse_spec(format + 1, &spec);
        switch (*format) {
        case 'd': {
            int64_t value = spec.longs ? va_arg(args, int64_t) : va_arg(args, int);
            uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
            put_number(sink, &spec, value < 0 ? "-" : "", magnitude, 10);
            break;
        }
        case 'u':
        case 'x': {
            uint64_t value = spec.longs ? va_arg(args, uint64_t) : va_arg(args, unsigned);
            put_number(sink, &spec, "", value, *format == 'u' ? 10 : 16);
            break;
        }
        case 'p':
            put_number(sink, &spec, "0x", (uintptr_t)va_arg(args, void *), 16);
            break;
        case 's':
            put_string(sink, &spec, va_arg(args, const char *));
            break;
        case 'c':
            put(sink, (char)va_arg(args, int));
            break;
        case '\0':
            return;
        default:
            put(sink, *format);
            break;
        }
    }
}

void vprintf(const char *format, va_list args)
{
    struct sink uart = {0};

    format_into(&uart, format, args);
}

void printf(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

void vsnprintf(char *buffer, size_t size, const char *format, va_list args)
{
    struct sink sink = {buffer, size - 1};

    if (!size)
        return;
    format_into(&sink, format, args);
    *sink.buffer = '\0';
}

void snprintf(char *buffer, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(buffer, size, format, args);
    va_end(args);
}
