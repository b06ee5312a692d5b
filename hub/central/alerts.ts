import type { Tx } from '../ops/database.js'

/** What an alert is about. One of a kind and subject is open at a time. */
export interface AlertSubject {
  readonly kind: string
  readonly subject: string
}

/** Opens an alert unless it is open already. */
export const raiseAlert = (tx: Tx, { kind, subject, detail }: AlertSubject & { readonly detail: string }): Promise<unknown> =>
  tx.query('insert into alert (kind, subject, detail) values ($1, $2, $3) on conflict (kind, subject) where closed_at is null do nothing', [kind, subject, detail])

/** Closes an alert, if it is open. */
export const closeAlert = (tx: Tx, { kind, subject }: AlertSubject): Promise<unknown> =>
  tx.query('update alert set closed_at = clock_timestamp() where kind = $1 and subject = $2 and closed_at is null', [kind, subject])

export interface StoredAlert extends AlertSubject {
  readonly id: number
  readonly detail: string
  /** UTC. */
  readonly openedAt: string
  readonly closedAt: string | null
}

const columns = 'id, kind, subject, detail, opened_at as "openedAt", closed_at as "closedAt"'

export interface AlertFilter {
  /** Only those that are open, or only those that are closed. */
  readonly open?: boolean | undefined
  /** The id of the last alert of the page before. */
  readonly before?: number | undefined
  readonly limit: number
}

/** The latest first. */
export const listAlerts = (tx: Tx, { open, before, limit }: AlertFilter): Promise<readonly StoredAlert[]> =>
  tx.query<StoredAlert>(`
    select ${columns} from alert where ($1::boolean is null or (closed_at is null) = $1) and ($2::bigint is null or id < $2) order by id desc limit $3`, [open ?? null, before ?? null, limit])

export interface UntoldAlert extends StoredAlert {
  readonly openingTold: boolean
}

/** Alerts whose opening or closing was not told outside yet, locked for whoever tells them. */
export const untoldAlerts = (tx: Tx, limit: number): Promise<readonly UntoldAlert[]> =>
  tx.query<UntoldAlert>(`
    select ${columns}, opening_told as "openingTold" from alert where not opening_told or (closed_at is not null and not closing_told)
    order by id limit $1 for update skip locked`, [limit])

/** Says of alerts that all that happened to them so far was told. */
export const markTold = (tx: Tx, ids: readonly number[]): Promise<unknown> =>
  tx.query('update alert set opening_told = true, closing_told = closed_at is not null where id = any($1::bigint[])', [ids])
