import type { ErrorObject } from 'ajv'
import type { Node } from '../../../schemas/node.js'
import { listed, mostFindings, shownValue, type Finding, type Fix } from './finding.js'
import { placeOfPointer } from './json-place.js'

/** Tells ajv's errors as findings. What a branch of anyOf or oneOf said of the value's type is left out where another says more. */
export const explainJsonErrors = (errors: readonly ErrorObject[], document: Node): readonly Finding[] => {
  const told = errors.filter((error) => !isEcho(error, errors))
  return (told.length > 0 ? told : errors).slice(0, mostFindings).map((error) => explain(error, document))
}

const shallow = new Set(['type', 'const', 'enum'])
const choices = new Set(['anyOf', 'oneOf'])

const isEcho = (error: ErrorObject, all: readonly ErrorObject[]): boolean => {
  if (error.keyword === 'if') return true
  const choice = all.some(({ keyword, instancePath }) => choices.has(keyword) && instancePath === error.instancePath)
  const deeper = all.some((other) => other !== error && !choices.has(other.keyword) && !shallow.has(other.keyword) && (other.instancePath === error.instancePath || other.instancePath.startsWith(`${error.instancePath}/`)))
  return choice && deeper && (shallow.has(error.keyword) || choices.has(error.keyword))
}

const explain = (error: ErrorObject, document: Node): Finding => {
  const { keyword, instancePath, message } = error
  const steps = instancePath.split('/').slice(1)
  const name = nameOf(steps)
  const params: Readonly<Record<string, unknown>> = error.params as Record<string, unknown>
  const schema: unknown = error.schema
  return {
    rule: keyword, steps, path: '',
    detail: `${name} ${keyword in limitWords ? `${limitWords[keyword] ?? ''} ${String(schema)}` : message ?? 'is not valid'}${typeof error.data === 'object' || error.data === undefined ? '' : `; it is ${shownValue(asSent(placeOfPointer(document, steps).node))}`}.`,
    fix: fixOf(keyword, name, params, schema, error.data),
  }
}

/** The digits that were sent, which ajv's number may not have. */
const asSent = ({ kind, text }: Node): string => (kind === 'string' ? JSON.stringify(text) : text)

const limitWords: Readonly<Record<string, string>> = {
  minimum: 'must be at least', maximum: 'must be at most', exclusiveMinimum: 'must be greater than', exclusiveMaximum: 'must be less than', multipleOf: 'must be a multiple of',
}

/** The nearest member name, since a position alone says little. */
const nameOf = (steps: readonly string[]): string => {
  const last = steps.findLastIndex((step) => !/^\d+$/.test(step))
  if (last === -1) return steps.length === 0 ? 'the document' : `element ${Number(steps[0]) + 1}`
  const position = steps[last + 1]
  return `${(steps[last] ?? '').replaceAll('~1', '/').replaceAll('~0', '~')}${position === undefined ? '' : `[${Number(position) + 1}]`}`
}

const typeWords: Readonly<Record<string, Fix>> = {
  string: { en: 'a text in quotes', zh: '文本（加引号）' },
  number: { en: 'a number without quotes', zh: '数字（不加引号）' },
  integer: { en: 'a whole number without quotes', zh: '整数（不加引号）' },
  boolean: { en: 'true or false', zh: 'true 或 false' },
  array: { en: 'a list', zh: '列表' },
  object: { en: 'an object', zh: '对象' },
  null: { en: 'null', zh: 'null' },
}

const formatWords: Readonly<Record<string, Fix>> = {
  'date': { en: 'a day of the calendar like 2026-03-31', zh: '日期，例如 2026-03-31' },
  'date-time': { en: 'date and time with an offset like 2026-03-31T14:30:00+08:00', zh: '带时区的日期时间，例如 2026-03-31T14:30:00+08:00' },
  'time': { en: 'a time with an offset like 14:30:00Z', zh: '带时区的时间，例如 14:30:00+08:00' },
  'email': { en: 'an e-mail address', zh: '电子邮箱地址' },
  'uri': { en: 'an address like https://example.com/a', zh: '网址，例如 https://example.com/a' },
  'uuid': { en: 'a UUID', zh: 'UUID' },
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const shownName = (name: string): Fix => (name === 'the document' ? { en: 'The document', zh: '文档' } : { en: `"${name}"`, zh: `“${name}”` })

const fixOf = (keyword: string, given: string, params: Readonly<Record<string, unknown>>, schema: unknown, data: unknown): Fix => {
  const name = shownName(given)
  const limit = String(params['limit'] ?? schema)
  const both = (en: string, zh: string): Fix => ({ en: `${name.en} ${en}`, zh: `${name.zh}${zh}` })
  switch (keyword) {
    case 'required': case 'dependentRequired': case 'dependencies': {
      const missing = textOf(params['missingProperty'])
      return both(`lacks "${missing}". Put it in.`, `缺少必填项“${missing}”，请补上。`)
    }
    case 'additionalProperties': case 'unevaluatedProperties': {
      const extra = textOf(params['additionalProperty'] ?? params['unevaluatedProperty'])
      return both(`has the member "${extra}", which is not known here. Correct its name or remove it.`, `中的“${extra}”不是规定的字段，请更正名称或删除。`)
    }
    case 'type': {
      const words = [params['type']].flat().map((type) => typeWords[String(type)] ?? { en: String(type), zh: String(type) })
      return both(`must be ${words.map(({ en }) => en).join(' or ')}.`, `必须是${words.map(({ zh }) => zh).join('或')}。`)
    }
    case 'enum': {
      const allowed = listed(Array.isArray(params['allowedValues']) ? params['allowedValues'].map((value) => (typeof value === 'string' ? value : JSON.stringify(value))) : [])
      return both(`is not in the list. Write one of ${allowed.en}.`, `不在允许的范围内，请填${allowed.zh}之一。`)
    }
    case 'const': {
      const only = shownValue(JSON.stringify(params['allowedValue']))
      return both(`must be ${only}.`, `必须是 ${only}。`)
    }
    case 'pattern': return both(`does not have the form that is asked for: ${String(params['pattern'])}.`, `不符合规定的格式：${String(params['pattern'])}。`)
    case 'format': {
      const form = formatWords[String(params['format'])] ?? { en: `of the form ${String(params['format'])}`, zh: `${String(params['format'])} 格式` }
      return both(`must be ${form.en}.`, `必须是${form.zh}。`)
    }
    case 'minLength': return data === '' ? both('is empty. Fill it in.', '不能为空，请填写。') : both(`is too short: write at least ${limit} characters.`, `太短，至少要有 ${limit} 个字符。`)
    case 'maxLength': return both(`is too long: write at most ${limit} characters.`, `太长，最多 ${limit} 个字符，请缩短。`)
    case 'minItems': return both(`has too few entries: at least ${limit} are needed.`, `的条目太少，至少要有 ${limit} 条。`)
    case 'maxItems': return both(`has too many entries: at most ${limit} are allowed.`, `的条目太多，最多 ${limit} 条。`)
    case 'uniqueItems': return both(`has an entry twice (${Number(params['j']) + 1} and ${Number(params['i']) + 1}). Remove one.`, `中第 ${Number(params['j']) + 1} 条与第 ${Number(params['i']) + 1} 条重复，请删除其中一条。`)
    case 'minProperties': return both(`has too few members: at least ${limit} are needed.`, `的字段太少，至少要有 ${limit} 个。`)
    case 'maxProperties': return both(`has too many members: at most ${limit} are allowed.`, `的字段太多，最多 ${limit} 个。`)
    case 'minimum': return both(`is too small: ${limit} is the least.`, `太小，最小为 ${limit}。`)
    case 'maximum': return both(`is too large: ${limit} is the most.`, `太大，最大为 ${limit}。`)
    case 'exclusiveMinimum': return both(`must be greater than ${limit}.`, `必须大于 ${limit}。`)
    case 'exclusiveMaximum': return both(`must be less than ${limit}.`, `必须小于 ${limit}。`)
    case 'multipleOf': return both(`must be a multiple of ${limit}.`, `必须是 ${limit} 的整数倍。`)
    case 'anyOf': case 'oneOf': return both('has none of the forms that are allowed, or more than one of those that exclude each other. Compare it with the schema.', '不符合任何一种允许的形式（或同时符合互斥的几种），请对照模式检查。')
    case 'not': case 'false schema': return both('is not allowed so. Remove or change it.', '不允许这样填写，请删除或修改。')
    case 'contains': return both('lacks an entry that it must have.', '缺少必须包含的条目。')
    case 'propertyNames': return both(`has a member whose name is not allowed: "${String(params['propertyName'])}".`, `中的字段名“${String(params['propertyName'])}”不符合规定。`)
    default: return both('does not keep to the schema. Compare it with the schema.', '不符合模式的规定，请对照模式检查。')
  }
}
