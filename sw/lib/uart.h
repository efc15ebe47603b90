/* SPDX-License-Identifier: Apache-2.0 */
/* The console: a PL011, transmit only, polled. */
#ifndef LIB_UART_H
#define LIB_UART_H

/* Send one character; a line feed becomes carriage return and line feed. */
void uart_put(char c);

/* Wait until the last character has left the line. */
void uart_flush(void);

#endif
