/* SPDX-License-Identifier: Apache-2.0 */
/* The ITS commands (IHI 0069 5.3). Each function returns false for a command error; whether LPIs
 * are enabled where they go is no error of the command. */
#include "its_priv.h"

bool its_route(struct its *i, uint32_t device_id, uint32_t event_id, struct its_route *route)
{
    return its_device_get(i, device_id, &route->device) &&
           its_interrupt_get(i, &route->device, event_id, &route->interrupt) &&
           its_collection_get(i, route->interrupt.collection, &route->collection);
}

/* --- Operands --- */

struct command {
    uint64_t word[4];
};

static uint32_t device_id(const struct command *c)
{
    return its_bits32(c->word[0], 63, 32);
}

static uint32_t event_id(const struct command *c)
{
    return its_bits32(c->word[1], 31, 0);
}

static uint16_t collection_id(const struct command *c)
{
    return its_bits16(c->word[2], 15, 0);
}

static bool valid(const struct command *c)
{
    return its_bits(c->word[2], 63, 63);
}

/* RDbase is the number of a PE: GITS_TYPER.PTA is 0. */
static bool pe_number(const struct its *i, uint64_t word, unsigned *pe)
{
    uint64_t number = its_bits(word, 50, 16);

    *pe = (unsigned)number;
    return number < gic_pes(i->gic);
}

static bool route_of(struct its *i, const struct command *c, struct its_route *route)
{
    return its_route(i, device_id(c), event_id(c), route);
}

/* --- Mapping --- */

static bool mapd(struct its *i, const struct command *c)
{
    struct its_device device = {
        .itt = c->word[2] & UINT64_C(0x000fffffffffff00),
        .event_bits = its_bits16(c->word[1], 4, 0) + 1,
    };

    if (!valid(c))
        return its_device_put(i, device_id(c), NULL);
    return device.event_bits <= ITS_EVENT_BITS && its_device_put(i, device_id(c), &device);
}

static bool mapc(struct its *i, const struct command *c)
{
    struct its_collection collection = {0};

    if (!valid(c))
        return its_collection_put(i, collection_id(c), NULL);
    return pe_number(i, c->word[2], &collection.pe) &&
           its_collection_put(i, collection_id(c), &collection);
}

/* The collection need not be mapped yet. */
static bool map_interrupt(struct its *i, const struct command *c, uint32_t intid)
{
    struct its_interrupt interrupt = {.intid = intid, .collection = collection_id(c)};
    struct its_device device;

    return intid >= GIC_FIRST_LPI && intid >> ITS_INTID_BITS == 0 &&
           its_in_table(i, ITS_COLLECTIONS, interrupt.collection) &&
           its_device_get(i, device_id(c), &device) &&
           its_interrupt_put(i, &device, event_id(c), &interrupt);
}

static bool mapti(struct its *i, const struct command *c)
{
    return map_interrupt(i, c, its_bits32(c->word[1], 63, 32));
}

static bool mapi(struct its *i, const struct command *c)
{
    return map_interrupt(i, c, event_id(c));
}

static bool movi(struct its *i, const struct command *c)
{
    struct its_route route;
    struct its_collection target;

    if (!route_of(i, c, &route) || !its_collection_get(i, collection_id(c), &target))
        return false;
    unsigned from = route.collection.pe;
    route.interrupt.collection = collection_id(c);
    if (!its_interrupt_put(i, &route.device, event_id(c), &route.interrupt))
        return false;
    gic_lpi_move(i->gic, from, target.pe, route.interrupt.intid);
    return true;
}

static bool movall(struct its *i, const struct command *c)
{
    unsigned from;
    unsigned to;

    if (!pe_number(i, c->word[2], &from) || !pe_number(i, c->word[3], &to))
        return false;
    gic_lpi_move_all(i->gic, from, to);
    return true;
}

static bool discard(struct its *i, const struct command *c)
{
    struct its_route route;

    if (!route_of(i, c, &route) || !its_interrupt_put(i, &route.device, event_id(c), NULL))
        return false;
    gic_lpi_clear(i->gic, route.collection.pe, route.interrupt.intid);
    return true;
}

/* --- Pending state and configuration --- */

static bool interrupt(struct its *i, const struct command *c)
{
    struct its_route route;

    if (!route_of(i, c, &route))
        return false;
    gic_lpi_set(i->gic, route.collection.pe, route.interrupt.intid);
    return true;
}

static bool clear(struct its *i, const struct command *c)
{
    struct its_route route;

    if (!route_of(i, c, &route))
        return false;
    gic_lpi_clear(i->gic, route.collection.pe, route.interrupt.intid);
    return true;
}

static bool inv(struct its *i, const struct command *c)
{
    struct its_route route;

    if (!route_of(i, c, &route))
        return false;
    gic_lpi_invalidate(i->gic, route.collection.pe, route.interrupt.intid);
    return true;
}

static bool invall(struct its *i, const struct command *c)
{
    struct its_collection collection;

    if (!its_collection_get(i, collection_id(c), &collection))
        return false;
    gic_lpi_invalidate_all(i->gic, collection.pe);
    return true;
}

/* All before it has taken effect by then. */
static bool sync(struct its *i, const struct command *c)
{
    unsigned pe;

    return pe_number(i, c->word[2], &pe);
}

static bool (*const commands[])(struct its *i, const struct command *c) = {
    [0x01] = movi, [0x03] = interrupt, [0x04] = clear,  [0x05] = sync,
    [0x08] = mapd, [0x09] = mapc,      [0x0a] = mapti,  [0x0b] = mapi,
    [0x0c] = inv,  [0x0d] = invall,    [0x0e] = movall, [0x0f] = discard,
};

bool its_execute(struct its *i, const uint64_t command[4])
{
    const struct command c = {{command[0], command[1], command[2], command[3]}};
    uint64_t opcode = its_bits(command[0], 7, 0);

    return opcode < sizeof(commands) / sizeof(*commands) && commands[opcode] &&
           commands[opcode](i, &c);
}
