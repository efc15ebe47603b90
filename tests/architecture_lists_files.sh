#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/architecture.md names every file of the core; a header with the name of its source goes with it.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
missing=0
for file in component/core/*.[ch] component/core/*/*.[ch] component/core/*/*.def; do
    [[ $file == */examples/* ]] && continue
    [[ $file == *.h && -e ${file%.h}.c ]] && continue
    grep -q "\`$(basename "$file")\`" docs/architecture.md && continue
    echo "docs/architecture.md does not name $file" >&2
    missing=1
done
exit $missing
