/**
 * Makes names for requests: a random part that no other process has, and a number. Costs next to nothing, and says nothing
 * of the request.
 */
export function createRequestIds(): () => string {
  const process = Array.from(crypto.getRandomValues(new Uint32Array(2)), (word) => word.toString(36)).join('')
  let requests = 0
  return () => {
    requests += 1
    return `${process}-${requests.toString(36)}`
  }
}
