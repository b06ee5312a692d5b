import { describe, expect, it } from 'vitest'
import { pathOf, rootTrail, trailTo } from '../../../mappings/engine/source-place.js'
import { readXml } from '../../../schemas/xml-reader.js'

const pathsIn = (xml: string): readonly string[] => {
  const root = readXml(xml)
  if (!root.ok) throw new Error(root.detail)
  const trail = rootTrail(root.value)
  return root.value.children.map((child, index) => pathOf(trailTo(trail, child, index), { prefixOf: (namespace) => (namespace === '' ? '' : `${namespace}:`), qualifiers: new Map() }))
}

describe('the path of a source node', () => {
  it('has a position where a name stands more than once under its parent', () => {
    expect(pathsIn('<r xmlns:n="n"><a/><b/><a/><n:a/></r>')).toEqual(['a[1]', 'b', 'a[2]', 'n:a'])
  })

  it('is the same among many siblings as among few', () => {
    const many = Array.from({ length: 50 }, (_, index) => `<c${index}/>`).join('')
    expect(pathsIn(`<r xmlns:n="n"><a/><b/>${many}<a/><n:a/></r>`).filter((path) => !path.startsWith('c'))).toEqual(['a[1]', 'b', 'a[2]', 'n:a'])
  })

  it('takes no time that grows with the square of the siblings', () => {
    const startedMs = performance.now()
    expect(pathsIn(`<r>${'<a/>'.repeat(60_000)}</r>`).at(-1)).toBe('a[60000]')
    expect(performance.now() - startedMs).toBeLessThan(5000)
  })
})
