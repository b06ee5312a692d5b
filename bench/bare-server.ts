import fastify from 'fastify'
import { XMLParser } from 'fast-xml-parser'
import pg from 'pg'

/**
 * The rival: what one writes in an afternoon. fastify, an XML parser, one insert of a row with the raw text, an answer. No idempotency, no mapping, no
 * validation against a model, no journal. Run as a process of its own with a PostgreSQL URL; prints its port.
 */
const url = process.argv[2]
if (url === undefined) throw new Error('Usage: bare-server.js URL')
const pool = new pg.Pool({ connectionString: url, max: 16 })
await pool.query('create table if not exists bare_order (id bigserial primary key, number text, body jsonb, raw text, received_at timestamptz default now())')
const parser = new XMLParser({ ignoreAttributes: false, removeNSPrefix: true, parseTagValue: false, parseAttributeValue: false })
const app = fastify({ bodyLimit: 10_000_000 })
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => { done(null, body) })
app.post('/in', async (request) => {
  const xml = String(request.body)
  const { Order: order } = parser.parse(xml) as { readonly Order: { readonly ID: string } }
  await pool.query('insert into bare_order (number, body, raw) values ($1, $2, $3)', [order.ID, JSON.stringify(order), xml])
  return { accepted: order.ID }
})
await app.listen({ host: '127.0.0.1', port: 0 })
const address = app.server.address()
console.log(`ready ${typeof address === 'object' && address !== null ? address.port : 0}`)
process.on('SIGTERM', () => { process.exit(0) })
