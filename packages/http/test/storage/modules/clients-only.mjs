const nothing = async () => undefined

/** Whether the last adapter was closed. */
export const state = { closed: false }

export const openAdapter = async () => ({
  clients: { find: nothing, add: nothing, replace: nothing, remove: nothing, list: nothing },
  check: nothing,
  close: async () => {
    state.closed = true
  },
})
