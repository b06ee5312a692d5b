import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTranslator } from '../../mappings/engine/translator.js'
import { decodeText } from '../../schemas/decode-text.js'
import type { Node } from '../../schemas/node.js'
import { projectFolder } from '../../schemas/project-folder.js'
import type { Result } from '../../schemas/result.js'
import { validateDocument } from '../../schemas/validate-document.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'

const corpora = projectFolder('..', 'shared', 'corpora')
const schemas = join(corpora, 'ubl', 'xsd', 'maindoc')
const hasXmllint = spawnSync('xmllint', ['--version']).status === 0
const files = existsSync(corpora)
  ? [join(corpora, 'ubl', 'xml'), join(corpora, 'peppol')].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.xml')).map((name) => join(folder, name)))
  : []

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const translator = must(await loadTranslator(projectFolder('mappings')))
const rootOf = (path: string): Node => must(readXml(must(decodeText(readFileSync(path))).text))

/** Documents of mapped kinds that break their own standard, each with the clause that it breaks and what the hub says of it. None so far. */
const breaches: Readonly<Record<string, string>> = {}

/** The kinds of UBL that no map is for. */
const unsupported = (name: string): boolean => /^(?!Order|Invoice$|CreditNote$|DespatchAdvice$|ReceiptAdvice$|ApplicationResponse$|Quotation$|RequestForQuotation$|Catalogue$|Statement$|RemittanceAdvice$|InventoryReport$|Forecast$)/.test(name)

/** Without what stays in the raw message alone. */
const withoutEmbedded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, held: unknown) => key === 'attachment' ? undefined : Array.isArray(held) && key === 'extensions' ? held.filter((one) => !JSON.stringify(one).includes('#sha256')) : held))

interface Tried {
  readonly file: string
  readonly id: string
  readonly root: Node
}

const tried: readonly Tried[] = files.flatMap((file) => {
  const root = rootOf(file)
  const format = translator.recognise(root, ['ubl'])
  return format.ok ? [{ file, id: format.value.id, root }] : []
})

const count = (names: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

describe.skipIf(files.length === 0)('the UBL and Peppol documents of the corpora', () => {
  it('map without an error, are canonical documents, and read again as the same after they were written', () => {
    const failed: string[] = []
    for (const { file, id, root } of tried) {
      const { documents: [document], issues } = translator.read(id, root, { validation: 'refuse' })
      const errors = issues.filter(({ severity }) => severity === undefined)
      const clause = Object.entries(breaches).find(([name]) => file.endsWith(name))?.[1]
      if (clause !== undefined) {
        expect(errors, file).not.toEqual([])
        failed.push(`${file}: ${clause}`)
        continue
      }
      expect(errors, file).toEqual([])
      if (document === undefined) throw new Error(`${file} gave no document`)
      expect(validateDocument(document), file).toEqual([])
      const written = must(readXml(must(writeXml(must(translator.write(id, document))))))
      expect(withoutEmbedded(translator.read(id, written).documents[0]), file).toEqual(withoutEmbedded(document))
    }
    console.log(`${tried.length - failed.length} documents of the corpora map:`, count(tried.map(({ id }) => id)), 'break their standard:', failed)
    expect(tried.length).toBeGreaterThan(0)
  })

  it('are all of a kind that is mapped, or of one that is named as none', () => {
    const others = files.filter((file) => !tried.some((one) => one.file === file)).map((file) => rootOf(file).name)
    console.log(`${others.length} are of kinds that no map is for:`, count(others))
    expect(others.filter((name) => !unsupported(name))).toEqual([])
  })

  it('are written valid against the official schemas', { timeout: 300_000 }, ({ skip }) => {
    if (!hasXmllint) skip('xmllint is not here: what is written was not held against the UBL schemas')
    const folder = mkdtempSync(join(tmpdir(), 'corpus-'))
    try {
      const invalid = [...new Set(tried.map(({ root }) => root.name))].flatMap((kind) => {
        mkdirSync(join(folder, kind))
        const written = tried.filter(({ root }) => root.name === kind).map(({ file, id, root }, index) => {
          const [document] = translator.read(id, root).documents
          if (document === undefined) throw new Error(`${file} gave no document`)
          const path = join(folder, kind, `${index}.xml`)
          writeFileSync(path, must(writeXml(must(translator.write(id, document)), { indent: true })))
          return { path, file }
        })
        return invalidOf(kind, written)
      })
      expect(invalid).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

/** What xmllint says of documents of one kind, whose schema it compiles once for all of them; with the names of the files that they were made of. */
const invalidOf = (kind: string, written: readonly { readonly path: string, readonly file: string }[]): readonly string[] => {
  try {
    execFileSync('xmllint', ['--noout', '--schema', join(schemas, `UBL-${kind}-2.5.xsd`), ...written.map(({ path }) => path)], { stdio: 'pipe' })
    return []
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    return said.split('\n').filter((line) => line.includes(' error ')).map((line) => {
      const from = written.find(({ path }) => line.startsWith(path))
      return from === undefined ? line : `${from.file}${line.slice(from.path.length)}`
    })
  }
}

if (files.length === 0) console.warn('The corpora are not here: the documents of other systems were not tried.')
