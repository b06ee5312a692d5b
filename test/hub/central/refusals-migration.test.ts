import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { migrate } from '../../../hub/ops/migrate.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import { afterTest } from '../../fixtures/after-test.js'
import { openCentral } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()

it('refusals of before have the state that their alert, what was sent again and later answers say', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-migrations-'))
  afterTest(() => rm(folder, { recursive: true }))
  const all = projectFolder('hub/central/migrations')
  for (const name of (await readdir(all)).filter((one) => one < '0018')) await cp(join(all, name), join(folder, name))
  const database = openCentral(postgres.urlOf('postgres'), 'refusals')
  await migrate(database, 'refusals', folder)
  const id = (number: number): string => `00000000-0000-7000-8000-00000000000${number}`
  await database.query("insert into delivery_lane (endpoint, key, last_sequence, next_sequence) values ('e', 'k', 6, 7)")
  for (const [number, source] of [[1, 's'], [2, 's'], [3, `again:${id(2)}`], [4, 's'], [5, 's'], [6, 's']] as const) {
    await database.query(`
      insert into delivery (id, lane, sequence, endpoint, key, source, cause, test, state, sent_at, rejected)
      select $1, id, $2::bigint, 'e', 'k', $3, case when $3 = 's' then $2::bigint else 1 end, false, 'sent', now(), $2 not in (3, 6) from delivery_lane`, [id(number), number, source])
    if (source === 's' && number !== 6) await database.query("insert into delivery_answer (delivery_id, at, stage, rejected, reasons) values ($1, '2026-11-01T00:00:00Z', 'understood', true, '[]')", [id(number)])
    if (source === 's' && number !== 6) await database.query("insert into alert (kind, subject, detail, closed_at) values ('delivery-rejected', $1, '', case when $2 then null else now() end)", [id(number), number === 1])
  }
  await database.query("insert into delivery_answer (delivery_id, at, stage, rejected, reasons) values ($1, '2026-11-02T00:00:00Z', 'understood', false, '[]')", [id(4)])
  await migrate(database, 'refusals', all)
  expect(await database.query('select right(id::text, 1)::int as number, refusal, resent_as, refused_at is not null as refused, refusal_settled_at is not null as settled from delivery order by id')).toEqual([
    { number: 1, refusal: 'open', resent_as: null, refused: true, settled: false }, { number: 2, refusal: 'resent', resent_as: id(3), refused: true, settled: true },
    { number: 3, refusal: null, resent_as: null, refused: false, settled: false }, { number: 4, refusal: 'accepted', resent_as: null, refused: true, settled: true },
    { number: 5, refusal: 'skipped', resent_as: null, refused: true, settled: true }, { number: 6, refusal: null, resent_as: null, refused: false, settled: false },
  ])
})
