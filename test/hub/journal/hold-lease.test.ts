import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { acquireLease, followerRows, releaseLease, renewLease } from '../../../hub/central/leases.js'
import { holdLease, type HeldLease, type LeaseEvent } from '../../../hub/journal/hold-lease.js'
import type { Database } from '../../../hub/ops/database.js'
import { fail, ok } from '../../../schemas/result.js'
import { newCentral } from '../../fixtures/central.js'
import { startPostgres } from '../../fixtures/postgres.js'

const postgres = await startPostgres()
/** Longer than a busy disk takes for a commit. */
const leaseMs = 1_500
const everyMs = 100

interface Holder {
  readonly lease: HeldLease<string>
  readonly events: readonly LeaseEvent['type'][]
  /** What is open at the moment. */
  readonly open: ReadonlySet<string>
}

interface Wishes {
  readonly frozen?: () => boolean
  readonly fails?: () => boolean
  readonly opensInMs?: number
  readonly onOpen?: (lost: () => void) => void
}

const held: HeldLease<string>[] = []
afterEach(async () => { for (const lease of held.splice(0)) await lease.stop() })

/** One who wants the lease `crm`. While `frozen`, it does nothing, as a process that is paused. */
const want = async (database: Database, { frozen = () => false, fails = () => false, opensInMs = 0, onOpen }: Wishes = {}): Promise<Holder> => {
  const owner = randomUUID()
  const open = new Set<string>()
  const events: LeaseEvent['type'][] = []
  const lease = await holdLease<string>({
    acquire: async () => (frozen() ? undefined : acquireLease(database, 'crm', owner, leaseMs)),
    renew: async (epoch) => (frozen() ? true : renewLease(database, 'crm', owner, epoch, leaseMs, { position: epoch * 10, failing: undefined })),
    release: (epoch) => releaseLease(database, 'crm', owner, epoch),
    open: async (epoch, lost) => {
      await sleep(opensInMs)
      if (fails()) return fail('data-in-use', 'file', 'Another has it open.')
      open.add(`epoch ${epoch}`)
      onOpen?.(lost)
      return ok(`epoch ${epoch}`)
    },
    close: (running) => {
      open.delete(running)
      return Promise.resolve()
    },
    everyMs, onEvent: ({ type }) => events.push(type),
  })
  held.push(lease)
  return { lease, events, open }
}

describe('a lease', () => {
  test('is held by the first who asks, and taken by another as soon as it is given back', async () => {
    const { database } = await newCentral(postgres)
    const first = await want(database)
    const second = await want(database)
    expect([first.lease.current(), second.lease.current()]).toEqual(['epoch 1', undefined])
    await sleep(leaseMs * 2)
    expect([first.lease.current(), second.lease.current()]).toEqual(['epoch 1', undefined])
    expect(await followerRows(database)).toMatchObject([{ name: 'crm', epoch: 1, journalSeq: 10 }])
    await first.lease.stop()
    await expect.poll(() => second.lease.current()).toBe('epoch 2')
    expect([...first.open]).toEqual([])
  })

  test('of one who does not prolong it is taken over, and one who comes back gives up what it did', async () => {
    const { database } = await newCentral(postgres)
    let isFrozen = false
    const first = await want(database, { frozen: () => isFrozen })
    const second = await want(database)
    isFrozen = true
    await expect.poll(() => second.lease.current()).toBe('epoch 2')
    expect([...first.open]).toEqual(['epoch 1'])
    isFrozen = false
    await expect.poll(() => [...first.open]).toEqual([])
    expect([first.lease.current(), second.lease.current()]).toEqual([undefined, 'epoch 2'])
    expect(first.events).toEqual(['gained', 'lost'])
  })

  test('is given back, for another to take, where what it is for cannot be begun', async () => {
    const { database } = await newCentral(postgres)
    let isFailing = true
    const first = await want(database, { fails: () => isFailing })
    expect(first.lease.first).toMatchObject({ ok: false, code: 'data-in-use' })
    const second = await want(database)
    expect(second.lease.first?.ok === true || second.lease.current() === undefined).toBe(true)
    await second.lease.stop()
    isFailing = false
    await expect.poll(() => first.lease.current()).toMatch(/^epoch \d+$/)
  })

  test('is not lost by one who takes longer to begin than it lasts', async () => {
    const { database } = await newCentral(postgres)
    const slow = want(database, { opensInMs: leaseMs * 3 })
    await sleep(everyMs)
    const second = await want(database)
    expect((await slow).lease.current()).toBe('epoch 1')
    expect(second.events).toEqual([])
  })

  test('is begun anew by an owner that found out by itself that it was ousted', async () => {
    const { database } = await newCentral(postgres)
    const opened: (() => void)[] = []
    const first = await want(database, { onOpen: (lost) => opened.push(lost) })
    opened[0]?.()
    expect(first.lease.current()).toBeUndefined()
    await expect.poll(() => first.lease.current()).toBe('epoch 2')
  })

  test('has one holder at a time, whoever comes and goes', async () => {
    const { database } = await newCentral(postgres)
    const all = await Promise.all(Array.from({ length: 6 }, () => want(database)))
    for (const one of all) {
      await expect.poll(() => all.filter(({ lease }) => lease.current() !== undefined).length).toBe(1)
      const holder = all.find(({ lease }) => lease.current() !== undefined) ?? one
      await holder.lease.stop()
      expect(all.filter(({ lease }) => lease.current() !== undefined).length).toBeLessThanOrEqual(1)
    }
  })
})
