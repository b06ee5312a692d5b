import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { makeSchemaValidator, type SchemaValidator } from '../../../../hub/intake/schema-sets/schema-validator.js'
import type { SchemaSource } from '../../../../hub/intake/schema-sets/schema-set.js'
import { startValidationThread } from '../../../../hub/intake/schema-sets/validation-thread.js'
import type { Check } from '../../../../hub/intake/schema-sets/worker-messages.js'
import { projectFolder } from '../../../../schemas/project-folder.js'

/** The worker as it is built: threads run no TypeScript. */
const worker = projectFolder('dist', 'hub', 'intake', 'schema-sets', 'validation-worker.js')

const sources: Readonly<Record<string, SchemaSource>> = {
  'tally@1': { key: 'tally@1', root: undefined, files: [{ path: 'tally.xsd', text: '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Tally"><xs:complexType><xs:sequence><xs:element name="n" type="xs:int" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element></xs:schema>' }] },
  'slow@1': { key: 'slow@1', root: undefined, files: [{ path: 'slow.json', text: '{"pattern":"^(a+)+$"}' }] },
}

const open: (() => Promise<unknown> | undefined)[] = []
afterEach(async () => { for (const close of open.splice(0)) await close() })

const newValidator = (file = worker) => {
  const lost: string[] = []
  let started = 0
  const validator = makeSchemaValidator({
    startThread: () => {
      started++
      return startValidationThread({ file, nowMs: Date.now, onLost: (reason) => { lost.push(reason) } })
    },
    sourceOf: (key) => Promise.resolve(sources[key]),
  })
  open.push(validator.close)
  return { ...validator, lost, started: () => started }
}

const tally = (...numbers: readonly (number | string)[]): Check =>
  ({ syntax: 'xml', text: `<Tally>${numbers.map((one) => `<n>${one}</n>`).join('')}</Tally>`, parts: [{ steps: [], element: '{}Tally', sets: ['tally@1'] }] })

const slow = (text: string): Check => ({ syntax: 'json', parts: [{ text: JSON.stringify(text), sets: ['slow@1'] }] })

const found = async (validator: Pick<SchemaValidator, 'check'>, check: Check): Promise<number | string> => {
  const checked = await validator.check(check)
  return checked.ok ? checked.value.flat(2).length : checked.code
}

describe('the thread that validates', () => {
  it('is not started before it is needed, and compiles a set once for thousands of documents', async () => {
    const validator = newValidator()
    expect(validator.started()).toBe(0)
    const counts = await Promise.all(Array.from({ length: 2000 }, (_, index) => found(validator, tally(index, ...(index % 2 === 0 ? ['x'] : [])))))
    expect(counts).toEqual(counts.map((_, index) => (index % 2 === 0 ? 1 : 0)))
    expect(validator.started()).toBe(1)
  })

  it('gives up a document whose check takes too long, says so, and goes on with the others', async () => {
    const validator = newValidator()
    const answers = await Promise.all([found(validator, tally(1)), found(validator, slow(`${'a'.repeat(40)}!`)), found(validator, tally('x')), found(validator, slow('aaa')), found(validator, tally(2))])
    expect(answers).toEqual([0, 'schema-check-failed', 1, 0, 0])
    expect(validator.lost).toEqual(['slow'])
  })

  it('that dies of one document answers the others by another life of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chainhub-test-'))
    open.push(() => { rmSync(folder, { recursive: true }); return undefined })
    const file = join(folder, 'dying.mjs')
    writeFileSync(file, `import { parentPort, workerData } from 'node:worker_threads'
parentPort.on('message', (questions) => parentPort.postMessage(questions.map((question) => {
  Atomics.store(workerData.current, 0, question.id)
  if (question.check?.text?.includes('poison')) throw new Error('poisoned')
  return question.type === 'compile' ? { type: 'compiled', id: question.id, summary: { ok: true, value: { elements: [] } } } : { type: 'checked', id: question.id, checked: [[[]]] }
})))`)
    const validator = newValidator(file)
    expect(await Promise.all([found(validator, tally(1)), found(validator, tally('poison')), found(validator, tally(2))])).toEqual([0, 'schema-check-failed', 0])
    expect(validator.lost).toEqual(['crashed', 'crashed'])
    expect(await found(validator, tally(3))).toBe(0)
  })

  it('that cannot start, or has no such set, is told as a failure that may pass', async () => {
    expect(await found(newValidator(), { syntax: 'json', parts: [{ text: '1', sets: ['gone@1'] }] })).toBe('schema-unavailable')
    expect(await found(newValidator(join(tmpdir(), 'no-such-worker.mjs')), tally(1))).toBe('schema-unavailable')
  })

  it('frees what it used: 5,000 documents of some 50 kB of memory, one in ten wrong, leave no trace of 250 MB', async () => {
    const validator = newValidator()
    const numbers = Array.from({ length: 250 }, (_, index) => index)
    const run = async (count: number): Promise<void> => {
      for (let done = 0; done < count; done += 50) await Promise.all(Array.from({ length: 50 }, (_, index) => found(validator, tally(...numbers, ...(index % 10 === 0 ? ['x'] : [])))))
    }
    await run(500)
    const before = process.memoryUsage.rss()
    await run(5000)
    expect((process.memoryUsage.rss() - before) / 2 ** 20).toBeLessThan(60)
  }, 300_000)

  it('compiles what is to be registered beside the sets in force', async () => {
    const validator = newValidator()
    expect(await validator.tryCompile({ key: 'new@1', root: undefined, files: [{ path: 'a.xsd', text: '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="A" type="No"/></xs:schema>' }] })).toMatchObject({ ok: false, code: 'schema-invalid', at: 'a.xsd:1' })
    expect(await validator.tryCompile({ ...sources['tally@1'], key: 'new@2', root: undefined, files: sources['tally@1']?.files ?? [] })).toEqual({ ok: true, value: { elements: ['{}Tally'], jsonRoot: undefined } })
    validator.forget('tally@1')
    expect(await found(validator, tally(1))).toBe(0)
    validator.forget('tally@1')
    expect(await found(validator, tally('x'))).toBe(1)
  })
})
