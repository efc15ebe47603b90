/* SPDX-License-Identifier: Apache-2.0 */
/* The I/O Remapping Table (Arm DEN0049E.e): how IDs of devices become StreamIDs and DeviceIDs.
 * Nodes are in such an order that each refers to earlier ones only. */
#include "acpi_tables.h"

#include <string.h>

enum { IORT_REVISION = 6, IORT_HEAD = 12 };
enum { NODE_HEAD = 16, NODE_LENGTH = 1, NODE_MAPS = 8, NODE_MAP_OFFSET = 12 };
enum { SINGLE_MAPPING = 1 };
enum { CACHE_COHERENT = 1, MEMORY_CPM_DACS = 3 }; /* memory access properties */
enum {
    SMMU_COHACC_OVERRIDE = 1,
    SMMU_HTTU_SHIFT = 1,
    SMMU_DEVICEID_VALID = 0x10,
    SMMU_GENERIC_MODEL = 0
};
enum { ATS_SUPPORTED = 1, ATS_FORWARDS_PASIDS = 4, PASID_SUPPORTED = 1, ADDRESS_BITS = 64 };

static const uint8_t revisions[] = {
    [ACPI_IORT_ITS_GROUP] = 1, [ACPI_IORT_NAMED] = 4, [ACPI_IORT_ROOT_COMPLEX] = 4,
    [ACPI_IORT_SMMU_V3] = 5,   [ACPI_IORT_PMCG] = 2,
};

struct iort {
    struct acpi_buffer *to;
    size_t at; /* of the table in it */
    uint32_t nodes;
    uint32_t where[ACPI_IORT_KINDS][ACPI_MAX_DEVICES]; /* offsets, by kind and number */
};

/* --- Nodes --- */

static size_t begin_node(struct iort *table, enum acpi_iort_kind kind, unsigned number)
{
    const size_t at = table->to->size;

    table->where[kind][number] = (uint32_t)(at - table->at);
    acpi_put(table->to, kind, 1);
    acpi_put(table->to, 0, 2); /* length */
    acpi_put(table->to, revisions[kind], 1);
    acpi_put(table->to, table->nodes++, 4); /* identifier */
    acpi_put(table->to, 0, 4);              /* number of maps */
    acpi_put(table->to, 0, 4);              /* where they are */
    return at;
}

static void end_node(struct iort *table, size_t at)
{
    acpi_patch(table->to, at + NODE_LENGTH, table->to->size - at, 2);
}

/* Maps come last in a node, which knows where the first is. */
static void put_map(struct iort *table, size_t node, unsigned number, const struct acpi_id_map *map)
{
    if (number == 0)
        acpi_patch(table->to, node + NODE_MAP_OFFSET, table->to->size - node, 4);
    acpi_patch(table->to, node + NODE_MAPS, number + 1, 4);
    acpi_put(table->to, map->first, 4);
    acpi_put(table->to, map->count - 1, 4);
    acpi_put(table->to, map->out, 4);
    acpi_put(table->to, table->where[map->kind][map->target], 4);
    acpi_put(table->to, map->single ? SINGLE_MAPPING : 0, 4);
}

static void put_maps(struct iort *table, size_t node, const struct acpi_id_map *maps, size_t count)
{
    for (unsigned i = 0; i < count; i++)
        put_map(table, node, i, &maps[i]);
}

/* The DeviceID of messages that a node sends itself. */
static void put_message(struct iort *table, size_t node, unsigned number,
                        const struct acpi_message *message)
{
    const struct acpi_id_map map = {.count = 1,
                                    .out = message->device_id,
                                    .kind = ACPI_IORT_ITS_GROUP,
                                    .target = message->its,
                                    .single = true};
    if (message->there)
        put_map(table, node, number, &map);
}

static void put_access(struct acpi_buffer *to, bool coherent)
{
    acpi_put(to, coherent ? CACHE_COHERENT : 0, 4);
    acpi_put(to, 0, 3); /* hints, reserved */
    acpi_put(to, coherent ? MEMORY_CPM_DACS : 0, 1);
}

static void put_its(struct iort *table, unsigned number)
{
    const size_t node = begin_node(table, ACPI_IORT_ITS_GROUP, number);

    acpi_put(table->to, 1, 4);
    acpi_put(table->to, number, 4);
    end_node(table, node);
}

/* The map of its own messages follows the others. */
static void put_smmu(struct iort *table, unsigned number, const struct acpi_smmu *smmu)
{
    const uint32_t gsivs[] = {smmu->event, smmu->pri, smmu->gerror, smmu->sync};
    const size_t node = begin_node(table, ACPI_IORT_SMMU_V3, number);
    struct acpi_buffer *to = table->to;

    acpi_put(to, smmu->base, 8);
    acpi_put(to,
             (smmu->coherent ? SMMU_COHACC_OVERRIDE : 0u) | smmu->httu << SMMU_HTTU_SHIFT |
                 (smmu->message.there ? SMMU_DEVICEID_VALID : 0u),
             4);
    acpi_put(to, 0, 4);
    acpi_put(to, 0, 8); /* no VATOS page */
    acpi_put(to, SMMU_GENERIC_MODEL, 4);
    for (unsigned i = 0; i < 4; i++)
        acpi_put(to, gsivs[i], 4);
    acpi_put(to, 0, 4); /* proximity domain */
    acpi_put(to, smmu->message.there ? smmu->map_count : 0, 4);
    put_maps(table, node, smmu->maps, smmu->map_count);
    put_message(table, node, (unsigned)smmu->map_count, &smmu->message);
    end_node(table, node);
}

/* The host passes the PASIDs of translated requests on, as those of others. */
static uint32_t ats_attributes(const struct acpi_root *root)
{
    return !root->ats ? 0 : root->pasid_bits ? ATS_SUPPORTED | ATS_FORWARDS_PASIDS : ATS_SUPPORTED;
}

static void put_root(struct iort *table, unsigned number, const struct acpi_root *root)
{
    const size_t node = begin_node(table, ACPI_IORT_ROOT_COMPLEX, number);
    struct acpi_buffer *to = table->to;

    put_access(to, root->coherent);
    acpi_put(to, ats_attributes(root), 4);
    acpi_put(to, root->segment, 4);
    acpi_put(to, ADDRESS_BITS, 1);
    acpi_put(to, root->pasid_bits, 2);
    acpi_put(to, 0, 1);
    acpi_put(to, root->pasid_bits ? PASID_SUPPORTED : 0, 4);
    put_maps(table, node, root->maps, root->map_count);
    end_node(table, node);
}

static void put_named(struct iort *table, unsigned number, const struct acpi_device *device)
{
    const size_t node = begin_node(table, ACPI_IORT_NAMED, number);
    struct acpi_buffer *to = table->to;
    char path[ACPI_PATH_SIZE];

    acpi_path(path, device);
    acpi_put(to, 0, 4); /* no stalls, no substreams */
    put_access(to, device->coherent);
    acpi_put(to, ADDRESS_BITS, 1);
    acpi_put_bytes(to, path, sizeof(path));
    acpi_put_zeros(to, (4 - (to->size - node) % 4) % 4);
    put_maps(table, node, device->maps, device->map_count);
    end_node(table, node);
}

static void put_pmcg(struct iort *table, unsigned number, const struct acpi_pmcg *group)
{
    const size_t node = begin_node(table, ACPI_IORT_PMCG, number);

    acpi_put(table->to, group->page0, 8);
    acpi_put(table->to, group->overflow, 4);
    acpi_put(table->to, table->where[ACPI_IORT_SMMU_V3][group->smmu], 4);
    acpi_put(table->to, group->page1, 8);
    put_message(table, node, 0, &group->message);
    end_node(table, node);
}

/* --- The table --- */

void acpi_iort(struct acpi_buffer *to, const struct acpi_machine *machine)
{
    struct iort table = {.to = to, .at = to->size};
    unsigned named = 0;

    acpi_begin_table(to, "IORT", IORT_REVISION);
    acpi_put(to, 0, 4); /* number of nodes */
    acpi_put(to, ACPI_TABLE_HEADER + IORT_HEAD, 4);
    acpi_put(to, 0, 4);
    for (unsigned i = 0; i < machine->its_count; i++)
        put_its(&table, i);
    for (unsigned i = 0; i < machine->smmu_count; i++)
        put_smmu(&table, i, &machine->smmus[i]);
    for (unsigned i = 0; i < machine->root_count; i++)
        put_root(&table, i, &machine->roots[i]);
    for (size_t i = 0; i < machine->device_count; i++)
        if (machine->devices[i].master)
            put_named(&table, named++, &machine->devices[i]);
    for (unsigned i = 0; i < machine->pmcg_count; i++)
        put_pmcg(&table, i, &machine->pmcgs[i]);
    acpi_patch(to, table.at + ACPI_TABLE_HEADER, table.nodes, 4);
    acpi_end_table(to, table.at);
}
