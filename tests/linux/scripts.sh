#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts.sh CASE: tests the scripts of `vp linux` without a kernel, with stand-ins for the
# simulator, for apt and for packages.
set -euo pipefail

root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
readonly root
readonly caller=$PWD
work=$(mktemp -d)
readonly work
trap 'rm -rf "$work"' EXIT
readonly build=$work/build
export XDG_CACHE_HOME=$work/cache HOME=$work
# shellcheck source=tests/linux/stand_ins.sh
. "$root/tests/linux/stand_ins.sh"
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"
# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"
# shellcheck source=scripts/initramfs.sh
. "$root/scripts/initramfs.sh"
# shellcheck source=scripts/kernel.sh
. "$root/scripts/kernel.sh"
# shellcheck source=scripts/linux.sh
. "$root/scripts/linux.sh"
# shellcheck source=scripts/bench.sh
. "$root/scripts/bench.sh"

# What the initramfs is made of: a busybox and modules of no use.
fake_software() {
    mkdir -p "$build/linux" "$work/modules/lib/modules/1.0"
    echo busybox >"$work/busybox"
    echo module >"$work/modules/lib/modules/1.0/a.ko"
    echo "echo hello" >"$work/script"
}

# --- arguments -----------------------------------------------------------------------------------

wrong_arguments_are_refused_in_one_line() {
    local words
    for words in '--colour' 'extra' '--cpus' '--cpus 0' '--cpus 9' '--cpus two' \
        '--mem 1' '--mem 0M' '--mem 1T' '--mem 999999G' '--release sid' '--gdb x' '--gdb 65536' \
        '--release bookworm-backports' '--flavour 64k' '--flavour 16k' \
        '--max-time soon' '--max-time nan' '--max-time 0' '--max-time 0.0' '--max-time 1000000' \
        '--max-time 1e3' '--kernel /etc/passwd' '--script /dev/zero' '--dts /dev/zero' \
        '--net tap' '--net user,hostfwd=tcp' '--trace insn,' '--trace all' '--kernel /nowhere' '--initrd /' '--script nowhere' \
        '--dts nowhere' '--interactive --script /etc/passwd' \
        '--initrd /etc/passwd --script /etc/passwd'; do
        # shellcheck disable=SC2086 # several words
        run "$root/vp" linux $words
        expect "$status" 2
        expect "$(wc -l <<<"$said")" 1
        [[ $said == 'vp: linux: '* ]] || fail "$words: \"$said\""
    done
}

# Sets `arguments` and `boots` for the options given, with files of no content for kernel and initramfs.
arguments_of() { # [ARGUMENT...]
    touch "$work/kernel" "$work/initrd"
    option=()
    linux_parse --kernel "$work/kernel" --initrd "$work/initrd" "$@"
    linux_arguments "$work/run"
}

options_reach_the_simulator() {
    local -A option
    local arguments boots boot_arguments
    arguments_of
    linux_boot_arguments 1 "$work/run"
    expect "${boot_arguments[*]}" "--dtb $build/platform/virt-linux.dtb --kernel $work/kernel \
--initrd $work/initrd --max-time 60 --append console=ttyAMA0 earlycon panic=-1"
    arguments_of --cpus 4 --mem 512M --append 'a b' --gdb 1234 --trace exc,smmu
    linux_boot_arguments 1 "$work/run"
    expect "${boot_arguments[*]:6}" \
        "--cpus 4 --mem 512M --gdb 1234 --trace exc,smmu \
--append console=ttyAMA0 earlycon panic=-1 vp.cpus=4 vp.mem=524288 a b \
--trace-file $work/run/trace.log"
    touch "$work/firmware"
    arguments_of --firmware "$work/firmware"
    linux_boot_arguments 1 "$work/run"
    expect "${boot_arguments[*]:6:2}" "--firmware $work/firmware"
    arguments_of --net user,hostfwd=tcp::0-:22
    linux_boot_arguments 1 "$work/run"
    expect "${boot_arguments[*]:6:2}" "--net user,hostfwd=tcp::0-:22"
    arguments_of --interactive --max-time 2.5
    linux_boot_arguments 1 "$work/run"
    expect "${boot_arguments[*]:6}" \
        "--max-time 2.5 --append console=ttyAMA0 earlycon panic=-1 vp.shell"
}

sizes_are_those_of_the_kernel() {
    expect "$(kibibytes 64K) $(kibibytes 512M) $(kibibytes 3G)" "64 524288 3145728"
}

files_are_relative_to_where_the_user_is() {
    touch "$work/kernel"
    mkdir "$work/elsewhere"
    run bash -c "cd $work && $root/vp linux --kernel kernel --dts elsewhere"
    expect "$status" 2
    expect "$said" \
        "vp: linux: --dts $work/elsewhere: there is no such file, or it cannot be read"
}

a_device_tree_is_compiled_or_refused_in_one_line() {
    local dtb
    echo '/dts-v1/; / { a = <1>; };' >"$work/good.dts"
    machine_blob linux "$work/run" "$work/good.dts" virt-linux
    expect "$(fdtget "$dtb" / a)" 1
    printf '/dts-v1/;\n/ { a = <1> }\n' >"$work/bad.dts"
    run machine_blob linux "$work/run" "$work/bad.dts" virt-linux
    expect "$status" 2
    expect "$(wc -l <<<"$said")" 1
    [[ $said == "vp: linux: --dts $work/bad.dts: dtc says Error: $work/bad.dts:2"* ]] ||
        fail "\"$said\""
}

# --- runs ----------------------------------------------------------------------------------------

# The verdict on a run that printed TEXT and ended with STATUS.
verdict() { # TEXT STATUS
    printf '%b' "$1" >"$work/console.log"
    run linux_verdict "$work" "$2"
}

the_guest_decides() {
    verdict 'vp-linux: guest status 0\n' 0
    expect "$status" 0
    verdict 'all is well\nreboot: Power down\n' 0
    expect "$said" "the guest did not live to tell how its script ended (smmu-vp: status 0)"
    verdict 'it said vp-linux: guest status 0\nvp-linux: guest status 0, or not\n' 3
    expect "$said" "the guest did not live to tell how its script ended (smmu-vp: status 3)"
    verdict 'vp-linux: guest status 0\nvp-linux: guest status 12\n' 0
    expect "$said" "the script in the guest ended with status 12"
    verdict 'vp-linux: guest status 0\n' 4
    expect "$said" "the guest was content, but smmu-vp ended with status 4"
    expect "$status" 1
}

console_and_counters_are_kept_apart() {
    local program_status
    # shellcheck disable=SC2016 # for the stand-in
    stand_in simulator '
        printf "hello\r\nrun.x 1\r\nrun.guest-seconds 1\na.b 2\n"
        echo "$@" >&2
        exit 7'
    linux_run "$work/run" simulator --one 'two three' >"$work/shown" 2>"$work/errors"
    expect "$program_status" 7
    expect "$(<"$work/errors")" "--one two three"
    expect "$(<"$work/shown")" $'hello\nrun.x 1'
    expect "$(<"$work/run/console.log")" $'hello\nrun.x 1'
    expect "$(<"$work/run/stats.txt")" $'run.guest-seconds 1\na.b 2'
}

the_summary_has_every_smmu() {
    printf '%s\n' 'run.guest-seconds 1.5' 'run.host-seconds 2.0' \
        'run.instructions 1500000000' 'run.mips 750.0' 'cpu@0.instructions 1000000000' \
        'cpu@1.instructions 500000000' 'a.translations 1' 'a.tlb-hits 2' \
        'a.events 3' 'b.translations 4' 'b.tlb-hits 5' >"$work/stats"
    run linux_summary "$work/stats"
    expect "$(head -n 1 <<<"$said")" \
        "guest time 1.500 s, host time 2.000 s, 1500000000 instructions, 750.0 MIPS"
    expect "$(grep -c ' translations [14],.* tlb-hits [25],' <<<"$said")" 2
    [[ $said == *'events 3'* ]] || fail "no events in \"$said\""
}

# --- several boots -------------------------------------------------------------------------------

# Sets `script` and `boots` for a script of two boots and the options given.
choose() { # [ARGUMENT...]
    printf '# boot: a=1 b\n# boot:\necho hello\n' >"$work/twice.sh"
    touch "$work/kernel" "$work/initrd"
    option=()
    linux_parse "$@"
    linux_script
}

a_script_says_how_often_it_is_booted() {
    local -A option
    local script boots
    choose --script "$work/twice.sh"
    expect "$script: ${#boots[@]}" "$work/twice.sh: 2"
    expect "$(linux_append 1)" "$linux_command_line vp.boot=1 a=1 b"
    expect "$(linux_append 2)" "$linux_command_line vp.boot=2"
    choose --script "$work/twice.sh" --append c
    expect "$(linux_append 1)" "$linux_command_line vp.boot=1 a=1 b c"
    choose --script "$work/twice.sh" --gdb 1234
    expect "${#boots[@]}: $(linux_append 1)" "1: $linux_command_line"
    choose --script "$work/kernel"
    expect "${#boots[@]}: $(linux_append 1)" "1: $linux_command_line"
}

the_script_is_the_one_that_the_kernel_can_run() {
    local -A option
    local script boots
    choose
    expect "$script: ${#boots[@]}" "$root/sw/linux/all.sh: 2"
    choose --interactive
    expect "$script: ${#boots[@]}" "$root/sw/linux/all.sh: 1"
    choose --initrd "$work/initrd"
    expect "${#boots[@]}" 1
    choose --kernel "$work/kernel"
    expect "$script: ${#boots[@]}" "$root/sw/linux/check.sh: 1"
    choose --kernel "$work/kernel" --script "$work/twice.sh"
    expect "$script: ${#boots[@]}" "$work/twice.sh: 2"
}

# Runs a guest that is content if its command line has WORD, in two boots of which the second has b.
boot_twice() { # WORD
    local -A option=()
    local arguments=() boots=(a b)
    # shellcheck disable=SC2016 # for the stand-in
    stand_in simulator "
        echo \"\$@\"
        case \"\$@\" in
        *$1*) echo 'vp-linux: guest status 0' ;;
        *) echo 'vp-linux: guest status 1' ;;
        esac"
    run linux_boots "$work/run" simulator
}

every_boot_has_to_be_content() {
    boot_twice console
    expect "$status" 0
    expect "$(grep -c '^vp: guest time' <<<"$said")" 2
    expect "$(grep -c 'vp.boot=1 a ' "$work/run/boot-1/console.log")" 1
    expect "$(grep -c 'vp.boot=2 b ' "$work/run/boot-2/console.log")" 1
    boot_twice 'vp.boot=1'
    expect "$status" 1
    [[ $said == *"vp: linux: boot 2: the script in the guest ended with status 1; \
the whole console is in $work/run/boot-2/console.log" ]] || fail "\"$said\""
    rm -r "$work/run"
    boot_twice 'vp.boot=2'
    expect "$status" 1
    [[ ! -e $work/run/boot-2 ]] || fail "there is a second boot after the first has failed"
}

what_the_simulator_refuses_is_status_2() {
    local -A option=()
    local arguments=() boots=('')
    stand_in simulator 'echo "smmu-vp: not with me" >&2; exit 2'
    run linux_boots "$work/run" simulator
    expect "$status" 2
    expect "$(tail -n 1 <<<"$said")" "smmu-vp: not with me"
}

two_runs_at_once_are_refused() {
    mkdir -p "$linux_dir"
    flock --no-fork "$linux_dir/run.lock" sleep 100 &
    while flock --nonblock "$linux_dir/run.lock" true; do
        sleep 0.01
    done
    run only_run linux "$linux_dir"
    kill $!
    expect "$status" 2
    expect "$said" "vp: linux: another run of ./vp linux is not over yet"
}

# --- initramfs and packages ----------------------------------------------------------------------

the_same_initramfs_every_time() {
    local initramfs first
    fake_software
    initramfs_make "$root/sw/linux/init" "$work/busybox" "$work/script" "$work/modules"
    first=$(sha256sum <"$initramfs")
    rm "$initramfs"
    umask 077
    touch -d '1 hour ago' "$work/busybox" "$work/modules/lib" "$work/script"
    initramfs_make "$root/sw/linux/init" "$work/busybox" "$work/script" "$work/modules"
    expect "$(sha256sum <"$initramfs")" "$first"
    expect "$(cpio --quiet -it <"$initramfs" | grep -cE '^(init|check|bin/busybox|lib/.*/a.ko)$')" 4
    expect "$(TZ=UTC cpio --quiet -itv <"$initramfs" | grep -vc ' root .* root .* Jan  1  1970 ')" 0
}

another_script_is_another_initramfs() {
    local initramfs first
    fake_software
    initramfs_make "$root/sw/linux/init" "$work/busybox" "$work/script" "$work/modules"
    first=$initramfs
    echo "echo bye" >"$work/script"
    initramfs_make "$root/sw/linux/init" "$work/busybox" "$work/script" "$work/modules"
    [[ $initramfs != "$first" && -f $initramfs && -f $first ]] || fail "$initramfs, $first"
    expect "$(cpio --quiet -i --to-stdout check <"$initramfs")" "echo bye"
}

a_script_gets_what_it_needs() {
    local initramfs first
    fake_software
    mkdir -p "$work/elsewhere"
    printf '# needs: data.bin hello.c %s\n' "$work/elsewhere/more.bin" >>"$work/script"
    echo data >"$work/data.bin"
    echo more >"$work/elsewhere/more.bin"
    echo 'int main(void) { return 0; }' >"$work/hello.c"
    initramfs_make "$root/sw/linux/init" "$work/busybox" "$work/script" "$work/modules"
    first=$initramfs
    expect "$(cpio --quiet -i --to-stdout bin/{data,more}.bin <"$initramfs" | tr '\n' ' ')" 'data more '
    cpio --quiet -i --to-stdout bin/hello <"$initramfs" >"$work/hello"
    expect "$(readelf -h "$work/hello" | sed -n 's/.*Machine: *//p')" AArch64
    expect "$(readelf -l "$work/hello" | grep -c INTERP)" 0
    echo 'int main(void) { return 1; }' >"$work/hello.c"
    initramfs_make "$root/sw/linux/init" "$work/busybox" "$work/script" "$work/modules"
    [[ $initramfs != "$first" ]] || fail "a program that changed is in no other initramfs"
}

what_a_script_needs_may_need_more() {
    local needed
    mkdir -p "$work/scripts"
    printf '# needs: b.sh c.sh\n' >"$work/scripts/a.sh"
    printf '# needs: c.sh a.sh\n' >"$work/scripts/b.sh"
    printf '# needs: d.bin\n' >"$work/scripts/c.sh"
    printf '\0\n' >"$work/scripts/d.bin"
    initramfs_needed "$work/scripts/a.sh"
    expect "${needed[*]##*/}" "b.sh c.sh d.bin"
}

a_script_that_needs_what_is_not_there_is_refused() {
    fake_software
    echo '# needs: nowhere' >>"$work/script"
    run initramfs_make "$root/sw/linux/init" "$work/busybox" "$work/script" "$work/modules"
    expect "$status" 2
    expect "$said" "vp: linux: --script $work/script needs $work/nowhere, \
which is not there or cannot be read"
}

own_files_need_no_packages() {
    local kernel initrd
    stand_in apt-get 'echo "apt-get was run" >&2; exit 1'
    linux_software bookworm script /my/kernel /my/initrd
    expect "$kernel $initrd" "/my/kernel /my/initrd"
}

# A kernel as `vp kernel` keeps it, with a header and a module of its own, and a script for it.
fake_kernel() {
    local cache
    cache=$(kernel_cache)
    mkdir -p "$cache/include/linux" "$cache/root/lib/modules"
    echo image >"$cache/Image"
    echo own >"$cache/root/lib/modules/own.ko"
    echo '#define OF_THIS_KERNEL 1' >"$cache/include/linux/own.h"
}

fake_script_for_kernel() {
    printf '# kernel: sva\n# needs: own.c\n' >"$work/script"
    printf '#include <linux/own.h>\nint main(void) { return OF_THIS_KERNEL; }\n' >"$work/own.c"
}

a_script_may_be_for_the_kernel_that_was_built() {
    local kernel initrd first
    fake_software
    fake_script_for_kernel
    run linux_software bookworm "$work/script"
    expect "$status" 3
    expect "$said" "vp: the kernel of sw/linux/sva.config is not there: ./vp kernel builds it"
    fake_kernel
    debian_prepare() { cp -r "$work"/{busybox,modules} "$linux_dir/$1/"; }
    mkdir -p "$linux_dir/bookworm"
    linux_software bookworm "$work/script"
    first=$initrd
    expect "$kernel" "$XDG_CACHE_HOME/smmu-vp/kernel/$(basename "$(kernel_cache)")/Image"
    expect "$(cpio --quiet -it <"$initrd" | grep -cE '^bin/own$')" 1
    expect "$(cpio --quiet -it <"$initrd" | grep -E '^lib/modules/')" lib/modules/own.ko
    echo '#define OF_THIS_KERNEL 2' >"$(kernel_cache)/include/linux/own.h"
    linux_software bookworm "$work/script"
    [[ $initrd != "$first" ]] || fail "other headers are no other initramfs"
}

a_script_for_a_kernel_takes_no_other() {
    fake_script_for_kernel
    for words in '--release trixie' '--flavour rt' "--kernel $work/script"; do
        # shellcheck disable=SC2086 # several words
        run "$root/vp" linux --script "$work/script" $words
        expect "$status" 2
        expect "$said" \
            "vp: linux: --script $work/script is for the kernel of ./vp kernel, and no other"
    done
    echo '# kernel: other' >"$work/script"
    run "$root/vp" linux --script "$work/script"
    expect "$status" 2
    expect "$said" "vp: linux: --script $work/script: there is no kernel \"other\""
}

# An apt that has a mirror in its lists, and cannot reach it.
no_mirror() {
    # shellcheck disable=SC2016 # for the stand-in
    stand_in apt-get '
        [ "$1" = indextargets ] || { echo "E: nobody is there"; exit 100; }
        . /etc/os-release
        echo "$VERSION_CODENAME http://mirror.example/debian/"'
}

no_mirror_is_status_3() {
    no_mirror
    fake_software
    run linux_software bookworm "$work/script"
    expect "$status" 3
    expect "$(tail -n 1 <<<"$said")" \
        "vp: the arm64 kernel and busybox of Debian bookworm cannot be fetched: nobody is there"
    [[ ! -e $XDG_CACHE_HOME/smmu-vp/debian/bookworm ]] || fail "something is in the cache"
}

a_damaged_package_is_not_used() {
    local cache=$XDG_CACHE_HOME/smmu-vp/debian/bookworm
    mkdir -p "$cache"
    echo good >"$cache/linux-image-1.deb"
    (cd "$cache" && sha256sum ./*.deb >SHA256SUMS)
    echo evil >"$cache/linux-image-1.deb"
    fake_software
    run linux_software bookworm "$work/script"
    expect "$status" 1
    [[ $said == *"$cache is damaged: delete it" ]] || fail "\"$said\""
}

# Makes a package NAME of the tree below $work/NAME, in the cache of SET.
fake_package() { # NAME SET
    local cache
    cache=$(debian_cache "$2")
    mkdir -p "$cache" "$work/$1/DEBIAN"
    printf 'Package: %s\nVersion: 1\nArchitecture: arm64\nMaintainer: nobody\nDescription: x\n' "$1" \
        >"$work/$1/DEBIAN/control"
    dpkg-deb --build "$work/$1" "$cache/$1_1_arm64.deb" >/dev/null
    (cd "$cache" && sha256sum ./*.deb >SHA256SUMS)
}

# A program that needs libone, which needs libtwo, as packages: the newer layout and the older one.
fake_program_and_libraries() { # SET
    local gcc='aarch64-linux-gnu-gcc -nostdlib -shared'
    mkdir -p "$work"/{tool/usr/sbin,libs/usr/lib/aarch64-linux-gnu,libs/lib/other}
    echo 'int f(void) { return 1; }' >"$work/f.c"
    $gcc -Wl,-soname,libtwo.so.2 -o "$work/libs/lib/other/libtwo.so.2" "$work/f.c"
    $gcc -Wl,-soname,libone.so.1 -o "$work/libs/usr/lib/aarch64-linux-gnu/libone.so.1.0" \
        -Wl,--no-as-needed "$work/libs/lib/other/libtwo.so.2" "$work/f.c"
    ln -s libone.so.1.0 "$work/libs/usr/lib/aarch64-linux-gnu/libone.so.1"
    echo unused >"$work/libs/lib/other/libthree.so.3"
    $gcc -o "$work/tool/usr/sbin/tool" \
        -Wl,--no-as-needed "$work/libs/usr/lib/aarch64-linux-gnu/libone.so.1" "$work/f.c"
    ln -s tool "$work/tool/usr/sbin/tool.alias"
    fake_package libs "$1"
    fake_package tool "$1"
}

a_package_is_its_programs_and_the_libraries_they_need() {
    stand_in apt-get 'echo "apt-get was run" >&2; exit 1'
    fake_program_and_libraries bookworm+tool
    debian_prepare bookworm+tool
    expect "$(cd "$build/linux/bookworm+tool/root" && find . ! -type d | sort | tr '\n' ' ')" \
        "./bin/tool ./bin/tool.alias ./lib/libone.so.1 ./lib/libtwo.so.2 "
    fake_software
    initramfs_make "$root/sw/linux/init" "$work/busybox" "$work/script" "$work/modules" \
        "$build/linux/bookworm+tool/root"
    cpio --quiet -i --to-stdout bin/tool <"$initramfs" | cmp - "$work/tool/usr/sbin/tool"
    expect "$(cpio --quiet -itv lib/libone.so.1 <"$initramfs" | cut -c 1)" -
}

# Files named for what they are.
fake_files() { # PATH...
    local path
    for path; do
        mkdir -p "$(dirname "$path")"
        echo "${path##*/}" >"$path"
    done
}

# The tree of a kernel below DIR: modules that sw/linux wants, compressed, and nvme built in.
fake_modules() { # DIR
    local name
    mkdir -p "$1/kernel"
    echo 'const char m[] __attribute__((section(".modinfo"))) = "license=GPL";' >"$work/m.c"
    for name in vfio-pci vfio_iommu_type1 ext4 arm_smmuv3_pmu virtio_pci virtio_rng virtio_net virtio_blk; do
        aarch64-linux-gnu-gcc -c -o "$1/kernel/$name.ko" "$work/m.c"
    done
    xz "$1"/kernel/*.ko
    echo kernel/nvme.ko >"$1/modules.builtin"
    printf 'nvme.license=GPL\0' >"$1/modules.builtin.modinfo"
    touch "$1/modules.order"
}

expect_kernel() { # SET
    debian_prepare "$1"
    expect "$(cat "$build/linux/$1/busybox" "$build/linux/$1/vmlinuz")" $'busybox\nvmlinuz-1.0'
    expect "$(cd "$build/linux/$1/modules/lib/modules/1.0" && find . -name '*.ko*' | sort | tr '\n' ' ')" \
        "./kernel/arm_smmuv3_pmu.ko ./kernel/ext4.ko ./kernel/vfio-pci.ko ./kernel/vfio_iommu_type1.ko \
./kernel/virtio_blk.ko ./kernel/virtio_net.ko ./kernel/virtio_pci.ko ./kernel/virtio_rng.ko "
}

a_kernel_is_found_in_whatever_packages_it_is() {
    local modules
    stand_in apt-get 'echo "apt-get was run" >&2; exit 1'
    fake_files "$work"/{busybox-static/usr/bin/busybox,linux-base/usr/bin/linux-version}
    fake_files "$work/linux-image-1/boot/vmlinuz-1.0"
    fake_modules "$work/linux-image-1/lib/modules/1.0"
    fake_package linux-image-1 bookworm
    fake_package busybox-static bookworm
    expect_kernel bookworm

    modules=usr/lib/modules/1.0
    fake_files "$work/linux-image-2/usr/share/doc" "$work/linux-binary-2/$modules/vmlinuz-1.0"
    mkdir -p "$work"/{linux-modules-2,linux-base-2}/$modules
    cp -r "$work"/linux-image-1/lib/modules/1.0/kernel "$work/linux-modules-2/$modules/"
    cp "$work"/linux-image-1/lib/modules/1.0/modules.* "$work/linux-base-2/$modules/"
    for each in linux-image-2 linux-binary-2 linux-modules-2 linux-base-2 linux-base busybox-static; do
        fake_package "$each" trixie-backports@rt
    done
    expect_kernel trixie-backports@rt
}

a_kernel_that_lacks_a_module_is_told() {
    fake_files "$work"/{busybox-static/bin/busybox,linux-image-1/boot/vmlinuz-1.0}
    fake_modules "$work/linux-image-1/lib/modules/1.0"
    rm "$work/linux-image-1/lib/modules/1.0/kernel/ext4.ko.xz"
    fake_package linux-image-1 bookworm
    fake_package busybox-static bookworm
    run debian_prepare bookworm
    expect "$status" 1
    expect "$(tail -n 1 <<<"$said")" \
        "vp: kernel 1.0 lacks a module that sw/linux/modules names"
}

a_flavour_is_a_set_of_all_packages_of_its_kernel() {
    # shellcheck disable=SC2016 # for the stand-in
    stand_in apt-get '
        echo "$@" >>'"$work"'/asked
        printf "Inst %s (1)\n" libc6 linux-base-2 linux-binary-2 linux-base busybox-static'
    expect "$(debian_names trixie-backports@16k -q | tr '\n' ' ')" \
        "linux-base-2 linux-binary-2 linux-base busybox-static "
    debian_names bookworm -q >/dev/null
    expect "$(<"$work/asked")" "--simulate --no-install-recommends -q install \
linux-image-arm64-16k busybox-static
--simulate --no-install-recommends -q install linux-image-arm64 busybox-static"
}

backports_complete_a_release() {
    local line="deb [signed-by=$debian_keyring] http://mirror.example/debian/"
    no_mirror
    expect "$(debian_sources trixie-backports@16k)" "$line trixie main
$line trixie-backports main"
    expect "$(debian_sources trixie+tool)" "$line trixie main"
    expect "$(debian_base trixie-backports@16k)" trixie
}

a_package_alone_is_all_that_it_has() {
    stand_in apt-get 'echo "apt-get was run" >&2; exit 1'
    mkdir -p "$work/loader/usr/lib/loader" "$work/loader/etc"
    echo image >"$work/loader/usr/lib/loader/loader.efi"
    echo settings >"$work/loader/etc/settings"
    fake_package loader bookworm=loader
    debian_prepare bookworm=loader
    expect "$(cd "$build/linux/bookworm=loader/root" && find . ! -type d | sort | tr '\n' ' ')" \
        "./etc/settings ./lib/loader/loader.efi "
}

a_script_gets_the_packages_it_asks_for() {
    local initrd kernel
    fake_package kernel bookworm
    fake_program_and_libraries bookworm+tool
    fake_software
    # shellcheck disable=SC2317 # called by debian_prepare
    debian_unpack_kernel() {
        mkdir -p "$2"
        cp -r "$work/modules" "$work/busybox" "$2/"
    }
    printf '# needs: more.sh\n' >>"$work/script"
    printf '# packages: tool\n' >"$work/more.sh"
    linux_software bookworm "$work/script" >/dev/null
    expect "$(cpio --quiet -it <"$initrd" | grep -cxE 'bin/(tool|more.sh)|lib/libtwo.so.2')" 3
    touch "$work/plain"
    linux_software bookworm "$work/plain" >/dev/null
    expect "$(cpio --quiet -it <"$initrd" | grep -c tool)" 0
    mkdir -p "$work/newer/usr/bin"
    echo newer >"$work/newer/usr/bin/newer"
    fake_package newer trixie-backports+newer
    echo '# packages: newer/trixie-backports' >"$work/script"
    linux_software bookworm "$work/script" >/dev/null
    expect "$(cpio --quiet -it <"$initrd" | grep -cx bin/newer)" 1
}

a_cache_without_a_package_is_completed_or_status_3() {
    fake_package kernel bookworm # complete for scripts that ask for nothing
    no_mirror
    # shellcheck disable=SC2317 # called by debian_prepare
    debian_unpack_kernel() { mkdir -p "$2"; }
    echo '# packages: tool' >"$work/script"
    run linux_software bookworm "$work/script"
    expect "$status" 3
    expect "$(tail -n 1 <<<"$said")" "vp: tool of Debian bookworm cannot be fetched: nobody is there"
}

what_cannot_be_a_package_is_refused() {
    echo '# packages: ../tool' >"$work/script"
    run linux_software bookworm "$work/script"
    expect "$status" 2
    expect "$said" "vp: linux: --script $work/script: \"../tool\" cannot be a package"
}

the_median_is_in_the_middle() {
    expect "$(median 10.5 9 100)" 10.5
}

"$1"
