import { ok, type Result } from '../schemas/result.js'
import { startHub, type Hub } from './compose.js'
import type { Config } from './config.js'
import { demoSubscription, sendDemo } from './demo.js'

export interface RunOptions {
  /** Sends the demo chain's documents after the start. */
  readonly demo: boolean
}

/** How long an orderly stop may take before the process ends all the same, in ms. */
const stopMs = 20_000
/** How long the demo's deliveries are waited for, in ms. */
const demoMs = 10_000

/** Starts the hub, says where it is, and runs until it is told to stop (SIGINT, SIGTERM) or loses its databases. */
export const runHub = async (config: Config, options: RunOptions): Promise<Result<void>> => {
  const told = untilTold()
  const started = await startHub(config)
  if (!started.ok) return started
  const hub = started.value
  introduce(config, hub)
  if (options.demo && hub.send !== undefined) {
    await hub.subscribe(demoSubscription.id, demoSubscription.wish)
    await sendDemo(hub.send, (line) => { console.log(line) })
    await hub.delivered(demoMs)
  }
  console.log(`ready ${hub.url}`)
  const reason = await Promise.race([told, hub.lost])
  setTimeout(() => { process.exit(1) }, stopMs).unref()
  await hub.stop()
  return typeof reason === 'string' ? ok(undefined) : reason
}

/** Resolves with the name of the first signal; a second one ends the process at once. */
const untilTold = (): Promise<string> => new Promise((resolve) => {
  let told = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (told) process.exit(130)
      told = true
      resolve(signal)
    })
  }
})

const introduce = (config: Config, hub: Hub): void => {
  console.log(`Chainhub ${hub.version}`)
  console.log(`  data       ${config.dataFolder}`)
  if (hub.firstAdminKey !== undefined) console.log(`  admin key  ${hub.firstAdminKey}   (shown this once: keep it)`)
  console.log(`  look here  ${hub.url}/`)
  console.log(`  the API    ${hub.url}/docs`)
}
