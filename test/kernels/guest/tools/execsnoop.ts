import { realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ended, Programs, USER } from '../programs.js'
import { cgroupOf, type ExpectedEvent, ownComm, type Trial } from '../trial.js'

const TRUE = '/bin/true'
const SHELL = '/bin/sh'
const NOWHERE = '/nowhere/at all'
const ARGUMENTS = ['', 'two words', 'a\ttab', 'a\nline', '"quoted"', "it's", '\\', 'ä — 蜂', 'x'.repeat(300)]

/** A program with odd arguments, a script, and one that is not there; each of a process of its own. */
export default async function beginExecs(): Promise<Trial> {
  const programs = new Programs()
  const script = join(programs.directory, 'a script of a long name')
  writeFileSync(script, `#!${SHELL} -e\nexit 0\n`, { mode: 0o755 })
  const expect = ({ pid, began }: Ended, filename: string, args: readonly string[]) => ({
    pid,
    tid: pid,
    uid: USER,
    comm: commOf(filename),
    ppid: process.pid,
    parent_comm: ownComm(),
    cgroup_id: cgroupOf('self'),
    cwd: programs.directory,
    filename,
    args,
    return_value: 0,
    truncated: false,
    process_start: began,
    exe: realpathSync(filename === TRUE ? TRUE : SHELL),
  })
  return {
    args: ['-x', '-w', '-u', String(USER)],
    async act(): Promise<readonly ExpectedEvent[]> {
      const odd = await programs.run(TRUE, ARGUMENTS, 'another/true')
      const scripted = await programs.run(script, ['an argument', ''])
      // The shell becomes what it is told to become, and says so if it cannot.
      const line = ['-c', 'exec "$0" "$@"', NOWHERE, ...ARGUMENTS]
      const failed = await programs.run(SHELL, line)
      return [
        expect(odd, TRUE, ['another/true', ...ARGUMENTS]),
        {
          ...expect(scripted, script, [SHELL, '-e', script, 'an argument', '']),
          interpreter: SHELL,
        },
        expect(failed, SHELL, [SHELL, ...line]),
        {
          ...expect(failed, NOWHERE, [NOWHERE, ...ARGUMENTS]),
          comm: commOf(SHELL),
          return_value: -2,
          error: 'ENOENT',
        },
      ]
    },
    fleeting: ['process_start', 'exe'],
    stop: () => programs.stop(),
  }
}

/** What the kernel calls a process after its program: TASK_COMM_LEN of include/linux/sched.h, less a NUL. */
function commOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1).slice(0, 15)
}
