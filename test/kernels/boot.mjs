// @ts-check
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/**
 * @typedef {object} BootOptions
 * @property {string} image
 * @property {string} initramfs
 * @property {string} commandLine what is added to the kernel's
 * @property {number} silenceMs after how long a silence of what it runs it is given up
 * @property {(line: string) => boolean} onLine is given each line of the serial console; whether it is of what it runs, not its kernel's
 */

/**
 * Boots a kernel under qemu, without hardware virtualisation, and waits until it has powered off.
 *
 * @param {BootOptions} options
 * @returns {Promise<void>} fails when it falls silent
 */
export async function boot({ image, initramfs, commandLine, silenceMs, onLine }) {
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '2G'],
      ...['-nographic', '-no-reboot', '-nodefaults', '-serial', 'stdio'],
      ...['-kernel', image, '-initrd', initramfs],
      ...['-append', `console=ttyS0 panic=-1 oops=panic quiet ${commandLine}`],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const kill = () => child.kill('SIGKILL')
  const timer = setTimeout(kill, silenceMs)
  process.once('exit', kill)
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (onLine(line.replace(/\r$/, ''))) timer.refresh()
    }
    if (child.killed) throw new Error(`the guest’s tests said nothing for ${silenceMs / 1000} s`)
  } finally {
    clearTimeout(timer)
    process.removeListener('exit', kill)
  }
}
