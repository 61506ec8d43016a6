/** The signals of Linux on x86-64 and arm64 (asm-generic/signal.h), from 1 on: name, and text of strsignal(3) in English. */
const SIGNALS: readonly (readonly [name: string, text: string])[] = [
  ['SIGHUP', 'Hangup'],
  ['SIGINT', 'Interrupt'],
  ['SIGQUIT', 'Quit'],
  ['SIGILL', 'Illegal instruction'],
  ['SIGTRAP', 'Trace/breakpoint trap'],
  ['SIGABRT', 'Aborted'],
  ['SIGBUS', 'Bus error'],
  ['SIGFPE', 'Floating point exception'],
  ['SIGKILL', 'Killed'],
  ['SIGUSR1', 'User defined signal 1'],
  ['SIGSEGV', 'Segmentation fault'],
  ['SIGUSR2', 'User defined signal 2'],
  ['SIGPIPE', 'Broken pipe'],
  ['SIGALRM', 'Alarm clock'],
  ['SIGTERM', 'Terminated'],
  ['SIGSTKFLT', 'Stack fault'],
  ['SIGCHLD', 'Child exited'],
  ['SIGCONT', 'Continued'],
  ['SIGSTOP', 'Stopped (signal)'],
  ['SIGTSTP', 'Stopped'],
  ['SIGTTIN', 'Stopped (tty input)'],
  ['SIGTTOU', 'Stopped (tty output)'],
  ['SIGURG', 'Urgent I/O condition'],
  ['SIGXCPU', 'CPU time limit exceeded'],
  ['SIGXFSZ', 'File size limit exceeded'],
  ['SIGVTALRM', 'Virtual timer expired'],
  ['SIGPROF', 'Profiling timer expired'],
  ['SIGWINCH', 'Window changed'],
  ['SIGIO', 'I/O possible'],
  ['SIGPWR', 'Power failure'],
  ['SIGSYS', 'Bad system call'],
]

/** Those that leave a core, where one may be left: signal(7). */
const DUMPING = [
  ...['SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGXCPU', 'SIGXFSZ'],
  'SIGSYS',
]

/** The first real-time signal that programs may use: the C library keeps 32 and 33 for itself. */
const SIGRTMIN = 34
const SIGRTMAX = 64

/** The name of a signal; one that programs know none of by its number. */
export function signalName(signal: number): string {
  if (isRealTime(signal)) return signal === SIGRTMIN ? 'SIGRTMIN' : `SIGRTMIN+${signal - SIGRTMIN}`
  return SIGNALS[signal - 1]?.[0] ?? `SIG${signal}`
}

/** What strsignal(3) of the GNU C library says of it, in English. */
export function signalText(signal: number): string {
  if (isRealTime(signal)) return `Real-time signal ${signal - SIGRTMIN}`
  return SIGNALS[signal - 1]?.[1] ?? `Unknown signal ${signal}`
}

/** Whether what it ends may leave a core. */
export function mayDumpCore(signal: number): boolean {
  return DUMPING.includes(signalName(signal))
}

function isRealTime(signal: number): boolean {
  return signal >= SIGRTMIN && signal <= SIGRTMAX
}
