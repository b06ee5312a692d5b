import type { Database, Tx } from '../ops/database.js'

/** A replay of a selection, with how far it is. Instants are UTC. */
export interface ReplayRow {
  readonly id: string
  readonly askedAt: string
  readonly askedBy: string
  readonly selection: unknown
  readonly mapping: string | null
  readonly dryRun: boolean
  readonly finishedAt: string | null
  readonly messages: number
  readonly done: number
  /** How many messages came to each outcome, or would; of those that could not be run the code of the error. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Of how many messages something would change; of a dry run alone. */
  readonly differing: number | null
}

export interface ReplayItem {
  readonly messageId: string
  readonly done: boolean
  readonly outcome: string | null
  readonly changes: unknown
}

export interface ReplayToWrite {
  readonly id: string
  readonly askedBy: string
  readonly selection: unknown
  readonly mapping: string | undefined
  readonly dryRun: boolean
  readonly messageIds: readonly string[]
}

/** Fixes which messages a replay means. */
export const insertReplay = (database: Database, { id, askedBy, selection, mapping, dryRun, messageIds }: ReplayToWrite): Promise<void> => database.transaction(async (tx) => {
  await tx.query('insert into replay (id, asked_by, selection, mapping_version, dry_run) values ($1, $2, $3, $4, $5)', [id, askedBy, JSON.stringify(selection), mapping ?? null, dryRun])
  await tx.query('insert into replay_item (replay_id, message_id, attempt) select $1, message_id, gen_random_uuid() from unnest($2::uuid[]) as given (message_id) on conflict do nothing', [id, messageIds])
})

const columns = `
  replay.id, asked_at as "askedAt", asked_by as "askedBy", selection, mapping_version as mapping, dry_run as "dryRun", finished_at as "finishedAt",
  own.messages, own.done, coalesce(own.outcomes, '{}') as outcomes, case when dry_run then own.differing end as differing`
const counted = `
  cross join lateral (
    select coalesce(sum(each.messages), 0)::int as messages, coalesce(sum(each.messages) filter (where each.done), 0)::int as done, coalesce(sum(each.differing), 0)::int as differing,
      json_object_agg(each.outcome, each.messages) filter (where each.outcome is not null) as outcomes
    from (
      select done, outcome, count(*)::int as messages, count(*) filter (where changes->>'differs' = 'true')::int as differing from replay_item where replay_id = replay.id group by done, outcome
    ) each
  ) own`

export const replayById = async (tx: Tx, id: string): Promise<ReplayRow | undefined> => (await tx.query<ReplayRow>(`select ${columns} from replay ${counted} where replay.id = $1`, [id]))[0]

/** The latest first. */
export const listReplays = (tx: Tx, before: string | undefined, limit: number): Promise<readonly ReplayRow[]> =>
  tx.query<ReplayRow>(`select ${columns} from replay ${counted} where $1::uuid is null or replay.id < $1 order by replay.id desc limit $2`, [before ?? null, limit])

/** In the order in which they are run. */
export const itemsOfReplay = (tx: Tx, id: string, after: string | undefined, limit: number): Promise<readonly ReplayItem[]> => tx.query<ReplayItem>(`
  select message_id as "messageId", done, outcome, changes from replay_item where replay_id = $1 and ($2::uuid is null or message_id > $2) order by message_id limit $3`, [id, after ?? null, limit])

const lease = 'clock_timestamp() + interval \'60 seconds\''

export interface ClaimedReplay {
  readonly id: string
  readonly mapping: string | null
  readonly dryRun: boolean
}

/** Takes a replay that is not finished and that no living process works on. */
export const claimReplay = async (tx: Tx, owner: string): Promise<ClaimedReplay | undefined> => (await tx.query<ClaimedReplay>(`
  update replay set owner = $1, lease_until = ${lease}
  where id = (select id from replay where finished_at is null and lease_until <= clock_timestamp() order by asked_at, id limit 1 for update skip locked)
  returning id, mapping_version as mapping, dry_run as "dryRun"`, [owner]))[0]

export const nextItems = (tx: Tx, id: string, limit: number): Promise<readonly { readonly messageId: string, readonly attempt: string }[]> =>
  tx.query('select message_id as "messageId", attempt from replay_item where replay_id = $1 and not done order by message_id limit $2', [id, limit])

/** Keeps the claim while a message takes long. */
export const keepReplay = (tx: Tx, owner: string, id: string): Promise<unknown> => tx.query(`update replay set lease_until = ${lease} where id = $2 and owner = $1 and finished_at is null`, [owner, id])

/** Notes what became of a message, and keeps the claim; false where another process has the replay by now. */
export const finishItem = async (tx: Tx, owner: string, id: string, item: { readonly messageId: string, readonly outcome: string, readonly changes: unknown }): Promise<boolean> => (await tx.query(`
  with held as (update replay set lease_until = ${lease} where id = $2 and owner = $1 and finished_at is null returning id)
  update replay_item set done = true, outcome = $4, changes = $5 from held where replay_id = held.id and message_id = $3 returning 1`,
[owner, id, item.messageId, item.outcome, JSON.stringify(item.changes)])).length > 0

export const finishReplay = (tx: Tx, owner: string, id: string): Promise<unknown> =>
  tx.query('update replay set finished_at = clock_timestamp() where id = $2 and owner = $1 and not exists (select from replay_item where replay_id = $2 and not done)', [owner, id])

/** Leaves a replay to whoever claims it next. */
export const releaseReplay = (tx: Tx, owner: string, id: string): Promise<unknown> =>
  tx.query('update replay set lease_until = clock_timestamp() where id = $2 and owner = $1 and finished_at is null', [owner, id])
