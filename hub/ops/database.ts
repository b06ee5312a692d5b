import { setImmediate as turn } from 'node:timers/promises'
import pg from 'pg'

// Numbers of 64 bits arrive as text unless told otherwise; journal numbers and counts stay far below 2^53. Numerics, dates and instants stay text.
const asText = (value: string): string => value
const parsers = new Map<number, (value: string) => unknown>([[20, Number], [1082, asText], [1114, asText], [1184, (value) => new Date(value).toISOString()], [1700, asText]])

const types: pg.CustomTypesConfig = {
  getTypeParser: (id, format) => {
    const usual: unknown = pg.types.getTypeParser(id, format)
    return parsers.get(id) ?? usual
  },
}

/** What a statement runs on: a transaction, or the pool itself for a single read. */
export interface Tx {
  readonly query: <Row>(text: string, values?: readonly unknown[]) => Promise<readonly Row[]>
}

/** A PostgreSQL database with a pool of connections. Instants come as ISO text in UTC, numerics and dates as text, bigint as number. */
export interface Database extends Tx {
  /** Commits when `work` resolves, rolls back and rethrows when it rejects. */
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  /**
   * As `transaction`, for the shortest hold on rows that others wait for: `work` resolves with statements it has sent and not awaited, and COMMIT
   * is sent right behind them. Resolves with their values once all is committed; rejects, with nothing written, when one of them fails.
   */
  readonly transactionEnding: <T>(work: (tx: Tx) => Promise<Ending<T>>) => Promise<T>
  /** For many bytes: resolves once the statements, which are one transaction, have left this process, so that PostgreSQL works on them while this process does something else. */
  readonly send: (statements: readonly SentStatement[]) => Promise<Sent>
  readonly close: () => Promise<void>
}

export interface SentStatement {
  readonly text: string
  readonly values: readonly unknown[]
}

export interface Sent {
  /** Resolves when the statements are committed; rejects, with nothing written, when one failed. Nobody has to listen. */
  readonly answered: Promise<void>
}

export interface Ending<T> {
  readonly last: Promise<T>
}

export interface DatabaseOptions {
  readonly url: string
  readonly connections: number
  /** So many stay open though nobody uses them, none unless said: to open one, and to teach it the statements, is dearer than most of what is asked over it. */
  readonly kept?: number
  /** After that time without use the others are closed; 10 s unless said. */
  readonly idleMs?: number
  /** The schema in which unqualified names are looked up. */
  readonly schema: string
  /** Statements of one transaction are sent without waiting for the answer of the one before. */
  readonly pipeline?: boolean
  /** Each connection plans a statement once and keeps it; for few statements that run often. */
  readonly prepare?: boolean
  /** The plan is the same whatever the values are: for statements that know their way, which are many times as dear to plan as to run. */
  readonly onePlan?: boolean
  /** A connection that nobody uses broke; the pool replaces it. */
  readonly onIdleError: (error: Error) => void
}

export const openDatabase = (options: DatabaseOptions): Database => {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections,
    min: options.kept ?? 0,
    idleTimeoutMillis: options.idleMs ?? 10_000,
    application_name: 'chainhub',
    options: `-c search_path=${options.schema} -c TimeZone=UTC -c synchronous_commit=on${options.onePlan === true ? ' -c plan_cache_mode=force_generic_plan' : ''}`,
    types,
    connectionTimeoutMillis: 10_000,
    ...(options.pipeline === true ? { pipeline: true } : {}),
  })
  pool.on('error', options.onIdleError)
  const statement = options.prepare === true ? makeNaming() : plain
  const transactionEnding = <T>(work: (tx: Tx) => Promise<Ending<T>>): Promise<T> => inTransaction(pool, statement, work)
  return {
    query: queryOn(pool, statement),
    transaction: (work) => transactionEnding(async (tx) => ({ last: Promise.resolve(await work(tx)) })),
    transactionEnding,
    send: (statements) => sendOn(pool, statements.map(({ text, values }) => statement(text, values))),
    close: () => pool.end(),
  }
}

type Statement = (text: string, values?: readonly unknown[]) => pg.QueryConfig

const plain: Statement = (text, values = []) => ({ text, values: [...values] })

const makeNaming = (): Statement => {
  const names = new Map<string, string>()
  return (text, values = []) => {
    // Without values it goes by the simple protocol, which alone takes a script of several statements.
    if (values.length === 0) return { text }
    const name = names.get(text) ?? `s${names.size}`
    names.set(text, name)
    return { name, text, values: [...values] }
  }
}

/** That the rows have the members that the statement names is the word of who wrote the statement. */
const queryOn = (on: pg.Pool | pg.PoolClient, statement: Statement): Tx['query'] =>
  async <Row>(text: string, values?: readonly unknown[]) => (await on.query(statement(text, values))).rows as readonly Row[]

const sendOn = async (pool: pg.Pool, statements: readonly pg.QueryConfig[]): Promise<Sent> => {
  const client = await pool.connect()
  let broken: Error | undefined
  const onError = (error: Error): void => { broken = error }
  client.on('error', onError)
  const whole = statements.length === 1 ? statements : [{ text: 'begin' }, ...statements, { text: 'commit' }]
  const answered = Promise.allSettled(whole.map((one) => client.query(one))).then((ended) => {
    const failed = ended.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }).finally(() => {
    client.off('error', onError)
    client.release(broken)
  })
  answered.catch(() => undefined)
  await hasLeft(client, answered)
  return { answered }
}

const hasLeft = async (client: pg.PoolClient, answered: Promise<void>): Promise<void> => {
  // By then it is written, as far as the system takes it at once.
  await turn()
  if (!(client instanceof pg.Client) || client.connection.stream.writableLength === 0) return
  const { stream } = client.connection
  await new Promise<void>((resolve) => {
    stream.once('drain', resolve)
    answered.then(resolve, () => { resolve() })
  })
}

const inTransaction = async <T>(pool: pg.Pool, statement: Statement, work: (tx: Tx) => Promise<Ending<T>>): Promise<T> => {
  const client = await pool.connect()
  let broken: Error | undefined
  const onError = (error: Error): void => { broken = error }
  client.on('error', onError)
  try {
    const begun = client.query('begin')
    const [, ending] = await Promise.all([begun, work({ query: queryOn(client, statement) })])
    const [value, committed] = await Promise.all([ending.last, client.query('commit')])
    // PostgreSQL answers COMMIT without an error, by ROLLBACK, where a statement before it failed.
    if (committed.command === 'ROLLBACK') throw new Error('The transaction was rolled back: one of its statements had failed.')
    return value
  } catch (error) {
    await client.query('rollback').catch((lost: unknown) => { broken = lost instanceof Error ? lost : new Error(String(lost)) })
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}
