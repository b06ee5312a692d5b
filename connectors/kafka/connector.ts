import type { Connector } from '../contract.js'

/** Takes messages from Kafka's topics. It is called by nobody. */
export const connector: Connector = {
  name: 'kafka',
  routes: () => [],
  // Nothing of it is loaded at the start of a hub that has no Kafka.
  pull: async (host, settings) => {
    const { startPulling } = await import('./start-pulling.js')
    return startPulling(host, settings)
  },
}
