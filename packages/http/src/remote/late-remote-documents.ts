import type { RemoteDocuments } from '@latchkey/core'
import type { RemoteDocumentsOptions } from './remote-documents.ts'

/** {@link RemoteDocuments} that are loaded with the first question: where no client publishes its keys, none is ever asked. */
export function lateRemoteDocuments(options: RemoteDocumentsOptions): RemoteDocuments {
  let opening: Promise<RemoteDocuments> | undefined
  const opened = (): Promise<RemoteDocuments> => {
    opening ??= open(options)
    return opening
  }
  return {
    async find(address) {
      return (await opened()).find(address)
    },
    async refetch(address) {
      return (await opened()).refetch(address)
    },
  }
}

async function open(options: RemoteDocumentsOptions): Promise<RemoteDocuments> {
  const { createRemoteDocuments } = await import('./remote-documents.ts')
  return createRemoteDocuments(options)
}
