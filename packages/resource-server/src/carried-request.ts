/** What is looked at of a request of Node: the part of `IncomingMessage` that a framework leaves as it was. */
export interface NodeRequest {
  readonly rawHeaders: readonly string[]
  readonly headers: { readonly 'content-type'?: string | undefined }
  readonly url?: string | undefined
  readonly method?: string | undefined
  /** The connection that it came by. Without one it has no certificate. */
  readonly socket?: object | undefined
}

/** A request as the program got it: the `IncomingMessage` in Node, Express and Fastify, else the `Request`. */
export type CarriedRequest = NodeRequest | Request
