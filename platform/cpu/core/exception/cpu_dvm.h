/* SPDX-License-Identifier: Apache-2.0 */
/* Maintenance of TLB and decoded instructions: the PE's own, and what other PEs broadcast. */
#ifndef A64_DVM_H
#define A64_DVM_H

#include "state/state.h"

enum dvm_scope { DVM_LOCAL, DVM_INNER };

/* Do an operation of this PE, and tell the others if its scope is theirs too. */
void dvm_do(struct a64_cpu *c, enum dvm_scope scope, const struct a64_dvm *dvm);

/* A DSB of this PE: what it has told others is complete. */
void dvm_complete(struct a64_cpu *c);

/* Do what is waiting; between instructions only. */
void dvm_drain(struct a64_cpu *c);

#endif
