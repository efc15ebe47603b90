# SPDX-License-Identifier: Apache-2.0
# cmake -DEXPRESSION=... -P regex.cmake: fails if ctest could not take EXPRESSION for -R and the like.
string(REGEX MATCH "${EXPRESSION}" match "")
