# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Firmware on a serial console: a machine that runs, what it prints, what is typed. Sourced, with the
# program, the build directory and the name of the test as first arguments; the test then runs in a
# directory of its own. It ends with status 3 if an image of firmware is not installed.
# shellcheck disable=SC2034 # used by the files that are sourced

readonly program=$1 build=$2 results=$2/firmware/test-$3
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
readonly root
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"

machine= # the process
seen=0   # bytes of its console, as plain text, that were waited for
rm -rf "$results"
mkdir -p "$results"
cd "$results" || exit

# An image that a package of Debian has.
installed() { # FILE...
    local file
    for file; do
        [[ -e $file ]] || end_with 3 "$file is not installed"
    done
}

# The default machine with an NVMe controller, whose namespace is DISK, as the blob machine.dtb. No command
# moves more than 512 KiB, as with most controllers.
make_machine() { # DISK
    cat >machine.dts <<END
/dts-v1/;
/include/ "$root/platform/dts/virt.dts"
&pcie {
	nvme@4,0 {
		compatible = "vp,nvme";
		reg = <0x2000 0 0 0 0>;
		vp,backing-file = "$1";
		vp,mdts = <7>;
	};
};
END
    dtc -q -I dts -O dtb -o machine.dtb machine.dts
}

# A FAT file system, in a file of its own.
make_disk() { # DISK
    truncate -s 64M "$1"
    mformat -i "$1" -F ::
}

# A disk with an EFI system partition, which mtools find as `partition`. What identifies them is the same
# each time.
make_partitioned_disk() { # DISK MEBIBYTES
    local size=$(($2 - 2))
    truncate -s "$2M" "$1"
    /sbin/sfdisk --quiet "$1" <<END
label: gpt
label-id: 8F0A4A52-6E63-4C0B-9D5A-6B0E31D5C7A1
start=1MiB, size=${size}MiB, type=uefi, uuid=0C5B1D3E-9A7F-4E21-8B64-F2D7A9135E08
END
    partition=$1@@1M
    mformat -i "$partition" -F -N 5a5a0001 -T $((size * 2048)) ::
}

# Starts the machine; its console goes to CONSOLE.
start() { # CONSOLE OPTION...
    console=$1
    rm -f keys "$console"
    mkfifo keys
    "$program" --dtb machine.dtb --interactive "${@:2}" <keys >"$console" 2>errors &
    machine=$!
    exec 3>keys
    seen=0
}

stop() {
    [[ -z $machine ]] || kill "$machine" 2>/dev/null || true
}
trap stop EXIT

# What is on the console, without what moves the cursor and colours it.
plain_text() {
    sed -E 's/\x1b\[[0-9;=?]*[A-Za-z]//g; s/\r//g' "$console"
}

# Waits until the console has a match of the extended regular expression PATTERN behind what was
# waited for before. That takes as long as it takes; ctest knows how long is too long.
await() { # PATTERN
    local match
    while true; do
        match=$(plain_text | tail -c +$((seen + 1)) | grep -aobE -m 1 "$1" | head -1) || true
        if [[ -n $match ]]; then
            seen=$((seen + ${match%%:*} + $(printf '%s' "${match#*:}" | wc -c)))
            return
        fi
        kill -0 "$machine" 2>/dev/null || fail "the machine ended before \"$1\": $(<errors)"
        sleep 0.1
    done
}

type_keys() { # TEXT
    printf '%s' "$1" >&3
}

# A line for a shell of firmware.
type_line() { # TEXT
    type_keys "$1"$'\r'
}

# The machine ends by itself, with STATUS.
await_end() { # STATUS
    local status=0
    wait "$machine" || status=$?
    machine=
    exec 3>&-
    ((status == $1)) || fail "the machine ended with status $status: $(<errors)"
}
