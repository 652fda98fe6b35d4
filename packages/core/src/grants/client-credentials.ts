import { grantScopes } from '../domain/scope.ts'
import type { Grant } from './grant.ts'

/** The client acts for itself (RFC 6749 §4.4). */
export const clientCredentials: Grant = {
  type: 'client_credentials',
  authorize: async ({ form, client, resources }) => ({
    client,
    subject: client.id,
    scopes: grantScopes(form.get('scope'), client, resources),
  }),
}
