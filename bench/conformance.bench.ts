import { printRows, type BenchRow } from './table.js'
import { runXmlSuite, suiteGroups, type SuiteCase } from './xml-suite.js'

/** How the hub's reader answers the W3C XML conformance suite, group by group; with the documents that it answered otherwise than the suite asks. */
export const bench = async (options: { readonly json: boolean }): Promise<void> => {
  const cases = await runXmlSuite()
  printRows(suiteGroups.map((group) => rowOf(group, cases.filter((one) => one.group === group))), options)
  if (options.json) return
  const missed = cases.filter(({ group, answer }) => (group === 'not well-formed' && answer.ok) || (group === 'well-formed' && !answer.ok))
  for (const { id, group, answer } of missed) console.log(`${group}: ${id} was ${answer.ok ? 'accepted' : `refused at ${answer.at}: ${answer.detail}`}`)
}

const rowOf = (group: string, cases: readonly SuiteCase[]): BenchRow => {
  const refused = cases.filter(({ answer }) => !answer.ok).length
  const accepts = group.startsWith('well-formed, ext') || group === 'well-formed' || group === 'XML 1.1, well-formed'
  const matching = accepts ? cases.length - refused : refused
  return { bench: 'conformance', case: `${group}: ${accepts ? 'accepted' : 'refused'} ${matching} of ${cases.length}`, value: matching / cases.length * 100, unit: '%' }
}
