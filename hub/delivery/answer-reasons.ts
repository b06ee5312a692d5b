import type { Line, TradeDocument } from '../../schemas/canonical/trade-document.js'
import { cutText } from '../../schemas/storable.js'

const most = 50
const mostCharacters = 500

type Response = NonNullable<Line['response']>

/** What a partner says in an answer beside yes and no, in sentences: of the whole, and of each part that it does not simply take. */
export const reasonsOf = ({ response, lines }: Pick<TradeDocument, 'response' | 'lines'>): readonly string[] => [
  ...(response === undefined ? [] : sentencesOf(response)),
  ...lines.flatMap(({ response: said, regards, number, references = [] }) => (said === undefined ? [] : sentencesOf(said).map((sentence) => `${[regards ?? `line ${number}`, ...references.map((one) => one.number)].join(' ')}: ${sentence}`))),
].slice(0, most).map((sentence) => cutText(sentence, mostCharacters))

const sentencesOf = ({ texts = [], reasons = [] }: Response): readonly string[] => [
  ...texts.map(({ value }) => value),
  ...reasons.map(({ code, texts: said = [], conditions = [] }) => {
    const places = conditions.map(({ name, values = [] }) => `${name} ${values.map(({ value }) => value).join(' ')}`.trim())
    return [[code, said.map(({ value }) => value).join(' ')].filter((part) => part !== undefined && part !== '').join(' '), ...(places.length === 0 ? [] : [`(${places.join(', ')})`])].join(' ').trim()
  }),
].filter((sentence) => sentence.trim() !== '')
