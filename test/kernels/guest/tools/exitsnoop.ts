import { realpathSync } from 'node:fs'
import { type Ended, Programs, USER } from '../programs.js'
import { cgroupOf, type ExpectedEvent, type Trial, within } from '../trial.js'

const SHELL = '/bin/sh'

/** Processes that end well, with a status, and by a signal. */
export default async function beginExits(): Promise<Trial> {
  const programs = new Programs()
  const expect = ({ pid, tookUs, began }: Ended): ExpectedEvent => ({
    pid,
    tid: pid,
    uid: USER,
    comm: 'sh',
    ppid: process.pid,
    cgroup_id: cgroupOf('self'),
    age_us: within(tookUs),
    process_start: began,
    // Not before Linux 6.16, which tells of an end before the memory is gone.
    exe: (exe) => exe === undefined || exe === realpathSync(SHELL),
  })
  return {
    args: ['-u', String(USER)],
    async act() {
      const good = await programs.run(SHELL, ['-c', 'exit 0'])
      const bad = await programs.run(SHELL, ['-c', 'exit 7'])
      const killed = await programs.run(SHELL, ['-c', 'kill -KILL $$'])
      return [
        { ...expect(good), exit_code: 0 },
        { ...expect(bad), exit_code: 7 },
        { ...expect(killed), signal: 'SIGKILL', signal_number: 9, core_dumped: false },
      ]
    },
    fleeting: ['process_start'],
    stop: () => programs.stop(),
  }
}
