import type { AttributeUse, ContentModels, ElementUse, Particle, TypeUse } from './content-model.js'
import { describeSimpleType } from './content-model.js'
import { localNameOf } from './definition-element.js'
import { derivedFrom, substitutesOf } from './schema-set.js'
import type { BodyModel } from './service-model.js'

const mostLines = 1_500
const deepest = 40

interface Template {
  readonly models: ContentModels
  readonly lines: string[]
  readonly prefixes: Map<string, string>
  /** The types that are being written, so that one which holds itself ends. */
  readonly open: string[]
}

/** What an operation takes, as XML in the schema's order to fill in where ? stands; comments say what is optional, repeated or a choice. */
export const writeTemplate = (models: ContentModels, body: BodyModel): string => {
  const template: Template = { models, lines: [], prefixes: new Map(), open: [] }
  if (body.kind === 'empty') return '<!-- takes nothing -->'
  if (body.kind === 'rpc') {
    const tag = tagOf(template, body)
    template.lines.push(`<${tag}>`)
    for (const part of body.parts) writeElement(template, { name: part.name, namespace: '', nillable: false, abstract: false, global: undefined, type: { kind: 'named', name: part.type ?? '' } }, '', 1)
    template.lines.push(`</${tag}>`)
  } else {
    const use = models.elementUse(body.element)
    if (use === undefined) return `<!-- the description has no element ${body.element} -->`
    writeElement(template, use, '', 0)
  }
  const declarations = [...template.prefixes].map(([namespace, prefix]) => ` xmlns:${prefix}="${escaped(namespace)}"`).join('')
  const [first = '', ...rest] = template.lines
  const shown = rest.length > mostLines ? [...rest.slice(0, mostLines), '<!-- and more: too much to show -->'] : rest
  return [first.replace(/^<[^\s/>]+/, (tag) => tag + declarations), ...shown].join('\n')
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

const inComment = (text: string): string => text.replaceAll('--', '- -')

const tagOf = ({ prefixes }: Template, { name, namespace }: { readonly name: string, readonly namespace: string }): string => {
  if (namespace === '') return name
  const prefix = prefixes.get(namespace) ?? `n${prefixes.size + 1}`
  prefixes.set(namespace, prefix)
  return `${prefix}:${name}`
}

const push = (template: Template, depth: number, line: string): void => { template.lines.push('  '.repeat(depth) + line) }

const writeElement = (template: Template, use: ElementUse, note: string, depth: number): void => {
  if (template.lines.length > mostLines) return
  const substitutes = use.global === undefined ? [] : substitutesOf(template.models.schemas, use.global)
  const derived = use.type.kind === 'named' ? derivedFrom(template.models.schemas, use.type.name) : []
  const notes = [note, use.nillable ? 'may be xsi:nil' : '', namesNote('or in its place', substitutes), namesNote('xsi:type', derived), simpleNote(template, use.type)].filter((one) => one !== '')
  const comment = notes.length === 0 ? '' : ` <!-- ${inComment(notes.join('; '))} -->`
  const tag = tagOf(template, use)
  const model = template.models.modelOf(use.type)
  const attributes = model === undefined ? '' : model.attributes.map((attribute) => attributeText(template, attribute)).join('')
  const name = use.type.kind === 'named' ? use.type.name : ''
  if (model === undefined) push(template, depth, `<${tag}/> <!-- the description does not have its type -->`)
  else if (model.kind === 'anything') push(template, depth, `<${tag}/> <!-- anything -->`)
  else if (model.kind === 'text') push(template, depth, `<${tag}${attributes}>?</${tag}>${comment}`)
  else if (model.particle === undefined) push(template, depth, `<${tag}${attributes}/>${comment}`)
  else if ((name !== '' && template.open.includes(name)) || depth > deepest) push(template, depth, `<${tag}/> <!-- as ${inComment(localNameOf(name))} above -->`)
  else {
    push(template, depth, `<${tag}${attributes}>${comment}`)
    template.open.push(name)
    writeParticle(template, model.particle, depth + 1, '')
    template.open.pop()
    push(template, depth, `</${tag}>`)
  }
}

const namesNote = (label: string, names: readonly string[]): string => (names.length === 0 ? '' : `${label}: ${names.slice(0, 12).map(localNameOf).join(' | ')}${names.length > 12 ? ' …' : ''}`)

const attributeText = (template: Template, { name, namespace, required, fixed }: AttributeUse): string => (required ? ` ${tagOf(template, { name, namespace })}="${escaped(fixed ?? '?')}"` : '')

const simpleNote = ({ models }: Template, type: TypeUse): string => {
  if (models.modelOf(type)?.kind !== 'text') return ''
  const { base, values } = describeSimpleType(models, type)
  return values.length === 0 ? base : `one of ${values.slice(0, 12).join(' | ')}${values.length > 12 ? ' …' : ''}`
}

const occursNote = ({ min, max }: Particle): string => [min === 0 ? 'optional' : '', max > 1 ? (Number.isFinite(max) ? `up to ${max} times` : 'repeated') : ''].filter((one) => one !== '').join(', ')

const writeParticle = (template: Template, particle: Particle, depth: number, note: string): void => {
  const own = [note, occursNote(particle)].filter((one) => one !== '').join(', ')
  if (particle.kind === 'element') writeElement(template, particle.use, own, depth)
  else if (particle.kind === 'any') push(template, depth, `<!-- ${own === '' ? '' : `${own}: `}any element -->`)
  else {
    const label = particle.kind === 'choice' ? `one of these ${particle.particles.length}` : ''
    const notes = [label, occursNote(particle)].filter((one) => one !== '').join(', ')
    if (notes !== '') push(template, depth, `<!-- ${notes}: -->`)
    for (const inner of particle.particles) writeParticle(template, inner, depth, '')
    if (notes !== '') push(template, depth, '<!-- to here -->')
  }
}
