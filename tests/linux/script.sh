#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# script.sh SMMU_VP BUILD TEST MACHINE SCRIPT RELEASE [APPEND]: boots Linux on a machine of
# platform/dts to a script of sw/linux, which has to be content. Status 3 if there is no kernel to be
# had.
set -euo pipefail

readonly program=$1 build=$2 test=$3 machine=$4
readonly script=$5 release=$6 more=${7:-} # for the kernel's command line
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
readonly root
readonly caller=$PWD # for linux.sh
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"
# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"
# shellcheck source=scripts/initramfs.sh
. "$root/scripts/initramfs.sh"
# shellcheck source=scripts/linux.sh
. "$root/scripts/linux.sh"

readonly results=$build/linux/test-$test
rm -rf "$results"

boot() {
    local -A option=([--script]=$root/sw/linux/$script [--release]=$release [--append]=$more)
    local arguments program_status reason
    linux_arguments
    arguments[1]=$build/platform/$machine.dtb # instead of the default machine, after --dtb
    linux_run "$results" "$program" "${arguments[@]}" --stats
    reason=$(linux_verdict "$results" "$program_status") || fail "$reason"
}

boot
say "$test: as it should be"
