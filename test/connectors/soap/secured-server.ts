import { afterAll, beforeAll, beforeEach } from 'vitest'
import { makeMessageSecurity, type MessageSecuritySettings } from '../../../hub/access/message-security.js'
import type { TrustedCertificate } from '../../../hub/access/trusted-certificate.js'
import { fail } from '../../../schemas/result.js'
import { startConnectorServer, type ConnectorServer } from '../connector-server.js'

interface Reply {
  readonly status: number
  readonly code: string | undefined
  readonly faultCode: string | undefined
  readonly detail: string | undefined
  readonly text: string
}

interface SecuredServer {
  readonly call: (body: string, headers?: Readonly<Record<string, string>>) => Promise<Reply>
  /** How many messages of this test were taken. */
  readonly taken: () => number
  readonly lastDocument: () => string
  /** Until the end of this test. */
  readonly allow: (what: Partial<MessageSecuritySettings>) => void
}

const usual: MessageSecuritySettings = { maxAgeMs: 300_000, maxAheadMs: 60_000, passwordText: false, sha1: false }

/** A server for all tests of a file that asks every caller of SOAP who he is: of the channel demo-soap `buyer`, of another one `other`, whose passwords are `opensesame`. */
export const securedServer = (certificates: readonly TrustedCertificate[]): SecuredServer => {
  let settings = usual
  let server: ConnectorServer | undefined
  let receivedBefore = 0
  const used = new Set<string>()
  const received = () => server?.received ?? []
  beforeAll(async () => {
    server = await startConnectorServer(async (shown) => {
      const check = makeMessageSecurity({
        settings, certificates, nowMs: Date.now,
        soapUser: (name) => Promise.resolve(name === 'buyer' || name === 'other' ? { caller: { keyId: name, role: 'channel', channel: name === 'buyer' ? 'demo-soap' : 'demo-ubl', party: undefined }, password: 'opensesame' } : undefined),
        useOnce: (hashes) => Promise.resolve(hashes.map((hash) => Buffer.from(hash).toString('hex')).every((hash) => used.size < used.add(hash).size)),
      })
      if (shown.bearer !== undefined && shown.bearer !== 'secret') return fail('credentials-invalid', 'Authorization', 'Nobody has this key.')
      return check(shown, shown.bearer === undefined ? undefined : { keyId: 'key', role: 'channel', channel: 'demo-soap', party: undefined })
    })
  })
  afterAll(() => server?.close())
  beforeEach(() => {
    settings = usual
    receivedBefore = received().length
  })
  return {
    call: async (body, headers = {}) => {
      const response = await fetch(`${server?.url ?? ''}/soap/v1`, { method: 'POST', headers: { 'content-type': 'text/xml; charset=utf-8', ...headers }, body })
      const text = await response.text()
      const found = (pattern: RegExp): string | undefined => pattern.exec(text)?.[1]
      return { status: response.status, code: found(/<ch:code>([^<]*)/), detail: found(/<ch:detail>([^<]*)/), faultCode: found(/<faultcode>([^<]*)/) ?? found(/<soap:Subcode><soap:Value>([^<]*)/) ?? found(/<soap:Value>([^<]*)/), text }
    },
    taken: () => received().length - receivedBefore,
    lastDocument: () => Buffer.from(received().at(-1)?.body ?? []).toString('utf8'),
    allow: (what) => { settings = { ...usual, ...what } },
  }
}
