#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No two sources or headers of component/ and platform/ have one name, so that a name says which file is
# meant. A public header of the component, which includes spell with its folder, may share its name with
# the header of its source in the core.
# Usage: unique_file_names.sh [ROOT]
set -euo pipefail

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"
declare -A first=()
status=0
while read -r file; do
    name=${file##*/}
    other=${first[$name]-}
    [[ -n $other ]] || first[$name]=$file
    case "$other $file" in
    " $file") ;;
    component/core/*" component/include/"*) first[$name]=$file ;;
    *)
        echo "$other and $file have one name" >&2
        status=1
        ;;
    esac
done < <(find component platform -regex '.*\.\(c\|h\|cpp\|hpp\|def\)' | LC_ALL=C sort)
[[ ${#first[@]} -gt 0 ]] || {
    echo "no source in component and platform" >&2
    status=1
}
exit $status
