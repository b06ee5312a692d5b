import { expect, test } from 'vitest'
import { chooseMediaType } from '../../../connectors/http/choose-media-type.js'

const offers = ['application/json', 'application/xml', 'text/xml'] as const

test.each<[string | undefined, string, string]>([
  [undefined, 'application/json', 'no header'],
  ['*/*', 'application/json', 'anything'],
  ['application/xml', 'application/xml', 'XML alone'],
  ['text/xml', 'text/xml', 'the older name of XML'],
  ['application/xml;q=0.5, application/json;q=0.9', 'application/json', 'both, JSON preferred'],
  ['application/xml;q=0.9, application/json;q=0.5', 'application/xml', 'both, XML preferred'],
  ['application/xml, application/json', 'application/json', 'both alike'],
  ['application/json;q=0, */*', 'application/xml', 'anything but JSON'],
  ['*/*;q=0.1, Application/XML ; Q=0.2', 'application/xml', 'capitals and spaces'],
  ['text/*', 'text/xml', 'a range of subtypes'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/xml', 'a browser'],
  ['image/png', 'application/json', 'nothing that there is'],
  ['application/xml;q=0', 'application/json', 'XML refused'],
])('Accept: %s gives %s (%s)', (accept, expected) => {
  expect(chooseMediaType(accept, offers)).toBe(expected)
})
