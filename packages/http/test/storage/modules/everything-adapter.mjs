const nothing = async () => undefined

/**
 * An adapter that has every port, none of which does anything, and something to say.
 *
 * @param {URL} url
 */
export const openAdapter = async (url) => ({
  clients: { find: nothing, add: nothing, replace: nothing, remove: nothing, list: nothing },
  clientChanges: { subscribe: async () => nothing },
  credentialUses: { record: nothing, of: nothing },
  tokens: { save: nothing, find: nothing, revoke: nothing, isRevoked: nothing },
  replays: { claim: nothing },
  sweeper: { sweep: nothing },
  migrations: { pending: nothing, apply: nothing },
  warnings: [`${url.href} is slow`],
  check: nothing,
  close: nothing,
})
