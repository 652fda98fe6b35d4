import type { RemoteDocument, RemoteDocuments } from '../src/index.ts'
import type { AssertionKey } from './client-assertions.ts'

type Page = string | { readonly reason: string }

/** Hosts in plain sight. */
export interface PublishedDocuments {
  readonly documents: RemoteDocuments
  /** What stands under each address; who asks for another finds its host away. */
  readonly pages: Record<string, Page>
  readonly refetched: string[]
}

/** Documents that are remembered until somebody has them fetched anew. */
export function publishing(pages: Record<string, Page>): PublishedDocuments {
  const remembered = new Map<string, RemoteDocument | { readonly reason: string }>()
  const refetched: string[] = []
  function fetch(address: string) {
    const page = pages[address]
    if (page === undefined) throw new Error('its host does not answer')
    const document = typeof page === 'string' ? { text: page } : page
    remembered.set(address, document)
    return document
  }
  return {
    pages,
    refetched,
    documents: {
      find: async (address) => remembered.get(address) ?? fetch(address),
      async refetch(address) {
        refetched.push(address)
        return fetch(address)
      },
    },
  }
}

export const keySet = (...keys: readonly AssertionKey[]): string => JSON.stringify({ keys: keys.map(({ jwk }) => jwk) })
