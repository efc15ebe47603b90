#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# edk2.sh SMMU_VP BUILD TEST CODE [VARS]: EDK2 runs to its shell, finds the NVMe controller and a file
# on it, and has in a second run what it was told to keep in the first.
set -euo pipefail

# shellcheck source=tests/firmware/console.sh
. "$(dirname "$0")/console.sh"
readonly code=$4 vars=${5-}
readonly variable='setvar SmmuVpKept -guid 5a3c0d6e-1f47-4b52-9c1d-2f6b7e8a9d10'

installed "$code" ${vars:+"$vars"}
make_disk disk.img
printf 'a file on NVMe\r\n' >hello.txt
mcopy -i disk.img hello.txt ::
make_machine disk.img
if [[ -n $vars ]]; then
    cp "$vars" vars.fd
else
    printf '\377' >vars.fd # the rest of the bank is erased
fi

to_the_shell() { # CONSOLE
    start "$1" --firmware "$code" --flash vars.fd
    await 'UEFI firmware'
    await 'Press .*ESC.* in 5 seconds'
    type_keys $'\e'
    await 'Shell> '
}

shut_down() {
    type_line 'reset -s'
    await_end 0
}

to_the_shell first.log
type_line pci
await '00   04    00 ==> Mass Storage Controller - Non-volatile memory subsystem'
await 'Shell> '
type_line 'type fs0:\hello.txt'
await 'a file on NVMe'
await 'Shell> '
type_line "$variable -nv -bs -rt =0x5a"
await 'Shell> '
shut_down

to_the_shell second.log
type_line "$variable"
await 'SmmuVpKept - 0001 Bytes'
await '5A'
await 'Shell> '
shut_down
say "EDK2 runs and keeps its variables"
