import type { Node } from '../../schemas/node.js'
import { emptyTree, type DraftedDescription, type DraftedMember, type DraftedTree, type DraftedUse } from './drafted-description.js'
import { inferType } from './infer-type.js'
import { knownField, knownKind, knownPartyField, knownRole, plainName, type KnownField, type Scope } from './known-names.js'
import { writeDescription } from './write-description.js'

/** What somebody has of a partner's format. */
export interface DraftSource {
  /** The language's name, which is the folder's. */
  readonly name: string
  readonly root: Node
  readonly kind: string | undefined
  /** Prefix ▸ namespace, where the format has prefixes of its own. */
  readonly namespaces?: Readonly<Record<string, string>>
}

export interface DraftedMapping {
  /** By their names inside the folder. */
  readonly files: Readonly<Record<string, string>>
  readonly kind: string
  readonly mapped: number
  readonly unmapped: readonly string[]
}

/** A name that stands below another, with all that the sample has of it. */
interface Shape {
  readonly step: string
  readonly name: string
  readonly nodes: Node[]
  /** The most that stood below one parent. */
  most: number
  readonly listed: boolean
  /** Whether it has members whose names no path can hold. */
  open: boolean
  readonly children: Shape[]
}

interface Drafting {
  readonly prefixes: Map<string, string>
  readonly json: boolean
  readonly unmapped: string[]
  readonly taken: Set<string>
  mapped: number
  currency: string | undefined
}

/** Drafts `format.yaml`, `description.yaml` and one map from a sample document: a rule for each leaf whose name is known, a line `# unmapped:` for each other. */
export const draftMapping = ({ name, root, kind, namespaces: given = {} }: DraftSource): DraftedMapping => {
  const drafting: Drafting = { prefixes: new Map(Object.entries(given).map(([prefix, uri]) => [uri, prefix])), json: root.kind !== 'element', unmapped: [], taken: new Set(), mapped: 0, currency: undefined }
  const shape = shapeOf(drafting, root.name, root.namespace, [root])
  const chosen = kind ?? kindOf(root) ?? 'order'
  drafting.currency = currencyPath(shape, '')
  const rules = rulesOf(drafting, shape)
  const namespaces = Object.fromEntries([...drafting.prefixes].map(([uri, prefix]) => [prefix, uri]))
  const unmapped = drafting.unmapped.map((path) => `  # unmapped: ${path}\n`)
  return {
    kind: chosen, mapped: drafting.mapped, unmapped: drafting.unmapped,
    files: {
      'format.yaml': formatText(name, drafting.json, namespaces),
      'description.yaml': descriptionText(name, drafting, shape, chosen),
      [`${chosen}.yaml`]: `kind: ${chosen}\n${recognition(drafting, shape)}rules:\n${rules.join('')}${unmapped.join('')}`,
    },
  }
}

const formatText = (name: string, json: boolean, namespaces: Readonly<Record<string, string>>): string => {
  const declared = Object.entries(namespaces).map(([prefix, uri]) => `  ${prefix}: ${uri}\n`)
  return `# Drafted from a sample.\nlanguage: ${name}\nsyntax: ${json ? 'json' : 'xml'}\n${declared.length === 0 ? '' : `namespaces:\n${declared.join('')}`}`
}

const prefixFor = ({ prefixes }: Drafting, namespace: string): string => {
  if (namespace === '') return ''
  const known = prefixes.get(namespace)
  if (known !== undefined) return `${known}:`
  const prefix = prefixes.size === 0 ? 'p' : `p${prefixes.size + 1}`
  prefixes.set(namespace, prefix)
  return `${prefix}:`
}

const canBeStep = /^[\p{L}_][\p{L}\p{M}\p{N}_.-]*$/u

const shapeOf = (drafting: Drafting, name: string, namespace: string, nodes: readonly Node[]): Shape => {
  const shape: Shape = { step: `${prefixFor(drafting, namespace)}${name}`, name, nodes: [...nodes], most: 1, listed: nodes.some(({ listed }) => listed === true), open: false, children: [] }
  const groups = new Map<string, Node[]>()
  const most = new Map<string, number>()
  for (const node of nodes) {
    const here = new Map<string, number>()
    for (const child of node.children) {
      if (!canBeStep.test(child.name)) {
        shape.open = true
        continue
      }
      const key = `${child.namespace} ${child.name}`
      groups.set(key, [...groups.get(key) ?? [], child])
      here.set(key, (here.get(key) ?? 0) + 1)
    }
    for (const [key, count] of here) most.set(key, Math.max(count, most.get(key) ?? 0))
  }
  for (const [key, below] of groups) {
    const [first] = below
    if (first === undefined) continue
    const child = shapeOf(drafting, first.name, first.namespace, below)
    child.most = most.get(key) ?? 1
    shape.children.push(child)
  }
  return shape
}

const textsOf = ({ nodes }: Shape): readonly string[] => nodes.map(({ text }) => text.trim()).filter((text) => text !== '')

const kindOf = (root: Node): string | undefined => {
  const said = root.children.filter(({ name }) => /^(document)?(type|kind)$/i.test(name)).map(({ text }) => text)
  return [root.name, ...said, ...root.children.map(({ name }) => name)].map(knownKind).find((kind) => kind !== undefined)
}

const currencyPath = (shape: Shape, path: string): string | undefined => {
  for (const child of shape.children) {
    const here = path === '' ? child.step : `${path}/${child.step}`
    if (child.children.length === 0 && child.most === 1 && !child.listed && knownField('head', child.name)?.as === 'currency') return here
    const below = child.most > 1 || child.listed ? undefined : currencyPath(child, here)
    if (below !== undefined) return below
  }
  return undefined
}

/** XML is known by its root; JSON by the members that its document surely has. */
const recognition = ({ json }: Drafting, shape: Shape): string => {
  if (!json) return `root: ${shape.step}\n`
  const signs = shape.children.filter(({ name }) => /^(document)?(type|kind)$/i.test(name)).map((child) => `${child.step}=${textsOf(child)[0] ?? ''}`)
  const members = shape.children.filter(({ name, listed, children }) => knownField('head', name)?.target === 'number' || (listed && children.length > 0)).map(({ step }) => step)
  const where = signs.length > 0 ? signs : members
  const fill = signs.length === 0 ? '' : `fill:\n${signs.map((sign) => `  ${sign.replace('=', ': ')}\n`).join('')}`
  return `where: [${where.join(', ')}]\n${fill}`
}

const rulesOf = (drafting: Drafting, root: Shape): readonly string[] => {
  const lines = findLines(root, '')
  const head = [...fieldsBelow(drafting, root, '', 'head', '', lines?.shape), '  - function <- \'original\'\n']
  return lines === undefined ? head : [...head, ...lineRules(drafting, lines)]
}

interface Lines {
  readonly shape: Shape
  readonly path: string
}

const lineNames = /line|item|position|detail|row|artikel|zeile|行|明细|商品/i

/** The element that repeats and holds a quantity or an item; of several the one whose name says so. */
const findLines = (shape: Shape, path: string): Lines | undefined => {
  const found: Lines[] = []
  const walk = (at: Shape, above: string): void => {
    for (const child of at.children) {
      const here = above === '' ? child.step : `${above}/${child.step}`
      const fields = leafNames(child).filter((name) => /^(quantity|price|amount|item)/.test(knownField('line', name)?.target ?? ''))
      if (child.children.length > 0 && fields.length > 0 && (child.most > 1 || child.listed || (lineNames.test(child.name) && child.children.length > 1 && !child.children.some(({ most, children }) => most > 1 && children.length > 0)))) found.push({ shape: child, path: here })
      walk(child, here)
    }
  }
  walk(shape, path)
  return found.find(({ shape: { most, listed } }) => most > 1 || listed) ?? found[0]
}

const leafNames = (shape: Shape): readonly string[] => shape.children.flatMap((child) => (child.children.length === 0 ? [child.name] : leafNames(child)))

const lineRules = (drafting: Drafting, { shape, path }: Lines): readonly string[] => {
  drafting.taken.clear()
  const below = fieldsBelow(drafting, shape, '', 'line', '', undefined)
  const numbered = below.some((rule) => rule.includes('- number! '))
  const all = [...numbered ? [] : ['  - number <- counter\n'], ...below]
  return [`  - lines[] <=> ${path}:\n`, ...all.map((rule) => `    ${rule}`)]
}

/** The rules of all leaves below a shape, `target` and `path` being where it stands. */
const fieldsBelow = (drafting: Drafting, shape: Shape, path: string, scope: Scope, target: string, lines: Shape | undefined): readonly string[] => {
  const own = attributesOf(drafting, shape, path, scope, target)
  return [...own, ...shape.children.flatMap((child) => {
    if (child === lines) return []
    const here = path === '' ? child.step : `${path}/${child.step}`
    const role = scope === 'party' ? undefined : knownRole(child.name)
    if (child.children.length === 0) return [...leafRule(drafting, child, here, scope, target), ...attributesOf(drafting, child, here, scope, target)]
    if (child.most > 1 || (child.listed && child.most > 1)) {
      drafting.unmapped.push(`${here} (repeats)`)
      return []
    }
    if (role !== undefined && scope === 'head') return fieldsBelow(drafting, child, here, 'party', `parties.${role}.`, lines)
    return fieldsBelow(drafting, child, here, scope, target, lines)
  })]
}

const attributesOf = (drafting: Drafting, shape: Shape, path: string, scope: Scope, target: string): readonly string[] => {
  const names = new Set(shape.nodes.flatMap(({ attributes }) => attributes.filter(({ namespace }) => namespace === '').map(({ name }) => name)))
  return [...names].flatMap((name) => {
    const texts = shape.nodes.flatMap(({ attributes }) => attributes.filter((one) => one.name === name).map(({ value }) => value))
    return ruleFor(drafting, name, texts, path === '' ? `@${name}` : `${path}/@${name}`, scope, target)
  })
}

const leafRule = (drafting: Drafting, leaf: Shape, path: string, scope: Scope, target: string): readonly string[] =>
  ruleFor(drafting, leaf.name, textsOf(leaf), path, scope, target, leaf.nodes[0]?.kind === 'number')

const ruleFor = (drafting: Drafting, name: string, texts: readonly string[], path: string, scope: Scope, target: string, number = false): readonly string[] => {
  const unmapped = (why: string): readonly string[] => {
    drafting.unmapped.push(`${scope === 'line' ? 'lines: ' : ''}${path}${why}`)
    return []
  }
  const flat = scope === 'head' ? knownPartyField(name) : undefined
  const field = knownField(scope, name) ?? flat?.field
  if (field === undefined) return unmapped(texts[0] === undefined ? '' : ` (${texts[0].slice(0, 40).replaceAll('\n', ' ')})`)
  const whole = flat !== undefined && knownField(scope, name) === undefined ? `parties.${flat.role}.${field.target}` : `${target}${field.target}`
  const key = `${scope} ${whole}`
  if (drafting.taken.has(key)) return unmapped(`, ${whole} is taken`)
  const converter = converterOf(field, texts, number)
  if (converter === undefined) return unmapped(`, '${texts[0] ?? ''}' is no ${field.as}`)
  if (field.as === 'amount' && drafting.currency === undefined) return unmapped(', an amount needs a currency: write `<- \'EUR\'` beside it')
  drafting.taken.add(key)
  drafting.mapped++
  const required = whole === 'number' || whole === 'issuedOn' ? '!' : ''
  const rule = `  - ${whole}${required} <=> ${path}${converter === 'text' ? '' : ` <=> ${converter}`}\n`
  return field.as === 'amount' ? [rule, `  - ${whole.replace(/\.value$/, '.currency')} <- /${drafting.currency ?? ''}\n`] : [rule]
}

const converterOf = ({ as }: KnownField, texts: readonly string[], number: boolean): string | undefined => {
  switch (as) {
    case 'text': case 'lines': case 'currency': case 'country': return as
    case 'date': {
      const { is, converter } = inferType(texts, 'date')
      return is === 'date' || texts.length === 0 ? converter : undefined
    }
    case 'decimal': case 'amount': {
      const { is, converter } = inferType(texts, 'number')
      return is === 'decimal' ? number ? 'number' : 'decimal' : converter === 'decimal-comma' ? converter : undefined
    }
    default: return as satisfies never
  }
}

const descriptionText = (name: string, drafting: Drafting, shape: Shape, kind: string): string => {
  const documents: DraftedDescription['documents'] = new Map([[drafting.json ? kind : shape.step, useOf(shape)]])
  return `# What the sample showed: loosen or tighten it as the partner's papers say.\nlanguage: ${name}\nsyntax: ${drafting.json ? 'json' : 'xml'}\n${writeDescription({ namespaces: {}, types: new Map(), elements: new Map(), documents })}`
}

const useOf = (shape: Shape): DraftedUse => {
  const attributes = attributeMembers(shape)
  if (shape.children.length === 0) {
    const field = knownField('line', shape.name) ?? knownField('head', shape.name)
    const { is, layout } = inferType(textsOf(shape), field?.as === 'date' ? 'date' : field?.as === 'amount' || field?.as === 'decimal' ? 'number' : undefined)
    return attributes.length === 0 && layout === undefined ? is : { form: 'value', words: { is, ...layout === undefined ? {} : { form: layout } }, codes: [], attributes }
  }
  return { ...emptyTree, anyOrder: true, open: shape.open, attributes, members: shape.children.map((child): DraftedMember => ({ step: child.step, min: 0, max: child.most > 1 || child.listed ? Infinity : 1, type: useOf(child) })) } satisfies DraftedTree
}

const attributeMembers = (shape: Shape): readonly DraftedMember[] =>
  [...new Set(shape.nodes.flatMap(({ attributes }) => attributes.filter(({ namespace }) => namespace === '').map(({ name }) => name)))].map((step) => ({ step, min: 0, max: 1, type: 'token' }))

/** A name that may be a folder's and a language's. */
export const isLanguageName = (name: string): boolean => /^[a-z][a-z0-9-]{0,62}$/.test(name) && plainName(name) !== 'canonical'
