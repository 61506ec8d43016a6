// @ts-check
/**
 * Runs the unit under a real systemd, in a container of systemd-nspawn that can write nothing of this host: `npm run
 * test:systemd`. Takes root, control groups of version 2, and BPF.
 */
import { readFileSync } from 'node:fs'
import { noTestRan, testProject } from './test-project.mjs'

const project = 'systemd'
const variable = 'HIVETAP_REQUIRE_SYSTEMD'

if (process.getuid?.() !== 0) noTestRan(project, variable, 'it takes root')
if (!/ cgroup2 /.test(readFileSync('/proc/self/mounts', 'utf8')))
  noTestRan(project, variable, 'no control groups of version 2 are mounted here')
testProject({
  project,
  variable,
  needs: [
    ['systemd-nspawn', '--version', 'systemd-container'],
    ['nsenter', '--version', 'util-linux'],
  ],
})
