// @ts-check
/** The kernels that are booted, oldest first: those that Debian's suites have. */

/**
 * @typedef {object} Suite
 * @property {string} suite
 * @property {string} column how its kernel is called in tables: of a moving suite not by its number
 */

/** @type {readonly Suite[]} */
export const SUITES = [
  { suite: 'bullseye', column: '5.10' },
  { suite: 'bookworm', column: '6.1' },
  { suite: 'trixie', column: '6.12' },
  { suite: 'sid', column: 'sid' },
]

/** Modules that the guests' tests need: ss(8) asks through the first and the last, tc(8) for the second. */
export const MODULES = ['inet_diag', 'sch_netem', 'tcp_diag']

/** How guests are booted, and what that takes on the kernel's command line. */
export const BOOTS = { plain: '', lockdown: 'lockdown=confidentiality' }
