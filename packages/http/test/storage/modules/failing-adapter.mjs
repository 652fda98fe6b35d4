export const openAdapter = async () => {
  throw new Error('the backend\n  does not answer')
}
