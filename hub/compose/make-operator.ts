import { randomBytes, randomUUID } from 'node:crypto'
import { fail, ok } from '../../schemas/result.js'
import type { Warehouse } from '../../warehouse/open-warehouse.js'
import { newKey, sha256Of } from '../access/access.js'
import type { Seal } from '../access/seal.js'
import { insertApiKey } from '../central/api-keys.js'
import { digestCentral } from '../central/digest.js'
import { entriesAfter, journalHead } from '../central/journal.js'
import { crmDigest } from '../crm/crm-digest.js'
import type { OperatorDeps } from '../http/operator-operations.js'
import type { Channel } from '../intake/channel.js'
import type { FollowLoop } from '../journal/follow-loop.js'
import { progressLines } from '../journal/progress-lines.js'
import type { Metrics } from '../ops/metrics.js'
import type { Stores } from './open-stores.js'
import type { Followers } from './start-followers.js'

interface OperatorParts extends Stores {
  readonly warehouse: Warehouse
  readonly followers: Followers
  readonly metrics: Metrics
  readonly channels: ReadonlyMap<string, Channel>
  readonly seal: Seal
}

export const makeOperator = ({ central, crm, warehouse, followers, metrics, channels, seal }: OperatorParts): OperatorDeps => {
  let rebuilding = false
  const work = {
    crm: followers.rebuildCrm,
    warehouse: async (tell: (step: object) => void) => {
      const rebuilt = await warehouse.rebuild({ entriesAfter: (after, limit) => entriesAfter(central, after, limit), progress: (journalSeq) => { tell({ step: 'applied', journalSeq }) } })
      if (!rebuilt.ok) throw new Error(rebuilt.detail)
    },
  }
  const digests = { central: () => digestCentral(central), crm: () => crmDigest(crm), warehouse: () => warehouse.digest() }
  return {
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
      const name = database === 'crm' || database === 'warehouse' ? database : 'central'
      const read = async () => ({ database: name, journalSeq: name === 'central' ? await journalHead(central) : followers.loops[name].passed(), digest: await digests[name]() })
      return ok(name === 'central' ? await read() : await followers.loops[name].exclusively(read))
    },
    rebuild: (follower) => {
      if (rebuilding) return fail('data-in-use', follower, 'A rebuild is under way.')
      rebuilding = true
      return ok(progressLines(async (tell) => {
        try {
          await work[follower === 'crm' ? 'crm' : 'warehouse'](tell)
          tell({ step: 'done', follower, journalSeq: followers.loops[follower === 'crm' ? 'crm' : 'warehouse'].passed() })
        } finally {
          rebuilding = false
        }
      }))
    },
    ready: async () => {
      const head = await journalHead(central)
      const state = (loop: FollowLoop) => ({ journalSeq: loop.passed(), behind: Math.max(0, head - loop.passed()), ...(loop.standstill() === undefined ? {} : { failing: loop.standstill() }) })
      const { crm: crmLoop, warehouse: warehouseLoop } = followers.loops
      const failing = crmLoop.standstill() !== undefined || warehouseLoop.standstill() !== undefined
      return ok({ status: failing ? 'degraded' : 'ready', journalSeq: head, followers: { crm: state(crmLoop), warehouse: state(warehouseLoop) } })
    },
    metrics: async () => ({ contentType: metrics.contentType, raw: await metrics.text() }),
  }
}
