// SPDX-License-Identifier: Apache-2.0
/*
 * What libbpf makes of an object's CO-RE relocations on a kernel whose types are given:
 *
 *   core-relocations OBJECT KERNEL
 *
 * prints a line of JSON for each program, `{"program":"NAME","slots":["…", …]}`, a slot being the sixteen hexadecimal
 * digits of its bytes; or one line `{"error":"…"}` with libbpf's first warning, if it refuses. An instruction whose
 * relocation finds nothing is one that no verifier takes: a call of a helper that there is not, 0xbad2310 and up.
 *
 * libbpf relocates when it loads, before the kernel sees a program: what it made is taken where it is about to load the
 * first, and then loading is given up. It takes rights all the same, since libbpf first tries whether it may load at all.
 */
#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct bpf_object *object;
static int relocated;
static char warning[512];

static int keep_warning(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_WARN && warning[0] == '\0')
		vsnprintf(warning, sizeof(warning), format, arguments);
	return 0;
}

static int print_programs(struct bpf_program *first, struct bpf_prog_load_opts *options, long cookie)
{
	(void)first, (void)options, (void)cookie;
	struct bpf_program *program;

	if (relocated++)
		return -1;
	bpf_object__for_each_program(program, object) {
		const unsigned char *bytes = (const void *)bpf_program__insns(program);
		size_t count = bpf_program__insn_cnt(program);

		printf("{\"program\":\"%s\",\"slots\":[", bpf_program__name(program));
		for (size_t i = 0; i < count * 8; i++)
			printf("%s%02x%s", i % 8 ? "" : i ? ",\"" : "\"", bytes[i], i % 8 == 7 ? "\"" : "");
		printf("]}\n");
	}
	return -1;
}

int main(int count, char **arguments)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, handler, .prog_prepare_load_fn = print_programs);

	if (count != 3) {
		fprintf(stderr, "core-relocations OBJECT KERNEL\n");
		return 2;
	}
	libbpf_set_print(keep_warning);
	libbpf_register_prog_handler("socket", BPF_PROG_TYPE_SOCKET_FILTER, 0, &handler);
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = arguments[2]);
	object = bpf_object__open_file(arguments[1], &options);
	if (object)
		bpf_object__load(object);
	if (!relocated) {
		printf("{\"error\":\"");
		for (const char *c = warning; *c; c++)
			if (*c >= ' ')
				printf(*c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
		printf("\"}\n");
	}
	bpf_object__close(object);
	return 0;
}
