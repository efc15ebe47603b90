/* SPDX-License-Identifier: Apache-2.0 */
/* PL011 transmitter. The UART is used as firmware left it; only a full FIFO is waited for. */
#include "uart.h"

#include "io.h"
#include "platform.h"

#define UARTDR      (PLATFORM_UART_BASE + 0x00)
#define UARTFR      (PLATFORM_UART_BASE + 0x18)
#define UARTFR_BUSY (1U << 3)
#define UARTFR_TXFF (1U << 5)

static void send(char c)
{
    while (read32(UARTFR) & UARTFR_TXFF)
        ;
    write32(UARTDR, (unsigned char)c);
}

void uart_put(char c)
{
    if (c == '\n')
        send('\r');
    send(c);
}

void uart_flush(void)
{
    while (read32(UARTFR) & UARTFR_BUSY)
        ;
}
