import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { projectFolder } from '../../schemas/project-folder.js'
import { until } from '../fixtures/deliveries.js'
import { deliveringHub } from '../fixtures/delivering-hub.js'
import type { Arrival } from '../fixtures/receiver.js'

const endpoint = (url: string, id: string, format: string, more = ''): string => `
  - id: ${id}
    connector: http
    settings: { url: "${url}/${id}", allowedHosts: [127.0.0.1], contentType: ${format === 'x12' ? 'application/edi-x12' : 'application/edifact'} }
    format: ${format}
    retry: { firstMs: 20, maxMs: 100 }
    breaker: { failures: 1000 }
    ${more}`

const { hub, receiver } = await deliveringHub({
  channels: `  - { id: orders, formats: [canonical] }
  - { id: lotus, formats: [edifact] }
  - { id: in-vain, formats: [edifact], maxNodes: 250000 }
  - { id: polaris, formats: [x12], acknowledge: always }
  - { id: quiet, formats: [edifact], acknowledge: never }
  - { id: nordlicht, formats: [ubl], acknowledge: always }`,
  endpoints: (url) => `${endpoint(url, 'lotus-in', 'edifact', 'system: lotus\n    interchange: { sender: { id: "9520000002053", qualifier: "14" }, receiver: { id: "9520000001018", qualifier: "14" }, acknowledgement: true }')}${endpoint(url, 'polaris-in', 'x12', 'system: polaris\n    interchange: { sender: { id: "POLARIS" }, receiver: { id: "112233445", qualifier: "01" } }')}${endpoint(url, 'quiet-in', 'edifact', 'system: quiet')}${endpoint(url, 'in-vain-in', 'edifact', 'system: in-vain')}${endpoint(url, 'nordlicht-in', 'ubl', 'system: nordlicht').replace('application/edifact', 'application/xml')}
`,
})

const edifact = await readFile(projectFolder('mappings', 'edifact', 'samples', 'order.edi'), 'latin1')
const x12 = await readFile(projectFolder('mappings', 'x12', 'samples', 'order.edi'), 'utf8')
const message = edifact.slice(edifact.indexOf('UNH+'), edifact.indexOf('UNZ+'))
const head = edifact.slice(0, edifact.indexOf('UNH+'))
/** Asks for an acknowledgement in UNB 0031. */
const interchange = (reference: string, ...messages: readonly string[]): string => `${head.replace("REF0815++++1'", `${reference}++++1'`)}${messages.join('')}UNZ+${messages.length}+${reference}'\n`
const order = (number: string, reference: string): string => message.replace('PO-2026-0815', number).replaceAll('M1', reference)

const send = async (channel: string, body: string) => (await hub.send(channel, Buffer.from(body, 'latin1'), { headers: { 'content-type': 'text/plain' } })).answer
const at = async (path: string): Promise<readonly Arrival[]> => (await receiver.arrivals()).filter((arrival) => arrival.path === `/${path}`)
const came = (path: string, many: number): Promise<readonly Arrival[]> => until(() => at(path), (seen) => seen.length >= many)
/** Without what the sending itself adds. */
const segmentsOf = (body: string): readonly string[] => body.split(/['~]\s*/).filter((segment) => segment !== '' && !segment.startsWith('UNA'))

interface Listed {
  readonly id: string
  readonly state: string
  readonly number: string
  readonly controlNumber: string
  readonly understoodAt: string | null
  readonly rejected: boolean
  readonly answers: readonly { readonly stage: string, readonly rejected: boolean, readonly reasons: readonly string[] }[]
}
const deliveriesTo = async (id: string): Promise<readonly Listed[]> => (await hub.json('GET', `/deliveries?limit=500&endpoint=${id}`) as { items: Listed[] }).items
const detailOf = async (id: string): Promise<Listed> => await hub.json('GET', `/deliveries/${id}`) as Listed

describe('an interchange that asks for it', () => {
  it('names all of its messages as refused where so many of the first are that the others were not looked at', async () => {
    const bad = (index: number): string => order(`V${index}`, `V${index}`).replace('20260331:102', '20260231:102')
    expect(await send('in-vain', interchange('I-V', ...Array.from({ length: 503 }, (_, index) => bad(index))))).toMatchObject({ outcome: 'rejected' })
    const [only] = await came('in-vain-in', 1)
    const said = segmentsOf(only?.body ?? '')
    expect(said.filter((segment) => segment.startsWith('UCM+'))).toHaveLength(503)
    expect(said.slice(said.findIndex((segment) => segment.startsWith('UCM+V499')))).toEqual(['UCM+V499+ORDERS:D:96A:UN:EAN008+4', 'UCS+3', 'UCD+12+2', ...[500, 501, 502].map((index) => `UCM+V${index}+ORDERS:D:96A:UN:EAN008+4+18`), expect.stringMatching(/^UNT/), 'UNZ+1+1'])
  })

  it('is acknowledged once, message by message, to whoever sent it; a repeat is not acknowledged again', async () => {
    const body = interchange('I-1', order('A1', 'X1'), order('A2', 'X2').replace('20260331:102', '20260231:102'), order('A3', 'X3').replace('UNT+33', 'UNT+32'))
    const answer = await send('lotus', body)
    expect(answer).toMatchObject({ outcome: 'partial' })
    const [first] = await came('lotus-in', 1)
    expect(first?.type).toBe('application/edifact')
    // It asks for no acknowledgement itself, though the endpoint's documents do.
    expect(segmentsOf(first?.body ?? '')).toEqual([
      expect.stringMatching(/^UNB\+UNOC:3\+9520000002053:14\+9520000001018:14\+\d{6}:\d{4}\+1$/),
      'UNH+1+CONTRL:D:3:UN', 'UCI+I-1+9520000001018:14+9520000002053:14+7', 'UCM+X1+ORDERS:D:96A:UN:EAN008+7', 'UCM+X2+ORDERS:D:96A:UN:EAN008+4', 'UCS+3', 'UCD+12+2', 'UCM+X3+ORDERS:D:96A:UN:EAN008+4+29', 'UNT+8+1', 'UNZ+1+1',
    ])
    expect(await send('lotus', body)).toMatchObject({ messageId: answer.messageId })
    await hub.startAgain()
    // Whatever is due by now is made before the next is.
    await new Promise((resolve) => { setTimeout(resolve, 2_500) })
    expect((await at('lotus-in')).map(({ id }) => id)).toEqual([first?.id])
    expect(await deliveriesTo('lotus-in')).toHaveLength(1)
  })

  it('is refused as a whole where it cannot be read', async () => {
    expect(await send('lotus', interchange('I-2', order('B1', 'Y1')).replace('UNZ+1', 'UNZ+2'))).toMatchObject({ outcome: 'rejected' })
    const arrivals = await came('lotus-in', 2)
    expect(segmentsOf(arrivals.at(-1)?.body ?? '').filter((segment) => /^UC/.test(segment))).toEqual(['UCI+I-2+9520000001018:14+9520000002053:14+4+29'])
  })

  it('is not acknowledged where it does not ask, or the channel says never; an acknowledgement never is', async () => {
    await send('lotus', interchange('I-3', order('C1', 'Z1')).replace("I-3++++1'", "I-3'"))
    await send('quiet', interchange('I-4', order('C2', 'Z2')))
    await send('lotus', "UNB+UNOC:3+9520000001018:14+9520000002053:14+260401:0912+77++++1'UNH+1+CONTRL:D:3:UN'UCI+1+9520000002053:14+9520000001018:14+7'UNT+3+1'UNZ+1+77'")
    await send('polaris', 'ISA*00*          *00*          *01*112233445      *ZZ*POLARIS        *260401*0912*U*00401*000000417*1*P*>~GS*FA*112233445*POLARIS*20260401*0912*417*X*004010~ST*997*0001~AK1*PO*9999~AK9*A*1*1*1~SE*4*0001~GE*1*417~IEA*1*000000417~')
    // Nor one that cannot be read, in part or as a whole.
    const broken = (ends: string): string => `UNB+UNOC:3+9520000001018:14+9520000002053:14+260401:0912+78++++1'UNH+1+CONTRL:D:3:UN'UCI+1+9520000002053:14+9520000001018:14+7'${ends}'`
    for (const ends of ["UNT+9+1'UNZ+1+78", "UNT+3+1'UNZ+5+78", "UNT+3+1"]) expect(await send('lotus', broken(ends))).toMatchObject({ outcome: 'rejected' })
    await send('lotus', interchange('I-5', order('C3', 'Z3')))
    const arrivals = await came('lotus-in', 3)
    expect(arrivals.flatMap(({ body }) => segmentsOf(body).filter((segment) => segment.startsWith('UCI')))).toEqual(['UCI+I-1', 'UCI+I-2', 'UCI+I-5'].map((start) => expect.stringContaining(start) as unknown))
    expect([...await at('quiet-in'), ...await at('polaris-in')]).toEqual([])
  })

  it('of X12 is answered by a 997 for each group where the channel says so, and by a TA1 where ISA14 asks', async () => {
    expect(await send('polaris', x12.replace('*0*P*>', '*1*P*>'))).toMatchObject({ outcome: 'accepted' })
    const arrivals = await came('polaris-in', 2)
    const [ta1, functional] = arrivals.toSorted((a, b) => a.sequence - b.sequence).map(({ body }) => segmentsOf(body))
    expect(ta1?.slice(1)).toEqual(['TA1*000000815*260331*1405*A*000', 'IEA*0*000000001'])
    expect(functional?.slice(1)).toEqual([expect.stringMatching(/^GS\*FA\*POLARIS\*112233445\*\d{8}\*\d{4}\*2\*X\*004010$/), 'ST*997*0002', 'AK1*PO*815', 'AK2*850*0001', 'AK5*A', 'AK9*A*1*1*1', 'SE*6*0002', 'GE*1*2', 'IEA*1*000000002'])
    expect(functional?.[0]).toMatch(/^ISA\*00\* {10}\*00\* {10}\*ZZ\*POLARIS {8}\*01\*112233445 {6}\*\d{6}\*\d{4}\*U\*00401\*000000002\*0\*P\*>$/)
    expect(arrivals.map(({ type }) => type)).toEqual(['application/edi-x12', 'application/edi-x12'])
    const set = x12.slice(x12.indexOf('ST*'), x12.indexOf('GE*'))
    const second = set.replaceAll('*0001~', '*0002~').replace('PO-2026-0815', 'PO-2026-0816').replace('**20260331*', '**20260231*')
    expect(await send('polaris', x12.replace(set, `${set.replace('PO-2026-0815', 'PO-2026-0817')}${second}`).replace('GE*1*', 'GE*2*'))).toMatchObject({ outcome: 'partial' })
    const [, , mixed] = await came('polaris-in', 3)
    expect(segmentsOf(mixed?.body ?? '').filter((segment) => segment.startsWith('AK'))).toEqual(['AK1*PO*815', 'AK2*850*0001', 'AK5*A', 'AK2*850*0002', 'AK3*BEG*2**8', 'AK4*5**8*20260231', 'AK5*R*5', 'AK9*P*2*2*1'])
  })

  it('or a document of UBL on a channel that says always, is answered by an application response, and an application response by none', async () => {
    const sample = (name: string): Promise<string> => readFile(projectFolder('mappings', 'ubl', 'samples', `${name}.xml`), 'utf8')
    await hub.send('nordlicht', await sample('application-response'), { headers: { 'content-type': 'application/xml' } })
    expect((await hub.send('nordlicht', await sample('order'), { headers: { 'content-type': 'application/xml' } })).answer.outcome).toBe('accepted')
    await came('nordlicht-in', 1)
    await hub.json('GET', '/health/ready')
    const bodies = (await at('nordlicht-in')).map(({ body }) => body)
    expect(bodies).toEqual([expect.stringMatching(/<(\w+:)?ApplicationResponse[\s\S]*<cbc:ResponseCode>/) as unknown])
  })
})

describe('control numbers', () => {
  it('count up for each partner without a gap, stay the same on retry, and are what a CONTRL is matched by', async () => {
    const put = await hub.request('PUT', '/subscriptions/lotus', { body: JSON.stringify({ endpoint: 'lotus-in', kinds: ['order'], channels: ['orders'], expect: { understood: 'PT1H' } }), headers: { 'content-type': 'application/json' } })
    expect(put.status).toBe(200)
    const before = (await at('lotus-in')).length
    await receiver.control({ behaviours: [{ then: 'status 503', path: '/lotus-in', left: 3 }] })
    const parties = { buyer: { identifiers: [{ scheme: 'gln', value: '9520000001018' }] }, seller: { identifiers: [{ scheme: 'gln', value: '9520000002053' }] } }
    const line = { number: '1', item: { sellersNumber: 'A' }, quantity: { value: '1', unit: 'C62' } }
    const orders = ['P1', 'P2', 'P3', 'P4'].map((number) => ({ kind: 'order', number, function: 'original', issuedOn: '2026-04-01', parties, lines: [line] }))
    // Its text cannot be said in EDIFACT: it draws no number.
    const unsaid = { ...orders[0], number: 'P0', notes: [{ value: 'x'.repeat(5_000) }] }
    await hub.send('orders', JSON.stringify([unsaid, ...orders]), { headers: { 'content-type': 'application/json' } })
    const sent = await until(() => deliveriesTo('lotus-in'), (seen) => seen.filter(({ number, state }) => /^P[1-4]$/.test(number) && state === 'sent').length === 4)
    expect(sent.filter(({ number }) => number === 'P0')).toMatchObject([{ state: 'parked', controlNumber: null }])
    const numbers = sent.flatMap(({ controlNumber, state }) => (state === 'sent' ? [Number(controlNumber)] : [])).toSorted((a, b) => a - b)
    expect(numbers).toEqual(numbers.map((_number, index) => index + 1))
    const arrivals = (await at('lotus-in')).slice(before)
    expect(new Set(arrivals.map(({ id, body }) => `${id} ${/UNZ\+1\+(\d+)/.exec(body)?.[1] ?? ''}`)).size).toBe(4)
    expect(arrivals.length).toBe(7)
    expect(arrivals.every(({ body }) => /UNB\+.*\+\d+\+{4}1'/.test(body))).toBe(true)

    const [taken, refused] = sent.filter(({ number }) => number === 'P1' || number === 'P2').toSorted((a, b) => a.number.localeCompare(b.number))
    const report = (reference: string, number: string | undefined, rest: string): string =>
      `UNB+UNOC:3+9520000001018:14+9520000002053:14+260401:0912+${reference}'UNH+1+CONTRL:D:3:UN'UCI+${number ?? ''}+9520000002053:14+9520000001018:14+7'${rest}`
    await send('lotus', report('81', taken?.controlNumber, "UNT+3+1'UNZ+1+81'"))
    await send('lotus', report('82', refused?.controlNumber, `UCM+${refused?.controlNumber ?? ''}+ORDERS:D:96A:UN+4+12'UCS+7+13'UCS+8'UCD+37+3:1'UNT+7+1'UNZ+1+82'`))
    expect(await until(() => detailOf(taken?.id ?? ''), ({ understoodAt }) => understoodAt !== null)).toMatchObject({ rejected: false, answers: [{ stage: 'understood', rejected: false, reasons: [] }] })
    const no = await until(() => detailOf(refused?.id ?? ''), ({ rejected }) => rejected)
    expect(no.answers).toMatchObject([{ stage: 'understood', rejected: true, reasons: [expect.stringContaining('12 A value is invalid.') as unknown, expect.stringContaining('13 Something is missing. (segment 7)') as unknown, expect.stringContaining('(segment 8, element 3.1 Characters are of the wrong type.)') as unknown] }])
  })

  it('or the numbers of documents are what an APERAK, an 824 and a 999 are matched by, of the partner\'s own deliveries alone', async () => {
    for (const id of ['lotus', 'polaris']) await hub.request('PUT', `/subscriptions/${id}`, { body: JSON.stringify({ endpoint: `${id}-in`, kinds: ['order'], channels: ['orders'] }), headers: { 'content-type': 'application/json' } })
    const parties = { buyer: { identifiers: [{ scheme: 'gln', value: '9520000001018' }] }, seller: { identifiers: [{ scheme: 'gln', value: '9520000002053' }] } }
    const line = { number: '1', item: { sellersNumber: 'A' }, quantity: { value: '1', unit: 'C62' } }
    await hub.send('orders', JSON.stringify(['Q1', 'Q2', 'Q3', 'Q4'].map((number) => ({ kind: 'order', number, function: 'original', issuedOn: '2026-04-01', parties, lines: [line] }))), { headers: { 'content-type': 'application/json' } })
    const sentTo = async (id: string) => (await until(() => deliveriesTo(`${id}-in`), (seen) => seen.filter(({ number, state }) => /^Q\d$/.test(number) && state === 'sent').length === 4)).filter(({ number }) => /^Q\d$/.test(number))
    const of = (all: readonly Listed[], number: string): Listed => {
      const found = all.find((one) => one.number === number)
      if (found === undefined) throw new Error(`There is no delivery of ${number}.`)
      return found
    }
    const [edi, x] = [await sentTo('lotus'), await sentTo('polaris')]
    const aperak = (reference: string, rff: string, rest: string, count: number): string => `UNB+UNOC:3+9520000001018:14+9520000002053:14+260401:0912+${reference}'UNH+1+APERAK:D:96A:UN'BGM+305+AP-${reference}+9'DTM+137:20260402:102'RFF+${rff}'${rest}UNT+${count}+1'UNZ+1+${reference}'`
    await send('lotus', aperak('301', 'ON:Q1', "ERC+12'FTX+AAO+++No such price.'", 7))
    await send('lotus', aperak('302', `AGO:${of(edi, 'Q2').controlNumber}`, '', 5))
    // Of what went to another system it says nothing.
    await send('quiet', aperak('303', 'ON:Q3', "ERC+12'", 6))
    const isa = 'ISA*00*          *00*          *01*112233445      *ZZ*POLARIS        *260401*0912*U*00401*000000501*0*P*>~'
    const group = (type: string, body: readonly string[], kind: string): string => `${isa}GS*${type}*112233445*POLARIS*20260401*0912*501*X*004010~ST*${kind}*0001~${body.join('~')}~SE*${body.length + 2}*0001~GE*1*501~IEA*1*000000501~`
    await send('polaris', group('AG', ['BGN*00*ADV1*20260402', 'OTI*TR*PO*Q1*****815*0001*850', 'TED*848**PO1*5*4', 'OTI*TA*PO*Q2', `OTI*TA*TN*another*****${of(x, 'Q3').controlNumber}`], '824'))
    expect(await send('polaris', group('FA', [`AK1*PO*${of(x, 'Q4').controlNumber}`, `AK2*850*${of(x, 'Q4').controlNumber.padStart(4, '0')}`, 'IK3*BEG*2**8', 'IK4*5*373*8*20260231', 'IK5*R*I5', 'AK9*R*1*1*0'], '999'))).toMatchObject({ outcome: 'accepted' })
    const answered = (all: readonly Listed[], number: string, many = 1) => until(() => detailOf(of(all, number).id), ({ answers }) => answers.length >= many)
    expect(await answered(edi, 'Q1')).toMatchObject({ rejected: true, answers: [{ stage: 'understood', reasons: ['12 No such price.'] }] })
    expect(await answered(edi, 'Q2')).toMatchObject({ rejected: false, answers: [{ stage: 'understood', rejected: false }] })
    expect((await answered(x, 'Q1')).answers).toMatchObject([{ stage: 'understood', rejected: true, reasons: ['850 Q1 815: 848 The data is incorrect. (segment PO1, position 5, element 4)'] }])
    expect(await answered(x, 'Q2')).toMatchObject({ rejected: false, answers: [{ rejected: false }] })
    expect(await answered(x, 'Q3')).toMatchObject({ rejected: false, answers: [{ rejected: false }] })
    expect((await answered(x, 'Q4')).answers).toMatchObject([{ rejected: true, reasons: [expect.stringContaining('(segment BEG, position 2, element 5 The date is invalid. 20260231)') as unknown, expect.stringContaining('I5') as unknown] }])
    expect(await detailOf(of(edi, 'Q3').id)).toMatchObject({ rejected: false, answers: [] })
    const open = (await hub.json('GET', '/alerts?open=true') as { items: { kind: string, subject: string }[] }).items.filter(({ kind }) => kind === 'acknowledgement-unknown')
    expect(open).toEqual([])
  })

  it('that nobody has drawn are kept as a document and told of once; another partner\'s acknowledgement is of nothing', async () => {
    const report = (reference: string, number: string): string => `UNB+UNOC:3+1:14+2:14+260401:0912+${reference}'UNH+1+CONTRL:D:3:UN'UCI+${number}+2:14+1:14+4+18'UNT+3+1'UNZ+1+${reference}'`
    expect(await send('lotus', report('91', '4711'))).toMatchObject({ outcome: 'accepted', documents: [{ kind: 'application-response' }] })
    expect(await send('quiet', report('92', '4'))).toMatchObject({ outcome: 'accepted' })
    const alerts = async () => (await hub.json('GET', '/alerts?open=true') as { items: { kind: string, subject: string, detail: string }[] }).items.filter(({ kind }) => kind === 'acknowledgement-unknown')
    const open = await until(alerts, (seen) => seen.some(({ subject }) => subject === 'lotus') && seen.some(({ subject }) => subject === 'quiet'))
    expect(open.find(({ subject }) => subject === 'lotus')?.detail).toContain('4711')
    expect((await deliveriesTo('lotus-in')).filter(({ rejected }) => rejected)).toHaveLength(2)
  })
})
