import { describe, expect, it } from 'vitest'
import { pathOf, rootTrail, trailTo, type Qualifiers } from '../../../mappings/engine/source-place.js'
import { readXml } from '../../../schemas/xml-reader.js'

const byKind: Qualifiers = new Map([['q', [{ text: '@kind', segments: [{ name: 'kind', namespace: '', attribute: true, repeats: false, predicates: [] }] }]]])

const pathsIn = (xml: string, qualifiers: Qualifiers = new Map()): readonly string[] => {
  const root = readXml(xml)
  if (!root.ok) throw new Error(root.detail)
  const trail = rootTrail(root.value)
  return root.value.children.map((child, index) => pathOf(trailTo(trail, child, index), { prefixOf: (namespace) => (namespace === '' ? '' : `${namespace}:`), qualifiers }))
}

describe('the path of a source node', () => {
  it('has a position where a name stands more than once under its parent', () => {
    expect(pathsIn('<r xmlns:n="n"><a/><b/><a/><n:a/></r>')).toEqual(['a[1]', 'b', 'a[2]', 'n:a'])
  })

  it('is the same among many siblings as among few', () => {
    const many = Array.from({ length: 50 }, (_, index) => `<c${index}/>`).join('')
    expect(pathsIn(`<r xmlns:n="n"><a/><b/>${many}<a/><n:a/></r>`).filter((path) => !path.startsWith('c'))).toEqual(['a[1]', 'b', 'a[2]', 'n:a'])
  })

  it('counts among those with the same qualifier, the same among many siblings as among few', () => {
    const some = '<q kind="1"/><q kind="2"/><q/><q kind="1"/><q/>'
    const paths = ['q[@kind=1][1]', 'q[@kind=2]', 'q[3]', 'q[@kind=1][2]', 'q[5]']
    expect(pathsIn(`<r>${some}</r>`, byKind)).toEqual(paths)
    expect(pathsIn(`<r>${some}${'<x/>'.repeat(50)}</r>`, byKind).slice(0, 5)).toEqual(paths)
  })

  it('takes no time that grows with the square of the siblings', () => {
    const startedMs = performance.now()
    expect(pathsIn(`<r>${'<a/>'.repeat(60_000)}</r>`).at(-1)).toBe('a[60000]')
    expect(pathsIn(`<r>${'<q kind="1"/>'.repeat(60_000)}</r>`, byKind).at(-1)).toBe('q[@kind=1][60000]')
    expect(performance.now() - startedMs).toBeLessThan(5000)
  })
})
