import fc from 'fast-check'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readMessage } from '../../hub/intake/read-message.js'
import { breakStructure } from '../../mappings/engine/description/break-structure.js'
import type { Description, Member } from '../../mappings/engine/description/description.js'
import { documentOf } from '../../mappings/engine/description/format-description.js'
import { sampleOf } from '../../mappings/engine/description/sample-of.js'
import { secretNamesOf } from '../../mappings/engine/description/secret-names.js'
import { rootNameOf, type LoadedMap } from '../../mappings/engine/format-folder.js'
import { loadTranslator, type FormatInfo } from '../../mappings/engine/translator.js'
import { lintMap } from '../../mappings/scaffold/lint-map.js'
import type { Issue } from '../../schemas/message-answer.js'
import type { Node } from '../../schemas/node.js'
import { projectFolder } from '../../schemas/project-folder.js'
import type { Result } from '../../schemas/result.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const translator = must(await loadTranslator(projectFolder('mappings')))
const languages = ['idoc', 's4-soap', 'cxml', 'shop-json', 'shop-csv', 'edifact', 'x12']
const ids = translator.formats.filter(({ language }) => languages.includes(language)).map(({ id }) => id)
const corpora = projectFolder('..', 'shared', 'corpora')
const hasCorpora = existsSync(corpora)

interface Described {
  readonly map: LoadedMap
  readonly description: Description
  readonly document: Member
  readonly sample: (seed: number, full: boolean) => Node
}

const describedOf = (id: string): Described => {
  const map = translator.describedFormat(id)?.map
  const description = map?.description?.parts().description
  const document = map === undefined || description === undefined ? undefined : documentOf(description, rootNameOf(map.shape))
  if (map === undefined || description === undefined || document === undefined) throw new Error(`${id} is not described`)
  const { shape: { syntax, root }, where } = map
  const sample = (seed: number, full: boolean): Node => {
    const made = sampleOf(description, document, { seed, full, json: syntax !== 'xml', where })
    return syntax === 'xml' || syntax === 'json' ? made : { ...made, ...root }
  }
  return { map, description, document, sample }
}

interface Tried {
  readonly name: string
  readonly root: Node
  readonly format: FormatInfo
}

/** The documents of the files in a folder that a format of these languages recognises. */
const documentsIn = async (folder: string): Promise<readonly Tried[]> => {
  const tried: Tried[] = []
  for (const name of readdirSync(folder).filter((one) => /\.(xml|json|csv|edi)$/.test(one) && !/\.canonical\.json$|tradacoms/.test(one))) {
    for (const { root } of must(await readMessage({ bytes: readFileSync(join(folder, name)), contentType: '', contentEncoding: undefined }, { maxExpandedBytes: 10_000_000 }, translator.textsOf(languages)))) {
      const format = translator.recognise(must(root), languages)
      if (format.ok) tried.push({ name, root: must(root), format: format.value })
    }
  }
  return tried
}

/** Without places and positions: `type IDOC/E1EDL24/VFDAT`. */
const saidOf = ({ rule, at }: Issue): string => `${rule ?? ''} ${at.replace(/^\S+ /, '').replaceAll(/\[[^\]]*\]/g, '')}`

/** What SAP's own examples break: of the lengths of fields (placeholders of 10 to 19 characters stand for partners and releases), and of their order. */
const breaches: readonly string[] = [
  'type IDOC/EDI_DC40/SNDPRN', 'type IDOC/EDI_DC40/RCVPRN', 'type IDOC/EDI_DC40/DOCREL', 'type IDOC/E1EDKA1/PSTLZ', 'type IDOC/E1EDL20/E1EDT13/TZONE_BEG', 'type IDOC/E1EDL20/E1EDT13/TZONE_END',
  'type IDOC/E1EDL20/E1EDT13/NTANZ', 'type IDOC/E1EDP01/E1EDP20/EZEIT_OLD', 'order IDOC/E1EDP01/FIXMG', 'order IDOC/E1EDKA1/IHREZ',
]

/** Segments of the extensions that its examples have. */
const extended: readonly string[] = ['node-unknown IDOC/E1EDL20/Z1EXTEND_HEADER', 'node-unknown IDOC/E1EDL20/E1EDL24/Z1EXTEND_ITEM']

/** Whom an interchange goes to is the delivering channel's to say, where the document names no one. */
const addressed = /^occurrence (?:ISA|GS|UNB)\//

/** A written document as whoever gets it reads it: of a text with the segments and counts that writing it adds. */
const asSent = (format: FormatInfo, root: Node): Node => {
  if (format.syntax === 'xml' || format.syntax === 'json') return root
  const [part] = must(translator.textsOf([format.language])?.read(must(translator.textOf(format.id, [root]))) ?? { ok: false, code: 'format-unknown', at: '', detail: '' })
  if (part === undefined) throw new Error('nothing was written')
  return must(part.root)
}

describe('the samples of a described language', () => {
  it.each(languages)('%s keep to its description, and so does what is written of them', async (language) => {
    for (const { name, root, format } of await documentsIn(projectFolder('mappings', language, 'samples'))) {
      const { validate } = describedOf(format.id).map
      const findings = validate(root, true)
      expect(findings, name).toEqual([])
      const [document] = translator.read(format.id, root).documents
      if (document === undefined) throw new Error(`${name} gave no document`)
      expect(validate(asSent(format, must(translator.write(format.id, document))), true), name).toEqual([])
    }
  })
})

describe.skipIf(!hasCorpora)('the documents of the corpora', () => {
  it('keep to the descriptions, or break the clauses that are named here', async () => {
    const said = new Map<string, number>()
    let clean = 0
    const tried = [...await documentsIn(join(corpora, 'idoc')), ...await documentsIn(join(corpora, 'cxml'))]
    for (const { root, format } of tried) {
      const findings = describedOf(format.id).map.validate(root, false).map(saidOf)
      if (findings.length === 0) clean++
      for (const one of findings) said.set(one, (said.get(one) ?? 0) + 1)
    }
    console.log(`${tried.length} documents, ${clean} without a finding; the others:`, Object.fromEntries(said))
    expect(tried.length).toBeGreaterThan(35)
    expect([...said.keys()].sort()).toEqual([...breaches, ...extended].sort())
  })

  it('are written in the order of the descriptions', async () => {
    for (const { name, root, format } of [...await documentsIn(join(corpora, 'idoc')), ...await documentsIn(join(corpora, 'cxml'))]) {
      const [document] = translator.read(format.id, root).documents
      if (document === undefined) throw new Error(`${name} gave no document`)
      const before = new Set([...describedOf(format.id).map.validate(root, false).map(saidOf), ...extended])
      const after = describedOf(format.id).map.validate(asSent(format, must(translator.write(format.id, document))), false).map(saidOf)
      expect(after.filter((one) => (!before.has(one) || one.startsWith('order ')) && !addressed.test(one)), name).toEqual([])
    }
  })
})

describe('generated documents', () => {
  it.each(ids)('of %s are recognised and valid whatever the seed', (id) => {
    const { map: { validate }, sample } = describedOf(id)
    fc.assert(fc.property(fc.nat(), fc.boolean(), (seed, full) => {
      const root = sample(seed, full)
      expect(validate(root, true)).toEqual([])
      expect(must(translator.recognise(root, languages)).id).toBe(id)
    }), { numRuns: 10 })
  })

  it.each(languages)('of %s that break a constraint break it alone', (language) => {
    const rules = new Set<string | undefined>()
    for (const id of ids.filter((one) => one.startsWith(`${language}/`))) {
      const { map: { validate }, description, document, sample } = describedOf(id)
      for (const { name, root } of breakStructure(description, document, sample(7, true), (one) => validate(one, true))) {
        const [rule] = name.split(' ', 1)
        expect(validate(root, true).map((issue) => issue.rule), name).toEqual([rule])
        rules.add(rule)
      }
    }
    expect(rules).toEqual(new Set(['occurrence', 'type', 'codes', 'node-unknown', ...language.startsWith('shop-') ? [] : ['order']]))
  })
})

/** What a block that lines of several kinds share looks for, though the lines of one kind do not have it. */
const shared = /\/(ShipNoticeIDInfo|ShipNoticeLineItemReference|InvoiceDetailOrderSummary\/Distribution)\//

describe('the maps', () => {
  it.each(ids)('of %s read and write paths that the description has', (id) => {
    expect(lintMap(describedOf(id).map).filter(({ detail }) => !detail.startsWith('Nothing reads') && !shared.test(detail))).toEqual([])
  })
  it('name every secret of their description in format.yaml too, where masking looks for it', () => {
    const named = ids.flatMap((id) => {
      const { map: { files, shape }, description } = describedOf(id)
      return secretNamesOf(description).map((name) => ({ name, line: /^secret: .*$/m.exec(files[`${shape.language}/format.yaml`] ?? '')?.[0] ?? '' }))
    })
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter(({ name, line }) => !line.includes(name))).toEqual([])
  })
})

if (!hasCorpora) console.warn('The corpora are not here: the documents of other systems were not held against the descriptions.')
