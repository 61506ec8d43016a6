/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Questions to the kernel's types, answered when the program is loaded (CO-RE: compile once, run everywhere).
 * The builtins are clang's: https://clang.llvm.org/docs/LanguageExtensions.html, "Builtin functions for BPF".
 */
#pragma once

/* Behind a kernel struct's declaration: its members' places are the kernel's own. */
#define __core __attribute__((preserve_access_index))

/* enum bpf_field_info_kind and enum bpf_type_info_kind, as clang numbers them. */
#define core_field_offset(field) __builtin_preserve_field_info(field, 0)
#define core_field_size(field) __builtin_preserve_field_info(field, 1)
#define core_field_exists(field) __builtin_preserve_field_info(field, 2)
#define core_field_signed(field) __builtin_preserve_field_info(field, 3)
#define core_field_lshift(field) __builtin_preserve_field_info(field, 4)
#define core_field_rshift(field) __builtin_preserve_field_info(field, 5)
#define core_type_exists(type) __builtin_preserve_type_info(*(typeof(type) *)0, 0)
#define core_type_size(type) __builtin_preserve_type_info(*(typeof(type) *)0, 1)
#define core_type_matches(type) __builtin_preserve_type_info(*(typeof(type) *)0, 2)

/* An enumerator of the kernel's: of enum bpf_func_id, whether there is a helper. */
#define core_enumerator_exists(type, label) __builtin_preserve_enum_value(*(typeof(type) *)label, 0)
#define core_enumerator_value(type, label) __builtin_preserve_enum_value(*(typeof(type) *)label, 1)

/* A field through a pointer that is a plain number to the verifier: copied, 0 where it cannot be read. */
#define core_read(to, field) bpf_probe_read_kernel(to, sizeof(*(to)), (const void *)&(field))

/*
 * A bit field, or an integer that is a bit field on some kernels: the smallest aligned load that holds it, shifted to
 * its bits. `base` points to the struct; with core_bits it is dereferenced, with core_read_bits copied.
 *
 * In these, and in the questions above, a field is named from a pointer in a variable (`sk->field`): every struct that
 * an expression passes through is asked for on the kernel, one's own too.
 */
#define core_bits(base, field)                                                                        \
	({                                                                                            \
		typeof(base) _base = (base);                                                          \
		const void *_place = (const void *)_base + core_field_offset(_base->field);           \
		__u64 _value = 0;                                                                     \
		asm volatile("" : "+r"(_place));                                                      \
		switch (core_field_size(_base->field)) {                                              \
		case 1: _value = *(const __u8 *)_place; break;                                        \
		case 2: _value = *(const __u16 *)_place; break;                                       \
		case 4: _value = *(const __u32 *)_place; break;                                       \
		case 8: _value = *(const __u64 *)_place; break;                                       \
		}                                                                                     \
		_value <<= core_field_lshift(_base->field);                                           \
		_value >>= core_field_rshift(_base->field);                                           \
		_value;                                                                               \
	})

#define core_read_bits(base, field)                                                                   \
	({                                                                                            \
		typeof(base) _base = (base);                                                          \
		__u64 _value = 0;                                                                     \
		bpf_probe_read_kernel(&_value, core_field_size(_base->field),                         \
				      (const void *)_base + core_field_offset(_base->field));         \
		_value <<= core_field_lshift(_base->field);                                           \
		_value >>= core_field_rshift(_base->field);                                           \
		_value;                                                                               \
	})
