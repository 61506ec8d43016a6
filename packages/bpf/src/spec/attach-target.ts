/**
 * Where a program is to run, as its section's name in the object file says it. The names are libbpf's
 * (Documentation/bpf/libbpf/program_types.rst), so that objects written for it can be read.
 */
export type AttachTarget =
  /** `tp_btf/<name>`: a tracepoint, its arguments typed by the kernel's BTF. Linux 5.5. */
  | { readonly kind: 'tp_btf'; readonly name: string }
  /** `raw_tp/<name>`: a tracepoint, its arguments as numbers. Linux 4.17. */
  | { readonly kind: 'raw_tp'; readonly name: string }
  /** `tp/<group>/<name>`: a tracepoint, its record as tracefs describes it. Linux 4.7. */
  | { readonly kind: 'tracepoint'; readonly group: string; readonly name: string }
  /** `socket`: runs on no hook of this package; for probes of what a kernel takes. Linux 3.19. */
  | { readonly kind: 'socket_filter' }
  /** A section that no rule here knows. Such a program can be read, not loaded. */
  | { readonly kind: 'unknown'; readonly section: string }

/** Reads a section's name; a leading `?` (not loaded unless asked for, in libbpf) is passed over. */
export function parseAttachTarget(section: string): AttachTarget {
  const [prefix = '', ...rest] = section.replace(/^\?/, '').split('/')
  const [first, second] = rest
  switch (prefix) {
    case 'tp_btf':
      if (rest.length === 1 && first) return { kind: 'tp_btf', name: first }
      break
    case 'raw_tp':
    case 'raw_tracepoint':
      if (rest.length === 1 && first) return { kind: 'raw_tp', name: first }
      break
    case 'tp':
    case 'tracepoint':
      if (rest.length === 2 && first && second) return { kind: 'tracepoint', group: first, name: second }
      break
    case 'socket':
      return { kind: 'socket_filter' }
  }
  return { kind: 'unknown', section }
}

/** As people write it: `tp_btf inet_sock_set_state`, `tracepoint sock:inet_sock_set_state`. */
export function describeAttachTarget(target: AttachTarget): string {
  switch (target.kind) {
    case 'tracepoint':
      return `tracepoint ${target.group}:${target.name}`
    case 'socket_filter':
      return 'socket filter'
    case 'unknown':
      return `section ${target.section}`
    default:
      return `${target.kind} ${target.name}`
  }
}
