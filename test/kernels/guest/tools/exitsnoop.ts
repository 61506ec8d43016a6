import { type Ended, Programs, USER } from '../programs.js'
import { cgroupOf, type ExpectedEvent, type Trial, within } from '../trial.js'

const SHELL = '/bin/sh'

/** Processes that end well, with a status, and by a signal. */
export default async function beginExits(): Promise<Trial> {
  const programs = new Programs()
  const expect = ({ pid, tookUs }: Ended): ExpectedEvent => ({
    pid,
    tid: pid,
    uid: USER,
    comm: 'sh',
    ppid: process.pid,
    cgroup_id: cgroupOf('self'),
    age_us: within(tookUs),
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
    stop: () => programs.stop(),
  }
}
