import { makeOrderNumbers } from './order-numbers.js'
import { benchOrder } from './order.js'

const head = '<?xml version="1.0" encoding="UTF-8"?>\n<Orders>\n'
const tail = '</Orders>\n'
const chunkOrders = 64

/** How many orders a batch of so many bytes has. */
export const ordersIn = (bytes: number): number => Math.floor(bytes / Buffer.byteLength(bareOrder('00000000000')))

const bareOrder = (number: string): string => `${benchOrder(number).replace(/^<\?xml[^>]*\?>\s*/, '')}\n`

/** The bytes of a batch of orders, made while they are read; the same ones for the same name and size. */
export const giantBatch = function* (name: string, orders: number): Generator<Buffer> {
  yield Buffer.from(head)
  const numbers = makeOrderNumbers(name)
  for (let made = 0; made < orders; made += chunkOrders) {
    yield Buffer.from(Array.from({ length: Math.min(chunkOrders, orders - made) }, () => bareOrder(numbers())).join(''))
  }
  yield Buffer.from(tail)
}
