import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { converters } from '../../mappings/engine/converters.js'
import { loadTranslator, type Translator } from '../../mappings/engine/translator.js'
import { readJson } from '../../schemas/json-reader.js'
import { writeJson } from '../../schemas/json-writer.js'
import { projectFolder } from '../../schemas/project-folder.js'
import type { Result } from '../../schemas/result.js'
import { readXml } from '../../schemas/xml-reader.js'
import { writeXml } from '../../schemas/xml-writer.js'

/** A fenced text of the page: ` ```yaml demo/order.yaml ` or ` ```xml in `. */
interface Fence {
  readonly syntax: string
  readonly name: string
  readonly text: string
}

interface Section {
  readonly title: string
  readonly fences: readonly Fence[]
}

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}

const sectionsOf = (page: string): readonly Section[] => page.split(/^##+ /m).slice(1).map((section) => ({
  title: section.split('\n', 1)[0] ?? '',
  fences: [...section.matchAll(/^```(\w+) ?(.*)\n([^]*?)^```$/gm)].map(([, syntax = '', name = '', text = '']) => ({ syntax, name, text: text.trim() })),
}))

const isFile = ({ name }: Fence): boolean => name.includes('/')

const page = await readFile(projectFolder('docs', 'mappings.md'), 'utf8')
const sections = sectionsOf(page)
const examples = sections.filter(({ fences }) => fences.some(({ name }) => name === 'in'))
const everywhere = sections.find(({ title }) => title === 'Folders')?.fences.filter(isFile) ?? []

/** The translator of an example's files; a file of its own stands instead of one of the same name that all examples have. */
const translatorOf = async ({ fences }: Section): Promise<Translator> => {
  const folder = await mkdtemp(join(tmpdir(), 'chainhub-docs-'))
  try {
    for (const { name, text } of [...everywhere, ...fences.filter(isFile)]) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    return must(await loadTranslator(folder))
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe.each(examples)('the example "$title"', (example) => {
  const fenceOf = (name: string): Fence | undefined => example.fences.find((fence) => fence.name === name)

  it('reads, complains and writes as the page shows', async () => {
    const translator = await translatorOf(example)
    const input = fenceOf('in')
    if (input === undefined) throw new Error('There is no input.')
    const root = must(input.syntax === 'xml' ? readXml(input.text) : readJson(input.text))
    const { id, language } = must(translator.recognise(root, ['demo', 'shop', 'ubl']))
    expect(example.fences.filter(isFile).map(({ name }) => name)).toContain(`${id}.yaml`)
    const { documents: [document], issues, lineage } = translator.read(id, root, { lineage: true })

    expect(issues.map(({ code, at, detail, severity }) => `${severity ?? 'error'} ${code} ${at}: ${detail}`).join('\n')).toBe(fenceOf('issues')?.text ?? '')
    const canonical = fenceOf('canonical')
    if (canonical !== undefined) expect(document).toEqual(JSON.parse(canonical.text))
    const traced = fenceOf('lineage')
    if (traced !== undefined) expect(lineage).toEqual(JSON.parse(traced.text))
    const output = fenceOf('out')
    if (output === undefined) return
    if (document === undefined) throw new Error('Nothing was read.')
    const written = must(translator.write(id, document))
    expect(must(output.syntax === 'xml' ? writeXml(written, { prefixes: translator.prefixesOf(id) }) : writeJson(written)).trim()).toBe(output.text)
    expect(language).toBe(example.fences.find(isFile)?.name.split('/')[0])
  })
})

describe('the page', () => {
  it('has no example that is not run', () => {
    const known = ['in', 'canonical', 'issues', 'out', 'lineage']
    const run = [...everywhere, ...examples.flatMap(({ fences }) => fences)]
    expect(sections.flatMap(({ fences }) => fences).filter((fence) => !run.includes(fence))).toEqual([])
    expect(run.filter((fence) => !isFile(fence) && !known.includes(fence.name))).toEqual([])
    expect(page.match(/^```./gm)).toHaveLength(run.length)
  })
  it('shows every converter that all formats have', () => {
    const rules = examples.flatMap(({ fences }) => fences.filter(isFile).map(({ text }) => text)).join('\n')
    for (const name of Object.keys(converters)) expect(rules).toMatch(new RegExp(`<=> ${name}$`, 'm'))
  })
})
