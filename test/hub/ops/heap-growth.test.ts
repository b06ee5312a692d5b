import { describe, expect, it } from 'vitest'
import { makeHeapGrowth } from '../../../hub/ops/heap-growth.js'

describe('the growth of the heap', () => {
  it('is tight from the first who asks for it to the last who is done, once for each', () => {
    const flags: string[] = []
    const heap = makeHeapGrowth((flag) => { flags.push(flag) })
    const [first, second] = [heap.tighten(), heap.tighten()]
    first()
    first()
    expect(flags).toEqual(['--heap-growing-percent=100'])
    second()
    expect(flags).toEqual(['--heap-growing-percent=100', '--heap-growing-percent=0'])
  })
})
