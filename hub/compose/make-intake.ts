import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { ConnectorHost } from '../../connectors/contract.js'
import type { Translator } from '../../mappings/engine/translator.js'
import type { Credentials } from '../../schemas/credentials.js'
import { checkTotals } from '../../schemas/check-totals.js'
import { isUuid } from '../../schemas/ids.js'
import type { Outcome } from '../../schemas/message-answer.js'
import { fail, ok } from '../../schemas/result.js'
import { validateDocument } from '../../schemas/validate-document.js'
import type { Access } from '../access/access.js'
import { attachmentsOfMessage, bytesOfAttachment } from '../central/attachments.js'
import type { GroupCommit } from '../central/group-commit.js'
import { lastCausedBy } from '../central/journal.js'
import { mappingVersion } from '../central/mapping-versions.js'
import { listMessages, mappingsOfMessage, messageById, rawOfMessage } from '../central/messages.js'
import type { MessageDeps } from '../http/message-operations.js'
import type { Channel } from '../intake/channel.js'
import type { CheckParts } from '../intake/schema-sets/check-parts.js'
import { makeLineage } from '../intake/lineage.js'
import { makeMessageStatus } from '../intake/message-status.js'
import { makeNewId } from '../intake/new-id.js'
import { makeReceive } from '../intake/receive.js'
import { makeReplay } from '../intake/replay.js'
import { makeWaitFor } from '../journal/wait-for.js'
import type { Database } from '../ops/database.js'
import type { Metrics } from '../ops/metrics.js'
import { orNotFound } from './or-not-found.js'
import type { Followers } from './start-followers.js'

interface IntakeDeps {
  readonly central: Database
  readonly translator: Translator
  readonly channels: ReadonlyMap<string, Channel>
  readonly access: Access
  readonly checkParts: CheckParts
  readonly commit: GroupCommit
  readonly followers: Followers
  readonly metrics: Metrics
  readonly log: Logger
  /** The largest body, in bytes, that is read of a caller who says only in it who it is. */
  readonly openBytes: number
}

export const makeIntake = ({ central, translator, channels, access, checkParts, commit, followers, metrics, log, openBytes }: IntakeDeps): { readonly host: ConnectorHost, readonly messages: MessageDeps } => {
  const deps = {
    translator, log,
    validate: validateDocument,
    checkTotals, checkParts,
    newId: makeNewId({ nowMs: Date.now, randomUuid: randomUUID }),
    channel: (id: string) => channels.get(id),
    commit: commit.commit,
    waitFor: makeWaitFor({ loops: followers.loops, decider: 'crm', lastCausedBy: (first, last) => lastCausedBy(central, first, last), nowMs: Date.now }),
    nowMs: Date.now,
    messageById: (id: string) => messageById(central, id),
    rawOfMessage: (id: string) => rawOfMessage(central, id),
    mappingsOf: (id: string) => mappingsOfMessage(central, id),
    mappingSources: async (format: string, version: string) => (await mappingVersion(central, format, version))?.files,
    callerOf: (credentials: Credentials) => access.callerOf(credentials),
    authorise: (credentials: Credentials, channel: string) => access.authorise(credentials, channel),
  }
  const receive = makeReceive(deps)
  const status = makeMessageStatus(deps)
  return {
    host: {
      maxBodyBytes: Math.max(...[...channels.values()].map(({ maxBytes }) => maxBytes)),
      openBytes,
      authenticate: (credentials) => access.callerOf(credentials),
      messageStatus: status.ofCredentials,
      receive: async (received) => {
        const startedMs = performance.now()
        const answer = await receive(received)
        metrics.messageReceived(channels.has(received.channel) ? received.channel : '?', answer.ok ? answer.value.outcome : answer.code, (performance.now() - startedMs) / 1000)
        return answer
      },
    },
    messages: {
      messages: async ({ since, cursor, limit, outcome, channel }) => {
        const sinceMs = since === undefined ? 0 : Date.parse(since)
        if (Number.isNaN(sinceMs)) return fail('request-invalid', 'since', `'${since ?? ''}' is no date or instant; write 2026-11-02 or 2026-11-02T08:00:00Z.`)
        const items = await listMessages(central, { outcome: outcome as Outcome | undefined, channel, since: since === undefined ? undefined : new Date(sinceMs).toISOString(), before: cursor, limit: limit + 1 })
        const shown = items.slice(0, limit)
        return ok({ items: shown, ...(items.length > limit ? { next: shown.at(-1)?.messageId } : {}) })
      },
      message: async (id) => orNotFound(await messageById(central, id), 'message', id),
      messageStatus: status.ofCaller,
      rawOf: async (id) => {
        const raw = await rawOfMessage(central, id)
        return raw === undefined ? fail('not-found', 'id', `There is no message '${id}'.`) : ok({ contentType: 'application/octet-stream', raw })
      },
      attachmentsOf: async (id) => {
        const message = isUuid(id) ? await messageById(central, id) : undefined
        return message === undefined ? fail('not-found', 'id', `There is no message '${id}'.`) : ok({ items: await attachmentsOfMessage(central, id) })
      },
      attachment: async (sha256) => {
        const raw = await bytesOfAttachment(central, sha256)
        return raw === undefined ? fail('not-found', 'sha256', `No file of the SHA-256 ${sha256} came with a message.`) : ok({ contentType: 'application/octet-stream', raw })
      },
      lineageOf: makeLineage(deps),
      replay: makeReplay(deps),
    },
  }
}
