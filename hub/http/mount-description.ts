import type { IncomingMessage, ServerResponse } from 'node:http'
import fastify, { type FastifyInstance } from 'fastify'
import { lazily } from '../../schemas/lazily.js'
import { problemReply } from '../../schemas/problem.js'
import { fail } from '../../schemas/result.js'
import { describeApi, type ApiDescription, type Described } from './describe-api.js'
import type { ServedPath } from './served-paths.js'

export const descriptionPaths: readonly ServedPath[] = [{ method: 'GET', path: '/openapi.json' }, { method: 'GET', path: '/docs' }, { method: 'GET', path: '/docs/*' }]

/** Serves /openapi.json and its pages under /docs, which are made when they are first asked for: a start is not to wait for them. */
export const mountDescription = (app: FastifyInstance, described: Described): void => {
  const description = lazily(() => describeApi(described))
  const written = lazily(() => ({ text: JSON.stringify(description()) }))
  const pages = lazily(() => makePages(description()))
  app.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(written().text))
  for (const path of ['/docs', '/docs/*']) {
    app.get(path, async (request, reply) => {
      const answer = await pages()
      reply.hijack()
      answer(request.raw, reply.raw)
    })
  }
}

const logo = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="32"><text x="0" y="23" font-family="system-ui, sans-serif" font-size="22" font-weight="600" fill="#fff">Chainhub</text></svg>'

/** A server of its own without a port, since fastify takes no plugins once it listens. */
const makePages = async (document: ApiDescription): Promise<(request: IncomingMessage, response: ServerResponse) => void> => {
  const [{ default: swagger }, { default: swaggerUi }] = await Promise.all([import('@fastify/swagger'), import('@fastify/swagger-ui')])
  const pages = fastify({ logger: false })
  pages.setNotFoundHandler((request, reply) => {
    const { status, headers, body } = problemReply(fail('not-found', request.url.split('?', 1)[0] ?? '', 'There is no such page of the description; it begins at /docs.'), request.id)
    return reply.code(status).headers(headers).send(body)
  })
  await pages.register(swagger, { mode: 'static', specification: { document } })
  await pages.register(swaggerUi, { routePrefix: '/docs', logo: { type: 'image/svg+xml', content: Buffer.from(logo) }, theme: { title: 'Chainhub API' } })
  await pages.ready()
  return (request, response) => { pages.routing(request, response) }
}
