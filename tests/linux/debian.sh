#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# debian.sh SMMU_VP BUILD TEST RUNS [OPTION...]: what `vp debian` does with the options, RUNS times on a disk
# that is kept; its script has to be content each time.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"
# shellcheck source=tests/linux/system_support.sh
. "$root/tests/linux/system_support.sh"

for ((run = 1; run <= $4; run++)); do
    run_debian --keep "$results/kept.img" "${@:5}"
    ((run == 1)) || expect_line "$results/boot-1/console.log" 'ok [0-9]+ - the files of the last run are there'
done
rm "$results/kept.img"
say "a Debian system is content"
