# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What every command of vp needs: messages, exit statuses, Debian packages, building. Sourced; the
# caller sets root, build and jobs.
# shellcheck disable=SC2154 # root, build and jobs

# Debian packages, by what needs them.
# shellcheck disable=SC2034 # used by the files that source this one
{
    readonly build_packages=(
        g++ gcc cmake ninja-build pkgconf
        libsystemc-dev libfdt-dev libcli11-dev device-tree-compiler
        gcc-aarch64-linux-gnu libgtest-dev libgmock-dev libbenchmark-dev
    )
    readonly test_packages=(clang-format qemu-user-static) # is asked what instructions do
    readonly format_packages=(clang-format)
    readonly lint_packages=(clang-tidy cppcheck shellcheck)
    readonly coverage_packages=(gcovr)
    readonly qemu_packages=(qemu-system-arm)
    readonly linux_packages=( # to make an initramfs
        cpio kmod xz-utils debian-archive-keyring libc6-dev-arm64-cross
    )
}

readonly build_log=$build/build.log
export LC_ALL=C.UTF-8 # numbers and the order of names are the same for everyone

say() {
    printf 'vp: %s\n' "$*"
}

# The command could not do what it promises.
fail() {
    say "$*" >&2
    exit 1
}

# The command line, or the machine, cannot be worked with.
refuse() {
    say "$*" >&2
    exit 2
}

contains() { # WORD [WORD OF THE LIST...]
    local word=$1 each
    shift
    for each; do
        [[ $each != "$word" ]] || return 0
    done
    return 1
}

no_arguments() { # COMMAND [ARGUMENT...]
    (($# == 1)) || refuse "$1 takes no arguments, got \"$2\""
}

# --- packages ------------------------------------------------------------------------------------

installed() { # PACKAGE
    [[ $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) == 'install ok installed' ]]
}

as_root() { # COMMAND [ARGUMENT...]
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

need() { # PACKAGE...
    local package missing=()
    command -v dpkg-query >/dev/null ||
        refuse "needs Debian 12: there is no dpkg-query to look for packages with"
    for package; do
        installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    ((EUID == 0)) || command -v sudo >/dev/null ||
        refuse "neither root nor sudo: as root, run apt-get install ${missing[*]}"
    say "installing ${missing[*]}"
    as_root apt-get update -qq || fail "apt-get update failed"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        fail "apt-get install failed"
}

# --- building ------------------------------------------------------------------------------------

configure_and_build() { # PRESET [TARGET...]
    cmake --preset "$1" &&
        cmake --build --preset "$1" --parallel "$jobs" ${2:+--target "${@:2}"}
}

build_preset() { # PRESET [TARGET...]
    local targets=${*:2}
    mkdir -p "$build"
    say "building ${targets:-everything} (preset $1)"
    configure_and_build "$@" >"$build_log" 2>&1 || {
        tail -n 100 "$build_log" >&2
        fail "the build failed; all of its output is in $build_log"
    }
}
