import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { createClientAsync } from 'soap'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readJsonValue } from '../../../schemas/json-value.js'
import { projectFolder } from '../../../schemas/project-folder.js'
import { ok } from '../../../schemas/result.js'
import { readXml } from '../../../schemas/xml-reader.js'
import { fullAnswer, startConnectorServer, type ConnectorServer } from '../connector-server.js'

const run = promisify(execFile)
const python = '/usr/bin/python3'

let server: ConnectorServer
beforeAll(async () => {
  server = await startConnectorServer()
  server.answerWith(ok(fullAnswer))
})
afterAll(() => server.close())

const works = (program: string, args: readonly string[]): boolean => spawnSync(program, args, { stdio: 'ignore', timeout: 20_000 }).status === 0

/** The lines that a client printed, one a SOAP version. */
const linesOf = async (program: string, script: string): Promise<readonly unknown[]> => {
  const { stdout } = await run(program, [projectFolder('test', 'connectors', 'soap', script), `${server.url}/soap/v1`], { timeout: 50_000 })
  return stdout.trim().split('\n').map((line) => {
    const value = readJsonValue(line)
    return value.ok ? value.value : value
  })
}

const submitted = (): unknown => {
  const last = server.received.at(-1)
  const order = readXml(Buffer.from(last?.body ?? []).toString('utf8'))
  return last && order.ok && [last.channel, last.contentType, last.wait, order.value.namespace, order.value.name, order.value.children.map(({ text }) => text)]
}
const order = ['demo-soap', 'application/xml; charset=utf-8', { followers: ['crm'], timeoutMs: 100 }, 'urn:example:order', 'Order', ['000045']]

const readBy = (faultCode: string): unknown => ({
  ping: 'hé 订',
  same: true,
  fault: [faultCode, 'There is no such message.', 'not-found', 'messageId', 'There is no such message.'],
  answer: expect.objectContaining({
    messageId: fullAnswer.messageId,
    outcome: 'partial',
    journalSeq: '9007199254740991',
    passed: { crm: '42', warehouse: '41' },
    documents: [
      expect.objectContaining({ kind: 'order', number: '000045', threadIds: fullAnswer.documents[0]?.threadIds }),
      expect.objectContaining({ kind: 'invoice', number: '订单<7>&', revision: '12', duplicate: true }),
    ],
    parts: [expect.objectContaining({ part: '1', outcome: 'accepted' }), expect.objectContaining({ part: '2', outcome: 'rejected' })],
    errors: [{ code: 'total-mismatch', at: 'total', detail: 'A total "is" off by <0.01> & more.', severity: 'warning' }],
  }) as unknown,
})

test('zeep loads the WSDL, calls every operation in SOAP 1.1 and 1.2, and finds each answer valid against the XSD', async ({ skip }) => {
  if (!works(python, ['-c', 'import zeep'])) {
    console.warn(`SKIPPED: ${python} has no zeep (apt-get install python3-zeep)`)
    skip()
  }
  expect(await linesOf(python, 'zeep-client.py')).toEqual([readBy('soap:Client'), readBy('soap:Sender')])
  expect(submitted()).toEqual(order)
})

test('PHP loads the WSDL and calls every operation in SOAP 1.1 and 1.2, compressed', async ({ skip }) => {
  if (!works('php', ['-r', 'exit(class_exists("SoapClient") ? 0 : 1);'])) {
    console.warn('SKIPPED: there is no php with soap (apt-get install php-cli php-soap)')
    skip()
  }
  expect(await linesOf('php', 'php-client.php')).toEqual([readBy('soap:Client'), readBy('soap:Sender')])
  expect(submitted()).toEqual(order)
})

test.each([false, true])('node-soap loads the WSDL and calls every operation (SOAP 1.2: %s)', async (forceSoap12Headers) => {
  const client = await createClientAsync(`${server.url}/soap/v1?wsdl`, { forceSoap12Headers })
  client.addHttpHeader('Authorization', 'Bearer secret')
  const callOf = async (operation: string, args: unknown): Promise<unknown> => {
    const method: unknown = client[`${operation}Async`]
    if (typeof method !== 'function') throw new Error(`the WSDL gave no ${operation}`)
    const answer: unknown = await Reflect.apply(method, client, [args])
    return Array.isArray(answer) ? answer[0] as unknown : answer
  }
  expect(await callOf('Ping', { message: 'hé 订' })).toEqual({ message: 'hé 订' })
  const given = { channel: 'demo-soap', wait: 'crm', timeoutMs: 100, document: { $xml: '<Order xmlns="urn:example:order"><ID>000045</ID></Order>' } }
  const answer = await callOf('SubmitDocument', given)
  expect(answer).toMatchObject({ messageId: fullAnswer.messageId, outcome: 'partial', passed: { crm: 42, warehouse: 41 }, documents: [{ number: '000045' }, { number: '订单<7>&' }] })
  expect(submitted()).toEqual(order)
  expect(await callOf('GetMessageStatus', { messageId: fullAnswer.messageId })).toEqual(answer)
  await expect(callOf('GetMessageStatus', { messageId: 'none' })).rejects.toMatchObject({
    message: expect.stringContaining('There is no such message.') as unknown,
    root: { Envelope: { Body: { Fault: { [forceSoap12Headers ? 'Detail' : 'detail']: { fault: { code: 'not-found', at: 'messageId' } } } } } },
  })
})
