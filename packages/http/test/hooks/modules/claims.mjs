/** @type {import('@latchkey/core').ClaimsHook} */
export const claims = async ({ client, scopes }) => ({ tenant: `of ${client.id}`, granted: scopes.length, sub: 'root' })
