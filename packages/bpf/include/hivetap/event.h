/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a field is, beyond its type: kept in the object's BTF, read by whatever is made from it. */
#pragma once

/* A sentence that says what it is. */
#define doc(text) __attribute__((btf_decl_tag("doc:" text)))
/* A 64-bit integer that never passes 2^53: a number in TypeScript, not a bigint. */
#define as_number __attribute__((btf_decl_tag("number")))
/* Sixteen bytes that hold an IP address, of the family in the field named: four bytes of them for IPv4. */
#define ip_address(family) __attribute__((btf_decl_tag("ip:" #family)))
/* It is not always known: where it holds its zero value, it is left out. */
#define if_known __attribute__((btf_decl_tag("optional")))
