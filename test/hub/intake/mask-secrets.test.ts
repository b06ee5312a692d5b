import { describe, expect, it } from 'vitest'
import type { CommitPart } from '../../../hub/central/commit-item.js'
import { makeHideSecrets, maskMessage } from '../../../hub/intake/mask-secrets.js'

const partSaying = (detail: string): CommitPart => ({
  ordinal: 1, sender: undefined, receiver: undefined, controlNumber: undefined, test: false, ackWanted: false, format: undefined, mappingVersion: undefined, documents: [],
  issues: [{ code: 'value-invalid', at: '1:1', detail }],
})
const hidden = (text: string | Uint8Array, detail: string): string | undefined => makeHideSecrets([Buffer.from(text)], ['Secret', '@pin'])(partSaying(detail)).issues[0]?.detail
const masked = async (text: string): Promise<string> => Buffer.from(await maskMessage(Buffer.from(text), undefined, ['Secret', '@pin'])).toString()

describe('what is said of a message', () => {
  it.each([
    ['UTF-8', Buffer.from('<a><x:Secret>открыто</x:Secret></a>')],
    ['UTF-16', Buffer.from('\ufeff<a><Secret>открыто</Secret></a>', 'utf16le')],
    ['an attribute', Buffer.from('<a pin = \'открыто\'/>')],
    ['a member', Buffer.from('{"Secret": "открыто"}')],
  ])('quotes no secret of it: %s', (_what, bytes) => {
    expect(hidden(bytes, 'The value открыто is wrong.')).toBe('The value *** is wrong.')
  })

  it('quotes no beginning of one either', () => {
    expect(hidden('<Secret>shared-secret-1</Secret>', "'shared-sec…' is no date, 'shared-secret-1' and 'shared-s' neither; shared-x is.")).toBe("'***…' is no date, '***' and '***' neither; shared-x is.")
  })

  it('is as it was where the message has none', () => {
    expect(hidden('<a><Secrets>open</Secrets><b>Secret</b></a>', 'open')).toBe('open')
  })

  it('is nothing where it has more of them than any document', () => {
    expect(hidden(Array.from({ length: 1001 }, (_, index) => `<Secret>word${index}</Secret>`).join(''), 'word7')).toBe('***')
  })
})

describe('a secret is masked', () => {
  it.each([
    ['with white space in its tags', '<a><Secret >one</Secret ></a>', '<a><Secret >***</Secret ></a>'],
    ['though a value in its tag looks like an end', '<Secret a="/>">one</Secret>', '<Secret a="*>*****</Secret>'],
    ['though it ends within CDATA or a comment only', '<Secret><![CDATA[</Secret>]]><!--</Secret>-->one</Secret>two', `<Secret>${'*'.repeat(40)}</Secret>two`],
    ['to the end where it does not end', '<a><Secret>one two', '<a><Secret>*******'],
    ['but not an element of a longer name, nor an empty one', '<SecretX>one</SecretX><Secret/>', '<SecretX>one</SecretX><Secret/>'],
  ])('%s', async (_what, text, expected) => { expect(await masked(text)).toBe(expected) })
})

describe('a hostile message is searched in the time that it takes to read it', () => {
  it.each([
    ['tags that never end', '<Secret '.repeat(500_000)],
    ['empty tags with one end far behind', `${'<Secret '.repeat(500_000)}/>`],
    ['the name in text', 'Secret '.repeat(600_000)],
    ['marks inside a secret', `<Secret>${'</a>'.repeat(500_000)}`],
    ['lists that never end', '{"Secret":['.repeat(400_000)],
    ['texts that never end', '"Secret":"'.repeat(400_000)],
    ['attributes without an end', '<a pin="'.repeat(400_000)],
    ['a hundred thousand secrets', '<Secret>word</Secret>'.repeat(100_000)],
    ['values that open and do not close', '<Secret a=\'"/>'.repeat(200_000)],
  ])('%s', (_what, text) => {
    const hide = makeHideSecrets([Buffer.from(text)], ['Secret', '@pin'])
    for (let part = 0; part < 10_000; part++) hide(partSaying('nothing'))
    expect(hide(partSaying('')).issues).toHaveLength(1)
  }, 10_000)
})
