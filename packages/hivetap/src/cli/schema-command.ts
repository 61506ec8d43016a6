import { Argument, Command } from 'commander'
import { TOOLS } from '../probes/tools.js'
import { jsonSchema } from '../sinks/json-schema.js'
import { print } from './standard-streams.js'
import { toolNamed } from './tool-named.js'

const AGENT = 'agent'

/** Loaded only when it is asked for. */
async function agentConfigSchema(): Promise<unknown> {
  const { publishedSchema } = await import('../agent/config/published-schema.js')
  return publishedSchema()
}

/** `hivetap schema`: what a tool's JSON is made of, for programs that read it. */
export function schemaCommand(): Command {
  return new Command('schema')
    .summary("Print the JSON Schema of a tool's output, or of the agent's configuration")
    .description(
      'The JSON Schema (draft 2020-12) of a line that a tool writes with -o json; of agent, that of its configuration file.',
    )
    .addArgument(
      new Argument('<TOOL>', 'its name, or agent').choices([...TOOLS.map(({ name }) => name), AGENT]),
    )
    .action(async (name: string) => {
      const schema = name === AGENT ? await agentConfigSchema() : jsonSchema(toolNamed(name))
      await print(`${JSON.stringify(schema, undefined, 2)}\n`)
    })
}
