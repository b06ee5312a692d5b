import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { breakRule } from '../../mappings/engine/description/break-rule.js'
import { isOfProfile } from '../../mappings/engine/description/check-profile.js'
import { loadTranslator } from '../../mappings/engine/translator.js'
import { decodeText } from '../../schemas/decode-text.js'
import type { Node } from '../../schemas/node.js'
import { projectFolder } from '../../schemas/project-folder.js'
import type { Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const translator = must(await loadTranslator(projectFolder('mappings')))
const read = (file: string): Node => must(readXml(must(decodeText(readFileSync(file))).text))
const corpus = projectFolder('..', 'shared', 'corpora', 'peppol')
const hasCorpus = existsSync(corpus)

/** Rules that no change of the sample breaks alone: without its category a subtotal is one of none, without a seller's number every category misses it, … */
const neverAlone: Readonly<Record<string, readonly string[]>> = {
  'peppol-billing-3': ['BR-17', 'BR-47', 'BR-CO-18', 'BR-S-02', 'BR-Z-02', 'BR-E-02', 'BR-AE-02', 'BR-IC-02', 'BR-G-02', 'PEPPOL-EN16931-P0101'],
  'peppol-order-3': ['PEPPOL-COMMON-R040'],
  'peppol-despatch-advice-3': ['PEPPOL-T16-R005', 'PEPPOL-T16-R007'],
}

const cases = [
  { id: 'ubl/invoice', profile: 'peppol-billing-3', file: projectFolder('mappings', 'ubl', 'samples', 'peppol-invoice.xml') },
  ...hasCorpus ? [
    { id: 'ubl/order', profile: 'peppol-order-3', file: join(corpus, 'Order_Example.xml') },
    { id: 'ubl/despatch-advice', profile: 'peppol-despatch-advice-3', file: join(corpus, 'DespatchAdvice_Example.xml') },
  ] : [],
]

describe.each(cases)('the profile $profile', ({ id, profile: name, file }) => {
  const described = translator.describedFormat(id)
  const profile = described?.map.description?.parts().profiles.find((one) => one.name === name)
  if (described === undefined || profile === undefined) throw new Error(`no profile ${name}`)
  const { map: { validate, shape } } = described
  const valid = read(file)

  it('is kept to by the sample', () => {
    expect(isOfProfile(profile, valid)).toBe(true)
    expect(validate(valid, true)).toEqual([])
  })

  it('has rules that each a document breaks alone, and says so with the rule\'s name in two languages', () => {
    const judge = { order: shape.childOrder(), validate: (root: Node) => validate(root, true) }
    const unbroken: string[] = []
    for (const rule of profile.rules) {
      const broken = breakRule(profile, rule, valid, judge)
      if (broken === undefined) {
        unbroken.push(rule.name)
        continue
      }
      const issues = translator.read(id, broken).issues.filter((issue) => issue.rule !== undefined)
      expect(new Set(issues.map((issue) => issue.rule)), rule.name).toEqual(new Set([rule.name]))
      expect(issues[0], rule.name).toMatchObject({ code: 'rule-violated', fix: { en: rule.says, zh: rule.zh } })
      expect(rule.zh, rule.name).toMatch(/\p{Script=Han}/u)
    }
    expect(unbroken).toEqual(neverAlone[name])
  }, 120_000)
})

describe.skipIf(!hasCorpus)('Peppol\'s own examples', () => {
  it('keep to their profiles', () => {
    const counts: Record<string, number> = {}
    for (const name of readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.xml'))) {
      const root = read(join(corpus, name))
      const format = translator.recognise(root, ['ubl'])
      if (!format.ok) continue
      const profiles = translator.describedFormat(format.value.id)?.map.description?.parts().profiles ?? []
      for (const profile of profiles.filter((one) => one.of.includes(format.value.id) && isOfProfile(one, root))) counts[profile.name] = (counts[profile.name] ?? 0) + 1
      expect(translator.read(format.value.id, root).issues.filter(({ rule }) => rule !== undefined), name).toEqual([])
    }
    console.log(counts)
    expect(counts).toEqual({ 'peppol-order-3': 8, 'peppol-despatch-advice-3': 6 })
  })
})

if (!hasCorpus) console.warn('The corpora are not here: Peppol\'s examples were not tried.')
