/* SPDX-License-Identifier: Apache-2.0 */
/* From assembly to main(): MMU, interrupt controller, the program, the end. */
#include "gic.h"
#include "mmu.h"
#include "tap.h"

int main(void);
void runtime_start(void);

void runtime_start(void)
{
    mmu_enable();
    gic_init();
    main();
    tap_finish();
}
