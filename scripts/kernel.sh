# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# `vp kernel`: builds the kernel of sw/linux/sva.config from Debian's linux-source package. It is kept in
# the user's cache directory, with the headers that programs need to talk to it, and with the module of
# sw/linux/module. Sourced; needs common.sh, debian.sh and initramfs.sh.
# shellcheck disable=SC2154 # root, build, jobs

readonly kernel_version=7.3
readonly kernel_source=trixie-backports=linux-source-$kernel_version # the set of packages
readonly kernel_config=$root/sw/linux/sva.config
readonly kernel_module=$root/sw/linux/module # sources of the driver that the kernel lacks
readonly kernel_work=$build/linux/kernel # sources, objects, the log; gone when the kernel is there
readonly kernel_objects=1100             # files that are compiled, about

# The directory that keeps what is made of kernel_config and kernel_module: Image, config, include/, and root/,
# which guests have: the module in lib/modules/, and the Image, for virtual machines of theirs.
kernel_cache() {
    user_cache "kernel/$kernel_version-$(contents_name "$kernel_config" "$kernel_module")"
}

# Whether the kernel is there.
kernel_built() {
    [[ -f $(kernel_cache)/Image ]]
}

# Sets `kernel`, `kernel_headers` and `kernel_root` to what `vp kernel` has made; ends with status 3 if it has
# not.
# shellcheck disable=SC2034 # they are those of the caller
kernel_find() {
    kernel_built || unreachable "the kernel of sw/linux/sva.config is not there: ./vp kernel builds it"
    kernel=$(kernel_cache)/Image
    kernel_headers=$(kernel_cache)/include
    kernel_root=$(kernel_cache)/root
}

# Unpacks the sources of the package; what an interrupted run has left half done goes.
kernel_unpack() {
    local cache
    [[ ! -e $kernel_work/unpacked ]] || return 0
    cache=$(debian_cache "$kernel_source")
    debian_check_cache "$cache"
    say "unpacking the sources of Linux $kernel_version"
    rm -rf "$kernel_work"
    mkdir -p "$kernel_work/source"
    dpkg-deb --fsys-tarfile "$cache"/linux-source-*.deb |
        tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
        tar -xJ --strip-components=1 -C "$kernel_work/source" ||
        fail "the sources of Linux cannot be unpacked into $kernel_work"
    touch "$kernel_work/unpacked"
}

# The same input makes the same kernel, whoever builds it and when.
kernel_make() { # TARGET...
    make -C "$kernel_work/source" O="$kernel_work/objects" -j "$jobs" \
        ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- \
        KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=vp KBUILD_BUILD_HOST=vp \
        KCONFIG_ALLCONFIG="$kernel_config" "$@"
}

# Prints the lines of kernel_config that CONFIG does not have.
kernel_missing() { # CONFIG
    grep '^CONFIG_' "$kernel_config" | grep -vxFf "$1" || true
}

kernel_configure() {
    local missing
    say "configuring"
    kernel_make allnoconfig >"$kernel_work/log" 2>&1 ||
        fail "the kernel cannot be configured: $kernel_work/log says why"
    missing=$(kernel_missing "$kernel_work/objects/.config")
    [[ -z $missing ]] || fail "Linux $kernel_version does not take, of sw/linux/sva.config:" \
        "${missing//$'\n'/ }"
}

# Shows how many files have been compiled, of the output of make.
kernel_progress() {
    local line count=0
    while IFS= read -r line; do
        [[ $line =~ ^\ \ (CC|AS)\  ]] || continue
        count=$((count + 1))
        if [[ -t 1 ]]; then
            printf '\rvp: compiled %s files of about %s\033[K' "$count" "$kernel_objects"
        elif ((count % 100 == 0)); then
            say "compiled $count files of about $kernel_objects"
        fi
    done
    [[ ! -t 1 ]] || echo
}

kernel_compile() {
    {
        kernel_make Image headers modules &&
            kernel_make M="$kernel_module" MO="$kernel_work/module" modules
    } 2>&1 | tee -a "$kernel_work/log" | kernel_progress || {
        tail -n 20 "$kernel_work/log" >&2
        fail "the kernel cannot be built; all of the output is in $kernel_work/log"
    }
}

# Moves the kernel to where it is kept.
kernel_keep() {
    local cache
    cache=$(kernel_cache)
    rm -rf "$cache" "$cache.part"
    mkdir -p "$cache.part"/root/{boot,lib/modules}
    cp "$kernel_work"/module/*.ko "$cache.part/root/lib/modules/"
    cp "$kernel_work/objects/arch/arm64/boot/Image" "$cache.part/"
    ln "$cache.part/Image" "$cache.part/root/boot/"
    cp "$kernel_work/objects/.config" "$cache.part/config"
    cp -r "$kernel_work/objects/usr/include" "$cache.part/include"
    mv "$cache.part" "$cache"
    rm -rf "$kernel_work"
}

cmd_kernel() {
    no_arguments kernel "$@"
    if ! kernel_built; then
        need "${build_packages[@]}" "${kernel_packages[@]}"
        debian_fetch "$kernel_source"
        kernel_unpack
        kernel_configure
        say "building Linux $kernel_version, once; this takes 15 minutes of CPU time"
        kernel_compile
        kernel_keep
    fi
    say "the kernel is $(kernel_cache)/Image"
}
