import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { refusalReasons } from '../../../hub/delivery/refusal-reasons.js'
import { loadTranslator } from '../../../mappings/engine/translator.js'
import { readInterchanges } from '../../../schemas/interchange-reader.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import type { Result } from '../../../schemas/result.js'

const must = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code} ${result.at}: ${result.detail}`)
  return result.value
}
const translator = must(await loadTranslator(projectFolder('mappings')))
const sample = (language: string): Promise<string> => readFile(projectFolder('mappings', language, 'samples', 'order.edi'), 'latin1')

/** As a partner reads it: of each reason the code, and what it is about. */
const refusal = (text: string, language: string): readonly string[] => {
  const [message] = must(readInterchanges(text))
  const root = must((must(translator.textsOf([language])?.read(text) ?? { ok: true, value: [] })[0]?.root) ?? { ok: false, code: 'internal', at: '', detail: 'no document' })
  const { issues } = translator.read(must(translator.recognise(root, [language])).id, root, { validation: 'refuse' })
  if (message === undefined) throw new Error('no message')
  return refusalReasons(message, issues.filter(({ severity }) => severity !== 'warning'))
    .map(({ code = '', conditions = [] }) => [code, ...conditions.map(({ name, values = [] }) => `${name} ${values.map(({ value }) => value).join(' ')}`)].join('; '))
}

describe('where the error of a refused message is', () => {
  it('is said of EDIFACT by the segment from UNH on, and the element from the tag on, with the component of a composite', async () => {
    const text = await sample('edifact')
    expect(refusal(text.replace('DTM+137:20260331', 'DTM+137:20260231'), 'edifact')).toEqual(['; segment 3; element 2 12'])
    // 6060 in C186 of the quantity of the first line.
    const quantity = text.split("'").findIndex((segment) => segment.trim().startsWith('QTY+21')) - text.split("'").findIndex((segment) => segment.trim().startsWith('UNH')) + 1
    expect(refusal(text.replace(/QTY\+21:[\d.]+/, 'QTY+21:many'), 'edifact')).toEqual([`; segment ${quantity}; element 2.2 12`])
  })

  it('is said of several segments one by one, and of the message as a whole where no segment has it', async () => {
    const text = await sample('edifact')
    expect(refusal(text.replace('DTM+137:20260331', 'DTM+137:20260231').replace('DTM+2:20260410', 'DTM+2:20260431'), 'edifact')).toEqual(['; segment 3; element 2 12', '; segment 4; element 2 12'])
    expect(refusal(text.replace(/DTM\+137:20260331:102'\s*/, '').replace('UNT+33', 'UNT+32'), 'edifact')).toEqual(['13'])
    const message = must(readInterchanges(text))[0]
    if (message === undefined) throw new Error('no message')
    expect(refusalReasons(message, [{ code: 'envelope-invalid', at: '35:1', detail: 'UNT' }, { code: 'key-reused', at: 'key', detail: '' }])).toEqual([{ code: '29' }])
    expect(refusalReasons(message, [])).toEqual([{ code: '18' }])
  })

  it('is said of X12 by the segment and its place from ST on, the element by its place and what stands there', async () => {
    const text = await sample('x12')
    expect(refusal(text.replace('**20260331*', '**20260231*'), 'x12')).toEqual(['8; segment BEG; position 2; element 5 8 20260231', '5'])
    expect(refusal(text.replace('*PO-2026-0815*', '**'), 'x12')).toEqual([expect.stringMatching(/^8; segment BEG; position 2; element 3 1/) as unknown, '5'])
  })
})
