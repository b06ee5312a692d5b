import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { loadCubes } from '../../warehouse/model/load-cubes.js'
import { describeCubes, openWarehouse } from '../../warehouse/open-warehouse.js'
import { projectFolder } from '../../schemas/project-folder.js'
import { invoice, journalOf, line } from './entries.js'
import { nothingParked, temporaryFolder, valueOf } from './temporary-warehouse.js'

const declared = (root: string) => `
import { party } from '${root}/warehouse/model/dimensions/party.ts'
export const cube = {
  name: 'despatched-lines', title: 'Despatched lines', version: 1, kinds: ['despatch'], dimensions: { carrier: party }, figures: ['weight'],
  measures: { weight: { title: 'Weight', sql: 'sum(f.weight)', type: 'decimal', perCurrency: false } },
  rowsOf: (system, document) => ({ ok: true, value: document.lines.map((line) => ({ line: line.number, columns: { weight: line.quantity.value } })) }),
}
`

it('takes a cube from one file in the folder of cubes and from nowhere else', async () => {
  const folder = await temporaryFolder()
  await writeFile(`${folder}/despatched-lines.js`, declared(projectFolder()))
  const warehouse = valueOf(await openWarehouse({ file: `${folder}/w.duckdb`, cubes: pathToFileURL(`${folder}/`), ...nothingParked }))
  await warehouse.follower.apply(0, journalOf(invoice('1', [line('1', '1'), line('2', '1')], { kind: 'despatch' })))
  expect((await describeCubes(pathToFileURL(`${folder}/`))).map(({ name }) => name)).toEqual(['despatched-lines'])
  expect(valueOf(await warehouse.query('despatched-lines', { rows: ['carrier'], measures: ['weight'] })).cells).toEqual([{ carrier: null, weight: '4' }])
  await warehouse.close()
})

it('refuses a file that declares no cube', async () => {
  const folder = await temporaryFolder()
  await writeFile(`${folder}/nothing.js`, 'export const cube = 1')
  await expect(loadCubes(pathToFileURL(`${folder}/`))).rejects.toThrow('nothing.js')
})
