/* SPDX-License-Identifier: Apache-2.0 */
/* Life of a DMA engine. */
#include <stdio.h>
#include <stdlib.h>

#include "dma_priv.h"

static bool config_sound(const struct dma_config *config, char *err, size_t err_size)
{
    unsigned burst = config->burst_bytes;

    if (config->channels < 1 || config->channels > DMA_MAX_CHANNELS) {
        snprintf(err, err_size, "channels: %u is not between 1 and %u", config->channels,
                 DMA_MAX_CHANNELS);
        return false;
    }
    if (burst < DMA_MIN_BURST || burst > DMA_MAX_BURST || (burst & (burst - 1)) != 0) {
        snprintf(err, err_size, "burst_bytes: %u is not a power of two between %u and %u", burst,
                 DMA_MIN_BURST, DMA_MAX_BURST);
        return false;
    }
    return true;
}

dma *dma_create(const struct dma_config *config, const struct dma_ops *ops, char *err,
                size_t err_size)
{
    if (!config_sound(config, err, err_size))
        return NULL;
    dma *d = calloc(1, sizeof(*d));
    if (d)
        d->channel = calloc(config->channels, sizeof(*d->channel));
    if (!d || !d->channel) {
        snprintf(err, err_size, "out of memory");
        free(d);
        return NULL;
    }
    d->ops = *ops;
    d->channels = config->channels;
    d->burst = config->burst_bytes;
    for (unsigned c = 0; c < d->channels; c++)
        d->channel[c].engine = d;
    return d;
}

void dma_destroy(dma *d)
{
    if (d)
        free(d->channel);
    free(d);
}
