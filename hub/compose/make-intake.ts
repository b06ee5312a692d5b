import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { ChannelForm, ConnectorHost } from '../../connectors/contract.js'
import type { Translator } from '../../mappings/engine/translator.js'
import type { Credentials } from '../../schemas/credentials.js'
import { checkTotals } from '../../schemas/check-totals.js'
import { isUuid, type MessageId } from '../../schemas/ids.js'
import type { MessageAnswer } from '../../schemas/message-answer.js'
import { fail, ok, type Result } from '../../schemas/result.js'
import { validateDocument } from '../../schemas/validate-document.js'
import type { Access } from '../access/access.js'
import { attachmentsOfMessage, bytesOfAttachment } from '../central/attachments.js'
import type { CommitItem } from '../central/commit-item.js'
import { chunksOfMessage } from '../central/giants/chunks.js'
import type { GroupCommit } from '../central/group-commit.js'
import { lastCausedBy } from '../central/journal.js'
import { mappingByVersion, mappingVersion } from '../central/mapping-versions.js'
import { dropEarly, makeKeepEarly } from '../central/early-bytes.js'
import { foreseeCommit } from '../central/foresee-commit.js'
import { mappingsOfMessage, messageById, rawOfMessage, type StoredMessage } from '../central/messages.js'
import type { MessageDeps } from '../http/message-operations.js'
import type { Channel } from '../intake/channel.js'
import { makeGiants, type Giants } from '../intake/giants/giants.js'
import type { CheckParts } from '../intake/schema-sets/check-parts.js'
import { makeLineage } from '../intake/lineage.js'
import { maskMessage } from '../intake/mask-secrets.js'
import { hasPackedSecrets } from '../intake/packed-secrets.js'
import { makeMessageStatus } from '../intake/message-status.js'
import { makeNewId } from '../intake/new-id.js'
import { makeReceive } from '../intake/receive.js'
import { makeQuotas } from '../intake/quotas.js'
import { makeTurns } from '../intake/turns.js'
import { makeReplay, makeReplayDiff, rawDropped, type ReplayOptions } from '../intake/replay.js'
import { makeWaitFor } from '../journal/wait-for.js'
import type { Database } from '../ops/database.js'
import { elapsedMs } from '../ops/elapsed-ms.js'
import type { HeapGrowth } from '../ops/heap-growth.js'
import type { Metrics } from '../ops/metrics.js'
import { giantStore, makeListParts, makePartOfGiant, withProgress } from './giant-store.js'
import { orNotFound } from './or-not-found.js'
import type { Followers } from './start-followers.js'

const formOf = (channel: Channel | undefined, translator: Translator): ChannelForm | undefined =>
  channel && { credentials: channel.credentials, answer: channel.answer, takes: translator.pathsOf(channel.languages) }

interface IntakeDeps {
  readonly own: { readonly id: string }
  readonly central: Database
  readonly translator: Translator
  readonly channels: ReadonlyMap<string, Channel>
  readonly access: Access
  readonly checkParts: CheckParts
  readonly commit: GroupCommit
  /** Told the last number after each commit that made the journal longer. */
  readonly onAppended: (last: number) => void
  readonly followers: Followers
  readonly metrics: Metrics
  readonly log: Logger
  /** The largest body, in bytes, that is read of a caller who says only in it who it is. */
  readonly openBytes: number
  readonly heap: HeapGrowth
}

interface IntakeMessages extends Omit<MessageDeps, 'messages' | 'canonicalOf' | 'discard' | 'replay' | 'replayDiff'> {
  readonly replay: ReturnType<typeof makeReplay>
  readonly replayDiff: ReturnType<typeof makeReplayDiff>
}

export const makeIntake = ({ own, central, translator, channels, access, checkParts, commit, onAppended, followers, metrics, log, openBytes, heap }: IntakeDeps): { readonly host: ConnectorHost, readonly messages: IntakeMessages, readonly giants: Giants } => {
  const deps = {
    translator, log,
    validate: validateDocument,
    checkTotals, checkParts,
    newId: makeNewId({ nowMs: Date.now, randomUuid: randomUUID }),
    channel: (id: string) => channels.get(id),
    channelIds: () => [...channels.keys()],
    commit: commit.commit,
    keepEarly: makeKeepEarly(central, own.id),
    dropEarly: (id: string) => dropEarly(central, id),
    waitFor: makeWaitFor({ loops: followers.loops, decider: 'crm', lastCausedBy: (first, last) => lastCausedBy(central, first, last), nowMs: elapsedMs }),
    nowMs: Date.now, elapsedMs,
    messageById: (id: string) => messageById(central, id),
    rawOfMessage: (id: string) => rawOfMessage(central, id),
    replayGiant: (id: MessageId, options: ReplayOptions) => giants.replay(id, options),
    foreseeGiant: (message: StoredMessage, mapping: string | undefined) => giants.foresee(message, mapping),
    mappingsOf: (id: string, part?: number) => mappingsOfMessage(central, id, part),
    partOfGiant: makePartOfGiant({ central, partsOf: translator.partsOf, nowMs: elapsedMs }),
    mappingSources: async (format: string, version: string) => (await mappingVersion(central, format, version))?.files,
    quotas: makeQuotas({ nowMs: elapsedMs }),
    turns: makeTurns(),
    mappingByVersion: (version: string) => mappingByVersion(central, version),
    foresee: (item: CommitItem) => foreseeCommit(central, item),
    callerOf: (credentials: Credentials) => access.callerOf(credentials),
    authorise: (credentials: Credentials, channel: string) => access.authorise(credentials, channel),
  }
  const giants = makeGiants({ ...deps, ...giantStore({ database: central, owner: own.id, onAppended, log }), partsOf: translator.partsOf, keepSmall: heap.tighten })
  const receive = makeReceive(deps)
  const status = makeMessageStatus(deps)
  const measured = async (channel: string, work: () => Promise<Result<MessageAnswer>>): Promise<Result<MessageAnswer>> => {
    const startedMs = performance.now()
    const answer = await work()
    metrics.messageReceived(channels.has(channel) ? channel : '?', answer.ok ? answer.value.outcome : answer.code, (performance.now() - startedMs) / 1000)
    return answer
  }
  return {
    giants,
    host: {
      maxBodyBytes: Math.max(...[...channels.values()].map(({ maxBytes }) => maxBytes)),
      openBytes,
      nowMs: Date.now,
      channelForm: (id) => formOf(channels.get(id), translator),
      authenticate: (credentials) => access.callerOf(credentials),
      messageStatus: status.ofCredentials,
      giantBytes: (channel) => channels.get(channel)?.giantBytes ?? 0,
      receive: (received) => measured(received.channel, () => receive(received)),
      receiveStream: (received) => measured(received.channel, () => giants.receive(received)),
    },
    messages: {
      message: async (id) => orNotFound(await withProgress(central, await messageById(central, id)), 'message', id),
      partsOf: makeListParts(central),
      messageStatus: status.ofCaller,
      rawOf: async (id, secretsShown) => {
        const [message, raw] = isUuid(id) ? await Promise.all([messageById(central, id), rawOfMessage(central, id)]) : []
        if (message === undefined) return fail('not-found', 'id', `There is no message '${id}'.`)
        if (raw === undefined) return rawDropped(message)
        if (message.giant) {
          const isSecret = !secretsShown && translator.hasSecrets(channels.get(message.channel)?.languages ?? [])
          return isSecret ? fail('forbidden', 'secrets', 'A message of this size is not masked; an admin\'s key sees it with `secrets=shown`.') : ok({ contentType: 'application/octet-stream', raw: chunksOfMessage(central, id) })
        }
        if (secretsShown) return ok({ contentType: 'application/octet-stream', raw })
        const contentEncoding = message.contentEncoding ?? undefined
        if (await hasPackedSecrets({ bytes: raw, contentType: message.contentType ?? '', contentEncoding }, translator.secretNames)) {
          return fail('forbidden', 'secrets', 'Secrets stand compressed or encoded in this message, so that they cannot be masked; an admin\'s key sees it with `secrets=shown`.')
        }
        return ok({ contentType: 'application/octet-stream', raw: await maskMessage(raw, contentEncoding, translator.secretNames) })
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
      replayDiff: makeReplayDiff(deps),
    },
  }
}
