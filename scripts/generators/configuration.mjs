/** Every setting of the service, from the table by which the service reads them. */

export const target = 'docs/reference/configuration.md'

const built = new URL('../../packages/http/dist/index.js', import.meta.url)

export async function render() {
  // At run time, so that the type check needs no build.
  const { configurationReference } = await import(built.href)
  return wrapped(configurationReference())
}

/**
 * The table has one line for each paragraph; a page has lines that can be read.
 *
 * @param {string} markdown
 */
function wrapped(markdown) {
  return markdown.replace(/^.{121,}$/gm, (line) => line.replace(/(.{1,120})(?: |$)/g, '$1\n').trimEnd())
}
