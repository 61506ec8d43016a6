// @ts-check
/** The states of a host that hivetap is tried in. */
import { fileURLToPath } from 'node:url'
import { LINUX_4_19 } from '../../support/older-kernel-names.mjs'

/**
 * @typedef {object} Condition
 * @property {string} id
 * @property {string} title for the table: what is different from a root shell on a kernel as it is
 * @property {readonly string[]} prefix stands in front of the command, and makes the state for it alone
 * @property {Readonly<Record<string, string>>} [env]
 * @property {string} [script] what is run in place of the command as it is installed
 * @property {'all' | 'classic' | 'chosen'} [steps] which steps of the ladder are tried: all unless told; `chosen` is the one
 *   that hivetap takes
 * @property {'rungs' | 'chosen' | 'none'} [others] which steps the tools are tried on that are not tried on all (main.ts):
 *   the one that hivetap takes unless told; every rung; or they are not tried
 * @property {true} [brief] where another condition shows the same of a start: `hivetap doctor`, which tries every step of
 *   every tool, is not asked, and all runs share a process
 * @property {true} [seesNoProgram] it may not look at what others run: proc(5), ptrace(2), "Ptrace access mode checking"
 * @property {true} [keepsNoPaths] the kernel's programs cannot keep the paths of programs: its types are not known, or its memory
 *   may not be copied
 * @property {readonly string[]} [kernels] the columns that it is tried in; all unless told
 */
/** @typedef {'plain' | 'lockdown'} Boot how a kernel is booted; a boot has conditions of its own */

/**
 * Runs the command in a mount namespace of its own, after a script has changed what is mounted there.
 *
 * @param {string} script
 */
const mounts = (script) => ['unshare', '-m', 'sh', '-c', `${script} exec "$0" "$@"`]

// Nothing here depends on what is mounted outside: each condition says what there is.
const TRACEFS = 'mountpoint -q /sys/kernel/tracing || mount -t tracefs none /sys/kernel/tracing || exit 1;'
const NO_TRACEFS =
  'umount -l /sys/kernel/debug/tracing /sys/kernel/tracing /sys/kernel/debug 2>/dev/null; ! grep -q " tracefs " /proc/self/mounts || exit 1;'
const NO_BTF = 'mount -t tmpfs none /sys/kernel/btf || exit 1;'

// CAP_PERFMON is 38, CAP_BPF 39: by number, since older libraries do not know their names.
const BPF_AND_PERFMON = '-all,+cap_38,+cap_39'
const ANOTHER_USER = ['--reuid', '10001', '--regid', '10001', '--clear-groups']
const alone = (/** @type {string} */ capabilities) => [
  ...['--bounding-set', capabilities, '--inh-caps', capabilities],
]
const CAPABILITIES_ALONE = ['setpriv', ...alone(BPF_AND_PERFMON)]
const AS_ANOTHER_USER = [
  ...['setpriv', ...ANOTHER_USER, ...alone(BPF_AND_PERFMON)],
  ...['--ambient-caps', BPF_AND_PERFMON],
]
const UNPRIVILEGED = ['setpriv', ...ANOTHER_USER, ...alone('-all')]
const LITTLE_MEMLOCK = ['prlimit', '--memlock=65536:65536', 'setpriv', '--bounding-set', '-sys_resource']

/** @type {Condition} */
const ROOT = { id: 'root', title: 'root', prefix: mounts(TRACEFS), others: 'rungs' }

const RESTRICTED = fileURLToPath(new URL('./restricted.js', import.meta.url))

/**
 * A kernel that has no BTF and refuses what an older one would.
 *
 * @param {string} id
 * @param {string} title
 * @param {string} restrictions
 * @returns {Condition}
 */
const restricted = (id, title, restrictions) => ({
  id,
  title,
  keepsNoPaths: true,
  prefix: [...mounts(TRACEFS + NO_BTF)],
  env: { RESTRICTIONS: restrictions },
  script: RESTRICTED,
  steps: 'classic',
})

/** What Linux 4.19 does not have, forced off one by one: test/support/older-kernel.ts. */
const ONE_BY_ONE = LINUX_4_19.map((name) => ({
  ...restricted(`older: ${name}`, name, name),
  steps: /** @type {const} */ ('chosen'),
  others: /** @type {const} */ ('none'),
  // What is refused is refused in front of the kernel, the same on each.
  kernels: ['here'],
}))

/** The conditions of each boot. @type {Readonly<Record<Boot, readonly Condition[]>>} */
export const CONDITIONS = {
  plain: [
    ROOT,
    {
      id: 'no-tracefs',
      brief: /** @type {const} */ (true),
      title: 'root, tracefs not mounted',
      prefix: mounts(NO_TRACEFS),
    },
    {
      id: 'no-btf',
      keepsNoPaths: /** @type {const} */ (true),
      title: 'root, no BTF',
      prefix: mounts(TRACEFS + NO_BTF),
      others: 'rungs',
    },
    {
      id: 'neither',
      keepsNoPaths: /** @type {const} */ (true),
      title: 'root, no BTF, tracefs not mounted',
      prefix: mounts(NO_TRACEFS + NO_BTF),
    },
    {
      id: 'capabilities',
      seesNoProgram: /** @type {const} */ (true),
      brief: /** @type {const} */ (true),
      title: 'uid 0 with CAP_BPF and CAP_PERFMON alone',
      prefix: [...mounts(TRACEFS), ...CAPABILITIES_ALONE],
    },
    {
      id: 'capabilities-no-tracefs',
      seesNoProgram: /** @type {const} */ (true),
      title: 'the same, tracefs not mounted: a pod',
      prefix: [...mounts(NO_TRACEFS), ...CAPABILITIES_ALONE],
    },
    {
      id: 'another-user',
      seesNoProgram: /** @type {const} */ (true),
      brief: /** @type {const} */ (true),
      title: 'uid 10001 with CAP_BPF and CAP_PERFMON',
      prefix: [...mounts(TRACEFS), ...AS_ANOTHER_USER],
    },
    {
      id: 'unprivileged',
      seesNoProgram: /** @type {const} */ (true),
      title: 'uid 10001 with no capability',
      prefix: [...mounts(TRACEFS), ...UNPRIVILEGED],
    },
    {
      id: 'memlock',
      title: 'root without CAP_SYS_RESOURCE, 64 KiB of locked memory',
      prefix: [...mounts(TRACEFS), ...LITTLE_MEMLOCK],
    },
    {
      ...restricted('linux-5.4', 'root, no BTF, all forced off that Linux 5.4 does not have', 'Linux 5.4'),
      brief: true,
    },
    {
      ...restricted('linux-4.19', 'root, no BTF, all forced off that Linux 4.19 does not have', 'Linux 4.19'),
      brief: true,
    },
    {
      ...restricted(
        'linux-4.19-memlock',
        'the same, 64 KiB of locked memory, no CAP_SYS_RESOURCE',
        'Linux 4.19',
      ),
      prefix: [...mounts(TRACEFS + NO_BTF), ...LITTLE_MEMLOCK],
    },
    ...ONE_BY_ONE,
  ],
  lockdown: [
    { ...ROOT, id: 'lockdown', keepsNoPaths: true, title: 'root, `lockdown=confidentiality`' },
    {
      id: 'lockdown-no-tracefs',
      keepsNoPaths: true,
      brief: true,
      title: 'the same, tracefs not mounted',
      prefix: mounts(NO_TRACEFS),
    },
    {
      id: 'lockdown-capabilities',
      keepsNoPaths: true,
      seesNoProgram: /** @type {const} */ (true),
      title: 'the same, with CAP_BPF and CAP_PERFMON alone',
      prefix: [...mounts(NO_TRACEFS), ...CAPABILITIES_ALONE],
    },
  ],
}
