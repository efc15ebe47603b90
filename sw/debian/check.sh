#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh
# For `vp debian`: whether the system is up and well, with its disk behind the SMMU. What it writes, the next
# run on the same disk wants to find.
# shellcheck disable=SC2317 # `check` calls them
# shellcheck source=sw/debian/lib.sh
. ./lib.sh

controller_is_listed() {
    lspci -s "$(basename "$(controller)")" | grep 'Non-Volatile memory controller'
}

# Everything that the packages have brought is as they have brought it.
packages_are_whole() {
    is "$(dpkg --audit)" '' && is "$(dpkg --verify base-files coreutils systemd udev | grep -v '^.......* c ')" ''
}

files_of_the_last_run_are_there() {
    (cd /var/lib/vp && sha256sum --check --quiet sums)
}

leave_files() {
    mkdir -p /var/lib/vp && cd /var/lib/vp || return
    cp /usr/bin/dpkg . && cat /proc/sys/kernel/random/boot_id >>boots && sha256sum dpkg boots >sums
}

check 'systemd is the first process' is "$(cat /proc/1/comm)" systemd
check 'the system is running and no unit has failed' nothing_has_failed
check 'there is a login on the console' systemctl --quiet is-active serial-getty@ttyAMA0.service
check 'the disk is behind the SMMU' disk_is_behind_the_smmu
check 'lspci lists its controller' controller_is_listed
check 'the packages are whole' packages_are_whole
[ ! -e /var/lib/vp/sums ] || check 'the files of the last run are there' files_of_the_last_run_are_there
check 'files are left for the next run' leave_files
check 'the kernel has nothing to complain about' kernel_is_content
exit "$failed"
