// @ts-check
/**
 * What older kernels do not take of what this project may ask of bpf(2), by the names of what refuses it in their place
 * (older-kernel.ts). It stands apart because Node itself reads it too, which knows no TypeScript.
 */

/** Linux 5.4. */
export const LINUX_5_4 = /** @type {const} */ ([
  'no ring buffer',
  'no mappable maps',
  'no batches',
  'no links',
  'no atomic fetch',
  'helpers of 5.4',
  'program types of 5.4',
  'attributes of 5.4',
  'no BTF of global functions',
  'no BTF floats',
  'no BTF decl_tags',
  'no BTF type_tags',
  'no BTF enum64',
])

/** Linux 4.19. */
export const LINUX_4_19 = /** @type {const} */ ([
  ...LINUX_5_4,
  'map kinds of 4.19',
  'no read-only maps',
  'no freezing',
  'no dots in names',
  'no map values',
  'no JMP32',
  'no loops',
  'at most 4096 instructions',
  'helpers of 4.19',
  'program types of 4.19',
  'attributes of 4.19',
  'logs below 16 MiB',
  'no BTF of functions',
  'no BTF of variables',
])
