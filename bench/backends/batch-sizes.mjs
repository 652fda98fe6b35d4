/** Each for itself, a quarter of those in flight together, all of them together. */
export const batchSizes = (callers) => [...new Set([1, Math.ceil(callers / 4), callers])]
