import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { listen } from 'soap'

/** The rival of the SOAP benchmark: node-soap serving the hub's own WSDL, its Ping answering what it was given. Run as a process of its own with the WSDL's file; prints its port. */
const file = process.argv[2]
if (file === undefined) throw new Error('Usage: node-soap-server.js WSDL')
const operations = { Ping: ({ message }: { readonly message?: string }): { readonly message: string | undefined } => ({ message }) }
const server = createServer((_request, response) => response.writeHead(404).end())
const sayReady = (): void => {
  const address = server.address()
  console.log(`ready ${typeof address === 'object' && address !== null ? address.port : 0}`)
}
server.listen(0, '127.0.0.1', () => {
  listen(server, {
    path: '/soap/v1',
    services: { Chainhub: { ChainhubSoap11: operations, ChainhubSoap12: operations } },
    xml: readFileSync(file, 'utf8'),
    uri: file,
    callback: (error: unknown) => {
      if (error instanceof Error) throw error
      sayReady()
    },
  })
})
process.on('SIGTERM', () => { process.exit(0) })
