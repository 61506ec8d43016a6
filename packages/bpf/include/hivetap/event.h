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
/*
 * An array of `char` or `__u8` that ends the struct, and of which a record holds as much as it needs. It is made of parts,
 * one behind the other, whose sizes in bytes are in fields of the struct:
 *
 *	__u16 path_size;
 *	__u16 args_size;
 *	char tail[1024] parts("path:path_size args:args_size:texts?")
 *		part_doc("path: The file") part_doc("args: Its arguments, if they are known");
 *
 * A part of a `char` array is text up to its end or first NUL; with `:texts`, texts that are each ended by a NUL. With `?`
 * it is not always known: where it has no bytes, it is left out. The fields that hold sizes are not shown. The record is
 * handed over with offsetof(struct, tail) bytes and those of its parts.
 */
#define parts(list) __attribute__((btf_decl_tag("parts:" list)))
/* A sentence that says what a part is: its name, a colon, the sentence. */
#define part_doc(text) __attribute__((btf_decl_tag("part:" text)))
