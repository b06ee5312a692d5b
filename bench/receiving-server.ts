import { createServer } from 'node:http'

/** A partner who takes whatever comes and answers at once. */
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => { response.writeHead(200, { 'content-type': 'application/json' }).end('{"taken":true}') })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(`ready ${typeof address === 'object' && address !== null ? address.port : 0}`)
})
