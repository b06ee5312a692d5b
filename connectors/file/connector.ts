import type { Connector } from '../contract.js'

/** Puts deliveries into a folder, for systems that pick up files. It takes nothing in. */
export const connector: Connector = {
  name: 'file',
  routes: () => [],
  outbound: async () => {
    const { makeOutbound } = await import('./make-outbound.js')
    return makeOutbound()
  },
}
