import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { until } from '../fixtures/deliveries.js'
import { deliveringHub } from '../fixtures/delivering-hub.js'
import type { Arrival } from '../fixtures/receiver.js'

const endpoint = (url: string, id: string): string => `
  - id: ${id}-in
    connector: http
    settings: { url: "${url}/${id}", allowedHosts: [127.0.0.1], receipt: { to: edi@${id}.example, from: HUB, partner: ${id}, later: "https://hub.example/in/${id}" } }
    format: canonical
    system: ${id}`

const { hub, receiver } = await deliveringHub({
  channels: `  - { id: orders, formats: [canonical] }
  - { id: lotus, formats: [mdn, edifact], acknowledge: always }
  - { id: polaris, formats: [mdn] }
  - { id: shop, formats: [canonical] }`,
  endpoints: (url) => `${endpoint(url, 'lotus')}${endpoint(url, 'polaris')}\n`,
})

interface Shown {
  readonly id: string
  readonly endpoint: string
  readonly number: string
  readonly state: string
  readonly sentAt: string | null
  readonly receivedAt: string | null
  readonly rejected: boolean
  readonly answers: readonly { readonly stage: string, readonly rejected: boolean, readonly reasons: readonly string[] }[]
}
const deliveriesTo = async (id: string): Promise<readonly Shown[]> => (await hub.json('GET', `/deliveries?limit=500&endpoint=${id}`) as { items: Shown[] }).items
const shown = async (id: string): Promise<Shown> => await hub.json('GET', `/deliveries/${id}`) as Shown
const alerts = async (kind: string) => (await hub.json('GET', '/alerts?open=true') as { items: { kind: string, subject: string, detail: string }[] }).items.filter((one) => one.kind === kind)

const parties = { buyer: { identifiers: [{ scheme: 'gln', value: '9520000001018' }] }, seller: { identifiers: [{ scheme: 'gln', value: '9520000002053' }] } }
const order = (number: string): string => JSON.stringify({ kind: 'order', number, function: 'original', issuedOn: '2026-04-01', parties, lines: [{ number: '1', item: { sellersNumber: 'A' }, quantity: { value: '1', unit: 'C62' } }] })

/** Sends an order out and gives its delivery, and what the partner was sent. */
const sent = async (endpointId: string, number: string): Promise<{ readonly delivery: Shown, readonly arrival: Arrival }> => {
  await hub.request('PUT', `/subscriptions/${endpointId}`, { body: JSON.stringify({ endpoint: endpointId, kinds: ['order'], channels: ['orders'], expect: { received: 'PT1H' } }), headers: { 'content-type': 'application/json' } })
  await hub.send('orders', order(number), { headers: { 'content-type': 'application/json' } })
  const [delivery] = (await until(() => deliveriesTo(endpointId), (seen) => seen.some((one) => one.number === number && one.state === 'sent'))).filter((one) => one.number === number)
  const arrival = (await receiver.arrivals()).find(({ id }) => id === delivery?.id)
  if (delivery === undefined || arrival === undefined) throw new Error(`${number} did not arrive.`)
  return { delivery, arrival }
}

interface Said {
  readonly id: string
  readonly disposition?: string
  readonly digest?: string
  readonly words?: string
}
const report = ({ id, disposition = 'processed', digest, words = `Taken at ${Math.random()}.` }: Said): string => [
  '--=_r', 'Content-Type: text/plain', '', words, '--=_r', 'Content-Type: message/disposition-notification', '', 'Reporting-UA: test', 'Final-Recipient: rfc822; LOTUS',
  `Original-Message-ID: <${id}@chainhub>`, `Disposition: automatic-action/MDN-sent-automatically;\r\n ${disposition}`, ...(digest === undefined ? [] : [`Received-Content-MIC: ${digest}, sha-256`]), '', '--=_r--', '',
].join('\r\n')
const reportType = 'multipart/report; report-type=disposition-notification; boundary="=_r"'
const send = async (channel: string, body: string, type = reportType) => (await hub.send(channel, body, { headers: { 'content-type': type } })).answer
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64')

describe('a receipt that comes later', () => {
  it('moves its delivery to received, once, is kept as a document, and is not acknowledged', async () => {
    const { delivery, arrival } = await sent('lotus-in', 'R1')
    expect(delivery).toMatchObject({ receivedAt: null, sentAt: expect.any(String) as unknown })
    const answer = await send('lotus', report({ id: delivery.id, digest: digestOf(arrival.body) }))
    expect(answer).toMatchObject({ outcome: 'accepted', documents: [{ kind: 'application-response' }] })
    const received = await until(() => shown(delivery.id), ({ receivedAt }) => receivedAt !== null)
    expect(received).toMatchObject({ rejected: false, answers: [{ stage: 'received', rejected: false, reasons: [] }] })
    // The same said again, in other bytes, is nothing new.
    expect(await send('lotus', report({ id: delivery.id, digest: digestOf(arrival.body) }))).toMatchObject({ outcome: 'duplicate' })
    const next = await sent('lotus-in', 'R2')
    await send('lotus', report({ id: next.delivery.id }))
    await until(() => shown(next.delivery.id), ({ receivedAt }) => receivedAt !== null)
    expect(await shown(delivery.id)).toEqual(received)
    expect((await deliveriesTo('lotus-in')).map(({ number }) => number)).toEqual(['R2', 'R1'])
    expect(await hub.json('GET', `/messages/${answer.messageId}/lineage`)).toMatchObject({ parts: [{ format: 'mdn/receipt', errors: [] }] })
  })

  it.each([
    ['that failed', { disposition: 'failed/failure: unsupported format' }, 'failed/failure: unsupported format'],
    ['of an error, signed', { disposition: 'processed/error: authentication-failed', words: 'Who are you?', signed: true }, 'Who are you?'],
    ['of other bytes', { digest: digestOf('something else') }, 'altered'],
  ])('%s refuses its delivery and opens one alert', async (what, said, reason) => {
    const { delivery } = await sent('lotus-in', `refused ${what}`)
    const plain = report({ id: delivery.id, words: 'No.', ...said })
    const signed = `--=_s\r\nContent-Type: ${reportType}\r\n\r\n${plain}\r\n--=_s\r\nContent-Type: application/pkcs7-signature\r\n\r\nMII=\r\n--=_s--\r\n`
    await ('signed' in said ? send('lotus', signed, 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="=_s"') : send('lotus', plain))
    const refused = await until(() => shown(delivery.id), ({ rejected }) => rejected)
    expect(refused.answers).toMatchObject([{ stage: 'received', rejected: true }])
    expect(refused.answers[0]?.reasons.join(' ')).toContain(reason)
    expect((await alerts('delivery-rejected')).filter(({ subject }) => subject === delivery.id)).toMatchObject([{ detail: expect.stringContaining(reason) as unknown }])
  })

  it('from another system counts for nothing; for what nobody sent it is kept and told of', async () => {
    const { delivery } = await sent('lotus-in', 'R4')
    expect(await send('polaris', report({ id: delivery.id }))).toMatchObject({ outcome: 'accepted' })
    expect((await until(() => alerts('acknowledgement-unknown'), (seen) => seen.some(({ subject }) => subject === 'polaris'))).find(({ subject }) => subject === 'polaris')?.detail).toContain(delivery.id)
    await send('lotus', report({ id: 'nobody' }))
    await until(() => alerts('acknowledgement-unknown'), (seen) => seen.some(({ subject }) => subject === 'lotus'))
    expect(await shown(delivery.id)).toMatchObject({ receivedAt: null, answers: [] })
    await send('lotus', report({ id: delivery.id }))
    await until(() => alerts('acknowledgement-unknown'), (seen) => !seen.some(({ subject }) => subject === 'lotus'))
    expect(await shown(delivery.id)).toMatchObject({ answers: [{ stage: 'received', rejected: false }] })
  })

  it('that is broken, or on a channel that takes none, is refused where it stands', async () => {
    expect(await send('lotus', report({ id: 'x', disposition: '' }).replace('Disposition: automatic-action/MDN-sent-automatically;', 'Disposition: nothing'))).toMatchObject({ outcome: 'rejected', errors: [{ code: 'value-invalid', at: expect.stringMatching(/^11:1 m:Disposition/) as unknown }] })
    expect(await send('lotus', '--=_r\r\nContent-Type: text/plain\r\n\r\nThe mailbox is full.\r\n--=_r--\r\n')).toMatchObject({ outcome: 'rejected', errors: [{ code: 'envelope-invalid' }] })
    expect(await send('shop', report({ id: 'x' }))).toMatchObject({ outcome: 'rejected', errors: [{ code: 'format-unknown' }] })
  })
})
