import { isRefusal, readDisposition } from '../../schemas/disposition-notification.js'
import type { Converter, MapFunctions } from '../engine/converter.js'

const mode = 'automatic-action/MDN-sent-automatically; '

/** Whether the message was taken, with the words beside a plain `processed`. */
const disposition: Converter = {
  takes: {},
  read: (text, _node, report) => {
    const said = readDisposition(text)
    if (said.type === '') return report('value-invalid', `'${text.slice(0, 80)}' is no disposition; write it like ${mode}processed.`)
    return [isRefusal(said) ? 'rejected' : 'acknowledged', said.type === 'processed' && said.modifier === '' ? undefined : `${said.type}${said.modifier === '' ? '' : `/${said.modifier}`}`]
  },
  write: (value) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    const [code, words] = values
    return { text: mode + (typeof words === 'string' ? words : code === 'rejected' ? 'failed' : 'processed') }
  },
}

export const functions = { converters: { disposition } } satisfies MapFunctions
