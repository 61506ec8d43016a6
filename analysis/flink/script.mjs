// @ts-check
/** The SQL of a job, put together from the files in sql/: what holds for the job, tables, views, and the questions asked. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cellPattern, numberIn } from './cell-pattern.mjs'
import { intervalOf, secondsOf } from './duration.mjs'

const SQL = fileURLToPath(new URL('sql/', import.meta.url))

/** What can be asked. Each has a file in sql/questions, and a table of results in sql/tables. */
export const QUESTIONS = /** @type {const} */ (['windows', 'slow_destinations', 'gaps', 'late', 'unreadable'])

/** Views in the order in which they build on each other. */
const VIEWS = [
  'once_connects',
  'once_accounts',
  'once_summaries',
  'summary_cells',
  'summary_pairs',
  'summary_parts',
  'connects',
  'latencies',
  'accounts',
  'kernel_accounts',
  'losses',
  'known_gaps',
  'health',
  'completeness',
  'slow',
  'slow_turns',
  'slow_silent',
]

/** The last bin of a sketch (packages/hivetap/src/detect/sketch/bins.ts). */
const LAST_BIN = 1383
/** State is kept for so much longer than is asked for. */
const REMEMBER_FACTOR = 1.1

/** What is filled in. Durations as Flink writes them (`10 s`), where nothing else is said. */
export const SETTINGS = {
  brokers: '',
  topic: 'hivetap.events',
  /** Topics of results are called `RESULTS.windows`, `RESULTS.alerts`, `RESULTS.gaps`, `RESULTS.late`, `RESULTS.unreadable`. */
  results: 'hivetap',
  /** Where a job that begins anew begins: `latest-offset` or `earliest-offset`. */
  from: 'latest-offset',
  /** Whether it ends where the topic ended when it began. */
  untilEnd: false,
  /** Seconds by which an event may be late. */
  lateness: 30,
  idleTimeout: '10 s',
  remember: '1 h',
  /** Minutes of a window, and from the beginning of one to that of the next. */
  window: 5,
  slide: 1,
  parallelism: 1,
  checkpointInterval: '30 s',
  /** From how many microseconds on a connect is slow, and how many a minute has at least to be judged. */
  overUs: 100_000,
  leastConnects: 20,
  /** @type {Readonly<Record<string, string>>} options of Kafka's clients, as Java's: `security.protocol` … */
  kafka: {},
}

/** Minutes before and behind a window in which accounts of it are looked for (sql/views/completeness.sql). */
const AROUND = 2

/**
 * @param {Partial<typeof SETTINGS>} settings
 * @param {readonly string[]} questions
 * @returns {string} statements for Flink's SQL client, ready to be run
 * @throws {Error} if a question is not known, or a setting is not what it should be
 */
export function script(settings, questions = QUESTIONS) {
  const all = { ...SETTINGS, ...settings }
  check(all, questions)
  const values = valuesOf(all)
  const inserts = questions.map((name) => read(`questions/${name}`))
  const parts = [
    read('settings'),
    ...readdirSync(`${SQL}tables`).map((file) => read(`tables/${file.replace('.sql', '')}`)),
    ...VIEWS.map((name) => read(`views/${name}`)),
    // One job: what several questions read is read once.
    `EXECUTE STATEMENT SET\nBEGIN\n${inserts.join('\n')}\nEND;\n`,
  ]
  return parts.join('\n').replace(/\{\{(\w+)\}\}/g, (_, name) => {
    const value = values[name]
    if (value === undefined) throw new Error(`Nothing is known to fill in for {{${name}}}.`)
    return value
  })
}

/**
 * @param {typeof SETTINGS} all
 * @param {readonly string[]} questions
 */
function check(all, questions) {
  const unknown = questions.find((name) => !QUESTIONS.some((known) => known === name))
  if (unknown !== undefined)
    throw new Error(`There is no question "${unknown}": there are ${QUESTIONS.join(', ')}.`)
  if (questions.length === 0) throw new Error(`Ask a question at least: ${QUESTIONS.join(', ')}.`)
  for (const name of /** @type {const} */ (['window', 'slide', 'parallelism', 'overUs', 'leastConnects'])) {
    if (!Number.isSafeInteger(all[name]) || all[name] < 1)
      throw new Error(`"${name}" is a whole number above 0, not ${all[name]}.`)
  }
  if (!Number.isSafeInteger(all.lateness) || all.lateness < 0)
    throw new Error(`"lateness" is a whole number of seconds, not ${all.lateness}.`)
  // To Flink, 0 is for ever.
  if (!/^0*[1-9]\d* ?[a-zµ]+$/.test(all.remember))
    throw new Error(`"remember" is a time above 0 as Flink writes it (1 h, 10 min), not ${all.remember}.`)
  intervalOf(secondsOf(all.remember))
  // Windows with what is around them begin where windows begin, and Flink adds slides up to a window.
  if (all.window % all.slide !== 0 || AROUND % all.slide !== 0)
    throw new Error(`A window of ${all.window} minutes cannot slide by ${all.slide}: 1 or 2 that divides it.`)
  if (all.brokers === '') throw new Error('No broker is named: --brokers HOST:PORT,….')
}

/**
 * @param {typeof SETTINGS} all
 * @returns {Readonly<Record<string, string>>}
 */
function valuesOf(all) {
  const kafka = { 'bootstrap.servers': all.brokers, ...all.kafka }
  return {
    topic: text(all.topic),
    results: text(all.results),
    from: text(all.from),
    bounded: all.untilEnd ? "'scan.bounded.mode' = 'latest-offset'," : '',
    lateness: String(all.lateness),
    idle_timeout: text(all.idleTimeout),
    state_ttl: `${Math.ceil(secondsOf(all.remember) * REMEMBER_FACTOR)} s`,
    silent_after: intervalOf(secondsOf(all.remember)),
    is_endless: all.untilEnd ? 'FALSE' : 'TRUE',
    cell_pattern: text(cellPattern()),
    first_number: numberIn('a'),
    second_number: numberIn('b'),
    last_bin: String(LAST_BIN),
    window: String(all.window),
    slide: String(all.slide),
    window_and_around: String(all.window + 2 * AROUND),
    parallelism: String(all.parallelism),
    checkpoint_interval: text(all.checkpointInterval),
    over_us: String(all.overUs),
    least_connects: String(all.leastConnects),
    kafka: Object.entries(kafka)
      .map(([name, value]) => `'properties.${text(name)}' = '${text(value)}'`)
      .join(',\n  '),
  }
}

/**
 * A text within quotes of SQL.
 *
 * @param {string} value
 */
function text(value) {
  return value.replaceAll("'", "''")
}

/** @param {string} name */
function read(name) {
  return readFileSync(`${SQL}${name}.sql`, 'utf8')
}
