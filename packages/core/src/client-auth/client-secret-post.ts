import { isPlausible } from '../protocol/basic-credentials.ts'
import type { ClientAuthMethod } from './client-auth-method.ts'
import { presentedSecret, type SecretCheck } from './client-secret.ts'

/** The secret as a parameter of the form (RFC 6749 §2.3.1). Never read from the URL. */
export const clientSecretPost = (check: SecretCheck): ClientAuthMethod => ({
  names: ['client_secret_post'],
  extract({ form }) {
    const clientSecret = form.get('client_secret')
    if (clientSecret === undefined) return undefined
    return [{ clientId: form.get('client_id') ?? '', clientSecret }]
      .filter(isPlausible)
      .map((pair) => presentedSecret(pair, check))
  },
})
