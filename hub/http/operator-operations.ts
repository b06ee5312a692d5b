import { readFileSync } from 'node:fs'
import { Type } from '@sinclair/typebox'
import { projectFolder } from '../../schemas/project-folder.js'
import { ok, type Result } from '../../schemas/result.js'
import { roles } from '../access/access.js'
import type { Operation, RawReply } from './operation.js'
import { digestAnswer, homeAnswer, keyAnswer, rebuildAnswer } from './operator-answers.js'

export interface OperatorDeps {
  readonly createKey: (wish: KeyWish) => Promise<Result<unknown>>
  readonly digest: (database: string) => Promise<Result<unknown>>
  /** Rebuilds beside the live copy and switches; yields a line of JSON for each step. */
  readonly rebuild: (follower: string) => Promise<Result<AsyncIterable<string | Uint8Array>>>
}

export interface KeyWish {
  readonly role: string
  readonly channel: string | undefined
  readonly party: string | undefined
  readonly soapUser: string | undefined
  /** `DOMAIN:IDENTITY` */
  readonly cxmlIdentity: string | undefined
}

const keyBody = Type.Object({ role: Type.String({ enum: [...roles] }), channel: Type.Optional(Type.String({ maxLength: 63 })), party: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })), soapUser: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._@-]{1,100}$', description: 'Makes a user and a password for WS-Security beside the key.' })), cxmlIdentity: Type.Optional(Type.String({ pattern: '^[^:\\s]{1,60}:[^\\s].{0,199}$', description: 'DOMAIN:IDENTITY of the Sender for whom the key is the SharedSecret of cXML headers.' })) }, { additionalProperties: false })

const keyExamples = { ofAChannel: { role: 'channel', channel: 'demo-ubl' }, ofAPartner: { role: 'channel', channel: 'demo-ubl', party: 'lotus' }, ofAnOperator: { role: 'operator' } }

const textOf = (value: unknown, name: string): string | undefined => {
  const member: unknown = typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
  return typeof member === 'string' ? member : undefined
}

/** What an operator runs. */
export const operatorOperations = (deps: OperatorDeps): readonly Operation[] => [
  {
    id: 'createKey', method: 'POST', path: '/keys', tag: 'operations', audience: 'admin', body: keyBody, bodyDescription: () => ({ schema: keyBody, examples: keyExamples }),
    summary: 'Creates an API key, and a SOAP user beside it where one is named; key and password are shown this once',
    answer: keyAnswer,
    handle: ({ body }) => deps.createKey({ role: textOf(body, 'role') ?? '', channel: textOf(body, 'channel'), party: textOf(body, 'party'), soapUser: textOf(body, 'soapUser'), cxmlIdentity: textOf(body, 'cxmlIdentity') }),
  },
  {
    id: 'getDigest', method: 'GET', path: '/digests/:database', tag: 'operations', audience: 'admin', params: Type.Object({ database: Type.String({ enum: ['central', 'crm', 'warehouse'], examples: ['central', 'crm', 'warehouse'] }) }),
    summary: 'A hash over all rows of a database in key order',
    answer: digestAnswer,
    handle: ({ params }) => deps.digest(params['database'] ?? ''),
  },
  {
    id: 'rebuildFollower', method: 'POST', path: '/rebuilds/:follower', tag: 'operations', audience: 'admin', params: Type.Object({ follower: Type.String({ enum: ['crm', 'warehouse'], examples: ['crm', 'warehouse'] }) }),
    summary: 'Rebuilds a follower\'s database from the journal beside the live one, then switches',
    answer: rebuildAnswer,
    handle: async ({ params }) => {
      const lines = await deps.rebuild(params['follower'] ?? '')
      return lines.ok ? ok({ contentType: 'application/x-ndjson', raw: lines.value }) : lines
    },
  },
  {
    id: 'getHome', method: 'GET', path: '/', tag: 'operations', audience: 'anyone',
    summary: 'A plain page to look round',
    answer: homeAnswer,
    handle: () => Promise.resolve(home()),
  },
]

const home = (): Result<RawReply> => ok({ contentType: 'text/html; charset=utf-8', raw: readFileSync(projectFolder('hub', 'http', 'home.html'), 'utf8') })
