import { describe, expect, it } from 'vitest'
import { commitFailureOf } from '../../../hub/central/commit-failure.js'

const failed = (message: string, more: object): Error => Object.assign(new Error(message), more)

describe('what a failed transaction means for its messages', () => {
  it.each([
    ['a broken pipe, whose code looks like a SQLSTATE', failed('write EPIPE', { code: 'EPIPE', errno: -32, syscall: 'write' }), 'lost'],
    ['a refused connection', failed('connect ECONNREFUSED', { code: 'ECONNREFUSED', errno: -111, syscall: 'connect' }), 'lost'],
    ['a connection that broke', failed('Connection terminated unexpectedly', {}), 'lost'],
    ['a server that was stopped', failed('terminating connection', { code: '57P01' }), 'lost'],
    ['a full disk', failed('could not extend file', { code: '53100' }), 'unavailable'],
    ['a deadlock', failed('deadlock detected', { code: '40P01' }), 'busy'],
    ['a value that does not fit', failed('value too long', { code: '22001' }), 'data'],
    ['a wrong statement', failed('syntax error', { code: '42601' }), 'fault'],
    ['a bug', new TypeError('x is not a function'), 'fault'],
  ])('%s', (_what, error, meaning) => {
    expect(commitFailureOf(error)).toBe(meaning)
  })
})
