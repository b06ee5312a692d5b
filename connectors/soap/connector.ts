import { problemReply } from '../../schemas/problem.js'
import type { Connector } from '../contract.js'
import { answerRequest, withWaysInOfSmall } from './answer-request.js'
import { soapOperations } from './operations.js'
import { soapAnswers, soapBodies, wsdlAnswers } from './route-answers.js'
import { describeService } from './service-description.js'
import { versionOfContentType } from './soap-version.js'
import { writeSoapFault } from './write-envelope.js'

const path = '/soap/v1'

/** SOAP 1.1 and 1.2 at `/soap/v1`, as schemas/wire/chainhub.wsdl describes it. */
export const connector: Connector = {
  name: 'soap',
  routes: (host) => {
    const deps = { operations: soapOperations(host), authenticate: host.authenticate, maxBodyBytes: host.maxBodyBytes }
    return [{
      method: 'GET',
      path,
      description: {
        operationId: 'getWsdl', summary: 'The WSDL of the SOAP service, and by `?xsd=` the schemas that it imports', tag: 'messages', secured: false,
        query: { type: 'object', properties: { wsdl: { type: 'string', examples: [''] }, xsd: { type: 'string', examples: ['chainhub.xsd'] } } },
        answers: wsdlAnswers,
      },
      handle: (request) => describeService(request, path),
      refuse: (failure, { requestId }) => problemReply(failure, requestId),
    }, {
      method: 'POST',
      path,
      description: {
        operationId: 'callSoap', summary: 'SubmitDocument, GetMessageStatus and Ping over SOAP 1.1 or 1.2', tag: 'messages', secured: true, openBytes: host.openBytes,
        bodies: soapBodies, answers: soapAnswers,
      },
      handle: (request) => answerRequest(deps, request),
      refuse: (failure, { headers }) => writeSoapFault(versionOfContentType(headers['content-type']), withWaysInOfSmall(failure)),
    }]
  },
}
