import type { Connector } from '../../connectors/contract.js'
import type { Config } from '../config.js'
import type { Joined } from './join-followers.js'
import type { Core } from './open-core.js'
import type { Opened } from './open-stores.js'
import type { Intake } from './start-intake.js'

/** Lets connectors fetch that have something to fetch, in a process that takes messages in. */
export const startPulls = async (connectors: readonly Connector[], { operatorKey }: Core, { kafka }: Config, { relay }: Joined, intake: Intake | undefined, { closers, log }: Opened): Promise<void> => {
  if (intake?.takesIn !== true || kafka === undefined || kafka.inbound.length === 0) return
  const pulling = await connectors.find(({ name }) => name === 'kafka')?.pull?.({ ...intake.host, credentials: { type: 'bearer', token: operatorKey }, log }, kafka)
  if (pulling === undefined) return
  relay.watchInbound(pulling.trouble)
  closers.push(pulling.stop)
}
