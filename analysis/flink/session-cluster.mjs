// @ts-check
/** A session cluster of Flink on this machine: one JobManager and TaskManagers as processes of ours, on loopback alone. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { configuration, logging } from './configuration.mjs'
import { FlinkProcess } from './flink-process.mjs'
import { freePorts } from './free-ports.mjs'
import { installFlink } from './install.mjs'
import { JobManagerApi } from './job-manager-api.mjs'
import { submitSql } from './submit-sql.mjs'

const START_TIMEOUT_MS = 300_000

/**
 * @typedef {object} ClusterOptions
 * @property {number} [slots] of a TaskManager: tasks at a time
 * @property {'hashmap' | 'rocksdb'} [state] where state is while a job runs
 * @property {string} [taskManagerMemory] of a TaskManager's process
 * @property {(line: string) => void} [say] told what goes on
 */

export class SessionCluster {
  /** @type {string} */
  #home
  /** @type {string} */
  #directory
  /** @type {(line: string) => void} */
  #say
  /** @type {FlinkProcess | undefined} */
  #jobManager
  /** @type {FlinkProcess[]} */
  #taskManagers = []
  #submitted = 0
  #isClosing = false

  /**
   * @param {string} home
   * @param {string} directory
   * @param {number} restPort
   * @param {(line: string) => void} say
   */
  constructor(home, directory, restPort, say) {
    this.#home = home
    this.#directory = directory
    this.#say = say
    /** What the JobManager answers. */
    this.api = new JobManagerApi(`http://127.0.0.1:${restPort}`)
  }

  /**
   * Starts one, and waits until it has room for jobs.
   *
   * @param {ClusterOptions} [options]
   * @param {AbortSignal} [signal] gives up; nothing is left then
   * @throws {Error} with the end of what it said, if it does not start
   */
  static async start(options = {}, signal) {
    const { slots = 2, state = 'hashmap', taskManagerMemory = '1400m', say = () => {} } = options
    const home = await installFlink(say)
    const directory = mkdtempSync(join(tmpdir(), 'hivetap-flink-'))
    const [rpcPort = 0, restPort = 0] = await freePorts(2)
    const cluster = new SessionCluster(home, directory, restPort, say)
    try {
      mkdirSync(join(directory, 'conf'))
      const settings = { home, directory, rpcPort, restPort, slots, state, taskManagerMemory }
      writeFileSync(join(directory, 'conf', 'config.yaml'), configuration(settings))
      mkdirSync(join(directory, 'tmp'))
      writeFileSync(join(directory, 'conf', 'log4j-console.properties'), logging('INFO'))
      writeFileSync(join(directory, 'conf', 'log4j-cli.properties'), logging('WARN'))
      copyFileSync(join(home, 'conf', 'zoo.cfg'), join(directory, 'conf', 'zoo.cfg'))
      say('starting the JobManager (800 MB)')
      cluster.#jobManager = cluster.#process('jobmanager')
      await cluster.#until(
        'the JobManager answers',
        async () => (await cluster.api.overview()) !== undefined,
        signal,
      )
      await cluster.startTaskManager(signal)
      return cluster
    } catch (error) {
      await cluster.close()
      throw error
    }
  }

  /** Where its web page is. */
  get url() {
    return this.api.url
  }

  /** Process ids of the TaskManagers that run. */
  get taskManagers() {
    return this.#taskManagers.filter(({ isRunning }) => isRunning).map(({ pid }) => pid)
  }

  /** The end of what its processes have said. */
  get logTail() {
    const all = [...(this.#jobManager === undefined ? [] : [this.#jobManager]), ...this.#taskManagers]
    return all.map(({ name, logTail }) => `${name}:\n${logTail}`).join('\n')
  }

  /** @param {AbortSignal} [signal] */
  async startTaskManager(signal) {
    this.#say('starting a TaskManager')
    const before = (await this.api.overview())?.slots ?? 0
    const one = this.#process('taskmanager')
    this.#taskManagers.push(one)
    await this.#until(
      'a TaskManager is there',
      async () => ((await this.api.overview())?.slots ?? 0) > before,
      signal,
      one,
    )
    this.#say(`the cluster is up: ${this.url}`)
  }

  /** Ends a TaskManager in the middle of whatever it does, as SIGKILL does, and waits until the cluster has missed it. */
  async killTaskManager() {
    const one = this.#taskManagers.find(({ isRunning }) => isRunning)
    if (one === undefined) throw new Error('No TaskManager runs.')
    await one.kill()
    await this.#until('the TaskManager is missed', async () => (await this.api.overview())?.slots === 0)
  }

  /**
   * Submits what `script` of script.mjs makes.
   *
   * @param {string} sql
   * @param {AbortSignal} [signal]
   * @returns {Promise<string>} the job's id
   * @throws {Error} with what Flink says of the SQL
   */
  async submit(sql, signal) {
    this.#say('submitting the job: most of a minute')
    const file = join(this.#directory, `job-${this.#submitted++}.sql`)
    writeFileSync(file, sql)
    return submitSql(() => this.#process('sql-client', ['-f', file]), signal)
  }

  /** Ends everything, and removes what it left. */
  async close() {
    this.#isClosing = true
    await Promise.all(this.#taskManagers.map((one) => one.stop()))
    await this.#jobManager?.stop()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  /**
   * @param {string} name of a script of Flink's
   * @param {readonly string[]} [args]
   */
  #process(name, args) {
    const log = join(this.#directory, `${name}-${this.#taskManagers.length}-${this.#submitted}.log`)
    const conf = join(this.#directory, 'conf')
    return new FlinkProcess({ home: this.#home, conf, name, log, args: args ?? ['start-foreground'] })
  }

  /**
   * @param {string} what
   * @param {() => Promise<boolean>} isSo
   * @param {AbortSignal} [signal]
   * @param {FlinkProcess} [needed]
   */
  async #until(what, isSo, signal, needed = this.#jobManager) {
    const until = Date.now() + START_TIMEOUT_MS
    while (!(await isSo())) {
      signal?.throwIfAborted()
      if (this.#isClosing || needed?.isRunning !== true || Date.now() > until)
        throw new Error(`Flink failed: "${what}" did not come true.\n${this.logTail}`)
      await sleep(250)
    }
  }
}
