import { z } from 'zod'
import type { AnyTool } from '../../probes/tool.js'
import { didYouMean } from '../../settings/near-match.js'
import type { ToolConfig } from '../agent.js'
import { readToolOptions } from './tool-options.js'

/** Whether a tool must be attached. */
export const REQUIRED_TOOL = z
  .boolean()
  .default(false)
  .describe('Whether the agent ends where it cannot be attached; without, the others run')

/** A tool in the configuration: its name, or its name and its options. */
export function toolSetting(tools: readonly AnyTool[]) {
  const names = tools.map(({ name }) => name)
  const NAME = z.string().meta({ examples: names })
  return z
    .union([
      NAME,
      z.strictObject({
        name: NAME.describe('Its name'),
        options: z
          .record(z.string(), z.unknown())
          .default({})
          .describe('Its own options: the words of its long flags, joined by _'),
        required: REQUIRED_TOOL,
      }),
    ])
    .transform((given, context): ToolConfig => {
      const { name, options, required } =
        typeof given === 'string' ? { name: given, options: {}, required: false } : given
      const tool = tools.find((one) => one.name === name)
      if (tool === undefined) {
        context.addIssue({
          code: 'custom',
          path: typeof given === 'string' ? [] : ['name'],
          message: `there is no tool ${JSON.stringify(name)}${didYouMean(name, names) || `; there are ${names.join(', ')}`}`,
        })
        return z.NEVER
      }
      const read = readToolOptions(tool, options)
      for (const { key, message } of read.problems)
        context.addIssue({ code: 'custom', path: ['options', key], message })
      return { tool, options: read.options, ...(required ? { required } : {}) }
    })
}
