import { makeChannel, type Channel } from './channel.js'

/** The channels of a hub that has no configuration file. */
export const defaultChannels: readonly Channel[] = [
  makeChannel({ id: 'demo-ubl', languages: ['ubl'] }),
  makeChannel({ id: 'demo-ubl-gb18030', languages: ['ubl'] }),
  makeChannel({ id: 'demo-soap', languages: ['ubl', 'shop-json'] }),
  makeChannel({ id: 'demo-json', languages: ['shop-json'] }),
  makeChannel({ id: 'demo-idoc', languages: ['idoc', 's4-soap'] }),
  makeChannel({ id: 'canonical', languages: ['canonical'] }),
]
