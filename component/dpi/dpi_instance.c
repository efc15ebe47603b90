/* SPDX-License-Identifier: Apache-2.0 */
/* The SMMUs that the DPI has made. */
#include "dpi_instance.h"

#include <limits.h>
#include <stdlib.h>

#include "dpi_error.h"
#include "dpi_host.h"
#include "dpi_parameters.h"
#include "smmu/dpi.h"

/* By their numbers, less 1; NULL where one has been destroyed: numbers are not given twice. */
static struct dpi_instance **instances;
static int count;

static bool make_room(void)
{
    if (count == INT_MAX)
        return false;
    struct dpi_instance **more =
        realloc(instances, ((size_t)count + 1) * sizeof(struct dpi_instance *));
    if (!more)
        return false;
    instances = more;
    return true;
}

int smmu_dpi_create(const char *parameters)
{
    struct smmu_config cfg;
    struct smmu_error error;
    if (!dpi_read_parameters(parameters ? parameters : "", &cfg))
        return 0;
    struct dpi_instance *made = calloc(1, sizeof(*made));
    if (!made || !make_room()) {
        free(made);
        return dpi_complain("memory: is short");
    }
    made->smmu = smmu_create(&cfg, &dpi_host_ops, made, &error);
    if (!made->smmu) {
        free(made);
        return dpi_complain("%s: %s", error.field, error.reason);
    }
    made->number = count + 1;
    instances[count++] = made;
    return made->number;
}

struct dpi_instance *dpi_enter(int number)
{
    struct dpi_instance *found = number > 0 && number <= count ? instances[number - 1] : NULL;
    if (!found)
        dpi_complain("smmu: there is no SMMU %d%s", number,
                     number > 0 && number <= count ? " any more" : "");
    else if (found->closed)
        dpi_complain("smmu: SMMU %d cannot be called out of what it tells its host", number);
    else
        found->calls++;
    return found && !found->closed ? found : NULL;
}

void dpi_leave(struct dpi_instance *instance)
{
    instance->calls--;
}

int smmu_dpi_destroy(int smmu)
{
    struct dpi_instance *gone = dpi_enter(smmu);
    if (!gone)
        return 0;
    dpi_leave(gone);
    if (gone->calls)
        return dpi_complain("smmu: SMMU %d cannot be destroyed out of a call into it", smmu);
    smmu_destroy(gone->smmu);
    while (gone->stalls) {
        struct dpi_stall *first = gone->stalls;
        gone->stalls = first->next;
        free(first);
    }
    free(gone);
    instances[smmu - 1] = NULL;
    return 1;
}

/* --- transactions that stall -------------------------------------------------------------------
 */

struct dpi_stall *dpi_stall_new(struct dpi_instance *instance)
{
    struct dpi_stall *stall = calloc(1, sizeof(*stall));
    if (!stall) {
        dpi_complain("memory: is short");
        return NULL;
    }
    stall->number = ++instance->last_stall;
    stall->next = instance->stalls;
    stall->presented = true;
    instance->stalls = stall;
    return stall;
}

struct dpi_stall *dpi_stall_again(struct dpi_instance *instance, uint32_t number)
{
    struct dpi_stall *stall = instance->stalls;
    while (stall && stall->number != number)
        stall = stall->next;
    if (!stall || !stall->retry || stall->presented) {
        dpi_complain("retry: transaction %u is not to be presented again", number);
        return NULL;
    }
    stall->presented = true;
    stall->resumed = false;
    stall->retry = false;
    return stall;
}

static void forget(struct dpi_instance *instance, struct dpi_stall *stall)
{
    struct dpi_stall **link = &instance->stalls;
    while (*link != stall)
        link = &(*link)->next;
    *link = stall->next;
    free(stall);
}

void dpi_stall_presented(struct dpi_instance *instance, struct dpi_stall *stall, bool held)
{
    stall->presented = false;
    if (!held || (stall->resumed && !stall->retry))
        forget(instance, stall);
}

void dpi_stall_resumed(struct dpi_instance *instance, struct dpi_stall *stall, bool retry)
{
    stall->resumed = true;
    stall->retry = retry;
    if (!retry && !stall->presented)
        forget(instance, stall);
}
