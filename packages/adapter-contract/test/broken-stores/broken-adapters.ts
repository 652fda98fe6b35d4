import type { AdapterPromise, OpenAdapterPromise, OpenAdapterSubject } from '@latchkey/adapter-contract'
import type { Adapter } from '@latchkey/core'
import type { Broken } from './broken.ts'

type Open = () => Promise<Adapter>

export const brokenAdapters: Broken<Open, AdapterPromise> = {
  'what is wrong, within a second': {
    'complains when all is well': (honest) => async () => ({
      ...(await honest()),
      check: () => Promise.reject(new Error('not connected')),
    }),
  },
  Idempotent: {
    'complains when it is closed already': (honest) => async () => {
      let closed = false
      return {
        ...(await honest()),
        async close() {
          if (closed) throw new Error('Called end on pool more than once')
          closed = true
        },
      }
    },
  },
}

export const brokenOpenAdapters: Broken<OpenAdapterSubject, OpenAdapterPromise> = {
  'when a parameter of the address is unknown or wrong, with a message that names it and holds no password': {
    'opens whatever it is told': ({ url, openAdapter }) => ({ url, openAdapter: () => openAdapter(url) }),
    'does not say which parameter it is': ({ url }) => ({
      url,
      openAdapter: () => Promise.reject(new Error('bad address')),
    }),
    'repeats the whole address': ({ url }) => ({
      url,
      openAdapter: (address) => Promise.reject(new Error(`bad address: ${address.href}`)),
    }),
  },
}
