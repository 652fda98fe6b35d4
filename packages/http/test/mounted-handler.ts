import { createMemoryAdapter } from '@latchkey/adapter-memory'
import { createAuthorizationServer } from '@latchkey/core'
import { createFetchHandler } from '@latchkey/http/fetch'

const { clients, tokens } = createMemoryAdapter()
const server = createAuthorizationServer({ issuer: 'https://auth.example.com', clients, tokens })

export const handle: (request: Request) => Promise<Response> = createFetchHandler(server)
