import type { Connector } from '../contract.js'

/** Calls partners' SOAP services by their WSDL. It takes nothing in. */
export const connector: Connector = {
  name: 'soap-client',
  routes: () => [],
  // Nothing of it is loaded at the start of a hub that calls nobody.
  outbound: async () => {
    const { makeOutbound, systemDeps } = await import('./make-outbound.js')
    return makeOutbound(systemDeps)
  },
}
