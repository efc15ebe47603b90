#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The core names a Security state, or a physical address space, in the rows of banks.def and at the way
# out alone: everything else asks the bank it is given.
# Usage: states_by_row.sh [ROOT]
set -euo pipefail

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
[[ -f component/core/bank/banks.def && -f component/core/access/egress.c ]]
! grep -rnE 'SMMU_(SEC|PAS)_(NS|S|REALM|ROOT)\>' component/core \
    --exclude=banks.def --exclude=egress.c --exclude=egress.h --exclude-dir=examples >&2
