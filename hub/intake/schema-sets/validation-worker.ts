import { parentPort, workerData } from 'node:worker_threads'
import { readJson } from '../../../schemas/json-reader.js'
import { ok, type Result } from '../../../schemas/result.js'
import { checkXml } from './check-xml.js'
import { compileJsonSchemas, type CompiledJsonSchemas } from './compile-json-schemas.js'
import { compileXsds, type CompiledXsds } from './compile-xsd.js'
import type { SchemaSource, SchemaSummary } from './schema-set.js'
import type { Check, Checked, Question, Reply, WorkerData } from './worker-messages.js'

/*
 * The thread that validates. It holds every set compiled, answers questions in their order and dies of what it did not expect: whoever asked starts another.
 */

interface Compiled {
  readonly xsds: CompiledXsds | undefined
  readonly json: CompiledJsonSchemas | undefined
}

const sets = new Map<string, Compiled>()

const compile = ({ key, files, root }: SchemaSource): Result<SchemaSummary> => {
  const isJson = (path: string): boolean => path.toLowerCase().endsWith('.json')
  const [jsonFiles, xsdFiles] = [files.filter(({ path }) => isJson(path)), files.filter(({ path }) => !isJson(path))]
  const json = jsonFiles.length === 0 ? ok(undefined) : compileJsonSchemas(jsonFiles, root)
  if (!json.ok) return json
  const xsds = xsdFiles.length === 0 ? ok(undefined) : compileXsds(xsdFiles)
  if (!xsds.ok) return xsds
  forget(key)
  sets.set(key, { xsds: xsds.value, json: json.value })
  return ok({ elements: xsds.value?.elements ?? [], jsonRoot: json.value?.root })
}

const forget = (key: string): void => {
  sets.get(key)?.xsds?.dispose()
  sets.delete(key)
}

const compiled = (key: string): Compiled => {
  const held = sets.get(key)
  if (held === undefined) throw new Error(`the set ${key} is not compiled`)
  return held
}

const present = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('a set was asked for what it has not')
  return value
}

const check = (asked: Check): Checked => {
  if (asked.syntax === 'xml') return checkXml(asked.text, asked.parts.map(({ steps, element, sets: keys }) => ({ steps, validators: keys.map((key) => present(compiled(key).xsds?.validatorOf(element))) })))
  return asked.parts.map(({ text, sets: keys }) => {
    const root = readJson(text)
    if (!root.ok) throw new Error(root.detail)
    return keys.map((key) => present(compiled(key).json).check(root.value))
  })
}

const answer = (question: Question): Reply => {
  const { id } = question
  switch (question.type) {
    case 'compile': return { type: 'compiled', id, summary: compile(question.source) }
    case 'forget': forget(question.key); return { type: 'forgotten', id }
    case 'check': return { type: 'checked', id, checked: check(question.check) }
    default: return question satisfies never
  }
}

const { current } = workerData as WorkerData

parentPort?.on('message', (questions: readonly Question[]) => {
  const replies = questions.map((question) => {
    Atomics.store(current, 0, question.id)
    return answer(question)
  })
  Atomics.store(current, 0, 0)
  parentPort?.postMessage(replies)
})
