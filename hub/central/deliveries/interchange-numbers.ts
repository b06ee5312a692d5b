import type { Tx } from '../../ops/database.js'

/**
 * Draws a control number for each of these deliveries that has no bytes yet, in the order given and without a gap; one that had drawn its own keeps it. Those
 * of which another sender has kept the bytes meanwhile are missing. The counter is locked until the transaction ends, and so are the deliveries, in the order of their ids.
 */
export const drawInterchangeNumbers = async (tx: Tx, counter: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>> => {
  const rows = await tx.query<{ id: string, number: number | null }>('select id, interchange_number as number from delivery where id = any($1::uuid[]) and payload is null order by id for update', [ids])
  const drawn = new Map(rows.map(({ id, number }) => [id, number]))
  const fresh = ids.filter((id) => drawn.get(id) === null)
  if (fresh.length > 0) {
    const [count] = await tx.query<{ last: number }>(`
      insert into interchange_count (counter, last) values ($1, $2) on conflict (counter) do update set last = interchange_count.last + excluded.last returning last`, [counter, fresh.length])
    const first = (count?.last ?? fresh.length) - fresh.length + 1
    await tx.query(`
      update delivery set interchange_number = given.number from unnest($1::uuid[], $2::bigint[]) as given (id, number) where delivery.id = given.id`, [fresh, fresh.map((_id, index) => first + index)])
    for (const [index, id] of fresh.entries()) drawn.set(id, first + index)
  }
  return new Map([...drawn].flatMap(([id, number]) => (number === null ? [] : [[id, number]])))
}
