/* SPDX-License-Identifier: Apache-2.0 */
/* Text on the console UART. */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include <stdarg.h>
#include <stddef.h>

/* Conversions d, u, x, s, c, p and %%; length l and ll; a width, with 0 to pad with zeros or - to
 * align left. Other conversions are printed as they stand. */
void vprintf(const char *format, va_list args);
void printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As vprintf(), into `buffer`, cut to `size` bytes with the NUL. */
void vsnprintf(char *buffer, size_t size, const char *format, va_list args);
void snprintf(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
