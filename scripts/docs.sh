# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# vp docs: the reference of the public headers, made by Doxygen. Sourced; the caller sets root and
# build.
# shellcheck disable=SC2154 # root, build and the lists of packages

readonly docs=$build/docs

# The Doxygen of Debian 12 does not miss the documentation of an enumerator.
undocumented_enumerators() {
    awk '/<enumvalue/ { documented = 0 }
        /<name>/ { name = $0; gsub(/<[^>]*>| /, "", name) }
        /<para>/ { documented = 1 }
        /<\/enumvalue>/ && !documented { print name " is not documented" }' "$docs"/xml/*.xml
}

make_docs() {
    local complaints
    say "doxygen"
    rm -rf "$docs"
    mkdir -p "$docs"
    doxygen docs/Doxyfile >"$docs/doxygen.log" 2>&1 || {
        sed "s|^$root/||" "$docs/doxygen.log" >&2
        fail "doxygen has complaints"
    }
    complaints=$(undocumented_enumerators)
    [[ -z $complaints ]] || {
        echo "$complaints" >&2
        fail "enumerators are not documented"
    }
}

cmd_docs() {
    no_arguments docs "$@"
    need "${docs_packages[@]}"
    make_docs
    say "docs: build/docs/html/index.html"
}
