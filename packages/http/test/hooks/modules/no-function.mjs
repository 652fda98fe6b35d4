export const claims = { tenant: 'acme' }
