// node-soap. The settings and the lines that it prints are those of run-toolkit.ts.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BearerSecurity, createClientAsync } from 'soap'

const { HUB_URL, HUB_KEY, SOAP_VERSION, FOLDER, ORDER_KEY, BATCH } = process.env
const wsdl = `${HUB_URL}/soap/v1?wsdl`
const options = { forceSoap12Headers: SOAP_VERSION === '1.2' }
const hub = await createClientAsync(wsdl, options)
hub.setSecurity(new BearerSecurity(HUB_KEY))
const stranger = await createClientAsync(wsdl, options)

const given = (name) => readFile(join(FOLDER, name), 'utf8')

// `$xml` is written as it is.
const document = async (name) => ({ $xml: (await given(name)).replace(/^<\?xml.*?\?>/, '') })

const tell = (operation, test, value, path = '') => {
  if (Array.isArray(value)) value.forEach((item, index) => { tell(operation, test, item, `${path}[${index}]`) })
  else if (typeof value === 'object' && value !== null) Object.entries(value).forEach(([name, item]) => { tell(operation, test, item, path === '' ? name : `${path}.${name}`) })
  else console.log([operation, test, path, String(value).replaceAll('\\', '\\\\').replaceAll('\n', '\\n')].join('\t'))
}

const tellFault = async (operation, test, call) => {
  const error = await call().catch((found) => found)
  const fault = error.root.Envelope.Body.Fault
  const { code, at, detail } = (fault.Detail ?? fault.detail).fault
  tell(operation, test, { fault: fault.Code?.Value ?? fault.faultcode, text: fault.Reason?.Text.$value ?? fault.faultstring, code, at, detail })
}

tell('Ping', 'answer', (await hub.PingAsync({ message: await given('message.txt') }))[0])
await tellFault('Ping', 'fault', () => hub.PingAsync({ message: 'x'.repeat(10_001) }))

const order = { channel: 'demo-soap', idempotencyKey: ORDER_KEY, wait: 'crm,warehouse', timeoutMs: 20_000, document: await document('order.xml') }
const [answer] = await hub.SubmitDocumentAsync(order)
tell('SubmitDocument', 'answer', answer)
tell('SubmitDocument', 'again', (await hub.SubmitDocumentAsync(order))[0])
tell('SubmitDocument', 'rejected', (await hub.SubmitDocumentAsync({ channel: 'demo-soap', document: await document('rejected.xml') }))[0])
tell('SubmitDocument', 'text', (await hub.SubmitDocumentAsync({ channel: 'demo-soap', document: await given('order.json') }))[0])
await tellFault('SubmitDocument', 'fault', () => stranger.SubmitDocumentAsync(order))

tell('GetMessageStatus', 'answer', (await hub.GetMessageStatusAsync({ messageId: answer.messageId }))[0])
tell('GetMessageStatus', 'parts', (await hub.GetMessageStatusAsync({ messageId: BATCH }))[0])
await tellFault('GetMessageStatus', 'fault', () => hub.GetMessageStatusAsync({ messageId: 'none' }))

const envelope = options.forceSoap12Headers ? 'http://www.w3.org/2003/05/soap-envelope' : 'http://schemas.xmlsoap.org/soap/envelope/'
hub.addSoapHeader(`<t:Transaction xmlns:t="urn:example:headers" xmlns:e="${envelope}" e:mustUnderstand="1">5</t:Transaction>`)
await tellFault('Ping', 'must understand', () => hub.PingAsync({}))
