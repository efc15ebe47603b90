/* SPDX-License-Identifier: Apache-2.0 */
/* LPIs of this PE, and the ITS that makes them of messages. */
#ifndef LIB_ITS_H
#define LIB_ITS_H

#include <stdbool.h>
#include <stdint.h>

#define ITS_EVENTS     32U /* of each device */
#define ITS_COLLECTION 0U  /* everything goes to this PE */

/* Give redistributor and ITS their tables and enable both; no event is mapped and no LPI enabled.
 * Fails the run if there is no ITS. */
void its_init(void);

/* Where devices write the number of their event. */
uintptr_t its_doorbell(void);

/* Write the configuration of LPI `intid`; takes effect with its_invalidate(). */
void its_configure(unsigned intid, uint8_t priority, bool enabled);

/* Enable LPIs at the redistributor, or disable them, so that the pending table is in memory. */
void its_enable_lpis(bool enable);
bool its_can_disable_lpis(void);
bool its_is_pending_in_memory(unsigned intid);

/* Commands. Each is waited for; false if it is an error, or takes too long. */
bool its_map_device(uint32_t device);
bool its_map_event(uint32_t device, uint32_t event, unsigned intid);
bool its_discard(uint32_t device, uint32_t event);
bool its_interrupt(uint32_t device, uint32_t event);
bool its_clear(uint32_t device, uint32_t event);
bool its_invalidate(uint32_t device, uint32_t event);

/* After an error: what the ITS stalled at is replaced by a command that does nothing. */
bool its_stalled(void);
bool its_recover(void);

#endif
