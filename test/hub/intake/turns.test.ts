import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { makeTurns } from '../../../hub/intake/turns.js'

it('whoever has a thousand messages waiting keeps nobody else waiting: each sender is let in after another', async () => {
  const { enter } = makeTurns({ inside: 2000, ofTurn: 10 })
  const order: string[] = []
  const inside = [...Array<string>(1000).fill('flood'), 'quiet', 'quiet', 'other'].map((sender) => enter(sender).then((leave) => { order.push(sender); return leave }))
  await nextTurn()
  await nextTurn()
  expect(order.slice(0, 6)).toEqual(['flood', 'quiet', 'other', 'flood', 'quiet', 'flood'])
  expect((await Promise.all(inside)).length).toBe(1003)
})

it('no more are let in than may be inside, until one of them leaves', async () => {
  const { enter } = makeTurns({ inside: 3, ofTurn: 10 })
  const entered: (() => void)[] = []
  for (let index = 0; index < 10; index++) void enter(`s${index % 2}`).then((leave) => { entered.push(leave) })
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  expect(entered).toHaveLength(3)
  entered[0]?.()
  // Who left twice makes room once.
  entered[0]?.()
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  expect(entered).toHaveLength(4)
})
