import { alertsCommand } from './cli/alerts.js'
import { benchCommand } from './cli/bench.js'
import { callCommand } from './cli/call.js'
import { deliverCommand } from './cli/deliver.js'
import { deliveriesCommand } from './cli/deliveries.js'
import { digestCommand } from './cli/digest.js'
import { formatCommand } from './cli/format.js'
import { jobsCommand } from './cli/jobs.js'
import { keyCommand } from './cli/key.js'
import { lintCommand } from './cli/lint.js'
import { mapCommand } from './cli/map.js'
import { messageCommand } from './cli/message.js'
import { messagesCommand } from './cli/messages.js'
import { newCommand } from './cli/new.js'
import { parkedCommand } from './cli/parked.js'
import { rebuildCommand } from './cli/rebuild.js'
import { replayCommand } from './cli/replay.js'
import { schemaCommand } from './cli/schema.js'
import { sendCommand } from './cli/send.js'
import { startCommand } from './cli/start.js'
import { exitCodes, usage, type Command, type ExitCode } from './cli/command.js'

const commands: Readonly<Record<string, Command>> = {
  start: startCommand,
  send: sendCommand,
  map: mapCommand,
  call: callCommand,
  new: newCommand,
  lint: lintCommand,
  format: formatCommand,
  messages: messagesCommand,
  message: messageCommand,
  replay: replayCommand,
  parked: parkedCommand,
  deliveries: deliveriesCommand,
  deliver: deliverCommand,
  alerts: alertsCommand,
  jobs: jobsCommand,
  rebuild: rebuildCommand,
  digest: digestCommand,
  key: keyCommand,
  schema: schemaCommand,
  bench: benchCommand,
}

const help = (): string => [
  'Chainhub: the supply-chain integrated CRM hub', '',
  ...Object.values(commands).map((command) => `  chainhub ${command.usage}\n      ${command.summary}`), '',
  'Commands other than start, map, call, new, lint, format and bench ask the running hub: --url URL and --key KEY, else CHAINHUB_URL and CHAINHUB_KEY,',
  'else what `start` left in the data folder (--data, CHAINHUB_DATA or ./data).',
  'Exit codes: 0 done, 1 the input was refused, 2 wrong usage, 3 the hub or a database cannot be reached.',
].join('\n')

/** Runs one command line (without node and the script) and gives the exit code. */
export const main = async (words: readonly string[]): Promise<ExitCode> => {
  const [name, ...rest] = words
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(help())
    return name === undefined ? exitCodes.usage : exitCodes.done
  }
  const command = commands[name]
  if (command === undefined) return usage(`There is no command '${name}'. \`chainhub help\` lists them.`)
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(`chainhub ${command.usage}\n    ${command.summary}`)
    return exitCodes.done
  }
  return command.run(rest)
}
