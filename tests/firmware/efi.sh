#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# efi.sh SMMU_VP BUILD TEST: what `vp efi` does with an application that ends well, with one that does not
# and with one that does not come back.
set -euo pipefail

caller=$PWD # for linux.sh and efi.sh
# shellcheck source=tests/firmware/console.sh
. "$(dirname "$0")/console.sh"
readonly caller
# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"
# shellcheck source=scripts/initramfs.sh
. "$root/scripts/initramfs.sh"
# shellcheck source=scripts/linux.sh
. "$root/scripts/linux.sh"
# shellcheck source=scripts/efi.sh
. "$root/scripts/efi.sh"

installed "$efi_firmware"
aarch64-linux-gnu-gcc -c -o say.o "$root/tests/firmware/say.S"
aarch64-linux-gnu-objcopy -O binary say.o say.efi

run_efi() { # ARGUMENT...
    local -A option=()
    local application words=() dtb
    efi_parse "$@"
    machine_blob efi "$results" "${option[--dts]:-}" virt-efi
    efi_start "$results" "$results/build/efi/disk.img" "$program"
}

said() { # TEXT
    grep -qF "$1" console.log || fail "no \"$1\" on the console"
}

complained() { # REASON: what the run before has said last
    [[ $(tail -n 1 complaint) == "vp: efi: $1; the whole console is in $results/console.log" ]] ||
        fail "\"$(tail -n 1 complaint)\" instead of \"$1\""
}

run_efi "$results/say.efi" 'two words' -l 3
said 'app.efi "two words" "-l" "3" says the application'

! (run_efi "$results/say.efi" 'stop!') 2>complaint || fail "an error of the application is none"
complained 'the application ended with status 0x15'

! (run_efi --max-time 1 "$results/say.efi") 2>complaint || fail "an application that never was is content"
complained 'the application did not come back to the shell (smmu-vp: status 3)'
say "applications are run, with their arguments, and believed"
