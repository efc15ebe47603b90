/* SPDX-License-Identifier: Apache-2.0 */
/* The device tree that a program is started with (Devicetree Specification v0.4, chapter 5). */
#ifndef LIB_DEVICE_TREE_H
#define LIB_DEVICE_TREE_H

#include <stddef.h>
#include <stdint.h>

/* Make the tree readable. To be called once, before anything else of this file; fails the run if
 * the program was not given one. */
void device_tree_open(void);

/* The number in the property of the node below the root: one cell, or two, the upper first.
 * `otherwise` if there is no such node or property. */
uint64_t device_tree_number(const char *node, const char *property, uint64_t otherwise);

#endif
