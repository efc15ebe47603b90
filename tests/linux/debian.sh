#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# debian.sh SMMU_VP BUILD TEST RUNS [OPTION...]: what `vp debian` does with the options, RUNS times on a disk
# that is kept; its script has to be content each time.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"
# shellcheck source=scripts/image.sh
. "$root/scripts/image.sh"
# shellcheck source=scripts/system.sh
. "$root/scripts/system.sh"

run_debian() { # [OPTION...]
    local -A option=()
    local packages script append dtb=$build/platform/virt-debian.dtb
    system_parse "$@"
    system_script
    system_start "$results" "$results/build/debian/disk.img" "$program"
}

for each in mmdebstrap mkenvimage "$system_edk2" "$system_uboot"; do
    command -v "$each" >/dev/null || [[ -e $each ]] || end_with 3 "$each is not installed"
done
for ((run = 1; run <= $4; run++)); do
    run_debian --keep "$results/kept.img" "${@:5}"
    ((run == 1)) || expect_line "$results/boot-1/console.log" 'ok [0-9]+ - the files of the last run are there'
done
rm "$results/kept.img"
say "a Debian system is content"
