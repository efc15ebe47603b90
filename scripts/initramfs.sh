# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The initramfs of the guest: busybox, an init, modules, the script to run and what it
# needs. The same input gives the same bytes, under a name made of the input. Sourced; needs
# common.sh.
# shellcheck disable=SC2154 # root, build

# A name for the contents of files and of all files below directories; paths below do not matter
# beyond their order.
contents_name() { # PATH...
    find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | cut -d ' ' -f 1 |
        sha256sum | cut -c 1-16
}

# What the lines "# NAME: ..." of scripts say, a line each.
script_header() { # NAME SCRIPT...
    sed -n "s/^# $1: *//p" "${@:2}"
}

# Sets `needed` to the files that `# needs:` lines of SCRIPT name, and of those: beside SCRIPT, or of the host.
initramfs_needed() { # SCRIPT [COMMAND]
    local i names name path
    needed=("$1")
    for ((i = 0; i < ${#needed[@]}; i++)); do
        read -d '' -ra names < <(script_header needs "${needed[i]}") || true
        for name in "${names[@]}"; do
            path=$name
            [[ $name == /* ]] || path=$(dirname "$1")/$name
            ! contains "$path" "${needed[@]}" || continue
            [[ -f $path && -r $path ]] ||
                refuse "${2:-linux}: --script $1 needs $path, which is not there or cannot be read"
            needed+=("$path")
        done
    done
    needed=("${needed[@]:1}")
}

# Puts FILE into the directory BIN; C source as the program it is the source of, headers not at all.
# `kernel_headers` is the folder of a kernel's own headers, if its scripts are to have them.
initramfs_install() { # FILE BIN
    [[ $1 != *.h ]] || return 0
    if [[ $1 == *.c ]]; then
        aarch64-linux-gnu-gcc -std=gnu11 -O2 -Wall -Wextra -Werror -static -s \
            ${kernel_headers:+-isystem "$kernel_headers"} \
            -Wl,--build-id=none -o "$2/$(basename "$1" .c)" "$1" ||
            fail "linux: $1 cannot be compiled for the guest"
    else
        install -m 755 "$1" "$2/"
    fi
}

# Fills the directory TO as the root of the guest: with the TREES, the files that `needed` names, INIT, and
# what that wants. Who may do what depends neither on the umask nor on the modes of the sources.
initramfs_populate() { # INIT BUSYBOX SCRIPT TO TREE...
    local tree file
    mkdir -p "$4"/{bin,dev,proc,sys,tmp}
    for tree in "${@:5}"; do
        cp -a "$tree/." "$4/"
    done
    ln -s bin "$4/sbin" # where the kernel looks for modprobe
    install -m 755 "$2" "$4/bin/busybox"
    ln -s busybox "$4/bin/modprobe" # the kernel may ask for modules before init makes the others
    install -m 755 "$1" "$4/init"
    install -m 644 "$3" "$4/check"
    for file in "${needed[@]}"; do
        initramfs_install "$file" "$4/bin"
    done
    chmod -R u=rwX,go=rX "$4"
}

# Prints the directory DIR as a cpio archive: sorted, owned by root, all times 0.
initramfs_archive() { # DIR
    find "$1" -exec touch --no-dereference --date=@0 {} +
    (cd "$1" && find . -mindepth 1 -print0 | sort -z |
        cpio --quiet --null --create --format=newc --reproducible --owner=+0:+0)
}

# Makes an initramfs that runs INIT, which runs SCRIPT, with the contents of the directories TREE, and sets
# the variable `initramfs` to its path.
initramfs_make() { # INIT BUSYBOX SCRIPT TREE...
    local part name needed
    initramfs_needed "$3"
    name=$(contents_name "$@" "${needed[@]}" ${kernel_headers:+"$kernel_headers"} \
        "$root/scripts/initramfs.sh")
    initramfs=$build/linux/initramfs-$name.cpio
    [[ ! -f $initramfs ]] || return 0
    say "building the initramfs"
    part=$(mktemp -d "$build/linux/initramfs.XXXXXX")
    initramfs_populate "$1" "$2" "$3" "$part/root" "${@:4}"
    initramfs_archive "$part/root" >"$part/cpio"
    mv "$part/cpio" "$initramfs"
    rm -r "$part"
}
