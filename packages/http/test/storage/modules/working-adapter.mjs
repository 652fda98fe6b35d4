/**
 * An adapter module that writes down what it is asked to open, over ports that do nothing.
 *
 * @type {string[]}
 */
export const opened = []
export let closed = 0

const nothing = async () => undefined

/** @param {URL} url */
export async function openAdapter(url) {
  opened.push(url.href)
  return {
    clients: { find: nothing, add: nothing, replace: nothing, remove: nothing, list: nothing },
    tokens: { save: nothing, find: nothing, revoke: nothing, isRevoked: nothing },
    check: nothing,
    close: async () => {
      closed += 1
    },
  }
}
