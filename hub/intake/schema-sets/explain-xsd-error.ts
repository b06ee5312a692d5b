import { listed, shownValue, type Fix } from './finding.js'

/** What a message of libxml2's schema validation says. */
interface ExplainedError {
  /** The clause of XML Schema 1.0, appendix C. */
  readonly rule: string
  readonly attribute: string | undefined
  readonly detail: string
  readonly fix: Fix
}

interface Kind {
  readonly rule: string
  readonly matches: RegExp
  /** `name` is the element's or attribute's, without its namespace; the groups are those of the expression. */
  readonly fix: (name: string, groups: readonly string[]) => Fix
}

const subject = /^Element '(?:\{[^}]*\})?([^']*)'(?:, attribute '(?:\{[^}]*\})?([^']*)')?: /

/** Tells libxml2's message (xmlschemas.c) as a clause, a sentence without namespaces and what to do. A message of a kind not known here is told as it is. */
export const explainXsdError = (message: string): ExplainedError => {
  const text = message.trim()
  const found = subject.exec(text)
  const [element = '', attribute] = found?.slice(1) ?? []
  const said = found === null ? text : text.slice(found[0].length)
  const detail = `${found === null ? '' : `${attribute === undefined ? `Element ${element}` : `Attribute ${attribute} of ${element}`}: `}${cut(said.replaceAll(/\{[^}\s]*\}/g, ''))}`
  for (const { rule, matches, fix } of kinds) {
    const match = matches.exec(said)
    if (match !== null) return { rule, attribute: attribute ?? attributeIn(match), detail, fix: fix(attribute ?? element, match.slice(1)) }
  }
  return { rule: 'cvc', attribute, detail, fix: { en: `Correct "${attribute ?? element}" as the schema says.`, zh: `请按模式的规定更正“${attribute ?? element}”。` } }
}

const attributeIn = (match: RegExpExecArray): string | undefined => match.groups?.['attribute']?.replace(/^\{[^}]*\}/, '')

const mostDetail = 600

const cut = (text: string): string => (text.length <= mostDetail ? text : `${text.slice(0, mostDetail)}…`)

/** `{ns}a, {ns}b` as names. */
const namesIn = (list: string): readonly string[] => list.split(', ').map((name) => name.trim().replace(/^\{[^}]*\}/, '')).filter((name) => name !== '')

/** What the name of an element promises, for a value whose type libxml2 does not name. */
const byName: readonly (readonly [RegExp, Fix])[] = [
  [/(DateTime|Timestamp)$/i, { en: ' Write date and time like 2026-03-31T14:30:00.', zh: '日期时间请写成 2026-03-31T14:30:00 的形式。' }],
  [/Date$|^date$|日期$/, { en: ' Write a day of the calendar like 2026-03-31.', zh: '日期请写成 2026-03-31 的形式，并且必须是实际存在的日子。' }],
  [/Time$|^time$/, { en: ' Write a time like 14:30:00.', zh: '时间请写成 14:30:00 的形式。' }],
  [/(Amount|Quantity|Price|Percent|Rate|Numeric|Measure|Value)$/i, { en: ' Write a number with a decimal point and nothing else, like 1234.50.', zh: '请只填数字，小数点用“.”，例如 1234.50，不要带千位分隔符或货币符号。' }],
  [/Indicator$/i, { en: ' Write true or false.', zh: '请填 true 或 false。' }],
]

const byType: Readonly<Record<string, Fix>> = {
  'xs:date': byName[1]?.[1] ?? { en: '', zh: '' },
  'xs:dateTime': byName[0]?.[1] ?? { en: '', zh: '' },
  'xs:time': byName[2]?.[1] ?? { en: '', zh: '' },
  'xs:decimal': byName[3]?.[1] ?? { en: '', zh: '' },
  'xs:double': byName[3]?.[1] ?? { en: '', zh: '' },
  'xs:float': byName[3]?.[1] ?? { en: '', zh: '' },
  'xs:boolean': byName[4]?.[1] ?? { en: '', zh: '' },
  'xs:integer': { en: ' Write a whole number like 12.', zh: '请填整数，例如 12。' },
  'xs:int': { en: ' Write a whole number like 12.', zh: '请填整数，例如 12。' },
  'xs:long': { en: ' Write a whole number like 12.', zh: '请填整数，例如 12。' },
  'xs:positiveInteger': { en: ' Write a whole number from 1.', zh: '请填大于等于 1 的整数。' },
  'xs:nonNegativeInteger': { en: ' Write a whole number from 0.', zh: '请填大于等于 0 的整数。' },
  'xs:base64Binary': { en: ' Write the content in Base64.', zh: '请填 Base64 编码的内容。' },
  'xs:anyURI': { en: ' Write an address like https://example.com/a.', zh: '请填网址，例如 https://example.com/a。' },
  'xs:language': { en: ' Write a language like en or zh-CN.', zh: '请填语言代码，例如 en 或 zh-CN。' },
  'xs:ID': { en: ' Begin with a letter, and use each id once in the document.', zh: '须以字母开头，且在文档中不得重复。' },
}

const formOf = (type: string | undefined, name: string): Fix =>
  (type === undefined ? undefined : byType[type]) ?? byName.find(([pattern]) => pattern.test(name))?.[1] ?? { en: ' Look up in the schema which form it has.', zh: '请按模式中规定的格式填写。' }

const oneValue = (value: string): Fix => ({ en: value === '' ? 'is empty and' : `has the value "${shownValue(value)}", which`, zh: value === '' ? '为空，' : `的值“${shownValue(value)}”` })

const valueFix = (rest: Fix) => (name: string, groups: readonly string[]): Fix => {
  const value = oneValue(groups[0] ?? '')
  const fill = (text: string): string => text.replace('$2', shownValue(groups[1] ?? ''))
  return { en: `"${name}" ${value.en} ${fill(rest.en)}`, zh: `“${name}”${value.zh}${fill(rest.zh)}` }
}

const lengthFix = (en: string, zh: string) => (name: string, groups: readonly string[]): Fix =>
  ({ en: `"${name}" has ${groups[0] ?? ''} characters; ${en.replace('$2', groups[1] ?? '')}`, zh: `“${name}”有 ${groups[0] ?? ''} 个字符，${zh.replace('$2', groups[1] ?? '')}` })

const expectedFix = (name: string, groups: readonly string[]): Fix => {
  const names = namesIn(groups[0] ?? '')
  const others = listed(names)
  const one = names.length === 1
  return {
    en: `"${name}" stands where ${one ? `${others.en} is expected` : `one of ${others.en} is expected`}. Put in what is missing, or move or remove "${name}".`,
    zh: `此处应为${others.zh}${one ? '' : '之一'}，却出现了“${name}”。请补上缺少的内容，或调整、删除“${name}”。`,
  }
}

const same = (en: string, zh: string) => (name: string): Fix => ({ en: en.replaceAll('$0', name), zh: zh.replaceAll('$0', name) })

const kinds: readonly Kind[] = [
  { rule: 'cvc-enumeration-valid', matches: /\[facet 'enumeration'\] The value '([^]*)' is not an element of the set \{([^]*)\}\.$/, fix: (name, [value = '', set = '']) => {
    const values = listed(set.split("', '").map((one) => one.replace(/^'|'$/g, '')))
    return { en: `"${name}" ${oneValue(value).en} is not in the list. Write one of ${values.en}.`, zh: `“${name}”${oneValue(value).zh}不在允许的范围内，请填${values.zh}之一。` }
  } },
  { rule: 'cvc-pattern-valid', matches: /\[facet 'pattern'\] The value '([^]*)' is not accepted by the pattern '([^]*)'\.$/, fix: valueFix({ en: 'does not have the form that is asked for: $2.', zh: '不符合规定的格式：$2。' }) },
  { rule: 'cvc-minLength-valid', matches: /\[facet 'minLength'\] .*has a length of '(\d+)'; this underruns the allowed minimum length of '(\d+)'/s, fix: lengthFix('write at least $2.', '至少要有 $2 个。') },
  { rule: 'cvc-maxLength-valid', matches: /\[facet 'maxLength'\] .*has a length of '(\d+)'; this exceeds the allowed maximum length of '(\d+)'/s, fix: lengthFix('write at most $2.', '最多只能有 $2 个，请缩短。') },
  { rule: 'cvc-length-valid', matches: /\[facet 'length'\] .*has a length of '(\d+)'; this differs from the allowed length of '(\d+)'/s, fix: lengthFix('write exactly $2.', '必须正好是 $2 个。') },
  { rule: 'cvc-minInclusive-valid', matches: /\[facet 'minInclusive'\] The value '([^]*)' is less than the minimum value allowed \('([^']*)'\)/, fix: valueFix({ en: 'is too small: $2 is the least.', zh: '太小，最小为 $2。' }) },
  { rule: 'cvc-maxInclusive-valid', matches: /\[facet 'maxInclusive'\] The value '([^]*)' is greater than the maximum value allowed \('([^']*)'\)/, fix: valueFix({ en: 'is too large: $2 is the most.', zh: '太大，最大为 $2。' }) },
  { rule: 'cvc-minExclusive-valid', matches: /\[facet 'minExclusive'\] The value '([^]*)' must be greater than '([^']*)'/, fix: valueFix({ en: 'must be greater than $2.', zh: '必须大于 $2。' }) },
  { rule: 'cvc-maxExclusive-valid', matches: /\[facet 'maxExclusive'\] The value '([^]*)' must be less than '([^']*)'/, fix: valueFix({ en: 'must be less than $2.', zh: '必须小于 $2。' }) },
  { rule: 'cvc-totalDigits-valid', matches: /\[facet 'totalDigits'\] The value '([^]*)' has more digits than are allowed \('([^']*)'\)/, fix: valueFix({ en: 'has too many digits: $2 are allowed.', zh: '的位数过多，最多 $2 位数字。' }) },
  { rule: 'cvc-fractionDigits-valid', matches: /\[facet 'fractionDigits'\] The value '([^]*)' has more fractional digits than are allowed \('([^']*)'\)/, fix: valueFix({ en: 'has too many digits behind the point: $2 are allowed.', zh: '的小数位过多，最多 $2 位小数。' }) },
  { rule: 'cvc-datatype-valid', matches: /^'([^]*)' is not a valid value of the (?:local )?(?:atomic|list|union) type(?: '(?:\{[^}]*\})?([^']*)')?\.$/, fix: (name, [value = '', type]) => {
    const form = formOf(type, name)
    return { en: `"${name}" ${oneValue(value).en} is not valid here.${form.en}`, zh: `“${name}”${oneValue(value).zh}不正确。${form.zh}` }
  } },
  { rule: 'cvc-complex-type.2.4.b', matches: /^Missing child element\(s\)\. Expected is (?:one of )?\( ([^]*) \)\.$/, fix: (name, [list = '']) => {
    const names = listed(namesIn(list))
    return { en: `"${name}" is incomplete: put in ${namesIn(list).length > 1 ? 'one of ' : ''}${names.en}.`, zh: `“${name}”的内容不完整，还缺少${names.zh}${namesIn(list).length > 1 ? '之一' : ''}，请补上。` }
  } },
  { rule: 'cvc-complex-type.2.4.a', matches: /^This element is not expected\. Expected is (?:one of )?\( ([^]*) \)\.$/, fix: expectedFix },
  { rule: 'cvc-complex-type.2.4.d', matches: /^This element is not expected\.$/, fix: same('"$0" may not stand here any more, or stands too often. Remove it or move it to its place.', '此处不应再出现“$0”（多余、重复或位置不对），请删除或移到正确的位置。') },
  { rule: 'cvc-complex-type.2.4.c', matches: /^No matching global element declaration available, but demanded by the strict wildcard/, fix: same('The schema does not know "$0". Remove it, or register the schema that declares it.', '模式中没有定义“$0”，请删除，或登记定义它的模式。') },
  { rule: 'cvc-elt.1', matches: /^No matching global declaration available for the validation root/, fix: same('The schema has no document "$0". Check name and namespace.', '模式中没有名为“$0”的文档，请检查名称和命名空间。') },
  { rule: 'cvc-complex-type.4', matches: /^The attribute '(?<attribute>[^']*)' is required but missing\.$/, fix: (name, [attribute = '']) => {
    const own = attribute.replace(/^\{[^}]*\}/, '')
    return { en: `"${name}" needs the attribute "${own}". Put it in.`, zh: `“${name}”缺少必填属性“${own}”，请补上。` }
  } },
  { rule: 'cvc-complex-type.3.2', matches: /^The attribute '[^']*' is not allowed\.$/, fix: same('The attribute "$0" is not allowed here. Remove it.', '此处不允许使用属性“$0”，请删除。') },
  { rule: 'cvc-complex-type.3.2', matches: /^No matching (?:global )?attribute declaration available, but demanded by the strict wildcard/, fix: same('The attribute "$0" is not known here. Remove it.', '模式中没有定义属性“$0”，请删除。') },
  { rule: 'cvc-complex-type.2.1', matches: /^Character content is not allowed, because the (?:content type|type definition) is empty|content is not allowed, because the content type is empty/, fix: same('"$0" must be empty. Remove what stands in it.', '“$0”必须为空，请删除其中的内容。') },
  { rule: 'cvc-complex-type.2.3', matches: /^Character content other than whitespace is not allowed because the content type is 'element-only'/, fix: same('"$0" holds elements and no text of its own. Remove the text between them.', '“$0”中只能包含子元素，请删除元素之间的文字。') },
  { rule: 'cvc-type.3.1.2', matches: /^Element content is not allowed, because (?:the type definition is simple|the content type is a simple type definition)/, fix: same('"$0" holds a value and no elements. Write the value alone.', '“$0”中只能填写值，不能包含子元素。') },
  { rule: 'cvc-fixed-valid', matches: /value '([^']*)' does not match the fixed value constraint '([^']*)'/, fix: valueFix({ en: 'is not the fixed value. Write "$2".', zh: '不正确，此处固定为“$2”。' }) },
  { rule: 'cvc-elt.3', matches: /^The element is not 'nillable'|because the element was 'nilled'/, fix: same('"$0" is marked as empty by xsi:nil, which the schema does not allow so. Write the value or leave the element out.', '“$0”用 xsi:nil 标记为空值，但模式不允许。请填写内容或删除该元素。') },
  { rule: 'cvc-abstract', matches: /is abstract\.?$/, fix: same('"$0" only stands for others. Use one of those that the schema names for it.', '“$0”是抽象的，不能直接使用，请改用模式中可以替代它的元素或类型。') },
  { rule: 'cvc-elt.4', matches: /xsi:type|is not validly derived|cannot be validly substituted/, fix: same('The type that "$0" names in xsi:type does not fit. Correct or remove it.', '“$0”的 xsi:type 所指定的类型不合适，请更正或删除。') },
  { rule: 'cvc-identity-constraint.4.3', matches: /^No match found for key-sequence \[([^]*)\] of keyref '(?:\{[^}]*\})?([^']*)'/, fix: (name, [key = '']) => ({ en: `"${name}" refers to ${shownValue(key)}, which does not occur in the document. Correct the reference.`, zh: `“${name}”引用了 ${shownValue(key)}，但文档中没有对应的条目，请更正。` }) },
  { rule: 'cvc-identity-constraint.4', matches: /^Duplicate key-sequence \[([^]*)\] in/, fix: (name, [key = '']) => ({ en: `"${name}" has ${shownValue(key)} a second time. Give each its own.`, zh: `“${name}”的 ${shownValue(key)} 重复了，每一项必须唯一。` }) },
  { rule: 'cvc-identity-constraint.4.2.1', matches: /^Not all fields of (?:key|unique) identity-constraint/, fix: same('"$0" lacks a value that must tell it from the others. Put it in.', '“$0”缺少用于区分的必填值，请补上。') },
]
