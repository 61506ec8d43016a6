/** hivetap on a kernel that refuses what an older one would: RESTRICTIONS says what. */
import { loadCommand } from './command.js'

const command = await loadCommand()
process.exitCode = await command(process.argv.slice(2))
