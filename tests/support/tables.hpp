// SPDX-License-Identifier: Apache-2.0
// Everything software builds in memory for an SMMU, in one include.
#ifndef TESTS_SUPPORT_TABLES_HPP
#define TESTS_SUPPORT_TABLES_HPP

#include "support/cd.hpp"
#include "support/commands.hpp"
#include "support/events.hpp"
#include "support/ste.hpp"
#include "support/stream_table.hpp"
#include "support/translation_table.hpp"

#endif
