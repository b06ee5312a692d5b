import type { Writer } from '../engines/engine.js'
import { foldLinks, type NumberedDecision, type Standing } from './fold-links.js'
import { numbersIssuedBy } from './shadow-documents.js'

/** Carries out identity decisions on the parties, of which every source named is a row. No fact is touched. Gives the numbers of documents whose issuer is another party now. */
export const writeLinks = async (tx: Writer, decisions: readonly NumberedDecision[]): Promise<readonly string[]> => {
  if (decisions.length === 0) return []
  const { founded, moved } = foldLinks(await readStandings(tx, decisions), decisions)
  if (founded.size > 0) {
    await tx.run(`update party set founded = told.place from (select unnest($1::varchar[]) as member, unnest($2::bigint[]) as place) told where party.member = told.member`,
      [[...founded.keys()], [...founded.values()]])
  }
  if (moved.size === 0) return []
  const numbers = await numbersIssuedBy(tx, [...moved.keys()])
  await tx.run(
    `update party set golden = stays.key
      from (select unnest($1::varchar[]) as ends, unnest($2::varchar[]) as stays) told join party ends on ends.member = told.ends join party stays on stays.member = told.stays
      where party.golden = ends.key`,
    [[...moved.keys()], [...moved.values()]])
  return numbers
}

const readStandings = async (tx: Writer, decisions: readonly NumberedDecision[]): Promise<ReadonlyMap<string, Standing>> => {
  const sources = new Set(decisions.flatMap(({ decision }) => (decision.action === 'link' ? [decision.source, decision.with] : [decision.source])))
  const rows = await tx.rows(
    `select source.member, golden.member as golden, golden.founded from party source join party golden on golden.key = source.golden
      where source.member in (select unnest($1::varchar[]))`, [[...sources]])
  return new Map(rows.map(({ member, golden, founded }) =>
    [String(member), { golden: String(golden), founded: founded === null || founded === undefined ? undefined : Number(founded) }]))
}
