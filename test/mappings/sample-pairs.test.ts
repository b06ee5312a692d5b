import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTranslator, type FormatInfo } from '../../mappings/engine/translator.js'
import type { Node } from '../../schemas/node.js'
import { checkTotals } from '../../schemas/check-totals.js'
import { decodeText } from '../../schemas/decode-text.js'
import { readJson } from '../../schemas/json-reader.js'
import { writeJson } from '../../schemas/json-writer.js'
import { projectFolder } from '../../schemas/project-folder.js'
import type { Result } from '../../schemas/result.js'
import { validateDocument } from '../../schemas/validate-document.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const translator = must(await loadTranslator(projectFolder('mappings')))
const languages = ['ubl', 'shop-json', 'shop-csv', 'idoc', 's4-soap', 'cxml', 'edifact', 'x12', 'mdn']
const samples = languages.flatMap((language) => {
  const folder = projectFolder('mappings', language, 'samples')
  return readdirSync(folder).filter((name) => !name.endsWith('.canonical.json')).map((name) => join(folder, name))
})
const schemas = projectFolder('..', 'shared', 'corpora', 'ubl', 'xsd', 'maindoc')
const hasXmllint = spawnSync('xmllint', ['--version']).status === 0

const nodeOf = (text: string, syntax: FormatInfo['syntax']): Node => (syntax === 'xml' ? must(readXml(text)) : syntax === 'json' ? must(readJson(text)) : onlyOf(text))
const textOf = (node: Node, id: string, syntax: FormatInfo['syntax']): string =>
  must(syntax === 'xml' ? writeXml(node, { indent: true }) : syntax === 'json' ? writeJson(node, { indent: true }) : translator.textOf(id, [node]))

/** The one document of a table or an interchange. */
const onlyOf = (text: string): Node => {
  const texts = translator.textsOf(languages)
  const [document, second] = texts === undefined ? [] : must(texts.read(text))
  if (document === undefined || second !== undefined) throw new Error('The text is not of one document.')
  return must(document.root)
}

describe.each(samples)('the sample %s', (path) => {
  const syntax = path.endsWith('.xml') ? 'xml' : path.endsWith('.csv') ? 'csv' : path.endsWith('.edi') ? 'segments' : path.endsWith('.txt') ? 'fixed' : 'json'
  const bytes = readFileSync(path)
  const encoding = syntax === 'xml' || syntax === 'json' ? undefined : translator.textsOf(languages)?.encodingOf(bytes)
  const root = nodeOf(must(decodeText(bytes, encoding === undefined ? '' : `text/plain; charset=${encoding}`)).text, syntax)
  const format = must(translator.recognise(root, languages))
  const { documents: [document], issues } = translator.read(format.id, root)
  const pair = path.replace(/\.\w+$/, '.canonical.json')

  it('reads as its canonical pair says, without an issue', () => {
    expect(issues).toEqual([])
    expect(document).toEqual(JSON.parse(readFileSync(pair, 'utf8')))
  })

  it('is a canonical document whose totals add up', () => {
    if (document === undefined) throw new Error('nothing was read')
    expect(validateDocument(document)).toEqual([])
    expect(checkTotals(document)).toEqual([])
  })

  it('reads again as the same after it was written', () => {
    if (document === undefined) throw new Error('nothing was read')
    const written = textOf(must(translator.write(format.id, document)), format.id, syntax)
    expect(translator.read(format.id, nodeOf(written, syntax)).documents).toEqual([document])
  })

  it('is written valid against the official schema', ({ skip }) => {
    if (format.language !== 'ubl') return
    if (!existsSync(schemas) || !hasXmllint) skip('the UBL schemas or xmllint are not here')
    if (document === undefined) throw new Error('nothing was read')
    execFileSync('xmllint', ['--noout', '--schema', join(schemas, `UBL-${root.name}-2.5.xsd`), '-'], { stdio: 'pipe', input: textOf(must(translator.write(format.id, document)), format.id, syntax) })
  })
})
