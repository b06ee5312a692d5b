import type { Result } from '../../schemas/result.js'
import type { PartnerFault, Payload } from '../contract.js'
import type { FetchedDocument } from './load-documents.js'
import type { SoapVersionName } from './service-model.js'
import type { FlatNode } from './tree-batches.js'

/** Which operation is meant; what is undefined is left open. */
export interface OperationChoice {
  readonly operation: string
  readonly service: string | undefined
  readonly port: string | undefined
  readonly version: SoapVersionName | undefined
}

/** A WS-Security UsernameToken (OASIS, 1.0): the password as a digest of nonce, time and password, or as text. */
export interface UsernameToken {
  readonly username: string
  readonly password: string
  readonly passwordType: 'digest' | 'text'
}

/** What the worker is asked to do. */
export type CageRequest =
  | { readonly kind: 'load', readonly address: string }
  | { readonly kind: 'list' }
  | { readonly kind: 'template', readonly choice: OperationChoice }
  | { readonly kind: 'compose', readonly choice: OperationChoice, readonly payload: Payload | undefined, readonly soapHeaders: Payload | undefined, readonly usernameToken: UsernameToken | undefined }
  | { readonly kind: 'read', readonly choice: OperationChoice, readonly bytes: Uint8Array, readonly contentType: string }
  | { readonly kind: 'more', readonly tree: number }

/** One operation as a person or a program lists them. */
export interface ListedOperation {
  readonly service: string
  readonly port: string
  readonly name: string
  readonly version: SoapVersionName
  readonly soapAction: string
  readonly endpoint: string | undefined
  readonly oneWay: boolean
  readonly documentation: string
  readonly obstacle: string | undefined
}

export interface ComposedRequest {
  readonly envelope: string
  readonly endpoint: string | undefined
  readonly soapAction: string
  readonly version: SoapVersionName
  readonly oneWay: boolean
}

/** What an envelope held: a fault, or a tree, the rest of which is asked for batch by batch. */
export type ReadAnswer =
  | { readonly kind: 'fault', readonly fault: PartnerFault }
  | { readonly kind: 'empty' }
  | { readonly kind: 'tree', readonly tree: number, readonly batch: TreeBatch }

export interface TreeBatch {
  readonly nodes: readonly FlatNode[]
  readonly last: boolean
}

/** What each request is answered with. */
export interface CageAnswers {
  readonly load: { readonly documents: number, readonly bytes: number }
  readonly list: readonly ListedOperation[]
  readonly template: string
  readonly compose: ComposedRequest
  readonly read: ReadAnswer
  readonly more: TreeBatch
}

export type ToWorker =
  | { readonly type: 'request', readonly id: number, readonly request: CageRequest }
  | { readonly type: 'fetched', readonly id: number, readonly result: Result<FetchedDocument> }

export type FromWorker =
  | { readonly type: 'answer', readonly id: number, readonly result: Result<unknown> }
  | { readonly type: 'fetch', readonly id: number, readonly address: string }
