import { randomBytes, randomUUID } from 'node:crypto'
import { fail, ok } from '../../schemas/result.js'
import { newKey, sha256Of } from '../access/access.js'
import { insertApiKey } from '../central/api-keys.js'
import { digestCentral } from '../central/digest.js'
import { journalHead } from '../central/journal.js'
import type { OperatorDeps } from '../http/operator-operations.js'
import { followerNamed, type FollowerServices } from './follower-services.js'
import type { Core } from './open-core.js'

export const makeOperator = ({ central, channels, seal }: Core, services: FollowerServices): OperatorDeps => ({
  createKey: async ({ role, channel, party, soapUser, cxmlIdentity }) => {
    if (role === 'channel' && (channel === undefined || !channels.has(channel))) return fail('request-invalid', 'channel', `A channel's key names its channel: ${[...channels.keys()].join(', ')}.`)
    if (role !== 'channel' && soapUser !== undefined) return fail('request-invalid', 'soapUser', 'A SOAP user is of a channel: its role is channel.')
    if (cxmlIdentity !== undefined && (role !== 'channel' || channels.get(channel ?? '')?.credentials !== 'cxml')) return fail('request-invalid', 'cxmlIdentity', 'A cXML identity is of a channel whose setting `credentials` is cxml: its role is channel.')
    const [id, key, password] = [randomUUID(), newKey(), randomBytes(24).toString('base64url')]
    const user = soapUser === undefined ? undefined : { name: soapUser, sealedPassword: seal.seal(password, soapUser) }
    const isNew = await insertApiKey(central, { id, sha256: sha256Of(key), role, channel, party, headerIdentity: cxmlIdentity }, user)
    if (!isNew) return fail('request-invalid', 'soapUser', `There is a SOAP user '${soapUser ?? ''}' already.`)
    return ok({ id, role, ...(channel === undefined ? {} : { channel }), ...(party === undefined ? {} : { party }), key, ...(cxmlIdentity === undefined ? {} : { cxmlIdentity }), ...(user === undefined ? {} : { soapUser, soapPassword: password }) })
  },
  digest: async (database) => {
    const follower = followerNamed(database)
    if (follower === undefined) return ok({ database: 'central', journalSeq: await journalHead(central), digest: await digestCentral(central) })
    const found = await services.digest(follower)
    return found.ok ? ok({ database: follower, ...found.value }) : found
  },
  rebuild: (follower) => services.rebuild(followerNamed(follower) ?? 'crm'),
})
