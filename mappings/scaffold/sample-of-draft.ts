import type { Node } from '../../schemas/node.js'
import type { DraftedDescription, DraftedMember, DraftedTree, DraftedType, DraftedUse } from './drafted-description.js'

/** How far down members that need not stand are shown. */
const deepest = 6
const mostNodes = 2_000

const values: Readonly<Record<string, string>> = { text: 'Text', token: 'A1', code: 'A1', decimal: '1.00', integer: '1', boolean: 'true', date: '2026-03-31', time: '13:05:00', instant: '2026-03-31T13:05:00Z', binary: 'aGVsbG8=' }

/** A document of a drafted description with everything once: what a map is drafted over where there is no sample. */
export const sampleOfDraft = ({ namespaces, types, elements, documents }: DraftedDescription, document: string): Node => {
  let nodes = 0
  const typeOf = (use: DraftedUse | undefined, step: string): DraftedType | string => {
    const named = use ?? elements.get(step) ?? 'text'
    return typeof named === 'string' ? types.get(named) ?? named : named
  }
  const split = (step: string): { readonly name: string, readonly namespace: string } => {
    const colon = step.indexOf(':')
    return colon < 0 ? { name: step, namespace: '' } : { name: step.slice(colon + 1), namespace: namespaces[step.slice(0, colon)] ?? '' }
  }
  const valueOf = (type: DraftedType | string): string => {
    if (typeof type === 'string') return values[type] ?? 'A1'
    if (type.form === 'tree') return ''
    const text = values[type.words['is'] ?? 'token'] ?? 'A1'
    const least = Number(type.words['min'] ?? '0')
    return type.codes[0] ?? text.slice(0, Number(type.words['max'] ?? text.length)).padEnd(least, '1')
  }
  const membersOf = (tree: DraftedTree): readonly DraftedMember[] => {
    const base = tree.base === undefined ? undefined : types.get(tree.base)
    const above = base?.form === 'tree' ? membersOf(base) : []
    return [...above, ...tree.members.flatMap((member) => ('choice' in member ? member.choice.slice(0, 1) : [member]))]
  }
  const build = (step: string, use: DraftedUse | undefined, depth: number): Node => {
    nodes++
    const type = typeOf(use, step)
    const tree = typeof type !== 'string' && type.form === 'tree' ? type : undefined
    const attributes = (typeof type === 'string' ? [] : type.attributes).map((attribute) => ({ ...split(attribute.step), value: valueOf(typeOf(attribute.type, attribute.step)) }))
    const children = tree === undefined ? [] : membersOf(tree).filter(({ min }) => min > 0 || (depth < deepest && nodes < mostNodes)).map((member) => build(member.step, member.type, depth + 1))
    return { ...split(step), attributes, children, text: tree === undefined ? valueOf(type) : '', kind: 'element', line: 0, column: 0 }
  }
  return build(document, documents.get(document), 0)
}
