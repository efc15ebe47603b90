/* SPDX-License-Identifier: Apache-2.0 */
/* The PL011: characters in and out, FIFOs, interrupts, registers (Arm DDI 0183 chapter 3). */
#include "pl011/pl011.h"

#include <stdlib.h>

#include "pl011_fifo.h"
#include "vp/regs.h"

#define DR_ERRORS  0x700u /* framing, parity, break */
#define DR_OVERRUN (1u << 11)

#define FR_CTS  (1u << 0)
#define FR_DSR  (1u << 1)
#define FR_DCD  (1u << 2)
#define FR_RXFE (1u << 4)
#define FR_TXFF (1u << 5)
#define FR_RXFF (1u << 6)
#define FR_TXFE (1u << 7)
#define FR_RI   (1u << 8)
#define FR_BUSY (1u << 3)

#define LCR_H_FEN        (1u << 4)
#define LCR_H_WLEN_SHIFT 5
#define LCR_H_WLEN       0x3u

#define CR_UARTEN   (1u << 0)
#define CR_LBE      (1u << 7)
#define CR_TXE      (1u << 8)
#define CR_RXE      (1u << 9)
#define CR_DTR      (1u << 10)
#define CR_RTS      (1u << 11)
#define CR_OUT1     (1u << 12)
#define CR_OUT2     (1u << 13)
#define CR_CTSEN    (1u << 15)
#define CR_WRITABLE 0xff87u

#define INT_RI         (1u << 0)
#define INT_CTS        (1u << 1)
#define INT_DCD        (1u << 2)
#define INT_DSR        (1u << 3)
#define INT_RX         (1u << 4)
#define INT_TX         (1u << 5)
#define INT_RT         (1u << 6)
#define INT_OE         (1u << 10)
#define INT_ALL        0x7ffu
#define RSR_OE         (1u << 3)
#define DR_ERROR_SHIFT 8

struct pl011 {
    struct pl011_ops ops;
    void *user;
    struct vp_wires wires;
    struct fifo rx;
    struct fifo tx;
    bool overrun;   /* a character was lost and none received since */
    bool out;       /* level of UARTINTR */
    uint32_t modem; /* CTS, DSR, DCD and RI as UARTFR shows them */
    uint32_t rsr;
    uint32_t ilpr;
    uint32_t ibrd;
    uint32_t fbrd;
    uint32_t lcr_h;
    uint32_t cr;
    uint32_t ifls;
    uint32_t imsc;
    uint32_t ris;
    uint32_t dmacr;
};

/* --- Derived state --- */

static unsigned depth(const pl011 *u)
{
    return u->lcr_h & LCR_H_FEN ? PL011_FIFO_DEPTH : 1;
}

/* Characters at a trigger level of UARTIFLS; reserved encodings act as 7/8. Without FIFOs the
 * receiver triggers on its one character, the transmitter when it has none. */
static unsigned trigger_level(unsigned select)
{
    static const uint8_t levels[8] = {4, 8, 16, 24, 28, 28, 28, 28};

    return levels[select & 7];
}

static unsigned rx_trigger(const pl011 *u)
{
    return u->lcr_h & LCR_H_FEN ? trigger_level(u->ifls >> 3) : 1;
}

static unsigned tx_trigger(const pl011 *u)
{
    return u->lcr_h & LCR_H_FEN ? trigger_level(u->ifls) : 0;
}

static uint8_t word_mask(const pl011 *u)
{
    unsigned bits = 5 + (u->lcr_h >> LCR_H_WLEN_SHIFT & LCR_H_WLEN);

    return (uint8_t)((1u << bits) - 1);
}

static bool receiving(const pl011 *u)
{
    return (u->cr & (CR_UARTEN | CR_RXE)) == (CR_UARTEN | CR_RXE);
}

static bool transmitting(const pl011 *u)
{
    bool clear_to_send = !(u->cr & CR_CTSEN) || u->modem & FR_CTS;

    return (u->cr & (CR_UARTEN | CR_TXE)) == (CR_UARTEN | CR_TXE) && clear_to_send;
}

/* In loopback the modem outputs come back as inputs: RTS as CTS, DTR as DSR, Out1 as DCD, Out2 as
 * RI. */
static uint32_t modem_inputs(uint32_t cr)
{
    if (!(cr & CR_LBE))
        return FR_CTS | FR_DSR | FR_DCD;
    return (cr & CR_RTS ? FR_CTS : 0) | (cr & CR_DTR ? FR_DSR : 0) | (cr & CR_OUT1 ? FR_DCD : 0) |
           (cr & CR_OUT2 ? FR_RI : 0);
}

static uint32_t modem_interrupts(uint32_t changed)
{
    return (changed & FR_CTS ? INT_CTS : 0) | (changed & FR_DSR ? INT_DSR : 0) |
           (changed & FR_DCD ? INT_DCD : 0) | (changed & FR_RI ? INT_RI : 0);
}

/* 32 bit periods of 16 * (IBRD + FBRD / 64) UARTCLK cycles. */
static uint64_t timeout_cycles(const pl011 *u)
{
    return 8 * ((uint64_t)u->ibrd * 64 + u->fbrd);
}

static void update_interrupt(pl011 *u)
{
    bool level = u->ris & u->imsc;

    if (level == u->out)
        return;
    u->out = level;
    if (u->wires.set)
        u->wires.set(u->wires.user, 0, level);
}

/* --- Characters --- */

static bool accept(pl011 *u, uint8_t byte, unsigned errors)
{
    if (u->rx.level >= depth(u)) {
        u->overrun = true;
        u->rsr |= RSR_OE;
        u->ris |= INT_OE;
        return false;
    }
    u->overrun = false;
    fifo_push(&u->rx, (uint16_t)((errors & DR_ERRORS) | (byte & word_mask(u))));
    u->ris |= (errors & DR_ERRORS) >> 1; /* FE, PE, BE, one bit lower than in UARTDR */
    if (u->rx.level >= rx_trigger(u))
        u->ris |= INT_RX;
    if (u->ops.start_timeout)
        u->ops.start_timeout(u->user, timeout_cycles(u));
    return true;
}

/* Each character that leaves counts as one that takes the FIFO down through its trigger level, if
 * the level is then at or below it: in an instant the FIFO cannot be seen to fill. */
static void transmit(pl011 *u)
{
    while (u->tx.level && transmitting(u)) {
        uint8_t byte = (uint8_t)(fifo_pop(&u->tx) & word_mask(u));

        if (u->cr & CR_LBE) {
            if (receiving(u))
                accept(u, byte, 0);
        } else if (u->ops.tx) {
            u->ops.tx(u->user, byte);
        }
        if (u->tx.level <= tx_trigger(u))
            u->ris |= INT_TX;
    }
}

bool pl011_can_receive(const pl011 *u)
{
    return receiving(u) && !(u->cr & CR_LBE) && u->rx.level < depth(u);
}

bool pl011_receive(pl011 *u, uint8_t byte, unsigned errors)
{
    bool kept = receiving(u) && !(u->cr & CR_LBE) && accept(u, byte, errors);

    update_interrupt(u);
    return kept;
}

void pl011_receive_timeout(pl011 *u)
{
    if (u->rx.level)
        u->ris |= INT_RT;
    update_interrupt(u);
}

/* --- Registers --- */

static uint64_t get_dr(const void *dev)
{
    const pl011 *u = dev;

    return fifo_front(&u->rx) | (u->overrun ? DR_OVERRUN : 0);
}

/* The side effect of reading UARTDR. */
static void take_character(void *dev)
{
    pl011 *u = dev;

    u->rsr = (u->rsr & RSR_OE) | (fifo_pop(&u->rx) & DR_ERRORS) >> DR_ERROR_SHIFT;
    if (u->rx.level < rx_trigger(u))
        u->ris &= ~INT_RX;
    if (u->rx.level == 0)
        u->ris &= ~INT_RT;
    update_interrupt(u);
}

/* A character written to a full FIFO is lost. */
static void set_dr(void *dev, uint64_t value)
{
    pl011 *u = dev;

    if (u->tx.level < depth(u))
        fifo_push(&u->tx, value & 0xff);
    if (u->tx.level > tx_trigger(u))
        u->ris &= ~INT_TX;
    transmit(u);
}

static void set_ecr(void *dev, uint64_t value)
{
    pl011 *u = dev;

    (void)value;
    u->rsr = 0;
}

static uint64_t get_fr(const void *dev)
{
    const pl011 *u = dev;

    return u->modem | (u->rx.level == 0 ? FR_RXFE : 0) | (u->tx.level >= depth(u) ? FR_TXFF : 0) |
           (u->rx.level >= depth(u) ? FR_RXFF : 0) | (u->tx.level == 0 ? FR_TXFE : FR_BUSY);
}

/* Turning the FIFOs on or off empties them. */
static void set_lcr_h(void *dev, uint64_t value)
{
    pl011 *u = dev;

    if ((u->lcr_h ^ value) & LCR_H_FEN) {
        fifo_clear(&u->rx);
        fifo_clear(&u->tx);
        u->ris &= ~(INT_RX | INT_RT);
    }
    u->lcr_h = value & 0xff;
}

static void set_cr(void *dev, uint64_t value)
{
    pl011 *u = dev;
    uint32_t modem = modem_inputs((uint32_t)value);

    u->cr = value & CR_WRITABLE;
    u->ris |= modem_interrupts(modem ^ u->modem);
    u->modem = modem;
    transmit(u);
}

static uint64_t get_mis(const void *dev)
{
    const pl011 *u = dev;

    return u->ris & u->imsc;
}

static void set_icr(void *dev, uint64_t value)
{
    pl011 *u = dev;

    u->ris &= ~(uint32_t)value;
}

#define MEMBER(name) VP_REG_MEMBER(struct pl011, name)

/* The revision is r1p5. */
static const struct vp_reg rows[] = {
    {"UARTDR", 0x000, 4, .get = get_dr, .taken = take_character, .set = set_dr},
    {"UARTRSR/UARTECR", 0x004, 4, MEMBER(rsr), .set = set_ecr},
    {"UARTFR", 0x018, 4, .get = get_fr},
    {"UARTILPR", 0x020, 4, MEMBER(ilpr), .writable = 0xff},
    {"UARTIBRD", 0x024, 4, MEMBER(ibrd), .writable = 0xffff},
    {"UARTFBRD", 0x028, 4, MEMBER(fbrd), .writable = 0x3f},
    {"UARTLCR_H", 0x02c, 4, MEMBER(lcr_h), .set = set_lcr_h},
    {"UARTCR", 0x030, 4, MEMBER(cr), .set = set_cr},
    {"UARTIFLS", 0x034, 4, MEMBER(ifls), .writable = 0x3f},
    {"UARTIMSC", 0x038, 4, MEMBER(imsc), .writable = INT_ALL},
    {"UARTRIS", 0x03c, 4, MEMBER(ris)},
    {"UARTMIS", 0x040, 4, .get = get_mis},
    {"UARTICR", 0x044, 4, .set = set_icr},
    {"UARTDMACR", 0x048, 4, MEMBER(dmacr), .writable = 0x7},
    {"UARTPeriphID0", 0xfe0, 4, .value = 0x11},
    {"UARTPeriphID1", 0xfe4, 4, .value = 0x10},
    {"UARTPeriphID2", 0xfe8, 4, .value = 0x34},
    {"UARTPeriphID3", 0xfec, 4, .value = 0x00},
    {"UARTPCellID0", 0xff0, 4, .value = 0x0d},
    {"UARTPCellID1", 0xff4, 4, .value = 0xf0},
    {"UARTPCellID2", 0xff8, 4, .value = 0x05},
    {"UARTPCellID3", 0xffc, 4, .value = 0xb1},
};

static const struct vp_regs regs = {
    .rows = rows,
    .count = sizeof(rows) / sizeof(*rows),
    .size = PL011_SIZE,
    .sizes = 1 | 2 | 4,
    .align = 4,
    .extends = true,
};

static enum vp_status frame_peek(const void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    return vp_regs_peek(&regs, dev, offset, size, value);
}

static enum vp_status frame_read(void *dev, uint64_t offset, unsigned size, uint64_t *value)
{
    return vp_regs_read(&regs, dev, offset, size, value);
}

static enum vp_status frame_write(void *dev, uint64_t offset, unsigned size, uint64_t value)
{
    enum vp_status status = vp_regs_write(&regs, dev, offset, size, value);

    update_interrupt(dev);
    return status;
}

static const char *frame_name(uint64_t offset)
{
    return vp_regs_name(&regs, offset);
}

const struct vp_frame pl011_frame = {
    .read = frame_read, .write = frame_write, .peek = frame_peek, .name = frame_name};

pl011 *pl011_create(const struct pl011_ops *ops, void *user, const struct vp_wires *wires)
{
    pl011 *u = calloc(1, sizeof(*u));

    if (!u)
        return NULL;
    u->ops = *ops;
    u->user = user;
    u->wires = *wires;
    u->cr = CR_TXE | CR_RXE;
    u->ifls = 0x12; /* both at 1/2 */
    u->modem = modem_inputs(u->cr);
    return u;
}

void pl011_destroy(pl011 *u)
{
    free(u);
}
