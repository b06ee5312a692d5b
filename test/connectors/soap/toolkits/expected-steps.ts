import type { Expected } from './differences.js'
import { pingMessage } from './given-files.js'
import type { ClientRun, Told } from './run-toolkit.js'
import type { SoapVersionName, Toolkit } from './toolkits.js'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const digits = /^[1-9][0-9]*$/

/** What each step of a client has to tell, where its order had this number and the message of two parts got that answer. */
export const expectedSteps = (toolkit: Toolkit, version: SoapVersionName, run: ClientRun, number: string, batch: Told): ReadonlyMap<string, Expected> => {
  const sender = version === '1.1' ? 'Client' : 'Sender'
  const fault = (faultCode: string, code: string, at: string, detail: RegExp): Expected =>
    ({ code, at, detail, text: detail, ...(toolkit.hidesFaultCode === true ? {} : { fault: new RegExp(`(^|[:}])${faultCode}$`) }) })
  const passed = { 'passed.crm': digits, 'passed.warehouse': digits }
  const stored = Object.fromEntries(Object.entries(run.steps.get('SubmitDocument answer') ?? {}).filter(([path]) => !path.startsWith('passed.')))
  return new Map<string, Expected>([
    ['Ping answer', { message: pingMessage }],
    ['Ping fault', fault(sender, 'request-invalid', 'Ping.message', /^"x{79}… is not valid here/)],
    ['Ping must understand', fault('MustUnderstand', 'soap-must-understand', 'Envelope.Header.Transaction', /^The header \{urn:example:headers\}Transaction is not understood/)],
    ['Ping wrong namespace', fault(sender, 'soap-operation-unknown', 'Envelope.Body', /^The body holds \{urn:wrong\}Ping/)],
    ['SubmitDocument answer', { ...accepted(number), ...passed }],
    ['SubmitDocument again', { ...stored, outcome: 'duplicate', ...passed }],
    ['SubmitDocument rejected', rejected],
    ['SubmitDocument text', accepted(`W${number}`)],
    ['SubmitDocument fault', fault(sender, 'credentials-missing', 'Authorization', /^Send the header/)],
    ['GetMessageStatus answer', stored],
    ['GetMessageStatus parts', batch],
    ['GetMessageStatus fault', fault(sender, 'not-found', 'messageId', /^There is no message 'none'/)],
  ])
}

/** A day that is none and an amount that is no number. */
const rejected: Expected = {
  messageId: uuid,
  outcome: 'rejected',
  'errors[0].code': 'value-invalid',
  'errors[0].at': /^[0-9]+:[0-9]+ cbc:IssueDate$/,
  'errors[0].detail': /^'2026-02-30' is not a date/,
  'errors[1].code': 'value-invalid',
  'errors[1].at': /\/cbc:PayableAmount$/,
  'errors[1].detail': /^'十' is not a decimal number/,
}

const accepted = (number: string): Expected => ({
  messageId: uuid,
  outcome: 'accepted',
  journalSeq: digits,
  'documents[0].kind': 'order',
  'documents[0].id': uuid,
  'documents[0].number': number,
  'documents[0].revision': '1',
  'documents[0].threadIds[0]': uuid,
})
