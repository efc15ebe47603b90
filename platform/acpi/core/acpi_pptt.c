/* SPDX-License-Identifier: Apache-2.0 */
/* The Processor Properties Topology Table (ACPI 6.3 5.2.29): a package of clusters, which MPIDR_EL1
 * tells apart by all but Aff0, of CPUs. A CPU has the caches of level 1, a cluster that of level 2.
 */
#include "acpi_tables.h"

enum { PROCESSOR, CACHE }; /* types of structures */
enum { PROCESSOR_SIZE = 20, CACHE_SIZE = 24 };
enum { PACKAGE = 1, ID_VALID = 2, LEAF = 8, IDENTICAL = 16 }; /* flags of a processor */
enum { ALL_VALID = 0x7f };                                    /* of a cache: size to line size */

/* Types of cache, which allocate on reads and writes and write back. */
enum { DATA = 0x02, INSTRUCTION = 0x06, UNIFIED = 0x0a };

/* No cache leads to the next level: that is its cluster's, whose node lists it, and who follows
 * both ways would count it twice. */
static size_t put_cache(struct acpi_buffer *to, const struct acpi_cache *cache, unsigned attributes)
{
    const size_t at = to->size;

    acpi_put(to, CACHE, 1);
    acpi_put(to, CACHE_SIZE, 1);
    acpi_put_zeros(to, 2);
    acpi_put(to, ALL_VALID, 4);
    acpi_put_zeros(to, 4);
    acpi_put(to, (uint64_t)cache->sets * cache->ways * cache->line, 4);
    acpi_put(to, cache->sets, 4);
    acpi_put(to, cache->ways, 1);
    acpi_put(to, attributes, 1);
    acpi_put(to, cache->line, 2);
    return at;
}

/* `parent`: 0 for none. `uid` is that of the CPU in the namespace, if there is one. */
static size_t put_processor(struct acpi_buffer *to, unsigned flags, size_t parent, unsigned uid,
                            const size_t caches[], unsigned count)
{
    const size_t at = to->size;

    acpi_put(to, PROCESSOR, 1);
    acpi_put(to, PROCESSOR_SIZE + 4 * count, 1);
    acpi_put_zeros(to, 2);
    acpi_put(to, flags, 4);
    acpi_put(to, parent, 4);
    acpi_put(to, uid, 4);
    acpi_put(to, count, 4);
    for (unsigned i = 0; i < count; i++)
        acpi_put(to, caches[i], 4);
    return at;
}

static uint64_t cluster_of(const struct acpi_machine *machine, size_t cpu)
{
    return machine->cpus[cpu] & ~UINT64_C(0xff);
}

static void put_cpu(struct acpi_buffer *to, const struct acpi_machine *machine, unsigned cpu,
                    size_t table, size_t cluster)
{
    const struct acpi_caches *caches = &machine->caches;
    const size_t l1[] = {put_cache(to, &caches->l1_data, DATA) - table,
                         put_cache(to, &caches->l1_instruction, INSTRUCTION) - table};

    put_processor(to, ID_VALID | LEAF, cluster, cpu, l1, 2);
}

/* CPUs of a cluster follow each other. */
void acpi_pptt(struct acpi_buffer *to, const struct acpi_machine *machine)
{
    const size_t table = acpi_begin_table(to, "PPTT", 2);
    const size_t package = put_processor(to, PACKAGE | IDENTICAL, 0, 0, NULL, 0) - table;
    size_t cluster = 0;

    for (unsigned i = 0; i < machine->cpu_count; i++) {
        if (i == 0 || cluster_of(machine, i) != cluster_of(machine, i - 1)) {
            const size_t l2 = put_cache(to, &machine->caches.l2, UNIFIED) - table;

            cluster = put_processor(to, IDENTICAL, package, 0, &l2, 1) - table;
        }
        put_cpu(to, machine, i, table, cluster);
    }
    acpi_end_table(to, table);
}
