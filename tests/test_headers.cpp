// SPDX-License-Identifier: Apache-2.0
// Has no code: what the headers that all test programs share are precompiled with.
