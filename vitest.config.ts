import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Tests run from the sources, not from what was built of them. */
const resolve = { alias: { '@hivetap/bpf': here('packages/bpf/src/index.ts') } }

export default defineConfig({
  resolve,
  test: {
    projects: [
      {
        resolve,
        test: {
          name: 'unit',
          // They keep nothing: a worker may serve many files, and starting one takes longer than most files.
          isolate: false,
          include: [
            'packages/*/src/**/*.test.ts',
            'bench/**/*.test.ts',
            'soak/*.test.ts',
            'analysis/**/*.test.ts',
            'scripts/**/*.test.ts',
            'deploy/**/*.test.ts',
            'test/cluster/*.test.ts',
            'test/kernels/*.test.ts',
          ],
          exclude: ['**/*.{kernel,kafka,server,flink,deploy,cluster,systemd}.test.ts', '**/node_modules/**'],
        },
      },
      {
        resolve,
        test: {
          name: 'kernel',
          include: ['packages/*/src/**/*.kernel.test.ts'],
          setupFiles: [here('test/support/no-leaked-descriptors.ts')],
          // They share one kernel: one after the other, each traces only what it starts itself.
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        test: {
          name: 'kafka',
          include: ['packages/*/src/**/*.kafka.test.ts'],
          // Brokers take memory and processors: one file's at a time.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
      {
        resolve,
        test: {
          // Real servers other than brokers: each test starts its own.
          name: 'server',
          include: ['packages/*/src/**/*.server.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        test: {
          // The image is built twice, and run; the chart is rendered.
          name: 'deploy',
          include: ['{deploy,scripts}/**/*.deploy.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 1_200_000,
        },
      },
      {
        resolve,
        test: {
          // Each file boots a systemd of its own.
          name: 'systemd',
          include: ['deploy/**/*.systemd.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve,
        test: {
          // One story after the other, each on the whole cluster.
          name: 'cluster',
          include: ['{packages,test}/**/*.cluster.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        resolve,
        test: {
          name: 'flink',
          include: ['analysis/**/*.flink.test.ts'],
          // A broker and a cluster of Flink: 3 GB, and minutes until a job is taken.
          fileParallelism: false,
          testTimeout: 1_800_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
})
