import { problemReply } from '../../schemas/problem.js'
import type { Connector } from '../contract.js'
import { answerRequest } from './answer-request.js'
import { soapOperations } from './operations.js'
import { describeService } from './service-description.js'
import { versionOfContentType } from './soap-version.js'
import { writeSoapFault } from './write-envelope.js'

const path = '/soap/v1'

/** SOAP 1.1 and 1.2 at `/soap/v1`, as schemas/wire/chainhub.wsdl describes it. */
export const connector: Connector = {
  name: 'soap',
  routes: (host) => {
    const operations = soapOperations(host)
    return [{
      method: 'GET',
      path,
      handle: (request) => describeService(request, path),
      refuse: (failure, { requestId }) => problemReply(failure, requestId),
    }, {
      method: 'POST',
      path,
      handle: (request) => answerRequest(operations, request, host.maxBodyBytes),
      refuse: (failure, { headers }) => writeSoapFault(versionOfContentType(headers['content-type']), failure),
    }]
  },
}
